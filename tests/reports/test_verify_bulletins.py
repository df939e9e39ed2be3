"""All published bulletins held against the verifier of the public, as the rehearsal of a restore does."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from tests.plain_sql import execute
from tests.reports.play import Play
from tests.reports.test_closing_accounts import closed, kept, told

__all__ = ["kept", "told"]


def said() -> str:
    text = StringIO()
    call_command("verify_bulletins", stdout=text)
    return text.getvalue()


def test_whole_campaign_holds_and_each_altered_part_is_named(told: Play) -> None:
    closed(told.world)

    assert said().strip() == "4 published bulletins are as they were signed."

    execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in ("reports_bulletin", "reports_bulletinfile"):
        execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for table, row, other in (
        ("reports_bulletin", "number = 2", "3939"),
        ("reports_bulletin", "number = 2", "ff"),  # no text any more
        ("reports_bulletinfile", "name = 'bulletin.csv'", "3939"),
        ("reports_bulletinfile", "name = 'archive.zip'", "3939"),
    ):
        altered = f"overlay(content placing '\\x{other}'::bytea from 200)"
        start = transaction.savepoint()
        assert execute(
            f"UPDATE {table} SET content = {altered}, sha256 = encode(sha256({altered}), 'hex') WHERE {row}"
        )
        with pytest.raises(CommandError, match=r"checks of 4 published bulletins failed"):
            said()
        transaction.savepoint_rollback(start)
