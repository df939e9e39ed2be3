"""Nobody tries receipt codes one after another: who asks for codes that were never given out, soon waits.

A code carries 80 random bits, so that a guess is hopeless already; this stops who tries nevertheless. A mistyped one
is told by its check character and counts for nothing. Whoever waits is not looked up at all: the answer to one that
exists and to one that does not is the same, after the same one statement. A code that is near to one that exists is
looked up as any other is.
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

from core.addresses import client_address
from core.errors import NotFound
from core.replica import REPLICA
from reports.errors import TooManyGuesses
from reports.models.guesses import ReceiptGuesses
from reports.snapshot import snapshot
from reports.trace import trace

WINDOW = datetime.timedelta(minutes=15)
# Codes that nobody has, which an address may ask for within the window.
MISSES = 10
COUNT = """
    INSERT INTO reports_receiptguesses AS kept (address_key, misses, began_at) VALUES (%s, 1, %s)
    ON CONFLICT (address_key) DO UPDATE SET
        misses = CASE WHEN kept.began_at < %s THEN 1 ELSE kept.misses + 1 END,
        began_at = CASE WHEN kept.began_at < %s THEN EXCLUDED.began_at ELSE kept.began_at END
"""


def traced(code: str, meta: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a code, for whoever sent the request of these headers; TooManyGuesses while they wait."""
    sender = _key(client_address(meta))
    since = timezone.now() - WINDOW
    if ReceiptGuesses.objects.filter(pk=sender, misses__gte=MISSES, began_at__gte=since).exists():
        raise TooManyGuesses
    try:
        with snapshot():
            return trace(code)
    except NotFound:
        # What a replica does not know is asked of the primary again, and counted there.
        if connection.alias != REPLICA:
            _note(sender)
        raise


def tidy_guesses() -> None:
    """Drop what counts no longer."""
    ReceiptGuesses.objects.filter(began_at__lt=timezone.now() - WINDOW).delete()


def _note(sender: bytes) -> None:
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [sender, now, now - WINDOW, now - WINDOW])


def _key(address: str) -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), f"receipt|{address}".encode(), hashlib.sha256)
