"""What is known of what places need, read for a plan; and how a county weighs it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from catalogue.models import Medicine
from distribution.consumption import WINDOW_DAYS, window
from distribution.known_needs import Known, Need, Safety, need_of
from distribution.learning import uses_at
from distribution.models import ClinicProfile, Plan
from distribution.needs import People, Weights, estimated_need, formula
from distribution.shifts import Added, counted_days, crowd, days_words, shifts_touching
from organisation.models import Place, Policy


class PlaceNeeds:
    """What the books and the profiles say of what each of these places needs over a plan's horizon."""

    def __init__(
        self,
        plan: Plan,
        policy: Policy,
        profiles: Iterable[ClinicProfile],
        members: Sequence[int],
        on: datetime.date,
    ) -> None:
        self.horizon_days = plan.horizon_days
        self.weights, self.safety = weights_of(policy), safety_of(policy)
        self.people = {profile.place_id: people_of(profile) for profile in profiles}
        self.ahead = _shifts(plan, members, max(on, plan.period_start), plan.horizon_days)
        before = _shifts(plan, members, window(on)[0], WINDOW_DAYS)
        self.crowds = {
            member: crowd(plan.horizon_days, self.ahead.get(member, ()), before.get(member, ()))
            for member in members
        }
        self.uses = uses_at(plan.county_id, members, on)
        # Medicines of one kind are estimated alike: for children or not, and the unit a course is counted in.
        self._estimates: dict[tuple[int, bool, str], Known] = {}

    def known(self, member: int, medicine: Medicine) -> Known:
        """The estimate, and what was handed out there."""
        kind = member, medicine.paediatric, medicine.smallest_unit
        if kind not in self._estimates:
            self._estimates[kind] = self._estimated(*kind)
        estimate = self._estimates[kind]
        if (member, medicine.pk) not in self.uses:
            return estimate
        use, dates = self.uses[member, medicine.pk]
        return replace(estimate, use=use, dates=dates)

    def together(self, places: Iterable[Known]) -> Need:
        """The need of a place that receives for all of these."""
        return need_of(list(places), self.horizon_days, self.safety)

    def _estimated(self, member: int, paediatric: bool, smallest_unit: str) -> Known:
        ahead, ratio = self.ahead.get(member, ()), self.crowds[member]
        people = self.people.get(member)
        if people is None:
            return Known(crowd=ratio)
        estimate: dict[str, Any] = {
            "paediatric": paediatric,
            "smallest_unit": smallest_unit,
            "horizon_days": counted_days(self.horizon_days, ahead),
            "weights": self.weights,
        }
        told = formula(people, **estimate, days=days_words(self.horizon_days, ahead))
        return Known(estimated_need(people, **estimate), told, profiled=True, crowd=ratio)


def people_of(profile: ClinicProfile) -> People:
    return People(
        population=profile.population,
        children=profile.age_0_3 + profile.age_4_14,
        pregnant=profile.pregnant,
        red=profile.tier_red,
        yellow=profile.tier_yellow,
        green=profile.tier_green,
        fever_cases=profile.current_fever_cases,
    )


def weights_of(policy: Policy) -> Weights:
    """The county's points per person."""
    return Weights(
        red=policy.weight_red,
        yellow=policy.weight_yellow,
        green=policy.weight_green,
        pregnant=policy.weight_pregnant,
        fever_case=policy.weight_fever_case,
        child=policy.weight_child,
    )


def safety_of(policy: Policy) -> Safety:
    """How much of the expected use the county counts on."""
    return Safety(policy.safety_percent, policy.safety_learned_percent)


def _shifts(
    plan: Plan, members: Sequence[int], first: datetime.date, days: int
) -> Mapping[int, Sequence[Added]]:
    """Who comes or goes on so many days from the first; one statement, two more where people come or go."""
    places = Place.objects.filter(pk__in=members)  # not read where nobody comes or goes
    return shifts_touching(plan.county_id, places, first, days)
