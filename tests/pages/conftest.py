"""A server of the screens on a database of its own, and a browser before it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.db import connection
from playwright.sync_api import Browser, Page, expect, sync_playwright

from catalogue.models import Medicine
from catalogue.products import ProductDraft, add_product
from catalogue.services import load_medicines
from config.wsgi import application
from deploy.browser import find_browser
from organisation.models import Person
from tests.world import PASSWORD, World

SHOTS = Path(__file__).resolve().parent.parent.parent / "screenshots"
WIDTHS = (360, 1280)


# A loaded machine is slow, not wrong.
expect.set_options(timeout=30_000)


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the tests say what went wrong."""


@dataclass
class Site:
    """The screens at an address, over a small world with the whole catalogue."""

    address: str
    world: Any
    browser: Browser
    errors: list[str] = field(default_factory=list)

    def screen(self, width: int) -> Page:
        """A window of this width, in Chinese; what its console complains of is kept in `errors`."""
        context = self.browser.new_context(
            viewport={"width": width, "height": 780}, locale="zh-CN", base_url=self.address
        )
        screen = context.new_page()
        screen.set_default_timeout(15_000)
        screen.on("pageerror", lambda error: self.errors.append(str(error)))
        screen.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        return screen

    def signed_in(self, person: Person, width: int) -> Page:
        """The same, signed in at the form by keyboard."""
        person.set_password(PASSWORD)
        person.save()
        screen = self.screen(width)
        screen.goto("/sign-in/")
        screen.focus("#username")
        for text in (person.username, PASSWORD):
            screen.keyboard.type(text)
            screen.keyboard.press("Tab")
        screen.keyboard.press("Enter")
        screen.wait_for_selector(".who")
        return screen


Browsing = Callable[[World | None], Site]


@pytest.fixture
def browsing(cloned_db: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browsing]:
    """Starts a browser once the world before it is made: Playwright runs a loop in this thread, beside which Django
    keeps other connections, and refuses every query unless told not to. The database ends after the browser has."""
    found, ways = find_browser(), ExitStack()

    def begin(world: World | None) -> Site:
        monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        address = ways.enter_context(serving())
        started = ways.enter_context(sync_playwright()).chromium.launch(
            executable_path=found.program, args=["--no-sandbox"], env={**os.environ, **found.surroundings}
        )
        ways.callback(connection.close)
        ways.callback(started.close)
        return Site(address, world, started)

    with ways:
        yield begin


@pytest.fixture
def site(browsing: Browsing) -> Site:
    """The screens over a small world with the whole catalogue."""
    world = World()
    load_medicines()
    maker, number = "中美天津史克制药有限公司", "国药准字H10900089"
    medicine = Medicine.objects.get(code="M010")
    add_product(
        ProductDraft("522633", medicine, "芬必得", maker, "0.3g*20粒", number, "6901234567892", pack_size=20)
    )
    return browsing(world)


@contextmanager
def serving() -> Iterator[str]:
    """The address of a server of this project in threads of this process."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.set_app(application)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
