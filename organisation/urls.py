from django.urls import path

from organisation import api, deputies_api, people_api, places_api, policies_api, work_units_api

urlpatterns = [
    path("auth/login/", api.LoginView.as_view()),
    path("auth/password/", api.PasswordView.as_view()),
    path("auth/otp/", api.OtpView.as_view()),
    path("auth/otp/confirm/", api.OtpConfirmView.as_view()),
    path("people/<int:pk>/second-factor/end/", people_api.SecondFactorEnd.as_view()),
    path("auth/logout/", api.LogoutView.as_view()),
    path("auth/me/", api.MeView.as_view()),
    path("unit-categories/", work_units_api.UnitCategoryList.as_view()),
    path("work-units/", work_units_api.WorkUnitList.as_view()),
    path("work-units/read/", work_units_api.WorkUnitRead.as_view()),
    path("work-units/import/", work_units_api.WorkUnitImport.as_view()),
    path("deputies/", deputies_api.DeputyList.as_view()),
    path("deputies/<int:pk>/end/", deputies_api.DeputyEnd.as_view()),
    path("policies/", policies_api.PolicyView.as_view()),
    path("auth/sign-ins/end/", people_api.OwnSignInsEnd.as_view()),
    path("people/", people_api.PeopleList.as_view()),
    path("people/<int:pk>/", people_api.PersonView.as_view()),
    path("people/<int:pk>/password/", people_api.PasswordRenewal.as_view()),
    path("people/<int:pk>/sign-ins/end/", people_api.SignInsEnd.as_view()),
    path("people/<int:pk>/roles/", people_api.GrantList.as_view()),
    path("people/<int:pk>/roles/<int:grant>/end/", people_api.GrantEnd.as_view()),
    path("places/", places_api.PlaceList.as_view()),
    path("places/<str:code>/", places_api.PlaceView.as_view()),
]
