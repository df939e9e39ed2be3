"""Changing APP_DONOR_KEY while the program runs: every sealed value is sealed anew, every keyed hash written anew.

In batches, each a transaction of its own, so that a run that is killed goes on where it stopped: what is done begins
with the mark of the present key (core/sealing.py). Meanwhile both keys are read. Fingerprints of rosters are the one
thing that stays under the old key, for nothing of what they are made of is kept: once that key is gone, a roster from
before is known again by what the books hold (donations/roster_repeats.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from django.db import transaction
from django.db.models import BinaryField, F, Func, Model, QuerySet

from core.sealing import MARK_BYTES, mark_of, seal_bytes, unseal_bytes
from donations.identity import Identity, name_mac, phone_mac
from donations.models import DonorIdentity, ReturnCollector, RosterFile
from organisation.models import SecondFactor
from reports.models.names import NamedDonor

PORTION = 500
Row = Any


@dataclass(frozen=True)
class Sealed:
    """A column of sealed values: for which purpose and to what each is bound, and where its county stands."""

    model: type[Model]
    field: str
    purpose: str
    bound: Callable[[Row], str]
    county: str = "county"
    # What else follows from the plain value, and the columns that hold it.
    beside: Callable[[bytes], dict[str, Any]] = lambda plain: {}
    writes: tuple[str, ...] = ()

    def waiting(self, county_id: str) -> QuerySet[Any]:
        """Rows of which the value is not sealed with the present key."""
        mark = Func(
            F(self.field),
            template=f"substring(%(expressions)s FROM 1 FOR {MARK_BYTES})",
            output_field=BinaryField(),
        )
        rows = self.model._default_manager.filter(**{self.county: county_id}).annotate(mark=mark)
        waiting: QuerySet[Any] = rows.exclude(mark=mark_of()).filter(mark__gt=b"").order_by("pk")
        return waiting


def _macs(plain: bytes) -> dict[str, Any]:
    identity = Identity(**json.loads(plain))
    return {"name_mac": name_mac(identity.name), "phone_mac": phone_mac(identity.phone)}


def _of_donor(row: Row) -> str:
    return f"{row.county_id} {row.donor_id}"


def _of_collected(row: Row) -> str:
    return f"{row.county_id} {row.donor_return.donation.donor_id}"


def _of_file(row: Row) -> str:
    return f"{row.county_id} file {row.pk}"


def _of_person(row: Row) -> str:
    return f"person {row.pk}"


COLUMNS = (
    Sealed(DonorIdentity, "sealed", "seal", _of_donor, beside=_macs, writes=("name_mac", "phone_mac")),
    Sealed(ReturnCollector, "sealed", "seal", _of_collected),
    Sealed(NamedDonor, "opening", "seal name", _of_donor),
    Sealed(RosterFile, "sealed", "seal file", _of_file),
    Sealed(RosterFile, "collector", "seal file", _of_file),
    Sealed(SecondFactor, "sealed", "second factor", _of_person, "person__county"),
    Sealed(SecondFactor, "pending", "second factor", _of_person, "person__county"),
)


@dataclass(frozen=True)
class Sum:
    """How many values were sealed anew, and how many open with no key that is known here."""

    sealed: int = 0
    closed: int = 0


def seal_anew(county_id: str) -> Sum:
    """Seal a county's values with the present key, in one pass. Twice, or twice at once, it does what once does."""
    done = Sum()
    for column in COLUMNS:
        for portion in _portions(column, county_id):
            done = Sum(done.sealed + portion.sealed, done.closed + portion.closed)
    return done


def waiting(county_id: str) -> int:
    """How many values of a county are not sealed with the present key."""
    return sum(column.waiting(county_id).count() for column in COLUMNS)


def _portions(column: Sealed, county_id: str) -> Iterator[Sum]:
    last: Any = 0
    while True:
        with transaction.atomic():
            # What somebody is changing at this moment is left for the next pass.
            held = column.waiting(county_id).select_for_update(skip_locked=True, of=("self",))
            rows = list(held.filter(pk__gt=last)[:PORTION])
            opened = [row for row in rows if _seal_anew(column, row)]
            column.model._default_manager.bulk_update(opened, [column.field, *column.writes])
        if not rows:
            return
        last = rows[-1].pk
        yield Sum(len(opened), len(rows) - len(opened))


def _seal_anew(column: Sealed, row: Row) -> bool:
    """Whether the row's value opened; it then holds it sealed anew, not yet written."""
    about = {"purpose": column.purpose, "bound": column.bound(row)}
    try:
        plain = unseal_bytes(bytes(getattr(row, column.field)), **about)
    except InvalidTag:
        return False
    setattr(row, column.field, seal_bytes(plain, **about))
    for name, value in column.beside(plain).items():
        setattr(row, name, value)
    return True
