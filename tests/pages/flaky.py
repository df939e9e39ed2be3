"""A server whose network fails as networks do, for a browser in front of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from django.core.servers.basehttp import ThreadedWSGIServer

from config.wsgi import application
from core.errors import PROBLEM_TYPE, KeyInProgress
from tests.pages.conftest import Quiet

SENT = "/api/v1/donations/"


class Cut(ConnectionResetError):
    """The line breaks: nothing more is said on this connection."""

    def __init__(self) -> None:
        threading.current_thread().is_cut = True  # type: ignore[attr-defined]  # each connection has its own


class Cutting(Quiet):
    def handle_one_request(self) -> None:
        super().handle_one_request()
        self.close_connection |= getattr(threading.current_thread(), "is_cut", False)


@dataclass
class Flaky:
    """The project behind a line that may be down, and that loses answers after the deed in the order of `plan`:
    "lost" (done, but the answer is cut), "cut" (never arrives), "busy" (a proxy's page), "racing" (the same draft is
    still being registered), "fine"."""

    plan: Iterable[str] = ("fine",)
    is_down: bool = False
    port: int = 0
    keys: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._next = cycle(self.plan)
        self.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.is_down = False
        self.server = ThreadedWSGIServer(("127.0.0.1", self.port), Cutting)
        self.server.set_app(self)
        self.port = self.server.server_port
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def stop(self) -> None:
        self.is_down = True  # a browser may hold a connection that outlives the server
        self.server.shutdown()
        self.server.server_close()

    def follow(self, *plan: str) -> None:
        self._next = cycle(plan)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if self.is_down:
            raise Cut
        if environ["REQUEST_METHOD"] != "POST" or environ["PATH_INFO"] != SENT:
            return application(environ, start)
        self.keys.append(environ["HTTP_IDEMPOTENCY_KEY"])
        fate = next(self._next)
        if fate == "cut":
            raise Cut
        if fate == "busy":
            start("502 Bad Gateway", [("Content-Type", "text/html")])
            return [b"<h1>Bad gateway</h1>"]
        if fate == "racing":
            start("409 Conflict", [("Content-Type", PROBLEM_TYPE)])
            return [json.dumps({"code": KeyInProgress.code, "detail": "", "errors": []}).encode()]
        answer = application(environ, start)
        if fate == "lost":
            b"".join(answer)
            raise Cut
        return answer
