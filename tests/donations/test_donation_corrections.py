import datetime
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from donations.differences import Tolerance
from donations.models import CustodyEntry, Donation, Item
from donations.queries import given_of, identities_of
from donations.roster import read_roster
from inventory.verification import verify
from organisation.queries import policy_of
from tests.inventory.stories import accept, sort
from tests.plain_sql import drop_guard, execute, insert, refused_by
from tests.world import TODAY, World, donation, item


@pytest.fixture
def made(world: World):
    body = donation(items=[item(), item(medicine="M001b")])
    return world.signed("clerk").post("donations/", body).json()


def correct(world, made, place=None, **fields):
    body = {"reason": "清点时发现写错", **fields}
    return world.signed("pharmacist", place).post(f"donations/{made['id']}/correct/", body)


def given(made):
    rows = given_of(Item.objects.filter(donation_id=made["id"]))
    return [rows[pk] for pk in sorted(rows)]


def line(made, index, quantity):
    return {"item": made["items"][index]["id"], "quantity": quantity}


def count(world, made):
    lines = [{"item": each["id"], "counted": 20} for each in made["items"]]
    answer = world.signed("checker").post(f"donations/{made['id']}/count/", {"items": lines})
    assert answer.status_code == 200, answer.content


@pytest.mark.parametrize("quantity", [0, 7, 20, 33])
def test_quantity_corrected_at_the_drop_off_point(world: World, made, quantity):
    answer = correct(world, made, items=[line(made, 0, quantity)])

    assert (answer.status_code, given(made)) == (200, [quantity, 20])
    assert Item.objects.get(pk=made["items"][0]["id"]).holdings.at_point == quantity


def test_quantity_corrected_after_counting_and_before_sorting(world: World, made):
    count(world, made)

    correct(world, made, items=[line(made, 0, 15)])

    assert Item.objects.get(pk=made["items"][0]["id"]).holdings.counted == 15


def test_correction_is_a_new_entry_with_its_reason(world: World, made):
    correct(world, made, items=[line(made, 0, 12)])

    [entry] = CustodyEntry.objects.filter(kind="corrected")
    assert (entry.quantity, entry.from_state, entry.to_state) == (8, "at_point", "outside")
    assert (entry.reason, entry.note) == ("corrected", "清点时发现写错")
    assert Item.objects.get(pk=entry.item_id).quantity == 20


def test_correction_after_a_correction_starts_from_what_is_known(world: World, made):
    for quantity in (12, 0, 30):
        answer = correct(world, made, items=[line(made, 0, quantity)])
        assert answer.status_code == 200

    assert given(made) == [30, 20]


def test_item_of_the_wrong_medicine_is_taken_out_and_added_anew(world: World, made):
    answer = correct(world, made, items=[line(made, 0, 0)], added=[item(medicine="M001b", quantity=9)])

    assert answer.json()["added"][0]["screening"]["outcome"] == "accept"
    assert given(made) == [0, 20, 9]


def test_forgotten_item_is_screened_and_refused_like_any_other(world: World, made):
    old = TODAY - datetime.timedelta(days=40)
    expired = item(expiry=f"有效期至{old:%Y年%m月%d日}")

    answer = correct(world, made, added=[expired])

    added = Item.objects.get(pk=answer.json()["added"][0]["id"])
    assert (added.outcome, added.holdings.refused, added.holdings.at_point) == ("refuse", 20, 0)


def test_forgotten_item_of_a_counted_donation_is_counted_by_another(world: World, made):
    count(world, made)
    added = correct(world, made, added=[item(quantity=3)]).json()["added"][0]["id"]
    lines = {"items": [{"item": added, "counted": 3}]}

    own, other = (
        world.signed(role).post(f"donations/{made['id']}/count/", lines) for role in ("pharmacist", "checker")
    )

    assert (own.status_code, own.json()["code"], other.status_code) == (403, "second_person_needed", 200)
    assert Item.objects.get(pk=added).holdings.counted == 3
    assert verify(world.county.pk) == []


def test_who_corrected_what_waits_does_not_count_it(world: World, made):
    correct(world, made, items=[line(made, 0, 9000)])
    lines = {"items": [line(made, 0, 0) | {"counted": 9000}, line(made, 1, 0) | {"counted": 20}]}
    for each in lines["items"]:
        del each["quantity"]

    answer = world.signed("pharmacist").post(f"donations/{made['id']}/count/", lines)

    assert (answer.status_code, answer.json()["code"]) == (403, "second_person_needed")


def test_many_small_corrections_reach_no_further_than_one(world: World, made):
    count(world, made)
    policy = policy_of(world.county.pk)
    most = Tolerance(policy.surplus_units, policy.surplus_percent).most(20)
    correct(world, made, items=[line(made, 0, most)])

    answer = correct(world, made, items=[line(made, 0, most + 1)])

    assert (answer.status_code, given(made)) == (422, [most, 20])


def test_forgotten_item_of_goods_that_left_is_registered_anew(world: World):
    clerk = world.signed("clerk", world.office)
    made = clerk.post("donations/", donation(place=world.office.code)).json()
    body = {"from_place": world.office.code, "to_place": world.hospital.code, "donations": [made["id"]]}
    handover = clerk.post("handovers/", body).json()
    lines = [{"item": made["items"][0]["id"], "counted": 20}]
    world.signed("checker").post(f"handovers/{handover['id']}/receive/", {"items": lines})

    answer = correct(world, made, added=[item(quantity=3)])

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (409, "/added")


def test_donor_corrected_keeps_the_donation(world: World, made):
    correct(world, made, donor={"name": "张珊", "phone": "", "work_unit": "县府办"})

    donor = Donation.objects.get(pk=made["id"]).donor_id
    identity = identities_of([donor])[donor]
    assert (identity.name, identity.phone, identity.work_unit) == ("张珊", "", "县府办")


def test_roster_shows_what_was_corrected(world: World, made):
    correct(world, made, items=[line(made, 0, 7), line(made, 1, 0)])

    roster = read_roster(place=world.hospital, start=TODAY, end=TODAY, posted=False)

    assert [(each.medicine, each.quantity) for each in roster.lines] == [("布洛芬片", 7)]


def test_voided_donation_cannot_be_corrected(world: World, made):
    world.signed("clerk").post(f"donations/{made['id']}/void/", {"reason": "重复"})

    answer = correct(world, made, items=[line(made, 0, 5)])

    assert (answer.status_code, answer.json()["code"]) == (409, "not_correctable")
    assert answer.json()["errors"][0]["pointer"] == "/items/0"


def test_goods_on_the_way_cannot_be_corrected(world: World):
    clerk = world.signed("clerk", world.office)
    made = clerk.post("donations/", donation(place=world.office.code)).json()
    body = {"from_place": world.office.code, "to_place": world.hospital.code, "donations": [made["id"]]}
    assert clerk.post("handovers/", body).status_code == 201

    answer = correct(world, made, world.office, items=[line(made, 0, 5)])

    assert (answer.status_code, answer.json()["code"]) == (409, "not_correctable")


def test_pharmacist_where_the_goods_are_now_may_correct(world: World):
    clerk = world.signed("clerk", world.office)
    made = clerk.post("donations/", donation(place=world.office.code)).json()
    body = {"from_place": world.office.code, "to_place": world.hospital.code, "donations": [made["id"]]}
    handover = clerk.post("handovers/", body).json()
    lines = [{"item": made["items"][0]["id"], "counted": 20}]
    world.signed("checker").post(f"handovers/{handover['id']}/receive/", {"items": lines})

    answer = correct(world, made, world.hospital, items=[line(made, 0, 5)])

    assert (answer.status_code, given(made)) == (200, [5])


def test_who_counted_does_not_correct_the_count(world: World, made):
    world.signed("checker")
    lines = [{"item": each["id"], "counted": 20} for each in made["items"]]
    pharmacist = world.signed("pharmacist")
    assert pharmacist.post(f"donations/{made['id']}/count/", {"items": lines}).status_code == 200
    before = CustodyEntry.objects.count()

    answer = correct(world, made, items=[line(made, 1, 19), line(made, 0, 15)])

    assert (answer.status_code, answer.json()["code"]) == (403, "second_person_needed")
    assert {fault["pointer"] for fault in answer.json()["errors"]} == {"/items/0", "/items/1"}
    assert CustodyEntry.objects.count() == before


def test_count_is_not_corrected_beyond_a_miscount(world: World, made):
    count(world, made)
    policy = policy_of(world.county.pk)
    most = Tolerance(policy.surplus_units, policy.surplus_percent).most(20)

    refused = correct(world, made, items=[line(made, 0, most + 1)])
    taken = correct(world, made, items=[line(made, 0, most)])

    assert (refused.status_code, refused.json()["code"]) == (422, "surplus_too_large")
    assert refused.json()["errors"][0]["pointer"] == "/items/0/quantity"
    assert (taken.status_code, given(made)) == (200, [most, 20])


def test_who_put_units_onto_the_table_does_not_accept_them_alone(world: World, made):
    count(world, made)
    correct(world, made, items=[line(made, 0, 22)])

    own, other = (
        sort(world.signed("pharmacist", name=name), made["items"][0]["id"], accept(22))
        for name in ("", "another pharmacist")
    )

    assert (own.status_code, own.json()["code"]) == (403, "second_person_needed")
    assert other.status_code == 201


def test_item_of_another_donation_is_not_there(world: World, made):
    other = world.signed("clerk").post("donations/", donation()).json()

    answer = correct(world, made, items=[line(other, 0, 1)])

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (404, "/items/0")


@pytest.mark.parametrize(
    ("fields", "pointer"), [({}, None), ({"items": [{"item": 1, "quantity": -1}]}, "/items/0/quantity")]
)
def test_correction_that_says_nothing_refused(world: World, made, fields, pointer):
    answer = correct(world, made, **fields)

    assert answer.status_code == 400
    assert pointer in [None, *(each["pointer"] for each in answer.json()["errors"])]


def test_clerk_may_not_correct(world: World, made):
    body = {"reason": "x", "items": [line(made, 0, 5)]}

    assert world.signed("clerk").post(f"donations/{made['id']}/correct/", body).status_code == 403


def test_pharmacist_of_another_place_finds_nothing_to_correct(world: World, made):
    assert correct(world, made, world.centre, items=[line(made, 0, 5)]).status_code == 404


def listed(world, role="checker", place=None, **asked):
    return world.signed(role, place).get("donation-corrections/", **asked).json()["results"]


def test_corrections_are_listed_with_who_why_and_what_waits(world: World, made):
    correct(world, made, items=[line(made, 0, 12)], added=[item(quantity=3)])
    correct(world, made, donor={"name": "李四"}, reason="姓名写错")

    names, quantities = listed(world)

    assert (names["renamed"], names["changes"], names["reason"]) == (True, [], "姓名写错")
    assert [(each["change"], each["waiting"]) for each in quantities["changes"]] == [(-8, 0), (3, 3)]
    assert (quantities["corrector"], quantities["corrected_on"]) == ("pharmacist", str(TODAY))
    assert quantities["receipt_code"] == made["receipt_code"]
    assert [row["id"] for row in listed(world, waiting="true")] == [quantities["id"]]
    assert [row["id"] for row in listed(world, waiting="false")] == [names["id"]]


def test_what_a_correction_added_waits_until_somebody_else_has_counted_it(world: World, made):
    added = correct(world, made, added=[item(quantity=3)]).json()["added"][0]["id"]
    lines = [{"item": each["id"], "counted": 20} for each in made["items"]]
    counted = world.signed("checker").post(
        f"donations/{made['id']}/count/", {"items": [*lines, {"item": added, "counted": 3}]}
    )

    assert counted.status_code == 200
    assert listed(world, waiting="true") == []
    assert len(listed(world)) == 1


def test_refused_correction_is_not_listed(world: World, made):
    assert correct(world, made, items=[line(made, 0, 5), {"item": 999, "quantity": 1}]).status_code == 404

    assert listed(world) == []


def test_corrections_of_another_place_are_not_seen(world: World, made):
    correct(world, made, items=[line(made, 0, 12)])

    assert listed(world, "clerk", world.office) == []
    assert len(listed(world, "auditor")) == 1


def test_list_of_corrections_asks_as_many_statements_for_three_as_for_one(world: World, made):
    counts = []
    for quantity in (12, 11, 10):
        correct(world, made, items=[line(made, 0, quantity)])
        reader = world.signed("auditor")
        with CaptureQueriesContext(connection) as asked:
            reader.get("donation-corrections/")
        counts.append(len(asked))

    assert counts[0] == counts[1] == counts[2] <= 10


def test_correction_is_kept_and_never_edited(world: World, made):
    correct(world, made, items=[line(made, 0, 12)])

    with refused_by("donations_correction_append_only"):
        execute("UPDATE donations_correction SET reason = 'x'")
    drop_guard("donations_correction_append_only")
    assert execute("UPDATE donations_correction SET reason = 'x'") == 1


@pytest.mark.parametrize(
    ("guard", "columns"),
    [
        ("correction_has_reason", {"reason": ""}),
        ("correction_donation_same_county", {"county_id": "522622"}),
        ("correction_once", {}),
    ],
)
def test_database_refuses_a_correction_and_takes_it_without_the_guard(world: World, made, guard, columns):
    command = uuid.uuid4()
    row = {
        "county_id": world.county.pk, "donation_id": made["id"], "reason": "写错", "renamed": False,
        "corrected_by": 1, "corrected_on": TODAY, "command": command,
    }  # fmt: skip
    insert("donations_correction", **row)
    other = {**row, "command": command if guard == "correction_once" else uuid.uuid4(), **columns}

    with refused_by(guard):
        insert("donations_correction", **other)
        execute("SET CONSTRAINTS ALL IMMEDIATE")

    drop_guard(guard)
    assert insert("donations_correction", **other)


def browsing(world, role, place=None):
    client = Client(headers={"Accept": "text/html", "Accept-Language": "en"})
    client.force_login(world.person(role, place))
    return client


def test_screen_corrects_what_was_filled_in_and_leaves_the_rest(world: World, made):
    screen = browsing(world, "pharmacist")
    address = f"/donations/{made['id']}/correct/"
    form = {
        "/items/0/item": made["items"][0]["id"], "/items/0/quantity": "",
        "/items/1/item": made["items"][1]["id"], "/items/1/quantity": "7",
        "/added/0/medicine": "M009a", "/added/0/quantity": "4", "/added/0/lot_number": "77",
        "/donor/name": "", "/donor/phone": "", "/donor/work_unit": "",
        "/reason": "清点时发现写错", "key": str(uuid.uuid4()),
    }  # fmt: skip

    assert address in screen.get(f"/donations/{made['id']}/").content.decode()
    assert screen.get(address).status_code == 200
    answers = [screen.post(address, form) for _n in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert given(made) == [20, 7, 4]
    added = Item.objects.latest("pk")
    assert (added.lot_state, added.expiry_state) == ("read", "not_read")
    shown = screen.get("/donation-corrections/?waiting=true").content.decode()
    assert "清点时发现写错" in shown


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"/items/1/quantity": "0.5"}, "f-items-1-quantity-fault"),
        ({"/reason": ""}, "f-reason-fault"),
        ({"/added/0/quantity": "3"}, "f-added-0-description-fault"),
        ({"/donor/phone": "13800000000"}, "f-donor-name-fault"),
    ],
)
def test_screen_says_a_fault_at_its_field_and_books_nothing(world: World, made, typed, field):
    form = {
        "/items/0/item": made["items"][0]["id"], "/items/0/quantity": "",
        "/items/1/item": made["items"][1]["id"], "/items/1/quantity": "7",
        "/reason": "写错", "key": str(uuid.uuid4()), **typed,
    }  # fmt: skip

    answer = browsing(world, "pharmacist").post(f"/donations/{made['id']}/correct/", form)

    assert (answer.status_code, f'id="{field}"' in answer.content.decode()) == (400, True)
    assert given(made) == [20, 20]


def test_item_that_was_sorted_cannot_be_filled_in_and_is_refused_at_its_row(world: World, made):
    count(world, made)
    sort(world.signed("pharmacist"), made["items"][0]["id"], accept(20))
    screen, address = browsing(world, "lead_pharmacist"), f"/donations/{made['id']}/correct/"
    shown = screen.get(address).content.decode()
    form = {
        "/items/0/item": made["items"][0]["id"], "/items/0/quantity": "3",
        "/reason": "写错", "key": str(uuid.uuid4()),
    }  # fmt: skip

    answer = screen.post(address, form)

    assert ('name="/items/0/quantity"' in shown, 'name="/items/1/quantity"' in shown) == (False, True)
    assert answer.status_code == 409
    assert given(made) == [20, 20]


def test_form_is_for_pharmacists_of_the_place(world: World, made):
    assert (
        browsing(world, "pharmacist", world.centre).get(f"/donations/{made['id']}/correct/").status_code
        == 404
    )
    assert browsing(world, "clerk").get(f"/donations/{made['id']}/correct/").status_code == 403
