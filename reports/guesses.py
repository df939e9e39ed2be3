"""Nobody tries receipt codes one after another: who asks for codes that were never given out, soon waits.

A code carries 80 random bits, so that a guess is hopeless already; this stops who tries nevertheless. A mistyped
one is told by its check character and counts for nothing. Every other code takes a place of its sender before it is
looked up, and gives it back if somebody was given it, so that of many at the same moment no more than the bound are
told that they are nobody's. Whoever has missed ten times is told to wait and no more, whatever the next miss was; a
code that was given out is answered all the same, for a whole office may stand behind one address. Only who misses a
thousand times is not looked up at all.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from core.addresses import client_address, household
from core.errors import NotFound
from core.replica import REPLICA
from reports.errors import TooManyGuesses
from reports.models.guesses import ReceiptGuesses
from reports.snapshot import snapshot
from reports.trace import read_code, trace

WINDOW = datetime.timedelta(minutes=15)
# Misses of one sender within the window: beyond the first they wait, beyond the second nothing is looked up.
MISSES, FLOOD = 10, 1000
TAKE = """
    INSERT INTO reports_receiptguesses AS kept (address_key, misses, began_at) VALUES (%s, 1, %s)
    ON CONFLICT (address_key) DO UPDATE SET
        misses = CASE WHEN kept.began_at < %s THEN 1 ELSE kept.misses + 1 END,
        began_at = CASE WHEN kept.began_at < %s THEN EXCLUDED.began_at ELSE kept.began_at END
    WHERE kept.began_at < %s OR kept.misses < %s
    RETURNING misses, began_at
"""
GIVE_BACK = """
    UPDATE reports_receiptguesses SET misses = misses - 1 WHERE address_key = %s AND began_at = %s AND misses > 0
"""


def traced(code: str, meta: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a code, for whoever sent the request of these headers; TooManyGuesses while they wait."""
    code = read_code(code)
    if connection.alias == REPLICA:
        # What a replica does not know is asked of the primary again, and counted there.
        return _looked_up(code)
    sender = _key(client_address(meta))
    misses, began_at = _take(sender)
    try:
        answer = _looked_up(code)
    except NotFound:
        if misses > MISSES:
            raise TooManyGuesses from None
        raise
    with connection.cursor() as cursor:
        cursor.execute(GIVE_BACK, [sender, began_at])
    return answer


def tidy_guesses() -> None:
    """Drop what counts no longer."""
    ReceiptGuesses.objects.filter(began_at__lt=timezone.now() - WINDOW).delete()


def _looked_up(code: str) -> dict[str, Any]:
    with snapshot():
        return trace(code)


def _take(sender: bytes) -> tuple[int, datetime.datetime]:
    """Take a place before looking: how many are taken now, and since when."""
    now = timezone.now()
    since = now - WINDOW
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [sender, now, since, since, since, FLOOD])
        taken: tuple[int, datetime.datetime] | None = cursor.fetchone()
    if taken is None:
        raise TooManyGuesses
    return taken


def _key(address: str) -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), f"receipt|{household(address)}".encode(), hashlib.sha256)
