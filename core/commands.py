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
from core.models import AuditEntry, IdempotencyRecord

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
    """Where a command comes from: the route, the key of the client, the network address."""

    route: str
    key: uuid.UUID | None = None
    address: str | None = None
    request_id: str = ""


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
    refusal: DomainError | None = None
    with transaction.atomic():
        kept = _claim(act, caller, mac)
        if kept is not None:
            return kept
        try:
            with transaction.atomic():
                done = work()
        except DomainError as error:
            refusal = error
        except IntegrityError as error:
            refusal = refusal_for(violated_guard(error))
        if refusal is not None:
            _write_audit(act, caller, AuditEntry.Result.REFUSED, code=refusal.code)
        else:
            _write_audit(act, caller, AuditEntry.Result.DONE, subject=done.subject)
            answer = json.dumps(done.answer, ensure_ascii=False, default=str).encode()
            _keep(act, caller, mac, done.status, answer)
    if refusal is not None:
        raise refusal
    return Answer(answer, done.status)


def _claim(act: Act, caller: Caller, mac: bytes) -> Answer | None:
    """Take the key for this transaction; give back the answer it already has, if any."""
    if caller.key is None:
        return None
    lock = hashlib.sha256(f"{act.actor_id} {caller.route} {caller.key}".encode()).digest()[:8]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [int.from_bytes(lock, signed=True)])
        (free,) = cursor.fetchone()
    # A statement of its own: one that began before the lock was free would not see what the first request kept.
    kept = IdempotencyRecord.objects.filter(person=act.actor_id, route=caller.route, key=caller.key).first()
    if kept is not None:
        if not hmac.compare_digest(bytes(kept.body_mac), mac):
            raise KeyReused
        return Answer(bytes(kept.answer), kept.status, replayed=True)
    if not free:
        raise KeyInProgress
    return None


def _keep(act: Act, caller: Caller, mac: bytes, status: int, answer: bytes) -> None:
    if caller.key is None:
        return
    if len(answer) > ANSWER_LIMIT:
        raise AssertionError(f"{caller.route} answers {len(answer)} bytes; commands answer briefly")
    IdempotencyRecord.objects.create(
        person=act.actor_id,
        route=caller.route,
        key=caller.key,
        body_mac=mac,
        status=status,
        answer=answer,
        at=act.at,
    )


def _write_audit(
    act: Act, caller: Caller, result: AuditEntry.Result, *, subject: str = "", code: str = ""
) -> None:
    AuditEntry.objects.create(
        county=act.county_id,
        at=act.at,
        actor=act.actor_id or None,
        command=act.command,
        action=caller.route,
        subject=subject,
        result=result,
        code=code,
        address=caller.address,
        request_id=caller.request_id,
    )


def violated_guard(error: IntegrityError) -> str | None:
    """The name of the constraint or trigger that refused a write."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None)


def _worth_repeating(error: Exception) -> bool:
    """A lost race that a fresh transaction can win; a key claimed in the same instant is one too."""
    if isinstance(error, IntegrityError):
        return violated_guard(error) == "idempotency_once"
    return getattr(error.__cause__, "sqlstate", None) in RETRIABLE
