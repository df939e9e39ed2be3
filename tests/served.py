"""Real server processes, as an installation runs them, for tests that ask over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import connection

from config.processes import wait_until

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Server:
    """One server process of its own, as an installation runs it."""

    process: subprocess.Popen[bytes]
    port: int

    def ask(
        self, method: str, route: str, body: Any = None, **headers: str
    ) -> tuple[int, Any, dict[str, str]]:
        """Status, answer and headers over a connection of its own."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            content = None if body is None else json.dumps(body)
            path = route if route.startswith("/") else f"/api/v1/{route}"
            line.request(method, path, content, {"Content-Type": "application/json"} | headers)
            answer = line.getresponse()
            text, told = answer.read().decode(), dict(answer.getheaders())
            return answer.status, json.loads(text) if "json" in told.get("content-type", "") else text, told
        finally:
            line.close()

    def is_well(self) -> bool:
        try:
            return self.ask("GET", "health/")[0] == 200
        except OSError:
            return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def servers(count: int, url: str, **surroundings: str) -> Iterator[list[Server]]:
    """So many servers of the database at `url`, each answering before this goes on."""
    started = []
    try:
        for _ in range(count):
            port = free_port()
            command = [
                sys.executable, "-m", "config.server", "--interface", "wsgi", "--port", str(port), "--workers", "1",
                "--blocking-threads", "2", "--log-level", "warning", "config.wsgi:application",
            ]  # fmt: skip
            environment = os.environ | {"DATABASE_URL": url} | surroundings
            process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
            started.append(Server(process, port))
        for server in started:
            assert wait_until(server.is_well, 60)
        yield started
    finally:
        for server in started:
            with suppress(ProcessLookupError):  # where a test has ended it
                os.killpg(server.process.pid, signal.SIGKILL)  # with its workers, which else stay
            server.process.wait()


def cloned_url() -> str:
    name = connection.settings_dict["NAME"]
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
