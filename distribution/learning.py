"""What the books say of how clinics use their medicines: what moved on their shelves and what was handed out.

Each read takes a constant number of statements, of which none grows with the age of the books.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db.models import Sum

from distribution.consumption import Moved, Use, days_with_stock, window
from distribution.models import DispensingLine
from inventory.models import Balance, Side, State, StockDay

# A place and a medicine, by their ids.
Pair = tuple[int, int]
# What is packed in kits can be handed out too.
ON_SHELF = (State.AVAILABLE, State.RESERVED)
HERE = ("account__place_id", "batch__medicine_id")


def uses_at(
    county_id: str, clinics: Sequence[int], on: datetime.date
) -> dict[Pair, tuple[Use, frozenset[datetime.date]]]:
    """What each of these clinics handed out of each medicine in the days looked at, and the days with stock.

    Only of medicines of which it handed anything out; four statements, one where nobody did.
    """
    handed_out = handed_out_at(county_id, clinics, window(on))
    if not handed_out:
        return {}
    moved, standing = moved_at(county_id, clinics, window(on)[0]), _standing(county_id, clinics)
    uses = {}
    for pair, units in handed_out.items():
        days = days_with_stock(on, standing.get(pair, 0), moved.get(pair, {}), units)
        uses[pair] = Use(sum(units.values()), len(days)), days
    return uses


def _standing(county_id: str, clinics: Sequence[int]) -> Mapping[Pair, int]:
    shelves = Balance.objects.filter(
        county_id=county_id, account__place__in=clinics, account__side=Side.CLINIC, state__in=ON_SHELF
    ).order_by()
    rows = shelves.values_list(*HERE).annotate(units=Sum("quantity"))
    return {(place, medicine): units for place, medicine, units in rows}


def moved_at(county_id: str, clinics: Sequence[int], first: datetime.date) -> Mapping[Pair, Moved]:
    """Units that came onto and left each shelf, by day of the books."""
    days = StockDay.objects.filter(county_id=county_id, booked_on__gte=first).order_by()
    moved: dict[Pair, dict[datetime.date, tuple[int, int]]] = defaultdict(dict)
    for index, end in enumerate(("to", "from")):
        here = {f"{end}_place__in": clinics, f"{end}_side": Side.CLINIC, f"{end}_state__in": ON_SHELF}
        rows = days.filter(**here).values_list(f"{end}_place_id", "medicine_id", "booked_on")
        for place, medicine, day, units in rows.annotate(units=Sum("quantity")):
            both = list(moved[place, medicine].get(day, (0, 0)))
            both[index] = units
            moved[place, medicine][day] = (both[0], both[1])
    return moved


def handed_out_at(
    county_id: str, clinics: Sequence[int], days: tuple[datetime.date, datetime.date]
) -> Mapping[Pair, Mapping[datetime.date, int]]:
    """Units handed out and not taken back, by the day of the hand-out."""
    lines = DispensingLine.objects.filter(
        county_id=county_id,
        dispensing__county_id=county_id,
        dispensing__place__in=clinics,
        dispensing__dispensed_on__range=days,
        dispensing__reversed_by__isnull=True,
    ).order_by()
    rows = lines.values_list("dispensing__place_id", "batch__medicine_id", "dispensing__dispensed_on")
    found: dict[Pair, dict[datetime.date, int]] = defaultdict(dict)
    for place, medicine, day, units in rows.annotate(units=Sum("quantity")):
        found[place, medicine][day] = units
    return found
