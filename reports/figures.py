"""The one query layer of all figures: screen, export and bulletin read here.

They come from totals and day rollups alone (reports.flows): as many rows as there are medicines and kinds of step,
however old the books are and however many entries the journals have. A constant number of statements; call it inside
`reports.snapshot.snapshot()` so that they see one moment. Different units are never added: across medicines there
are counts of donations, kinds and hand-outs only.

Which medicine a row is about: before stock, the medicine an item was registered as (None where nobody could name it;
that row may hold different units, and is kept so that the account balances); in stock, the medicine of the batch,
as the pharmacist read it. An item registered as one medicine and sorted as another leaves the first one's items
account as accepted and enters the other one's stock account: each account balances by itself, and `accepted` of the
two may differ for these medicines.

The same figures may be asked for some places or some medicines (reports.flows.Cut), each with its identities. What
passes between places then stands in lines of its own, so that the account of each place closes.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from catalogue.models import Medicine
from catalogue.screening_rules import ROWS
from distribution.models import AgeBand
from inventory.models import Side
from reports.accounts import (
    ITEMS,
    ITEMS_AT,
    REJECTS,
    ROAD,
    ROAD_AT,
    STOCK,
    STOCK_AT,
    Account,
    Flow,
    Identity,
    seen_at_places,
    split,
)
from reports.counts import COUNTED, Counts, counts_of
from reports.flows import WHOLE, Cut, Measured, flows_between
from reports.models import TransferDay
from reports.models.flows import AT_PLACES, Measure

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
JOURNALS = (Measure.CUSTODY, Measure.STOCK)
Flows = defaultdict[int | None, list[Flow]]


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
    to a store. `refused` at the counter is no part of the items account: such goods were never taken. `allotted_to`
    is told of places only: what was allotted to them, by whomever; `allotted` is what they allotted. `people`
    handed the medicine, by age band, are told of a whole county only.
    """

    medicine: Medicine | None
    items: Account
    rejects: Account
    stock: Account
    road: Account
    refused: dict[str, int]
    rejected: dict[str, int]
    dispensed: dict[str, int]
    people: dict[str, int]
    transfers: dict[str, int]
    allotted_to: int | None = None

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
        if self.allotted_to is not None:  # what arrives at a place comes from the road of others
            del pairs["arrived_from_the_road"]
        return [Identity(name, self.code, left, right) for name, (left, right) in pairs.items()]

    def content(self) -> dict[str, Any]:
        at_places = {} if self.allotted_to is None else {"allotted_to": self.allotted_to}
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
            **at_places,
            "transfers": self.transfers,
            "returned": self.transfers["returned"],
            "dispensed_by_age": self.dispensed,
        }


@dataclass(frozen=True)
class Figures:
    """Everything a county did in a period: table C, its identities, and what may be counted across medicines.

    Donations and people are not counted by medicine: one of either may have been of several.
    """

    period: Period
    rows: list[MedicineFigures]
    counts: Counts
    cut: Cut = WHOLE

    @property
    def identities(self) -> list[Identity]:
        return [identity for row in self.rows for identity in row.identities()]

    def content(self) -> dict[str, Any]:
        named = [row for row in self.rows if row.medicine]
        counts = self.counts.content()
        return {
            "period": self.period.content(),
            "counts": {
                **(counts if self.cut.medicines is None else dict.fromkeys(counts)),
                "kinds_registered": sum(row.items["registered"] > 0 for row in named),
                "kinds_accepted": sum(row.stock["accepted"] > 0 for row in named),
                "kinds_allotted": sum(row.allotted > 0 for row in named),
                "kinds_dispensed": sum(row.stock["dispensed"] > 0 for row in named),
            },
            "medicines": [row.content() for row in self.rows],
            "identities": [identity.content() for identity in self.identities],
            "identities_hold": all(identity.holds for identity in self.identities),
        }


def figures(county_id: str, period: Period, cut: Cut = WHOLE) -> Figures:
    """The figures of a county for a period, or of a cut of it."""
    flows = _asked(county_id, period, cut)
    by_medicine: dict[Measure, Flows] = {measure: defaultdict(list) for measure in Measure}
    for each in flows:
        by_medicine[each.measure][each.medicine_id].append(each.flow)
    custody, stock, sent, served = (
        by_medicine[measure] for measure in (*JOURNALS, Measure.TRANSFER, Measure.SERVED)
    )
    allotted = by_medicine[Measure.ALLOTTED]
    medicines = Medicine.objects.in_bulk([pk for pk in {*custody, *stock, *allotted} if pk is not None])
    known = [medicines[pk] for pk in sorted(medicines, key=lambda pk: medicines[pk].code)]
    lines: list[Medicine | None] = [*known, *([None] if None in custody else [])]
    rows = []
    for line in lines:
        pk = line.pk if line else None
        row = _row(line, custody[pk], stock[pk], sent[pk], cut, _people(served[pk]))
        here = None if cut.places is None else sum(flow.during for flow in allotted[pk])
        rows.append(replace(row, allotted_to=here))
    return Figures(period, rows, counts_of(flows), cut)


def _asked(county_id: str, period: Period, cut: Cut) -> list[Measured]:
    """The flows behind the figures, under the county's names for what they measure."""
    measures = [*JOURNALS, Measure.TRANSFER, *COUNTED]
    if cut.places is None:
        measures.append(Measure.SERVED)
        return flows_between(county_id, period.start, period.end, measures, cut)
    told = {AT_PLACES[measure]: measure for measure in measures}
    asked = [*told, Measure.ALLOTTED]
    flows = flows_between(county_id, period.start, period.end, asked, cut)
    return [replace(each, measure=told.get(each.measure, each.measure)) for each in flows]


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
    medicine: Medicine | None,
    custody: list[Flow],
    stock: list[Flow],
    sent: list[Flow],
    cut: Cut,
    people: dict[str, int],
) -> MedicineFigures:
    into_bin = [flow for flow in custody if "refused" not in (flow.source, flow.target)]
    whole = cut.places is None
    return MedicineFigures(
        medicine=medicine,
        items=ITEMS.account(custody) if whole else ITEMS_AT.account(seen_at_places(custody)),
        rejects=REJECTS.account(custody),
        stock=(STOCK if whole else STOCK_AT).account(stock),
        road=(ROAD if whole else ROAD_AT).account(stock),
        refused=split(custody, target="refused", known=REASONS),
        rejected=split(into_bin, target="in_bin", known=REASONS),
        dispensed=split(stock, target="dispensed", known=AGE_BANDS),
        people=people,
        transfers=_transfers(sent),
    )


def _people(served: Iterable[Flow]) -> dict[str, int]:
    people: Counter[str] = Counter()
    for flow in served:
        people[flow.detail] += flow.during
    return {band: count for band, count in sorted(people.items()) if count}


def _transfers(sent: Iterable[Flow]) -> dict[str, int]:
    """Units sent in the period by route."""
    routes = dict.fromkeys([*ROUTES.values(), LOCAL_USE], 0)
    for flow in sent:
        local = flow.kind == TransferDay.Kind.LOCAL_USE
        routes[LOCAL_USE if local else ROUTES[flow.source, flow.target]] += flow.during
    return routes
