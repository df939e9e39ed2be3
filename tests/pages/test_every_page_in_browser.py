"""Every screen that links lead to, of every role: pictures at both widths, nothing serious for axe-core.

The clerk's, the pharmacist's and the clinic's own screens stand in their own files, each beside the job it is for.
"""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client

from deploy.browser import axe
from tests.config.test_list_statements import Reader, Screens
from tests.pages.conftest import WIDTHS, Browsing
from tests.pages.test_dispensing_in_browser import ADDRESSES
from tests.pages.test_in_browser import keep_all, serious_faults
from tests.pages.test_sorting_in_browser import ROUTES

# What those files open already.
ELSEWHERE = {
    *ROUTES, *(address.strip("/") + "/" for address in ADDRESSES), "donations/", "donations/<int:pk>/", "handovers/",
    "handovers/<int:pk>/", "intake/offline/", "sign-in/", "password/",
}  # fmt: skip


@pytest.mark.parametrize("pictures", [False, pytest.param(True, marks=pytest.mark.long)])
def test_screens_of_every_role_shut_nobody_out(browsing: Browsing, pictures: bool) -> None:
    """Pictures of these screens take as long again, and nobody looks at them in a run of the tests."""
    screens = Screens(Reader())
    script, found = axe(), []
    site = browsing(None)
    screen = site.screen(WIDTHS[0])

    for route, (client, path) in screens.found.items():
        if route in ELSEWHERE:
            continue
        screen.context.add_cookies([session_of(client, site.address)])
        screen.goto(path)
        assert screen.evaluate("document.documentElement.scrollWidth") <= WIDTHS[0], path
        if pictures:
            keep_all(screen, re.sub(r"<[^>]*>", "one", route).strip("/").replace("/", "-"))
        found += [(path, *fault) for fault in serious_faults(screen, script)]

    assert found == []
    assert site.errors == []


def session_of(client: Client, address: str) -> dict[str, str]:
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": address}
