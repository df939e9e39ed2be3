"""What the county lets an institution keep of a medicine, and what it has kept so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet, Sum

from core.commands import Act
from distribution.models.local_use import LocalUseRule
from inventory.models import Side, State, StockDay
from organisation.models import Place

ALL = 100


@dataclass(frozen=True)
class Allowance:
    """`left` more units may be kept of a medicine, by a rule of so many percent."""

    percent: int
    left: int


def allowances(county_id: str, place: Place, medicines: Iterable[int]) -> dict[int, Allowance]:
    """What a place may still keep of these medicines for which a share or none is set; others are absent.

    The share is of all units that came into its store, by sorting or by a shipment, those taken back left out; units
    kept count whatever became of them. Three statements.
    """
    wanted = set(medicines)
    rules = LocalUseRule.objects.filter(
        Q(medicine__in=wanted) | Q(medicine__isnull=True), county_id=county_id
    )
    percents: dict[int | None, int] = {rule.medicine_id: rule.percent for rule in rules}
    usual = percents.get(None, ALL)
    shares = {pk: percents.get(pk, usual) for pk in wanted}
    shares = {pk: percent for pk, percent in shares.items() if percent < ALL}
    came, kept = _moved(county_id, place, shares)
    return {
        pk: Allowance(percent, max(0, came[pk] * percent // 100 - kept[pk])) for pk, percent in shares.items()
    }


def _moved(county_id: str, place: Place, medicines: Iterable[int]) -> tuple[Counter[int], Counter[int]]:
    """Units by medicine that came into the store of a place, and those that it kept for its own patients."""
    days = StockDay.objects.filter(county_id=county_id, medicine__in=list(medicines))
    store, clinic = str(Side.STORE), str(Side.CLINIC)
    arrived = Q(to_place=place, to_side=store, to_state__in=[State.AVAILABLE, State.HELD])
    arrived &= Q(from_state__in=[State.DONATED, State.IN_TRANSIT])
    taken_back = Q(from_place=place, from_side=store, to_state=State.DONATED)
    here = Q(from_place=place, to_place=place)
    over, back = Q(from_side=store, to_side=clinic), Q(from_side=clinic, to_side=store)
    rows = (
        days.values("medicine_id")
        .annotate(
            came=Sum("quantity", filter=arrived, default=0) - Sum("quantity", filter=taken_back, default=0),
            kept=Sum("quantity", filter=here & over, default=0)
            - Sum("quantity", filter=here & back, default=0),
        )
        .order_by()
    )
    came: Counter[int] = Counter()
    kept: Counter[int] = Counter()
    for row in rows:
        came[row["medicine_id"]], kept[row["medicine_id"]] = row["came"], row["kept"]
    return came, kept


def rules_of(county_id: str) -> QuerySet[LocalUseRule]:
    return (
        LocalUseRule.objects.filter(county_id=county_id).select_related("medicine").order_by("medicine__code")
    )


def set_rules(*, act: Act, percents: Mapping[int | None, int]) -> None:
    """Set the county's shares by medicine; None is the rule for all that have none of their own. One statement."""
    LocalUseRule.objects.bulk_create(
        (
            LocalUseRule(
                county_id=act.county_id, medicine_id=pk, percent=percent, set_by=act.actor_id, set_on=act.on
            )
            for pk, percent in sorted(percents.items(), key=lambda pair: pair[0] or 0)
        ),
        update_conflicts=True,
        unique_fields=["county", "medicine"],
        update_fields=["percent", "set_by", "set_on"],
    )
