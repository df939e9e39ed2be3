"""捐赠药品登记花名册: who brought what to one drop-off point in a period, person by person (逐人造册).

The full roster is signed and kept in the office. The posted one goes onto a wall: no phones, no refused items, and
names only as far as their bearers agreed (公益事业捐赠法 art. 8, 个人信息保护法 art. 25).
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.masking import published_name
from donations.errors import RosterTooLong
from donations.identity import Identity
from donations.models import Donation, Donor, Item
from donations.printed import (
    ANONYMOUS_DONOR,
    expiry_of,
    lot_of,
    name_of,
    reason_words,
    specification_of,
    unit_of,
)
from donations.queries import given_of, identities_of, roster_items
from organisation.models import Person, Place
from organisation.queries import policy_of

ROWS_LIMIT = 10_000


@dataclass(frozen=True)
class RosterLine:
    """One item as its row says it; lines of one donation share the donor's cells."""

    donation_id: int
    name: str
    work_unit: str
    phone: str
    medicine: str
    specification: str
    quantity: int
    unit: str
    lot_number: str
    expiry: str
    day: datetime.date
    handler: str
    refused: bool


@dataclass(frozen=True)
class Roster:
    place: Place
    start: datetime.date
    end: datetime.date
    posted: bool
    lines: Sequence[RosterLine]

    @property
    def donations(self) -> int:
        return len({line.donation_id for line in self.lines})

    def totals(self) -> list[tuple[str, int, str]]:
        """(what, quantity, unit of measure): all rows, then those refused; units are never added up."""
        everything = _by_unit(self.lines, "合计")
        return everything + _by_unit([line for line in self.lines if line.refused], "其中不予接收")


def read_roster(*, place: Place, start: datetime.date, end: datetime.date, posted: bool) -> Roster:
    """The roster as the books have it; a constant number of statements. Whoever calls this has it logged.

    Raises RosterTooLong beyond ROWS_LIMIT rows.
    """
    chosen = roster_items(place, start, end)
    items = list((chosen.exclude(outcome="refuse") if posted else chosen)[: ROWS_LIMIT + 1])
    if len(items) > ROWS_LIMIT:
        raise RosterTooLong
    given = given_of(chosen.order_by())
    donations = {item.donation_id: item.donation for item in items}
    identities = identities_of({donation.donor_id for donation in donations.values()})
    handlers = Person.objects.in_bulk({donation.registered_by for donation in donations.values()})
    min_days = policy_of(place.county_id).min_days
    lines = [
        _line(
            item,
            given[item.pk],
            identities.get(item.donation.donor_id, Identity()),
            handlers[item.donation.registered_by].name,
            min_days,
            posted,
        )
        for item in items
        if given.get(item.pk)
    ]
    return Roster(place, start, end, posted, lines)


def _line(
    item: Item, units: int, identity: Identity, handler: str, min_days: int, posted: bool
) -> RosterLine:
    donation, refused = item.donation, item.outcome == "refuse"
    why = f"（不予接收：{reason_words(item.reasons, min_days)}）" if refused else ""
    return RosterLine(
        donation_id=donation.pk,
        name=_name(donation, identity, posted),
        work_unit=_work_unit(donation, identity, posted),
        phone="" if posted else identity.phone,
        medicine=name_of(item) + why,
        specification=specification_of(item),
        quantity=units,
        unit=unit_of(item),
        lot_number=lot_of(item),
        expiry=expiry_of(item),
        day=donation.received_on,
        handler=handler,
        refused=refused,
    )


def _name(donation: Donation, identity: Identity, posted: bool) -> str:
    if posted:
        return published_name(identity.name, kind=donation.donor.kind, publish=donation.donor.publish)
    return identity.name or ANONYMOUS_DONOR


def _work_unit(donation: Donation, identity: Identity, posted: bool) -> str:
    """On the wall a unit would tell who 张* is, so that it stands beside full names only."""
    if posted and donation.donor.publish != Donor.Publish.FULL:
        return ""
    township = donation.donor.township
    return identity.work_unit or (township.name if township else "")


def _by_unit(lines: Sequence[RosterLine], what: str) -> list[tuple[str, int, str]]:
    sums: Counter[str] = Counter()
    for line in lines:
        sums[line.unit] += line.quantity
    return [(what, quantity, unit) for unit, quantity in sorted(sums.items())]
