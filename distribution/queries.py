"""Reads of the distribution room."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    When,
)
from django.db.models.functions import Coalesce

from catalogue.models import Medicine
from catalogue.queries import recalls_of_row
from core.errors import NotFound
from distribution.models import (
    ClinicProfile,
    Dispensing,
    DispensingLine,
    NeedLine,
    NeedSheet,
    Plan,
    PlanLine,
    PlanShare,
    Shipment,
    ShipmentLine,
)
from inventory.models import Balance, Side, State
from inventory.queries.recalls import RecalledBatches, recalled_batches
from organisation.access import Access
from organisation.models import Place


def medicines_stored_at(county_id: str, places: Iterable[Place]) -> QuerySet[Medicine]:
    """What is available in the stores of these places, by code."""
    stored = Balance.objects.filter(
        county_id=county_id,
        account__place__in=[place.pk for place in places],
        account__side=Side.STORE,
        state=State.AVAILABLE,
        quantity__gt=0,
    )
    return Medicine.objects.filter(pk__in=stored.values("batch__medicine")).order_by("code")


def townships_within(access: Access) -> set[str] | None:
    """The townships a person's planning is limited to, or None where a role of theirs covers the county."""
    granted = [grant for grant in access.reach.grants if grant.role in access.roles]
    if any(grant.place_id is None and grant.township_id is None for grant in granted):
        return None
    return {grant.township_id for grant in granted if grant.township_id}


def plans_within(access: Access, on: datetime.date) -> QuerySet[Plan]:
    """The county's plans, or those of one's own townships, newest first, with their totals.

    `recalled_lines` and `expired_lines` are lines that cannot be carried out any more: of a draft those planned, of
    an approved plan those that have not arrived.
    """
    plans = Plan.objects.filter(county_id=access.county_id).order_by("-id")
    townships = townships_within(access)
    if townships is not None:
        plans = plans.filter(township__in=townships)
    return plans.annotate(**_stopped(access.county_id, on), **_totals())


def _stopped(county_id: str, on: datetime.date) -> dict[str, Any]:
    """What of a plan cannot be carried out any more."""
    lines, recalled, past = _lines(), recalled_batches(county_id), Q(batch__last_usable_day__lt=on)
    coming = ShipmentLine.objects.filter(
        shipment__plan=OuterRef("pk"),
        shipment__state__in=[Shipment.State.RESERVED, Shipment.State.DISPATCHED],
    )
    promised = coming.order_by().values("shipment__plan")
    lapsed = Shipment.objects.filter(plan=OuterRef("pk"), expired_on__isnull=False).order_by().values("plan")
    return {
        "expired_shipments": _whole(lapsed.annotate(n=Count("pk")).values("n")),
        "recalled_lines": _blocked(
            lines.filter(_recalled(recalled, "from_place")),
            promised.filter(_recalled(recalled, "shipment__from_place")),
        ),
        "expired_lines": _blocked(lines.filter(past), promised.filter(past)),
    }


def _totals() -> dict[str, Any]:
    lines = _lines()
    return {
        "total_lines": _whole(lines.annotate(n=Count("pk")).values("n")),
        "total_quantity": _whole(lines.annotate(n=Sum("quantity")).values("n")),
        "total_clinics": _whole(lines.annotate(n=Count("clinic", distinct=True)).values("n")),
        "total_medicines": _whole(lines.annotate(n=Count("batch__medicine", distinct=True)).values("n")),
    }


def _lines() -> QuerySet[Any, Any]:
    """The lines of a plan that give anything."""
    return PlanLine.objects.filter(plan=OuterRef("pk"), quantity__gt=0).order_by().values("plan")


def _recalled(recalled: RecalledBatches, place: str) -> Q:
    """A condition on lines of which the batch may not be used at their place any more."""
    blocked = Q(batch__in=recalled.by_place.get(None, ()))
    for place_id, batches in recalled.by_place.items():
        if place_id is not None:
            blocked |= Q(("batch__in", list(batches)), (place, place_id))
    return blocked


def _blocked(planned: QuerySet[Any, Any], promised: QuerySet[Any, Any]) -> Case:
    """How many lines of a plan these are: of what it promised once it is approved, else of what it plans."""
    return Case(
        When(state=Plan.State.APPROVED, then=_whole(promised.annotate(n=Count("pk")).values("n"))),
        When(state=Plan.State.CANCELLED, then=0),
        default=_whole(planned.annotate(n=Count("pk")).values("n")),
    )


def _whole(rows: QuerySet[Any, Any]) -> Coalesce:
    return Coalesce(Subquery(rows, output_field=IntegerField()), 0)


def plan_within(access: Access, pk: int, on: datetime.date) -> Plan:
    plan = plans_within(access, on).filter(pk=pk).first()
    if plan is None:
        raise NotFound
    return plan


def lines_of(plan: Plan) -> QuerySet[PlanLine]:
    """Who gets what from which shelf, in delivery order."""
    return (
        PlanLine.objects.filter(plan=plan)
        .annotate(recalled=Exists(recalls_of_row("batch__", "from_place")))
        .select_related("from_place", "clinic", "batch__medicine")
        .order_by("clinic__township_id", "clinic__code", "batch__medicine__code", "id")
    )


def shares_of(plan: Plan) -> QuerySet[PlanShare]:
    """What each clinic gets of each medicine and why, in delivery order.

    `group_allotted`: what it gets of all that stand in for each other, in units of this medicine.
    """
    courses = ExpressionWrapper(F("allotted") / F("course"), BigIntegerField())
    group = PlanShare.objects.filter(plan=plan, clinic=OuterRef("clinic"), group=OuterRef("group")).order_by()
    together = Subquery(group.values("group").annotate(n=Sum(courses)).values("n"), BigIntegerField())
    both = ExpressionWrapper(together * F("course"), BigIntegerField())
    return (
        PlanShare.objects.filter(plan=plan)
        .annotate(group_allotted=Case(When(group="", then=F("allotted")), default=both))
        .select_related("clinic", "medicine")
        .order_by("clinic__township_id", "clinic__code", "medicine__code")
    )


def need_sheets_at(places: QuerySet[Place]) -> QuerySet[NeedSheet]:
    lines = NeedLine.objects.select_related("medicine").order_by("medicine__code")
    return (
        NeedSheet.objects.filter(place__in=places)
        .select_related("place")
        .prefetch_related(Prefetch("lines", queryset=lines))
        .order_by("-period_start", "place__code")
    )


def profiles_of(places: QuerySet[Place]) -> QuerySet[ClinicProfile]:
    rows = ClinicProfile.objects.filter(place__in=places).select_related("place")
    return rows.order_by("place__township_id", "place__code")


def profile_of(place: Place) -> ClinicProfile:
    profile = ClinicProfile.objects.filter(place=place).first()
    if profile is None:
        raise NotFound
    profile.place = place
    return profile


def shipments_of(places: QuerySet[Place]) -> QuerySet[Shipment]:
    """Shipments that these places send or are to receive, newest first, with their lines."""
    recalls = recalls_of_row("batch__", "shipment__from_place", "shipment__to_place")
    lines = (
        ShipmentLine.objects.annotate(recalled=Exists(recalls))
        .select_related("batch__medicine")
        .order_by("id")
    )
    return (
        Shipment.objects.filter(Q(from_place__in=places) | Q(to_place__in=places))
        .select_related("from_place", "to_place")
        .prefetch_related(Prefetch("lines", queryset=lines))
        .order_by("-id")
    )


def shipment_of(places: QuerySet[Place], pk: int) -> Shipment:
    shipment = shipments_of(places).filter(pk=pk).first()
    if shipment is None:
        raise NotFound
    return shipment


def shipment_on_paper(places: QuerySet[Place], pk: int) -> Shipment:
    """A shipment with all that its papers print."""
    recalls = recalls_of_row("batch__", "shipment__from_place", "shipment__to_place")
    lines = ShipmentLine.objects.annotate(recalled=Exists(recalls)).select_related(
        "batch__medicine", "batch__product"
    )
    shipment = (
        Shipment.objects.filter(Q(from_place__in=places) | Q(to_place__in=places), pk=pk)
        .select_related("from_place", "to_place")
        .prefetch_related(Prefetch("lines", queryset=lines))
        .first()
    )
    if shipment is None:
        raise NotFound
    return shipment


def dispensings_at(places: QuerySet[Place]) -> QuerySet[Dispensing]:
    """Hand-outs of these places, newest first, with their lines."""
    lines = DispensingLine.objects.select_related("batch__medicine").order_by("id")
    return (
        Dispensing.objects.filter(place__in=places)
        .select_related("place")
        .prefetch_related(Prefetch("lines", queryset=lines))
        .order_by("-id")
    )


def dispensing_at(places: QuerySet[Place], pk: int) -> Dispensing:
    dispensing = dispensings_at(places).filter(pk=pk).first()
    if dispensing is None:
        raise NotFound
    return dispensing
