"""A database whose machine is gone without a farewell: connections give it up, and nobody waits for hours.

The long form only, and as root: the database is reached through a network of its own, which then swallows all it is
sent. PostgreSQL itself listens on no network here, so a relay in that network stands before it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import pytest
from django.db import connection

from config.database import django_database
from config.processes import wait_until
from tests.faults.settings import SERVES_AGAIN_SECONDS, needs

pytestmark = pytest.mark.faults
RELAY = """
import asyncio, sys
async def forward(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
async def relay(reader, writer):
    there, thither = await asyncio.open_unix_connection(sys.argv[2])
    await asyncio.gather(forward(reader, thither), forward(there, writer))
async def serve():
    async with await asyncio.start_server(relay, sys.argv[1], 5432) as server:
        await server.serve_forever()
asyncio.run(serve())
"""


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@dataclass(frozen=True)
class Far:
    """A network of its own: its name, and the two ends of the line to it."""

    name: str
    here: str
    there: str


@contextmanager
def far_network(number: int, socket: str) -> Iterator[Far]:
    """A network in which the server behind this socket is to be found at the far end."""
    far = Far(f"faults-{os.getpid()}-{number}", f"10.231.{number}.1", f"10.231.{number}.2")
    line = f"far{os.getpid()}-{number}"
    ip("netns", "add", far.name)
    relay = None
    try:
        ip("link", "add", line, "type", "veth", "peer", "name", "far", "netns", far.name)
        ip("addr", "add", f"{far.here}/30", "dev", line)
        ip("link", "set", line, "up")
        ip("-n", far.name, "addr", "add", f"{far.there}/30", "dev", "far")
        ip("-n", far.name, "link", "set", "far", "up")
        command = ["ip", "netns", "exec", far.name, sys.executable, "-c", RELAY, far.there, socket]
        relay = subprocess.Popen(command)
        yield far
    finally:
        if relay:
            relay.kill()
            relay.wait()
        ip("netns", "delete", far.name)  # with both ends of the line


def connected(far: Far, database: str) -> psycopg.Connection[tuple[int]]:
    """A connection as the service's, by the options that settings give it."""
    url = f"postgresql://postgres@{far.there}/{database}"
    options = django_database(url)["OPTIONS"]
    ours = {name: value for name, value in options.items() if name != "server_side_binding"}
    return psycopg.connect(url, autocommit=True, **ours)


def can_connect(far: Far, database: str) -> bool:
    try:
        connected(far, database).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def cut(far: Far, after: float) -> Iterator[None]:
    """After so many seconds nothing comes back from there any more."""
    timer = threading.Timer(after, ip, ["-n", far.name, "route", "add", "blackhole", f"{far.here}/32"])
    timer.start()
    if not after:
        timer.join()
    try:
        yield
    finally:
        timer.join()


@pytest.mark.parametrize("is_waiting", [False, True], ids=["statement-sent", "answer-awaited"])
def test_database_that_is_gone_without_a_farewell_is_given_up(db: None, is_waiting: bool) -> None:
    needs(os.geteuid() == 0 and shutil.which("ip"), "root and iproute2, for a network")
    name, folder = connection.settings_dict["NAME"], connection.settings_dict["HOST"]
    with far_network(int(is_waiting), f"{folder}/.s.PGSQL.5432") as far:
        assert wait_until(lambda: can_connect(far, name), 10)
        with connected(far, name) as session, cut(far, after=1 if is_waiting else 0):
            begun = time.monotonic()
            with pytest.raises(psycopg.OperationalError):
                session.execute("SELECT pg_sleep(%s)", [600 if is_waiting else 0])

    assert time.monotonic() - begun < SERVES_AGAIN_SECONDS
