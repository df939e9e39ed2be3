"""Whatever somebody may do by the API they can do on a page: every writing route has a screen that calls it.

A new writing route without a screen fails here, until it has one or stands below with a reason.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import resolve

from config.access import ACCESS, BASE, MACHINE, PAGES, PUBLIC, SIGNED_IN
from core.pages import calls
from organisation.models import Person, Role
from reports.audit_actions import SCREENS_OF
from tests.config.test_access import address
from tests.world import World

# Screens whose own route does not tell what they do; beside those that the log names (SCREENS_OF).
ALSO = {
    "POST counts/<int:pk>/finish/": "counts/<int:pk>/",
    "POST counts/<int:pk>/reopen/": "counts/<int:pk>/",
    "POST counts/<int:pk>/approve/": "counts/<int:pk>/",
    "POST donations/find/": "search/",
    "POST auth/co-sign/": "counts/<int:pk>/co-sign/",
}
# Screens that a script serves, and the script that calls the route.
BY_SCRIPT = {
    "POST donations/": ("intake/", "donations/static/donations/intake/registering.js"),
    "POST barcodes/": ("intake/", "donations/static/donations/intake/codes.js"),
    "POST screenings/": ("intake/", "donations/static/donations/intake/lines.js"),
}
# Screens that call the service itself: who signs in is nobody yet, and public pages hold no session.
BY_SERVICE = {"POST auth/login/", "POST auth/pin/", "POST auth/logout/", "POST public/questions/"}
WITHOUT = {
    "POST work-units/import/": "for programs: the screen reads the file first and saves what it showed",
    "POST returns/<int:pk>/receive/": "shipments/<int:pk>/receive/, which the screen calls, takes returns too",
}
# Both only look something up at the counter; a lead pharmacist, who has none, asks at the medicine's own page.
AT_THE_COUNTER = {"POST barcodes/": {"lead_pharmacist"}, "POST screenings/": {"lead_pharmacist"}}
# What a form has to hold before it is sent on.
FILLED: dict[str, dict[str, str]] = {
    "POST counts/<int:pk>/finish/": {"deed": "finish"},
    "POST counts/<int:pk>/reopen/": {"deed": "reopen"},
    "POST counts/<int:pk>/approve/": {"deed": "approve"},
    "POST recalls/": {"sure": "true"},
    "PUT clinic-profiles/<str:place>/": {"place": "nothing"},
    "POST donations/find/": {"q": "张三"},
}
WRITES = {
    f"{method} {route}": allowed
    for route, methods in ACCESS.items()
    for method, allowed in methods.items()
    if method != "GET" and allowed != MACHINE
}


def somebody(world: World, write: str) -> Person:
    """Somebody who may do it and works at one place that does such things."""
    allowed = set(WRITES[write]) & set(Role.values)
    if write == "POST local-uses/":  # at a health centre, which sorts and hands out
        return world.person("pharmacist", world.centre)
    if Role.CLINIC in allowed and Role.PHARMACIST not in allowed:
        return world.person("clinic", world.villages[0])
    return world.person("pharmacist" if Role.PHARMACIST in allowed else min(allowed, default="clerk"))


def screens(write: str) -> set[str]:
    route = write.split(" ", 1)[1]
    named = {shown.split(" ", 1)[1] for shown, done in SCREENS_OF.items() if done == write}
    same = (
        {route}
        if "POST" in PAGES.get(route, {}) and SCREENS_OF.get(f"POST {route}", write) == write
        else set()
    )
    also = {ALSO[write]} if write in ALSO else set()
    return named | same | also | ({BY_SCRIPT[write][0]} if write in BY_SCRIPT else set())


def test_every_write_has_a_screen_or_a_reason() -> None:
    assert {write for write in WRITES if not screens(write)} == set(WITHOUT)


def test_whoever_may_do_it_may_open_its_screen() -> None:
    shut = {}
    for write, allowed in WRITES.items():
        doors = [set(PAGES[screen].get("POST") or PAGES[screen]["GET"]) for screen in screens(write)]
        may = set().union(*doors) if doors else set(allowed)
        if may & (PUBLIC | SIGNED_IN) or allowed in (PUBLIC, SIGNED_IN):
            continue
        if lacking := set(allowed) - may - AT_THE_COUNTER.get(write, set()):
            shut[write] = sorted(lacking)

    assert shut == {}


@pytest.mark.parametrize(("write", "script"), [(write, found[1]) for write, found in BY_SCRIPT.items()])
def test_script_of_a_screen_calls_its_route(write: str, script: str) -> None:
    method, route = write.split(" ", 1)

    text = (Path(settings.BASE_DIR) / script).read_text("utf-8")

    assert f'"{method}", "{route}"' in text


class Asked(Exception):
    """The page asked the API what it is for; what becomes of it is told by other tests."""


def test_every_screen_calls_the_route_that_it_is_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each form is sent, with next to nothing in it, by somebody who may, up to where it asks the API for that."""
    wanted, bare = "", calls._bare

    def noted(request: Any, method: str, path: str, query: Any) -> Any:
        if f"{method} {resolve(path).route.removeprefix(BASE)}" == wanted:
            raise Asked
        return bare(request, method, path, query)

    monkeypatch.setattr(calls, "_bare", noted)
    client, here, uncalled = Client(), None, set()
    people = {write: somebody(world, write) for write in WRITES.keys() - WITHOUT.keys() - BY_SCRIPT.keys()}
    for write, person in sorted(people.items(), key=lambda pair: (pair[1].pk, pair[0])):
        if write in BY_SERVICE:
            continue
        if person != here:
            client.force_login(person)
            here = person
        wanted = write
        try:
            for screen in screens(write):
                client.post("/" + address(screen).removeprefix("/" + BASE), FILLED.get(write, {}))
            uncalled.add(write)
        except Asked:
            pass

    assert uncalled == set()
