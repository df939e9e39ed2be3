"""The data of the benchmark: 从江县 with its places, people who are signed in, and as many items as are asked for.

Everything goes through the services, so that the ledger's guards have seen it; the chances come from one seed.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, TypeVar

from django.db import connection

from catalogue.models import Medicine
from catalogue.services import load_medicines
from config.demo.households import container_of
from config.demo.stage import GROWING, Stage
from core.commands import Act
from core.days import local_day
from donations.custody import Step, write_custody
from donations.identity import Identity
from donations.intake import DonationDraft, ItemDraft
from donations.models import Campaign, Custody, CustodyKind, Item
from donations.services.registration import register_donation
from inventory.checklist import CHECKLIST
from inventory.judgement import DecisionDraft
from inventory.ledger import Entry, Shelf, post
from inventory.models import Kind, Side, SortingDecision, State
from inventory.services.sorting import ItemSorting, sort_all
from organisation.authentication import issue_token
from organisation.loading import load_county
from organisation.models import Place, Policy, Role, RoleGrant

T = TypeVar("T")
AT_ONCE = 200
PERSON = {"kind": "person", "name": "捐赠人", "phone": "13800138000", "township": None, "work_unit": ""}


class County:
    """The county on the bench."""

    def __init__(self, seed: int) -> None:
        load_medicines()
        self.stage = Stage(load_county("522633", village_points=12), seed)
        self.chance = self.stage.chance
        self.today = local_day(self.stage.county.time_zone)
        self.policy = Policy.objects.get(county=self.stage.county)
        self.hospital = Place.objects.get(code="P-522633-01")
        self.centres = [place for place in self.stage.places if place.sorts and place.hands_out]
        self.campaign, _made = Campaign.objects.get_or_create(
            county=self.stage.county,
            code="C-522633-1",
            defaults={
                "name": "余药捐赠",
                "starts_on": self.today - datetime.timedelta(days=30),
                "ends_on": self.today + datetime.timedelta(days=60),
                "donee": self.hospital,
                "coordinator": "从江县卫生健康局",
            },
        )
        self._tokens: dict[tuple[Role, int], str] = {}

    @cached_property
    def medicines(self) -> list[Medicine]:
        """What anybody may give and take: no prescription needed, accepted in blisters."""
        return [
            medicine
            for medicine in Medicine.objects.filter(donation_default="accept").order_by("code")
            if container_of(medicine) == "blister" and not (medicine.by_prescription or medicine.is_device)
        ]

    def token(self, role: Role, place: Place) -> str:
        key = (role, place.pk)
        if key not in self._tokens:
            self._tokens[key], _row = issue_token(self.stage.staff(role, place))
        return self._tokens[key]

    def token_everywhere(self, role: Role) -> str:
        """One person who has this role at every health centre."""
        person = self.stage.staff(role, self.centres[0])
        RoleGrant.objects.bulk_create(
            (
                RoleGrant(person=person, county=self.stage.county, role=role, place=place)
                for place in self.centres[1:]
            ),
            ignore_conflicts=True,
        )
        return self.token(role, self.centres[0])

    def play(self, role: Role, place: Place, work: Callable[[Act], T]) -> T:
        return self.stage.play(self.stage.staff(role, place), self.today, "bench/", work)

    def item(self) -> dict[str, Any]:
        """An item of a donation as the API takes it, of one of fifty lots of its medicine."""
        medicine = self.chance.choice(self.medicines)
        days = 200 + 10 * self.chance.randrange(50)
        day = self.today + datetime.timedelta(days=days)
        return {
            "medicine": medicine.code,
            "description": medicine.generic_name,
            "specification": medicine.strength,
            "lot_number": f"{day:%y%m%d}",
            "lot_state": "read",
            "expiry": f"有效期至{day:%Y年%m月%d日}",
            "expiry_state": "read",
            "quantity": self.chance.randint(6, 48),
            "opened": True,
            "container": "blister",
        }

    def donation(self, items: int) -> dict[str, Any]:
        """A donation as the API takes it."""
        return {
            "campaign": self.campaign.code,
            "place": self.hospital.code,
            "received_on": str(self.today),
            "unfit": "return",
            "source_confirmed": True,
            "donor": {**PERSON, "name": f"捐赠人{self.chance.randrange(10**6)}"},
            "items": [self.item() for _n in range(items)],
        }

    def counted(self, count: int, place: Place | None = None, quantity: int | None = None) -> list[Item]:
        """So many items that stand counted at a pharmacy, ready to be sorted."""
        items: list[Item] = []
        while len(items) < count:
            items += self._counted(min(AT_ONCE, count - len(items)), place or self.hospital, quantity)
        return items

    def _counted(self, count: int, place: Place, quantity: int | None) -> list[Item]:
        by_code = {medicine.code: medicine for medicine in self.medicines}
        fields = [self.item() | ({"quantity": quantity} if quantity else {}) for _n in range(count)]
        draft = DonationDraft(
            received_on=self.today,
            items=[ItemDraft(**{**item, "medicine": by_code[item["medicine"]]}) for item in fields],
            kind="person",
            source_confirmed=True,
            identity=Identity(name="捐赠人"),
        )
        _donation, judged = self.play(
            Role.CLERK,
            place,
            lambda act: register_donation(
                act=act, place=place, campaign=self.campaign, policy=self.policy, draft=draft
            ),
        )
        items = [item for item, _judgement in judged]
        counts = [
            Step(CustodyKind.RECEIVED, Custody.AT_POINT, Custody.COUNTED, item.quantity, place.pk, item.pk)
            for item in items
        ]
        self.play(Role.CHECKER, place, lambda act: write_custody(counts, act=act))
        return items

    def accepted(self, items: Sequence[Item], place: Place) -> list[SortingDecision]:
        """Sort these items into the store of a pharmacy."""
        made: list[SortingDecision] = []
        for start in range(0, len(items), AT_ONCE):
            here = Place.objects.filter(pk=place.pk)
            sortings = [ItemSorting(item.pk, [_accepting(item)]) for item in items[start : start + AT_ONCE]]
            rows = self.play(
                Role.PHARMACIST,
                place,
                lambda act, here=here, sortings=sortings: sort_all(  # type: ignore[misc]
                    act=act, policy=self.policy, places=here, sortings=sortings
                ),
            )
            made += [row for decisions in rows for row in decisions]
        return made

    @cached_property
    def shelves(self) -> list[tuple[Place, SortingDecision]]:
        """Much of many batches in the dispensing rooms of the health centres."""
        made = []
        for centre in self.centres:
            decisions = self.accepted(self.counted(10, centre, quantity=900_000), centre)
            kept = [_keeping(decision) for decision in decisions]
            self.play(Role.PHARMACIST, centre, lambda act, kept=kept: post(kept, act=act))  # type: ignore[misc]
            made += [(centre, decision) for decision in decisions]
        return made

    def grow(self, items: int) -> None:
        """Books of so many items that were given, counted and sorted at the hospital."""
        self.accepted(self.counted(items), self.hospital)
        self.let_planner_look()

    def let_planner_look(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(GROWING)}")


def accepting(item: Item) -> dict[str, Any]:
    """The decision to accept an item whole, as the API takes it."""
    return {
        "outcome": "accept",
        "quantity": item.quantity,
        "medicine": item.medicine.code if item.medicine else None,
        "lot_number": item.lot_number,
        "expiry": item.expiry_raw,
        "pack": "opened",
        "container": item.container,
        "checklist": dict.fromkeys(CHECKLIST, True),
    }


def _accepting(item: Item) -> DecisionDraft:
    """With a reason, which so many boxes of one donor ask for."""
    return DecisionDraft(**{**accepting(item), "medicine": item.medicine, "reason": "药师核对后接收"})


def _keeping(decision: SortingDecision) -> Entry:
    return Entry(
        Kind.LOCAL_USE,
        decision.batch_id or 0,
        decision.quantity,
        Shelf(decision.place_id, Side.STORE, State.AVAILABLE),
        Shelf(decision.place_id, Side.CLINIC, State.AVAILABLE),
        "local_use",
    )
