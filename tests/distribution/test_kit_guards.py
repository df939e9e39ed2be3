"""The database's own guards of kits, tried with plain SQL: each refuses by its name, and lets in once it is gone."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from core.short_codes import new_short_code
from distribution.models import Dispensing
from inventory.models import Side
from inventory.models.kits import KitTemplate
from inventory.services.kits import Part, make_template, pack_kits
from tests.distribution.stock import stock
from tests.plain_sql import NOW, Books, Breach, Breaches, drop_guard, execute, insert, refused_by
from tests.world import TODAY, World

breaks = Breaches()


class Kits(Books):
    """Two kits of six tablets at a village clinic, fourteen loose tablets beside them, and an unpacked kit."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        village = world.villages[0]
        act = world.act("clinic")
        self.batch_a = stock(world, 20, place=village, side=Side.CLINIC).pk
        self.other = stock(world, 5, place=village, side=Side.CLINIC, medicine=world.paracetamol).pk
        parts = [Part(world.ibuprofen.pk, 6, 3)]
        self.template = make_template(act=act, name="健康包", shelf_days=30, parts=parts)
        packed = pack_kits(act=act, place=village, template=self.template, number=2)
        self.ours, self.theirs = (kit.pk for kit in packed)
        self.village = village.pk
        self.there = {"place_id": self.village, "side": "clinic"}
        self.shelf, self.given = (self.account(state, **self.there) for state in ("available", "dispensed"))
        self.inside, self.inside_theirs = (
            self.account("reserved", kit_id=kit, **self.there) for kit in (self.ours, self.theirs)
        )
        self.empty = self.kit()

    def kit(self, **columns: Any) -> int:
        return insert(
            "inventory_kit",
            **{
                "county_id": self.county,
                "place_id": self.village,
                "template_id": self.template.pk,
                "code": new_short_code(),
                "state": "packed",
                "packed_by": 1,
                "packed_on": TODAY,
                "reason": "",
                "command": uuid.uuid4(),
                **columns,
            },
        )

    def paper(self, kit: int) -> dict[str, Any]:
        return {"document_type": "kit", "document_id": kit}

    def emptied(self) -> None:
        self.move("unreserve", self.inside, self.shelf, 6, self.batch_a, **self.paper(self.ours))

    def end(self, state: str, kit: int | None = None) -> int:
        return execute(
            "UPDATE inventory_kit SET state = %s, ended_by = 1, ended_on = %s WHERE id = %s",
            [state, TODAY, kit or self.ours],
        )

    def hand_out(self, units: int) -> Dispensing:
        given = Dispensing.objects.create(
            county_id=self.county, place_id=self.village, dispensed_on=TODAY, booked_on=TODAY, age_band="15-64",
            collected_by="self", dispensed_by=1, recorded_at=NOW, kit_id=self.ours,
        )  # fmt: skip
        insert(
            "distribution_dispensingline", county_id=self.county, dispensing_id=given.pk, batch_id=self.batch_a,
            quantity=units, days_supply=3, prescriber="", flagged="",
        )  # fmt: skip
        return given


@breaks("account_owner_iff_promised")
def shelf_of_a_kit(s: Kits) -> int:
    return s.account("available", kit_id=s.ours, **s.there)


@breaks("account_owner_iff_promised")
def promise_to_kit_and_shipment(s: Kits) -> int:
    shipment = s.shipment(from_place_id=s.village, from_side="clinic")
    return s.account("reserved", shipment, kit_id=s.ours, **s.there)


@breaks("account_owner_iff_promised")
def kit_on_the_road(s: Kits) -> int:
    return s.account("in_transit", kit_id=s.ours, **s.there)


@breaks("movement_own_kit")
def take_from_a_kit_under_the_paper_of_another(s: Kits) -> int:
    return s.move("unreserve", s.inside, s.shelf, 1, s.batch_a, **s.paper(s.theirs))


@breaks("movement_own_kit")
def take_from_a_kit_under_no_paper(s: Kits) -> int:
    return s.move("unreserve", s.inside, s.shelf, 1, s.batch_a)


@breaks("movement_own_kit", "movement_own_reservation")
def send_what_is_in_a_kit(s: Kits) -> int:
    shipment = s.shipment(from_place_id=s.village, from_side="clinic")
    road = s.account("in_transit", shipment, **s.there)
    paper = {"document_type": "shipment", "document_id": shipment}
    return s.move("dispatch", s.inside, road, 1, s.batch_a, **paper)


@breaks("movement_step_known")
def hand_out_of_a_kit_in_part(s: Kits) -> int:
    return s.move("dispense", s.inside, s.given, 1, s.batch_a, **s.paper(s.ours))


@breaks("kit_within_template")
def pack_more_than_the_template_says(s: Kits) -> int:
    return s.move("reserve", s.shelf, s.inside, 1, s.batch_a, **s.paper(s.ours))


@breaks("kit_within_template")
def pack_what_the_template_does_not_name(s: Kits) -> int:
    return s.move("reserve", s.shelf, s.inside, 1, s.other, **s.paper(s.ours))


@breaks("kit_filled_where_packed")
def fill_a_kit_that_ended(s: Kits) -> int:
    s.end("unpacked", s.empty)
    inside = s.account("reserved", kit_id=s.empty, **s.there)
    return s.move("reserve", s.shelf, inside, 1, s.batch_a, **s.paper(s.empty))


@breaks("kit_filled_where_packed", "movement_own_kit")
def fill_a_kit_at_another_place(s: Kits) -> int:
    batch = s.batch()
    s.accept(5, batch)
    inside = s.account("reserved", kit_id=s.empty)
    return s.move("reserve", s.account("available"), inside, 1, batch, **s.paper(s.empty))


@breaks("kit_ends_empty")
def end_a_kit_that_is_full(s: Kits) -> int:
    return s.end("unpacked")


@breaks("kit_moves_on")
def pack_a_kit_again(s: Kits) -> int:
    s.end("unpacked", s.empty)
    return execute(
        "UPDATE inventory_kit SET state = 'packed', ended_by = NULL, ended_on = NULL WHERE id = %s", [s.empty]
    )


@breaks("kit_moves_on")
def give_a_kit_another_code(s: Kits) -> int:
    return execute("UPDATE inventory_kit SET state = 'unpacked', ended_by = 1, ended_on = %s,"
                   " code = 'K7M9P2Q4X' WHERE id = %s", [TODAY, s.empty])  # fmt: skip


@breaks("kit_packed_first")
def begin_with_the_end(s: Kits) -> int:
    return s.kit(state="unpacked", ended_by=1, ended_on=TODAY)


@breaks("kit_packed_first")
def pack_from_a_retired_template(s: Kits) -> int:
    KitTemplate.objects.filter(pk=s.template.pk).update(retired_by=1, retired_on=TODAY)
    return s.kit()


@breaks("kit_code_opaque")
def code_with_a_pattern(s: Kits) -> int:
    return s.kit(code="AAAA23456")


@breaks("kit_handed_out_whole")
def hand_out_without_a_hand_out(s: Kits) -> int:
    s.emptied()
    return s.end("handed_out")


@breaks("kit_handed_out_whole")
def hand_out_less_than_the_whole(s: Kits) -> int:
    s.emptied()
    s.hand_out(5)
    return s.end("handed_out")


@breaks("kit_handed_out_whole")
def unpack_what_was_handed_out(s: Kits) -> int:
    s.emptied()
    s.hand_out(6)
    return s.end("unpacked")


@breaks("dispensing_of_one_kit")
def hand_out_a_kit_twice(s: Kits) -> int:
    s.hand_out(6)
    return s.hand_out(6).pk


@breaks("kit_template_retired_once")
def rename_a_template(s: Kits) -> int:
    return execute("UPDATE inventory_kittemplate SET name = '另一个' WHERE id = %s", [s.template.pk])


@breaks("kit_template_name_once")
def template_of_a_name_in_use(s: Kits) -> int:
    return insert(
        "inventory_kittemplate", county_id=s.county, name="健康包", shelf_days=1, made_by=1, made_on=TODAY,
        command=uuid.uuid4(),
    )  # fmt: skip


@breaks("kit_template_in_use")
def put_more_into_a_template_in_use(s: Kits) -> int:
    return insert(
        "inventory_kittemplateline", county_id=s.county, template_id=s.template.pk,
        medicine_id=s.world.paracetamol.pk, quantity=1, days_supply=1,
    )  # fmt: skip


@breaks("inventory_kittemplateline_append_only")
def put_less_into_a_template(s: Kits) -> int:
    return execute("UPDATE inventory_kittemplateline SET quantity = 1")


@pytest.fixture
def kits(world: World) -> Kits:
    return Kits(world)


@pytest.mark.parametrize("breach", breaks, ids=str)
def test_breach_refused_by_its_guard(kits: Kits, breach: Breach) -> None:
    with refused_by(breach.guard):
        breach.attempt(kits)


@pytest.mark.parametrize("breach", breaks, ids=str)
def test_breach_goes_in_without_its_guard(kits: Kits, breach: Breach) -> None:
    for guard in (breach.guard, *breach.behind):
        drop_guard(guard)

    assert breach.attempt(kits)
