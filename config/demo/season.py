"""The season day by day."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable
from dataclasses import dataclass

from config.demo.boxes import read_boxes
from config.demo.giving import Giving
from config.demo.hours import tell_hours
from config.demo.households import Households, medicines_given
from config.demo.parts import Part, side_by_side
from config.demo.sharing import Sharing
from config.demo.sorting import Sorting
from config.demo.stage import Stage
from config.demo.telling import Telling
from config.housekeeping import keep_stock
from donations.models import Campaign
from donations.services.campaigns import open_campaign
from organisation.models import County, Role

Report = Callable[[str], None]
BULLETIN_DAYS = {15, 30}


@dataclass(frozen=True)
class Size:
    """How much happens: donations and hand-outs in all, over so many days; `lots` and `collected` as for Households.

    Stock is shared out from the day `first_plan` (0 is the first), every `plan_every` days, each time by every
    centre or until the last time in turns by every other one. So many `processes` play it side by side.
    """

    donations: int
    handouts: int
    days: int = 35
    lots: int = 4
    collected: int = 1
    first_plan: int = 13
    plan_every: int = 12
    every_centre: bool = False
    processes: int = 2

    @property
    def plan_days(self) -> range:
        return range(self.first_plan, self.days, self.plan_every)

    def households(self, chance: random.Random, lots: int) -> Households:
        return Households(chance, medicines_given(), lots=lots, collected=self.collected)


SMALL = Size(60, 80, days=21, processes=1)
SIZES = {
    "522633": {
        "": Size(800, 1500),
        "full": Size(
            5_500, 60_000, days=45, lots=12, collected=10, first_plan=7, plan_every=4, every_centre=True
        ),
    },
    "611022": {"": SMALL, "full": SMALL},
}
NAMES = ("", "full")


def play_season(county: County, size: Size, *, until: datetime.date, report: Report) -> None:
    """Play the season so that it ends on the day `until`; its processes must see each other's rows."""
    stage = Stage(county, seed=int(county.pk))
    read_boxes(seed=1)
    first = until - datetime.timedelta(days=size.days - 1)
    tell_hours(stage, first)
    campaign = _open(stage, first, until)
    Sharing(stage).count_people(first)
    side_by_side(size.processes, lambda part: _Playing(county, campaign, size, part).play(first, report))
    keep_stock(county.pk, until)


class _Playing:
    """One part of the season."""

    def __init__(self, county: County, campaign: Campaign, size: Size, part: Part) -> None:
        self.stage = stage = Stage(county, seed=int(county.pk) + part.index, part=part)
        self.size, self.part = size, part
        households = size.households(stage.chance, lots=part.share(size.lots))
        self.giving = Giving(stage, campaign, households)
        self.sorting, self.sharing, self.telling = Sorting(stage), Sharing(stage), Telling(stage, campaign)

    def play(self, first: datetime.date, report: Report) -> None:
        """Day by day; what all parts brought on a day is there before any of it is sorted, shared or told."""
        county, size = self.stage.county, self.size
        for day in range(size.days):
            on = first + datetime.timedelta(days=day)
            self.giving.day(on, share_of_day(size.donations, day, size.days))
            self.giving.bring_to_pharmacies(on)
            self.part.meet()
            self._at_the_pharmacies(day, on)
            self.sharing.hand_out(
                on, share_of_day(size.handouts, day - size.first_plan, size.days - size.first_plan)
            )
            if self.part.leads:
                report(f"{county.name} {on} {day + 1}/{size.days}")
        self.part.meet()

    def _at_the_pharmacies(self, day: int, on: datetime.date) -> None:
        size = self.size
        if day % 2 or day in size.plan_days:
            self.sorting.day(on)
        if day % 4 == 1 and self.part.leads:
            self.stage.let_planner_look()
        if day in BULLETIN_DAYS:
            self.telling.publish(on)
        if day in size.plan_days:
            self.sharing.ask(on)
            self.part.meet()
            self.sharing.share_out(on, every_centre=size.every_centre or day == size.plan_days[-1])


def _open(stage: Stage, first: datetime.date, until: datetime.date) -> Campaign:
    county = stage.county
    return stage.play(
        stage.staff(Role.ADMINISTRATOR),
        first,
        "api/v1/campaigns/",
        lambda act: open_campaign(
            act=act,
            code=f"C-{county.pk}-1",
            name=f"{county.name}群众余药捐赠",
            starts_on=first,
            ends_on=until + datetime.timedelta(days=60),
            donee=stage.pharmacies[0],
            coordinator=f"{county.name}卫生健康局",
            contact=f"{county.name}卫生健康局办公室",
            supervision_phone="12345",  # 政务服务便民热线, the same in every county
        ),
    )


def share_of_day(total: int, day: int, days: int) -> int:
    """The part of a total that falls on one day, so that the days add up to it; none before the first."""
    if day < 0:
        return 0
    return total * (day + 1) // days - total * day // days
