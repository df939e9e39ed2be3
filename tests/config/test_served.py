"""Real server processes on one database: they share all that matters; one that is stopped ends what it began."""

from __future__ import annotations

import os
import signal
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from config.processes import wait_until
from donations.models import Donation
from organisation.authentication import issue_token
from tests.served import Server, cloned_url, servers
from tests.world import PASSWORD, World, donation

SERVERS = 3


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


def figures_of_all_are_read_at_any(three: list[Server]) -> None:
    """What was sent above: three rounds to all three at once, and one more to each."""
    for server in three:
        text = server.ask("GET", "metrics/", Authorization="Bearer watching")[1]
        counted = [line for line in text.splitlines() if line.startswith("donations_request_seconds_count{")]
        posts = [line for line in counted if 'method="POST"' in line and '"api/v1/donations/"' in line]
        assert sum(float(line.rpartition(" ")[2]) for line in posts) == 4 * SERVERS


def refusal_of_a_large_body_reaches_who_sends_it(server: Server, world: World) -> None:
    """Whether the body is read or refused by its length, and whether anybody is signed in or not."""
    token, _row = issue_token(world.person("clerk"))
    signed, large = {"Authorization": f"Token {token}"}, {"x": "a" * 21_000_000}
    upload = {"Content-Type": "multipart/form-data; boundary=x"}

    answers = [
        server.ask("POST", "donations/", large, **signed, **{"Idempotency-Key": str(uuid.uuid4())}),
        server.ask("POST", "rosters/", large, **signed, **upload),
        server.ask("POST", "rosters/", large, **upload),
        server.ask("POST", "/sign-in/", large),
    ]

    told = [(status, answer["code"]) for status, answer, _headers in answers]
    assert told == [
        (413, "body_too_large"), (413, "body_too_large"), (401, "not_authenticated"), (403, "csrf_failed"),
    ]  # fmt: skip


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


def program_is_read_before_workers_branch_off_and_no_line_is_shared(server: Server) -> None:
    parent = Path("/proc") / str(server.process.pid)
    sockets = [
        name for file in (parent / "fd").iterdir() if (name := os.readlink(file)).startswith("socket:")
    ]

    assert "psycopg" in (parent / "maps").read_text()
    assert len(sockets) == 1  # where requests come in


def test_servers_share_everything_and_one_that_is_stopped_drains(
    cloned_db: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, url = World(), cloned_url()
    (tmp_path / "figures").mkdir()
    figures = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "figures"), "APP_METRICS_TOKEN": "watching"}
    with servers(SERVERS, url, APP_KEYS=str(tmp_path), **figures) as three:
        all_three_share_sessions_and_keys(three, world)
        figures_of_all_are_read_at_any(three)
        program_is_read_before_workers_branch_off_and_no_line_is_shared(three[0])
        refusal_of_a_large_body_reaches_who_sends_it(three[0], world)
        stopped_server_ends_what_it_has_begun(three[2], world, url)
