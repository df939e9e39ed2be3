"""PINs: for staff of places who sign in often, and for a second person who signs on the first one's device.

A PIN opens nothing by itself. It counts on one device only, which bears a secret and on which the person has shown
the password (and second factor) to set it; it opens the roles of places and no others; and after five wrong ones in
a row, each with a longer wait, it is void until it is set anew with the password. So whoever finds a device cannot
guess it, whoever overhears a PIN has no device, and a lock shuts nobody out: the password opens as before. County
policy lets PINs be used or not. An end of all one's sign-ins ends the PINs too.
"""

from __future__ import annotations

import datetime
import re
import secrets

from django.contrib.auth.hashers import check_password, make_password
from django.db import connection
from django.utils import timezone

from organisation.attempts import Origin, reserve
from organisation.errors import (
    CoSignerIsAnother,
    PasswordChangeRequired,
    PinLocked,
    PinsOff,
    WeakPin,
    WrongCredentials,
)
from organisation.models import PIN_ATTEMPTS, AccessToken, DevicePin, Person
from organisation.pin_guessing import easy_pin
from organisation.queries import policy_of
from organisation.sign_ins import digest, issue_token

# What a co-signature may be given for: steps at which both people stand at the goods (config.access).
CO_SIGNED = frozenset({"destructions/<int:pk>/confirm/", "counts/<int:pk>/approve/"})
FORM = re.compile(r"[0-9]{6,12}", re.ASCII)
LASTS = datetime.timedelta(days=90)

# Counted before it is looked at, so that attempts at the same moment are one; each wait is twice the last.
CLAIM = """
    UPDATE organisation_devicepin SET failures = failures + 1, tried_at = %s
    WHERE id = %s AND failures < %s
        AND (failures = 0 OR tried_at + make_interval(secs => power(2, failures)) <= %s)"""


def set_pin(*, person: Person, pin: str, device: str | None) -> str:
    """Set or replace the person's PIN on a device; the device's secret, which is a new one for a new device.

    Who the person is has just been shown by password (and second factor).
    """
    if not policy_of(person.county_id).pins:
        raise PinsOff
    if not FORM.fullmatch(pin) or easy_pin(pin):
        raise WeakPin(pointer="/pin")
    if not device or not DevicePin.objects.filter(device=digest(device)).exists():
        device = secrets.token_urlsafe(32)
    fresh = {"pin": make_password(pin), "created_at": timezone.now(), "failures": 0, "tried_at": None}
    DevicePin.objects.update_or_create(person=person, device=digest(device), defaults=fresh)
    return device


def person_with_pin(*, username: str, device: str, pin: str, origin: Origin) -> Person:
    """The active person whose PIN on this device it is; a refusal does not tell what was wrong.

    Where there is one it counts its own failures; others guess with names and devices, as they do with passwords.
    """
    row = _row_of(username, device)
    if row is None or not policy_of(row.person.county_id).pins:
        reserve(username, origin)
        make_password(pin)  # takes as long as checking one
        raise WrongCredentials(pointer="/pin")
    if not _claimed(row):
        raise PinLocked(pointer="/pin")
    if not check_password(pin, row.pin):
        raise WrongCredentials(pointer="/pin")
    DevicePin.objects.filter(pk=row.pk).update(failures=0)
    if row.person.must_change_password:
        raise PasswordChangeRequired
    row.person.by_pin = True
    return row.person


def co_sign(
    *, beside: Person, username: str, device: str, pin: str, origin: Origin
) -> tuple[str, AccessToken]:
    """A token of the second person for one confirmation, given in the sign-in of the first: another of the county."""
    if username.strip().casefold() == beside.username.casefold():
        raise CoSignerIsAnother(pointer="/username")
    person = person_with_pin(username=username, device=device, pin=pin, origin=origin)
    if person.county_id != beside.county_id:
        raise WrongCredentials(pointer="/pin")
    return issue_token(person, address=origin.address, beside=beside.pk)


def _row_of(username: str, device: str) -> DevicePin | None:
    rows = DevicePin.objects.select_related("person__county").filter(
        person__username=username.replace("\x00", ""),
        person__is_active=True,
        device=digest(device),
        created_at__gt=timezone.now() - LASTS,
    )
    return rows.first()


def _claimed(row: DevicePin) -> bool:
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [now, row.pk, PIN_ATTEMPTS, now])
        return bool(cursor.rowcount == 1)
