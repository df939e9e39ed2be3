"""Who fails to sign in too often waits, and shuts nobody else out."""

from __future__ import annotations

import datetime
import re
import uuid
from ipaddress import ip_network
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test import Client, override_settings
from django.utils import timezone

from core.addresses import client_address
from core.models import IdempotencyRecord
from organisation import attempts
from organisation.attempts import OF_DEVICE, OF_NAME, OF_PAIR, WINDOW, Origin
from organisation.models import AttemptLane, KnownOrigin, Person
from tests.cloned import together
from tests.plain_sql import drop_guard, execute, refused_by
from tests.world import PASSWORD, World

MINUTE = datetime.timedelta(minutes=1)
HOME, ELSEWHERE = "192.0.2.7", "198.51.100.9"
WRONG = "not the password"


def knock(
    username: str,
    password: str = WRONG,
    address: str = HOME,
    at: Client | None = None,
    code: str = "",
    **headers: str,
) -> str:
    """What signing in says: `ok` or the code of the refusal; `at` a device that keeps its cookies, else a new one."""
    body = {"username": username, "password": password, **({"entry_code": code} if code else {})}
    answer = (at or Client()).post(
        "/api/v1/auth/login/", body, content_type="application/json", REMOTE_ADDR=address, headers=headers
    )
    return "ok" if answer.status_code == 200 else answer.json()["code"]


def fail(username: str, times: int, address: str = HOME, at: Client | None = None) -> list[str]:
    return [knock(username, address=address, at=at) for _n in range(times)]


def fail_unjudged(username: str, address: str) -> None:
    """A failure without the time that judging takes."""
    attempts.reserve(username, Origin(address))


@pytest.fixture
def clerk(world: World) -> Person:
    return with_password(world.person("clerk"))


@pytest.fixture
def colleague(world: World) -> Person:
    return with_password(world.person("pharmacist"))


def with_password(person: Person) -> Person:
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def quick(settings: Any) -> None:
    """Counting is what is tested here, not how slowly a password is checked."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def test_address_that_fails_waits_and_others_sign_in(quick: None, clerk: Person) -> None:
    assert set(fail(clerk.username, OF_PAIR)) == {"wrong_credentials"}

    assert knock(clerk.username, PASSWORD) == "locked"
    assert knock(clerk.username, PASSWORD, ELSEWHERE) == "ok"


def test_device_that_was_signed_in_on_waits_for_nobody_elses_failures(
    quick: None, clerk: Person, colleague: Person
) -> None:
    """Somebody at the next desk, behind the same address, fails at one's account and at a hundred others."""
    own = Client()
    assert knock(clerk.username, PASSWORD, at=own) == "ok"
    for n in range(attempts.OF_ADDRESS):
        fail_unjudged(f"name{n}", HOME)
    fail(clerk.username, 2 * OF_PAIR)

    assert knock(clerk.username, PASSWORD) == "locked"
    assert knock(clerk.username, PASSWORD, at=own) == "ok"
    assert knock(clerk.username, PASSWORD, ELSEWHERE, at=own) == "ok"
    assert knock(colleague.username, PASSWORD, at=own) == "ok"
    assert knock(colleague.username, PASSWORD) == "ok"


def test_screen_knows_its_device_too(quick: None, clerk: Person) -> None:
    screen, account = Client(), {"username": clerk.username, "password": PASSWORD}
    assert screen.post("/sign-in/", account, REMOTE_ADDR=HOME).status_code == 302
    cookie = screen.cookies["browser"]
    assert (cookie["httponly"], cookie["samesite"], len(cookie.value)) == (True, "Strict", 43)
    fail(clerk.username, OF_PAIR)

    asked = Client().post("/sign-in/", account, REMOTE_ADDR=HOME)
    assert (asked.status_code, 'name="entry_code"' in asked.content.decode()) == (401, True)
    assert screen.post("/sign-in/", account, REMOTE_ADDR=HOME).status_code == 302


def test_secret_of_a_device_helps_with_no_other_account(
    quick: None, clerk: Person, colleague: Person
) -> None:
    own = Client()
    assert knock(clerk.username, PASSWORD, at=own) == "ok"

    assert fail(colleague.username, OF_PAIR + 1, at=own)[-1] == "locked"

    assert fail(colleague.username, 1) == ["locked"]


def test_guessing_on_a_known_device_is_bounded_too(quick: None, clerk: Person) -> None:
    own = Client()
    assert knock(clerk.username, PASSWORD, at=own) == "ok"

    assert fail(clerk.username, OF_DEVICE + 1, at=own) == ["wrong_credentials"] * OF_DEVICE + ["locked"]

    assert knock(clerk.username, PASSWORD) == "ok"


def test_new_device_waits_for_its_turn_and_no_longer(quick: None, clerk: Person) -> None:
    fail(clerk.username, OF_PAIR + 5)
    assert knock(clerk.username, PASSWORD) == "locked"

    pass_time(WINDOW / OF_PAIR)

    assert knock(clerk.username, PASSWORD) == "ok"
    assert knock(clerk.username, PASSWORD, at=Client()) == "ok"
    assert fail(clerk.username, 2) == ["wrong_credentials", "locked"]


def test_entry_code_lets_a_new_device_in_while_others_keep_failing(
    quick: None, world: World, clerk: Person, colleague: Person
) -> None:
    security = world.signed("security")
    fail(clerk.username, OF_PAIR)

    code = security.post(f"people/{clerk.pk}/entry-code/").json()["entry_code"]
    typed = f"{code[:5].lower()} {code[5:]}"

    assert knock(clerk.username, PASSWORD, code="ABCDE23456") == "locked"
    assert knock(colleague.username, PASSWORD, code=code) == "ok"
    new = Client()
    assert knock(clerk.username, WRONG, code=typed) == "wrong_credentials"
    assert knock(clerk.username, PASSWORD, code=typed, at=new) == "ok"
    assert knock(clerk.username, PASSWORD, code=typed) == "locked"
    assert knock(clerk.username, PASSWORD, at=new) == "ok"


def test_entry_code_opens_on_a_shared_browser_whose_lane_is_full(
    quick: None, world: World, clerk: Person
) -> None:
    shared = Client()
    assert knock(clerk.username, PASSWORD, at=shared) == "ok"
    fail(clerk.username, OF_PAIR, at=shared)
    assert knock(clerk.username, PASSWORD, at=shared) == "locked"

    code = world.signed("security").post(f"people/{clerk.pk}/entry-code/").json()["entry_code"]

    assert knock(clerk.username, PASSWORD, code=code, at=shared) == "ok"


def test_entry_code_of_ones_own_ends_within_the_hour_and_is_kept_nowhere(
    quick: None, world: World, clerk: Person
) -> None:
    signed, key = world.signed("clerk"), uuid.uuid4()
    told = signed.post("auth/sign-ins/entry-code/", key=key).json()
    again = signed.post("auth/sign-ins/entry-code/", key=key).json()
    assert (told["id"], again) == (clerk.pk, {"id": clerk.pk, "entry_code": None})
    kept = bytes(IdempotencyRecord.objects.get(key=key).answer)
    assert told["entry_code"].encode() not in kept
    fail(clerk.username, OF_PAIR)

    KnownOrigin.objects.update(seen_at=F("seen_at") - attempts.ENTRY_CODE_FOR)

    assert knock(clerk.username, PASSWORD, code=told["entry_code"]) == "locked"


def test_screens_show_an_entry_code_once(quick: None, world: World, clerk: Person) -> None:
    for person, path in [
        (clerk, "/sign-ins/entry-code/"),
        (world.person("security"), f"/people/{clerk.pk}/entry-code/"),
    ]:
        client = Client()
        client.force_login(person)
        assert client.get(path).status_code == 200
        shown = client.post(path, {"key": str(uuid.uuid4())}).content.decode()
        assert re.search(r'<p class="code">[A-Z2-9]{10}</p>', shown)


def test_name_that_is_nobodys_is_answered_alike(quick: None, world: World) -> None:
    assert fail("nobody", OF_PAIR + 1) == ["wrong_credentials"] * OF_PAIR + ["locked"]


def test_other_spelling_of_the_name_counts_as_the_same(quick: None, clerk: Person) -> None:
    for n in range(OF_PAIR):
        knock(clerk.username.upper() if n % 2 else f"{clerk.username} ")

    assert knock(clerk.username, PASSWORD) == "locked"


def test_success_is_not_counted(quick: None, clerk: Person) -> None:
    for _n in range(OF_PAIR):
        assert knock(clerk.username, PASSWORD) == "ok"
    assert set(fail(clerk.username, OF_PAIR - 1)) == {"wrong_credentials"}

    assert knock(clerk.username, PASSWORD) == "ok"
    assert fail(clerk.username, 2) == ["wrong_credentials", "locked"]


def test_waiting_ends(quick: None, clerk: Person) -> None:
    fail(clerk.username, OF_PAIR)
    pass_time(WINDOW)

    assert set(fail(clerk.username, OF_PAIR)) == {"wrong_credentials"}


def pass_time(time: datetime.timedelta) -> None:
    AttemptLane.objects.update(full_at=F("full_at") - time, reserved_at=F("reserved_at") - time)


def test_address_that_fails_with_many_names_tries_each_less(
    quick: None, clerk: Person, colleague: Person
) -> None:
    for n in range(attempts.OF_ADDRESS):
        fail_unjudged(f"name{n}", HOME)

    assert fail(clerk.username, 3) == ["wrong_credentials", "wrong_credentials", "locked"]
    assert knock(colleague.username, PASSWORD) == "ok"
    assert knock(clerk.username, PASSWORD, ELSEWHERE) == "ok"


def test_address_is_stopped_only_where_it_floods(quick: None, clerk: Person) -> None:
    own = Client()
    assert knock(clerk.username, PASSWORD, at=own) == "ok"
    fail("nobody", 1)
    AttemptLane.objects.filter(origin_key=flood_of(HOME)).update(
        full_at=timezone.now() + WINDOW + MINUTE, reserved_at=timezone.now() + MINUTE
    )

    assert knock("one more") == "locked"
    assert knock(clerk.username, PASSWORD, at=own) == "ok"


def flood_of(address: str) -> bytes:
    return attempts.key_of(f"flood {Origin(address).address_key.hex()}")


def test_account_tried_from_everywhere_is_open_where_it_was_used(quick: None, clerk: Person) -> None:
    assert knock(clerk.username, PASSWORD) == "ok"
    for n in range(OF_NAME):
        fail_unjudged(clerk.username, f"203.0.113.{n}")

    assert knock(clerk.username, PASSWORD) == "ok"
    assert knock(clerk.username, PASSWORD, ELSEWHERE) == "locked"


def test_addresses_of_one_ipv6_network_are_one(quick: None, clerk: Person) -> None:
    for n in range(OF_PAIR):
        fail_unjudged(clerk.username, f"2001:db8::{n}")

    assert knock(clerk.username, PASSWORD, "2001:db8::ffff") == "locked"
    assert knock(clerk.username, PASSWORD, "2001:db8:0:1::1") == "ok"


def test_known_address_is_forgotten_after_a_season(quick: None, clerk: Person) -> None:
    knock(clerk.username, PASSWORD)
    KnownOrigin.objects.update(seen_at=timezone.now() - attempts.KNOWN_FOR - datetime.timedelta(days=1))
    for n in range(OF_NAME):
        fail_unjudged(clerk.username, f"203.0.113.{n}")

    assert knock(clerk.username, PASSWORD) == "locked"


def test_header_that_a_stranger_writes_changes_nothing(quick: None, clerk: Person) -> None:
    for n in range(OF_PAIR):
        knock(clerk.username, **{"X-Forwarded-For": f"203.0.113.{n}", "Cookie": f"browser={n:043}"})

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
    own = Client()
    knock(clerk.username, PASSWORD, ELSEWHERE, at=own)

    rows = [*AttemptLane.objects.values_list(), *KnownOrigin.objects.values_list()]
    kept = b" ".join(bytes(value) for row in rows for value in row if isinstance(value, bytes | memoryview))
    assert rows
    texts = (clerk.username, HOME, ELSEWHERE, own.cookies["browser"].value)
    assert not any(text.encode() in kept for text in texts)


def test_what_counts_no_longer_is_tidied_away(quick: None, clerk: Person) -> None:
    knock(clerk.username)
    knock(clerk.username, PASSWORD, ELSEWHERE)
    pass_time(WINDOW * 2)
    KnownOrigin.objects.update(seen_at=timezone.now() - attempts.KNOWN_FOR * 2)

    attempts.tidy()

    assert (AttemptLane.objects.count(), KnownOrigin.objects.count()) == (0, 0)


def test_lane_takes_no_more_ahead_than_its_quarter_of_an_hour(quick: None, clerk: Person) -> None:
    fail(clerk.username, OF_PAIR)
    further = "UPDATE organisation_attemptlane SET full_at = reserved_at + interval '15 minutes 1 second'"

    with refused_by("sign_in_attempts_bounded"):
        execute(further)
    with transaction.atomic():
        drop_guard("sign_in_attempts_bounded")
    assert execute(further) == AttemptLane.objects.count()


# As `attempts.HOLD` reads the lanes, but nobody waits for anybody.
WITHOUT_A_LOCK = """
    WITH given AS (SELECT %s::timestamptz AS begin, %s::timestamptz AS begun)
    SELECT asked.name_key, asked.origin_key, coalesce(kept.full_at, given.begin)
    FROM given, unnest(%s::bytea[], %s::bytea[]) AS asked (name_key, origin_key)
    LEFT JOIN organisation_attemptlane kept USING (name_key, origin_key)
"""


@pytest.mark.parametrize("is_held", [True, False], ids=["held", "without the guard"])
def test_attempts_at_the_same_moment_are_judged_up_to_the_bound(
    quick: None, cloned_db: str, monkeypatch: pytest.MonkeyPatch, is_held: bool
) -> None:
    """Forty at once over connections of their own; without the lock more of them see a lane that has room."""
    username = with_password(World().person("clerk")).username
    fail("warm up", 1)
    if not is_held:
        attempts.reserve(username, Origin(HOME))
        execute("ALTER TABLE organisation_attemptlane DROP CONSTRAINT sign_in_attempts_bounded")
        monkeypatch.setattr(attempts, "HOLD", WITHOUT_A_LOCK)

    def guess() -> str:
        try:
            return knock(username)
        finally:
            connection.close()

    said = [str(each) for each in together([guess] * 40)]

    judged = said.count("wrong_credentials") + (not is_held)
    assert set(said) <= {"wrong_credentials", "locked"}
    assert (judged == OF_PAIR) == is_held, judged


def test_right_password_at_the_same_moment_gives_its_place_back(quick: None, cloned_db: str) -> None:
    username = with_password(World().person("clerk")).username

    def know() -> str:
        try:
            return knock(username, PASSWORD)
        finally:
            connection.close()

    said = [str(each) for each in together([know] * 30)]

    assert set(said) <= {"ok", "locked"}
    assert "ok" in said
    assert set(fail(username, OF_PAIR)) == {"wrong_credentials"}
    assert knock(username) == "locked"
