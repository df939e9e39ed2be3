"""Labels of boxes and bags: what they say, their codes, and what is not printed."""

from __future__ import annotations

import datetime
import io
import uuid
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from catalogue.models import Medicine
from core.receipt_codes import check_character
from core.short_codes import LENGTH, new_short_code, parse_short_code, printed_code
from inventory.labels import labels_pdf
from inventory.models.labels import BatchCode, LabelLine, LabelRun
from inventory.queries.labels import run_at
from organisation.models import Place
from tests.distribution.stock import stock
from tests.inventory.stories import stocked, written
from tests.plain_sql import TODAY, Breach, Breaches, drop_guard, execute, insert, refused_by, value
from tests.shelves import Shelves
from tests.world import World

breaks = Breaches()
SLOGAN = "捐赠药品 免费发放 严禁销售"


def wanted(batch: int, layout: str = "sheet", place: str = "P-522633-01", **line: Any) -> dict[str, Any]:
    return {"place": place, "layout": layout, "lines": [{"batch": batch, **line}]}


def bag(batch: int, **line: Any) -> dict[str, Any]:
    return wanted(batch, "bags", **{"quantity": 6, "usage": "口服，一次1片，一日3次", **line})


def opened(world: World, quantity: int = 20) -> int:
    """A batch of opened boxes at the hospital."""
    return stocked(world, quantity, pack="opened")


def printed(world: World, body: dict[str, Any]) -> tuple[int, pypdfium2.PdfDocument]:
    signed = world.signed("pharmacist")
    answer = signed.post("labels/", body)
    assert answer.status_code == 201, answer.json()
    file = signed.client.get(answer.json()["file"])
    assert (file.status_code, file["Content-Type"]) == (200, "application/pdf")
    return answer.json()["id"], pypdfium2.PdfDocument(io.BytesIO(file.content))


def text_of(document: pypdfium2.PdfDocument) -> str:
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def codes_on(document: pypdfium2.PdfDocument) -> list[str]:
    picture = document[0].render(scale=4).to_pil()
    return sorted(code.text for code in zxingcpp.read_barcodes(picture))


def test_sheet_holds_twenty_four_labels_that_say_what_stands_on_the_box(world: World) -> None:
    batch = stocked(world)

    _run, document = printed(world, wanted(batch, copies=25))

    text, code = text_of(document), printed_code(BatchCode.objects.get().code)
    assert len(document) == 2
    assert [text.count(word) for word in (SLOGAN, "布洛芬片", "批号 2203051", code)] == [25] * 4
    for word in ("片剂 0.1g", "有效期至 2", "整盒未拆", "从江县中医院北院药房"):
        assert word in text
    assert codes_on(document) == [code] * 24


def test_single_label_is_a_page_of_60_by_40_millimetres(world: World) -> None:
    _run, document = printed(world, wanted(stocked(world), "single", copies=3))

    width, height = document[0].get_size()
    assert (len(document), round(width * 25.4 / 72), round(height * 25.4 / 72)) == (3, 60, 40)
    assert SLOGAN in text_of(document)
    assert codes_on(document) == [printed_code(BatchCode.objects.get().code)]


def test_bag_says_what_is_in_it_how_it_is_taken_and_where_it_was_cut(world: World) -> None:
    _run, document = printed(world, bag(opened(world), copies=12))

    text = text_of(document).replace("\r\n", "").replace("\n", "")
    assert len(document) == 1
    for word in (
        "布洛芬片", "0.1g", "数量 6片", "用法 口服，一次1片，一日3次", "批号 2203051", "有效期至 2",
        "从江县中医院北院药房", "请从无批号、效期印记的一端剪取", SLOGAN,
    ):  # fmt: skip
        assert text.count(word) == 12, word


def test_batch_keeps_its_code_however_often_it_is_printed(world: World) -> None:
    batch = stocked(world)

    for _ in range(2):
        printed(world, wanted(batch))

    assert BatchCode.objects.filter(batch=batch).count() == 1
    assert LabelLine.objects.count() == 2


def test_same_run_gives_the_same_bytes(world: World) -> None:
    run, _document = printed(world, wanted(stocked(world)))
    places = Place.objects.filter(pk=world.hospital.pk)
    made = datetime.datetime(2023, 1, 5, tzinfo=datetime.UTC)

    assert labels_pdf(run_at(places, run), made=made) == labels_pdf(run_at(places, run), made=made)


@pytest.mark.parametrize("layout", LabelRun.Layout.values)
def test_long_names_and_rare_characters_fit(world: World, layout: str) -> None:
    """The longest of everything that a label bears, with characters outside the common fonts."""
    batch = stocked(world, 20, lot_number="W" * 40, pack="opened")
    name = "注射用" + "龘𠮷㙍" + "布洛芬" * 38
    Medicine.objects.filter(pk=world.ibuprofen.pk).update(
        generic_name=name, strength="每片含对乙酰氨基酚0.3g" * 8
    )
    Place.objects.filter(pk=world.hospital.pk).update(name="从江县" + "卫生院" * 25)
    more = {"quantity": 1_000_000, "usage": "用法很长" * 15} if layout == "bags" else {}

    _run, document = printed(world, wanted(batch, layout, **more))

    text = text_of(document).replace("\r\n", "").replace("\n", "")
    assert "注射用龘𠮷㙍布洛芬" in text
    assert "W" * 40 in text


# Codes


def test_code_leads_to_the_batch_however_it_is_typed(world: World) -> None:
    batch = stocked(world)
    printed(world, wanted(batch))
    code = BatchCode.objects.get().code

    for typed in (code, printed_code(code), code.lower(), f" {code[:4]} {code[4:]} "):
        answer = world.signed("checker").get(f"label-codes/{typed}/")
        assert (answer.status_code, answer.json()["batch"]) == (200, batch)
    assert answer.json() == {
        "code": printed_code(code), "batch": batch, "medicine": "M009a", "name": str(world.ibuprofen),
        "lot_number": "2203051", "last_usable_day": str(TODAY + datetime.timedelta(days=400)), "pack": "sealed",
        "corrected_into": None,
    }  # fmt: skip


def test_code_of_a_label_read_wrongly_names_the_true_batch(world: World) -> None:
    batch = stocked(world)
    printed(world, wanted(batch))
    world.signed("lead_pharmacist").post(f"batches/{batch}/relabel/", {"lot_number": "X9", "reason": "看错"})
    done = world.signed("pharmacist").post(f"batches/{batch}/relabel/confirm/")
    assert done.status_code in {200, 201}, done.json()

    answer = world.signed("pharmacist").get(f"label-codes/{BatchCode.objects.get().code}/").json()

    assert answer["corrected_into"] not in {None, batch}


@pytest.mark.parametrize("code", ["000000000", "ABCDEFGH", "nothing", "1", "%25", "㎎" * 9, "A" * 500])
def test_what_is_no_code_leads_nowhere(world: World, code: str) -> None:
    assert world.signed("pharmacist").get(f"label-codes/{code}/").status_code == 404


def test_code_leads_nobody_beyond_their_places(world: World) -> None:
    printed(world, wanted(stocked(world)))
    code = BatchCode.objects.get().code

    for stranger in (
        world.signed("pharmacist", world.centre),
        world.signed("pharmacist", foreign=True),
        world.signed("lead_pharmacist", foreign=True),
    ):
        assert stranger.get(f"label-codes/{code}/").status_code == 404
    assert world.signed("clerk").get(f"label-codes/{code}/").status_code == 403


def test_codes_are_whole_random_and_checked() -> None:
    codes = {new_short_code() for _ in range(2000)}

    assert len(codes) == 2000
    assert {parse_short_code(code) for code in codes} == codes
    code = codes.pop()
    assert {parse_short_code(code[:i] + code[i + 1] + code[i] + code[i + 2 :]) for i in range(8)} <= {
        None,
        code,
    }


@pytest.mark.parametrize("payload", ["00000000", "ABCDEFGH", "01234567", "ABABABAB", "AAABCQXZ"])
def test_guessable_code_is_none(payload: str) -> None:
    assert len(payload) + 1 == LENGTH
    assert parse_short_code(payload + check_character(payload)) is None


# Refusals


def sealed(world: World) -> dict[str, Any]:
    return bag(stocked(world))


def expired(world: World) -> dict[str, Any]:
    batch = stock(world, 20, days=-1, since=TODAY - datetime.timedelta(days=9)).pk
    return bag(batch)


def held(world: World) -> dict[str, Any]:
    batch = opened(world)
    world.signed("pharmacist").post("holds/", {"place": "P-522633-01", "batch": batch, "reason": "x"})
    return bag(batch)


REFUSED = [
    (sealed, 409, "not_opened", "/lines/0/batch"),
    (expired, 422, "expired_stock", "/lines/0/batch"),
    (held, 409, "not_on_the_shelf", "/lines/0/batch"),
    (lambda w: wanted(stocked(w) + 999), 404, "not_found", "/lines/0/batch"),
    (lambda w: wanted(stocked(w, place=w.centre)), 404, "not_found", "/lines/0/batch"),
    (lambda w: wanted(stocked(w), place="P-522633-10"), 404, "not_found", "/place"),
    (lambda w: wanted(stocked(w), place="P-522622-01"), 404, "not_found", "/place"),
    (lambda w: wanted(stocked(w), "poster"), 400, "invalid_choice", "/layout"),
    (lambda w: wanted(stocked(w), copies=0), 400, "min_value", "/lines/0/copies"),
    (lambda w: wanted(stocked(w), copies=241), 400, "max_value", "/lines/0/copies"),
    (lambda w: wanted(stocked(w), copies=1.5), 400, "not_whole", "/lines/0/copies"),
    (lambda w: wanted(stocked(w), quantity=6), 400, "only_on_bags", "/lines/0/quantity"),
    (lambda w: wanted(stocked(w), "bags", usage="口服"), 400, "required", "/lines/0/quantity"),
    (lambda w: wanted(stocked(w), "bags", quantity=6), 400, "required", "/lines/0/usage"),
    (lambda w: bag(opened(w), usage="a" * 61), 400, "too_long", "/lines/0/usage"),
    (lambda w: {**wanted(stocked(w)), "lines": []}, 400, "empty", "/lines"),
    (lambda w: {**wanted(1), "lines": [{"batch": stocked(w), "copies": 200}] * 2}, 400, "too_many_labels", "/lines"),
]  # fmt: skip


@pytest.mark.parametrize(("story", "status", "code", "pointer"), REFUSED)
def test_labels_refused(world: World, story: Any, status: int, code: str, pointer: str) -> None:
    body = story(world)
    before = written()

    answer = world.signed("pharmacist").post("labels/", body)

    fault = answer.json()["errors"][0]
    assert (answer.status_code, fault["code"], fault["pointer"]) == (status, code, pointer)
    assert (written(), BatchCode.objects.count(), LabelRun.objects.count()) == (before, 0, 0)


def test_every_line_at_fault_is_named(world: World) -> None:
    good, wrong = opened(world), stocked(world, lot_number="S1")
    line = {"quantity": 6, "usage": "口服"}
    body = {**bag(good), "lines": [{"batch": pk, **line} for pk in (wrong, good, wrong)]}

    answer = world.signed("pharmacist").post("labels/", body)

    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/lines/0/batch", "/lines/2/batch"]


def test_labels_are_shown_at_their_place_only(world: World) -> None:
    run, _document = printed(world, wanted(stocked(world)))

    for stranger in (world.signed("pharmacist", world.centre), world.signed("pharmacist", foreign=True)):
        assert stranger.get(f"labels/{run}.pdf").status_code == 404


def test_labels_cost_the_same_however_many(world: World) -> None:
    batches = [stocked(world, lot_number=f"L{n}") for n in range(9)]
    pharmacist, costs = world.signed("pharmacist"), set()
    for count in (1, 3, 5):
        lines = [{"batch": batches.pop()} for _ in range(count)]
        with CaptureQueriesContext(connection) as posted:
            answer = pharmacist.post("labels/", {**wanted(1), "lines": lines})
        with CaptureQueriesContext(connection) as read:
            pharmacist.client.get(answer.json()["file"])
        costs.add((answer.status_code, len(posted), len(read)))

    assert len(costs) == 1


def test_same_key_prints_once(world: World) -> None:
    body, key = wanted(stocked(world)), uuid.uuid4()
    first, second = (world.signed("pharmacist").post("labels/", body, key=key) for _ in range(2))

    assert (first.json(), LabelRun.objects.count()) == (second.json(), 1)


# Around the services


def code_row(s: Shelves, **columns: Any) -> int:
    row = {"county_id": s.county, "batch_id": s.batch_a, "code": "K7M2Q9XZ4", **columns}
    return insert("inventory_batchcode", **row)


def run_row(s: Shelves, **columns: Any) -> int:
    row = {
        "county_id": s.county, "place_id": s.here, "layout": "sheet", "printed_by": 1, "printed_on": TODAY,
        "command": uuid.uuid4(), **columns,
    }  # fmt: skip
    return insert("inventory_labelrun", **row)


def line_row(s: Shelves, **columns: Any) -> int:
    row = {
        "county_id": s.county, "run_id": run_row(s), "batch_id": s.batch_a, "copies": 1, "quantity": None,
        "usage": "", **columns,
    }  # fmt: skip
    return insert("inventory_labelline", **row)


@breaks("batch_code_once")
def give_a_second_code(s: Shelves) -> int:
    code_row(s)
    return code_row(s, code="Z7M2Q9XZ4")


@breaks("batch_code_unique")
def give_one_code_to_two(s: Shelves) -> int:
    code_row(s)
    return code_row(s, batch_id=s.batch())


@breaks("batch_code_opaque")
def give_a_code_with_a_pattern(s: Shelves) -> int:
    return code_row(s, code="K7M2QQQZ4")


@breaks("batch_code_opaque")
def give_a_code_of_other_letters(s: Shelves) -> int:
    return code_row(s, code="K7M2Q9XZO")


@breaks("batch_code_batch_same_county")
def give_a_code_in_another_county(s: Shelves) -> int:
    return code_row(s, county_id=s.abroad.county)


@breaks("inventory_batchcode_append_only")
def change_a_code(s: Shelves) -> int:
    row = code_row(s)
    return execute("UPDATE inventory_batchcode SET code = 'Z7M2Q9XZ4' WHERE id = %s", [row])


@breaks("label_run_place_same_county")
def print_in_another_county(s: Shelves) -> int:
    return run_row(s, place_id=s.abroad.here)


@breaks("label_line_batch_same_county")
def label_a_batch_of_another_county(s: Shelves) -> int:
    return line_row(s, batch_id=s.abroad.batch_x)


@breaks("label_line_run_same_county")
def add_to_a_run_of_another_county(s: Shelves) -> int:
    return line_row(s, run_id=insert(
        "inventory_labelrun", county_id=s.abroad.county, place_id=s.abroad.here, layout="sheet", printed_by=1,
        printed_on=TODAY, command=uuid.uuid4(),
    ))  # fmt: skip


@breaks("label_line_copies")
def print_none(s: Shelves) -> int:
    return line_row(s, copies=0)


@breaks("label_line_bag_whole")
def fill_a_bag_without_saying_how_to_take_it(s: Shelves) -> int:
    return line_row(s, quantity=6)


@breaks("inventory_labelline_append_only")
def change_what_was_printed(s: Shelves) -> int:
    return execute("UPDATE inventory_labelline SET copies = 2 WHERE id = %s", [line_row(s)])


@pytest.mark.parametrize("breach", breaks, ids=str)
def test_breach_refused_by_its_guard(shelves: Shelves, breach: Breach) -> None:
    with refused_by(breach.guard):
        breach.attempt(shelves)

    assert (
        value("SELECT (SELECT count(*) FROM inventory_batchcode) + (SELECT count(*) FROM inventory_labelrun)")
        == 0
    )


@pytest.mark.parametrize("breach", breaks, ids=str)
def test_breach_goes_in_without_its_guard(shelves: Shelves, breach: Breach) -> None:
    with transaction.atomic():
        for guard in (breach.guard, *breach.behind):
            drop_guard(guard)

    assert breach.attempt(shelves)
