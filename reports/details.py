"""Tables A (接收) and B (分配): the rows behind the totals of table C, by day of booking. No donor stands in them.

`units` is the quantity: a column of that name stands in the way.
"""

from __future__ import annotations

from typing import Any, cast

from django.db.models import BigIntegerField, Case, F, QuerySet, Sum, When

from donations.models import Custody, CustodyEntry, CustodyKind
from inventory.models import Side
from reports.figures import Period
from reports.flows import WHOLE, Cut
from reports.models import TransferDay

Row = dict[str, Any]
MEDICINE = {
    "medicine": "medicine__code",
    "generic_name": "medicine__generic_name",
    "dosage_form": "medicine__dosage_form",
    "strength": "medicine__strength",
    "unit": "medicine__smallest_unit",
}
# A correction downwards leaves the books again.
SIGNED = Case(
    When(to_state=Custody.OUTSIDE, then=-F("quantity")),
    default=F("quantity"),
    output_field=BigIntegerField(),
)


def _named(path: str) -> dict[str, F]:
    return {name: F(f"{path}__{field}") for name, field in MEDICINE.items()}


def _within(cut: Cut, place: str, medicine: str) -> dict[str, frozenset[int]]:
    asked = {f"{place}__in": cut.places, f"{medicine}__in": cut.medicines}
    return {name: ids for name, ids in asked.items() if ids is not None}


def received_rows(county_id: str, period: Period, cut: Cut = WHOLE) -> QuerySet[Any, Row]:
    """Table A: what was registered, corrections netted, by day, medicine, maker, label and drop-off point.

    Adds up to `registered` of table C. Maker and label are those read at the counter.
    """
    entries = CustodyEntry.objects.filter(
        county_id=county_id,
        booked_on__range=(period.start, period.end),
        kind__in=[CustodyKind.REGISTERED, CustodyKind.CORRECTED],
        item__isnull=False,
        **_within(cut, "place", "item__medicine"),
    )
    rows = (
        entries.values(
            day=F("booked_on"),
            **_named("item"),
            manufacturer=F("item__manufacturer"),
            lot_number=F("item__lot_number"),
            last_usable_day=F("item__last_usable_day"),
            drop_off_point=F("place__code"),
            drop_off_point_name=F("place__name"),
        )
        .annotate(units=Sum(SIGNED))
        .exclude(units=0)
        .order_by(
            "booked_on", "item__medicine__code", "item__manufacturer", "item__lot_number", "item__last_usable_day",
            "place__code",
        )
    )  # fmt: skip
    return cast("QuerySet[Any, Row]", rows)  # the plugin cannot follow names given as a dict


def allotted_rows(county_id: str, period: Period, cut: Cut = WHOLE) -> QuerySet[Any, Row]:
    """Table B: what was allotted to each clinic, by day, medicine and batch; adds up to `allotted` of table C.

    Of places: what was allotted to them, which is `allotted_to` of their table C.
    """
    sent = TransferDay.objects.filter(
        county_id=county_id,
        booked_on__range=(period.start, period.end),
        from_side=Side.STORE,
        to_side=Side.CLINIC,
        **_within(cut, "to_place", "batch__medicine"),
    )
    rows = (
        sent.values(
            day=F("booked_on"),
            clinic=F("to_place__code"),
            clinic_name=F("to_place__name"),
            **_named("batch"),
            lot_number=F("batch__lot_number"),
            last_usable_day=F("batch__last_usable_day"),
        )
        .annotate(units=Sum("quantity"))
        .exclude(units=0)
        .order_by(
            "booked_on", "to_place__code", "batch__medicine__code", "batch__lot_number",
            "batch__last_usable_day",
        )
    )  # fmt: skip
    return cast("QuerySet[Any, Row]", rows)  # the plugin cannot follow names given as a dict
