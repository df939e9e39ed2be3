"""The URL map."""

from django.urls import include, path

urlpatterns = [path("", include("core.urls"))]

handler400 = "core.problems.bad_request"
handler403 = "core.problems.permission_denied"
handler404 = "core.problems.page_not_found"
handler500 = "core.problems.server_error"
