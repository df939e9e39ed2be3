"""A daily checkpoint over the audit log, signed: whoever keeps it can tell what was altered.

The chain itself (core.audit) shows every alteration by somebody who does not compute it anew; a checkpoint those of
somebody who does. It covers all that was sealed when it was made. Written by `manage.py housekeeping` every night,
checked with the log by `manage.py verify_audit`. Its hash is public; what it says is for auditors, for it tells how
much all counties together have written.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.audit import hold_sealers, seal_entries, settled
from core.audit_verification import Covered, Verified, verify_chain
from core.models import AuditLink, AuditVerification
from reports.models.audit import AuditCheckpoint
from reports.seal import canonical, fingerprint, signed
from reports.signing import installed_signer, key_in_use

SCHEMA = "donated-medicine-audit-checkpoint/1"
# What reading something else in a checkpoint's place ends in.
NO_CHECKPOINT = (ValueError, KeyError, TypeError, OverflowError, RecursionError)


def make_checkpoint(at: datetime.datetime | None = None) -> AuditCheckpoint | None:
    """Seal all that was written, and sign how far the chain reaches; nothing where the day has its checkpoint.

    Nothing either while no entry was ever written.
    """
    at = at or timezone.now()
    seal_entries(at, everything=True)
    with transaction.atomic():
        hold_sealers()
        day = at.astimezone(datetime.UTC).date()
        link = AuditLink.objects.order_by("-position").first()
        last = AuditCheckpoint.objects.of_our_age().order_by("-day").first()
        if link is None or (last is not None and last.day >= day):
            return None
        content = canonical(
            {
                "schema": SCHEMA,
                "day": str(day),
                "position": link.position,
                "chain": bytes(link.chain).hex(),
                "settled": settled(at),
                "previous_sha256": last.sha256 if last else None,
            }
        )
        signer = installed_signer()
        return AuditCheckpoint.objects.create(
            day=day,
            position=link.position,
            content=content,
            sha256=fingerprint(content),
            key=key_in_use(signer, at),
            signature=signer.sign(content),
        )


@dataclass(frozen=True)
class Kept:
    """A checkpoint as somebody keeps it: its content, or its hash alone."""

    day: str
    sha256: str
    content: str | None = None


def verify_audit(kept: Sequence[Kept] = (), at: datetime.datetime | None = None) -> Verified:
    """The whole log held against its chain, the checkpoints here and those `kept` elsewhere, and earlier runs.

    The run is noted.

    Whoever rules the database could replace the checkpoints and the keys in it, but not what somebody else has kept.
    """
    at = at or timezone.now()
    covered, wrong = _own_checkpoints()
    covered += [_covered(json.loads(copy.content)) for copy in kept if copy.content]
    found = verify_chain([*covered, *_seen()], at)
    for what in wrong + _lost(kept):
        found.add(None, None, what)
    AuditVerification.objects.create(
        at=at,
        through=found.through,
        waiting=found.waiting,
        faults=found.count,
        first_position=found.faults[0].position if found.faults else None,
        first_entry=found.faults[0].entry if found.faults else None,
        by_county=found.by_county,
    )
    return found


def _seen() -> list[Covered]:
    """How far earlier runs read: the furthest that found no fault, and one that went further, if there is any.

    The chain of a run without fault stays the measure: a cut is named for good, not for one night.
    """
    runs = AuditVerification.objects.filter(through__gt=0).order_by("-through", "pk")
    furthest, clean = runs.first(), runs.filter(faults=0).first()
    is_further = furthest and (clean is None or furthest.through > clean.through)
    return [
        Covered(
            name=f"the verification of {run.at.astimezone(datetime.UTC):%Y-%m-%d %H:%M} UTC",
            position=run.through,
            chain=None if run.chain is None else bytes(run.chain),
        )
        for run in (clean, furthest if is_further else None)
        if run is not None
    ]


def _own_checkpoints() -> tuple[list[Covered], list[str]]:
    """The checkpoints of this database, and what is wrong with them by themselves."""
    covered, wrong, previous = [], [], None
    readable = AuditCheckpoint.objects.of_our_age()
    if readable.count() < AuditCheckpoint.objects.count():
        wrong.append("a checkpoint is of no day of our age")
    for each in readable.select_related("key").order_by("day"):
        if not signed(bytes(each.key.public), bytes(each.signature), bytes(each.content)):
            wrong.append(f"the signature of the checkpoint of {each.day} is not valid")
        try:
            content = json.loads(bytes(each.content))
            told, before = _covered(content), content["previous_sha256"]
        except NO_CHECKPOINT:
            wrong.append(f"the checkpoint of {each.day} cannot be read")
            continue
        if (content["day"], content["position"], fingerprint(bytes(each.content))) != (
            str(each.day),
            each.position,
            each.sha256,
        ):
            wrong.append(f"the checkpoint of {each.day} is not stored as it was signed")
        if before != previous:
            wrong.append(f"the checkpoint before that of {each.day} is not the one that was signed")
        covered.append(told)
        previous = each.sha256
    return covered, wrong


def _lost(copies: Sequence[Kept]) -> list[str]:
    """Checkpoints kept elsewhere that are not here, byte for byte."""
    here = {
        fingerprint(bytes(content)) for content in AuditCheckpoint.objects.values_list("content", flat=True)
    }
    days = [copy.day for copy in copies if copy.sha256 not in here]
    return [f"the checkpoint of {day} that was kept elsewhere is not here" for day in days]


def _covered(content: dict[str, Any]) -> Covered:
    """What a checkpoint says; raises one of NO_CHECKPOINT where it is none."""
    return Covered(
        name=f"the checkpoint of {content['day']}",
        position=int(content["position"]),
        chain=bytes.fromhex(content["chain"]),
        settled=int(content["settled"]),
    )
