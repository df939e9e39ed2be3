"""A disk that is really full: the request is refused whole, and its repetition succeeds once there is space.

The tables lie on a small file system in memory, mounted in a namespace of its own, for which no root is needed.
Where no namespace may be made, as in most containers, it is the shared memory, which is small there. Only the log of
transactions lies elsewhere, for without space for it PostgreSQL stops: then it is away, which is tested apart.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import OperationalError, connection, connections

from config.database import django_database
from config.postgres import account_of, hand_over, maintenance, scratch_server
from donations.models import Donation
from tests.world import World, donation

MOUNT = "mount -t tmpfs -o size=128m,mode=0700 small /tmp && mkdir -m 0700 /tmp/disk && echo made && exec sleep 600"
SHARED_MEMORY, SMALL = Path("/dev/shm"), 2**30  # noqa: S108 - not for temporary files, but for its size
DISK_FULL = "53100"


@dataclass(frozen=True)
class SmallDisk:
    """A folder on a small file system, and the user it belongs to as arguments of `subprocess.Popen`."""

    folder: Path
    account: Mapping[str, Any]

    def make_folder(self, name: str) -> Path:
        self._run("mkdir", f"{self.folder}/{name}").check_returncode()
        return self.folder / name

    def fill(self) -> None:
        """Leave no byte free."""
        told = self._run("dd", "if=/dev/zero", f"of={self.folder}/ballast", "bs=4k").stderr
        assert "No space left on device" in told

    def clear(self) -> None:
        self._run("rm", f"{self.folder}/ballast").check_returncode()

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        surroundings = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
        return subprocess.run(command, capture_output=True, text=True, env=surroundings, **self.account)


@contextmanager
def small_disk(account: Mapping[str, Any]) -> Iterator[SmallDisk]:
    """A small disk for the user `account`, gone at the end."""
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", MOUNT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, **account) as holder:
        try:
            if holder.stdout and holder.stdout.readline() == b"made\n":
                yield SmallDisk(Path(f"/proc/{holder.pid}/root/tmp/disk"), account)
            else:
                with shared_memory(account) as disk:
                    yield disk
        finally:
            holder.kill()


@contextmanager
def shared_memory(account: Mapping[str, Any]) -> Iterator[SmallDisk]:
    size = shutil.disk_usage(SHARED_MEMORY).total
    assert size < SMALL, f"No namespace can be made here, and {SHARED_MEMORY} is too large to be filled."
    with tempfile.TemporaryDirectory(dir=SHARED_MEMORY) as folder:
        hand_over(Path(folder), dict(account))
        yield SmallDisk(Path(folder), account)


@pytest.fixture
def disk(db: None) -> Iterator[SmallDisk]:
    """The small disk with a migrated database on it, to which Django connects until the test ends."""
    with scratch_server() as server, small_disk(account_of(server.data)) as disk:
        with maintenance(server.url("donations")) as session:
            session.execute(f"CREATE TABLESPACE small LOCATION '{disk.make_folder('tables')}'")
            session.execute("CREATE DATABASE donations TEMPLATE template0 TABLESPACE small")
        held = connections["default"]
        connections["default"] = held.copy()
        connections["default"].settings_dict = held.settings_dict | django_database(server.url("donations"))
        try:
            call_command("migrate", verbosity=0)
            yield disk
        finally:
            connection.close()
            connections["default"] = held


def rows() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in apps.get_models()}


def room_for_a_table() -> str:
    """What the database says of a table of one page: its error's code, nothing if it is made."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE page AS SELECT 1 AS number")
    except OperationalError as error:
        return str(getattr(error.__cause__, "sqlstate", None))
    return ""


def test_full_disk_is_told_nothing_is_half_written_and_the_same_key_succeeds_later(disk: SmallDisk) -> None:
    signed, key = World().signed("clerk"), uuid.uuid4()
    signed.client.raise_request_exception = False

    disk.fill()
    before = rows()
    while (refused := signed.post("donations/", donation(), key=key)).status_code == 201:
        key, before = uuid.uuid4(), rows()

    assert (refused.status_code, refused["Content-Type"]) == (503, "application/problem+json")
    assert (refused.json()["code"], refused["Retry-After"]) == ("database_unavailable", "5")
    assert room_for_a_table() == DISK_FULL
    assert rows() == before
    assert signed.get("donations/").status_code == 200
    assert signed.post("donations/", donation(), key=key).status_code == 503

    disk.clear()
    recorded = signed.post("donations/", donation(), key=key)
    replayed = signed.post("donations/", donation(), key=key)

    assert recorded.status_code == 201
    assert (replayed.content, replayed["Idempotency-Replayed"]) == (recorded.content, "true")
    assert Donation.objects.count() == before["Donation"] + 1
