"""A real streaming replica behind a real server: what it serves, and that nobody notices when it lags or ends."""

from __future__ import annotations

import signal
import subprocess
import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from config.binaries import find_binaries
from config.postgres import EmbeddedServer, account_of, ensure_database, hand_over, scratch_server
from config.processes import wait_until
from organisation.authentication import issue_token
from tests.served import Server, cloned_url, servers
from tests.world import World, donation

LAG_SECONDS = 3


@contextmanager
def replica_of(url: str, folder: Path) -> Iterator[EmbeddedServer]:
    """A replica of the server of `url`, streaming from it."""
    folder.mkdir(mode=0o711)
    command = [
        find_binaries() / "pg_basebackup", "--pgdata", folder / "data", "--dbname", url, "--write-recovery-conf",
        "--checkpoint=fast", "--wal-method=stream",
    ]  # fmt: skip
    subprocess.run(command, check=True)
    replica = EmbeddedServer(folder, durable=False)
    account = account_of(folder / "data")
    for path in [folder / "data", *(folder / "data").rglob("*")]:
        hand_over(path, account)
    with replica:
        yield replica


def do(url: str, statement: str) -> Any:
    with psycopg.connect(url, autocommit=True) as session:
        cursor = session.execute(statement)
        return cursor.fetchone() if cursor.description else None


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that the servers' user can reach."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


class Story:
    """A county whose public page, exports and reports are read while the replica goes through its life."""

    def __init__(self, server: Server, replica: EmbeddedServer, url: str, name: str) -> None:
        self.server, self.replica, self.url = server, replica, url
        self.replica_url = replica.url(name)
        self.world = World()
        token, _row = issue_token(self.world.person("lead_pharmacist"))
        clerk, _row = issue_token(self.world.person("clerk"))
        self.reader, self.clerk = ({"Authorization": f"Token {each}"} for each in (token, clerk))

    def give(self) -> str:
        """A donation through the server; its receipt code."""
        key = {"Idempotency-Key": str(uuid.uuid4())}
        status, answer, headers = self.server.ask("POST", "donations/", donation(), **self.clerk, **key)
        assert (status, headers.get("x-read-from")) == (201, None), answer
        return str(answer["receipt_code"])

    def public(self, code: str) -> tuple[int, str | None]:
        status, _answer, headers = self.server.ask("GET", f"public/trace/{code}/")
        return status, headers.get("x-read-from")

    def wait_until_read_from(self, where: str | None) -> None:
        def is_read() -> bool:
            status, _answer, headers = self.server.ask("GET", "public/bulletins/")
            assert status == 200
            return headers.get("x-read-from") == where

        assert wait_until(is_read, 30)

    def figures(self) -> dict[str, str]:
        text = self.server.ask("GET", "metrics/", Authorization="Bearer watching")[1]
        return dict(line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("donations_replica"))


@pytest.mark.long
def test_replica_serves_readers_while_it_is_fresh_and_nobody_notices_its_end(
    cloned_db: str, open_folder: Path, tmp_path: Path
) -> None:
    url = cloned_url()
    with replica_of(url, open_folder / "replica") as replica:
        surroundings = {
            "APP_KEYS": str(tmp_path), "DATABASE_REPLICA_URL": replica.url(cloned_db),
            "APP_REPLICA_LAG": str(LAG_SECONDS), "APP_METRICS_TOKEN": "watching",
        }  # fmt: skip
        with servers(1, url, **surroundings) as (server,):
            story = Story(server, replica, url, cloned_db)
            fresh_replica_serves_readers(story)
            lagging_replica_serves_nobody(story)
            lost_replica_is_not_missed(story)


def fresh_replica_serves_readers(story: Story) -> None:
    code = story.give()
    story.wait_until_read_from("replica")
    assert wait_until(lambda: story.public(code) == (200, "replica"), 10)
    assert story.server.ask("GET", "health/")[1]["replica"] == "serving"
    assert story.figures()["donations_replica_serving"] == "1.0"

    status, page, headers = story.server.ask("GET", "/counties/522633/")
    assert (status, headers.get("x-read-from"), "从江县" in page) == (200, "replica", True)
    do(story.replica_url, "SELECT pg_wal_replay_pause()")
    status, table, _headers = story.server.ask("GET", "donations/?format=csv", **story.reader)
    before = table.count("\n")
    story.give()
    # What decides reads the primary, an export the replica, which has not replayed this gift.
    listed = story.server.ask("GET", "donations/", **story.reader)[1]["results"]
    exported = story.server.ask("GET", "donations/?format=csv", **story.reader)[1]
    assert (status, len(listed), exported.count("\n")) == (200, 2, before)
    # Nor has it the page of this gift: what it does not know the primary is asked for.
    assert story.public(listed[0]["receipt_code"]) == (200, None)


def lagging_replica_serves_nobody(story: Story) -> None:
    story.wait_until_read_from(None)
    code = story.give()
    assert story.public(code) == (200, None)
    assert float(story.figures()["donations_replica_lag_seconds"]) > LAG_SECONDS
    assert story.server.ask("GET", "health/")[1]["replica"] == "behind"

    do(story.replica_url, "SELECT pg_wal_replay_resume()")
    story.wait_until_read_from("replica")


def lost_replica_is_not_missed(story: Story) -> None:
    code = story.give()
    story.wait_until_read_from("replica")
    process = story.replica.process
    assert process
    process.send_signal(signal.SIGQUIT)  # at once, in the middle of whatever it does

    answers = {story.public(code)[0] for _ in range(30)}

    process.wait()
    assert answers == {200}
    assert story.public(code) == (200, None)
    story.give()


@pytest.mark.long
def test_promoted_replica_is_read_no_more(cloned_db: str, open_folder: Path, tmp_path: Path) -> None:
    url = cloned_url()
    with replica_of(url, open_folder / "replica") as replica:
        surroundings = {"APP_KEYS": str(tmp_path), "DATABASE_REPLICA_URL": replica.url(cloned_db)}
        with servers(1, url, **surroundings) as (server,):
            story = Story(server, replica, url, cloned_db)
            story.wait_until_read_from("replica")
            do(story.replica_url, "SELECT pg_promote()")
            story.wait_until_read_from(None)
            assert story.public(story.give()) == (200, None)


@pytest.mark.long
def test_what_was_acknowledged_under_synchronous_replication_outlives_the_primary(open_folder: Path) -> None:
    with scratch_server() as primary:
        url = primary.url("books")
        ensure_database(url)
        do(url, "CREATE TABLE note (id int PRIMARY KEY)")
        with replica_of(url, open_folder / "replica") as replica:
            for setting in ("synchronous_standby_names = '*'", "synchronous_commit = on"):
                do(url, f"ALTER SYSTEM SET {setting}")
            do(url, "SELECT pg_reload_conf()")
            synchronous = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
            assert wait_until(lambda: do(url, synchronous) == (1,), 20)
            acknowledged = written_until_killed(url, primary)
            do(replica.url("books"), "SELECT pg_promote()")

            with psycopg.connect(replica.url("books")) as session:
                kept = {number for (number,) in session.execute("SELECT id FROM note")}

    assert len(acknowledged) > 100
    assert acknowledged - kept == set()


def written_until_killed(url: str, primary: EmbeddedServer) -> set[int]:
    """The numbers of which the primary said that they were committed, before it was killed in the middle."""
    acknowledged: set[int] = set()

    def write(first: int) -> None:
        try:
            with psycopg.connect(url, autocommit=True) as session:
                session.execute("SET synchronous_commit = on")
                for number in range(first, first + 100_000):
                    session.execute("INSERT INTO note VALUES (%s)", [number])
                    acknowledged.add(number)
        except psycopg.Error:
            return

    writers = [threading.Thread(target=write, args=[n * 1_000_000]) for n in range(4)]
    for writer in writers:
        writer.start()
    wait_until(lambda: len(acknowledged) > 500, 30)
    assert primary.process
    primary.process.send_signal(signal.SIGQUIT)
    for writer in writers:
        writer.join(30)
    return acknowledged
