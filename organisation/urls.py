from django.urls import path

from organisation import api

urlpatterns = [
    path("auth/login/", api.LoginView.as_view()),
    path("auth/password/", api.PasswordView.as_view()),
    path("auth/logout/", api.LogoutView.as_view()),
    path("auth/me/", api.MeView.as_view()),
    path("places/", api.PlaceList.as_view()),
]
