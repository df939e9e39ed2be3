"""Many items in one command: each judged on its own, at the cost of a few statements."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import AuditEntry
from inventory.errors import NotToSort
from inventory.models import Batch, Movement, SortingDecision
from tests.inventory.stories import accept, counted, custody, doubt, reject, sort, written
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


def outcomes(answer: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (row["result"], [(fault["pointer"], fault["code"]) for fault in row.get("errors", [])])
        for row in answer.json()["sortings"]
    ]


def test_forty_equal_boxes_of_which_one_was_held_meanwhile(world: World) -> None:
    ids = counted(world, *(item() for _n in range(40)))
    held = ids[17]
    sort(world.signed("pharmacist", name="colleague"), held, doubt(20))
    body = many(*((pk, [accept(20)]) for pk in ids))
    for line in body["sortings"]:
        line["state"] = "counted"

    answer = world.signed("pharmacist").post("sortings/", body)

    assert answer.status_code == 201
    assert [row["item"] for row in answer.json()["sortings"]] == ids
    assert [n for n, row in enumerate(answer.json()["sortings"]) if row["result"] == "refused"] == [17]
    refused = answer.json()["sortings"][17]
    assert refused == {
        "item": held, "result": "refused", "decisions": [], "code": "not_to_sort", "more_errors": 0,
        "errors": [{"pointer": "/sortings/17/item", "code": "not_to_sort", "message": NotToSort.message}],
    }  # fmt: skip
    assert [custody(pk) for pk in ids] == [{"in_doubt" if pk == held else "accepted": 20} for pk in ids]
    assert Movement.objects.count() == 39


def test_items_at_fault_are_left_untouched_and_the_others_sorted(world: World) -> None:
    ids = counted(world, item(), item(), item())
    body = many((ids[0], [accept(20)]), (ids[1], [accept(20, lot_number="")]), (ids[2], [accept(12)]))

    answer = world.signed("pharmacist").post("sortings/", body)

    assert answer.status_code == 201
    assert outcomes(answer) == [
        ("sorted", []),
        ("refused", [("/sortings/1/decisions/0/lot_number", "label_not_read")]),
        ("refused", [("/sortings/2/decisions", "decisions_do_not_add_up")]),
    ]
    assert [custody(pk) for pk in ids] == [{"accepted": 20}, {"counted": 20}, {"counted": 20}]
    assert set(SortingDecision.objects.values_list("item", flat=True)) == {ids[0]}
    assert AuditEntry.objects.latest("id").subject == "1 of 3 items"


def test_all_at_fault_is_a_refusal_that_names_each(world: World) -> None:
    ids = counted(world, item(), item())
    before = written()
    body = many((ids[0], [accept(20, lot_number="")]), (ids[1], [accept(12)]), (999999, [accept(20)]))

    answer = world.signed("pharmacist").post("sortings/", body)

    assert (answer.status_code, answer.json()["code"], written()) == (422, "none_sorted", before)
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [
        ("/sortings/0/decisions/0/lot_number", "label_not_read"),
        ("/sortings/1/decisions", "decisions_do_not_add_up"),
        ("/sortings/2/item", "not_found"),
    ]


FAULTS_OF_THE_ACTION = [
    (lambda line: line | {"state": "somewhere"}, "/sortings/1/state"),
    (lambda line: line | {"decisions": [accept(20) | {"outcome": "maybe"}]}, "/sortings/1/decisions/0/outcome"),
    (lambda line: line | {"decisions": [accept(20, medicine="M999")]}, "/sortings/1/decisions/0/medicine"),
    (lambda line: line | {"decisions": [accept(20, product=4711)]}, "/sortings/1/decisions/0/product"),
    (lambda line: line | {"decisions": [reject(20, findings=["no such finding"])]},
     "/sortings/1/decisions/0/findings/0"),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "pointer"), FAULTS_OF_THE_ACTION)
def test_fault_of_the_action_itself_refuses_all(world: World, spoil: Any, pointer: str) -> None:
    ids = counted(world, item(), item())
    before = written()
    body = many(*((pk, [accept(20)]) for pk in ids))
    body["sortings"][1] = spoil(body["sortings"][1])

    answer = world.signed("pharmacist").post("sortings/", body)

    assert (answer.status_code, [e["pointer"] for e in answer.json()["errors"]]) == (400, [pointer])
    assert written() == before


def test_sent_again_answers_the_same_and_sorts_nothing_more(world: World) -> None:
    ids = counted(world, item(), item())
    pharmacist, key = world.signed("pharmacist"), uuid.uuid4()
    body = many((ids[0], [accept(20)]), (ids[1], [accept(12)]))

    first = pharmacist.post("sortings/", body, key=key)
    before = written()
    again = pharmacist.post("sortings/", body, key=key)

    assert (again.status_code, again["Idempotency-Replayed"]) == (201, "true")
    assert (again.content, written()) == (first.content, before)


def test_item_that_stands_elsewhere_is_told_as_one_that_does_not_exist(world: World) -> None:
    (own,) = counted(world)
    (elsewhere,) = counted(world, place=world.centre)

    answer = world.signed("pharmacist").post(
        "sortings/", many((own, [accept(20)]), (elsewhere, [accept(20)]), (999999, [accept(20)]))
    )

    assert outcomes(answer) == [
        ("sorted", []),
        ("refused", [("/sortings/1/item", "not_found")]),
        ("refused", [("/sortings/2/item", "not_found")]),
    ]
    assert custody(elsewhere) == {"counted": 20}


def test_many_reasons_fit_into_an_answer(world: World) -> None:
    """Each of 199 items has five faults: each item is told of one at least, and what is not told is counted."""
    ids = counted(world, *(item(quantity=2) for _n in range(200)))
    wrong = accept(2, lot_number="", expiry="", checklist=None)
    body = many((ids[0], [accept(2)]), *((pk, [wrong]) for pk in ids[1:]))

    answer = world.signed("pharmacist").post("sortings/", body)

    rows = answer.json()["sortings"][1:]
    assert (answer.status_code, len(answer.content) < 65536) == (201, True)
    assert {row["result"] for row in rows} == {"refused"}
    assert {len(row["errors"]) + row["more_errors"] for row in rows} == {5}
    assert min(len(row["errors"]) for row in rows) > 0


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


def statements(world: World, count: int, at_fault: int = 0) -> int:
    ids = counted(world, *(item() for _n in range(count)))
    decisions = [
        [
            *(accept(5, lot_number=f"{lot}{index}", reason="核对无误") for lot in "LM"),
            reject(5),
            doubt(5),
        ]
        for index in range(count)
    ]
    for each in decisions[:at_fault]:
        each.pop()
    body = many(*zip(ids, decisions, strict=True))
    pharmacist = world.signed("pharmacist")
    with CaptureQueriesContext(connection) as queries:
        answer = pharmacist.post("sortings/", body)
    assert answer.status_code == 201, answer.json()
    assert len(answer.json()["sortings"]) == count
    return len(queries)


def test_statements_do_not_grow_with_items(world: World) -> None:
    one = statements(world, 1)

    hundred = statements(world, 90, at_fault=10)

    assert hundred == one
    assert SortingDecision.objects.count() == 81 * 4


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
