"""The pharmacists' part of the season: what was counted is sorted, mostly into stock."""

from __future__ import annotations

import datetime

from catalogue.expiry import is_usable
from catalogue.queries import open_recalls
from config.demo.households import container_of
from config.demo.stage import Stage
from core.errors import DomainError
from donations.models import Item, ItemHoldings
from inventory.checklist import CHECKLIST
from inventory.judgement import DecisionDraft, Grounds, judge_decision
from inventory.queries.sorting import sorting_queue
from inventory.services.sorting import ItemSorting, sort_all
from organisation.models import Place, Policy, Role

AT_ONCE = 60
CHECKED = dict.fromkeys(CHECKLIST, True)


class Sorting:
    """Each pharmacy sorts what stands in its queue; now and then units are damaged or stay in doubt."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.policy = Policy.objects.get(county=stage.county)

    def day(self, on: datetime.date) -> None:
        """Sort everything that was counted by this day."""
        waiting = ItemHoldings.objects.filter(county=self.stage.county, counted__gt=0)
        busy = set(waiting.values_list("place_id", flat=True))
        self.recalls = open_recalls(self.stage.county.pk)
        for pharmacy in (place for place in self.stage.own(self.stage.pharmacies) if place.pk in busy):
            items = self._waiting(pharmacy)
            for start in range(0, len(items), AT_ONCE):
                self._sort(pharmacy, items[start : start + AT_ONCE], on)

    def _waiting(self, pharmacy: Place) -> list[Item]:
        queue = sorting_queue(self.stage.county.pk, Place.objects.filter(pk=pharmacy.pk))
        return [item for item in queue if item.holdings.counted]

    def _sort(self, pharmacy: Place, items: list[Item], on: datetime.date) -> None:
        here = Place.objects.filter(pk=pharmacy.pk)
        sortings = [ItemSorting(item.pk, self._decisions(item, on)) for item in items]
        self.stage.play(
            self.stage.staff(Role.PHARMACIST, pharmacy),
            on,
            "api/v1/sortings/",
            lambda act: sort_all(act=act, policy=self.policy, places=here, sortings=sortings),
        )

    def _decisions(self, item: Item, on: datetime.date) -> list[DecisionDraft]:
        units, luck, last_day = item.holdings.counted, self.stage.chance.random(), item.last_usable_day
        if luck < 0.03:
            is_past = last_day is not None and not is_usable(last_day, on)
            return [DecisionDraft("reject", units, reason="expired" if is_past else "damaged")]
        if luck < 0.04:
            return [DecisionDraft("hold", units, reason="批号模糊")]
        spoiled = 2 if luck < 0.07 and units > 4 else 0
        decisions = [self._accepted(item, units - spoiled)]
        if refused := self._refused(item, decisions[0], on):
            return [DecisionDraft("reject", units, reason=refused)]
        if spoiled:
            decisions.append(DecisionDraft("reject", spoiled, reason="damaged"))
        return decisions

    def _refused(self, item: Item, draft: DecisionDraft, on: datetime.date) -> str:
        """Why the rules do not let this be accepted; empty if they do."""
        try:
            judge_decision(item, draft, Grounds(self.policy, on, self.recalls))
        except DomainError as refusal:
            return refusal.faults[0].code
        return ""

    def _accepted(self, item: Item, units: int) -> DecisionDraft:
        medicine = item.medicine
        lot = item.lot_number or f"{item.last_usable_day:%y%m}01" if item.last_usable_day else ""
        return DecisionDraft(
            "accept",
            units,
            medicine=medicine,
            lot_number=lot if medicine and medicine.requires_lot else "",
            expiry=item.expiry_raw,
            pack="opened" if item.opened else "sealed",
            container=container_of(medicine) if medicine else "",
            reason="药师核对后接收" if item.outcome != "accept" else "",
            checklist=CHECKED,
        )
