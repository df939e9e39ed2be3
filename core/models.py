from __future__ import annotations

from django.db import models


class AuditEntry(models.Model):
    """Who did or tried what, when, from where, on which object, and what came of it.

    Plain columns without references: the log outlives whatever it speaks of. Append-only by trigger.
    """

    class Result(models.TextChoices):
        DONE = "done"
        REFUSED = "refused"

    county = models.CharField(max_length=6, blank=True)
    at = models.DateTimeField()
    actor = models.BigIntegerField(null=True)
    command = models.UUIDField()
    action = models.CharField(max_length=100)
    subject = models.CharField(max_length=100, blank=True)
    result = models.CharField(max_length=8, choices=Result)
    code = models.CharField(max_length=60, blank=True)
    address = models.GenericIPAddressField(null=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [models.Index(fields=["county", "-id"], name="audit_by_county")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(result__in=["done", "refused"]), name="audit_result_known"
            )
        ]


class IdempotencyRecord(models.Model):
    """The answer a key was given, so that a repeat gets it again. Kept with the effect, never pruned."""

    person = models.BigIntegerField()
    route = models.CharField(max_length=100)
    key = models.UUIDField()
    body_mac = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    answer = models.BinaryField(max_length=65536)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "route", "key"], name="idempotency_once"),
            models.CheckConstraint(
                condition=models.Q(status__range=(200, 299)), name="idempotency_successes_only"
            ),
        ]
