"""Refusals: one class per broken rule, with a stable code, turned into a response in one place.

A class may name the database constraints and triggers that guard the same rule (`guards`), so that a write that
slips past the services is refused by the database and still reaches the caller in the same words; `pointer` is the
field of the request that such a rule is about, where there is but one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

# A name that a program gives to a field; what else stands in a pointer is not repeated.
FIELD_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}", re.ASCII)
PROBLEM_TYPE = "application/problem+json"
_BY_GUARD: dict[str, type[DomainError]] = {}


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a request: where (JSON pointer), which rule, and words for a person."""

    pointer: str
    code: str
    message: Any


class DomainError(Exception):
    """A rule was broken. `status` is the HTTP status by which it is told."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 422
    message: ClassVar[Any] = _("This is not possible.")
    guards: ClassVar[tuple[str, ...]] = ()
    pointer: ClassVar[str] = ""
    # Whether the audit log has it already.
    is_written_down = False

    def __init_subclass__(cls) -> None:
        for guard in cls.guards:
            _BY_GUARD[guard] = cls

    def __init__(self, detail: Any = None, *, pointer: str = "", faults: Sequence[Fault] = ()) -> None:
        self.detail = detail if detail is not None else self.message
        self.faults = list(faults) or [Fault(pointer or self.pointer, self.code, self.detail)]
        super().__init__(str(self.detail))


class Conflict(DomainError):
    code = "conflict"
    status = 409
    message = _("Somebody else changed this at the same moment, or it contradicts what is recorded.")


class Stale(DomainError):
    code = "stale"
    status = 409
    message = _("This has changed since you opened it.")


class NotFound(DomainError):
    code = "not_found"
    status = 404
    message = _("There is no such thing here.")


class NotAllowed(DomainError):
    code = "not_allowed"
    status = 403
    message = _("Your roles do not allow this.")


class Invalid(DomainError):
    code = "invalid"
    status = 400
    message = _("Some fields are not filled in as needed.")


class DayClosed(DomainError):
    code = "day_closed"
    status = 409
    message = _("The figures of this day are published; it takes no more entries.")
    guards = ("booking_day_open",)


class KeyRequired(DomainError):
    code = "idempotency_key_required"
    status = 400
    message = _("This request needs an Idempotency-Key header with a new UUID.")


class KeyReused(DomainError):
    code = "idempotency_key_reused"
    message = _("This Idempotency-Key was used for other content.")


class KeyInProgress(DomainError):
    code = "idempotency_in_progress"
    status = 409
    message = _("The same request is being carried out at this moment.")


def refusal_for(guard: str | None) -> DomainError:
    """The refusal that belongs to a violated database constraint or trigger, by its name."""
    return _BY_GUARD.get(guard or "", Conflict)()
