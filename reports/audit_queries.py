"""What the auditor reads of the log and of its chain."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery, When
from django.utils import timezone

from core.audit import settled
from core.audit_bytes import OUR_AGE
from core.models import AuditAddress, AuditEntry, AuditLink, AuditVerification
from organisation.models import Person
from reports.models.audit import AuditCheckpoint

# Moments that can be read. One beyond, written past the guards, would break every list that it stands in.
READABLE = Q(at__gte=OUR_AGE[0], at__lt=OUR_AGE[1])


def audit_entries(county_id: str) -> QuerySet[AuditEntry]:
    """A county's entries with who did it, the address while it is kept, and whether the chain holds it.

    Places in the chain are of the installation, for they tell how much all counties have written. `moment` is when;
    None of an entry whose moment cannot be read.
    """
    entries = AuditEntry.objects.filter(county=county_id).defer("at")
    return entries.annotate(
        moment=Case(When(READABLE, then=F("at"))),
        username=Subquery(Person.objects.filter(pk=OuterRef("actor")).values("username")),
        kept_address=Subquery(AuditAddress.objects.filter(pk=OuterRef("pk")).values("address")),
        sealed=Exists(AuditLink.objects.filter(entry=OuterRef("pk"))),
    )


def chain_state(county_id: str) -> dict[str, Any]:
    """What of the county's entries waits to be sealed, when the log was last signed and verified, and what was found
    wrong of these entries, or of the chain itself, which is everybody's.
    """
    links = AuditLink.objects.filter(entry=OuterRef("pk"))
    recent = AuditEntry.objects.filter(county=county_id, pk__gt=settled(timezone.now()))
    unsealed = recent.filter(~Exists(links))
    waiting = unsealed.aggregate(waiting=Count("pk"), waiting_since=Min("at", filter=READABLE))
    run = AuditVerification.objects.order_by("-pk").first()
    checkpoint = AuditCheckpoint.objects.of_our_age().order_by("-day").first()
    own = run.by_county.get(county_id, {}) if run else {}
    whole = run.by_county.get("", {}) if run else {}
    return waiting | {
        "checkpoint": checkpoint.day if checkpoint else None,
        "verified_at": run.at if run else None,
        "faults": own.get("faults", 0) if run else None,
        "first_entry": own.get("first"),
        "chain_whole": not whole.get("faults", 0) if run else None,
    }


def audit_checkpoints() -> QuerySet[AuditCheckpoint]:
    """The signed checkpoints over the log, the newest first."""
    return AuditCheckpoint.objects.of_our_age().order_by("-day")
