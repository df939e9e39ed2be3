"""Many items in one command: all or none, at the cost of a few statements."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import Batch, Movement, SortingDecision
from tests.inventory.stories import accept, counted, custody, doubt, reject, written
from tests.world import World, item


def many(*decided: tuple[int, list]) -> dict:
    return {"sortings": [{"item": item_id, "decisions": decisions} for item_id, decisions in decided]}


def test_items_sorted_together_answer_each_for_itself(world: World) -> None:
    first, second, third = counted(world, item(), item(quantity=6), item(quantity=3))
    body = many((third, [doubt(3)]), (first, [accept(15), reject(5)]), (second, [accept(6)]))

    answer = world.signed("pharmacist").post("sortings/", body)

    assert answer.status_code == 201
    assert [
        (row["item"], [(d["outcome"], d["quantity"]) for d in row["decisions"]])
        for row in answer.json()["sortings"]
    ] == [
        (third, [("hold", 3)]),
        (first, [("accept", 15), ("reject", 5)]),
        (second, [("accept", 6)]),
    ]
    assert [custody(pk) for pk in (first, second, third)] == [
        {"accepted": 15, "in_bin": 5},
        {"accepted": 6},
        {"in_doubt": 3},
    ]
    assert (Batch.objects.count(), Movement.objects.count()) == (1, 2)


def test_one_item_at_fault_refuses_all_and_names_it(world: World) -> None:
    ids = counted(world, item(), item(), item())
    before = written()
    body = many((ids[0], [accept(20)]), (ids[1], [accept(20, lot_number="")]), (ids[2], [accept(12)]))

    answer = world.signed("pharmacist").post("sortings/", body)

    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [
        ("/sortings/1/decisions/0/lot_number", "label_not_read"),
        ("/sortings/2/decisions", "decisions_do_not_add_up"),
    ]
    assert (answer.status_code, written()) == (422, before)


def test_item_named_twice_refused(world: World) -> None:
    (item_id,) = counted(world)
    before = written()

    answer = world.signed("pharmacist").post(
        "sortings/", many((item_id, [accept(20)]), (item_id, [accept(20)]))
    )

    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [
        ("/sortings/1/item", "sorted_twice")
    ]
    assert (answer.status_code, written()) == (400, before)


def test_unknown_items_are_named(world: World) -> None:
    (item_id,) = counted(world)

    answer = world.signed("pharmacist").post(
        "sortings/", many((item_id, [accept(20)]), (999999, [accept(20)]))
    )

    assert answer.status_code == 404
    assert [e["pointer"] for e in answer.json()["errors"]] == ["/sortings/1/item"]


def statements(world: World, count: int) -> int:
    ids = counted(world, *(item() for _n in range(count)))
    decisions = [
        [accept(5, lot_number=f"L{index}"), accept(5, lot_number=f"M{index}"), reject(5), doubt(5)]
        for index in range(count)
    ]
    body = many(*zip(ids, decisions, strict=True))
    pharmacist = world.signed("pharmacist")
    with CaptureQueriesContext(connection) as queries:
        answer = pharmacist.post("sortings/", body)
    assert answer.status_code == 201, answer.json()
    assert len(answer.json()["sortings"]) == count
    return len(queries)


def test_statements_do_not_grow_with_items(world: World) -> None:
    one = statements(world, 1)

    thirty = statements(world, 30)

    assert thirty == one
    assert SortingDecision.objects.count() == 31 * 4


def test_two_hundred_items_of_many_decisions_answer_briefly(world: World) -> None:
    ids = counted(world, *(item(quantity=12) for _n in range(200)))
    decisions = [accept(1, lot_number=f"L{n}") for n in range(4)] + [reject(1) for _n in range(8)]

    answer = world.signed("pharmacist").post("sortings/", many(*((pk, decisions) for pk in ids)))

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert [e["code"] for e in answer.json()["errors"]] == ["too_many_decisions"]


def test_whole_page_of_items_fits_an_answer(world: World) -> None:
    ids = counted(world, *(item(quantity=2) for _n in range(200)))

    answer = world.signed("pharmacist").post("sortings/", many(*((pk, [accept(2)]) for pk in ids)))

    assert answer.status_code == 201
    assert len(answer.content) < 65536
    assert [custody(pk) for pk in ids] == [{"accepted": 2}] * 200
