"""The drafts of a plan: of each medicine by itself, and of each group of interchangeable ones together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from catalogue.models import Medicine
from distribution.allocation import AllocationInputError
from distribution.drafting import DraftLine, DraftShare, Rules, draft_medicine
from distribution.errors import BeyondAllocation
from distribution.group_drafting import Member, draft_group
from distribution.models import Plan
from distribution.needs import course_units
from distribution.situation import Situation

Drafted = TypeVar("Drafted")


@dataclass(frozen=True)
class Draft:
    """What the engine proposes for one medicine, or for one group.

    `key`: the code, or the codes of the group with a plus between them; by it the plan publishes `published`, the
    cuts and what else is needed to recompute a share. `group` is empty for a single medicine.
    """

    key: str
    group: str
    lines: list[DraftLine]
    shares: list[tuple[Medicine, list[DraftShare]]]
    published: dict[str, Any]
    leftovers: list[dict[str, Any]]


def drafts_of(plan: Plan, situation: Situation, rules: Rules) -> list[Draft]:
    """One draft for every medicine of the situation that stands alone, and for every group, in the order of codes.

    Raises BeyondAllocation where a figure is beyond what can be shared out.
    """
    known = {medicine.code: medicine for medicine in situation.medicines}
    groups = [[known[code] for code in group if code in known] for group in plan.interchangeable]
    grouped = {medicine.code for group in groups if len(group) > 1 for medicine in group}
    single = [_single(medicine, situation, rules) for code, medicine in known.items() if code not in grouped]
    together = [_together(group, situation, rules) for group in groups if len(group) > 1]
    return sorted([*single, *together], key=lambda draft: draft.key)


def _single(medicine: Medicine, situation: Situation, rules: Rules) -> Draft:
    wants, lots = situation.wants[medicine.pk], situation.lots.get(medicine.pk, [])
    least = course_units(medicine.smallest_unit)
    draft = _drafted(medicine.code, lambda: draft_medicine(medicine.code, wants, lots, rules, course=least))
    published = {"min_course": draft.min_course, "cuts": draft.cuts}
    return Draft(medicine.code, "", draft.lines, [(medicine, draft.shares)], published, draft.leftovers)


def _together(group: list[Medicine], situation: Situation, rules: Rules) -> Draft:
    members = [
        Member(medicine.code, medicine.generic_name, course_units(medicine.smallest_unit))
        for medicine in group
    ]
    wants = {medicine.code: situation.wants[medicine.pk] for medicine in group}
    lots = {medicine.code: situation.lots.get(medicine.pk, []) for medicine in group}
    key = "+".join(wants)
    draft = _drafted(key, lambda: draft_group(members, wants, lots, rules))
    published = {
        "min_course": 0,
        "cuts": draft.cuts,
        "units_of_a_course": {member.code: member.course for member in members},
    }
    shares = [(medicine, draft.shares[medicine.code]) for medicine in group]
    return Draft(key, key, draft.lines, shares, published, draft.leftovers)


def _drafted(key: str, draft: Callable[[], Drafted]) -> Drafted:
    try:
        return draft()
    except AllocationInputError as error:
        why = _("%(medicine)s: a figure is beyond what can be shared out (%(why)s).")
        raise BeyondAllocation(why % {"medicine": key, "why": error.message}) from error
