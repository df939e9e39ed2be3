import io
import uuid

import pytest
from openpyxl import load_workbook

from core.models import AuditEntry, IdempotencyRecord
from donations.models import Donation, Donor, DonorIdentity
from tests.world import TODAY, World, donation


@pytest.fixture
def donor(world: World):
    body = donation(donor={"kind": "person", "name": "欧阳娜娜", "phone": "138 0013 8000", "publish": "full"})
    made = world.signed("clerk").post("donations/", body).json()
    return Donation.objects.get(pk=made["id"]).donor_id


def test_donor_found_by_exact_name_or_phone_however_it_is_spaced(world: World, donor):
    security = world.signed("security")

    found = [
        [row["id"] for row in security.post("donors/find/", body).json()]
        for body in (
            {"name": "欧阳娜娜"},
            {"phone": "13800138000"},
            {"name": "欧阳"},
            {"name": "欧阳娜娜", "phone": "1"},
        )
    ]

    assert found == [[donor], [donor], [], []]


def test_donor_search_for_nobody_refused(world: World):
    answer = world.signed("security").post("donors/find/", {})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/name")


def test_donor_export_holds_identity_consent_and_donations(world: World, donor):
    copy = world.signed("security").get(f"donors/{donor}/export/").json()

    assert (copy["name"], copy["phone"], copy["publish"]) == ("欧阳娜娜", "138 0013 8000", "full")
    assert [len(each["items"]) for each in copy["donations"]] == [1]


def test_donor_export_leaves_one_entry_in_the_audit_log(world: World, donor):
    world.signed("security").get(f"donors/{donor}/export/")

    entries = AuditEntry.objects.filter(action__contains="export")

    assert [entry.subject for entry in entries] == [f"donor {donor}"]


@pytest.mark.parametrize("publish", ["full", "masked", "anonymous", None])
def test_consent_is_what_the_donor_last_said(world: World, donor, publish):
    answer = world.signed("security").post(f"donors/{donor}/consent/", {"publish": publish})

    assert (answer.status_code, Donor.objects.get(pk=donor).publish) == (200, publish)


def test_withdrawn_name_leaves_the_posted_roster(world: World, donor):
    query = {"place": "P-522633-01", "from": str(TODAY), "to": str(TODAY), "posted": "1"}
    before = world.signed("clerk").get("roster.xlsx", **query).content
    world.signed("security").post(f"donors/{donor}/consent/", {"publish": "anonymous"})

    after = world.signed("clerk").get("roster.xlsx", **query).content

    assert [_names(each) for each in (before, after)] == [["欧阳娜娜"], ["爱心人士"]]


def _names(content):
    return [load_workbook(io.BytesIO(content)).active["B4"].value]


def test_erased_donor_has_no_identity_and_the_books_keep_the_goods(world: World, donor):
    answer = world.signed("security").post(f"donors/{donor}/erase/", {"confirm": True})

    [kept] = Donation.objects.filter(donor_id=donor)
    assert answer.status_code == 200
    assert DonorIdentity.objects.count() == 0
    assert kept.items.get().holdings.at_point == 20


def test_erasing_without_confirming_refused(world: World, donor):
    answer = world.signed("security").post(f"donors/{donor}/erase/", {"confirm": False})

    assert (answer.status_code, DonorIdentity.objects.count()) == (400, 1)


def test_erasing_twice_is_one_erasure(world: World, donor):
    key = uuid.uuid4()

    answers = [
        world.signed("security").post(f"donors/{donor}/erase/", {"confirm": True}, key=each)
        for each in (key, key, uuid.uuid4())
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200]


def test_no_record_of_a_command_holds_a_name(world: World, donor):
    world.signed("security").post(f"donors/{donor}/consent/", {"publish": "masked"})

    answers = [bytes(each.answer).decode() for each in IdempotencyRecord.objects.all()]

    assert [answer for answer in answers if "欧阳" in answer or "13800138000" in answer] == []


@pytest.mark.parametrize("action", ["export", "consent", "erase"])
def test_donor_of_another_county_is_not_there(world: World, donor, action):
    stranger = world.signed("security", foreign=True)
    bodies = {"consent": {"publish": None}, "erase": {"confirm": True}}

    route = f"donors/{donor}/{action}/"
    answer = stranger.get(route) if action == "export" else stranger.post(route, bodies[action])

    assert answer.status_code == 404


@pytest.mark.parametrize("role", ["clerk", "pharmacist", "auditor", "administrator"])
def test_donor_rights_are_the_security_administrators(world: World, donor, role):
    assert world.signed(role).get(f"donors/{donor}/export/").status_code == 403


@pytest.mark.parametrize("publish", ["full", "anonymous", None])
def test_consent_after_erasure_is_refused(world: World, donor, publish):
    security = world.signed("security")
    security.post(f"donors/{donor}/erase/", {"confirm": True})

    answer = security.post(f"donors/{donor}/consent/", {"publish": publish})

    assert (answer.status_code, answer.json()["code"]) == (409, "donor_erased")
    assert Donor.objects.get(pk=donor).publish == "anonymous"


def test_erased_donor_is_not_brought_back_by_a_correction(world: World, donor):
    world.signed("security").post(f"donors/{donor}/erase/", {"confirm": True})
    [pk] = Donation.objects.filter(donor_id=donor).values_list("pk", flat=True)

    body = {"reason": "姓名有误", "donor": {"name": "欧阳娜娜"}}
    answer = world.signed("pharmacist").post(f"donations/{pk}/correct/", body)

    assert (answer.status_code, answer.json()["code"]) == (409, "donor_erased")
    assert answer.json()["errors"][0]["pointer"] == "/donor"
    assert DonorIdentity.objects.count() == 0


def test_anonymous_donor_may_still_say_how_to_be_named(world: World):
    made = world.signed("clerk").post("donations/", donation(donor={"kind": "anonymous"})).json()
    anonymous = Donation.objects.get(pk=made["id"]).donor_id

    answer = world.signed("security").post(f"donors/{anonymous}/consent/", {"publish": "anonymous"})

    assert answer.status_code == 200
