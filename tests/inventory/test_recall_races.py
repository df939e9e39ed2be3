"""A recall and whoever uses its goods at the same moment: one of them is first, and no unit escapes.

Each order is brought about with real transactions; the controls take one guard away and show what escapes then.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from inventory.models import Balance, Side
from inventory.verification import verify
from tests.cloned import together
from tests.distribution.stock import FIRST, hand_out, stock
from tests.distribution.stories import approved, dispatched, only_line
from tests.inventory.recalls import CENTRE, HOSPITAL, order, usable_units
from tests.inventory.stories import accept, counted, sort
from tests.plain_sql import drop_guard, execute, value
from tests.world import World, item

WAITING = """
SELECT count(*) FROM pg_locks
WHERE NOT granted AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())
"""
Deed = Callable[[], Any]


def until(ready: Callable[[], Any]) -> None:
    for _ in range(2000):
        if ready():
            return
        time.sleep(0.01)
    raise AssertionError("nobody waited and nobody was done")


def sorting(world: World) -> Deed:
    """Units of a lot that no shelf has seen yet; the counter had read another lot."""
    (pk,) = counted(world, item(lot_number="9999"))
    return partial(sort, world.signed("pharmacist"), pk, accept(20))


def receiving(world: World) -> Deed:
    shipment = dispatched(world)
    counts = [{"line": only_line(world, shipment), "accepted": 100}]
    signed = world.signed("clinic", world.villages[0])
    return partial(signed.post, f"shipments/{shipment}/receive/", {"lines": counts})


def handing_out(world: World) -> Deed:
    stock(world, 20, place=world.villages[0], side=Side.CLINIC)
    return partial(world.signed("clinic", world.villages[0]).post, "dispensings/", hand_out())


def sending(world: World) -> Deed:
    shipment = approved(world)
    return partial(world.signed("pharmacist").post, f"shipments/{shipment}/dispatch/")


def keeping(world: World) -> Deed:
    batch = stock(world, 20, place=world.centre)
    body = {"place": CENTRE, "lines": [{"batch": batch.pk, "quantity": 5}]}
    return partial(world.signed("pharmacist", world.centre).post, "local-uses/", body)


def releasing(world: World) -> Deed:
    batch = stock(world, 20)
    signed = world.signed("pharmacist")
    pk = signed.post("holds/", {"place": HOSPITAL, "batch": batch.pk, "reason": "外观可疑"}).json()["id"]
    return partial(signed.post, f"holds/{pk}/release/")


def taking_back(world: World) -> Deed:
    stock(world, 20, place=world.villages[0], side=Side.CLINIC)
    signed = world.signed("clinic", world.villages[0])
    pk = signed.post("dispensings/", hand_out()).json()["id"]
    return partial(signed.post, f"dispensings/{pk}/reverse/")


DEEDS = [sorting, receiving, handing_out, sending, keeping, releasing, taking_back]


def recalling(world: World) -> Deed:
    return partial(world.signed("lead_pharmacist").post, "recalls/", order(standing=True))


def one_before_the_other(first: Deed, second: Deed) -> tuple[Any, Any]:
    """`first` is done but not committed when `second` begins; it commits once `second` waits or is done too."""
    begun, over = threading.Event(), threading.Event()

    def lead() -> Any:
        with transaction.atomic():
            answer = first()
            begun.set()
            until(lambda: over.is_set() or value(WAITING))
        return answer

    def follow() -> Any:
        assert begun.wait(timeout=30)
        try:
            return second()
        finally:
            over.set()

    ends = together([lead, follow])
    assert not [end for end in ends if isinstance(end, Exception)], ends
    return ends[0], ends[1]


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
def test_recall_waits_for_what_is_under_way_and_takes_it_in(
    cloned_db: str, deed: Callable[[World], Deed]
) -> None:
    world = World()
    first, second = deed(world), recalling(world)

    done, recall = one_before_the_other(first, second)

    assert (done.status_code in {200, 201}, recall.status_code) == (True, 201)
    assert (usable_units(), verify(world.county.pk)) == (0, [])


# One for each way in which the books answer; that every path obeys a recall is shown in test_recalled_stock.py.
@pytest.mark.parametrize(
    "deed", [sorting, receiving, handing_out, taking_back], ids=lambda deed: deed.__name__
)
def test_who_comes_after_a_recall_waits_for_it_and_obeys(
    cloned_db: str, deed: Callable[[World], Deed]
) -> None:
    world = World()
    second, first = deed(world), recalling(world)

    recall, late = one_before_the_other(first, second)

    assert recall.status_code == 201
    if deed in {receiving, taking_back}:  # the books cannot refuse what has come: it comes into hold
        assert late.status_code == 200
    else:
        assert (late.status_code, late.json()["code"]) in {(409, "recalled"), (409, "short_stock")}
    assert (usable_units(), verify(world.county.pk)) == (0, [])


def without_the_lock_of_recalls() -> None:
    """Nobody has a county's book alone any more; writers still share it."""
    execute("CREATE FUNCTION public.pg_advisory_xact_lock(bigint) RETURNS void LANGUAGE sql AS ''")
    execute(f'ALTER DATABASE "{value("SELECT current_database()")}" SET search_path = public, pg_catalog')


@pytest.mark.parametrize("deed", [sorting, receiving], ids=lambda deed: deed.__name__)
def test_units_would_escape_a_recall_that_does_not_wait(
    cloned_db: str, deed: Callable[[World], Deed]
) -> None:
    world = World()
    first, second = deed(world), recalling(world)
    without_the_lock_of_recalls()

    done, recall = one_before_the_other(first, second)

    assert (done.status_code in {200, 201}, recall.status_code) == (True, 201)
    assert usable_units() > 0
    assert {found.check for found in verify(world.county.pk)} == {"recalled"}


def test_units_would_escape_a_recall_without_the_ledgers_guard(cloned_db: str) -> None:
    world = World()
    second, first = sorting(world), recalling(world)
    drop_guard("movement_not_recalled")

    _recall, late = one_before_the_other(first, second)

    assert (late.status_code, usable_units()) == (201, 20)


def test_crowd_and_recall_at_once_lose_no_unit(cloned_db: str) -> None:
    world = World()
    stock(world, 60, place=world.villages[0], side=Side.CLINIC)
    pharmacist = sorting(world)
    clinics = [world.signed("clinic", world.villages[0], name=f"clinic {n}") for n in range(6)]
    handing = [partial(signed.post, "dispensings/", hand_out(place=FIRST)) for signed in clinics]

    answers = together([*handing[:3], recalling(world), pharmacist, *handing[3:]])

    given = sum(answer.status_code == 201 for answer in [*answers[:3], *answers[5:]])
    assert answers[3].status_code == 201
    assert {answer.status_code for answer in answers} <= {201, 409, 422}
    states = Balance.objects.filter(account__place=world.villages[0], quantity__gt=0)
    assert dict(states.values_list("state", "quantity")) == {
        name: units for name, units in (("held", 60 - 6 * given), ("dispensed", 6 * given)) if units
    }
    assert (usable_units(), verify(world.county.pk)) == (0, [])
