"""Failed sign-ins: who tries too often waits, and nobody can shut others out by failing in their name.

Failures are counted by account and address together, and by each of them alone, over a quarter of an hour:
* An address that fails with one account is stopped for that account; others go on signing in to it.
* An address that fails with many accounts is stopped altogether.
* An account that is tried from many addresses is open only to those from which it was signed in to lately.
Names and addresses are kept as keyed hashes, and whether an account exists makes no difference.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
from collections.abc import Sequence

from django.conf import settings
from django.db import connection
from django.utils import timezone

from organisation.models import KnownAddress, Person, SignInFailures

WINDOW = datetime.timedelta(minutes=15)
KNOWN_FOR = datetime.timedelta(days=90)
# Failures within the window after which the next attempt waits.
OF_PAIR, OF_ADDRESS, OF_NAME = 10, 100, 50
EVERY = b""

COUNT = """
    INSERT INTO organisation_signinfailures AS kept (name_key, address_key, failures, began_at)
    VALUES (%s, %s, 1, %s), (%s, %s, 1, %s), (%s, %s, 1, %s)
    ON CONFLICT (name_key, address_key) DO UPDATE SET
        failures = CASE WHEN kept.began_at < %s THEN 1 ELSE kept.failures + 1 END,
        began_at = CASE WHEN kept.began_at < %s THEN EXCLUDED.began_at ELSE kept.began_at END
"""


def key_of(text: str) -> bytes:
    """A keyed hash of an account's name as it is typed, or of an address."""
    return hmac.new(settings.SECRET_KEY.encode(), text.strip().casefold().encode(), hashlib.sha256).digest()


def must_wait(username: str, address: str) -> bool:
    """Whether an attempt of this address with this account is not even looked at now."""
    name, origin = key_of(username), key_of(address)
    rows = SignInFailures.objects.filter(
        name_key__in=[name, EVERY], address_key__in=[origin, EVERY], began_at__gte=timezone.now() - WINDOW
    )
    failures = {(bytes(row.name_key), bytes(row.address_key)): row.failures for row in rows}
    if failures.get((name, origin), 0) >= OF_PAIR or failures.get((EVERY, origin), 0) >= OF_ADDRESS:
        return True
    return failures.get((name, EVERY), 0) >= OF_NAME and not _is_known(name, origin)


def note_failure(username: str, address: str) -> None:
    """Count one more failure; rows in one order, so that two at once wait for each other and no longer."""
    name, origin, now = key_of(username), key_of(address), timezone.now()
    pairs = sorted([(name, origin), (name, EVERY), (EVERY, origin)])
    values = [value for pair in pairs for value in (*pair, now)]
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [*values, now - WINDOW, now - WINDOW])


def note_success(username: str, address: str) -> None:
    """This address knows the account's password: it starts again from none, and counts as known."""
    name, origin = key_of(username), key_of(address)
    SignInFailures.objects.filter(name_key=name, address_key=origin).delete()
    KnownAddress.objects.update_or_create(
        name_key=name, address_key=origin, defaults={"seen_at": timezone.now()}
    )


def forget(username: str) -> None:
    """A new password begins with no failure to its name."""
    SignInFailures.objects.filter(name_key=key_of(username)).delete()


def waiting(people: Sequence[Person]) -> set[int]:
    """Those for whom some address waits at present."""
    names = {key_of(person.username): person.pk for person in people}
    rows = SignInFailures.objects.filter(
        name_key__in=list(names), failures__gte=OF_PAIR, began_at__gte=timezone.now() - WINDOW
    )
    return {names[bytes(row.name_key)] for row in rows}


def tidy() -> None:
    """Drop what counts no longer."""
    SignInFailures.objects.filter(began_at__lt=timezone.now() - WINDOW).delete()
    KnownAddress.objects.filter(seen_at__lt=timezone.now() - KNOWN_FOR).delete()


def _is_known(name: bytes, origin: bytes) -> bool:
    since = timezone.now() - KNOWN_FOR
    return KnownAddress.objects.filter(name_key=name, address_key=origin, seen_at__gte=since).exists()
