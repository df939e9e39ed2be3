"""What each health centre with its village clinics was allotted, received and handed out, and what is overdue."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Min, Sum

from catalogue.models import Medicine
from distribution.models import Shipment
from inventory.models import Kind, Side, StockDay
from organisation.models import Place
from reports.across import SPANS, Units, across, told_units
from reports.figures import Period
from reports.files.boxes import Weights
from reports.flows import flows_between
from reports.models.flows import Measure

ARRIVED_WITHIN = datetime.timedelta(days=3)
MOVED = ("allotted", "received", "dispensed")
Spans = Mapping[str, Period]


@dataclass
class Passed:
    """What passed through one health centre with its village clinics within a span."""

    hand_outs: int = 0
    units: defaultdict[str, Units] = field(default_factory=lambda: defaultdict(Counter))

    def content(self, weights: Weights) -> dict[str, Any]:
        sums = [across(name, self.units[name], weights) for name in MOVED]
        return {
            "hand_outs": self.hand_outs,
            **{key: value for each in sums for key, value in each.items()},
            **{name: told_units(self.units[name]) for name in MOVED},
        }


def by_health_centre(
    county: str, spans: Spans, on: datetime.date
) -> Iterator[tuple[dict[str, Any], Mapping[str, Passed]]]:
    """Each health centre with the village clinics it looks after, and each other place that hands out, by code."""
    places = {place.pk: place for place in Place.objects.filter(county_id=county)}
    told: defaultdict[int, dict[str, Passed]] = defaultdict(lambda: {name: Passed() for name in SPANS})
    for name, span in spans.items():
        for place, figure, code, units in _passed(county, span):
            passed = told[_answers_for(places, place)][name]
            if figure == "hand_outs":
                passed.hand_outs += units
            else:
                passed.units[figure][code] += units
    late = _overdue(county, on, places)
    for pk in sorted({*told, *late}, key=lambda pk: places[pk].code):
        count, since = late.get(pk, (0, None))
        head = {"place": places[pk].code, "name": places[pk].name}
        yield {**head, "overdue": count, "overdue_since": since and str(since)}, told[pk]


def _answers_for(places: Mapping[int, Place], pk: int) -> int:
    place = places[pk]
    return place.parent_id if place.kind == Place.Kind.VILLAGE_CLINIC and place.parent_id else pk


def _passed(county: str, span: Period) -> Iterator[tuple[int, str, str, int]]:
    """Place, figure, medicine and units; the people handed something under `hand_outs`."""
    flows = flows_between(
        county, span.start, span.end, [Measure.ALLOTTED, Measure.DISPENSED, Measure.HAND_OUT_AT]
    )
    arrived = _arrived(county, span)
    codes = _codes({each.medicine_id for each in flows} | {medicine for _place, medicine, _units in arrived})
    for each in flows:
        if each.place_id is not None:
            figure = "hand_outs" if each.measure == Measure.HAND_OUT_AT else each.measure.value
            yield each.place_id, figure, codes.get(each.medicine_id, ""), each.flow.during
    for place, medicine, units in arrived:
        yield place, "received", codes[medicine], units


def _codes(ids: Iterable[int | None]) -> dict[int | None, str]:
    named = Medicine.objects.filter(pk__in=[pk for pk in ids if pk is not None])
    codes: dict[int | None, str] = dict(named.values_list("pk", "code"))
    return codes


def _arrived(county: str, span: Period) -> list[tuple[int, int, int]]:
    """What clinic sides received from stores, or kept for local use; what was taken back, netted."""
    days = StockDay.objects.filter(county_id=county, booked_on__range=(span.start, span.end)).order_by()
    came = days.filter(kind__in=[Kind.RECEIVE, Kind.LOCAL_USE], from_side=Side.STORE, to_side=Side.CLINIC)
    back = days.filter(kind=Kind.REVERSAL, from_side=Side.CLINIC, to_side=Side.STORE)
    sums: Counter[tuple[int, int]] = Counter()
    for place, medicine, units in came.values_list("to_place_id", "medicine_id").annotate(n=Sum("quantity")):
        sums[place, medicine] += units
    for place, medicine, units in back.values_list("from_place_id", "medicine_id").annotate(
        n=Sum("quantity")
    ):
        sums[place, medicine] -= units
    return [(place, medicine, units) for (place, medicine), units in sums.items() if units]


def _overdue(
    county: str, on: datetime.date, places: Mapping[int, Place]
) -> dict[int, tuple[int, datetime.date]]:
    """Shipments to clinic sides sent more than three days ago and not signed for, with the day of the oldest."""
    late = Shipment.objects.filter(
        county_id=county,
        to_side=Side.CLINIC,
        state=Shipment.State.DISPATCHED,
        dispatched_on__lt=on - ARRIVED_WITHIN,
    ).order_by()
    found: dict[int, tuple[int, datetime.date]] = {}
    for place, count, since in late.values_list("to_place_id").annotate(
        n=Count("pk"), first=Min("dispatched_on")
    ):
        pk = _answers_for(places, place)
        before, day = found.get(pk, (0, since))
        found[pk] = before + count, min(day, since)
    return found
