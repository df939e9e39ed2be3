"""The URL map."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

API = "api/v1/"
ROOMS = ["organisation", "catalogue", "donations", "inventory", "distribution", "reports"]

urlpatterns = [
    path(f"{API}schema/", SpectacularAPIView.as_view()),
    *(path(API, include(f"{room}.urls")) for room in ["organisation", "catalogue", "donations"]),
    path("", include("core.urls")),
]

handler400 = "core.problems.bad_request"
handler403 = "core.problems.permission_denied"
handler404 = "core.problems.page_not_found"
handler500 = "core.problems.server_error"
