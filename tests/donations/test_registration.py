import datetime
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import AuditEntry
from donations.identity import Identity, unseal
from donations.models import Donation, DonorIdentity, Item
from tests.donations.holdings import rows_written, standing
from tests.world import TODAY, World, donation, item

EXPIRED = {"expiry": "2020.01", "expiry_state": "read"}


def test_donation_registered_by_clerk_stands_at_the_point(world: World) -> None:
    answer = world.signed("clerk").post("donations/", donation()).json()

    assert answer["items"][0]["screening"]["outcome"] == "accept"
    assert standing(answer["items"][0]["id"]) == {"at_point": 20}


def test_refused_item_left_for_disposal_stands_in_the_bin(world: World) -> None:
    body = donation(unfit="destroy", items=[item(**EXPIRED)])

    answer = world.signed("clerk").post("donations/", body).json()

    assert answer["items"][0]["screening"]["reasons"][0]["code"] == "expired"
    assert standing(answer["items"][0]["id"]) == {"in_bin": 20}


def test_refused_item_given_back_is_only_recorded_as_refused(world: World) -> None:
    body = donation(unfit="return", items=[item(**EXPIRED)])

    answer = world.signed("clerk").post("donations/", body).json()

    assert standing(answer["items"][0]["id"]) == {"refused": 20}


def test_identity_is_sealed_apart_from_the_donation(world: World) -> None:
    pk = world.signed("clerk").post("donations/", donation()).json()["id"]

    donor = Donation.objects.get(pk=pk).donor
    row = DonorIdentity.objects.get(donor=donor)

    assert "张三".encode() not in bytes(row.sealed)
    opened = unseal(bytes(row.sealed), county_id="522633", donor_id=donor.pk)
    assert opened == Identity(name="张三", phone="13800138000")


def test_anonymous_donor_has_no_identity(world: World) -> None:
    world.signed("clerk").post("donations/", donation(donor={"kind": "anonymous"}))

    assert DonorIdentity.objects.count() == 0


def test_repeated_key_registers_once(world: World) -> None:
    clerk, key = world.signed("clerk"), uuid.uuid4()

    first = clerk.post("donations/", donation(), key=key)
    second = clerk.post("donations/", donation(), key=key)

    assert second.json() == first.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert Donation.objects.count() == 1


def test_receipt_code_made_on_the_device_is_kept_once(world: World) -> None:
    clerk = world.signed("clerk")
    code = clerk.post("donations/", donation()).json()["receipt_code"]

    again = clerk.post("donations/", donation(receipt_code=code))

    assert again.status_code == 409
    assert again.json()["code"] == "receipt_code_used"


@pytest.mark.parametrize(
    ("change", "status", "code", "pointer"),
    [
        ({"campaign": "none"}, 404, "not_found", "/campaign"),
        ({"place": "P-522622-01"}, 404, "not_found", "/place"),
        ({"received_on": "2026-02-31"}, 400, "invalid", "/received_on"),
        ({"received_on": str(TODAY + datetime.timedelta(days=2))}, 422, "future_day", "/received_on"),
        ({"received_on": str(TODAY - datetime.timedelta(days=90))}, 422, "campaign_closed", "/received_on"),
        ({"source_confirmed": False}, 422, "source_not_confirmed", "/source_confirmed"),
        ({"donor": {"kind": "person"}}, 400, "invalid", "/donor/name"),
        ({"receipt_code": "1234"}, 400, "invalid", "/receipt_code"),
        ({"items": []}, 400, "invalid", "/items"),
        ({"items": [item(medicine="M999")]}, 400, "invalid", "/items/0/medicine"),
        ({"items": [item(), item(quantity=-1)]}, 400, "invalid", "/items/1/quantity"),
        ({"items": [item(quantity=1.5)]}, 400, "invalid", "/items/0/quantity"),
        ({"items": [item(quantity=10**30)]}, 400, "invalid", "/items/0/quantity"),
        ({"items": [item(quantity="3")]}, 400, "invalid", "/items/0/quantity"),
        ({"items": [item(expiry="05/06/24")]}, 400, "invalid", "/items/0/expiry"),
        ({"items": [item(expiry="2027年4月31日")]}, 400, "invalid", "/items/0/expiry"),
        ({"items": [item(expiry_state="not_printed")]}, 400, "invalid", "/items/0/expiry"),
        ({"items": [item(expiry="", expiry_state="read")]}, 400, "invalid", "/items/0/expiry"),
        ({"items": [item(lot_number="")]}, 400, "invalid", "/items/0/lot_number"),
        ({"items": [item(findings=["nice"])]}, 400, "invalid", "/items/0/findings/0"),
        ({"items": [item(colour="red")]}, 400, "invalid", "/items/0/colour"),
        ({"items": [{"quantity": 1}]}, 400, "invalid", "/items/0/description"),
    ],
)
def test_refusal_names_the_field_and_writes_nothing(
    world: World, change: dict[str, Any], status: int, code: str, pointer: str
) -> None:
    before = rows_written()

    answer = world.signed("clerk").post("donations/", donation(**change))

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert rows_written() == before


def test_refusal_by_a_rule_is_in_the_audit_log(world: World) -> None:
    world.signed("clerk").post("donations/", donation(source_confirmed=False))

    assert AuditEntry.objects.latest("id").code == "source_not_confirmed"


@pytest.mark.parametrize(
    "name", ["😀捐赠人", "㛃䶮𠮷", "'; DROP TABLE donations_item; --", "=HYPERLINK(1)", "买买提·艾力"]
)
def test_unusual_names_are_kept_as_text(world: World, name: str) -> None:
    answer = world.signed("clerk").post("donations/", donation(donor={"kind": "person", "name": name}))

    row = DonorIdentity.objects.get(donor__donations=answer.json()["id"])
    assert unseal(bytes(row.sealed), county_id="522633", donor_id=row.donor_id).name == name


def test_statements_do_not_grow_with_the_items(world: World) -> None:
    clerk = world.signed("clerk")
    clerk.post("donations/", donation())

    counts = []
    for number in (1, 5, 100):
        with CaptureQueriesContext(connection) as statements:
            answer = clerk.post("donations/", donation(items=[item() for _n in range(number)]))
        assert answer.status_code == 201
        counts.append(len(statements))

    assert counts[0] == counts[1] == counts[2] <= 21


def test_list_statements_do_not_grow_with_its_rows(world: World) -> None:
    clerk = world.signed("clerk")
    counts = []
    for _n in range(3):
        clerk.post("donations/", donation())
        with CaptureQueriesContext(connection) as statements:
            answer = clerk.get("donations/")
        counts.append(len(statements))

    assert answer.json()["count"] == 3
    assert counts[0] == counts[2]


def test_voided_donation_stands_nowhere(world: World) -> None:
    clerk = world.signed("clerk")
    made = clerk.post("donations/", donation()).json()

    answer = clerk.post(f"donations/{made['id']}/void/", {"reason": "写错了"})

    assert answer.status_code == 200
    assert standing(made["items"][0]["id"]) == {"voided": 20}


def test_voiding_twice_is_refused(world: World) -> None:
    clerk = world.signed("clerk")
    pk = clerk.post("donations/", donation()).json()["id"]
    clerk.post(f"donations/{pk}/void/", {"reason": "写错了"})
    before = rows_written()

    answer = clerk.post(f"donations/{pk}/void/", {"reason": "写错了"})

    assert (answer.status_code, answer.json()["code"]) == (409, "not_at_point")
    assert rows_written() == before


def test_clerk_of_another_place_does_not_see_the_donation(world: World) -> None:
    pk = world.signed("clerk").post("donations/", donation()).json()["id"]

    other = world.signed("clerk", world.centre)

    assert other.get(f"donations/{pk}/").status_code == 404
    assert other.get("donations/").json()["results"] == []


def test_clerk_of_another_county_does_not_see_the_donation(world: World) -> None:
    pk = world.signed("clerk").post("donations/", donation()).json()["id"]

    assert world.signed("clerk", foreign=True).get(f"donations/{pk}/").status_code == 404


def test_screening_answers_as_registration_does_and_saves_nothing(world: World) -> None:
    answer = world.signed("clerk").post("screenings/", item(**EXPIRED))

    assert answer.json()["screening"]["outcome"] == "refuse"
    assert answer.json()["expiry"]["last_usable_day"] == "2020-01-31"
    assert Item.objects.count() == 0


def test_words_follow_the_language_of_the_caller(world: World) -> None:
    clerk = world.signed("clerk")
    clerk.client.credentials(**clerk.client._credentials, HTTP_ACCEPT_LANGUAGE="en")

    answer = clerk.post("screenings/", item(**EXPIRED)).json()

    assert answer["screening"]["reasons"][0]["message"] == "Past its expiry"


def test_registration_of_another_person_is_not_voided(world: World) -> None:
    made = world.signed("clerk").post("donations/", donation()).json()

    answer = world.signed("pharmacist").post(f"donations/{made['id']}/void/", {"reason": "写错了"})

    assert (answer.status_code, answer.json()["code"]) == (403, "not_own_registration")
    assert standing(made["items"][0]["id"]) == {"at_point": 20}
