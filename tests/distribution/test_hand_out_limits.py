"""How much one hand-out and one fever may have: refused at the counter, marked where paper is entered later."""

from __future__ import annotations

import datetime
from collections import Counter
from typing import Any

import pytest

from catalogue.models import Medicine
from distribution.cautions import shared_ingredients
from distribution.models import Dispensing, DispensingLine
from distribution.models.limits import HandOutLimit
from inventory.models import Side
from organisation.models import County
from tests.cloned import cloned_db, together
from tests.distribution.stock import hand_out, stock
from tests.distribution.stories import statements
from tests.plain_sql import drop_guard, insert, refused_by
from tests.world import TODAY, World

__all__ = ["cloned_db"]
DAY = datetime.timedelta(days=1)


def limited(world: World, **figures: Any) -> None:
    """A hundred tablets at the first village clinic, and a limit on them."""
    stock(world, 100, place=world.villages[0], side=Side.CLINIC, since=TODAY - 30 * DAY)
    rule = {"medicine": "M009a", "per_fever": 6, **figures}
    assert world.signed("administrator").put("dispensing-limits/", {"rules": [rule]}).status_code == 200


def give(world: World, units: int, number: str = "12", **fields: Any) -> Any:
    lines = [{"medicine": "M009a", "quantity": units, "days_supply": 2}]
    return world.signed("clinic").post("dispensings/", hand_out(register_ref=number, lines=lines, **fields))


def test_one_fever_gets_so_much_whatever_the_number_of_hand_outs(world: World) -> None:
    limited(world)

    assert give(world, 4).status_code == 201
    over = give(world, 3)
    assert (over.status_code, over.json()["code"]) == (409, "more_than_limit")
    (fault,) = over.json()["errors"]
    assert (fault["pointer"], fault["message"]) == (
        "/lines/0/quantity", "限量6：该登记号此前已领4，本次3。",
    )  # fmt: skip
    assert Dispensing.objects.count() == 1
    assert [give(world, units, number).status_code for units, number in ((2, "12"), (6, "13"), (6, ""), (6, ""))] == [
        201, 201, 201, 201,
    ]  # fmt: skip
    assert give(world, 7, "").status_code == 409


def test_fever_ends_after_its_days_and_a_reversal_gives_back(world: World) -> None:
    limited(world, fever_days=3)
    assert give(world, 6, dispensed_on=str(TODAY - 3 * DAY)).status_code == 201
    given = give(world, 6)
    assert given.status_code == 201
    assert give(world, 1).status_code == 409

    world.signed("clinic").post(f"dispensings/{given.json()['id']}/reverse/")

    assert give(world, 6).status_code == 201


def test_late_entry_before_a_hand_out_counts_it_too(world: World) -> None:
    limited(world)
    assert give(world, 6).status_code == 201

    assert give(world, 1, dispensed_on=str(TODAY - DAY)).status_code == 409


def test_one_hand_out_gets_so_much_for_each_recipient(world: World) -> None:
    limited(world, per_fever=None, per_hand_out=6)

    assert [give(world, 7).status_code, give(world, 6).status_code, give(world, 6).status_code] == [
        409,
        201,
        201,
    ]
    assert [give(world, units, recipients=3).status_code for units in (18, 19)] == [201, 409]


def test_lines_of_one_medicine_add_up(world: World) -> None:
    limited(world)
    half = {"medicine": "M009a", "quantity": 4, "days_supply": 2}

    answer = world.signed("clinic").post("dispensings/", hand_out(lines=[half, half]))

    assert {fault["pointer"] for fault in answer.json()["errors"]} == {
        "/lines/0/quantity",
        "/lines/1/quantity",
    }


def test_paper_is_entered_all_the_same_and_marked(world: World) -> None:
    limited(world)
    day = str(TODAY - DAY)
    lines = [{"medicine": "M009a", "quantity": 8, "days_supply": 2}]
    notes = [
        hand_out(register_ref="1", dispensed_on=day, lines=lines),
        hand_out(register_ref="2", dispensed_on=day),
    ]

    answer = world.signed("clinic").post("dispensing-registers/", {"hand_outs": notes})

    assert answer.status_code == 201
    flags = DispensingLine.objects.order_by("id").values_list("dispensing__register_ref", "flagged")
    assert list(flags) == [("1", "over_limit"), ("2", "")]


def test_limits_are_the_countys_own_and_can_be_lifted(world: World) -> None:
    limited(world)
    neighbour = world.signed("administrator", foreign=True)
    neighbour.put("dispensing-limits/", {"rules": [{"medicine": "M009a", "per_hand_out": 1}]})
    assert give(world, 6).status_code == 201
    (shown,) = world.signed("clinic").get("dispensing-limits/").json()["results"]
    assert (shown["medicine"], shown["per_hand_out"], shown["per_fever"], shown["fever_days"]) == (
        "M009a",
        None,
        6,
        7,
    )

    world.signed("administrator").put("dispensing-limits/", {"rules": [{"medicine": "M009a"}]})

    assert give(world, 60).status_code == 201


def test_limits_with_bad_input_are_refused_whole(world: World) -> None:
    administrator = world.signed("administrator")
    fine = {"medicine": "M001b", "per_fever": 6}
    for bad, pointer in (
        ({"medicine": "NONE"}, "/rules/1/medicine"),
        (fine, "/rules/1/medicine"),
        ({"medicine": "M009a", "per_fever": 0}, "/rules/1/per_fever"),
        ({"medicine": "M009a", "per_fever": 1.5}, "/rules/1/per_fever"),
        ({"medicine": "M009a", "fever_days": 367}, "/rules/1/fever_days"),
    ):
        answer = administrator.put("dispensing-limits/", {"rules": [fine, bad]})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)
    assert HandOutLimit.objects.count() == 0


@pytest.mark.usefixtures("cloned_db")
def test_two_hand_outs_at_once_to_one_number_do_not_both_pass() -> None:
    world = World()
    limited(world)
    people = [world.signed("clinic", name=f"clinic {n}") for n in range(4)]
    lines = [{"medicine": "M009a", "quantity": 3, "days_supply": 2}]
    body = hand_out(register_ref="12", lines=lines)

    answers = together(
        [lambda person=person: person.post("dispensings/", body).status_code for person in people]
    )

    assert Counter(answers) == {201: 2, 409: 2}


@pytest.mark.usefixtures("cloned_db")
def test_hand_outs_of_different_batches_at_once_to_one_number_do_not_both_pass() -> None:
    """Each locks its own batch; the number's fever is told by all batches of the medicine."""
    world = World()
    limited(world)
    batches = [stock(world, 10, place=world.villages[0], side=Side.CLINIC, lot=f"B{n}") for n in range(4)]
    people = [world.signed("clinic", name=f"clinic {n}") for n in range(4)]

    def hand(number: int) -> int:
        lines = [{"batch": batches[number].pk, "quantity": 6, "days_supply": 2}]
        return people[number].post("dispensings/", hand_out(register_ref="12", lines=lines)).status_code

    answers = together([lambda number=number: hand(number) for number in range(4)])

    assert Counter(answers) == {201: 1, 409: 3}


def test_limits_cost_the_same_for_any_number_of_lines(world: World) -> None:
    limited(world)
    stock(world, 100, place=world.villages[0], side=Side.CLINIC, medicine=world.paracetamol, lot="P")
    clinic = world.signed("clinic")
    rules = [{"medicine": "M009a", "per_fever": 6}, {"medicine": "M001b", "per_fever": 6}]
    world.signed("administrator").put("dispensing-limits/", {"rules": rules})

    def post(number: str, *medicines: str) -> None:
        lines = [{"medicine": medicine, "quantity": 2, "days_supply": 2} for medicine in medicines]
        assert clinic.post("dispensings/", hand_out(register_ref=number, lines=lines)).status_code == 201

    one = statements(lambda: post("1", "M009a"))
    assert statements(lambda: post("2", "M009a", "M001b", "M009a")) == one


@pytest.mark.parametrize("figures", [{"per_fever": 0}, {"per_hand_out": 1_000_001}, {"fever_days": 0}])
def test_database_refuses_a_limit_out_of_range(world: World, figures: dict[str, int]) -> None:
    def rule(county: County) -> int:
        row = {"county_id": county.pk, "medicine_id": world.ibuprofen.pk, "fever_days": 7, "set_by": 1}
        return insert("distribution_handoutlimit", **{**row, "set_on": TODAY, **figures})

    with refused_by("hand_out_limit_range"):
        rule(world.county)

    drop_guard("hand_out_limit_range")
    assert rule(world.county)


def test_hand_out_cautions_where_an_ingredient_is_given_twice(world: World) -> None:
    stock(world, 50, place=world.villages[0], side=Side.CLINIC)
    stock(world, 50, place=world.villages[0], side=Side.CLINIC, medicine=world.paracetamol, lot="P")
    Medicine.objects.filter(code="M009a").update(inn="Paracetamol + amantadine + caffeine")
    lines = [{"medicine": code, "quantity": 2, "days_supply": 2} for code in ("M009a", "M001b")]

    answer = world.signed("clinic").post("dispensings/", hand_out(lines=lines)).json()

    assert answer["cautions"] == [
        {"code": "same_ingredient", "medicine": "M001b M009a", "group": "paracetamol"}
    ]


def test_ingredients_are_compared_one_by_one() -> None:
    inns = {"A": "paracetamol + caffeine", "B": "caffeine", "C": "ibuprofen", "D": "", "E": ""}
    assert shared_ingredients(inns) == [("caffeine", ["A", "B"])]
