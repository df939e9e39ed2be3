"""The one query layer of all figures: screen, export and bulletin read here.

Quantities come from rollups alone (CustodyDay, StockDay, TransferDay): as many rows as there are days, medicines and
kinds of step, however many entries the journals have. A constant number of statements; call it inside
`reports.snapshot.snapshot()` so that they see one moment. Different units are never added: across medicines there
are counts of donations, kinds and hand-outs only.

Which medicine a row is about: before stock, the medicine an item was registered as (None where nobody could name it;
that row may hold different units, and is kept so that the account balances); in stock, the medicine of the batch,
as the pharmacist read it. An item registered as one medicine and sorted as another leaves the first one's items
account as accepted and enters the other one's stock account: each account balances by itself, and `accepted` of the
two may differ for these medicines.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q, Sum
from django.db.models.functions import Coalesce

from catalogue.models import Medicine
from catalogue.screening_rules import ROWS
from distribution.models import AgeBand
from donations.models import CustodyDay
from inventory.models import Side, StockDay
from reports.accounts import ITEMS, REJECTS, ROAD, STOCK, Account, Flow, Identity, split
from reports.counts import Counts, counts_of
from reports.models import TransferDay

REASONS = frozenset(row.code for row in ROWS)
AGE_BANDS = frozenset(AgeBand.values)
STORE, CLINIC = Side.STORE.value, Side.CLINIC.value
# Where a dispatch went, by the side it left and the side it was for.
ROUTES = {
    (STORE, CLINIC): "to_clinics",
    (CLINIC, STORE): "returned",
    (STORE, STORE): "between_stores",
    (CLINIC, CLINIC): "between_clinics",
}
LOCAL_USE = "local_use"


@dataclass(frozen=True)
class Period:
    """Local days, both included. Figures count by the day of booking."""

    start: datetime.date
    end: datetime.date

    def content(self) -> dict[str, str]:
        return {"from": str(self.start), "to": str(self.end)}


@dataclass(frozen=True)
class MedicineFigures:
    """One line of table C (收支), in the medicine's smallest units.

    `allotted`: sent from a store to a clinic side, and kept for local use; `returned`: sent from a clinic side back
    to a store. `refused` at the counter is no part of the items account: such goods were never taken.
    """

    medicine: Medicine | None
    items: Account
    rejects: Account
    stock: Account
    road: Account
    refused: dict[str, int]
    rejected: dict[str, int]
    dispensed: dict[str, int]
    hand_out_lines: dict[str, int]
    transfers: dict[str, int]

    @property
    def code(self) -> str | None:
        return self.medicine.code if self.medicine else None

    @property
    def allotted(self) -> int:
        return self.transfers["to_clinics"] + self.transfers[LOCAL_USE]

    def identities(self) -> list[Identity]:
        """The identities of the books, and that each split adds up to what was split."""
        accounts = {"items": self.items, "rejects": self.rejects, "stock": self.stock, "road": self.road}
        sent = sum(self.transfers[route] for route in ROUTES.values())
        pairs = {
            **{name: (account.left, account.right) for name, account in accounts.items()},
            "dispatched": (self.road["dispatched"], sent),
            "left_for_the_road": (self.stock["left"], self.road["dispatched"]),
            "arrived_from_the_road": (self.stock["arrived"], self.road["received"]),
            "rejected_by_reason": (self.items["rejected"], sum(self.rejected.values())),
            "rejected_into_bin": (self.items["rejected"], self.rejects["rejected"]),
            "dispensed_by_age": (self.stock["dispensed"], sum(self.dispensed.values())),
        }
        return [Identity(name, self.code, left, right) for name, (left, right) in pairs.items()]

    def content(self) -> dict[str, Any]:
        return {
            **medicine_content(self.medicine),
            "items": self.items.content(),
            "rejected_by_reason": self.rejected,
            "refused": sum(self.refused.values()),
            "refused_by_reason": self.refused,
            "rejects": self.rejects.content(),
            "stock": self.stock.content(),
            "road": self.road.content(),
            "allotted": self.allotted,
            "transfers": self.transfers,
            "returned": self.transfers["returned"],
            "dispensed_by_age": self.dispensed,
        }


@dataclass(frozen=True)
class Figures:
    """Everything a county did in a period: table C, its identities, and what may be counted across medicines."""

    period: Period
    rows: list[MedicineFigures]
    counts: Counts

    @property
    def identities(self) -> list[Identity]:
        return [identity for row in self.rows for identity in row.identities()]

    def content(self) -> dict[str, Any]:
        named = [row for row in self.rows if row.medicine]
        return {
            "period": self.period.content(),
            "counts": {
                **self.counts.content(),
                "kinds_registered": sum(row.items["registered"] > 0 for row in named),
                "kinds_accepted": sum(row.stock["accepted"] > 0 for row in named),
                "kinds_allotted": sum(row.allotted > 0 for row in named),
                "kinds_dispensed": sum(row.stock["dispensed"] > 0 for row in named),
            },
            "medicines": [row.content() for row in self.rows],
            "identities": [identity.content() for identity in self.identities],
            "identities_hold": all(identity.holds for identity in self.identities),
        }


def figures(county_id: str, period: Period) -> Figures:
    """The figures of a county for a period, from the rollups."""
    custody = _flows(CustodyDay, "reason", county_id, period)
    stock = _flows(StockDay, "detail", county_id, period)
    transfers = _transfers(county_id, period)
    medicines = Medicine.objects.in_bulk([pk for pk in {*custody, *stock, *transfers} if pk is not None])
    known = [medicines[pk] for pk in sorted(medicines, key=lambda pk: medicines[pk].code)]
    lines: list[Medicine | None] = [*known, *([None] if None in custody else [])]
    rows = []
    for line in lines:
        pk = line.pk if line else None
        rows.append(_row(line, custody[pk], stock[pk], transfers[pk]))
    return Figures(period, rows, counts_of(county_id, period.start, period.end))


def medicine_content(medicine: Medicine | None) -> dict[str, str | None]:
    """How a medicine is named in every table."""
    if medicine is None:
        return dict.fromkeys(["medicine", "generic_name", "dosage_form", "strength", "unit", "category"])
    return {
        "medicine": medicine.code,
        "generic_name": medicine.generic_name,
        "dosage_form": medicine.dosage_form,
        "strength": medicine.strength,
        "unit": medicine.smallest_unit,
        "category": medicine.category,
    }


def _row(
    medicine: Medicine | None, custody: list[Flow], stock: list[Flow], transfers: dict[str, int]
) -> MedicineFigures:
    into_bin = [flow for flow in custody if "refused" not in (flow.source, flow.target)]
    return MedicineFigures(
        medicine=medicine,
        items=ITEMS.account(custody),
        rejects=REJECTS.account(custody),
        stock=STOCK.account(stock),
        road=ROAD.account(stock),
        refused=split(custody, target="refused", known=REASONS),
        rejected=split(into_bin, target="in_bin", known=REASONS),
        dispensed=split(stock, target="dispensed", known=AGE_BANDS),
        hand_out_lines=split(stock, target="dispensed", known=AGE_BANDS, entries=True),
        transfers=transfers,
    )


def _flows(
    rollup: type[Model], detail: str, county_id: str, period: Period
) -> defaultdict[int | None, list[Flow]]:
    """A journal's day rollup, summed before and within the period, by medicine."""
    within = Q(booked_on__gte=period.start)
    sums = (
        rollup._default_manager.filter(county_id=county_id, booked_on__lte=period.end)
        .order_by()
        .values_list("medicine_id", "kind", "from_state", "to_state", detail)
        .annotate(
            before=Coalesce(Sum("quantity", filter=~within), 0),
            during=Coalesce(Sum("quantity", filter=within), 0),
            lines=Coalesce(Sum("entries", filter=within), 0),
        )
    )
    flows: defaultdict[int | None, list[Flow]] = defaultdict(list)
    for medicine_id, *flow in sums:
        flows[medicine_id].append(Flow(*flow))
    return flows


def _transfers(county_id: str, period: Period) -> defaultdict[int | None, dict[str, int]]:
    """Units sent in the period by medicine and route."""
    sums: Iterable[tuple[int, str, str, str, int]] = (
        TransferDay.objects.filter(county_id=county_id, booked_on__range=(period.start, period.end))
        .order_by()
        .values_list("batch__medicine_id", "kind", "from_side", "to_side")
        .annotate(units=Sum("quantity"))
    )
    routes: defaultdict[int | None, dict[str, int]] = defaultdict(
        lambda: dict.fromkeys([*ROUTES.values(), LOCAL_USE], 0)
    )
    for medicine_id, kind, from_side, to_side, units in sums:
        route = LOCAL_USE if kind == TransferDay.Kind.LOCAL_USE else ROUTES[from_side, to_side]
        routes[medicine_id][route] += units
    return routes
