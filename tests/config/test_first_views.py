"""How much a telephone loads before it sees a page: the page itself, its styles and its scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.contrib.staticfiles import finders
from django.test import Client

from tests.world import World

MOST = 150_000
# What is left for the page itself: fifty rows of the widest list are 70 KB before they are packed.
OF_FILES = 80_000
# The page that a device keeps is measured with all its files by tests/donations/test_offline_intake.py.
KEPT = "donations/offline.html"
NAMED = re.compile(r"{%\s*static\s+['\"]([^'\"]+)['\"]\s*%}")
DRAWN_IN = re.compile(r"{%\s*(?:extends|include)\s+['\"]([^'\"]+)['\"]")
TEMPLATES = {
    path.relative_to(folder).as_posix(): path.read_text("utf-8")
    for app in apps.get_app_configs()
    for folder in [Path(app.path) / "templates"]
    if app.name in {"core", "organisation", "catalogue", "donations", "inventory", "distribution", "reports"}
    for path in folder.rglob("*.html")
}


def files_of(name: str) -> Iterator[str]:
    """Every file that a template names, by itself or by what it is drawn with."""
    text = TEMPLATES.get(name, "")
    yield from NAMED.findall(text)
    for other in DRAWN_IN.findall(text):
        yield from files_of(other)


def size(name: str) -> int:
    path = finders.find(name)
    assert path, name
    return Path(str(path)).stat().st_size


def test_files_of_every_page_leave_room_for_the_page() -> None:
    weights = {name: sum(map(size, set(files_of(name)))) for name in TEMPLATES if name != KEPT}

    assert max(weights.values()) > 20_000
    assert {name: weight for name, weight in weights.items() if weight > OF_FILES} == {}


def test_pages_with_all_their_files_are_light(world: World) -> None:
    clerk = Client()
    clerk.force_login(world.person("clerk"))
    for address in ("/sign-in/", "/", "/intake/", "/donations/"):
        page = clerk.get(address).content
        files = {
            re.sub(r"\.[0-9a-f]{12}(?=\.)", "", name)
            for name in re.findall(r'(?:src|href)="/static/([^"?]+)"', page.decode())
        }
        assert len(page) + sum(map(size, files)) < MOST, address
