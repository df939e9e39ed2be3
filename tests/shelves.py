"""A hundred units in stock and a little of everything else: where tests of the ledger's guards begin."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plain_sql import LAST_WEEK, LATER, YESTERDAY, Books, execute, insert
from tests.world import World


class Shelves(Books):
    """The hospital's books before a breach."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.batch_a = self.batch()
        self.accept(100, self.batch_a)
        self.donated, self.available, self.held = (
            self.account(state) for state in ("donated", "available", "held")
        )
        self.dispensed, self.destroyed, self.converted, self.adjusted = (
            self.account(state) for state in ("dispensed", "destroyed", "converted", "adjusted")
        )
        self.ours, self.theirs = self.shipment(), self.shipment()
        self.reserved, self.reserved_theirs = (self.account("reserved", s) for s in (self.ours, self.theirs))
        self.on_road, self.on_road_theirs = (self.account("in_transit", s) for s in (self.ours, self.theirs))
        self.at_centre = self.account("available", place_id=self.centre, side="clinic")
        for shipment, reserved, road in (
            (self.ours, self.reserved, self.on_road),
            (self.theirs, self.reserved_theirs, self.on_road_theirs),
        ):
            paper = {"document_type": "shipment", "document_id": shipment}
            self.move("reserve", self.available, reserved, 10, self.batch_a, **paper)
            self.move("dispatch", reserved, road, 4, self.batch_a, **paper)
        self.hold = self.move("hold", self.available, self.held, 7, self.batch_a)
        self.released = self.move(
            "reversal", self.held, self.available, 7, self.batch_a, reverses_id=self.hold
        )
        self.expired = self.batch(last_usable_day=YESTERDAY)
        self.accept(20, self.expired, business_day=LAST_WEEK)
        self.expired_kept()
        self.abroad = Abroad(world)

    def expired_kept(self) -> None:
        """Some of the expired batch was promised and sent while it was good, some is held."""
        paper = {"document_type": "shipment", "document_id": self.ours, "business_day": LAST_WEEK}
        self.move("reserve", self.available, self.reserved, 8, self.expired, **paper)
        self.move("dispatch", self.reserved, self.on_road, 4, self.expired, **paper)
        self.move("hold", self.available, self.held, 4, self.expired)

    def balance(self, account: int, state: str, quantity: int) -> int:
        return insert(
            "inventory_balance",
            county_id=self.county,
            account_id=account,
            batch_id=self.batch_a,
            state=state,
            quantity=quantity,
        )

    def paper(self) -> dict[str, Any]:
        return {"document_type": "shipment", "document_id": self.ours}


class Abroad(Books):
    """The neighbouring county, with a batch, a shelf, a decision and a movement of its own."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.county, self.here = world.neighbour.pk, world.foreign_place.pk
        self.there = insert(
            "organisation_place", county_id=self.county, code="P-522622-02", name="谷陇镇卫生院",
            kind="health_centre", takes_donations=False, sorts=True, hands_out=True, active=True, address="",
            phone="", opening_hours="", version=1,
        )  # fmt: skip
        self.campaign = insert(
            "donations_campaign", county_id=self.county, code="C-522622", name="余药捐赠", starts_on=LAST_WEEK,
            ends_on=LATER, donee_id=self.here, coordinator="黄平县卫生健康局", contact="", supervision_phone="",
            categories="[]", state="open", version=1, rhythm="",
        )  # fmt: skip
        self.batch_x = self.batch()
        self.item_x = self.accepted_item(50)
        self.decision_x = self.decision(self.item_x, self.batch_x, 50)
        self.shelf = self.account("available")
        self.movement_x = self.move(
            "accept", self.account("donated"), self.shelf, 50, self.batch_x, decision_id=self.decision_x
        )
        self.shipment_x = self.shipment(to_place_id=self.world.foreign_place.pk, to_side="clinic")

    def donation(self, **columns: Any) -> int:
        return super().donation(campaign_id=self.campaign, **columns)


@pytest.fixture(scope="module")
def standing(module_db: None) -> Shelves:
    return Shelves(World())


@pytest.fixture
def shelves(standing: Shelves, db: None) -> Shelves:
    """What stands for the whole file; each test has a savepoint of its own."""
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    return standing
