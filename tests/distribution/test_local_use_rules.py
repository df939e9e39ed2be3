"""What the county lets an institution keep of a medicine: all, a share, or none."""

from __future__ import annotations

from typing import Any

import pytest

from distribution.local_use_rules import set_rules
from distribution.models.local_use import LocalUseRule
from inventory.models import Balance, Movement
from tests.distribution.stock import CENTRE, stock
from tests.distribution.stories import statements
from tests.plain_sql import drop_guard, insert, refused_by
from tests.world import TODAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def allow(world: World, percent: int, medicine: str | None = None) -> None:
    body = {"rules": [{"medicine": medicine, "percent": percent}]}
    answer = world.signed("administrator").put("local-use-rules/", body)
    assert answer.status_code == 200, answer.json()


def keep(world: World, *lines: tuple[int, int]) -> Any:
    body = {"place": CENTRE, "lines": [{"batch": batch, "quantity": units} for batch, units in lines]}
    return world.signed("pharmacist", world.centre).post("local-uses/", body)


def tables() -> tuple[int, int, int]:
    return Movement.objects.count(), Balance.objects.count(), LocalUseRule.objects.count()


def refused(world: World, *lines: tuple[int, int]) -> list[tuple[str, str]]:
    before = tables()
    answer = keep(world, *lines)
    assert (answer.status_code, answer.json()["code"]) == (409, "more_than_may_be_kept")
    assert tables() == before
    return [(fault["pointer"], fault["message"]) for fault in answer.json()["errors"]]


def test_without_a_rule_all_may_be_kept(world: World) -> None:
    assert keep(world, (stock(world, 50, place=world.centre).pk, 50)).status_code == 201


def test_share_is_of_what_came_in_and_used_up_step_by_step(world: World) -> None:
    batch = stock(world, 50, place=world.centre).pk
    allow(world, 40)

    assert keep(world, (batch, 15)).status_code == 201
    assert refused(world, (batch, 6)) == [("/lines/0/quantity", "可留用40%：还可留用5，申请6。")]
    assert keep(world, (batch, 5)).status_code == 201
    stock(world, 10, place=world.centre, lot="LATER")
    assert keep(world, (batch, 4)).status_code == 201


def test_none_may_be_kept(world: World) -> None:
    batch = stock(world, 50, place=world.centre).pk
    allow(world, 0)

    assert refused(world, (batch, 1))[0][0] == "/lines/0/quantity"


def test_rule_of_a_medicine_goes_before_the_countys(world: World) -> None:
    ours = stock(world, 50, place=world.centre).pk
    other = stock(world, 50, place=world.centre, medicine=world.paracetamol).pk
    allow(world, 0)
    allow(world, 100, "M009a")

    assert keep(world, (ours, 50)).status_code == 201
    assert [pointer for pointer, _words in refused(world, (other, 1))] == ["/lines/0/quantity"]


def test_lines_of_one_medicine_add_up_and_each_is_named(world: World) -> None:
    first = stock(world, 50, place=world.centre).pk
    second = stock(world, 50, place=world.centre, lot="SECOND").pk
    other = stock(world, 9, place=world.centre, medicine=world.paracetamol).pk
    allow(world, 50, "M009a")

    named = [pointer for pointer, _words in refused(world, (first, 30), (other, 9), (second, 21))]

    assert named == ["/lines/0/quantity", "/lines/2/quantity"]
    assert keep(world, (first, 30), (other, 9), (second, 20)).status_code == 201


def test_other_places_and_goods_at_the_hospital_do_not_count(world: World) -> None:
    stock(world, 500)
    batch = stock(world, 10, place=world.centre, lot="OURS").pk
    allow(world, 50)

    assert refused(world, (batch, 6)) == [("/lines/0/quantity", "可留用50%：还可留用5，申请6。")]


def test_rules_are_listed_and_set_by_the_administrator_alone(world: World) -> None:
    allow(world, 30)
    allow(world, 80, "M009a")
    allow(world, 60, "M009a")

    told = world.signed("pharmacist").get("local-use-rules/").json()["results"]

    assert [(row["medicine"], row["percent"]) for row in told] == [("M009a", 60), (None, 30)]
    body = {"rules": [{"percent": 1}]}
    assert world.signed("lead_pharmacist").put("local-use-rules/", body).status_code == 403


@pytest.mark.parametrize(
    ("rules", "pointer", "code"),
    [
        ([{"medicine": "M999", "percent": 1}], "/rules/0/medicine", "unknown_medicine"),
        ([{"percent": 1}, {"percent": 2}], "/rules/1/medicine", "named_twice"),
        ([{"percent": 101}], "/rules/0/percent", "max_value"),
        ([{"percent": -1}], "/rules/0/percent", "min_value"),
        ([], "/rules", "empty"),
    ],
)
def test_bad_rules_are_refused(world: World, rules: Any, pointer: str, code: str) -> None:
    answer = world.signed("administrator").put("local-use-rules/", {"rules": rules})

    assert answer.status_code == 400
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [(pointer, code)]
    assert LocalUseRule.objects.count() == 0


def rule(world: World, **columns: Any) -> int:
    usual = {"county_id": world.county.pk, "medicine_id": None, "percent": 50, "set_by": 1, "set_on": TODAY}
    return insert("distribution_localuserule", **{**usual, **columns})


@pytest.mark.parametrize(
    ("guard", "columns"), [("local_use_rule_once", {}), ("local_use_rule_percent", {"percent": 101})]
)
def test_database_keeps_the_rules(world: World, guard: str, columns: dict[str, Any]) -> None:
    rule(world, **({} if not columns else {"medicine_id": world.ibuprofen.pk}))

    with refused_by(guard):
        rule(world, **columns)
    drop_guard(guard)
    assert rule(world, **columns)


def test_statements_do_not_grow(world: World) -> None:
    set_rules(act=world.act(), percents={None: 90})
    batches = [stock(world, 50, place=world.centre, lot=f"L{n}").pk for n in range(4)]
    signed = world.signed("pharmacist", world.centre)

    def counted(*lines: int) -> int:
        body = {"place": CENTRE, "lines": [{"batch": batch, "quantity": 1} for batch in lines]}
        return statements(lambda: signed.post("local-uses/", body))

    counted(*batches)
    assert counted(*batches) == counted(batches[0])
