"""Drafting a plan, changing it line by line, and handing it in."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import F, Sum
from django.utils.translation import gettext as _

from catalogue.expiry import is_usable
from catalogue.models import Medicine
from core.commands import Act
from core.errors import Fault, NotFound
from distribution.drafting import DraftLine, Rules
from distribution.errors import (
    ExpiredMeanwhile,
    NobodyToSupply,
    NothingToShare,
    PeriodOver,
    ReasonNeeded,
    WrongPlanState,
)
from distribution.interchangeable import groups_of
from distribution.known_needs import Need
from distribution.models import Plan, PlanLine, PlanShare
from distribution.needs import course_units
from distribution.place_needs import safety_of, weights_of
from distribution.services.needs import check_version
from distribution.services.plan_drafts import Draft, drafts_of
from distribution.situation import Situation, situation_of, tiers_of
from inventory.errors import Recalled, ShortStock
from inventory.models import Balance, Side, State
from inventory.queries.recalls import recalled_batches
from organisation.models import Place, Policy
from organisation.queries import policy_of


@dataclass(frozen=True)
class PlanOrder:
    """What a planner asks for; no medicines means all that is in stock.

    Horizon, groups of interchangeable medicines and need bands are the county's own where None is given.
    """

    level: str
    from_places: Sequence[Place]
    period_start: datetime.date
    period_end: datetime.date
    medicines: Sequence[Medicine] = ()
    horizon_days: int | None = None
    township_id: str | None = None
    interchangeable: Sequence[Sequence[str]] | None = None
    bands: Sequence[int] | None = None


def draft_plan(*, act: Act, order: PlanOrder) -> Plan:
    """Draft a plan of who gets what, with the reason of every share. Nothing is reserved by it."""
    if order.period_end < act.on:
        raise PeriodOver(pointer="/period")
    policy, planned = policy_of(act.county_id), [medicine.code for medicine in order.medicines]
    groups = groups_of(act.county_id, planned) if order.interchangeable is None else order.interchangeable
    plan = Plan.objects.create(
        county_id=act.county_id,
        level=order.level,
        township_id=order.township_id,
        from_places=[place.code for place in order.from_places],
        medicines=planned,
        interchangeable=[sorted(group) for group in groups],
        bands=list(policy.bands if order.bands is None else order.bands),
        period_start=order.period_start,
        period_end=order.period_end,
        horizon_days=order.horizon_days or policy.horizon_days,
        planned_by=act.actor_id,
        planned_on=act.on,
    )
    _fill(act, plan, policy)
    return plan


def recompute_plan(*, act: Act, plan: Plan) -> Plan:
    """Draft anew from today's stock and needs; changes made by hand are given up.

    Groups and bands stay those that the plan was drafted by.
    """
    plan = locked_plan(plan, Plan.State.DRAFT, Plan.State.SUBMITTED)
    PlanLine.objects.filter(plan=plan).delete()
    PlanShare.objects.filter(plan=plan).delete()
    plan.state, plan.planned_by, plan.planned_on = Plan.State.DRAFT, act.actor_id, act.on
    plan.version += 1
    plan.save(update_fields=["state", "planned_by", "planned_on", "version"])
    _fill(act, plan, policy_of(plan.county_id))
    return plan


def change_line(
    *, act: Act, plan: Plan, line_id: int, quantity: int, reason: str, version: int | None = None
) -> PlanLine:
    """Change how much one line gives, with the reason; the shelf must still carry the plan.

    What has expired since the draft was made can only be taken out of it; of what was recalled since, less may be
    given and no more.
    """
    plan = locked_plan(plan, Plan.State.DRAFT)
    check_version(plan.version, version)
    line = PlanLine.objects.select_related("batch__medicine", "clinic", "from_place").filter(
        plan=plan, pk=line_id
    ).first()  # fmt: skip
    if line is None:
        raise NotFound
    if quantity != line.drafted and not reason:
        raise ReasonNeeded(pointer="/reason")
    _check_fit(act, line, quantity)
    _check_shelf_carries(line, quantity)
    PlanShare.objects.filter(plan=plan, clinic=line.clinic_id, medicine=line.batch.medicine_id).update(
        allotted=F("allotted") + (quantity - line.quantity)
    )
    line.quantity, line.reason, line.changed_by = quantity, reason, act.actor_id
    line.save(update_fields=["quantity", "reason", "changed_by"])
    plan.version += 1
    plan.save(update_fields=["version"])
    return line


def submit_plan(*, act: Act, plan: Plan) -> Plan:
    """Hand a draft in for approval by another person."""
    plan = locked_plan(plan, Plan.State.DRAFT)
    if not PlanLine.objects.filter(plan=plan, quantity__gt=0).exists():
        raise NothingToShare
    plan.state, plan.version = Plan.State.SUBMITTED, plan.version + 1
    plan.save(update_fields=["state", "version"])
    return plan


def locked_plan(plan: Plan, *states: Plan.State) -> Plan:
    """The plan as it is now, locked, if it is in one of these states."""
    current = Plan.objects.select_for_update().get(pk=plan.pk)
    if current.state not in states:
        raise WrongPlanState
    return current


def _fill(act: Act, plan: Plan, policy: Policy) -> None:
    """Write the engine's lines, shares, cuts and leftovers; a constant number of statements."""
    suppliers = list(Place.objects.filter(county_id=plan.county_id, code__in=plan.from_places))
    situation = situation_of(plan, policy=policy, suppliers=suppliers, on=act.on)
    if not situation.medicines:
        raise NothingToShare
    if not next(iter(situation.wants.values())):
        raise NobodyToSupply
    bands = tuple(plan.bands) or (100,)
    rules = Rules(act.on, plan.horizon_days, *safety_of(policy), bands=bands)
    drafts = drafts_of(plan, situation, rules)
    PlanLine.objects.bulk_create(line for draft in drafts for line in _lines(plan, draft.lines, situation))
    PlanShare.objects.bulk_create(share for draft in drafts for share in _shares(plan, draft, situation))
    plan.cuts = {
        "rules": rules.published(),
        "weights_in_halves": asdict(weights_of(policy)),
        "tiers": tiers_of(policy),
        "medicines": {draft.key: draft.published for draft in drafts},
    }
    plan.leftovers = [left for draft in drafts for left in draft.leftovers]
    plan.save(update_fields=["cuts", "leftovers"])


def _lines(plan: Plan, lines: Sequence[DraftLine], situation: Situation) -> list[PlanLine]:
    return [
        PlanLine(
            county_id=plan.county_id,
            plan=plan,
            from_place=situation.places[line.place],
            clinic=situation.places[line.clinic],
            batch_id=line.batch_id,
            quantity=line.quantity,
            drafted=line.quantity,
        )
        for line in lines
    ]


def _shares(plan: Plan, draft: Draft, situation: Situation) -> list[PlanShare]:
    return [
        PlanShare(
            county_id=plan.county_id,
            plan=plan,
            clinic=situation.places[share.want.clinic],
            medicine=medicine,
            group=draft.group,
            course=course_units(medicine.smallest_unit),
            need=share.want.need,
            **_known(share.want.known),
            on_hand=share.want.on_hand,
            own_stock=_dated(share.want.own_stock),
            transit_days=share.want.transit_days,
            tier=share.want.tier,
            requested=share.want.requested,
            drafted=share.allotted,
            allotted=share.allotted,
            limited_by=share.limited_by,
            explanation_zh=share.explanation_zh,
            explanation_en=share.explanation_en,
        )
        for medicine, shares in draft.shares
        for share in shares
    ]


def _dated(own_stock: Iterable[tuple[datetime.date | None, int]]) -> list[dict[str, Any]]:
    """What of it expires, day by day."""
    units = Counter[datetime.date]()
    for day, quantity in own_stock:
        if day and quantity:
            units[day] += quantity
    return [{"last_usable_day": str(day), "quantity": units[day]} for day in sorted(units)]


def _known(need: Need | None) -> dict[str, Any]:
    """From what a share's need is known, as it is kept with it."""
    if need is None:
        return {}
    return {
        "need_basis": need.basis,
        "need_formula": need.formula,
        "learned_days": need.days,
        "rate_units": None if need.daily_rate is None else need.daily_rate.numerator,
        "rate_days": None if need.daily_rate is None else need.daily_rate.denominator,
        "safety_percent": need.safety_percent,
    }


def left_on_shelf(line: PlanLine) -> int:
    """Available units of the line's batch on its shelf that its plan does not give away; below zero if it does."""
    there = Balance.objects.filter(
        account__place=line.from_place_id,
        account__side=Side.STORE,
        state=State.AVAILABLE,
        batch=line.batch_id,
    ).aggregate(units=Sum("quantity"))["units"]
    given = PlanLine.objects.filter(
        plan=line.plan_id, from_place=line.from_place_id, batch=line.batch_id
    ).aggregate(units=Sum("quantity"))["units"]
    return (there or 0) - (given or 0)


def _check_fit(act: Act, line: PlanLine, quantity: int) -> None:
    batch = line.batch
    in_date = is_usable(batch.last_usable_day, act.on, requires_expiry=batch.medicine.requires_expiry)
    if quantity and not in_date:
        raise ExpiredMeanwhile(pointer="/quantity")
    if quantity > line.quantity and batch.pk in recalled_batches(act.county_id, [batch.pk]).at(
        line.from_place_id
    ):
        raise Recalled(pointer="/quantity")


def _check_shelf_carries(line: PlanLine, quantity: int) -> None:
    left = left_on_shelf(line)
    if quantity > line.quantity and left < quantity - line.quantity:
        message = _("The shelf can give this line at most %(most)d.") % {"most": max(line.quantity + left, 0)}
        raise ShortStock(faults=[Fault("/quantity", ShortStock.code, message)])
