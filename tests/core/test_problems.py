"""Whatever a client sends or the database does, the answer is a problem with a stable code, never a bare 500."""

from __future__ import annotations

import base64
import json
import time
import uuid
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import close_old_connections, connection, connections, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from rest_framework.response import Response

from config.access import PAGES, PUBLIC
from core.models import AuditEntry, IdempotencyRecord
from donations.models import Donation
from organisation.models import County
from tests.cloned import together
from tests.world import World, donation, item

ROUTE = "/api/v1/donations/"


def count_counties(request: HttpRequest) -> HttpResponse:
    return HttpResponse(County.objects.count())


def fail(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a mistake of ours")


def write_on_a_copy(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
        cursor.execute("CREATE TABLE anything ()")
    return HttpResponse()


def pause_for_too_long(request: HttpRequest) -> HttpResponse:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '1ms'")
        time.sleep(0.05)
        cursor.execute("SELECT 1")
    return HttpResponse()


urlpatterns = [
    path("plain/", count_counties),
    path("fail/", fail),
    path("copy/", write_on_a_copy),
    path("pause/", pause_for_too_long),
    path("", include("config.urls")),
]
handler500 = "core.problems.server_error"


@pytest.fixture
def own_urls(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """These addresses beside those of the house, open to everybody."""
    settings.ROOT_URLCONF = __name__
    for route in ("plain/", "fail/", "copy/", "pause/"):
        monkeypatch.setitem(PAGES, route, {"GET": PUBLIC})


def send(world: World, content: bytes, content_type: str = "application/json", **headers: str) -> Response:
    client = world.signed("clerk").client
    client.raise_request_exception = False
    headers = {"Idempotency-Key": str(uuid.uuid4()), **{n.replace("_", "-"): v for n, v in headers.items()}}
    return client.generic("POST", ROUTE, content, content_type, headers=headers)


def problem_of(answer: Any) -> tuple[int, str]:
    assert answer["Content-Type"] == "application/problem+json"
    body = json.loads(answer.content)
    assert body["status"] == answer.status_code
    assert body["type"] == f"urn:problem:{body['code']}"
    return answer.status_code, body["code"]


def whole(**fields: Any) -> bytes:
    return json.dumps(donation(items=[item(**fields)])).encode()


BAD_BODIES = [
    (b"{", 400, "parse_error"),
    (b"", 400, "invalid"),
    (b"[]", 400, "invalid"),
    (b'"text"', 400, "invalid"),
    (b"null", 400, "invalid"),
    (b'{"a": 1, "a": 2}', 400, "parse_error"),
    (b'{"a": NaN}', 400, "parse_error"),
    (b"\xff\xfe", 400, "malformed_body"),
    (b"[" * 50_000, 400, "malformed_body"),
    (b'{"campaign": "\\u0000"}', 400, "invalid"),
    (b'{"campaign": "\\ud800"}', 400, "invalid"),
    (b'{"campaign": 1e999}', 400, "invalid"),
    (whole(quantity=2**70), 400, "invalid"),
    (whole(quantity=2**40), 400, "invalid"),
    (whole(quantity=-1), 400, "invalid"),
    (whole(quantity=1.5), 400, "invalid"),
    (whole(quantity="20"), 400, "invalid"),
    (whole(quantity=True), 400, "invalid"),
    (whole(expiry="有效期至2023年02月30日"), 400, "invalid"),
    (whole(medicine={"code": "M009a"}), 400, "invalid"),
    (whole(strange=1), 400, "invalid"),
]


@pytest.mark.parametrize(("content", "status", "code"), BAD_BODIES)
def test_bad_body_told_and_nothing_written(world: World, content: bytes, status: int, code: str) -> None:
    answer = send(world, content)

    assert problem_of(answer) == (status, code)
    assert Donation.objects.count() == 0
    assert IdempotencyRecord.objects.count() == 0


@pytest.mark.parametrize("content", [b"[1]", b"[]", b"1", b"null"])
def test_body_that_is_no_object_is_told_what_is_needed(world: World, content: bytes) -> None:
    answer = send(world, content)

    assert answer.json()["detail"] == "这里需要一个JSON对象，各项写在花括号之内。"


def test_each_field_at_fault_named(world: World) -> None:
    answer = send(
        world, json.dumps(donation(items=[item(), item(quantity=0)], received_on="2022-02-30")).encode()
    )

    errors = {error["pointer"]: error["code"] for error in answer.json()["errors"]}
    assert errors == {"/items/1/quantity": "min_value", "/received_on": "impossible_day"}


def test_other_content_type_refused(world: World) -> None:
    assert problem_of(send(world, b"a=1", "application/x-www-form-urlencoded")) == (
        415,
        "unsupported_media_type",
    )


def test_body_too_large_refused(world: World, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    answer = send(world, whole(description="x" * 1000))

    assert problem_of(answer) == (413, "body_too_large")


@pytest.mark.parametrize("key", ["", "17", "not a uuid", "\u00e9", "0f3c9f0e-7c1d-4f0a-9a5e-1d2c3b4a596"])
def test_bad_key_refused(world: World, key: str) -> None:
    assert problem_of(send(world, whole(), Idempotency_Key=key)) == (400, "idempotency_key_required")


def test_wrong_method_refused(world: World) -> None:
    answer = world.signed("clerk").client.delete(ROUTE)

    assert problem_of(answer) == (405, "method_not_allowed")
    assert "POST" in answer["Allow"]


def test_other_representation_refused(world: World) -> None:
    assert problem_of(send(world, whole(), Accept="text/csv")) == (406, "not_acceptable")


@pytest.mark.parametrize(
    "address", ["/api/v1/nothing/", "/nothing", "/%FF%FE", "/api/v1/donations/9" + "9" * 30 + "/"]
)
def test_unknown_address_is_a_problem(world: World, address: str) -> None:
    answer = world.signed("clerk").client.get(address)

    assert problem_of(answer) == (404, "not_found")


def test_nul_in_address_refused(world: World) -> None:
    assert problem_of(world.signed("clerk").client.get("/api/v1/donations/?q=%00")) == (
        400,
        "malformed_address",
    )


def test_nul_in_an_address_is_told_to_a_person_as_a_page(world: World) -> None:
    for address in ("/verify/?sha256=%00", "/counties/%00/", "/counties/522633/?q=%00"):
        answer = Client().get(address, headers={"Accept": "text/html,application/xhtml+xml"})

        assert (answer.status_code, answer.headers["Content-Type"]) == (400, "text/html; charset=utf-8")
        assert "<h1>" in answer.content.decode()


def test_page_that_is_none_is_told_in_words(world: World) -> None:
    clerk = world.signed("clerk")

    for page, status, words in (
        ("-1", 400, "此处须为大于0的整数。"),
        ("0", 400, "此处须为大于0的整数。"),
        ("99", 404, "没有这一页，页码从1开始。"),
    ):
        answer = clerk.get("donations/", page=page)
        told = answer.json()
        assert (answer.status_code, (told["errors"] or [{"message": told["detail"]}])[0]["message"]) == (
            status,
            words,
        )


def test_unknown_sign_in_refused(world: World) -> None:
    answer = Client().post(ROUTE, b"{}", "application/json", headers={"Authorization": "Token nothing"})

    assert problem_of(answer) == (401, "token_invalid")
    assert answer["WWW-Authenticate"] == "Token"


def test_mistake_of_ours_is_a_problem(own_urls: None) -> None:
    answer = Client(raise_request_exception=False).get("/fail/")

    assert problem_of(answer) == (500, "server_error")


def test_mistake_of_ours_is_a_page_to_a_person(own_urls: None) -> None:
    client = Client(headers={"Accept": "text/html"}, raise_request_exception=False)

    answer = client.get("/fail/")

    assert (answer.status_code, answer["Content-Type"]) == (500, "text/html; charset=utf-8")
    assert answer["X-Request-Id"] in answer.content.decode()


def test_database_away_is_told_on_every_path(cloned_db: str, own_urls: None) -> None:
    signed = World().signed("clerk")
    signed.client.raise_request_exception = False
    held = connections["default"]
    connection.close()
    connections["default"] = held.copy()
    connections["default"].settings_dict = {**held.settings_dict, "HOST": "/nowhere"}

    answers = [
        signed.post("donations/", donation()),
        signed.get("donations/"),
        Client(raise_request_exception=False).get("/plain/"),
    ]
    connections["default"] = held

    assert [problem_of(answer) for answer in answers] == [(503, "database_unavailable")] * 3
    assert [answer["Retry-After"] for answer in answers] == ["5"] * 3
    assert Donation.objects.count() == 0


def test_lost_connection_is_told_and_the_next_request_served(cloned_db: str) -> None:
    signed = World().signed("clerk")
    signed.client.raise_request_exception = False
    County.objects.count()
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"

    def cut_all() -> None:
        with connection.cursor() as cursor:
            cursor.execute(cut, [cloned_db])

    together([cut_all])
    lost = signed.post("donations/", donation())
    close_old_connections()
    served = signed.post("donations/", donation())

    assert problem_of(lost) == (503, "database_unavailable")
    assert served.status_code == 201
    assert AuditEntry.objects.count() == 1


def test_copy_that_takes_no_writes_and_session_ended_for_its_pause_are_told(
    cloned_db: str, own_urls: None
) -> None:
    answers = [Client(raise_request_exception=False).get(page) for page in ("/copy/", "/pause/")]

    assert [problem_of(answer) for answer in answers] == [(503, "database_unavailable")] * 2


@pytest.mark.parametrize("position", ["abc", "\x00", "1.5", "1e5", "2020-01-01", "9" * 30, "²"])
def test_forged_cursor_is_not_found(world: World, position: str) -> None:
    cursor = base64.b64encode(urlencode({"p": position}).encode()).decode()

    answer = world.signed("auditor").get("movements/", cursor=cursor)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_nul_in_the_sign_in_form_is_a_wrong_name(db: None) -> None:
    answer = Client().post("/sign-in/", {"username": "a\x00b", "password": "x"})

    assert answer.status_code == 401


def test_answers_to_a_signed_in_person_are_kept_nowhere(world: World) -> None:
    answer = world.signed("auditor").get("auth/me/")

    assert answer.headers["Cache-Control"] == "private, no-store"


def test_key_of_zeros_is_no_key(world: World) -> None:
    answer = world.signed("clerk").post("donations/", donation(), key=uuid.UUID(int=0))

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")
