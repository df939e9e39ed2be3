"""What clinics have, as anyone may read it where the county's policy allows: names and a level, no quantities.

Off by default, for who reads that something is there runs for it. Quantities are not told at all: from one minute to
the next they would tell what one person was handed. Read from the balances, without locks; a constant number of
statements.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from typing import Any

from django.db.models import Q, Sum

from catalogue.models import Medicine
from catalogue.queries import usual_packs
from inventory.models import Balance, Side, State
from organisation.models import Place, Policy

# Fewer boxes of the usual size than these are few.
FEW_BOXES = 5
FEW, SOME, UNKNOWN = "few", "some", "unknown"
# Of each clinic or township its units by medicine.
Shelves = defaultdict[str, Counter[str]]


def clinic_stock(policy: Policy, on: datetime.date) -> dict[str, Any] | None:
    """Which medicines can be handed out today, `by` township or clinic; None where the policy does not allow it.

    `rows`: of each township or clinic that has anything its medicines with their `level`: `few` is fewer than five
    boxes of the usual size in all, `unknown` that this size is not known.
    """
    if policy.public_clinic_stock == Policy.ClinicStock.OFF:
        return None
    clinics = policy.public_clinic_stock == Policy.ClinicStock.CLINICS
    places = Place.objects.filter(county_id=policy.county_id, hands_out=True, active=True)
    heads: dict[str, dict[str, Any]] = {}
    shelves: Shelves = defaultdict(Counter)
    standing = _standing(policy.county_id, on)
    for place in places.select_related("township").order_by("township", "code"):
        head = {"township": place.township_id or "", "name": place.township.name if place.township else ""}
        if clinics:
            head |= {"place": place.code, "place_name": place.name}
        key = place.code if clinics else str(head["township"])
        if standing[place.pk]:
            heads.setdefault(key, head)
            shelves[key].update(standing[place.pk])
    return {"by": policy.public_clinic_stock, "rows": _rows(policy.county_id, heads, shelves)}


def _standing(county: str, on: datetime.date) -> defaultdict[int, Counter[str]]:
    """Units on the shelves of each place that can be handed out on the day, by medicine."""
    usable = Q(batch__last_usable_day__gte=on) | Q(batch__last_usable_day__isnull=True)
    found = Balance.objects.filter(
        usable, county_id=county, account__county_id=county, account__side=Side.CLINIC, state=State.AVAILABLE,
        quantity__gt=0,
    ).order_by()  # fmt: skip
    units: defaultdict[int, Counter[str]] = defaultdict(Counter)
    summed = found.values_list("account__place_id", "batch__medicine__code").annotate(n=Sum("quantity"))
    for place, medicine, quantity in summed:
        units[place or 0][medicine] += quantity
    return units


def _rows(county_id: str, heads: dict[str, dict[str, Any]], shelves: Shelves) -> list[dict[str, Any]]:
    codes = {code for units in shelves.values() for code in units}
    medicines = {each.code: each for each in Medicine.objects.filter(code__in=codes)}
    packs = usual_packs(county_id, codes)
    return [
        {
            **head,
            "medicines": [
                {
                    "medicine": code,
                    "generic_name": medicines[code].generic_name,
                    "strength": medicines[code].strength,
                    "level": _level(units, packs.get(code)),
                }
                for code, units in sorted(shelves[key].items())
            ],
        }
        for key, head in heads.items()
    ]


def _level(units: int, pack: int | None) -> str:
    if pack is None:
        return UNKNOWN
    return FEW if units < FEW_BOXES * pack else SOME
