"""What was received, allotted and handed out by township: the rows behind the public list and charts.

From the rollups alone, in three statements. A hand-out is its clinic's; places outside any township (the county's own
hospital) stand under "". Where fewer than five hand-outs of a medicine lie behind a cell, townships are merged
(reports.small_cells), so that the totals stay true and nobody can be recognised.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Case, F, Q, QuerySet, Sum, When

from catalogue.models import Medicine
from donations.models import CustodyDay, CustodyKind
from inventory.models import Side, StockDay
from organisation.models import Division
from reports.details import SIGNED, Row
from reports.figures import Period, medicine_content
from reports.models import TransferDay
from reports.small_cells import merge, merged_cells

DISPENSED = "dispensed"
FIGURES = ("received", "allotted", DISPENSED)
# Units of one medicine in one township, by figure.
Cells = defaultdict[tuple[str, int | None], dict[str, int]]
FORWARD_LESS_BACK = Case(When(to_state=DISPENSED, then=1), default=-1)


def township_rows(county_id: str, period: Period) -> list[Row]:
    """One row per township and medicine: `received`, `allotted` and `dispensed` in its smallest unit.

    Each figure adds up to table C, medicine by medicine.
    """
    cells: Cells = defaultdict(lambda: dict.fromkeys(FIGURES, 0))
    days = {"county_id": county_id, "booked_on__range": (period.start, period.end)}
    for figure, rows in (("received", _received(days)), ("allotted", _allotted(days))):
        for medicine, township, units in rows:
            cells[township or "", medicine][figure] += units
    for medicine, by_township in _dispensed(days).items():
        for township, units in by_township.items():
            cells[township, medicine][DISPENSED] += units
    return _named({at: units for at, units in cells.items() if any(units.values())})


def _received(days: dict[str, Any]) -> QuerySet[Any, Any]:
    kinds = [CustodyKind.REGISTERED, CustodyKind.CORRECTED]
    registered = CustodyDay.objects.filter(**days, kind__in=kinds).order_by()
    return registered.values_list("medicine_id", "place__township_id").annotate(units=Sum(SIGNED))


def _allotted(days: dict[str, Any]) -> QuerySet[Any, Any]:
    sent = TransferDay.objects.filter(**days, from_side=Side.STORE, to_side=Side.CLINIC).order_by()
    return sent.values_list("batch__medicine_id", "to_place__township_id").annotate(units=Sum("quantity"))


def _dispensed(days: dict[str, Any]) -> dict[int, dict[str, int]]:
    """Units handed out by medicine and township, small cells merged; what was taken back is netted."""
    steps = StockDay.objects.filter(Q(to_state=DISPENSED) | Q(from_state=DISPENSED), **days).order_by()
    sums: Iterable[tuple[int, str | None, int, int]] = steps.values_list(
        "medicine_id", "from_place__township_id"
    ).annotate(units=Sum(FORWARD_LESS_BACK * F("quantity")), lines=Sum(FORWARD_LESS_BACK * F("entries")))
    units: defaultdict[int, dict[str, int]] = defaultdict(dict)
    people: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for medicine, township, quantity, lines in sums:
        if quantity:
            units[medicine][township or ""] = quantity
            people[medicine][township or ""] = lines or 1
    return {medicine: merge(units[medicine], merged_cells(people[medicine])) for medicine in units}


def _named(cells: dict[tuple[str, int | None], dict[str, int]]) -> list[Row]:
    names = dict(Division.objects.filter(pk__in={at for at, _ in cells}).values_list("code", "name"))
    medicines = Medicine.objects.in_bulk({pk for _, pk in cells if pk is not None})
    rows = [
        {
            "township": township,
            "township_name": names.get(township, ""),
            **medicine_content(medicines.get(pk) if pk else None),
            **units,
        }
        for (township, pk), units in cells.items()
    ]
    return sorted(rows, key=lambda row: (row["township"], row["medicine"] or "~"))
