"""The URL map."""

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from organisation.pages import here, signing
from reports.pages import home

API = "api/v1/"
ROOMS = ["organisation", "catalogue", "donations", "inventory", "distribution", "reports"]

# The docs page is the one page whose style may stand inline: its library writes it so.
docs = csp_update({"style-src": [UNSAFE_INLINE]})(SpectacularSwaggerSplitView.as_view(url_name="schema"))

urlpatterns = [
    path("", home.HomePage.as_view(), name="home"),
    path("sign-in/", signing.SignInPage.as_view(), name="sign-in"),
    path("sign-out/", signing.SignOutPage.as_view(), name="sign-out"),
    path("password/", signing.PasswordPage.as_view(), name="password"),
    path("here/", here.HerePage.as_view(), name="here"),
    path("language/", include("django.conf.urls.i18n")),
    path(f"{API}schema/", SpectacularAPIView.as_view(), name="schema"),
    path(f"{API}docs/", docs),
    *(path(API, include(f"{room}.urls")) for room in ROOMS),
]

handler400 = "core.problems.bad_request"
handler403 = "core.problems.permission_denied"
handler404 = "core.problems.page_not_found"
handler500 = "core.problems.server_error"
