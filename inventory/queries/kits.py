"""Kit templates, kits, and what is in them."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence

from django.db.models import Prefetch, QuerySet

from catalogue.expiry import is_usable
from core.errors import NotFound
from inventory.models import Balance, State
from inventory.models.kits import Kit, KitTemplate, KitTemplateLine
from organisation.models import Place


def templates_of(county_id: str) -> QuerySet[KitTemplate]:
    """The county's templates with their lines, newest first."""
    return KitTemplate.objects.filter(county_id=county_id).prefetch_related(_lines("lines")).order_by("-id")


def template_of(county_id: str, pk: int) -> KitTemplate:
    template = templates_of(county_id).filter(pk=pk).first()
    if template is None:
        raise NotFound
    return template


def kits_at(places: QuerySet[Place]) -> QuerySet[Kit]:
    """Kits of these places, newest first, with their templates."""
    return (
        Kit.objects.filter(place__in=places)
        .select_related("place", "template")
        .prefetch_related(_lines("template__lines"))
        .order_by("-id")
    )


def kit_at(places: QuerySet[Place], pk: int) -> Kit:
    kit = kits_at(places).filter(pk=pk).first()
    if kit is None:
        raise NotFound
    return kit


def packed_with(places: QuerySet[Place], kit: Kit) -> QuerySet[Kit]:
    """Kits of these places that were packed in one go with this one and are still packed, in their order."""
    return kits_at(places).filter(command=kit.command, state=Kit.State.PACKED).order_by("id")


def contents_of(kits: Collection[int]) -> QuerySet[Balance]:
    """What is in these kits, batch by batch, first to expire first."""
    return (
        Balance.objects.filter(state=State.RESERVED, account__kit__in=kits, quantity__gt=0)
        .select_related("account", "batch__medicine")
        .order_by("batch__medicine__code", "batch__last_usable_day", "batch_id")
    )


def contents_by_kit(kits: Sequence[Kit]) -> dict[int, list[Balance]]:
    """The same by the kit's number; one statement."""
    inside: dict[int, list[Balance]] = defaultdict(list)
    for row in contents_of([kit.pk for kit in kits]):
        inside[row.account.kit_id or 0].append(row)
    return inside


def is_whole(kit: Kit, contents: Sequence[Balance]) -> bool:
    """Whether a kit still holds all that its template says: what is recalled, held or expired was taken out of it."""
    there: Counter[int] = Counter()
    for row in contents:
        there[row.batch.medicine_id] += row.quantity
    return all(there[line.medicine_id] == line.quantity for line in kit.template.lines.all())


def is_in_date(kit: Kit, contents: Sequence[Balance], on: datetime.date) -> bool:
    """Whether everything in a kit lasts for the days it is taken, begun on this day."""
    days = {line.medicine_id: line.days_supply for line in kit.template.lines.all()}
    return all(
        is_usable(
            row.batch.last_usable_day,
            on,
            days.get(row.batch.medicine_id, 1),
            requires_expiry=row.batch.medicine.requires_expiry,
        )
        for row in contents
    )


def _lines(path: str) -> Prefetch[str]:
    return Prefetch(path, queryset=KitTemplateLine.objects.select_related("medicine").order_by("id"))
