"""Destroying held stock and goods in the bin: two people, all or nothing, and a manifest on paper."""

from __future__ import annotations

import datetime
from typing import Any

import pypdfium2
import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import DomainError
from donations.models import Donation, Item
from inventory.models import Hold, Movement
from inventory.models.destructions import Destruction, DestructionLine, HoldSpent
from inventory.services.destructions import Unfit, propose_destruction
from organisation.models import Policy
from tests.inventory.recalls import raised
from tests.inventory.stories import accept, book, counted, custody, reject, sort, stocked, written
from tests.world import TODAY, Signed, World, donation, item

HOSPITAL, CENTRE = "P-522633-01", "P-522633-10"


def rows() -> dict[str, int]:
    tables = (Destruction, DestructionLine, HoldSpent)
    return {**written(), **{table.__name__: table.objects.count() for table in tables}}


def states() -> list[str]:
    return list(Destruction.objects.order_by("pk").values_list("state", flat=True))


def shelf(place: str = HOSPITAL) -> dict[tuple[str, str], int]:
    return {(side, state): n for (code, side, state, _lot), n in book().items() if code == place and n > 0}


def held(world: World, quantity: int = 20, **fields: Any) -> int:
    """A batch of so many units, all of them held."""
    batch = stocked(world, quantity, **fields)
    body = {"place": HOSPITAL, "batch": batch, "reason": "外观可疑"}
    assert world.signed("pharmacist").post("holds/", body).status_code == 201
    return batch


def left_for_disposal(world: World, quantity: int = 6, items: int = 1) -> int:
    """The first of some items refused at the counter, left by their donor for disposal."""
    last_month = TODAY - datetime.timedelta(days=40)
    expired = item(quantity=quantity, expiry=f"有效期至{last_month:%Y年%m月%d日}")
    answer = world.signed("clerk").post("donations/", donation(items=[expired] * items, unfit="destroy"))
    return int(answer.json()["items"][0]["id"])


def propose(world: World, *lines: dict[str, Any], **fields: Any) -> Any:
    body = {
        "place": HOSPITAL,
        "lines": list(lines),
        "method": "焚烧",
        "witness": world.person("checker").username,
        **fields,
    }
    return world.signed("pharmacist").post("destructions/", body)


def confirm(world: World, pk: int, role: str = "checker") -> Any:
    return world.signed(role).post(f"destructions/{pk}/confirm/")


def faults(answer: Any) -> tuple[int, list[tuple[str, str]]]:
    return answer.status_code, [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]]


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_proposal_moves_nothing(world: World) -> None:
    batch, binned = held(world), left_for_disposal(world)

    answer = propose(world, {"batch": batch, "quantity": 15}, {"item": binned})

    assert (answer.status_code, answer.json()) == (
        201,
        {"id": Destruction.objects.get().pk, "state": "proposed"},
    )
    assert (shelf(), custody(binned)) == ({("store", "held"): 20}, {"in_bin": 6})
    assert list(
        DestructionLine.objects.order_by("line").values_list("batch", "item", "quantity", "reason")
    ) == [
        (batch, None, 15, "外观可疑"),
        (None, binned, 6, "expired"),
    ]


def test_witness_confirms_and_the_goods_leave_the_books(world: World) -> None:
    batch, binned = held(world), left_for_disposal(world)
    pk = propose(world, {"batch": batch, "quantity": 15}, {"item": binned}).json()["id"]

    answer = confirm(world, pk)

    assert (answer.status_code, answer.json()) == (200, {"id": pk, "state": "confirmed"})
    assert shelf() == {("store", "held"): 5, ("store", "destroyed"): 15}
    assert custody(binned) == {"destroyed": 6}
    done = Movement.objects.get(kind="destroy")
    assert (done.document_type, done.document_id, done.actor) == (
        "destruction",
        pk,
        world.person("checker").pk,
    )
    call_command("verify_ledger")


def test_rejected_goods_are_destroyed_once_nobody_can_claim_them(world: World) -> None:
    (item_id,) = counted(world)
    sort(world.signed("pharmacist"), item_id, reject())
    witness, wanted = world.person("checker").username, [Unfit("/lines/0", item_id=item_id)]

    def tried(days: int) -> str:
        act = world.act(on=TODAY + datetime.timedelta(days=days))
        try:
            propose_destruction(
                act=act, policy=Policy(county=world.county), place=world.hospital, lines=wanted, method="焚烧",
                witness=witness,
            )  # fmt: skip
        except DomainError as refusal:
            return refusal.code
        return "proposed"

    assert [tried(days) for days in (0, 30, 31)] == ["still_claimable", "still_claimable", "proposed"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"quantity": 21}, (409, [("/lines/0", "not_held")])),
        ({"quantity": 5, "side": "clinic"}, (409, [("/lines/0", "not_held")])),
        ({"quantity": 0}, (400, [("/lines/0/quantity", "min_value")])),
        ({"quantity": None}, (400, [("/lines/0/quantity", "required")])),
        ({"quantity": 2.5}, (400, [("/lines/0/quantity", "not_whole")])),
        ({"quantity": 5, "item": 1}, (400, [("/lines/0", "batch_or_item")])),
        ({"quantity": 5, "lot": "X"}, (400, [("/lines/0/lot", "unknown_field")])),
    ],
)
def test_line_that_cannot_be_destroyed_refused(world: World, line: dict[str, Any], expected: Any) -> None:
    batch = held(world)
    before = rows()

    answer = propose(world, {"batch": batch, **line})

    assert (faults(answer), rows()) == (expected, before)


def test_available_goods_are_held_first(world: World) -> None:
    batch = stocked(world)
    before = rows()

    answer = propose(world, {"batch": batch, "quantity": 5})

    assert faults(answer) == (409, [("/lines/0", "not_held")])
    assert "0" in answer.json()["errors"][0]["message"]
    assert rows() == before


def test_every_line_at_fault_is_named(world: World) -> None:
    good, bad = held(world), stocked(world, lot_number="L2")
    binned = left_for_disposal(world)
    before = rows()

    stock = propose(world, {"batch": good, "quantity": 1}, {"batch": bad, "quantity": 1},
                    {"batch": 999999, "quantity": 1})  # fmt: skip
    twice = propose(world, {"batch": good, "quantity": 1}, {"batch": good, "side": "store", "quantity": 1})
    items = propose(world, {"item": 999999}, {"item": binned})
    short = propose(world, {"item": binned, "quantity": 7})

    assert faults(stock) == (409, [("/lines/1", "not_held"), ("/lines/2", "not_held")])
    assert faults(twice) == (400, [("/lines/1", "listed_twice")])
    assert faults(items) == (404, [("/lines/0/item", "not_found")])
    assert faults(short) == (409, [("/lines/0/quantity", "not_in_bin")])
    assert rows() == before


def test_witness_must_be_another_who_works_there(world: World) -> None:
    batch = held(world)
    before = rows()
    wanted = {"batch": batch, "quantity": 5}
    people = [
        world.person("pharmacist"), world.person("checker", world.centre), world.person("auditor"),
        world.person("checker", foreign=True),
    ]  # fmt: skip

    answers = [propose(world, wanted, witness=person.username) for person in people]
    answers.append(propose(world, wanted, witness="nobody"))

    assert [faults(answer) for answer in answers] == [
        (403, [("/witness", "second_person_needed")]),
        *[(422, [("/witness", "not_a_witness")])] * 4,
    ]
    assert rows() == before


def test_only_the_named_witness_confirms(world: World) -> None:
    batch = held(world)
    pk = propose(world, {"batch": batch, "quantity": 5}).json()["id"]
    other = world.signed("checker", world.hospital, name="another")
    before = rows()

    signed = (world.signed("pharmacist"), other, world.signed("lead_pharmacist"))
    answers = [each.post(f"destructions/{pk}/confirm/") for each in signed]

    assert [code(answer) for answer in answers] == [(403, "not_the_witness")] * 3
    assert (rows(), states()) == (before, ["proposed"])


def test_goods_that_moved_on_are_named_and_nothing_is_destroyed(world: World) -> None:
    first, second = held(world), held(world, lot_number="L2")
    pk = propose(world, {"batch": first, "quantity": 20}, {"batch": second, "quantity": 20}).json()["id"]
    hold = Hold.objects.get(batch=second)
    world.signed("pharmacist").post(f"holds/{hold.pk}/release/", {"quantity": 1})
    before = rows()

    answer = confirm(world, pk)

    assert faults(answer) == (409, [("/lines/1", "short_stock")])
    assert (rows(), states()) == (before, ["proposed"])


def test_bin_that_was_emptied_meanwhile_is_named(world: World) -> None:
    binned, batch = left_for_disposal(world), held(world)
    lists = [propose(world, {"batch": batch, "quantity": 1}, {"item": binned}).json()["id"] for _ in range(2)]
    confirm(world, lists[0])
    before = rows()

    answer = confirm(world, lists[1])

    assert faults(answer) == (409, [("/lines/1/quantity", "not_in_bin")])
    assert (rows(), states()) == (before, ["confirmed", "proposed"])


def test_list_ends_once(world: World) -> None:
    pk = propose(world, {"batch": held(world), "quantity": 5}).json()["id"]
    confirm(world, pk)
    before = rows()

    again = confirm(world, pk)
    back = world.signed("pharmacist").post(f"destructions/{pk}/withdraw/", {"reason": "清单有误"})

    assert [code(answer) for answer in (again, back)] == [(409, "destruction_ended")] * 2
    assert (rows(), states()) == (before, ["confirmed"])


def test_withdrawn_list_destroys_nothing(world: World) -> None:
    batch = held(world)
    lists = [propose(world, {"batch": batch, "quantity": 5}).json()["id"] for _ in range(2)]

    answers = [world.signed(role).post(f"destructions/{pk}/withdraw/", {"reason": "清单有误"})
               for role, pk in zip(("pharmacist", "checker"), lists, strict=True)]  # fmt: skip

    assert [answer.status_code for answer in answers] == [200, 200]
    assert code(confirm(world, lists[0])) == (409, "destruction_ended")
    assert (states(), shelf()) == (["withdrawn", "withdrawn"], {("store", "held"): 20})


def test_stranger_to_a_list_does_not_withdraw_it(world: World) -> None:
    pk = propose(world, {"batch": held(world), "quantity": 5}).json()["id"]
    other = world.signed("checker", world.hospital, name="another")

    answer = other.post(f"destructions/{pk}/withdraw/", {"reason": "清单有误"})

    assert (answer.status_code, answer.json()["code"], states()) == (403, "not_allowed", ["proposed"])


def test_recall_tells_what_was_destroyed_of_it(world: World) -> None:
    batch = stocked(world, 20, lot_number="X-9")
    recall = raised(world, lot_number="X-9")["id"]
    assert confirm(world, propose(world, {"batch": batch, "quantity": 12}).json()["id"]).status_code == 200

    (notice,) = world.signed("lead_pharmacist").get(f"recalls/{recall}/").json()["notices"]

    assert notice["units"] == {"held": 8, "destroyed": 12}


def test_destroyed_units_cannot_be_released_from_another_hold(world: World) -> None:
    batch = stocked(world)
    holds = [world.signed("pharmacist").post("holds/", {"place": HOSPITAL, "batch": batch, "reason": why,
             "quantity": 6}).json()["id"] for why in ("受潮", "召回核查")]  # fmt: skip
    pk = propose(world, {"batch": batch, "quantity": 6}).json()["id"]
    confirm(world, pk)

    listed = world.signed("pharmacist").get("holds/").json()["results"]
    first = world.signed("pharmacist").post(f"holds/{holds[0]}/release/")

    assert [(row["id"], row["still_held"]) for row in listed] == [(holds[1], 6), (holds[0], 0)]
    assert (first.status_code, first.json()["code"]) == (409, "hold_released")
    assert shelf() == {("store", "available"): 8, ("store", "held"): 6, ("store", "destroyed"): 6}


def test_lists_and_details_stay_within_reach(world: World) -> None:
    batch, binned = held(world), left_for_disposal(world)
    pk = propose(world, {"batch": batch, "quantity": 5}, {"item": binned}).json()["id"]
    mine, theirs = world.signed("checker"), world.signed("pharmacist", world.centre)

    detail = mine.get(f"destructions/{pk}/").json()

    assert [row["id"] for row in mine.get("destructions/", state="proposed").json()["results"]] == [pk]
    assert (detail["line_count"], detail["witness"], detail["state"]) == (2, "checker", "proposed")
    assert [(line["name"], line["lot_number"], line["quantity"]) for line in detail["lines"]] == [
        ("布洛芬片 0.1g", "2203051", 5),
        ("布洛芬片 0.1g", "2203051", 6),
    ]
    assert theirs.get("destructions/").json()["results"] == []
    for route in ("", "manifest.pdf"):
        assert theirs.get(f"destructions/{pk}/{route}").status_code == 404
    assert world.signed("checker", foreign=True).post(f"destructions/{pk}/confirm/").status_code == 404


def test_witness_finds_the_list_to_do(world: World) -> None:
    pk = propose(world, {"batch": held(world), "quantity": 5}).json()["id"]

    def waiting(signed: Signed) -> int:
        return next(d["count"] for d in signed.get("todo/").json()["duties"] if d["code"] == "witness")

    before = waiting(world.signed("checker")), waiting(world.signed("pharmacist"))
    confirm(world, pk)

    assert (before, waiting(world.signed("checker"))) == ((1, 0), 0)


def test_manifest_names_goods_method_and_both_people(world: World) -> None:
    batch, binned = held(world), left_for_disposal(world)
    pk = propose(world, {"batch": batch, "quantity": 15}, {"item": binned}).json()["id"]

    pages = [world.signed("checker").get(f"destructions/{pk}/manifest.pdf")]
    confirm(world, pk)
    pages.append(world.signed("auditor").get(f"destructions/{pk}/manifest.pdf"))

    texts = [pypdfium2.PdfDocument(page.content)[0].get_textpage().get_text_range() for page in pages]
    goods = ("不合格药品销毁清单", "布洛芬片", "2203051", "15", "焚烧", "外观可疑", "已过有效期")
    people = (
        "监销人：checker",
        "监销人（签字）",
        "销毁人：pharmacist",
        "销毁人（签字）",
        "制表人",
        "复核人",
        "负责人（签字）",
        "单位（盖章）",
    )
    for word in (*goods, *people):
        assert word in texts[0], word
    assert ("待监销人确认" in texts[0], "已销毁" in texts[1], "销毁日期" in texts[1]) == (True, True, True)


def statements(world: World, lines: int, lot: str) -> tuple[int, int]:
    """How many statements proposing and confirming so many lines of stock and of items takes."""
    ids = counted(world, *(item() for _n in range(lines)))
    decided = [
        {"item": pk, "decisions": [accept(12, lot_number=f"{lot}{n}", reason="已核对"), reject(8)]}
        for n, pk in enumerate(ids)
    ]
    pharmacist, wanted = world.signed("pharmacist"), []
    answer = pharmacist.post("sortings/", {"sortings": decided})
    assert answer.status_code == 201, answer.json()
    for made in answer.json()["sortings"]:
        wanted.append({"batch": made["decisions"][0]["batch"], "quantity": 12})
    holding = [Signed(world.person("pharmacist")).post("holds/", {"place": HOSPITAL, "batch": line["batch"],
               "reason": "受潮"}) for line in wanted]  # fmt: skip
    assert {answer.status_code for answer in holding} == {201}
    left_for_disposal(world, items=lines)
    left = Item.objects.filter(donation=Donation.objects.latest("pk"))
    wanted += [{"item": pk} for pk in left.values_list("pk", flat=True)]
    with CaptureQueriesContext(connection) as proposing:
        pk = propose(world, *wanted).json()["id"]
    with CaptureQueriesContext(connection) as confirming:
        assert confirm(world, pk).status_code == 200
    return len(proposing), len(confirming)


def test_statements_do_not_grow_with_lines(world: World) -> None:
    statements(world, 1, "W")  # whoever acts first is looked up once more

    few, some, many = statements(world, 1, "A"), statements(world, 3, "B"), statements(world, 12, "C")

    assert few == some == many
