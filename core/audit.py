"""The audit log's chain as it grows: sealing what was written, and forgetting addresses in time.

Writers never wait for it: an entry is final once it is committed, and whatever is final is sealed in the next
minute. How entries and links are hashed is said in core.audit_bytes, how they are checked in core.audit_verification.
"""

from __future__ import annotations

import datetime

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from core.models import AuditAddress, AuditLink

# The advisory lock of whoever seals; the trigger on the links takes the same one.
SEALER = 7_201_984_450_118
PORTION = 10_000
# Below every number an entry can have, also one that was written past the guards.
LOWEST = -(2**63)
# The law's least, which the database's trigger keeps too; an installation may keep them longer (ADDRESS_DAYS).
KEEP_ADDRESSES = datetime.timedelta(days=180)
# A transaction that took its entry's number longer ago than this has ended; only the daily pass looks further back.
LOOK_BACK = datetime.timedelta(hours=1)

SEAL = """
WITH sealed AS (
    INSERT INTO core_auditlink (entry, sealed_at)
    SELECT entry.id, %s FROM core_auditentry entry
    WHERE entry.id > %s AND NOT EXISTS (SELECT FROM core_auditlink link WHERE link.entry = entry.id)
    ORDER BY entry.id LIMIT %s
    RETURNING entry
)
SELECT count(*), max(entry) FROM sealed"""


def seal_entries(at: datetime.datetime | None = None, *, everything: bool = False) -> int:
    """Seal every entry that has no link yet; how many there were.

    Looks at the entries of the last hour, with `everything` at all: for once a day. Two at once wait for each other,
    and the second finds nothing left.
    """
    at = at or timezone.now()
    above = LOWEST if everything else settled(at)
    sealed = 0
    while True:
        count, last = _seal_portion(at, above)
        if not count:
            return sealed
        sealed, above = sealed + count, last


def settled(at: datetime.datetime) -> int:
    """A number up to which all entries are sealed that ever will be; 0 if nothing is sealed that long."""
    link = AuditLink.objects.filter(sealed_at__lt=at - LOOK_BACK).order_by("-position").first()
    return link.highest if link else 0


def hold_sealers() -> None:
    """Let nobody else seal until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEALER])


def forget_addresses(at: datetime.datetime | None = None) -> int:
    """Delete the addresses that have been kept long enough; how many there were."""
    since = (at or timezone.now()) - datetime.timedelta(days=settings.ADDRESS_DAYS)
    count, _kinds = AuditAddress.objects.filter(at__lt=since).delete()
    return count


@transaction.atomic
def _seal_portion(at: datetime.datetime, above: int) -> tuple[int, int]:
    hold_sealers()  # a statement of its own: the next one sees what others sealed meanwhile
    with connection.cursor() as cursor:
        cursor.execute(SEAL, [at, above, PORTION])
        count, last = cursor.fetchone()
    return count, last or above
