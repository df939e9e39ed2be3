"""A county's privacy notice as anybody may read it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from donations.privacy import notice_of
from reports.pages.answers import public_page, show
from reports.queries import county_by_code


@public_page
def privacy_page(request: HttpRequest, code: str) -> HttpResponse:
    """What donors are told of their data (个人信息保护法 art. 17), in the reader's language."""
    county = county_by_code(code)
    return show("reports/privacy.html", {"county": county, "notice": notice_of(county)})
