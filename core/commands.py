"""Every state change is a command, and every command goes through `run_command`.

One transaction, retried whole on a serialization failure or a deadlock; the idempotency record, the service inside
a savepoint, and the audit entry are written together. A refusal rolls back to the savepoint, and its audit entry
still commits.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import json
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from core.days import next_open_day
from core.errors import DomainError, KeyInProgress, KeyReused, refusal_for
from core.models import AuditEntry

ATTEMPTS = 4
RETRIABLE = {"40001", "40P01"}
# The actor of what the program does by itself: no person has this number, and the log holds none.
SYSTEM = 0
ANSWER_LIMIT = 65536


@dataclass(frozen=True)
class Act:
    """Who does something, in which county, on which local day: what every service is told.

    `on` is the day of the deed (only the demo and the tests set it); `booked` the day it is booked under.
    """

    actor_id: int
    county_id: str
    on: datetime.date
    closed_through: datetime.date | None = None
    at: datetime.datetime = field(default_factory=timezone.now)
    command: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def booked(self) -> datetime.date:
        return next_open_day(self.on, self.closed_through)


@dataclass(frozen=True)
class Caller:
    """Where a command comes from: the route, the key of the client, the network address.

    `about` are the route's own parameters: what a refusal is about, where a command says itself what it touched.
    `beside` is the person in whose sign-in somebody else acts: the first one, where a second one signs.
    """

    route: str
    key: uuid.UUID | None = None
    address: str | None = None
    request_id: str = ""
    about: str = ""
    beside: int | None = None


@dataclass(frozen=True)
class Done:
    """What a service answers: a small JSON object, its status, and the thing it is about."""

    answer: dict[str, Any]
    subject: str = ""
    status: int = 201


@dataclass(frozen=True)
class Answer:
    body: bytes
    status: int
    replayed: bool = False


def run_command(*, act: Act, caller: Caller, body: Any, work: Callable[[], Done]) -> Answer:
    """Carry out `work` once, whatever happens on the way; see the module's text."""
    mac = body_mac(body)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _attempt(act, caller, mac, work)
        except (OperationalError, IntegrityError) as error:
            if attempt == ATTEMPTS or not _worth_repeating(error):
                raise
            time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - jitter, not a secret
    raise AssertionError("unreachable")


def body_mac(body: Any) -> bytes:
    """A keyed hash of the request's content, so that a stored record tells nothing about it."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), default=str).encode()
    return hmac.new(settings.SECRET_KEY.encode(), canonical, hashlib.sha256).digest()


def _attempt(act: Act, caller: Caller, mac: bytes, work: Callable[[], Done]) -> Answer:
    with transaction.atomic():
        kept = _claim(act, caller, mac)
        if kept is not None:
            return kept
        done = _within_savepoint(work)
        if isinstance(done, Done):
            return _write_down(act, caller, mac, done)
        write_refusal(act, caller, done.code)
        done.is_written_down = True
    raise done


def write_refusal(act: Act, caller: Caller, code: str) -> None:
    """The audit entry of something that was refused."""
    row = _audit_row(act, caller, AuditEntry.Result.REFUSED, subject=caller.about, code=code)
    with connection.cursor() as cursor:
        cursor.execute(WRITE_AUDIT, row)


def write_deed(act: Act, caller: Caller, subject: str) -> None:
    """The audit entry of something that was done without a command: signing in and out."""
    with connection.cursor() as cursor:
        cursor.execute(WRITE_AUDIT, _audit_row(act, caller, AuditEntry.Result.DONE, subject=subject))


def _within_savepoint(work: Callable[[], Done]) -> Done | DomainError:
    """What the service answers, or its refusal with all that it wrote undone.

    The savepoint is set by hand: COMMIT ends it too, and `atomic` would send a statement of its own for that.
    """
    start = transaction.savepoint()
    try:
        return work()
    except DomainError as error:
        refusal = error
    except IntegrityError as error:
        refusal = refusal_for(violated_guard(error))
    transaction.set_rollback(False)  # what broke is undone with the next statement
    transaction.savepoint_rollback(start)
    return refusal


def _claim(act: Act, caller: Caller, mac: bytes) -> Answer | None:
    """Take the key for this transaction; give back the answer it already has, if any."""
    if caller.key is None:
        return None
    lock = hashlib.sha256(f"{act.actor_id} {caller.route} {caller.key}".encode()).digest()[:8]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT free, body_mac, status, answer FROM command_claim(%s, %s, %s, %s)",
            [int.from_bytes(lock, signed=True), act.actor_id, caller.route, caller.key],
        )
        free, kept_mac, status, answer = cursor.fetchone()
    if status is not None:
        if not hmac.compare_digest(bytes(kept_mac), mac):
            raise KeyReused
        return Answer(bytes(answer), status, replayed=True)
    if not free:
        raise KeyInProgress
    return None


def _write_down(act: Act, caller: Caller, mac: bytes, done: Done) -> Answer:
    """Keep the answer under its key and write the audit entry."""
    answer = json.dumps(done.answer, ensure_ascii=False, default=str).encode()
    audit = _audit_row(act, caller, AuditEntry.Result.DONE, subject=done.subject)
    with connection.cursor() as cursor:
        if caller.key is None:
            cursor.execute(WRITE_AUDIT, audit)
        else:
            cursor.execute(KEEP + WRITE_AUDIT, [*_record_row(act, caller, mac, done.status, answer), *audit])
    return Answer(answer, done.status)


# One statement for both, written out: every command pays for it, and building it from the models costs more than
# the database's part.
KEEP = """
WITH kept AS (
    INSERT INTO core_idempotencyrecord (person, route, key, body_mac, status, answer, at)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
)"""
WRITE_AUDIT = """
INSERT INTO core_auditentry (county, at, actor, command, action, subject, result, code, address, request_id)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""


def _record_row(act: Act, caller: Caller, mac: bytes, status: int, answer: bytes) -> list[Any]:
    if len(answer) > ANSWER_LIMIT:
        raise AssertionError(f"{caller.route} answers {len(answer)} bytes; commands answer briefly")
    return [act.actor_id, caller.route, caller.key, mac, status, answer, act.at]


def _audit_row(
    act: Act, caller: Caller, result: AuditEntry.Result, *, subject: str = "", code: str = ""
) -> list[Any]:
    return [
        act.county_id,
        act.at,
        act.actor_id or None,
        act.command,
        caller.route,
        _subject(subject, caller.beside),
        result,
        code,
        caller.address,
        caller.request_id,
    ]


def _subject(subject: str, beside: int | None) -> str:
    """What an entry is about, and beside whom it was done."""
    if beside is None:
        return subject
    words = f"beside person {beside}"
    return f"{subject[: 99 - len(words)]} {words}".lstrip()


def violated_guard(error: IntegrityError) -> str | None:
    """The name of the constraint or trigger that refused a write."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None)


def _worth_repeating(error: Exception) -> bool:
    """A lost race that a fresh transaction can win; a key claimed in the same instant is one too."""
    if isinstance(error, IntegrityError):
        return violated_guard(error) == "idempotency_once"
    return getattr(error.__cause__, "sqlstate", None) in RETRIABLE
