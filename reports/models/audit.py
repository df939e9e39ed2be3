"""Signed checkpoints of the audit log."""

from __future__ import annotations

from django.db import models

from core.audit_bytes import OUR_AGE
from reports.models.bulletins import SigningKey


class CheckpointQuerySet(models.QuerySet["AuditCheckpoint"]):
    def of_our_age(self) -> CheckpointQuerySet:
        """Those of a day that every reader can hold; any other was written past the guards."""
        first, end = OUR_AGE
        return self.filter(day__gte=first.date(), day__lt=end.date())


class AuditCheckpoint(models.Model):
    """A day's signed word on the audit log of all counties: how long its chain was, and its last hash. Append-only.

    Bound to the checkpoint before. `day` is that of UTC, for the chain knows no counties.
    """

    day = models.DateField(unique=True)
    position = models.BigIntegerField()
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    key = models.ForeignKey(SigningKey, models.PROTECT, related_name="+", db_index=False)
    signature = models.BinaryField()

    objects = CheckpointQuerySet.as_manager()
