"""What the counter asks and decides beyond registering: slips, units, scope, and what a donor leaves behind."""

from __future__ import annotations

import csv
import datetime
from typing import Any

import pytest

from catalogue.services import MEDICINES
from core.models import AuditEntry
from core.receipt_codes import new_receipt_code
from donations.models import UNITS, CustodyEntry, Donation, Item
from tests.donations.holdings import rows_written, standing
from tests.donations.rosters import HEAD, line, upload, xlsx
from tests.inventory.stories import accept, sort
from tests.plain_sql import Books, drop_guard, refused_by
from tests.world import TODAY, World, donation, item

EXPIRED = {"expiry": "2020.01", "expiry_state": "read"}
BY_HAND = {"medicine": None, "description": "一板白色药片"}


def given(world: World, *items: dict[str, Any], role: str = "clerk", **fields: Any) -> Any:
    return world.signed(role).post("donations/", donation(items=list(items) or [item()], **fields))


def scanned(world: World, text: str) -> dict[str, Any]:
    answer = world.signed("clerk").post("barcodes/", {"scan": text})
    assert answer.status_code == 200, answer.json()
    return answer.json()


# Scans of products that nobody knows


def test_scan_of_an_unknown_product_keeps_all_that_was_read(world: World) -> None:
    said = scanned(world, "]d2010690123456789217290531102203051<GS>21ABC123")

    assert (said["medicine"], said["products"]) == (None, [])
    assert (said["gtin"], said["lot_number"], said["serial"]) == ("06901234567892", "2203051", "ABC123")
    assert said["expiry"]["last_usable_day"] == "2029-05-31"


def test_repeat_of_an_unknown_product_is_warned_of(world: World) -> None:
    code = "81234567890123456789"
    assert given(world, item(trace_codes=[code])).status_code == 201

    said = scanned(world, code)
    judged = world.signed("clerk").post("screenings/", item(**BY_HAND, trace_codes=[code])).json()

    assert (said["medicine"], [each["code"] for each in said["warnings"]]) == (None, ["trace_repeated"])
    assert "trace_repeated" in [reason["code"] for reason in judged["screening"]["reasons"]]


# Pre-numbered slips


@pytest.mark.parametrize("typed", ["{}", "]Q3{}", " {} "])
def test_slip_is_told_by_its_code(world: World, typed: str) -> None:
    code = new_receipt_code()

    said = scanned(world, typed.format(code))

    assert (said["kind"], said["receipt_code"], said["warnings"]) == ("receipt_code", code, [])


def test_slip_typed_without_dashes_and_in_small_letters_is_told(world: World) -> None:
    code = new_receipt_code()

    assert scanned(world, code.replace("-", "").lower())["receipt_code"] == code


def test_slip_that_a_donation_bears_is_warned_of(world: World) -> None:
    code = new_receipt_code()
    assert given(world, receipt_code=code).status_code == 201

    assert [each["code"] for each in scanned(world, code)["warnings"]] == ["receipt_code_used"]


def test_mistyped_slip_is_no_slip(world: World) -> None:
    code = new_receipt_code()
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")

    assert scanned(world, wrong)["receipt_code"] is None


# What is counted


def test_medicine_typed_by_hand_needs_its_unit(world: World) -> None:
    before = rows_written()

    answer = given(world, item(**BY_HAND))

    assert (answer.status_code, rows_written()) == (400, before)
    assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [
        ("/items/0/unit", "required")
    ]


@pytest.mark.parametrize(("fields", "unit"), [({"unit": "粒"}, "粒"), ({"specification": "0.3g*20袋"}, "袋")])
def test_unit_by_hand_is_told_or_stands_in_the_specification(
    world: World, fields: dict[str, str], unit: str
) -> None:
    made = given(world, item(**BY_HAND, **fields)).json()

    shown = world.signed("clerk").get(f"donations/{made['id']}/").json()
    assert shown["items"][0]["unit"] == unit


def test_known_medicine_is_counted_in_its_own_unit(world: World) -> None:
    before = rows_written()

    answer = given(world, item(unit="袋"))

    assert (answer.status_code, rows_written()) == (400, before)
    assert answer.json()["errors"][0] | {"message": ""} == {
        "pointer": "/items/0/unit", "code": "other_unit", "message": ""
    }  # fmt: skip


def test_units_are_those_of_the_catalogue() -> None:
    with MEDICINES.open(encoding="utf-8", newline="") as file:
        known = {row["smallest_unit"] for row in csv.DictReader(file)}

    assert known == set(UNITS)


def test_unknown_unit_is_refused_by_the_table_itself(world: World) -> None:
    books = Books(world)

    with refused_by("item_unit_known"):
        books.item(5, unit="箱")
    drop_guard("item_unit_known")

    assert Item.objects.get(pk=books.item(5, unit="箱")).unit == "箱"


# What the campaign does not ask for


def out_of_scope(world: World, **fields: Any) -> dict[str, Any]:
    """Ibuprofen, where the campaign asks for cough medicines alone."""
    world.campaign.categories = ["cough"]
    world.campaign.save(update_fields=["categories"])
    return item(**fields)


def test_out_of_scope_is_told_while_typing(world: World) -> None:
    body = {**out_of_scope(world), "campaign": world.campaign.code}

    said = world.signed("clerk").post("screenings/", body).json()["screening"]

    assert (said["outcome"], said["for_pharmacist"]) == ("refuse", True)
    assert [reason["code"] for reason in said["reasons"]] == ["out_of_scope"]


def test_out_of_scope_is_refused_unless_it_is_put_before_a_pharmacist(world: World) -> None:
    refused = out_of_scope(world)

    answers = given(world, refused, {**refused, "for_pharmacist": True}).json()["items"]

    assert [answer["screening"]["outcome"] for answer in answers] == ["refuse", "review"]
    assert [standing(answer["id"]) for answer in answers] == [{"refused": 20}, {"at_point": 20}]


def test_pharmacist_accepts_what_is_out_of_scope_with_a_reason(world: World) -> None:
    made = given(world, out_of_scope(world, for_pharmacist=True)).json()
    pk = made["items"][0]["id"]
    counts = {"items": [{"item": pk, "counted": 20}]}
    assert world.signed("checker").post(f"donations/{made['id']}/count/", counts).status_code == 200
    pharmacist = world.signed("pharmacist")

    bare = sort(pharmacist, pk, accept(20))
    told = sort(pharmacist, pk, accept(20, reason="乡卫生院急需"))

    assert (bare.status_code, bare.json()["code"]) == (422, "reason_needed")
    assert told.status_code == 201
    assert standing(pk) == {"accepted": 20}


@pytest.mark.parametrize("also", [EXPIRED, {"findings": ["damaged"]}])
def test_what_is_refused_for_good_is_not_put_before_a_pharmacist(world: World, also: dict[str, Any]) -> None:
    body = out_of_scope(world, for_pharmacist=True, **also)
    before = rows_written()

    answer = given(world, body)

    assert (answer.status_code, rows_written()) == (422, before)
    assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [
        ("/items/0/for_pharmacist", "not_for_pharmacist")
    ]
    screened = world.signed("clerk").post("screenings/", {**body, "for_pharmacist": False}).json()
    assert screened["screening"]["for_pharmacist"] is False


def test_county_without_the_pharmacists_route_refuses_for_good(world: World) -> None:
    """The same switch while typing, at registration, in a roster and at sorting."""
    waiting = given(world, out_of_scope(world, for_pharmacist=True)).json()
    (waiting_item,) = waiting["items"]
    counts = {"items": [{"item": waiting_item["id"], "counted": 20}]}
    assert world.signed("checker").post(f"donations/{waiting['id']}/count/", counts).status_code == 200
    assert world.signed("administrator").put("policies/", {"out_of_scope_soft": False}).status_code == 200
    before = rows_written()

    typed = world.signed("clerk").post("screenings/", {**item(), "campaign": world.campaign.code}).json()
    asked = given(world, item(for_pharmacist=True))
    roster = upload(world, xlsx(HEAD, line()))
    sorted_out = sort(world.signed("pharmacist"), waiting_item["id"], accept(20, reason="乡卫生院急需"))

    assert (typed["screening"]["outcome"], typed["screening"]["for_pharmacist"]) == ("refuse", False)
    assert (asked.status_code, asked.json()["code"], rows_written()) == (422, "not_for_pharmacist", before)
    assert roster.json()["outcomes"] == {"refuse": 1}
    assert (sorted_out.status_code, sorted_out.json()["errors"][0]["code"]) == (422, "out_of_scope")
    plain = given(world, item()).json()["items"][0]
    assert standing(plain["id"]) == {"refused": 20}


# What is left behind


def test_refused_goods_are_left_for_disposal_afterwards(world: World) -> None:
    made = given(world, item(**EXPIRED), item()).json()
    refused, taken = (each["id"] for each in made["items"])

    answer = world.signed("clerk").post(f"donations/{made['id']}/leave/")

    assert (answer.status_code, answer.json()["items"]) == (200, [refused])
    assert (standing(refused), standing(taken)) == ({"in_bin": 20}, {"at_point": 20})
    entry = CustodyEntry.objects.latest("id")
    assert (entry.kind, entry.reason) == ("left_for_disposal", "expired")


def test_nothing_is_left_twice_and_nothing_that_was_taken(world: World) -> None:
    made = given(world, item(**EXPIRED)).json()
    clerk = world.signed("clerk")
    clerk.post(f"donations/{made['id']}/leave/")

    again = clerk.post(f"donations/{made['id']}/leave/")
    other = clerk.post(f"donations/{given(world).json()['id']}/leave/")

    assert [(answer.status_code, answer.json()["code"]) for answer in (again, other)] == [
        (409, "not_left")
    ] * 2
    assert CustodyEntry.objects.filter(kind="left_for_disposal").count() == 1


def test_goods_are_left_on_the_day_of_the_registration_only(world: World) -> None:
    pk = Books(world).donation(booked_on=TODAY - datetime.timedelta(days=1))

    answer = world.signed("clerk").post(f"donations/{pk}/leave/")

    assert (answer.status_code, answer.json()["code"]) == (409, "left_too_late")


def test_goods_of_another_place_are_not_left(world: World) -> None:
    made = given(world, item(**EXPIRED)).json()

    strangers = [world.signed("clerk", world.office), world.signed("clerk", foreign=True)]

    assert [each.post(f"donations/{made['id']}/leave/").status_code for each in strangers] == [404, 404]


# Who it was


def test_donor_is_shown_to_the_place_and_every_look_is_logged(world: World) -> None:
    made = given(world).json()
    donor = Donation.objects.get(pk=made["id"]).donor_id

    shown = [world.signed(role).get(f"donors/{donor}/").json() for role in ("clerk", "auditor")]

    assert [(each["name"], each["phone"]) for each in shown] == [("张三", "13800138000")] * 2
    assert AuditEntry.objects.filter(subject=f"donor {donor}").count() == 2


def test_donor_is_not_shown_elsewhere(world: World) -> None:
    donor = Donation.objects.get(pk=given(world).json()["id"]).donor_id
    strangers = [
        world.signed("clerk", world.office),
        world.signed("clerk", foreign=True),
        world.signed("auditor", foreign=True),
    ]

    assert [each.get(f"donors/{donor}/").status_code for each in strangers] == [404, 404, 404]
    assert world.signed("allocator").get(f"donors/{donor}/").status_code == 403


@pytest.mark.parametrize(
    ("printed", "months", "expected"),
    [
        ("2099-12", 6, "expiry_contradicts_production"),
        ("2098-12-31", 12, "expiry_contradicts_production"),
        ("2099-12", 12, ""),
        ("2099-12-27", 12, ""),
        ("2099-11", 12, ""),
    ],
)
def test_expiry_that_contradicts_the_production_day_is_read_again(
    world: World, printed: str, months: int, expected: str
) -> None:
    typed = item(expiry=printed, produced_on="2098-12-28", shelf_life_months=months)

    answer = world.signed("clerk").post("donations/", donation(items=[typed])).json()

    assert [fault["code"] for fault in answer.get("errors", [])] == ([expected] if expected else [])
    assert Donation.objects.count() == (0 if expected else 1)
