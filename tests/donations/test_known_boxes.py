"""What the books already know of a box or a person, at the counter, while typing, on import and when sorted."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core.commands import Act
from donations.identity import Identity
from donations.intake import DonationDraft, ItemDraft
from donations.known import known_of_draft
from donations.models import Box, Item
from donations.services.registration import register_donation
from organisation.queries import policy_of
from tests.cloned import together
from tests.donations.holdings import rows_written
from tests.donations.rosters import HEAD, imported, line, xlsx
from tests.inventory.stories import accept, counted, sort
from tests.plain_sql import YESTERDAY, Books, drop_guard, execute, insert, refused_by, value
from tests.world import TODAY, World, donation, item

CODE = "81234567890123456789"
SECOND = "81234567890123456790"
GS1 = "]d2010690123456789217270131103220305<GS>21SN0001"
PACK = "0.1g*20片"


def reasons(answer: Any, line: int = 0) -> list[str]:
    body = answer.json()
    screening = (body["items"][line] if "items" in body else body)["screening"]
    return [reason["code"] for reason in screening["reasons"]]


def give(world: World, *items: dict[str, Any], **fields: Any) -> Any:
    answer = world.signed("clerk").post("donations/", donation(items=list(items), **fields))
    assert answer.status_code == 201, answer.json()
    return answer


def someone(name: str, phone: str = "", kind: str = "person") -> dict[str, str]:
    return {"kind": kind, "name": name, "phone": phone}


# Boxes seen before


@pytest.mark.parametrize(
    "again", [CODE, "8123 4567 8901 2345 6789", "８１２３４５６７８９０１２３４５６７８９"]
)
def test_box_registered_before_is_for_review_however_it_is_spelt(world: World, again: str) -> None:
    assert reasons(give(world, item(trace_codes=[CODE]))) == []

    answer = give(world, item(trace_codes=[again]), donor=someone("李四"))

    [reason] = answer.json()["items"][0]["screening"]["reasons"]
    assert (answer.json()["items"][0]["screening"]["outcome"], reason["code"]) == ("review", "trace_repeated")
    assert reason["message"] == "追溯码曾登记"
    assert Item.objects.latest("id").reasons == ["trace_repeated"]


def test_barcode_with_gtin_and_serial_names_the_box(world: World) -> None:
    give(world, item(barcode=GS1))

    other = give(world, item(barcode=GS1.replace("SN0001", "SN0002")))
    same = give(world, item(trace_codes=["(01)06901234567892(21)SN0001"]))

    assert (reasons(other), reasons(same)) == ([], ["trace_repeated"])


def test_screening_says_what_registration_would(world: World) -> None:
    give(world, item(trace_codes=[CODE]))
    clerk = world.signed("clerk")

    seen = clerk.post("screenings/", item(trace_codes=[CODE]))
    many = clerk.post("screenings/", item(specification=PACK, quantity=201))

    assert (reasons(seen), reasons(many)) == (["trace_repeated"], ["many_boxes"])


def test_code_twice_in_one_donation_is_for_review(world: World) -> None:
    answer = give(
        world, item(trace_codes=[CODE]), item(trace_codes=[CODE]), item(trace_codes=[SECOND, SECOND])
    )

    assert [reasons(answer, line) for line in range(3)] == [[], ["trace_repeated"], ["trace_repeated"]]
    assert Box.objects.count() == 3


def test_voided_registration_is_none(world: World) -> None:
    made = give(world, item(trace_codes=[CODE])).json()
    world.signed("clerk").post(f"donations/{made['id']}/void/", {"reason": "写错了"})

    assert reasons(give(world, item(trace_codes=[CODE]))) == []


def test_box_of_another_county_is_unknown_here(world: World) -> None:
    give(world, item(trace_codes=[CODE]))

    answer = world.signed("clerk", foreign=True).post("screenings/", item(trace_codes=[CODE]))

    assert reasons(answer) == []


def test_forgotten_item_with_the_code_of_the_one_it_replaces_is_no_repeat(world: World) -> None:
    made = give(world, item(trace_codes=[CODE])).json()
    wrong = {"item": made["items"][0]["id"], "quantity": 0}
    body = {"reason": "药品有误", "items": [wrong], "added": [item(medicine="M001b", trace_codes=[CODE])]}

    answer = world.signed("pharmacist").post(f"donations/{made['id']}/correct/", body)

    assert answer.status_code == 200
    assert answer.json()["added"][0]["screening"]["reasons"] == []


@pytest.mark.parametrize("code", ["8.1234567890E+19", "81234567890123456000.0"])
def test_number_of_a_spreadsheet_is_no_code(world: World, code: str) -> None:
    before = rows_written()

    answer = world.signed("clerk").post("donations/", donation(items=[item(trace_codes=[SECOND, code])]))

    [fault] = answer.json()["errors"]
    assert (answer.status_code, fault["code"]) == (400, "excel_number")
    assert fault["pointer"] == "/items/0/trace_codes/1"
    assert rows_written() == before


# Many boxes from one person


@pytest.mark.parametrize(("quantity", "expected"), [(200, []), (201, ["many_boxes"])])
def test_more_boxes_than_the_county_allows_are_for_review(
    world: World, quantity: int, expected: list[str]
) -> None:
    assert reasons(give(world, item(specification=PACK, quantity=quantity))) == expected


def test_boxes_of_one_medicine_add_up_over_lots_and_visits(world: World) -> None:
    lots = [item(specification=PACK, quantity=80, lot_number=f"L{n}") for n in range(2)]
    first = give(world, *lots, item(medicine="M001b", specification=PACK, quantity=80))

    second = give(world, item(specification=PACK, quantity=80))

    assert [reasons(first, line) for line in range(3)] == [[], [], []]
    assert reasons(second) == ["many_boxes"]


def test_boxes_of_other_people_do_not_add_up(world: World) -> None:
    boxes = item(specification=PACK, quantity=120)
    give(world, boxes)

    others = [
        someone("李四", "13800138000"),
        someone("张三", "13900139000"),
        someone("张三"),
        someone("张三"),
        {"kind": "anonymous"},
    ]

    assert [reasons(give(world, boxes, donor=donor)) for donor in others] == [[]] * len(others)


def test_work_unit_brings_for_many(world: World) -> None:
    unit = someone("从江县人民医院", "0855-6412345", kind="work_unit")

    assert reasons(give(world, item(specification=PACK, quantity=4000), donor=unit)) == []


def test_every_code_is_a_box(world: World) -> None:
    codes = [f"8123456789012345{n:04}" for n in range(11)]

    assert reasons(give(world, item(quantity=11, trace_codes=codes))) == ["many_boxes"]


def test_unknown_pack_counts_as_the_largest_common_one(world: World) -> None:
    counts = [reasons(give(world, item(quantity=n), donor=someone("张三"))) for n in (1000, 1001)]

    assert counts == [[], ["many_boxes"]]


# On import


def test_roster_is_judged_as_the_counter_judges(world: World) -> None:
    give(world, item(trace_codes=[CODE]))
    head = [*HEAD, "追溯码"]
    seen, new = line("李四", 追溯码=CODE), line("王五", 追溯码=SECOND)
    many = [line("赵六", quantity="120片", 电话="13700137000") for _n in range(2)]

    imported(world, xlsx(head, seen, new, line("孙七", 追溯码=SECOND), *many))

    rows = Item.objects.order_by("id").values_list("reasons", flat=True)[1:]
    assert list(rows) == [["trace_repeated"], [], ["trace_repeated"], ["many_boxes"], ["many_boxes"]]


def test_roster_uploaded_again_with_one_more_row_counts_nothing_twice(world: World) -> None:
    known = line("赵六", quantity="120片")
    imported(world, xlsx(HEAD, known))

    imported(world, xlsx(HEAD, known, line("赵六", quantity="20片", 日期=str(YESTERDAY))))

    assert list(Item.objects.order_by("id").values_list("reasons", flat=True)) == [[], []]


# At the sorting table


def test_first_registration_is_doubtful_once_its_code_comes_again(world: World) -> None:
    [first] = counted(world, item(trace_codes=[CODE]))
    give(world, item(trace_codes=[CODE]), donor=someone("李四"))
    pharmacist = world.signed("pharmacist")

    [row] = pharmacist.get("sorting-queue/").json()["results"]
    silent = sort(pharmacist, first, accept())
    said = sort(pharmacist, first, accept(reason="核对实物，来源可信"))

    assert [reason["code"] for reason in row["screening"]["reasons"]] == ["trace_repeated"]
    assert (silent.status_code, silent.json()["code"]) == (422, "reason_needed")
    assert said.status_code == 201


def test_many_boxes_need_a_reason_at_the_sorting_table(world: World) -> None:
    [first] = counted(world, item(specification=PACK, quantity=120))
    give(world, item(specification=PACK, quantity=120))

    silent = sort(world.signed("pharmacist"), first, accept(120))

    assert (silent.status_code, silent.json()["code"]) == (422, "reason_needed")


# The cost


def test_statements_do_not_grow_with_codes(world: World) -> None:
    clerk, counts, used = world.signed("clerk"), [], 0
    clerk.post("donations/", donation(items=[item(trace_codes=[CODE])]))
    for number in (1, 5, 60):
        items = [item(trace_codes=[f"8123456789{used + n:010}"]) for n in range(number)]
        used += number
        with CaptureQueriesContext(connection) as statements:
            answer = clerk.post("donations/", donation(items=items))
        assert answer.status_code == 201
        counts.append(len(statements))

    assert len(set(counts)) == 1


# Two counters at once


def _act(world: World) -> Act:
    return Act(actor_id=1, county_id=world.county.pk, on=TODAY)


def _register(world: World) -> list[str]:
    draft = DonationDraft(
        received_on=TODAY,
        items=[ItemDraft(20, medicine=world.ibuprofen, trace_codes=[CODE])],
        kind="person",
        source_confirmed=True,
        identity=Identity("张三"),
    )
    act = _act(world)
    policy = policy_of(act.county_id)
    _donation, [(row, _judgement)] = register_donation(
        act=act, place=world.hospital, campaign=world.campaign, policy=policy, draft=draft
    )
    return row.reasons


def _until_somebody_waits() -> None:
    for _n in range(400):
        if value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"):
            return
        time.sleep(0.02)
    raise AssertionError("nobody waits")


def test_second_counter_waits_for_the_first_and_is_told(cloned_db: str) -> None:
    world, written = World(), threading.Event()

    def first() -> list[str]:
        with transaction.atomic():
            told = _register(world)
            written.set()
            _until_somebody_waits()
        return told

    def second() -> list[str]:
        assert written.wait(timeout=20)
        with transaction.atomic():
            return _register(world)

    told = together([first, second])

    assert ["trace_repeated" in each for each in told] == [False, True]


def test_whoever_does_not_wait_is_not_told(cloned_db: str) -> None:
    world, written, looked = World(), threading.Event(), threading.Event()

    def first() -> None:
        with transaction.atomic():
            _register(world)
            written.set()
            assert looked.wait(timeout=20)

    def second() -> Any:
        assert written.wait(timeout=20)
        known = known_of_draft(ItemDraft(20, trace_codes=[CODE]), county_id=world.county.pk, on=TODAY)
        looked.set()
        return known.seen_on

    assert together([first, second]) == [None, None]
    assert (
        known_of_draft(ItemDraft(20, trace_codes=[CODE]), county_id=world.county.pk, on=TODAY).seen_on
        == TODAY
    )


# The database's own guards


def test_box_is_noted_once_in_its_item(world: World) -> None:
    row = Books(world).item(1)
    insert("donations_box", county_id=world.county.pk, item_id=row, code=CODE)
    with refused_by("box_once_in_its_item"):
        insert("donations_box", county_id=world.county.pk, item_id=row, code=CODE)

    drop_guard("box_once_in_its_item")

    assert insert("donations_box", county_id=world.county.pk, item_id=row, code=CODE)


def test_box_of_another_county_is_refused(world: World) -> None:
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    row, other = Books(world).item(1), world.neighbour.pk
    with refused_by("box_item_same_county"):
        insert("donations_box", county_id=other, item_id=row, code=CODE)

    drop_guard("box_item_same_county")

    assert insert("donations_box", county_id=other, item_id=row, code=CODE)


@pytest.mark.parametrize("change", ["UPDATE donations_box SET code = ''", "DELETE FROM donations_box"])
def test_noted_box_is_never_changed(world: World, change: str) -> None:
    row = Books(world).item(1)
    insert("donations_box", county_id=world.county.pk, item_id=row, code=CODE)
    with refused_by("donations_box_append_only"):
        execute(change)

    drop_guard("donations_box_append_only")

    assert execute(change) == 1
