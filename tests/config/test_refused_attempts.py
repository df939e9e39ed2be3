"""Every refused attempt of somebody who is signed in stands in the audit log, once; so does every sign-in."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from core.models import AuditAddress, AuditEntry
from organisation.models import Person
from tests.world import PASSWORD, World, donation

Line = tuple[str, str, str, str]


def log() -> list[Line]:
    """What the log holds: action, subject, result, code."""
    lines = AuditEntry.objects.order_by("pk").values_list("action", "subject", "result", "code")
    return [(*line[:2], *line[2:]) for line in lines]


def test_foreign_thing_asked_for_is_written_down(world: World) -> None:
    world.signed("clerk").post("donations/", donation(place=world.hospital.code))
    AuditEntry.objects.count()
    pk = 999
    foreign = world.signed("clerk", foreign=True)

    assert foreign.get(f"donations/{pk}/").status_code == 404

    entry = AuditEntry.objects.latest("pk")
    assert log()[1:] == [("GET api/v1/donations/<int:pk>/", "pk 999", "refused", "not_found")]
    assert (entry.actor, entry.county, len(entry.request_id)) == (foreign.person.pk, "522622", 36)
    assert AuditAddress.objects.get(pk=entry.pk).address == "127.0.0.1"


@pytest.mark.parametrize("method", ["get", "post"])
def test_route_of_another_role_is_written_down(world: World, method: str) -> None:
    answer = getattr(world.signed("publisher"), method)("people/")

    assert answer.status_code == 403
    assert log() == [(f"{method.upper()} api/v1/people/", "", "refused", "not_allowed")]


def test_screen_of_another_role_is_written_down(world: World) -> None:
    client = Client(headers={"Accept": "text/html"})
    client.force_login(world.person("publisher"))

    assert client.get("/people/").status_code == 403

    assert log() == [("GET people/", "", "refused", "not_allowed")]


def test_screen_of_a_foreign_thing_is_written_down_once(world: World) -> None:
    client = Client(headers={"Accept": "text/html"})
    client.force_login(world.person("clerk"))

    assert client.get("/donations/999/").status_code == 404

    assert log() == [("GET api/v1/donations/<int:pk>/", "pk 999", "refused", "not_found")]


def test_malformed_command_is_written_down(world: World) -> None:
    clerk = world.signed("clerk")

    clerk.post("donations/", {"items": "none"})
    clerk.client.post("/api/v1/donations/", donation(place=world.hospital.code), format="json")

    assert log() == [
        ("POST api/v1/donations/", "", "refused", "invalid"),
        ("POST api/v1/donations/", "", "refused", "idempotency_key_required"),
    ]


def test_key_used_for_other_content_is_written_down(world: World) -> None:
    clerk, key = world.signed("clerk"), uuid.uuid4()
    clerk.post("donations/", donation(place=world.hospital.code), key=key)

    clerk.post("donations/", donation(place=world.office.code), key=key)

    assert log()[1:] == [("POST api/v1/donations/", "", "refused", "idempotency_key_reused")]


def test_refusal_of_a_command_is_written_down_once(world: World) -> None:
    world.signed("clerk").post("donations/999/void/", {"reason": "登记错误"})

    assert log() == [("POST api/v1/donations/<int:pk>/void/", "pk 999", "refused", "not_found")]


def test_refusal_costs_one_statement_more(world: World) -> None:
    clerk = world.signed("clerk")
    clerk.get("donations/999/")

    with CaptureQueriesContext(
        connection,
    ) as asked:
        clerk.get("donations/999/")

    assert [query["sql"].split()[0] for query in asked][-1] == "INSERT"
    assert sum("core_auditentry" in query["sql"] for query in asked) == 1


def test_what_is_read_by_right_or_by_nobody_is_not_written_down(world: World) -> None:
    world.signed("clerk").get("donations/")
    world.signed("clerk").get("donations/", page=99)
    anonymous = APIClient()
    anonymous.get("/api/v1/donations/999/")
    anonymous.post("/api/v1/donations/", {}, format="json")
    APIClient(headers={"Authorization": "Token x"}).get("/api/v1/people/")
    anonymous.get("/api/v1/public/counties/000000/summary/")

    assert log() == []


def test_refusal_of_a_screen_is_a_line_without_a_traceback(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client()
    client.force_login(world.person("clerk"))

    assert client.get("/audit/", headers={"Accept": "text/html"}).status_code == 403

    [line] = [each for each in caplog.records if each.name == "django.request"]
    assert (line.levelname, line.exc_info, line.getMessage()) == ("WARNING", None, "Forbidden: /audit/")


def test_page_sent_without_its_token_is_written_down(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.person("clerk"))

    assert client.post("/sign-out/").status_code == 403
    refused = client.post("/api/v1/donations/", {}, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")

    assert [line[2:] for line in log()] == [("refused", "csrf_failed")] * 2


@pytest.fixture
def person(world: World) -> Person:
    person = world.person("clerk")
    person.set_password(PASSWORD)
    person.save(update_fields=["password"])
    return person


def sign_in(username: str, password: str = PASSWORD) -> Any:
    body = {"username": username, "password": password}
    return APIClient().post("/api/v1/auth/login/", body, format="json")


def test_sign_in_and_out_are_written_down(person: Person) -> None:
    token = sign_in(person.username).json()["token"]
    APIClient(headers={"Authorization": f"Token {token}"}).post("/api/v1/auth/logout/")
    browser = Client()
    browser.post("/sign-in/", {"username": person.username, "password": PASSWORD})
    browser.post("/sign-out/")

    routes = ["POST api/v1/auth/login/", "POST api/v1/auth/logout/", "POST sign-in/", "POST sign-out/"]
    assert log() == [(route, "", "done", "") for route in routes]
    assert set(AuditEntry.objects.values_list("actor", "county")) == {(person.pk, person.county_id)}


def test_failed_sign_in_names_the_account_and_keeps_no_typed_name(person: Person) -> None:
    sign_in(person.username, "wrong")
    sign_in("a long enough password")

    assert log() == [("POST api/v1/auth/login/", "", "refused", "wrong_credentials")] * 2
    assert list(AuditEntry.objects.order_by("pk").values_list("actor", "county")) == [
        (person.pk, person.county_id), (None, ""),
    ]  # fmt: skip
