"""The sealed list: its paper, its seal, and taking a list back."""

from __future__ import annotations

import io
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from donations.models import CustodyEntry, Donation, GroupHoldings, Handover, HandoverDonation
from inventory.verification import verify
from tests.donations.holdings import rows_written, standing
from tests.plain_sql import drop_guard, execute, refused_by
from tests.world import World, donation, item


def give(world: World, *items: dict[str, Any]) -> dict[str, Any]:
    body = donation(place=world.office.code, items=list(items or [item()]))
    return world.signed("clerk", world.office).post("donations/", body).json()


def send(world: World, *given: dict[str, Any], **fields: Any) -> Any:
    body = {
        "from_place": world.office.code,
        "to_place": world.hospital.code,
        "donations": [each["id"] for each in given],
        **fields,
    }
    return world.signed("clerk", world.office).post("handovers/", body)


def paper(world: World, pk: int) -> pypdfium2.PdfDocument:
    answer = world.signed("checker").get(f"handovers/{pk}/list.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    return pypdfium2.PdfDocument(io.BytesIO(answer.content))


def texts(document: pypdfium2.PdfDocument) -> list[str]:
    return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]


def count(given: dict[str, Any]) -> list[dict[str, int]]:
    return [{"item": each["id"], "counted": 20} for each in given["items"]]


# On paper


def test_paper_says_what_travels_and_names_no_donor(world: World) -> None:
    sealed = send(
        world, give(world), give(world), give(world, item(lot_number="L7", quantity=6)),
        carrier="县邮政投递员", vehicle="贵H12345", seal_number="FT-000123",
    ).json()  # fmt: skip

    (text,) = texts(paper(world, sealed["id"]))

    for said in [
        "捐赠药品移交清单", "从江县卫生健康局", "从江县中医院北院药房", "县邮政投递员", "贵H12345", "FT-000123",
        "3笔，2行", "布洛芬片", "2203051", "L7", "合计", "46", "清点数量", "差异原因", "移交人：", "承运人：",
        "接收人（清点）：", "制表人：", "复核人：", "负责人（签字）：", "单位（盖章）：", "日期：",
        sealed["list_seal"],
    ]:  # fmt: skip
        assert said in text
    assert "张三" not in text
    for code in Donation.objects.values_list("receipt_code", flat=True):
        assert code in text.replace("-", "")


def test_code_on_the_paper_is_the_seal(world: World) -> None:
    pk = send(world, give(world)).json()["id"]
    page = paper(world, pk)[0].render(scale=2).to_pil()

    (code,) = zxingcpp.read_barcodes(page)

    assert code.text == f"handover:{pk}:{Handover.objects.get().list_seal}"
    read = world.signed("pharmacist").get(f"handovers/{pk}/", list_seal=code.text).json()
    assert (read["list_seal_agrees"], read["list_unchanged"]) == (True, True)


def test_paper_of_eighty_donations_repeats_its_heads(world: World) -> None:
    lots = [[item(lot_number=f"{n}-{m}") for m in range(2)] for n in range(80)]
    pk = send(world, *(give(world, *pair) for pair in lots)).json()["id"]

    pages = texts(paper(world, pk))

    assert len(pages) > 5
    assert all(f"共 {len(pages)} 页" in page for page in pages)
    assert all("药品名称" in page or "捐赠凭证号" in page for page in pages)
    assert all("捐赠药品移交清单" in page for page in pages)
    whole = "".join(pages).replace("-", "")
    assert all(code in whole for code in Donation.objects.values_list("receipt_code", flat=True))


def test_paper_costs_the_same_however_long_it_is(world: World) -> None:
    checker, counts = world.signed("checker"), []
    for number in (1, 3, 60):
        pk = send(world, give(world, *(item(lot_number=f"{number}-{n}") for n in range(number)))).json()["id"]
        with CaptureQueriesContext(connection) as statements:
            checker.get(f"handovers/{pk}/list.pdf")
        counts.append(len(statements))

    assert counts[0] == counts[1] == counts[2]


def test_paper_shows_both_once_it_was_counted(world: World) -> None:
    given = give(world)
    pk = send(world, given, seal_number="A1").json()["id"]
    lines = [{"item": given["items"][0]["id"], "counted": 17, "reason": "other", "note": "途中遇雨"}]
    body = {"items": lines, "seal_intact": False, "seal_note": "封条断开"}
    assert world.signed("pharmacist").post(f"handovers/{pk}/receive/", body).status_code == 200

    (text,) = texts(paper(world, pk))

    for said in ("17", "-3", "其他：途中遇雨", "破损：封条断开"):
        assert said in text


def test_broken_seal_is_told_at_the_sorting_table(world: World) -> None:
    given, whole = give(world), give(world)
    for made, said in (
        (given, {"seal_intact": False, "seal_note": "封条断开"}),
        (whole, {"seal_intact": True}),
    ):
        pk = send(world, made, seal_number="A1").json()["id"]
        body = {"items": count(made), **said}
        assert world.signed("pharmacist").post(f"handovers/{pk}/receive/", body).status_code == 200

    rows = world.signed("pharmacist").get("sorting-queue/").json()["results"]
    reader = Client(headers={"Accept": "text/html"})
    reader.force_login(world.person("pharmacist"))

    ids = [made["items"][0]["id"] for made in (given, whole)]
    assert {row["item"]: row["broken_seal"] for row in rows} == dict(
        zip(ids, ["封条断开", None], strict=True)
    )
    assert reader.get("/sorting-queue/").content.decode().count("封条断开") == 1
    assert "封条断开" in reader.get(f"/sorting-queue/{ids[0]}/").content.decode()
    assert "封条断开" not in reader.get(f"/sorting-queue/{ids[1]}/").content.decode().split("item-head")[1]


# The seal


@pytest.mark.parametrize("read", ["{qr}", "{whole}", "{shown}", "{lower}"])
def test_seal_read_in_any_way_lets_the_list_be_received(world: World, read: str) -> None:
    given = give(world)
    sealed = send(world, given).json()
    whole = Handover.objects.get().list_seal
    shown = sealed["list_seal"]
    text = read.format(qr=f"handover:{sealed['id']}:{whole}", whole=whole, shown=shown, lower=shown.lower())

    answer = world.signed("pharmacist").post(
        f"handovers/{sealed['id']}/receive/", {"items": count(given), "list_seal": text}
    )

    assert answer.status_code == 200, answer.json()


@pytest.mark.parametrize("read", ["of another", "0000 0000 0000 0000", "abc", "handover:1", "{short}"])
def test_seal_of_another_list_is_refused_and_nothing_is_written(world: World, read: str) -> None:
    given, other = give(world), give(world)
    sealed, another = send(world, given).json(), send(world, other).json()
    text = another["list_seal"] if read == "of another" else read.format(short=sealed["list_seal"][:4])
    before = rows_written()

    answer = world.signed("pharmacist").post(
        f"handovers/{sealed['id']}/receive/", {"items": count(given), "list_seal": text}
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "list_changed")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/list_seal"]
    assert (rows_written(), standing(given["items"][0]["id"])) == (before, {"on_the_way": 20})


def test_list_that_was_changed_in_the_books_is_seen_and_not_received(world: World) -> None:
    given = give(world)
    pk = send(world, given, vehicle="贵H12345").json()["id"]
    drop_guard("handover_list_fixed")
    execute("UPDATE donations_handover SET vehicle = '贵H99999'")

    answer = world.signed("pharmacist").post(f"handovers/{pk}/receive/", {"items": count(given)})

    assert world.signed("checker").get(f"handovers/{pk}/").json()["list_unchanged"] is False
    assert (answer.status_code, answer.json()["code"]) == (409, "list_changed")


@pytest.mark.parametrize(
    ("statement", "guard"),
    [
        ("UPDATE donations_handover SET carrier = '别人'", "handover_list_fixed"),
        ("UPDATE donations_handover SET list_seal = 'x'", "handover_list_fixed"),
        ("UPDATE donations_handover SET to_place_id = from_place_id", "handover_list_fixed"),
        ("DELETE FROM donations_handover", "handover_ends_once"),
        ("DELETE FROM donations_handoverdonation", "handover_list_fixed"),
        ("UPDATE donations_handoverdonation SET open = false", "listed_while_open"),
        ("UPDATE donations_handovergroup SET declared = 1", "donations_handovergroup_append_only"),
        (
            "UPDATE donations_handover SET state = 'voided', voided_on = handed_over_on, voided_by = 1",
            "handover_voided_with_reason",
        ),
        ("UPDATE donations_handover SET seal_intact = false", "handover_broken_seal_told"),
        (
            "UPDATE donations_handover SET state = 'received', received_on = handed_over_on, received_by = 0",
            "handover_seal_looked_at",
        ),
    ],
)
def test_list_is_fixed_by_the_database(world: World, statement: str, guard: str) -> None:
    send(world, give(world), give(world), seal_number="A1")

    with refused_by(guard):
        execute(statement)

    drop_guard(guard)
    if statement.startswith("UPDATE") and "to_place" not in statement:
        assert execute(statement) > 0


def test_handover_that_ended_changes_no_more(world: World) -> None:
    send(world, give(world))
    execute(
        "UPDATE donations_handover SET state = 'voided', voided_on = handed_over_on, voided_by = 1,"
        " void_reason = '作废'"
    )

    with refused_by("handover_ends_once"):
        execute("UPDATE donations_handover SET state = 'open', voided_on = NULL")

    assert Handover.objects.get().state == "voided"


@pytest.mark.parametrize(
    ("first", "guard"),
    [("open", "donation_in_one_open_handover"), ("closed", "listed_while_open")],
)
def test_donation_is_on_one_open_list_by_plain_sql(world: World, first: str, guard: str) -> None:
    given = give(world)
    send(world, given)
    other = Handover.objects.create(
        county=world.county,
        from_place=world.office,
        to_place=world.hospital,
        handed_over_on=Handover.objects.get().handed_over_on,
        handed_over_by=1,
    )
    statement = (
        "INSERT INTO donations_handoverdonation (county_id, handover_id, donation_id, open)"
        f" VALUES ('{world.county.pk}', {other.pk}, {given['id']}, {first == 'open'})"
    )

    with refused_by(guard):
        execute(statement)

    drop_guard(guard)
    assert execute(statement) == 1


# The bag


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"vehicle": "贵H\u202e12345"}, "/vehicle"),
        ({"vehicle": "<script>"}, "/vehicle"),
        ({"seal_number": "FT=1"}, "/seal_number"),
        ({"seal_number": "1" * 41}, "/seal_number"),
        ({"carrier": "x" * 81}, "/carrier"),
        ({"driver": "x"}, "/driver"),
    ],
)
def test_transport_that_cannot_be_printed_is_refused(
    world: World, fields: dict[str, str], pointer: str
) -> None:
    answer = send(world, give(world), **fields)

    assert answer.status_code == 400
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert Handover.objects.count() == 0


@pytest.mark.parametrize(
    ("said", "pointer"),
    [({}, "/seal_intact"), ({"seal_intact": None}, "/seal_intact"), ({"seal_intact": False}, "/seal_note")],
)
def test_state_of_the_bag_seal_is_told_at_receipt(world: World, said: dict[str, Any], pointer: str) -> None:
    given = give(world)
    pk = send(world, given, seal_number="FT-1").json()["id"]
    before = rows_written()

    answer = world.signed("pharmacist").post(f"handovers/{pk}/receive/", {"items": count(given), **said})

    assert answer.status_code == 400
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert (rows_written(), Handover.objects.get().state) == (before, "open")


@pytest.mark.parametrize(("intact", "note", "warned"), [(True, "", []), (False, "撕裂", ["seal_broken"])])
def test_state_of_the_bag_seal_is_kept(world: World, intact: bool, note: str, warned: list[str]) -> None:
    given = give(world)
    pk = send(world, given, seal_number="FT-1").json()["id"]
    body = {"items": count(given), "seal_intact": intact, "seal_note": note}

    answer = world.signed("pharmacist").post(f"handovers/{pk}/receive/", body).json()

    told = world.signed("checker").get(f"handovers/{pk}/").json()
    assert [warning["code"] for warning in answer["warnings"]] == warned
    assert (told["seal_number"], told["seal_intact"], told["seal_note"]) == ("FT-1", intact, note)


# Taking a list back


def test_voided_handover_leaves_everything_at_the_point(world: World) -> None:
    first, second, late = give(world), give(world), give(world)
    pk = send(world, first, second).json()["id"]
    clerk = world.signed("clerk", world.office)

    answer = clerk.post(f"handovers/{pk}/void/", {"reason": "车辆未到"})

    assert (answer.status_code, answer.json()) == (200, {"id": pk, "state": "voided"})
    assert [standing(each["items"][0]["id"]) for each in (first, second)] == [{"at_point": 20}] * 2
    assert GroupHoldings.objects.get().on_the_way == 0
    assert not HandoverDonation.objects.filter(open=True).exists()
    assert clerk.get(f"handovers/{pk}/").json()["void_reason"] == "车辆未到"
    assert "本清单已作废：车辆未到" in texts(paper(world, pk))[0]
    again = send(world, first, second, late)
    assert again.status_code == 201
    (line,) = clerk.get(f"handovers/{again.json()['id']}/").json()["lines"]
    counted = [{"group": line["group"], "counted": 61, "reason": "miscounted"}]
    done = world.signed("checker").post(f"handovers/{again.json()['id']}/receive/", {"items": counted})
    assert done.status_code == 200, done.json()
    assert verify(world.county.pk) == []


def test_handover_that_was_received_is_not_voided_nor_the_reverse(world: World) -> None:
    first, second = give(world), give(world)
    done, void = send(world, first).json()["id"], send(world, second).json()["id"]
    clerk, pharmacist = world.signed("clerk", world.office), world.signed("pharmacist")
    assert pharmacist.post(f"handovers/{done}/receive/", {"items": count(first)}).status_code == 200
    assert clerk.post(f"handovers/{void}/void/", {"reason": "作废"}).status_code == 200
    before = rows_written()

    answers = [
        clerk.post(f"handovers/{done}/void/", {"reason": "作废"}),
        clerk.post(f"handovers/{void}/void/", {"reason": "作废"}),
        pharmacist.post(f"handovers/{void}/receive/", {"items": count(second)}),
    ]

    assert [(each.status_code, each.json()["code"]) for each in answers] == [(409, "handover_closed")] * 3
    assert rows_written() == before


def test_only_the_sending_place_takes_a_handover_back(world: World) -> None:
    given = give(world)
    pk = send(world, given).json()["id"]

    assert world.signed("clerk").post(f"handovers/{pk}/void/", {"reason": "作废"}).status_code == 404
    bare = world.signed("clerk", world.office).post(f"handovers/{pk}/void/", {"reason": ""})
    assert (bare.status_code, bare.json()["errors"][0]["pointer"]) == (400, "/reason")
    assert CustodyEntry.objects.filter(kind="reversed").count() == 0
