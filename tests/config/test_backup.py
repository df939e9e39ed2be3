"""Backups of the real database by the real programs: taken, restored, rehearsed, and refused where they must be."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from psycopg.conninfo import make_conninfo
from pyrage.x25519 import Identity

from config.backup import drill, programs
from config.backup.dumps import HAS_TABLES, restore, take
from config.backup.programs import program
from config.backup.sealing import SealingError
from config.backup.store import BackupError, Manifest, newest
from config.management.commands.restore import refuse_newer
from config.postgres import drop_database
from core.audit import seal_entries
from donations.models import Donation
from reports.models.drills import RestoreDrill
from tests.plain_sql import drop_guard, execute, refused_by
from tests.world import World, donation

IDENTITY = Identity.generate()
PUBLIC = [str(IDENTITY.to_public())]
DAY = datetime.timedelta(days=1)


def address(database: str) -> str:
    """The address of another database of the tests' server."""
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}").geturl()


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """The folder of backups as the settings name it, with the identity's file beside it."""
    settings.BACKUP_FOLDER, settings.BACKUP_RECIPIENTS = tmp_path / "backups", PUBLIC
    settings.BACKUPS_EXPECTED = True
    (tmp_path / "identity").write_text(str(IDENTITY))
    return tmp_path / "backups"


@pytest.fixture
def copies() -> Iterator[Any]:
    """Addresses of databases beside the tests' own; gone at the end."""
    made: list[str] = []

    def copy(name: str) -> str:
        made.append(address(f"copy_{os.getpid()}_{name}"))
        return made[-1]

    yield copy
    for url in made:
        drop_database(url)


def own_url() -> str:
    return address(connection.settings_dict["NAME"])


def registered() -> Donation:
    answer = World().signed("clerk").post("donations/", donation())
    assert answer.status_code == 201, answer.json()
    seal_entries()
    return Donation.objects.get()


def test_backup_is_taken_rehearsed_and_restored_onto_a_newer_version(
    cloned_db: str, folder: Path, copies: Any, settings: Any, tmp_path: Path
) -> None:
    given, settings.BACKUP_DATABASE_URL = registered(), own_url()
    call_command("backup", stdout=StringIO())
    manifest = newest(folder)
    content = (folder / manifest.file).read_bytes()

    call_command("restore_drill", identity=tmp_path / "identity", stdout=(said := StringIO()))
    drilled = RestoreDrill.objects.get()
    call_command("migrate", "reports", "0016", verbosity=0)  # as if by the program before
    older = take("dump", own_url(), folder, PUBLIC)
    restored = {"backup": folder / older.file, "into": (url := copies("whole"))}
    call_command("restore", identity=tmp_path / "identity", **restored, stdout=StringIO())

    assert (content[:21], given.receipt_code.encode() in content) == (b"age-encryption.org/v1", False)
    assert (manifest.audit_through, manifest.kind) == (1, "dump")
    assert older.migrations["reports"].startswith("0016")
    assert (drilled.good, drilled.detail, drilled.backup_taken_at) == (True, "", manifest.taken_at)
    assert [line for line in said.getvalue().splitlines() if line.startswith("==")] == [
        "== verify_ledger",
        "== verify_days",
        "== verify_audit",
        "== verify_bulletins",
    ]
    with psycopg.connect(url) as copy:
        assert copy.execute("SELECT receipt_code FROM donations_donation").fetchall() == [
            (given.receipt_code,)
        ]
        assert copy.execute("SELECT count(*) FROM reports_restoredrill").fetchone() == (0,)
        with pytest.raises(psycopg.errors.CheckViolation):
            copy.execute("DELETE FROM core_auditentry")
    with pytest.raises(CommandError, match="not empty"):
        call_command("restore", identity=tmp_path / "identity", into=url)


@pytest.mark.long
def test_drill_names_what_does_not_hold(cloned_db: str) -> None:
    registered()
    execute("ALTER TABLE core_auditentry DISABLE TRIGGER append_only")
    execute("UPDATE core_auditentry SET subject = 'another'")

    said, failed = drill.examine(own_url())

    assert failed.startswith("verify_audit: The audit log was altered: 1 faults. First: entry 1: position 1:")
    assert "All figures agree with the journals." in said


def test_drill_that_fails_is_noted_and_told(db: None, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="The drill failed: There is no finished backup"):
        call_command("restore_drill", identity=tmp_path / "identity", verbosity=0)

    assert (RestoreDrill.objects.get().good, RestoreDrill.objects.get().backup_taken_at) == (False, None)


def test_drill_without_a_fresh_whole_backup_fails(db: None, folder: Path, tmp_path: Path) -> None:
    now = datetime.datetime.now(datetime.UTC)
    none = drill.rehearse(folder, [IDENTITY], now)
    manifest = take("dump", own_url(), folder, PUBLIC)
    stale = drill.rehearse(folder, [IDENTITY], now + 2 * DAY)
    (folder / manifest.file).write_bytes(b"x" * manifest.size)
    altered = drill.rehearse(folder, [IDENTITY], now)

    assert "no finished backup" in none.fault
    assert "over a day old" in stale.fault
    assert "not what was written" in altered.fault


def test_copy_that_lacks_what_the_books_had_is_told(db: None) -> None:
    manifest = Manifest("dump", timezone.now(), "x", 0, "", 18, [], audit_through=5)

    with pytest.raises(BackupError, match=r"^The audit chain of the copy ends before position 5\.$"):
        drill.hold_against(manifest, own_url())


def test_cut_backup_restores_nothing(db: None, folder: Path, copies: Any) -> None:
    manifest = take("dump", own_url(), folder, PUBLIC)
    content, cut = (folder / manifest.file).read_bytes(), folder / "cut"

    for length in (300, len(content) // 2, len(content) - 1):
        cut.write_bytes(content[:length])
        with pytest.raises(SealingError):
            restore(cut, manifest.server, [IDENTITY], copies("cut"))
        with psycopg.connect(copies("cut")) as copy:
            assert copy.execute(HAS_TABLES).fetchone() == (False,)


def pg_dump_that(does: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a pg_dump of our own in the place of PostgreSQL's."""
    script = folder.parent / "pg_dump"
    script.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && echo "pg_dump (PostgreSQL) 99.1" && exit\n{does}\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PGBIN", str(script.parent))


def test_backup_that_fails_midway_leaves_nothing_and_quotes_no_row(
    db: None, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trouble = "echo half; echo 'pg_dump: error: it broke' >&2; echo 'DETAIL: Key (name)=(杨芹)' >&2; exit 1"
    pg_dump_that(trouble, folder, monkeypatch)

    with pytest.raises(BackupError, match=r"^pg_dump: error: it broke$"):
        take("dump", own_url(), folder, PUBLIC)

    assert list(folder.iterdir()) == []


def test_backup_of_a_database_that_is_not_there_is_told(db: None, folder: Path) -> None:
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        take("dump", make_conninfo(own_url(), dbname="nowhere"), folder, PUBLIC)


def test_backup_without_a_key_says_what_is_missing(db: None, folder: Path, settings: Any) -> None:
    settings.BACKUP_RECIPIENTS = []

    with pytest.raises(CommandError, match=r"No backup was made.*APP_BACKUP_RECIPIENTS"):
        call_command("backup")


def test_backup_of_a_newer_program_is_refused() -> None:
    manifest = Manifest(
        "dump", timezone.now(), "x", 0, "", 18, [], {"core": "0001_tables", "reports": "0999_later"}
    )

    with pytest.raises(BackupError, match=r"newer program \(reports\.0999_later"):
        refuse_newer(manifest)


def test_program_of_the_servers_version_is_found_else_the_next_newer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in (15, 17, 18):
        (tmp_path / str(version) / "bin").mkdir(parents=True)
        script = tmp_path / str(version) / "bin" / "pg_dump"
        script.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}.3'\n")
        script.chmod(0o755)
    monkeypatch.setattr(programs, "INSTALLED", tmp_path)
    monkeypatch.delenv("PGBIN", raising=False)

    assert [program("pg_dump", version).parts[-3] for version in (15, 16, 17)] == ["15", "17", "17"]
    with pytest.raises(
        BackupError, match=r"pg_dump of PostgreSQL 19 or later is needed.*postgresql-client-19"
    ):
        program("pg_dump", 19)
    monkeypatch.setenv("PGBIN", str(tmp_path / "15" / "bin"))
    with pytest.raises(BackupError, match="found: 15"):
        program("pg_dump", 16)


def test_password_stands_on_no_command_line(db: None, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = folder.parent / "seen"
    pg_dump_that(f'echo "$@" > {seen}; echo "$PGPASSWORD" >> {seen}; echo dumped', folder, monkeypatch)

    take("dump", make_conninfo(own_url(), password="secret word"), folder, PUBLIC)

    words, password = seen.read_text().splitlines()
    assert ("secret" in words, password) == (False, "secret word")


def good(at: datetime.datetime) -> RestoreDrill:
    return RestoreDrill.objects.create(at=at, good=True, backup_taken_at=at, seconds=9)


def duties(world: World, role: str) -> dict[str, int]:
    return {duty["code"]: duty["count"] for duty in world.signed(role).get("todo/").json()["duties"]}


def test_todo_of_the_administrator_tells_of_a_day_without_a_good_drill(world: World, settings: Any) -> None:
    now = timezone.now()
    settings.BACKUPS_EXPECTED = False
    assert duties(world, "administrator")["restore_drill"] == 0

    settings.BACKUPS_EXPECTED = True
    good(now - DAY - datetime.timedelta(minutes=1))
    RestoreDrill.objects.create(at=now, good=False, seconds=2, detail="verify_ledger: 3 figures disagree")
    assert duties(world, "administrator")["restore_drill"] == 1
    assert "restore_drill" not in duties(world, "pharmacist")

    good(now)
    assert duties(world, "administrator")["restore_drill"] == 0


def test_drills_are_listed_newest_first_in_api_and_screen(world: World) -> None:
    now = timezone.now()
    good(now - DAY)
    RestoreDrill.objects.create(at=now, good=False, seconds=2, detail="verify_ledger: 3 figures disagree")
    administrator = world.signed("administrator")
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(administrator.person)

    told = administrator.get("restore-drills/").json()["results"]
    shown = client.get("/restore-drills/").content.decode()

    assert [drilled["good"] for drilled in told] == [False, True]
    assert {name for drilled in told for name in drilled} == {"at", "good", "backup_taken_at"}
    assert ("3 figures" in shown, '<span class="badge bad">no</span>' in shown) == (False, True)


BROKEN = {
    "restore_drill_says_what_failed": "INSERT INTO reports_restoredrill (at, good, seconds, detail) VALUES"
    " (now(), true, 1, '')",
    "restore_drill_of_our_age": "INSERT INTO reports_restoredrill (at, good, seconds, detail) VALUES"
    " ('infinity', false, 1, 'x')",
    "reports_restoredrill_append_only": "UPDATE reports_restoredrill SET good = true",
}


@pytest.mark.parametrize("guard", BROKEN)
def test_drills_are_kept_as_they_were(db: None, guard: str) -> None:
    with refused_by(guard):
        execute(BROKEN[guard])

    drop_guard(guard)
    execute(BROKEN[guard])
