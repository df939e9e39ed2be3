"""The examples of the OpenAPI document, sent one after another on the real places: the whole chain in one story."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from rest_framework.test import APIClient

from catalogue.services import load_medicines
from config.access import BASE
from config.demo.stage import Stage
from config.examples import EXAMPLES, item, months_on
from core.days import local_day
from donations.models import Campaign
from inventory.models import Movement
from organisation.loading import load_county
from organisation.models import Place, Role
from reports.models.questions import Question
from tests.config.statement_budgets import TOLD_BY_EXAMPLES
from tests.plain_sql import execute
from tests.reports.play import edition
from tests.world import Signed

TODAY = local_day("Asia/Shanghai")


class Story:
    """The trial's places with a person for each role and place, and what was sent so far."""

    def __init__(self) -> None:
        load_medicines()
        self.stage = Stage(load_county("522633", village_points=12), seed=1)
        self.sent: set[tuple[str, str]] = set()
        self.spent: dict[str, int] = {}
        self.hospital = Place.objects.get(code="P-522633-01")
        self.centre = Place.objects.get(code="P-522633-101")
        self.campaign = Campaign.objects.create(
            county=self.stage.county,
            code="C-522633-1",
            name="余药捐赠",
            starts_on=TODAY - datetime.timedelta(days=9),
            ends_on=TODAY + datetime.timedelta(days=60),
            donee=self.hospital,
            coordinator="从江县卫生健康局",
            contact="从江县卫生健康局办公室",
            supervision_phone="12345",
        )

    def send(
        self, route: str, role: Role, at: Place | None = None, *, method: str = "POST", **changes: Any
    ) -> dict[str, Any]:
        """Send the example as this role's person; `changes` are the ids that earlier steps answered."""
        ids = {name: changes.pop(name) for name in ("pk", "code") if name in changes}
        body = {**EXAMPLES[route, method](TODAY), **changes}
        address = route.replace("{id}", str(ids.get("pk"))).replace("{place}", str(ids.get("code")))
        address = address.replace("{code}", str(ids.get("code")))
        told = self._told(Signed(self.stage.staff(role, at)), method, address, body)
        self.sent.add((route, method))
        return told

    def _told(self, signed: Signed, method: str, address: str, body: Any) -> dict[str, Any]:
        """The answer; the most statements that a route took are kept, without those of the test's own savepoint."""
        with CaptureQueriesContext(connection) as captured:
            answer = getattr(signed, method.lower())(address, body)
        assert answer.status_code in {200, 201}, (address, answer.json())
        sent = [query["sql"].strip() for query in captured.captured_queries]
        own = min(2, sum(each.startswith(("SAVEPOINT", "RELEASE")) for each in sent))
        route = f"{method} {resolve(f'/{BASE}{address}').route.removeprefix(BASE)}"
        self.spent[route] = max(self.spent.get(route, 0), len(sent) - own)
        return answer.json()

    def step(self, route: str, role: Role, place: Place | None = None, body: Any = None) -> dict[str, Any]:
        """A step that takes no example."""
        return self._told(Signed(self.stage.staff(role, place)), "POST", route, body)


@pytest.fixture
def story(db: None) -> Story:
    return Story()


def kinds() -> dict[str, int]:
    """The ledger so far: units by kind of movement."""
    sums: dict[str, int] = {}
    for movement in Movement.objects.all():
        sums[movement.kind] = sums.get(movement.kind, 0) + movement.quantity
    return sums


def share_and_hand_out(story: Story) -> None:
    """From stock to a recipient: profile, need, plan, approval, dispatch, a receipt with a difference, a hand-out."""
    centre, hospital = story.centre, story.hospital
    story.send("clinic-profiles/{place}/", Role.ALLOCATOR, method="PUT", code=centre.code)
    story.send("clinic-profiles/", Role.ALLOCATOR, method="PUT")
    story.send("population-shifts/", Role.ALLOCATOR, method="PUT")
    shift = story.send("population-shifts/", Role.ALLOCATOR)["id"]
    story.send("population-shifts/{id}/end/", Role.ALLOCATOR, pk=shift)
    story.send("policies/", Role.ADMINISTRATOR, method="PUT")
    story.send("privacy-notice/", Role.ADMINISTRATOR, method="PUT")
    story.send("needs/", Role.CLINIC, centre, method="PUT")
    plan = story.send("plans/", Role.ALLOCATOR)
    story.send("interchangeable-medicines/", Role.ADMINISTRATOR, method="PUT")
    story.step(f"plans/{plan['id']}/submit/", Role.ALLOCATOR)
    shipment = story.step(f"plans/{plan['id']}/approve/", Role.APPROVER)["shipments"][0]
    pk = shipment["id"] if isinstance(shipment, dict) else shipment
    story.send("shipments/{id}/dispatch/", Role.PHARMACIST, hospital, pk=pk)
    receiver = Signed(story.stage.staff(Role.PHARMACIST, centre))
    line = receiver.get(f"shipments/{pk}/").json()["lines"][0]
    short = {"line": line["id"], "accepted": line["picked"] - 1, "missing": 1, "reason": "途中短少"}
    story.send("shipments/{id}/receive/", Role.PHARMACIST, centre, pk=pk, lines=[short])
    (shelf,) = receiver.get("stock/", place=centre.code, medicine="M009a").json()["results"]
    kept = [{"batch": shelf["batch"], "quantity": 28}]
    story.send("local-use-rules/", Role.ADMINISTRATOR, method="PUT")
    story.send("local-uses/", Role.PHARMACIST, centre, lines=kept)
    story.send("dispensing-limits/", Role.ADMINISTRATOR, method="PUT")
    story.send("dispensings/", Role.CLINIC, centre)
    story.send("dispensing-registers/", Role.CLINIC, centre)
    pack_kits(story)


def pack_kits(story: Story) -> None:
    """Two health kits of what the centre hands out: one is given to somebody, one taken apart."""
    template = story.send("kit-templates/", Role.LEAD_PHARMACIST)["id"]
    given, torn = story.send("kits/", Role.CLINIC, story.centre, template=template)["kits"]
    story.send("kits/{id}/dispense/", Role.CLINIC, story.centre, pk=given["id"])
    story.send("kits/{id}/unpack/", Role.CLINIC, story.centre, pk=torn["id"])


def stop_and_let_go(story: Story) -> None:
    """A hold, a suspected reaction and a recall, each of them taken back."""
    centre = story.centre
    pharmacist = Signed(story.stage.staff(Role.PHARMACIST, centre))
    batch = pharmacist.get("stock/", place=centre.code, medicine="M009a").json()["results"][0]["batch"]
    hold = story.send("holds/", Role.PHARMACIST, centre, batch=batch)["id"]
    story.send("holds/{id}/release/", Role.PHARMACIST, centre, pk=hold)
    inquiry = story.send("adverse-reactions/", Role.CLINIC, centre, batch=batch)["recall"]
    story.send("recalls/{id}/acknowledge/", Role.CLINIC, centre, pk=inquiry)
    story.send("recalls/{id}/lift/", Role.LEAD_PHARMACIST, pk=inquiry)
    story.send("recalls/", Role.LEAD_PHARMACIST)


def swap(story: Story) -> None:
    """The centre gets what expires soon and serves hardly anybody any more; one of its village clinics takes it."""
    hospital, centre = story.hospital, story.centre
    month = f"有效期至{months_on(TODAY, 2)}"
    named = {
        "medicine": "M001b",
        "description": "对乙酰氨基酚片",
        "specification": "0.5g*100片",
        "expiry": month,
    }
    given = story.send("donations/", Role.CLERK, hospital, items=[{**item(TODAY), **named}])
    number = given["items"][0]["id"]
    story.send(
        "donations/{id}/count/",
        Role.CHECKER,
        hospital,
        pk=given["id"],
        items=[{"item": number, "counted": 44}],
    )
    accepted, rejected = EXAMPLES["sortings/", "POST"](TODAY)["decisions"]
    decisions = [{**accepted, "medicine": "M001b", "expiry": month}, rejected]
    sorted_out = story.send("sortings/", Role.PHARMACIST, hospital, item=number, decisions=decisions)
    lines = [{"batch": sorted_out["decisions"][0]["batch"], "quantity": 40}]
    sent = story.send("urgent-issues/", Role.ALLOCATOR, lines=lines)["shipment"]
    receiver = Signed(story.stage.staff(Role.PHARMACIST, centre))
    (line,) = receiver.get(f"shipments/{sent}/").json()["lines"]
    whole = {"lines": [{"line": line["id"], "accepted": 40}]}
    story.step(f"shipments/{sent}/receive/", Role.PHARMACIST, centre, whole)
    figures = {"population": 1, "data_date": str(TODAY)}
    assert Signed(story.stage.staff(Role.ALLOCATOR)).put(f"clinic-profiles/{centre.code}/", figures)
    story.send("clinic-profiles/{place}/", Role.ALLOCATOR, method="PUT", code="P-522633-101-001")
    story.send("swaps/", Role.CLINIC, centre, lines=[{**lines[0], "quantity": 6}])


def open_and_correct(story: Story) -> None:
    """A sealed box is opened in part; then its lot turns out to have been read wrongly."""
    hospital = story.hospital
    given = story.send("donations/", Role.CLERK, hospital)
    counted = [{"item": given["items"][0]["id"], "counted": 44}]
    story.send("donations/{id}/count/", Role.CHECKER, hospital, pk=given["id"], items=counted)
    accepted, rejected = EXAMPLES["sortings/", "POST"](TODAY)["decisions"]
    sealed = [{**accepted, "lot_number": "2203051A", "pack": "sealed"}, rejected]
    sorted_out = story.send("sortings/", Role.PHARMACIST, hospital, item=counted[0]["item"], decisions=sealed)
    batch = sorted_out["decisions"][0]["batch"]
    story.send("batches/{id}/open/", Role.PHARMACIST, hospital, pk=batch)
    story.send("batches/{id}/relabel/", Role.LEAD_PHARMACIST, pk=batch)
    story.step(f"batches/{batch}/relabel/confirm/", Role.PHARMACIST, hospital)


def send_urgently(story: Story) -> None:
    """Goods for the health centre that cannot wait for a plan, countersigned afterwards."""
    issue = story.send("urgent-issues/", Role.ALLOCATOR)
    story.step(f"urgent-issues/{issue['id']}/countersign/", Role.APPROVER)


def look_and_put_right(story: Story) -> None:
    """A spot check at the health centre, answered by it and closed."""
    check = story.send("spot-checks/", Role.AUDITOR)["id"]
    story.send("spot-checks/{id}/rectify/", Role.CLINIC, story.centre, pk=check)
    story.step(f"spot-checks/{check}/close/", Role.AUDITOR)


def lend_a_device(story: Story) -> None:
    """An oximeter is donated at the health centre, kept there for its own use, lent, and comes back broken."""
    centre = story.centre
    device = {
        **item(TODAY), "medicine": "M187", "description": "指夹式脉搏血氧仪", "specification": "", "lot_number": "",
        "lot_state": "not_read", "expiry": "", "expiry_state": "not_read", "quantity": 1, "opened": False,
        "container": "",
    }  # fmt: skip
    given = story.send("donations/", Role.CLERK, centre, place=centre.code, items=[device])
    counted = [{"item": given["items"][0]["id"], "counted": 1}]
    story.send("donations/{id}/count/", Role.CHECKER, centre, pk=given["id"], items=counted)
    accepted, _rejected = EXAMPLES["sortings/", "POST"](TODAY)["decisions"]
    whole = {**accepted, "medicine": "M187", "quantity": 1, "lot_number": "", "expiry": "", "pack": "sealed"}
    decided = story.send(
        "sortings/", Role.PHARMACIST, centre, item=counted[0]["item"], decisions=[{**whole, "container": ""}]
    )
    kept = [{"batch": decided["decisions"][0]["batch"], "quantity": 1}]
    story.send("local-uses/", Role.PHARMACIST, centre, lines=kept)
    use = story.send("device-uses/", Role.CLINIC, centre)["id"]
    story.send("device-uses/{id}/give-back/", Role.CLINIC, centre, pk=use)


def list_for_destruction(story: Story) -> None:
    """Some units are held and listed for destruction, then the list is withdrawn and they are released."""
    hospital = story.hospital
    pharmacist = Signed(story.stage.staff(Role.PHARMACIST, hospital))
    (shelf,) = pharmacist.get("stock/", place=hospital.code, medicine="M009a").json()["results"]
    body = {"place": hospital.code, "batch": shelf["batch"], "quantity": 5, "reason": "外观可疑"}
    hold = story.step("holds/", Role.PHARMACIST, hospital, body)
    line = {**EXAMPLES["destructions/", "POST"](TODAY)["lines"][0], "batch": shelf["batch"]}
    witness = story.stage.staff(Role.CHECKER, hospital).username
    listed = story.send("destructions/", Role.PHARMACIST, hospital, lines=[line], witness=witness)
    story.send("destructions/{id}/withdraw/", Role.PHARMACIST, hospital, pk=listed["id"])
    story.step(f"holds/{hold['id']}/release/", Role.PHARMACIST, hospital)


def stand_in(story: Story) -> None:
    """The hospital's checker holds its pharmacist's role for a day, and no longer."""
    people = [story.stage.staff(role, story.hospital).username for role in (Role.PHARMACIST, Role.CHECKER)]
    named = story.send("deputies/", Role.SECURITY, person=people[0], deputy=people[1])
    story.step(f"deputies/{named['id']}/end/", Role.SECURITY)


def hire(story: Story) -> None:
    """A new point with a new clerk, who is signed out and gets another password."""
    story.send("places/", Role.ADMINISTRATOR)
    story.send("places/{code}/", Role.ADMINISTRATOR, method="PATCH", code="P-522633-77")
    pk = story.send("people/", Role.SECURITY)["id"]
    story.send("people/", Role.SECURITY, method="PUT")
    story.send("holidays/", Role.ADMINISTRATOR)
    story.send("people/{id}/", Role.SECURITY, method="PATCH", pk=pk)
    [role] = story.send("people/{id}/roles/", Role.SECURITY, pk=pk)["roles"]
    for step in ("password/", "sign-ins/end/", f"roles/{role['id']}/end/"):
        story.step(f"people/{pk}/{step}", Role.SECURITY)


def count_the_shelf(story: Story) -> None:
    """The hospital's shelf is counted, and the count is given up."""
    hospital = story.hospital
    checker = Signed(story.stage.staff(Role.CHECKER, hospital))
    (shelf,) = checker.get("stock/", place=hospital.code, medicine="M009a").json()["results"]
    known, unknown = EXAMPLES["counts/{id}/lines/", "POST"](TODAY)["lines"]
    begun = story.send("counts/", Role.CHECKER, hospital)
    lines = [{**known, "batch": shelf["batch"]}, unknown]
    story.send("counts/{id}/lines/", Role.CHECKER, hospital, pk=begun["id"], lines=lines)
    story.send("counts/{id}/abandon/", Role.CHECKER, hospital, pk=begun["id"])


def bring_in(story: Story) -> None:
    """From the counter to the shelf, at the hospital and by way of a village point."""
    hospital, centre = story.hospital, story.centre
    story.send("screenings/", Role.CLERK, hospital)
    boxed = story.send("products/", Role.PHARMACIST, hospital)
    story.send("products/{id}/retire/", Role.PHARMACIST, hospital, pk=boxed["id"])
    story.send("products/", Role.PHARMACIST, hospital)
    story.send("work-units/", Role.ADMINISTRATOR, method="PUT")
    story.send("barcodes/", Role.CLERK, hospital)
    given = story.send("donations/", Role.CLERK, hospital)
    item = given["items"][0]["id"]
    counted = [{"item": item, "counted": 44}]
    story.send("donations/{id}/count/", Role.CHECKER, hospital, pk=given["id"], items=counted)
    shelf = story.send("sortings/", Role.PHARMACIST, hospital, item=item)["decisions"][0]["batch"]
    story.send("labels/", Role.PHARMACIST, hospital, lines=[{"batch": shelf, "copies": 24}])
    rejected = [{"item": item, "quantity": 4}]
    story.send("donor-returns/", Role.CLERK, hospital, donation=given["id"], items=rejected)
    list_for_destruction(story)
    count_the_shelf(story)
    mistaken = story.send("donations/", Role.CLERK, hospital)
    story.send("donations/{id}/void/", Role.CLERK, hospital, pk=mistaken["id"])

    point = Place.objects.get(code="P-522633-101-001")
    brought = story.send("donations/", Role.CLERK, point, place=point.code)
    left_behind = story.send("handovers/", Role.CLERK, point, donations=[brought["id"]])
    story.send("handovers/{id}/void/", Role.CLERK, point, pk=left_behind["id"])
    listed = story.send("handovers/", Role.CLERK, point, donations=[brought["id"]])
    arrived = [{"item": brought["items"][0]["id"], "counted": 43, "reason": "miscounted"}]
    story.send("handovers/{id}/receive/", Role.PHARMACIST, centre, pk=listed["id"], items=arrived)


def publish(story: Story) -> dict[str, Any]:
    """A bulletin withdrawn, another sent back once and then signed."""
    given_up = story.send("bulletins/", Role.PUBLISHER)
    story.send("bulletins/{id}/withdraw/", Role.PUBLISHER, pk=given_up["id"])
    bulletin = story.send("bulletins/", Role.PUBLISHER)
    story.step(f"bulletins/{bulletin['id']}/submit/", Role.PUBLISHER)
    story.send("bulletins/{id}/send-back/", Role.SIGNER, pk=bulletin["id"])
    story.step(f"bulletins/{bulletin['id']}/submit/", Role.PUBLISHER)
    return story.step(f"bulletins/{bulletin['id']}/publish/", Role.SIGNER)


def send_everything(story: Story) -> dict[str, Any]:
    """Every example there is, in an order in which each is accepted; the bulletin that was published."""
    campaign = story.send("campaigns/", Role.ADMINISTRATOR)
    story.send("campaigns/{id}/rhythm/", Role.ADMINISTRATOR, method="PUT", pk=campaign["id"])
    stand_in(story)
    hire(story)
    bring_in(story)
    share_and_hand_out(story)
    open_and_correct(story)
    send_urgently(story)
    look_and_put_right(story)
    stop_and_let_go(story)
    swap(story)
    lend_a_device(story)
    published = publish(story)
    story.send("bulletins/{id}/correct/", Role.PUBLISHER, pk=published["id"])
    story.send("bulletins/units/", Role.PUBLISHER)
    story.campaign.state = Campaign.State.CLOSED
    story.campaign.save(update_fields=["state"])
    story.send("bulletins/closing/", Role.PUBLISHER)
    asked = story.send("public/questions/", Role.PUBLISHER)
    story.send("questions/{id}/assign/", Role.PUBLISHER, pk=Question.objects.get(number=asked["number"]).pk)
    story.send("questions/{id}/answer/", Role.PUBLISHER, pk=Question.objects.get(number=asked["number"]).pk)
    return published


def test_every_example_is_accepted_with_the_largest_numbers(story: Story) -> None:
    execute("SELECT setval('county_522633_numbers', 9007199000000001)")

    published = send_everything(story)

    assert story.sent == set(EXAMPLES) - {("auth/login/", "POST")}
    over = {
        route: story.spent[route] for route, most in TOLD_BY_EXAMPLES.items() if story.spent[route] > most
    }
    assert over == {}
    assert kinds() == {
        "accept": 40 + 40 + 40 + 1, "convert": 2 * 20 + 2 * 20,
        "reserve": 40 + 5 + 40 + 6 + 8, "unreserve": 8, "dispatch": 40 + 5 + 40 + 6, "receive": 39 + 40,
        "lose": 1, "local_use": 28 + 1, "lend": 1, "take_back": 1, "dispense": 6 + 6 + 6 + 4,
        "hold": 17 + 17 + 17 + 5 + 1, "release": 17 + 17 + 5,
    }  # fmt: skip
    told = APIClient().get(f"/api/v1/public/bulletins/{edition(published['id'])}.json")
    assert told.status_code == 200
    call_command("verify_ledger")


def test_examples_stand_in_the_document(db: None) -> None:
    document = (
        APIClient().get("/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()
    )

    shown = {
        (route, method)
        for route, method in EXAMPLES
        if "example"
        in document["paths"][f"/api/v1/{route}"][method.lower()]["requestBody"]["content"]["application/json"]
    }
    assert shown == set(EXAMPLES)
