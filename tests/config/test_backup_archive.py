"""The archived log: each segment once and closed, damage told apart from the end, and the books as of a moment."""

from __future__ import annotations

import datetime
import os
import stat
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pyrage.x25519 import Identity

from config.backup import moment
from config.backup.archive import DAMAGED, TRY_AGAIN, let_go_before, main
from config.backup.dumps import take
from config.backup.store import BackupError
from config.postgres import EmbeddedServer, account_of, ensure_database, hand_over
from config.processes import wait_until

IDENTITY, OTHER = Identity.generate(), Identity.generate()
PUBLIC = str(IDENTITY.to_public())
SEGMENT = "00000001000000000000000A"
# Seconds after which a segment is archived though it is not full: in production 45, here as few as can be.
TIMEOUT = 2


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "identity").write_text(str(IDENTITY))
    (tmp_path / "log").write_bytes(b"changes" + bytes(1 << 20))
    return tmp_path


def wal(place: Path, deed: str, *words: str, identity: str = "identity") -> int:
    keys = ["--to", PUBLIC] if deed == "store" else ["--identity", str(place / identity)]
    return main([deed, *words, "--folder", str(place / "wal"), *keys])


def test_segment_comes_back_as_it_was_and_lies_packed_and_closed(place: Path) -> None:
    stored = wal(place, "store", str(place / "log"), SEGMENT)
    fetched = wal(place, "fetch", SEGMENT, str(place / "back"))

    (kept,) = (place / "wal").iterdir()
    assert (stored, fetched) == (0, 0)
    assert (place / "back").read_bytes() == (place / "log").read_bytes()
    assert (kept.stat().st_size < 10_000, b"changes" in kept.read_bytes()) == (True, False)


def test_same_segment_again_is_done_and_another_one_of_its_name_is_refused(place: Path) -> None:
    first = wal(place, "store", str(place / "log"), SEGMENT)
    again = wal(place, "store", str(place / "log"), SEGMENT)
    (place / "log").write_bytes(b"other changes")
    other = wal(place, "store", str(place / "log"), SEGMENT)

    assert (first, again, other) == (0, 0, TRY_AGAIN)
    assert len(list((place / "wal").iterdir())) == 1


def test_end_of_the_archive_is_told_apart_from_damage(place: Path) -> None:
    wal(place, "store", str(place / "log"), SEGMENT)
    (kept,) = (place / "wal").iterdir()
    (place / "other").write_text(str(OTHER))

    beyond = wal(place, "fetch", "00000001000000000000000B", str(place / "back"))
    closed = wal(place, "fetch", SEGMENT, str(place / "back"), identity="other")
    kept.write_bytes(kept.read_bytes()[:-1])
    cut = wal(place, "fetch", SEGMENT, str(place / "back"))

    assert (beyond, closed, cut) == (TRY_AGAIN, DAMAGED, DAMAGED)
    assert not (place / "back").exists()


def test_history_files_are_no_segments_of_the_same_beginning(place: Path) -> None:
    wal(place, "store", str(place / "log"), f"{SEGMENT}.00000028.backup")

    assert wal(place, "fetch", SEGMENT, str(place / "back")) == TRY_AGAIN
    assert wal(place, "fetch", f"{SEGMENT}.00000028.backup", str(place / "back")) == 0


def test_segments_before_the_oldest_base_backup_go_on_every_timeline(place: Path) -> None:
    names = [
        "000000010000000000000009",
        SEGMENT,
        "000000020000000000000009",
        "00000002000000000000000B",
        "00000002.history",
    ]
    for name in names:
        wal(place, "store", str(place / "log"), name)

    assert let_go_before(place / "wal", SEGMENT) == 2
    assert sorted(path.name.split(".")[0] for path in (place / "wal").iterdir()) == sorted(
        [SEGMENT, "00000002000000000000000B", "00000002"]
    )


def test_moment_needs_its_offset_and_a_base_backup_before_it(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--folder", str(place), "--identity", str(place / "identity"), "--data", str(place / "data")]

    with pytest.raises(SystemExit):
        moment.main([*words, "--until", "2026-11-23 09:00"])
    assert "say the offset too" in capsys.readouterr().err
    assert moment.main([*words, "--until", "2026-11-23 09:00+08:00"]) == 1
    assert "no base backup from before that moment" in capsys.readouterr().err
    (place / "data").mkdir()
    with pytest.raises(BackupError, match="there already"):
        moment.lay_out(place, place / "identity", place / "data", None)


def test_program_that_postgresql_calls_runs_from_anywhere() -> None:
    asked = subprocess.run([moment.WAL, "--help"], cwd="/", capture_output=True, text=True, check=True)

    assert "archive_command" in asked.stdout


class Archived:
    """A durable server that archives its log, and what is laid out of it."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.server = EmbeddedServer(place / "server")
        self.server.start()
        self.backups = place / "backups"
        for folder in (self.backups, self.backups / "wal"):
            folder.mkdir(mode=0o755)
        hand_over(self.backups / "wal", account_of(self.server.data))
        (place / "identity").write_text(str(IDENTITY))
        (place / "identity").chmod(0o644)  # the server's user reads it while it replays
        command = f'{moment.WAL} store "%p" "%f" --folder {self.backups / "wal"} --to {PUBLIC}'
        self.do(f"ALTER SYSTEM SET archive_command = '{command}'", database="postgres")
        self.do("ALTER SYSTEM SET archive_mode = on", database="postgres")
        self.do(f"ALTER SYSTEM SET archive_timeout = {TIMEOUT}", database="postgres")
        self.server.stop()
        self.server.start()
        ensure_database(self.server.url("books"))
        self.do("CREATE TABLE note (word text)")
        # What the manifest of a backup is told of.
        self.do("CREATE TABLE django_migrations (app text, name text)")
        self.do("CREATE TABLE core_auditlink (position bigint)")

    def do(self, statement: str, database: str = "books") -> None:
        with psycopg.connect(self.server.url(database), autocommit=True) as session:
            session.execute(statement)

    def wait_until_archived(self) -> float:
        """Until all that is written now lies in the archive; how many seconds it took."""
        begun = time.monotonic()
        with psycopg.connect(self.server.url("books"), autocommit=True) as session:
            row = session.execute("SELECT pg_walfile_name(pg_current_wal_lsn())").fetchone()
            assert row
            assert wait_until(lambda: any((self.backups / "wal").glob(f"{row[0]}.*")), 30)
        return time.monotonic() - begun

    def words_of(self, until: datetime.datetime | None = None) -> list[str]:
        """What a server that is laid out and started as of a moment has."""
        folder = self.place / f"laid-out-{time.monotonic_ns()}"
        folder.mkdir(mode=0o711)
        restored = EmbeddedServer(folder)
        moment.lay_out(self.backups, self.place / "identity", folder / "data", until)
        for path in [folder / "data", *(folder / "data").rglob("*")]:
            hand_over(path, account_of(self.server.data))
        with restored:
            wait_until(lambda: not _replaying(restored.url("books")), 30)
            with psycopg.connect(restored.url("books")) as session:
                return [word for (word,) in session.execute("SELECT word FROM note ORDER BY word")]


def _replaying(url: str) -> bool:
    try:
        with psycopg.connect(url) as session:
            return session.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)
    except psycopg.OperationalError:
        return True


def callable_by_server(place: Path) -> Path:
    """What the server's user can run: deploy/wal, or as root, whose Python may be closed to it, Debian's Python."""
    if os.geteuid() != 0:
        return moment.WAL
    libraries = f"{moment.WAL.parent.parent}:{sysconfig.get_path('purelib')}"
    script = place / "wal"
    script.write_text(
        f'#!/bin/sh\nPYTHONPATH={libraries} exec /usr/bin/python3 -m config.backup.archive "$@"\n'
    )
    script.chmod(0o755)
    return script


@pytest.fixture
def archived(monkeypatch: pytest.MonkeyPatch) -> Iterator[Archived]:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        place = Path(folder)
        place.chmod(stat.S_IRWXU | stat.S_IXGRP | stat.S_IXOTH | stat.S_IROTH)
        monkeypatch.setattr(moment, "WAL", callable_by_server(place))
        kept = Archived(place)
        try:
            yield kept
        finally:
            kept.server.stop()


@pytest.mark.long
def test_books_come_back_as_of_a_moment_and_as_far_as_they_were_archived(archived: Archived) -> None:
    manifest = take("base", archived.server.url("books"), archived.backups, [PUBLIC])
    archived.do("INSERT INTO note VALUES ('before')")
    between = datetime.datetime.now(datetime.UTC)
    archived.do("INSERT INTO note VALUES ('later')")
    waited = archived.wait_until_archived()
    archived.server.process.kill()  # type: ignore[union-attr]
    archived.server.process.wait()  # type: ignore[union-attr]

    assert waited < TIMEOUT + 5
    assert (manifest.kind, len(manifest.wal_from)) == ("base", 24)
    assert archived.words_of(between) == ["before"]
    assert archived.words_of() == ["before", "later"]

    newest = sorted(
        path for path in (archived.backups / "wal").iterdir() if len(path.name.split(".")[0]) == 24
    )[-1]
    newest.write_bytes(newest.read_bytes()[:-1])
    with pytest.raises(Exception, match="PostgreSQL did not start"):
        archived.words_of()
