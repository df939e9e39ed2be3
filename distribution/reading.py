"""What the books say of the shelves of some clinics, read once for all questions.

A constant number of statements, of which none grows with the age of the books.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet

from catalogue.models import Medicine
from distribution.consumption import WINDOW_DAYS, Held, Use, days_with_stock, window
from distribution.interchangeable import Basket, baskets_of
from distribution.known_needs import Known
from distribution.learning import HERE, ON_SHELF, Pair, handed_out_at, moved_at
from distribution.models import ClinicProfile
from distribution.needs import estimated_need, formula
from distribution.place_needs import people_of, weights_of
from distribution.shifts import counted_days, crowd, days_words, shifts_touching
from distribution.situation import goods_coming, requests_for
from distribution.supply import ShelfLot, Supply, in_group
from inventory.models import Balance, Side, State
from organisation.models import Place
from organisation.queries import policy_of


class Reading:
    """`pairs`: the clinics and medicines of which there is anything; `supply` and `whole` tell it of any."""

    def __init__(self, county_id: str, places: QuerySet[Place], on: datetime.date) -> None:
        self.on, self.policy = on, policy_of(county_id)
        self.weights = weights_of(self.policy)
        self.clinics = {place.pk: place for place in places.filter(hands_out=True, active=True)}
        clinics = list(self.clinics)
        self._read_shelves(county_id, clinics)
        self.coming: dict[Pair, list[Held]] = defaultdict(list)
        for place, medicine, day, units in goods_coming(county_id, clinics, Side.CLINIC):
            if day is None or day >= on:
                self.coming[place, medicine].append(Held(day, units))
        self.moved = moved_at(county_id, clinics, window(on)[0])
        self.handed_out = handed_out_at(county_id, clinics, window(on))
        self.requests = requests_for(clinics, on, on)
        self.pairs = {*self.lots, *self.coming, *self.handed_out, *self.requests}
        self._read_people(county_id, clinics)
        self._read_medicines(county_id)
        self._estimates: dict[tuple[int, bool, str], Known] = {}
        self._supplies: dict[Pair, Supply] = {}
        self._wholes: dict[tuple[int, str], Supply] = {}

    def basket(self, medicine: Medicine) -> Basket:
        return self._baskets[medicine.pk]

    def supply(self, place: int, medicine: Medicine) -> Supply:
        """What a clinic has and uses of a medicine, in its units."""
        pair = place, medicine.pk
        if pair not in self._supplies:
            self._supplies[pair] = Supply(
                self.on,
                self.policy,
                self._known(place, medicine),
                self.lots.get(pair, ()),
                self.coming.get(pair, ()),
                self.requests.get(pair),
            )
        return self._supplies[pair]

    def whole(self, place: int, basket: Basket) -> Supply:
        """The same of all that stand in for each other, in courses."""
        if not basket.is_group:
            return self.supply(place, basket.members[0])
        key = place, basket.key
        if key not in self._wholes:
            members = [(self.supply(place, each), basket.course(each)) for each in basket.members]
            self._wholes[key] = in_group(members)
        return self._wholes[key]

    def _known(self, place: int, medicine: Medicine) -> Known:
        pair = place, medicine.pk
        kind = place, medicine.paediatric, medicine.smallest_unit
        if kind not in self._estimates:
            self._estimates[kind] = self._estimated(*kind)
        handed_out = self.handed_out.get(pair, {})
        days = days_with_stock(self.on, self.standing.get(pair, 0), self.moved.get(pair, {}), handed_out)
        use = Use(sum(handed_out.values()), len(days))
        return replace(self._estimates[kind], use=use, dates=days)

    def _estimated(self, place: int, paediatric: bool, smallest_unit: str) -> Known:
        """From who is served; medicines of one kind are estimated alike."""
        people, ratio = self.people.get(place), self.crowds[place]
        if people is None:
            return Known(crowd=ratio)
        horizon, added = self.policy.horizon_days, self.added.get(place, ())
        estimate: dict[str, Any] = {
            "paediatric": paediatric,
            "smallest_unit": smallest_unit,
            "horizon_days": counted_days(horizon, added),
            "weights": self.weights,
        }
        told = formula(people, **estimate, days=days_words(horizon, added))
        return Known(estimated_need(people, **estimate), told, profiled=True, crowd=ratio)

    def _read_shelves(self, county_id: str, clinics: Sequence[int]) -> None:
        self.standing: dict[Pair, int] = defaultdict(int)
        self.lots: dict[Pair, list[ShelfLot]] = defaultdict(list)
        shelves = Balance.objects.filter(
            county_id=county_id,
            account__place__in=clinics,
            account__side=Side.CLINIC,
            state__in=ON_SHELF,
            quantity__gt=0,
        ).order_by("batch__last_usable_day", "batch_id")
        found = shelves.values_list(*HERE, "batch_id", "batch__last_usable_day", "quantity", "state")
        for place, medicine, batch, day, units, state in found:
            self.standing[place, medicine] += units
            if state == State.AVAILABLE and (day is None or day >= self.on):
                self.lots[place, medicine].append(ShelfLot(batch, Held(day, units)))

    def _read_people(self, county_id: str, clinics: Sequence[int]) -> None:
        profiles = list(ClinicProfile.objects.filter(place__in=clinics))
        self.people = {profile.place_id: people_of(profile) for profile in profiles}
        self.travel_minutes = {profile.place_id: profile.travel_minutes for profile in profiles}
        served, horizon = list(self.clinics.values()), self.policy.horizon_days
        self.added = shifts_touching(county_id, served, self.on, horizon)
        before = shifts_touching(county_id, served, window(self.on)[0], WINDOW_DAYS)
        # Once for each clinic, not for each of its medicines.
        self.crowds = {
            place: crowd(horizon, self.added.get(place, ()), before.get(place, ())) for place in clinics
        }

    def _read_medicines(self, county_id: str) -> None:
        """Those there is anything of, and what stands in for them."""
        named = Medicine.objects.filter(pk__in={medicine for _place, medicine in self.pairs})
        found = baskets_of(county_id, named)
        self._baskets = {member.pk: basket for basket in found for member in basket.members}
        self.medicines = {member.pk: member for basket in found for member in basket.members}
