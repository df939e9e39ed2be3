"""Real server processes on one database: they share all that matters; one that is stopped ends what it began."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection

from config.processes import wait_until
from donations.models import Donation
from organisation.authentication import issue_token
from tests.world import PASSWORD, World, donation

ROOT = Path(__file__).resolve().parent.parent.parent
SERVERS = 3


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
            line.request(method, f"/api/v1/{route}", content, {"Content-Type": "application/json"} | headers)
            answer = line.getresponse()
            return answer.status, json.loads(answer.read() or "null"), dict(answer.getheaders())
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
                sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", "1",
                "--blocking-threads", "2", "--log-level", "warning", "config.wsgi:application",
            ]  # fmt: skip
            environment = os.environ | {"DATABASE_URL": url} | surroundings
            started.append(Server(subprocess.Popen(command, cwd=ROOT, env=environment), port))
        for server in started:
            assert wait_until(server.is_well, 60)
        yield started
    finally:
        for server in started:
            server.process.kill()
            server.process.wait()


def cloned_url() -> str:
    name = connection.settings_dict["NAME"]
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def all_three_share_sessions_and_keys(three: list[Server], world: World) -> None:
    clerk = world.person("clerk")
    clerk.set_password(PASSWORD)
    clerk.save()
    words = {"username": clerk.username, "password": PASSWORD}
    token = {"Authorization": f"Token {three[0].ask('POST', 'auth/login/', words)[1]['token']}"}
    body, key = donation(), {"Idempotency-Key": str(uuid.uuid4())}

    with ThreadPoolExecutor(9) as pool:
        at_once = list(
            pool.map(lambda server: server.ask("POST", "donations/", body, **token, **key), three * 3)
        )
    later = [server.ask("POST", "donations/", body, **token, **key) for server in three]
    ended = three[1].ask("POST", "auth/logout/", {}, **token, **{"Idempotency-Key": str(uuid.uuid4())})[0]

    told = [(answer, headers) for status, answer, headers in at_once + later if status == 201]
    assert {status for status, _answer, _headers in at_once} <= {201, 409}
    assert [headers.get("idempotency-replayed") for _answer, headers in told].count(None) == 1
    assert [answer for answer, _headers in told] == [told[0][0]] * len(told)
    assert (len(told) > SERVERS, Donation.objects.count(), ended) == (True, 1, 204)
    assert [server.ask("GET", "auth/me/", **token)[0] for server in three] == [401, 401, 401]


def stopped_server_ends_what_it_has_begun(server: Server, world: World, url: str) -> None:
    token, _row = issue_token(world.person("clerk"))
    headers = {"Authorization": f"Token {token}", "Idempotency-Key": str(uuid.uuid4())}
    told: list[Any] = []
    with psycopg.connect(url) as holder:
        holder.execute("LOCK TABLE donations_donation IN EXCLUSIVE MODE")
        slow = threading.Thread(
            target=lambda: told.append(server.ask("POST", "donations/", donation(), **headers))
        )
        slow.start()
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        with psycopg.connect(url, autocommit=True) as looking:
            assert wait_until(lambda: looking.execute(waits).fetchone() != (0,), 20)
        server.process.send_signal(signal.SIGTERM)
        assert wait_until(lambda: not server.is_well(), 10)
        assert (server.process.poll(), told) == (None, [])
    slow.join(20)

    assert server.process.wait(20) == 0
    assert [status for status, _answer, _headers in told] == [201]
    assert Donation.objects.count() == 2


def test_servers_share_everything_and_one_that_is_stopped_drains(
    cloned_db: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, url = World(), cloned_url()
    with servers(SERVERS, url, APP_KEYS=str(tmp_path)) as three:
        all_three_share_sessions_and_keys(three, world)
        stopped_server_ends_what_it_has_begun(three[2], world, url)
