"""Attempts to sign in: guessing is bounded, and nobody can shut others out by failing in their name.

Each attempt takes a place in a lane before its password is judged, and gets it back unless the password (or code)
was wrong; so attempts at the same moment are counted one by one. A lane takes so many at once and then one after
another, spread over a quarter of an hour:
* A device on which the account was signed in before has a lane of its own with it: what others fail at is not its
  business. Devices bear a random secret in a cookie, and a code that a colleague in charge of security, or the
  person on another device, gives out makes a new one known (`entry_code`).
* Every other device shares a lane of account and address, and one of the account over all addresses; the latter
  does not count where the account was signed in to from this address lately.
* An address that fails with many accounts is not stopped: each of its tries, account by account, then costs more. It
  is only stopped at a rate at which judging passwords itself would keep everybody waiting.
Names, addresses and devices are kept as keyed hashes, and whether an account exists makes no difference.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from core.addresses import client_address, household
from core.errors import DomainError
from organisation.errors import Locked, WrongCredentials
from organisation.models import ATTEMPTS_WINDOW as WINDOW
from organisation.models import AttemptLane, KnownOrigin, Person

KNOWN_FOR = datetime.timedelta(days=90)
ENTRY_CODE_FOR = datetime.timedelta(hours=1)
# How many fail at once, each lane by itself: of a known device, of account and address, of an account elsewhere.
OF_DEVICE, OF_PAIR, OF_NAME = 10, 10, 50
# Of an address over all accounts: beyond the first, a try costs its pair so much more; beyond the second, it waits.
OF_ADDRESS, OF_FLOOD, DEARER = 100, 1000, 5
EVERY = b""
SECRET = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
# Of an entry code: what is not misread, 50 bits of it.
ENTRY_LETTERS, ENTRY_LENGTH = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 10

Lane = tuple[bytes, bytes]

HOLD = """
    INSERT INTO organisation_attemptlane AS kept (name_key, origin_key, full_at, reserved_at)
    SELECT name_key, origin_key, %s, %s FROM unnest(%s::bytea[], %s::bytea[]) AS asked (name_key, origin_key)
    ORDER BY name_key, origin_key
    ON CONFLICT (name_key, origin_key) DO UPDATE SET reserved_at = kept.reserved_at
    RETURNING name_key, origin_key, full_at
"""
TAKE = """
    UPDATE organisation_attemptlane kept
    SET full_at = greatest(kept.full_at, %s) + asked.step, reserved_at = greatest(kept.reserved_at, %s)
    FROM unnest(%s::bytea[], %s::bytea[], %s::interval[]) AS asked (name_key, origin_key, step)
    WHERE kept.name_key = asked.name_key AND kept.origin_key = asked.origin_key
"""
# In the order in which they are taken, so that two at once wait for each other and no longer.
GIVE_BACK = """
    WITH held AS (
        SELECT kept.name_key, kept.origin_key, asked.step FROM organisation_attemptlane kept
        JOIN unnest(%s::bytea[], %s::bytea[], %s::interval[]) AS asked (name_key, origin_key, step)
            USING (name_key, origin_key)
        ORDER BY kept.name_key, kept.origin_key FOR UPDATE OF kept
    )
    UPDATE organisation_attemptlane kept SET full_at = kept.full_at - held.step FROM held
    WHERE kept.name_key = held.name_key AND kept.origin_key = held.origin_key
"""


@dataclass(frozen=True)
class Origin:
    """Where an attempt comes from: the address, the device's secret, and a code that was given for a new device."""

    address: str = ""
    device: str = ""
    entry_code: str = ""

    @property
    def address_key(self) -> bytes:
        return key_of(f"address {household(self.address)}")

    @property
    def device_keys(self) -> list[bytes]:
        # A code first: it is asked for where the device's own lane is full, a browser that several share.
        shown = [_entry(self.entry_code), f"device {self.device}" if self.device else ""]
        return [key_of(each) for each in shown if each]


def origin_of(request: HttpRequest, *, entry_code: str | None = None) -> Origin:
    """Where a request comes from; a device that bears no secret yet gets one, which `keep_device` puts on it."""
    borne = request.COOKIES.get(settings.BROWSER_COOKIE_NAME, "")
    device = borne if SECRET.fullmatch(borne) else secrets.token_urlsafe(32)
    return Origin(client_address(request.META), device, entry_code or "")


def keep_device(answer: HttpResponse, origin: Origin) -> None:
    """Let the device bear its secret from now on."""
    answer.set_cookie(
        settings.BROWSER_COOKIE_NAME,
        origin.device,
        max_age=int(KNOWN_FOR.total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def key_of(text: str) -> bytes:
    """A keyed hash of an account's name as it is typed, of an address or of a device."""
    return hmac.new(settings.SECRET_KEY.encode(), text.strip().casefold().encode(), hashlib.sha256).digest()


@contextmanager
def judged(username: str, origin: Origin) -> Iterator[None]:
    """Inside, a password or a code is judged: the attempt is counted before, and stays so if it was wrong.

    `Locked` where its lanes are full; then nothing is judged at all.
    """
    taken = reserve(username, origin)
    try:
        yield
    except WrongCredentials:
        raise
    except DomainError:
        give_back(taken)
        raise
    give_back(taken)


def reserve(username: str, origin: Origin) -> dict[Lane, datetime.timedelta]:
    """Take a place in every lane of this attempt, or in none; what each took."""
    lanes = _lanes(username, origin)
    with transaction.atomic(), connection.cursor() as cursor:
        begin = timezone.now()
        cursor.execute(HOLD, [begin, begin, *_columns(lanes)])
        full_at = {(bytes(name), bytes(place)): at for name, place, at in cursor.fetchall()}
        now = timezone.now()
        left = {lane: WINDOW - max(full_at[lane] - now, datetime.timedelta()) for lane in lanes}
        steps = _steps(lanes, left)
        if all(step <= left[lane] for lane, step in steps.items()):
            cursor.execute(TAKE, [now, now, *_columns(steps), list(steps.values())])
            return steps
    raise Locked


def give_back(taken: dict[Lane, datetime.timedelta]) -> None:
    """What was judged was right: as if it had never been tried."""
    with connection.cursor() as cursor:
        cursor.execute(GIVE_BACK, [*_columns(taken), list(taken.values())])


def remember(username: str, origin: Origin) -> None:
    """The account was signed in to from here: device and address are known, a code that let it in is spent."""
    name, now = key_of(username), timezone.now()
    if origin.entry_code:
        KnownOrigin.objects.filter(name_key=name, origin_key=key_of(_entry(origin.entry_code))).delete()
    for key in [origin.address_key, *Origin(device=origin.device).device_keys]:
        KnownOrigin.objects.update_or_create(name_key=name, origin_key=key, defaults={"seen_at": now})


def new_entry_code(username: str) -> str:
    """A code with which a new device of this account has a lane of its own for an hour, and which opens once."""
    code = "".join(secrets.choice(ENTRY_LETTERS) for _letter in range(ENTRY_LENGTH))
    # Known like a device that was last seen so long ago that it is forgotten in an hour.
    seen_at = timezone.now() - KNOWN_FOR + ENTRY_CODE_FOR
    KnownOrigin.objects.create(name_key=key_of(username), origin_key=key_of(_entry(code)), seen_at=seen_at)
    return code


def forget(username: str) -> None:
    """A new password begins with no failure to its name."""
    AttemptLane.objects.filter(name_key=key_of(username)).delete()


def waiting(people: Sequence[Person]) -> set[int]:
    """Those for whom some device or address waits at present."""
    names = {key_of(person.username): person.pk for person in people}
    rows = AttemptLane.objects.filter(
        name_key__in=list(names), full_at__gt=timezone.now() + WINDOW - WINDOW / OF_PAIR
    )
    return {names[bytes(row.name_key)] for row in rows}


def tidy() -> None:
    """Drop what counts no longer."""
    AttemptLane.objects.filter(full_at__lte=timezone.now()).delete()
    KnownOrigin.objects.filter(seen_at__lt=timezone.now() - KNOWN_FOR).delete()


def _lanes(username: str, origin: Origin) -> dict[Lane, int]:
    """The lanes of an attempt, with how many each takes: one of a known device, or those that strangers share."""
    name, place = key_of(username), origin.address_key
    known = _known(name, [place, *origin.device_keys])
    for device in origin.device_keys:
        if device in known:
            return {(name, device): OF_DEVICE}
    lanes = {
        (name, place): OF_PAIR,
        (EVERY, place): OF_ADDRESS,
        (EVERY, key_of(f"flood {place.hex()}")): OF_FLOOD,
    }
    return lanes if place in known else {**lanes, (name, EVERY): OF_NAME}


def _steps(lanes: dict[Lane, int], left: dict[Lane, datetime.timedelta]) -> dict[Lane, datetime.timedelta]:
    """What the attempt takes of each: its even share; more of its pair where the address is at its end, and then
    nothing of the address."""
    steps = {lane: WINDOW / most for lane, most in lanes.items()}
    for lane in [lane for lane, most in lanes.items() if most == OF_ADDRESS and steps[lane] > left[lane]]:
        del steps[lane]
        steps |= {pair: WINDOW / OF_PAIR * DEARER for pair in steps if pair[1] == lane[1]}
    return steps


def _columns(lanes: dict[Lane, int] | dict[Lane, datetime.timedelta]) -> tuple[list[bytes], list[bytes]]:
    return [name for name, _origin in lanes], [origin for _name, origin in lanes]


def _known(name: bytes, origins: list[bytes]) -> set[bytes]:
    rows = KnownOrigin.objects.filter(
        name_key=name, origin_key__in=origins, seen_at__gte=timezone.now() - KNOWN_FOR
    )
    return {bytes(key) for key in rows.values_list("origin_key", flat=True)}


def _entry(code: str) -> str:
    plain = "".join(code.split()).replace("-", "")
    return f"entry {plain}" if plain else ""
