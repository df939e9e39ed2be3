from django.urls import path

from catalogue import api

urlpatterns = [
    path("medicines/", api.MedicineList.as_view()),
    path("medicines/<str:code>/", api.MedicineDetail.as_view()),
    path("products/", api.ProductList.as_view()),
    path("products/<int:pk>/", api.ProductDetail.as_view()),
    path("products/<int:pk>/retire/", api.ProductRetire.as_view()),
]
