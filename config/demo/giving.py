"""The drop-off points' part of the season: what is brought is registered and taken to the pharmacy."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence

from config.demo.households import Households
from config.demo.stage import Stage
from donations.differences import LineCount
from donations.models import Campaign, CustodyEntry, CustodyKind, Donation
from donations.queries import donations_at
from donations.services.arrivals import count_at_pharmacy, receive_handover
from donations.services.handovers import hand_over
from donations.services.registration import register_donation, void_donation
from organisation.models import Place, Policy, Role


class Giving:
    """The donors' part: who brings what on a day, and what the clerks do with it."""

    def __init__(self, stage: Stage, campaign: Campaign, households: Households) -> None:
        self.stage, self.campaign, self.households = stage, campaign, households
        self.policy = Policy.objects.get(county=stage.county)

    def day(self, on: datetime.date, donations: int) -> None:
        """Register this part of the day's donations, each at some drop-off point; now and then one is taken back."""
        chance = self.stage.chance
        points = self.stage.own(self.stage.points)
        weights = [6 if place.kind in {"hospital", "office"} else 2 if place.sorts else 1 for place in points]
        for _n in range(self.stage.part.share(donations)):
            place = chance.choices(points, weights)[0]
            clerk = self.stage.staff(Role.CLERK, place)
            draft = self.households.draft(on)
            donation, _items = self.stage.play(
                clerk,
                on,
                "api/v1/donations/",
                lambda act, place=place, draft=draft: register_donation(  # type: ignore[misc]
                    act=act, place=place, campaign=self.campaign, policy=self.policy, draft=draft
                ),
            )
            if chance.random() < 0.01:
                self._void(donation, on)

    def _void(self, donation: Donation, on: datetime.date) -> None:
        places = Place.objects.filter(pk=donation.place_id)
        whole = donations_at(places).get(pk=donation.pk)
        if any(item.holdings.at_point for item in whole.items.all()):
            clerk = self.stage.staff(Role.CLERK, donation.place)
            self.stage.play(
                clerk, on, "api/v1/donations/<int:pk>/void/",
                lambda act: void_donation(act=act, donation=whole, reason="登记有误"),
            )  # fmt: skip

    def bring_to_pharmacies(self, on: datetime.date) -> None:
        """Points without a pharmacy hand over what waits; each pharmacy counts what came."""
        waiting: dict[int, list[Donation]] = defaultdict(list)
        for donation in (
            donations_at(Place.objects.filter(county=self.stage.county))
            .filter(items__holdings__at_point__gt=0)
            .distinct()
        ):
            waiting[donation.place_id].append(donation)
        for place in self.stage.own(self.stage.points):
            donations = waiting.get(place.pk, [])
            if not donations:
                continue
            if place.sorts:
                for donation in donations:
                    self._count(donation, place, on)
            else:
                self._carry(donations, place, on)

    def _count(self, donation: Donation, place: Place, on: datetime.date) -> None:
        counted = {
            item.pk: self._found(item.holdings.at_point)
            for item in donation.items.all()
            if item.holdings.at_point
        }
        self.stage.play(
            self.stage.staff(Role.CHECKER, place),
            on,
            "api/v1/donations/<int:pk>/count/",
            lambda act: count_at_pharmacy(act=act, donation=donation, policy=self.policy, counted=counted),
        )

    def _carry(self, donations: Sequence[Donation], place: Place, on: datetime.date) -> None:
        pharmacy = self.stage.pharmacy_of(place)
        handover = self.stage.play(
            self.stage.staff(Role.CLERK, place),
            on,
            "api/v1/handovers/",
            lambda act: hand_over(act=act, from_place=place, to_place=pharmacy, donations=donations),
        )
        declared: dict[tuple[str, int], int] = defaultdict(int)
        for entry in CustodyEntry.objects.filter(handover=handover, kind=CustodyKind.HANDED_OVER):
            line = ("group", entry.group_id) if entry.group_id else ("item", entry.item_id or 0)
            declared[line] += entry.quantity
        counted = {line: self._found(units) for line, units in declared.items()}
        self.stage.play(
            self.stage.staff(Role.CHECKER, pharmacy),
            on,
            "api/v1/handovers/<int:pk>/receive/",
            lambda act: receive_handover(act=act, handover=handover, policy=self.policy, counted=counted),
        )

    def _found(self, declared: int) -> LineCount:
        """Mostly what was declared; now and then some are missing or too many."""
        luck = self.stage.chance.random()
        if luck < 0.02:
            return LineCount(max(0, declared - self.stage.chance.randint(1, 3)), "unknown")
        return LineCount(declared + 1, "miscounted") if luck > 0.99 else LineCount(declared)
