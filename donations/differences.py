"""When a count does not agree with what was declared: the reasons, and how much more than declared is believed.

Pure: no database. A shortage leaves the books and a surplus enters them, so that each has a reason of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

Line = TypeVar("Line", bound=Hashable)
OTHER = "other"


class Difference(TextChoices):
    """Why more or less was counted than declared."""

    MISCOUNTED = "miscounted", _("counted wrongly at the drop-off point")
    MIXED_UP = "mixed_up", _("mixed up with another line")
    LOST = "lost", _("lost on the way")
    DAMAGED = "damaged", _("damaged on the way beyond counting")
    NOT_LISTED = "not_listed", _("brought, but not written on the list")
    UNKNOWN = "unknown", _("reason not known")
    OTHER = OTHER, _("another reason")


D = Difference
# A surplus becomes stock once it is sorted: that nobody knows where it comes from is no reason to take it over.
MISSING_REASONS = [r.value for r in (D.MISCOUNTED, D.MIXED_UP, D.LOST, D.DAMAGED, D.UNKNOWN, D.OTHER)]
SURPLUS_REASONS = [r.value for r in (D.MISCOUNTED, D.MIXED_UP, D.NOT_LISTED, D.OTHER)]


@dataclass(frozen=True)
class LineCount:
    """What was counted of one line, in smallest units; `pointer` says where in the request it stands."""

    units: int
    reason: str = ""
    note: str = ""
    pointer: str = ""


@dataclass(frozen=True)
class Tolerance:
    """How much more than declared a count may find: `units`, or `percent` of what was declared if that is more.

    A box or two that were overlooked are a miscount; what lies beyond was given by somebody and is registered.
    """

    units: int
    percent: int

    def most(self, declared: int) -> int:
        """The largest count of a line that is taken over."""
        return declared + max(self.units, declared * self.percent // 100)


@dataclass(frozen=True)
class Unexplained:
    """What is wrong with a line: the field at fault and a stable code."""

    pointer: str
    code: str


def unexplained(declared: Mapping[Line, int], counted: Mapping[Line, LineCount]) -> list[Unexplained]:
    """Lines whose difference lacks its reason or note, or whose reason fits no difference; every one is named."""
    faults = []
    for line, count in counted.items():
        known = _reasons(count.units - declared[line])
        if count.reason not in known:
            code = "reason_required" if known and not count.reason else "reason_does_not_fit"
            if known or count.reason:
                faults.append(Unexplained(f"{count.pointer}/reason", code))
        elif count.reason == OTHER and not count.note:
            faults.append(Unexplained(f"{count.pointer}/note", "required"))
    return faults


def _reasons(difference: int) -> Collection[str]:
    if difference == 0:
        return ()
    return MISSING_REASONS if difference < 0 else SURPLUS_REASONS
