"""The floor's building blocks: what a plain DRF view and a single SQL statement share, and the log rows of both.

The floor writes the same rows into the same guarded tables and judges nothing: no sign-in, no scope, no screening,
no reading of labels. A command can be no cheaper than its rows.
"""

from __future__ import annotations

import datetime
import secrets
import uuid
from typing import Any

from rest_framework import serializers
from rest_framework.views import APIView

from benchmarks.stage import County
from core.models import AuditEntry, IdempotencyRecord

ACTOR = 1


class BareView(APIView):
    """No sign-in and no permission: what is measured is the framework and the rows."""

    authentication_classes = ()
    permission_classes = ()


class LogRow(serializers.Serializer):
    """What a command leaves beside its effect."""

    county = serializers.CharField(max_length=6)
    at = serializers.DateTimeField()
    actor = serializers.IntegerField()
    command = serializers.UUIDField()
    action = serializers.CharField(max_length=100)
    key = serializers.UUIDField()
    body_mac = serializers.CharField(max_length=64)
    answer = serializers.CharField(max_length=65536)


def log_row(county: County, action: str, answer_bytes: int) -> dict[str, Any]:
    """A row for the audit log and the record of a key, with an answer of the usual length."""
    return {
        "county": county.stage.county.pk,
        "at": datetime.datetime.now(datetime.UTC).isoformat(),
        "actor": ACTOR,
        "command": str(uuid.uuid4()),
        "action": action,
        "key": str(uuid.uuid4()),
        "body_mac": secrets.token_hex(32),
        "answer": "x" * answer_bytes,
    }


def write_log(row: dict[str, Any]) -> None:
    """The bare view's log: two rows by the ORM."""
    AuditEntry.objects.create(
        county=row["county"],
        at=row["at"],
        actor=row["actor"],
        command=row["command"],
        action=row["action"],
        result="done",
        address="127.0.0.1",
    )
    IdempotencyRecord.objects.create(
        person=row["actor"],
        route=row["action"],
        key=row["key"],
        body_mac=bytes.fromhex(row["body_mac"]),
        status=201,
        answer=row["answer"].encode(),
        at=row["at"],
    )


LOGGED = """
audit AS (
    INSERT INTO core_auditentry
        (county, at, actor, command, action, subject, result, code, address, request_id)
    SELECT county, at, actor, command, action, '', 'done', '', '127.0.0.1', ''
    FROM jsonb_populate_record(null::core_auditentry, %(call)s::jsonb->'log')
), kept AS (
    INSERT INTO core_idempotencyrecord (person, route, key, body_mac, status, answer, at)
    SELECT actor, action, key, decode(body_mac, 'hex'), 201, convert_to(answer, 'UTF8'), at
    FROM jsonb_to_record(%(call)s::jsonb->'log') AS log
        (actor bigint, action text, key uuid, body_mac text, answer text, at timestamptz)
)"""


def insert(table: str, columns: str, key: str, **references: str) -> str:
    """An INSERT of the rows under `key` of the call, within a larger statement.

    `columns` are taken from the JSON, `references` from what an earlier part of the statement has written
    (`donor_id="donor.id"`); it gives its ids and quantities back to the parts that follow.
    """
    named = columns.split()
    sources = sorted({source.split(".")[0] for source in references.values()})
    values = [f"r.{column}" for column in named] + list(references.values())
    taken = ", ".join([*sources, f"jsonb_populate_recordset(null::{table}, %(call)s::jsonb->'{key}') AS r"])
    return f"INSERT INTO {table} ({', '.join([*named, *references])}) SELECT {', '.join(values)} FROM {taken}"
