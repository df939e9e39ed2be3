"""What each work unit of a county handed in, and those who gave without one.

Units stand in official order, that of their categories and of the county's list, never ranked; nobody is urged to
give (公益事业捐赠法 art. 4), so a unit that gave nothing is not listed. Only names of the county's list are shown:
what a clerk typed as a unit may be anything. Of people there is their number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Q, Sum

from donations.identity import Identity
from donations.models import CustodyEntry, CustodyKind, Donation, Donor
from donations.queries import identities_of
from organisation.models import WorkUnit
from organisation.unit_lists import unit_key
from reports.across import SPANS, Units, across, told_units
from reports.details import SIGNED
from reports.figures import Period
from reports.files.boxes import Weights

# Who gives without a unit of the county's list, in the order in which they stand after it.
UNLISTED, NO_UNIT, ANONYMOUS = "unlisted", "no_unit", "anonymous"
Spans = Mapping[str, Period]


@dataclass
class HandIns:
    """What one unit handed in within a span: donations, the people who brought them, units by medicine."""

    donations: int = 0
    people: int = 0
    registered: Units = field(default_factory=Counter)

    def content(self, weights: Weights) -> dict[str, Any]:
        return {
            "donations": self.donations,
            "people": self.people,
            **across("registered", self.registered, weights),
            "registered": told_units(self.registered),
        }


def hand_ins_by_unit(county: str, spans: Spans) -> Iterator[tuple[dict[str, str], dict[str, HandIns]]]:
    """Each unit in official order with its hand-ins, then those of no unit of the list; none that gave nothing."""
    listed = list(
        WorkUnit.objects.filter(county_id=county)
        .select_related("category")
        .order_by(F("category_id").asc(nulls_last=True), "pk")
    )
    told = _hand_ins(county, spans, {unit.name_key: str(unit.pk) for unit in listed})
    heads = {
        str(unit.pk): {
            "group": "unit",
            "category": unit.category.name if unit.category else "",
            "name": unit.name,
        }
        for unit in listed
    }
    heads |= {group: {"group": group, "category": "", "name": ""} for group in (UNLISTED, NO_UNIT, ANONYMOUS)}
    for key, head in heads.items():
        if key in told:
            yield head, told[key]


def _hand_ins(county: str, spans: Spans, listed: Mapping[str, str]) -> dict[str, dict[str, HandIns]]:
    """Hand-ins by unit, or by group of those who belong to none of the list."""
    since, now = spans["cumulative"], spans["this_period"]
    donations, registered = _donations(county, since, now), _registered(county, since, now)
    kinds = {donor: kind for donor, kind, *_counts in donations}
    kinds |= {donor: kind for donor, kind, *_sums in registered}
    groups = _groups(kinds, listed)
    told = {group: {name: HandIns() for name in SPANS} for group in groups.values()}
    for donor, kind, *counts in donations:
        for name, count in zip(SPANS, counts, strict=True):
            told[groups[donor]][name].donations += count
            told[groups[donor]][name].people += kind == Donor.Kind.PERSON and count > 0
    for donor, _kind, code, *sums in registered:
        for name, units in zip(SPANS, sums, strict=True):
            told[groups[donor]][name].registered[code] += units
    return told


def _donations(county: str, since: Period, now: Period) -> list[tuple[int, str, int, int]]:
    """Each donor with its kind and how many donations it made, now and ever."""
    donations = Donation.objects.filter(
        county_id=county, found_in__isnull=True, booked_on__range=(since.start, since.end)
    ).order_by()
    counted = donations.values_list("donor_id", "donor__kind").annotate(
        now=Count("pk", filter=Q(booked_on__gte=now.start)), ever=Count("pk")
    )
    return list(counted)


def _registered(county: str, since: Period, now: Period) -> list[tuple[int, str, str, int, int]]:
    """Each donor with its kind, a medicine and the units of it that were registered, now and ever."""
    entries = CustodyEntry.objects.filter(
        county_id=county,
        booked_on__range=(since.start, since.end),
        kind__in=[CustodyKind.REGISTERED, CustodyKind.CORRECTED],
        item__isnull=False,
    ).order_by()
    given = "item__donation__"
    summed = entries.values_list(f"{given}donor_id", f"{given}donor__kind", "item__medicine__code").annotate(
        now=Sum(SIGNED, filter=Q(booked_on__gte=now.start)), ever=Sum(SIGNED)
    )
    return [(donor, kind, code or "", units or 0, whole) for donor, kind, code, units, whole in summed]


def _groups(kinds: Mapping[int, str], listed: Mapping[str, str]) -> dict[int, str]:
    """The unit of each donor, or of which group without one it is."""
    people = identities_of(donor for donor, kind in kinds.items() if kind != Donor.Kind.ANONYMOUS)
    return {donor: _group(kind, people.get(donor, Identity()), listed) for donor, kind in kinds.items()}


def _group(kind: str, person: Identity, listed: Mapping[str, str]) -> str:
    if kind == Donor.Kind.ANONYMOUS:
        return ANONYMOUS
    name = person.work_unit or (person.name if kind == Donor.Kind.WORK_UNIT else "")
    if not name:
        return NO_UNIT
    return listed.get(unit_key(name), UNLISTED)
