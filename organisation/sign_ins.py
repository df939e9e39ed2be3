"""Sign-ins as they last: when one began, from which network roughly, when it was last used, and how it ends.

One of a program is known by its token, of which only the hash is kept; one of the screens by the session that bears
its number. Both end after the hours and the idle minutes that the county's policy sets, by signing out, by being
ended from another device, and with the account or its password (organisation.people). Nobody has more than
`AT_ONCE`: the one unused longest ends when another begins.
"""

from __future__ import annotations

import datetime
import hashlib
import ipaddress
import secrets

from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import F, QuerySet
from django.utils import timezone

from core.errors import NotFound
from organisation.models import AccessToken, DevicePin, Person, Policy, SecondFactor
from organisation.queries import policy_of

AT_ONCE = 20
# How exactly `used_at` is kept: a request writes it at most so often.
TOUCHED_EVERY = datetime.timedelta(minutes=1)
# Of an address so many bits are kept: enough to tell one's own office from elsewhere.
KEPT_BITS = {4: 24, 6: 48}
# A co-signature is given and used at once.
CO_SIGNATURE = datetime.timedelta(minutes=2)

END_SURPLUS = """
    DELETE FROM organisation_accesstoken WHERE id IN (
        SELECT id FROM organisation_accesstoken WHERE person_id = %s ORDER BY used_at DESC, id DESC OFFSET %s
    )"""


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def issue_token(person: Person, *, address: str = "", beside: int | None = None) -> tuple[str, AccessToken]:
    """A program's new sign-in: the token itself, shown once, and its row. `beside` makes it a co-signature."""
    token = secrets.token_urlsafe(32)
    return token, _begun(person, address, digest(token), beside)


def begin_session(person: Person, *, address: str = "") -> AccessToken:
    """A sign-in of the screens; the session is to bear its number."""
    return _begun(person, address, None, None)


def _begun(person: Person, address: str, hashed: bytes | None, beside: int | None) -> AccessToken:
    now = timezone.now()
    lasts = CO_SIGNATURE if beside else datetime.timedelta(hours=policy_of(person.county_id).sign_in_hours)
    by_pin = person.by_pin
    with_factor = not by_pin and SecondFactor.objects.filter(person=person, confirmed=True).exists()
    row = AccessToken.objects.create(
        person=person,
        digest=hashed,
        created_at=now,
        used_at=now,
        expires_at=now + lasts,
        network=network_of(address),
        by_pin=by_pin,
        with_second_factor=with_factor,
        beside=beside,
    )
    with connection.cursor() as cursor:
        cursor.execute(END_SURPLUS, [person.pk, AT_ONCE])
    return row


def network_of(address: str) -> str:
    """The network that an address lies in, roughly; empty for none."""
    try:
        host = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network(f"{host}/{KEPT_BITS[host.version]}", strict=False))


def note_use(row: AccessToken, at: datetime.datetime) -> None:
    """Keep that it is in use, to the minute."""
    if at - row.used_at >= TOUCHED_EVERY:
        AccessToken.objects.filter(pk=row.pk, used_at__lt=at).update(used_at=at)


def live_sign_ins(person: Person, policy: Policy, at: datetime.datetime) -> QuerySet[AccessToken]:
    """Those of a person that open anything, used last first."""
    since = at - datetime.timedelta(minutes=policy.idle_minutes)
    rows = AccessToken.objects.filter(person=person, expires_at__gt=at, used_at__gt=since, beside=None)
    return rows.order_by("-used_at", "-pk")


def end_sign_in(*, person_id: int, pk: int) -> None:
    """End one of one's own; anybody else's is as if it did not exist."""
    count, _kinds = AccessToken.objects.filter(person_id=person_id, pk=pk).delete()
    if not count:
        raise NotFound


def end_other_sign_ins(*, person_id: int, but: int) -> int:
    """End all of one's own but one; how many there were."""
    count, _kinds = AccessToken.objects.filter(person_id=person_id).exclude(pk=but).delete()
    return count


def end_sign_ins_and_pins(person: Person) -> None:
    """Every device and program of the person asks for the password again."""
    AccessToken.objects.filter(person=person).delete()
    DevicePin.objects.filter(person=person).delete()


def end_every_sign_in(person: Person) -> None:
    """The same, and every session of the screens with them."""
    Person.objects.filter(pk=person.pk).update(sign_ins_ended=F("sign_ins_ended") + 1)
    end_sign_ins_and_pins(person)


def tidy_sign_ins() -> None:
    """Drop what has ended, for every county by its own policy."""
    now = timezone.now()
    AccessToken.objects.filter(expires_at__lte=now).delete()
    Session.objects.filter(expire_date__lte=now).delete()
    with connection.cursor() as cursor:
        cursor.execute(END_IDLE, [now, Policy().idle_minutes])


END_IDLE = """
    DELETE FROM organisation_accesstoken ended USING organisation_person person
    LEFT JOIN organisation_policy policy ON policy.county_id = person.county_id
    WHERE person.id = ended.person_id
        AND ended.used_at <= %s - make_interval(mins => COALESCE(policy.idle_minutes, %s))"""
