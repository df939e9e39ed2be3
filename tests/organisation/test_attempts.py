"""Who fails to sign in too often waits, and shuts nobody else out."""

from __future__ import annotations

import datetime
from ipaddress import ip_network
from typing import Any

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from core.addresses import client_address
from organisation import attempts
from organisation.models import KnownAddress, Person, SignInFailures
from tests.cloned import together
from tests.world import PASSWORD, World

HOME, ELSEWHERE = "192.0.2.7", "198.51.100.9"
WRONG = "not the password"


def knock(username: str, password: str = WRONG, address: str = HOME, **headers: str) -> str:
    """What signing in says: `ok` or the code of the refusal."""
    answer = Client().post(
        "/api/v1/auth/login/", {"username": username, "password": password}, content_type="application/json",
        REMOTE_ADDR=address, headers=headers,
    )  # fmt: skip
    return "ok" if answer.status_code == 200 else answer.json()["code"]


@pytest.fixture
def clerk(world: World) -> Person:
    person = world.person("clerk")
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def quick(settings: Any) -> None:
    """Counting is what is tested here, not how slowly a password is checked."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def test_address_that_fails_waits_and_others_sign_in(quick: None, clerk: Person) -> None:
    said = [knock(clerk.username) for _n in range(attempts.OF_PAIR)]

    assert set(said) == {"wrong_credentials"}
    assert knock(clerk.username, PASSWORD) == "locked"
    assert knock(clerk.username, PASSWORD, ELSEWHERE) == "ok"


def test_name_that_is_nobodys_is_answered_alike(quick: None, world: World) -> None:
    said = [knock("nobody") for _n in range(attempts.OF_PAIR + 1)]

    assert said == ["wrong_credentials"] * attempts.OF_PAIR + ["locked"]


def test_other_spelling_of_the_name_counts_as_the_same(quick: None, clerk: Person) -> None:
    for n in range(attempts.OF_PAIR):
        knock(clerk.username.upper() if n % 2 else f"{clerk.username} ")

    assert knock(clerk.username, PASSWORD) == "locked"


def test_success_begins_from_none(quick: None, clerk: Person) -> None:
    for _n in range(attempts.OF_PAIR - 1):
        knock(clerk.username)

    assert knock(clerk.username, PASSWORD) == "ok"
    assert knock(clerk.username) == "wrong_credentials"
    assert knock(clerk.username, PASSWORD) == "ok"


def test_waiting_ends(quick: None, clerk: Person) -> None:
    for _n in range(attempts.OF_PAIR):
        knock(clerk.username)
    SignInFailures.objects.update(began_at=timezone.now() - attempts.WINDOW)

    assert knock(clerk.username, PASSWORD) == "ok"


def test_address_that_fails_with_many_names_is_stopped_for_all(quick: None, clerk: Person) -> None:
    for n in range(attempts.OF_ADDRESS):
        attempts.note_failure(f"name{n}", HOME)

    assert knock(clerk.username, PASSWORD) == "locked"
    assert knock(clerk.username, PASSWORD, ELSEWHERE) == "ok"


def test_account_tried_from_everywhere_is_open_where_it_was_used(quick: None, clerk: Person) -> None:
    assert knock(clerk.username, PASSWORD) == "ok"
    for n in range(attempts.OF_NAME):
        attempts.note_failure(clerk.username, f"203.0.113.{n}")

    assert knock(clerk.username, PASSWORD) == "ok"
    assert knock(clerk.username, PASSWORD, ELSEWHERE) == "locked"


def test_known_address_is_forgotten_after_a_season(quick: None, clerk: Person) -> None:
    knock(clerk.username, PASSWORD)
    KnownAddress.objects.update(seen_at=timezone.now() - attempts.KNOWN_FOR - datetime.timedelta(days=1))
    for n in range(attempts.OF_NAME):
        attempts.note_failure(clerk.username, f"203.0.113.{n}")

    assert knock(clerk.username, PASSWORD) == "locked"


def test_header_that_a_stranger_writes_changes_nothing(quick: None, clerk: Person) -> None:
    for n in range(attempts.OF_PAIR):
        knock(clerk.username, **{"X-Forwarded-For": f"203.0.113.{n}"})

    assert knock(clerk.username, PASSWORD, **{"X-Forwarded-For": "203.0.113.200"}) == "locked"


@pytest.mark.parametrize(
    ("remote", "noted", "expected"),
    [
        ("192.0.2.7", "203.0.113.5", "192.0.2.7"),
        ("10.0.0.1", "203.0.113.5", "203.0.113.5"),
        ("10.0.0.1", "1.2.3.4, 203.0.113.5", "203.0.113.5"),
        ("10.0.0.1", "203.0.113.5, 10.0.0.2", "203.0.113.5"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.5, <script>", "10.0.0.1"),
        ("10.0.0.1", "2001:db8::5", "2001:db8::5"),
        ("", "203.0.113.5", ""),
    ],
)
def test_address_is_what_the_nearest_stranger_is_called_from(remote: str, noted: str, expected: str) -> None:
    with override_settings(TRUSTED_PROXIES=[ip_network("10.0.0.0/24")]):
        assert client_address({"REMOTE_ADDR": remote, "HTTP_X_FORWARDED_FOR": noted}) == expected


def test_nothing_readable_is_kept(quick: None, clerk: Person) -> None:
    knock(clerk.username)
    knock(clerk.username, PASSWORD, ELSEWHERE)

    rows = [*SignInFailures.objects.values_list(), *KnownAddress.objects.values_list()]
    kept = b" ".join(bytes(value) for row in rows for value in row if isinstance(value, bytes | memoryview))
    assert rows
    assert not any(text.encode() in kept for text in (clerk.username, HOME, ELSEWHERE))


def test_what_counts_no_longer_is_tidied_away(quick: None, clerk: Person) -> None:
    knock(clerk.username)
    knock(clerk.username, PASSWORD, ELSEWHERE)
    SignInFailures.objects.update(began_at=timezone.now() - attempts.WINDOW * 2)
    KnownAddress.objects.update(seen_at=timezone.now() - attempts.KNOWN_FOR * 2)

    attempts.tidy()

    assert (SignInFailures.objects.count(), KnownAddress.objects.count()) == (0, 0)


def test_failures_at_the_same_moment_are_all_counted(cloned_db: str) -> None:
    def fail_with(name: str) -> Any:
        return lambda: attempts.note_failure(name, HOME)

    results = together([fail_with(f"name{n % 3}") for n in range(24)])

    assert results == [None] * 24
    everywhere = SignInFailures.objects.get(name_key=b"", address_key=attempts.key_of(HOME))
    assert everywhere.failures == 24
