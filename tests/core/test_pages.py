"""How a screen's form becomes the API's body, and how the API's words find their fields."""

import uuid

import pytest
from django.http import HttpRequest, QueryDict
from django.test import Client, RequestFactory

from core.pages import Field, Form, ask, body_of
from donations.handover_serializers import HandoverArrivalInput, HandoverInput
from donations.models import Donation
from donations.serializers import DonationInput
from tests.world import World, donation


def form(text: str) -> QueryDict:
    return QueryDict(text)


def test_texts_of_a_form_become_the_body() -> None:
    typed = form("/from_place=P-1&/to_place=P-2&/donations=3&/donations=x&/carrier=&/vehicle=车&csrf=z")

    assert body_of(HandoverInput, typed) == {
        "from_place": "P-1",
        "to_place": "P-2",
        "donations": [3, "x"],
        "vehicle": "车",
    }


def test_rows_come_in_the_order_of_their_numbers() -> None:
    typed = form(
        "/items/10/item=7&/items/10/counted=0&/items/2/group=5&/items/2/counted=1.5&/seal_intact=false"
    )

    assert body_of(HandoverArrivalInput, typed) == {
        "items": [{"group": 5, "counted": "1.5"}, {"item": 7, "counted": 0}],
        "seal_intact": False,
    }


def test_box_that_is_not_ticked_is_false_and_an_open_question_is_left_out() -> None:
    assert body_of(HandoverArrivalInput, form("")) == {"items": []}
    assert body_of(DonationInput, form("/donor/kind=person"))["source_confirmed"] is False


def test_error_stands_at_its_field_and_the_typing_stays() -> None:
    fields = [Field("/carrier", "Carrier"), Field("/donations", "Donations", "hidden")]
    faults = [
        {"pointer": "/carrier", "code": "c", "message": "too long"},
        {"pointer": "/donations/0", "code": "c", "message": "unknown"},
    ]

    shown = Form(fields, form("/carrier=王&key=k"), detail="No.", faults=faults)

    assert (shown["/carrier"].value, shown["/carrier"].faults) == ("王", ["too long"])
    assert (shown.faults, shown.key) == (["unknown"], "k")


def page_request(world: World) -> HttpRequest:
    browser = Client()
    browser.force_login(world.person("clerk"))
    request = RequestFactory().post("/page/", {"csrfmiddlewaretoken": "x"})
    request.session = browser.session
    return request


def test_api_answers_a_page_as_it_answers_a_program(world: World) -> None:
    reply = ask(page_request(world), "POST", "donations/", donation(), key=str(uuid.uuid4()))

    assert (reply.status, Donation.objects.get().pk) == (201, reply.data["id"])


def test_same_key_from_page_and_program_is_one_command(world: World) -> None:
    key = uuid.uuid4()

    first = world.signed("clerk").post("donations/", donation(), key=key)
    second = ask(page_request(world), "POST", "donations/", donation(), key=str(key))

    assert (second.status, second.data["id"], Donation.objects.count()) == (201, first.json()["id"], 1)


def test_refusal_comes_with_its_words(world: World) -> None:
    reply = ask(
        page_request(world), "POST", "donations/", donation(source_confirmed=False), key=str(uuid.uuid4())
    )

    assert (reply.ok, reply.status) == (False, 422)
    assert [fault["pointer"] for fault in reply.faults] == ["/source_confirmed"]


def test_page_has_no_more_rights_than_the_person(world: World) -> None:
    assert ask(page_request(world), "GET", "audit/").status == 403


@pytest.mark.parametrize(
    ("accept", "kind"), [("text/html", "text/html"), ("application/json", "application/problem+json")]
)
def test_unknown_address_is_told_as_it_is_asked(db: None, accept: str, kind: str) -> None:
    answer = Client(headers={"Accept": accept}).get("/nothing/")

    assert (answer.status_code, answer["Content-Type"].partition(";")[0]) == (404, kind)


def test_api_tells_problems_to_browsers_too(db: None) -> None:
    answer = Client(headers={"Accept": "text/html"}).get("/api/v1/nothing/")

    assert answer["Content-Type"] == "application/problem+json"
