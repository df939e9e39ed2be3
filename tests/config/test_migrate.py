"""A migration that has to wait for a table lets those pass who come after it."""

from __future__ import annotations

import threading
import time
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import OperationalError, connection

from config.management.commands import migrate
from config.processes import wait_until
from tests.served import cloned_url

LAST, BEFORE = "0023_people_looked_up", "0022_stamped_scan"
READ = "SELECT count(*) FROM people_flows"
LOCKED = "LOCK TABLE inventory_movement IN ACCESS EXCLUSIVE MODE"
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'"
APPLIED = "SELECT count(*) FROM django_migrations WHERE name = %s"


def one(session: psycopg.Connection[Any], statement: str, *values: Any) -> Any:
    row = session.execute(statement, values).fetchone()
    return row and row[0]


def test_migration_behind_a_long_read_holds_up_nobody_for_long(cloned_db: str) -> None:
    call_command("migrate", "reports", BEFORE, verbosity=0)
    told, left = StringIO(), []

    def apply() -> None:
        call_command("migrate", "reports", LAST, verbosity=0, stderr=told)
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            left.append(cursor.fetchone())
        connection.close()

    with psycopg.connect(cloned_url()) as reader, psycopg.connect(cloned_url(), autocommit=True) as other:
        one(reader, READ)
        applying = threading.Thread(target=apply)
        applying.start()
        assert wait_until(lambda: bool(one(other, WAITING) == 1), 60)
        begun = time.monotonic()
        one(other, READ)  # stands behind the migration
        waited = time.monotonic() - begun
        assert one(other, APPLIED, LAST) == 0
        reader.rollback()
        applying.join(60)

        assert (one(other, APPLIED, LAST), left) == (1, [("0",)])
    assert "A table is in use; this step is tried again." in told.getvalue()
    assert waited < migrate.WAIT_SECONDS + 5


def deadlocked(told: StringIO) -> list[BaseException]:
    """Apply the step while somebody who reads its view comes to want a table that the step holds; what it raises."""
    raised: list[BaseException] = []

    def apply() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET deadlock_timeout = '1s'")
            call_command("migrate", "reports", LAST, verbosity=0, stderr=told)
        except OperationalError as error:
            raised.append(error)
        finally:
            connection.close()

    with psycopg.connect(cloned_url()) as reader, psycopg.connect(cloned_url(), autocommit=True) as other:
        # The step finds out before its rival does, and is the one that is ended.
        reader.execute("SET deadlock_timeout = '1min'")
        one(reader, READ)
        applying = threading.Thread(target=apply)
        applying.start()
        assert wait_until(lambda: bool(one(other, WAITING) == 1), 60)
        reader.execute(LOCKED)
        reader.commit()
        applying.join(60)
    return raised


def test_migration_that_a_deadlock_ended_is_tried_again(
    cloned_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    call_command("migrate", "reports", BEFORE, verbosity=0)
    monkeypatch.setattr(migrate, "WAIT_SECONDS", 30)
    told = StringIO()
    with monkeypatch.context() as without:
        without.setattr(migrate, "IN_USE", {"55P03"})
        (raised,) = deadlocked(told)
    undone = connection.cursor().execute(APPLIED, [LAST]).fetchone()

    assert (type(raised.__cause__).__name__, undone, told.getvalue()) == ("DeadlockDetected", (0,), "")
    assert deadlocked(told) == []
    assert connection.cursor().execute(APPLIED, [LAST]).fetchone() == (1,)
    assert "A table is in use; this step is tried again." in told.getvalue()


SHAPE = {
    "columns": "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default"
    " FROM information_schema.columns WHERE table_schema = 'public'",
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace",
    "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger"
    " WHERE NOT tgisinternal",
    "functions": "SELECT proname, pg_get_functiondef(oid) FROM pg_proc"
    " WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'",
    "types of rows": "SELECT app_label, model FROM django_content_type",
    "steps": "SELECT app, name FROM django_migrations",
}


def shape() -> dict[str, list[Any]]:
    """All that the steps have made in the database."""
    found = {}
    with connection.cursor() as cursor:
        for name, statement in SHAPE.items():
            cursor.execute(statement)
            found[name] = sorted(cursor.fetchall(), key=repr)
    return found


@pytest.mark.long
def test_new_database_is_made_as_django_would_make_it(cloned_db: str) -> None:
    quick = shape()
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    call_command(DjangoMigrate(), verbosity=0)
    assert shape() == quick
    assert all(quick.values())
