"""Screens of a row that is not there: each says so, whoever asks, before any form is filled in."""

from __future__ import annotations

from collections.abc import Iterator

from config.access import PAGES, PUBLIC, SIGNED_IN
from organisation.models import Role
from tests.config.test_access import browser, open_screen
from tests.world import World

# What is no hash at all is a bad request, not a missing row.
NO_ROW = {"verify/<str:sha256>/"}


def screens_of_rows() -> Iterator[tuple[str, str]]:
    """Every screen whose address names a row, with each role that may open it."""
    for route, methods in PAGES.items():
        if "<" in route and route not in NO_ROW and "GET" in methods:
            allowed = methods["GET"]
            roles = [""] if allowed == PUBLIC else Role.values if allowed == SIGNED_IN else sorted(allowed)
            yield from ((route, role) for role in roles)


def test_screen_of_a_row_that_does_not_exist_is_not_found(world: World) -> None:
    browsers = {role: browser(world.person(role)) for role in Role.values} | {"": browser()}

    answers = {(route, role): open_screen(browsers[role], route, "GET") for route, role in screens_of_rows()}

    assert len({route for route, _role in answers}) > 70
    assert {key: answer.status_code for key, answer in answers.items() if answer.status_code != 404} == {}
