"""SECURITY.md: each chapter whole, each path and test there; and what it says that no other test shows."""

from __future__ import annotations

import ast
import datetime
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from organisation.authentication import digest, issue_token
from organisation.models import AccessToken, Person
from tests.config.test_settings import ROOT, WHOLE
from tests.world import PASSWORD, World

TABLE = (ROOT / "SECURITY.md").read_text("utf-8")
# How many requirements of levels 1 and 2 each section of ASVS 5.0.0 has, by their numbers.
CHAPTERS = {
    "1": ["1.1-2", "2.1-9", "3.1-11", "4.1-3", "5.1-2"],
    "2": ["1.1-3", "2.1-3", "3.1-4", "4.1-1"],
    "3": ["2.1-2", "3.1-4", "4.1-6", "5.1-5", "7.1-2"],
    "4": ["1.1-3", "2.1-1", "3.1-2", "4.1-4"],
    "5": ["1.1-1", "2.1-3", "3.1-2", "4.1-3"],
    "6": ["1.1-3", "2.1-12", "3.1-4", "4.1-4", "5.1-5", "6.1-3", "8.1-4"],
    "7": ["1.1-3", "2.1-4", "3.1-2", "4.1-5", "5.1-2", "6.1-2"],
    "8": ["1.1-2", "2.1-3", "3.1-1", "4.1-1"],
    "11": ["1.1-2", "2.1-3", "3.1-3", "4.1-4", "5.1-1", "6.1-1"],
    "12": ["1.1-3", "2.1-2", "3.1-4"],
    "13": ["1.1-1", "2.1-5", "3.1-2", "4.1-5"],
    "14": ["1.1-2", "2.1-4", "3.1-3"],
    "15": ["1.1-3", "2.1-3", "3.1-7"],
    "16": ["1.1-1", "2.1-5", "3.1-4", "4.1-3", "5.1-3"],
}


def rows() -> Iterator[list[str]]:
    """The table's rows: requirements, words, places, proof."""
    for line in TABLE.splitlines():
        if line.startswith("| V"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def required() -> Iterator[str]:
    for chapter, sections in CHAPTERS.items():
        for each in sections:
            section, first, last = re.fullmatch(r"(\d+)\.(\d+)-(\d+)", each).groups()  # type: ignore[union-attr]
            for number in range(int(first), int(last) + 1):
                yield f"V{chapter}.{section}.{number}"


def test_every_requirement_of_a_mapped_chapter_stands_in_the_table_once() -> None:
    named = [each for row in rows() for each in row[0].split(", ")]

    assert sorted(named) == sorted(required())
    graphql_and_web_socket = 2 + 4
    assert len(named) == 204 + graphql_and_web_socket


def test_every_row_has_a_proof_or_a_reason() -> None:
    bare = [
        row[0]
        for row in rows()
        if "::test_" not in row[3] and not re.match(r"Does not apply|\*\*Accepted\*\*|Installation:", row[3])
    ]

    assert bare == []
    # What is accepted says why, in more than a word.
    assert [row[0] for row in rows() if "**Accepted**" in row[3] and len(row[3]) < 120] == []
    assert "Not met" not in TABLE


def test_every_place_and_test_of_the_table_is_there() -> None:
    named = {each for row in rows() for each in re.findall(r"`([^`]+)`", row[2] + row[3])}
    missing = {each for each in named if "/" in each and not _is_there(each)}

    assert missing == set()


def _is_there(name: str) -> bool:
    path, _separator, test = name.partition("::")
    file = Path(ROOT / path)
    if not test:
        return file.exists()
    return file.exists() and any(
        isinstance(node, ast.FunctionDef) and node.name == test
        for node in ast.parse(file.read_text("utf-8")).body
    )


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/sign-in/", 200), ("/api/v1/health/", 200), ("/api/v1/people/", 401), ("/nothing/", 404),
        ("/static/core/site.css", 200), ("/static/nothing.js", 404), ("/a%00b/", 400), ("/api/v1/a%00b/", 400),
        ("/sign-in", 301),
    ],
)  # fmt: skip
def test_every_answer_carries_the_headers(db: None, address: str, status: int) -> None:
    answer = Client().get(address)
    answer.close()  # a static file is open until it is sent

    assert answer.status_code == status
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert (answer["X-Content-Type-Options"], answer["Referrer-Policy"]) == ("nosniff", "same-origin")
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Permissions-Policy"] == "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"
    assert "Access-Control-Allow-Origin" not in answer


@pytest.mark.parametrize(
    "address",
    ["/.git/config", "/.git/HEAD", "/static/", "/static/core/", "/manage.py", "/static/../manage.py"],
)
def test_nothing_is_served_but_what_is_meant(db: None, address: str) -> None:
    assert Client().get(address).status_code == 404


@pytest.mark.parametrize("address", ["/", "/sign-in/", "/api/v1/health/", "/api/v1/people/"])
def test_nobody_is_answered_to_trace(db: None, address: str) -> None:
    answer = Client().generic("TRACE", address, headers={"X-Secret": "a secret"})

    assert answer.status_code in {401, 405}
    assert b"a secret" not in answer.content


def test_production_guards_its_cookies_and_asks_for_https(tmp_path: Path) -> None:
    asked = (
        "import config.settings as s; from django.conf import global_settings as g;"
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.DEVICE_COOKIE_NAME, s.BROWSER_COOKIE_NAME,"
        "s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,"
        "s.SESSION_COOKIE_SAMESITE, g.CSRF_COOKIE_SAMESITE, g.SESSION_COOKIE_HTTPONLY,"
        "s.SECURE_HSTS_SECONDS, s.SECURE_HSTS_INCLUDE_SUBDOMAINS)"
    )
    env = {**WHOLE, "APP_KEYS": str(tmp_path)}
    told = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, env=env, capture_output=True, text=True)

    assert told.stdout.split() == [
        "__Host-session", "__Host-csrf", "__Host-device", "__Host-browser", "True", "True", "Lax", "Lax",
        "True", "31536000", "True",
    ]  # fmt: skip


def test_api_does_not_lead_to_https_but_says_so(db: None, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_REDIRECT_EXEMPT = True, [r"^api/"]

    api, page = Client().get("/api/v1/health/"), Client().get("/sign-in/")

    assert (api.status_code, api.json()["code"], "Location" in api) == (403, "https_required", False)
    assert (page.status_code, page["Location"]) == (301, "https://testserver/sign-in/")
    for answer in (api, page):
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
        assert (answer["X-Content-Type-Options"], answer["Referrer-Policy"]) == ("nosniff", "same-origin")
    assert Client().get("/api/v1/health/", secure=True).status_code == 200


def test_passwords_are_long_and_uncommon() -> None:
    for weak in ("short-pw-11", "administrator", "qwerty123456"):
        with pytest.raises(ValidationError):
            validate_password(weak, Person(username="administrator"))

    for good in (
        "onlysmallletters",
        "9" * 6 + "山上的风吹过稻田",
        "kettle lamp river stone harbour window copper garden candle orchard",
    ):
        validate_password(good, Person(username="clerk"))


def test_passwords_are_kept_by_argon2(person: Person) -> None:
    assert person.password.startswith("argon2$argon2id$")


def test_sign_in_page_takes_password_helpers(db: None) -> None:
    page = Client().get("/sign-in/").content.decode()

    (field,) = re.findall(r'<input[^>]*name="password"[^>]*>', page)
    assert 'type="password"' in field
    assert 'autocomplete="current-password"' in field


@pytest.fixture
def person(world: World) -> Person:
    person = world.person("clerk")
    person.set_password(PASSWORD)
    person.save(update_fields=["password"])
    return person


@pytest.mark.parametrize("typed", [PASSWORD.upper(), f" {PASSWORD}", f"{PASSWORD} ", PASSWORD[:-1]])
def test_password_counts_as_it_was_typed(person: Person, typed: str) -> None:
    body = {"username": person.username, "password": typed}

    assert APIClient().post("/api/v1/auth/login/", body, format="json").status_code == 401


def test_token_is_random_and_kept_as_a_hash(person: Person) -> None:
    (first, row), (second, _row) = issue_token(person), issue_token(person)

    assert first != second
    assert len(first) == 43  # 32 bytes in base64url
    assert bytes(AccessToken.objects.get(pk=row.pk).digest) == digest(first)


def read_with(token: str) -> int:
    return APIClient(headers={"Authorization": f"Token {token}"}).get("/api/v1/auth/me/").status_code


def test_token_ends_with_its_day(person: Person) -> None:
    token, row = issue_token(person)
    assert (read_with(token), row.expires_at - row.created_at) == (200, datetime.timedelta(hours=12))

    AccessToken.objects.filter(pk=row.pk).update(expires_at=timezone.now())

    assert read_with(token) == 401


def test_token_that_was_signed_out_opens_nothing(person: Person) -> None:
    token, _row = issue_token(person)

    APIClient(headers={"Authorization": f"Token {token}"}).post("/api/v1/auth/logout/")

    assert read_with(token) == 401


def test_session_has_another_number_after_signing_in(person: Person, settings: Any) -> None:
    browser = Client()
    browser.post("/language/setlang/", {"language": "en"})
    planted = browser.session
    planted["planted"] = True
    planted.save()
    browser.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key

    browser.post("/sign-in/", {"username": person.username, "password": PASSWORD})

    assert browser.cookies[settings.SESSION_COOKIE_NAME].value != planted.session_key
    assert 'action="/sign-out/"' in browser.get("/").content.decode()


def test_options_is_no_way_to_ask(world: World) -> None:
    for role, route in (("administrator", "work-units"), ("allocator", "needs"), ("security", "people")):
        answer = world.signed(role).client.options(f"/api/v1/{route}/")
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed"), route
