"""The night's work: what has expired is put to held, once, whoever runs it and however often."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from config import housekeeping
from config.housekeeping import ROUTE, keep_house
from core.models import AuditEntry
from inventory.models import Balance, Hold, Movement, Priority, Side, State
from organisation.models import County, Policy
from tests.cloned import together
from tests.distribution.stock import CENTRE, FIRST, HOSPITAL, PERIOD, book, order, profile, stock
from tests.distribution.stories import statements
from tests.world import TODAY, World

LATER = TODAY + datetime.timedelta(days=11)


def keep(world: World, on: datetime.date = TODAY) -> int:
    return keep_house(world.county.pk, on)


def test_expired_stock_is_held_on_both_sides_of_every_place(world: World) -> None:
    stock(world, 30, days=-1)
    stock(world, 20, days=-1, place=world.villages[0], side=Side.CLINIC)
    stock(world, 10, days=0, place=world.centre)

    assert keep(world) == 2

    assert book(world) == {
        **{key: units for key, units in book(world).items() if key[2] == "donated"},
        (HOSPITAL, "store", "held"): 30,
        (FIRST, "clinic", "held"): 20,
        (CENTRE, "store", "available"): 10,
    }


def test_log_names_the_program_and_no_person(world: World) -> None:
    batch = stock(world, 30, days=-1)

    keep(world)

    (movement,) = Movement.objects.filter(kind="hold")
    assert (movement.batch_id, movement.quantity, movement.actor) == (batch.pk, 30, None)
    assert (movement.document_type, movement.detail) == ("housekeeping", "expired")
    (entry,) = AuditEntry.objects.filter(command=movement.command)
    assert (entry.action, entry.actor, entry.subject, entry.result) == (ROUTE, None, "expired: 1", "done")
    assert not Hold.objects.exists()


def test_second_run_finds_nothing_to_do(world: World) -> None:
    stock(world, 30, days=-1)
    keep(world)
    before = Movement.objects.count()

    assert keep(world) == 0

    assert Movement.objects.count() == before


def promised(world: World) -> int:
    """The number of a shipment with 60 units that may be used for ten more days."""
    stock(world, 60, days=10)
    profile(world, world.villages[0])
    plan = world.signed("allocator").post("plans/", order()).json()["id"]
    world.signed("allocator").post(f"plans/{plan}/submit/")
    (shipment,) = world.signed("approver").post(f"plans/{plan}/approve/").json()["shipments"]
    return int(shipment)


def test_promised_goods_that_expire_are_held_and_their_sender_must_say_so(world: World) -> None:
    Policy.objects.create(county=world.county, reservation_days=30)
    shipment = promised(world)
    Movement.objects.filter(kind="reserve").get()

    keep(world, LATER)

    assert book(world)[HOSPITAL, "store", "held"] == 60
    (line,) = world.signed("pharmacist").get(f"shipments/{shipment}/").json()["lines"]
    assert line["promised"] == 60
    taken = {"line": line["id"], "picked": 60}
    answer = world.signed("pharmacist").post(f"shipments/{shipment}/dispatch/", {"lines": [taken]})
    assert (answer.status_code, answer.json()["code"]) == (409, "short_stock")
    none = {"line": line["id"], "picked": 0, "reason": "已过有效期"}
    answer = world.signed("pharmacist").post(f"shipments/{shipment}/dispatch/", {"lines": [none]})
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert book(world)[HOSPITAL, "store", "held"] == 60


def test_plan_whose_promise_expired_can_still_be_given_up(world: World) -> None:
    promised(world)
    plan = world.signed("allocator").get("plans/").json()["results"][0]["id"]
    keep(world, LATER)

    answer = world.signed("allocator").post(f"plans/{plan}/cancel/")

    assert (answer.status_code, book(world)[HOSPITAL, "store", "held"]) == (200, 60)


def test_run_that_was_cut_short_goes_on_where_it_stopped(world: World, monkeypatch: Any) -> None:
    for lot in "ABC":
        stock(world, 10, days=-1, lot=lot)
    monkeypatch.setattr(housekeeping, "PORTION", 1)
    housekeeping._hold_portion(world.county.pk, TODAY)

    assert keep(world) == 2

    assert Movement.objects.filter(kind="hold").count() == 3
    assert AuditEntry.objects.filter(action=ROUTE, subject__startswith="expired").count() == 3


def test_statements_do_not_grow_with_what_expired(world: World) -> None:
    counts = set()
    for more in (1, 2, 27):
        for n in range(more):
            stock(world, 5, days=-1, lot=f"{more}-{n}", place=world.villages[n % 2], side=Side.CLINIC)
        counts.add(statements(lambda: keep(world)))

    assert len(counts) == 1


def test_ranks_what_is_needed_most(world: World) -> None:
    profile(world, world.villages[0])
    Priority.objects.all().delete()

    keep(world)

    assert Priority.objects.filter(county=world.county).exists()
    assert str(TODAY) in PERIOD


@pytest.mark.django_db
def test_command_keeps_every_county_or_the_named_one(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    stock(world, 30, days=-1)

    call_command("housekeeping", county=world.neighbour.pk)
    assert not Movement.objects.filter(kind="hold").exists()

    call_command("housekeeping")
    assert Movement.objects.filter(kind="hold").count() == 1
    assert f"{world.county.pk}: 1 expired balances held" in capsys.readouterr().out


def test_command_refuses_a_county_that_is_not_there(world: World) -> None:
    with pytest.raises(CommandError, match="no county 000000"):
        call_command("housekeeping", county="000000")


def test_trouble_of_one_county_keeps_none_of_the_others_waiting(world: World) -> None:
    stock(world, 30, days=-1)
    County.objects.filter(pk=world.neighbour.pk).update(time_zone="Nowhere/Land")

    with pytest.raises(CommandError, match=world.neighbour.pk):
        call_command("housekeeping")

    assert Movement.objects.filter(kind="hold").count() == 1


def test_two_at_once_move_everything_once(cloned_db: str) -> None:
    world = World()
    for lot in "ABCDE":
        stock(world, 10, days=-1, lot=lot)

    ends = together([lambda: keep(world), lambda: keep(world), lambda: keep(world)])

    assert sorted(ends) == [0, 0, 5]  # type: ignore[type-var]
    assert Movement.objects.filter(kind="hold").count() == 5
    assert set(Balance.objects.filter(state=State.HELD).values_list("quantity", flat=True)) == {10}
