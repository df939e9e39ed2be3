from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from core.audit_bytes import OUR_AGE


def of_our_age(field: str, name: str) -> models.CheckConstraint:
    """A moment that every reader can hold: one beyond would be written once and break every list it stands in."""
    first, end = OUR_AGE
    return models.CheckConstraint(
        condition=models.Q((f"{field}__gte", first), (f"{field}__lt", end)), name=name
    )


class AuditEntry(models.Model):
    """Who did or tried what, when, from where, on which object, and what came of it.

    Plain columns without references: the log outlives whatever it speaks of. Append-only by trigger. The database
    itself makes `digest`, the hash of the entry's bytes (core.audit_bytes), and puts the `address` it is given apart
    (AuditAddress): here stays `origin`, a commitment to it, and `address` is always empty. It also counts each
    county's entries: `number` is what its auditors see, for `id` rises with what all counties write.
    """

    class Result(models.TextChoices):
        DONE = "done"
        REFUSED = "refused"

    county = models.CharField(max_length=6, blank=True)
    number = models.BigIntegerField(null=True, editable=False)
    at = models.DateTimeField()
    actor = models.BigIntegerField(null=True)
    command = models.UUIDField()
    action = models.CharField(max_length=100)
    subject = models.CharField(max_length=100, blank=True)
    result = models.CharField(max_length=8, choices=Result)
    code = models.CharField(max_length=60, blank=True)
    address = models.GenericIPAddressField(null=True)
    request_id = models.CharField(max_length=64, blank=True)
    origin = models.BinaryField(max_length=32, null=True, editable=False)
    digest = models.BinaryField(max_length=32)

    class Meta:
        indexes = [models.Index(fields=["county", "-id"], name="audit_by_county")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(result__in=["done", "refused"]), name="audit_result_known"
            ),
            models.CheckConstraint(condition=models.Q(address__isnull=True), name="audit_address_apart"),
            models.UniqueConstraint(fields=["county", "number"], name="audit_number_once"),
            of_our_age("at", "audit_entry_of_our_age"),
        ]


class AuditAddress(models.Model):
    """The network address of an entry, with the salt of the entry's commitment to it.

    Written by the entry's trigger. It may be deleted after 180 days and no sooner; the chain holds without it.
    """

    entry = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    salt = models.BinaryField(max_length=32)
    address = models.GenericIPAddressField()

    class Meta:
        indexes = [BrinIndex(fields=["at"], name="audit_address_by_age")]


class AuditLink(models.Model):
    """An entry's place in the chain, which binds it to all before it (core.audit_bytes). Append-only.

    A writer names the entry and the moment; the database numbers the link, hashes it and keeps `highest`, the
    largest entry so far. Entries that commit late simply stand later.
    """

    position = models.BigIntegerField(primary_key=True)
    entry = models.BigIntegerField()
    chain = models.BinaryField(max_length=32)
    highest = models.BigIntegerField()
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry"], name="audit_link_once"),
            of_our_age("sealed_at", "audit_link_of_our_age"),
        ]


class AuditVerification(models.Model):
    """One run over the whole chain and what it found. Append-only.

    The database notes `chain`, the last hash the run read, and refuses a run that went further than the chain goes.
    `by_county` has of each county with entries at fault how many, and the number of the first; under "" stand faults
    of the chain itself, and of entries of which nobody can tell whose they were.
    """

    at = models.DateTimeField()
    through = models.BigIntegerField()
    chain = models.BinaryField(max_length=32, null=True, editable=False)
    waiting = models.BigIntegerField()
    faults = models.BigIntegerField()
    first_position = models.BigIntegerField(null=True)
    first_entry = models.BigIntegerField(null=True)
    by_county = models.JSONField(default=dict, db_default={})

    class Meta:
        constraints = [of_our_age("at", "audit_verification_of_our_age")]


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
