"""Pharmacists at the same moment: real threads, real transactions."""

from __future__ import annotations

from functools import partial

from inventory.models import Batch
from tests.cloned import cloned_db, together
from tests.inventory.stories import accept, book, counted, custody, sort, stocked
from tests.inventory.test_confirming import confirm, left
from tests.world import World, item

__all__ = ["cloned_db"]
SHELF = ("P-522633-01", "store", "available", "2203051")


def test_new_lot_met_by_many_at_once_becomes_one_batch(cloned_db: str) -> None:
    world = World()
    ids = counted(world, *(item() for _n in range(6)))
    pharmacists = [world.signed("pharmacist", name=f"pharmacist {n}") for n in range(6)]

    answers = together(
        [
            partial(sort, pharmacist, item_id, accept(20))
            for pharmacist, item_id in zip(pharmacists, ids, strict=True)
        ]
    )

    assert [answer.status_code for answer in answers] == [201] * 6
    assert (Batch.objects.count(), book()[SHELF]) == (1, 120)


def test_holds_and_releases_at_once_lose_no_unit(cloned_db: str) -> None:
    world = World()
    batch = stocked(world)
    pharmacists = [world.signed("pharmacist", name=f"pharmacist {n}") for n in range(6)]
    body = {"place": "P-522633-01", "batch": batch, "quantity": 7, "reason": "外观可疑"}
    standing = pharmacists[0].post("holds/", body).json()["id"]

    holding = [partial(pharmacist.post, "holds/", body) for pharmacist in pharmacists[:3]]
    releasing = [partial(pharmacist.post, f"holds/{standing}/release/") for pharmacist in pharmacists[3:]]
    answers = together([*holding, *releasing])

    released = [answer.status_code for answer in answers[3:]]
    assert sorted(released) == [200, 409, 409]
    held = 7 * sum(answer.status_code == 201 for answer in answers[:3])
    shelf = book()
    assert shelf.get(("P-522633-01", "store", "held", "2203051"), 0) == held
    assert shelf[SHELF] == 20 - held


def test_proposal_confirmed_by_many_at_once_is_carried_out_once(cloned_db: str) -> None:
    world = World()
    item_id, [decision] = left(world)
    others = [world.signed("pharmacist", world.centre, name=f"pharmacist {n}") for n in range(3)]
    here = [world.signed("pharmacist", name=f"colleague {n}") for n in range(2)]

    answers = together(
        [
            *(partial(confirm, other, decision) for other in others),
            *(partial(sort, colleague, item_id, accept(20)) for colleague in here),
        ]
    )

    codes = sorted((answer.status_code, answer.json().get("code", "")) for answer in answers)
    assert [code for code in codes if code[0] != 201] == codes[1:]
    assert {code for _status, code in codes[1:]} <= {"already_confirmed", "moved_on", "not_to_sort"}
    assert (custody(item_id), book()[SHELF]) == ({"accepted": 20}, 20)
