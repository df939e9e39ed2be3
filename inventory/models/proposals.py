"""Decisions that one person alone may not make: proposed with the units in doubt, carried out by another."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from catalogue.models import Medicine, Product
from core.constraints import CountyKey, SameCounty, county_fk
from inventory.models.batches import Pack
from inventory.models.sorting import SortingDecision
from organisation.models import County


class SortingProposal(models.Model):
    """What a pharmacist would decide on units that they leave in doubt (`decision`) until another confirms it.

    `into` is the decision by which it was carried out; label texts as printed, `reason` as for a decision.
    """

    class Outcome(models.TextChoices):
        ACCEPT = "accept"
        REJECT = "reject"

    county = models.ForeignKey(County, models.PROTECT, related_name="+", db_index=False)
    decision = county_fk(SortingDecision, related_name="proposals")
    outcome = models.CharField(max_length=6, choices=Outcome)
    medicine = models.ForeignKey(Medicine, models.PROTECT, null=True, related_name="+", db_index=False)
    product = models.ForeignKey(Product, models.PROTECT, null=True, related_name="+", db_index=False)
    lot_number = models.CharField(max_length=40, blank=True)
    expiry = models.CharField(max_length=80, blank=True)
    pack = models.CharField(max_length=6, choices=Pack, blank=True)
    container = models.CharField(max_length=8, blank=True)
    findings = models.JSONField(default=list)
    reason = models.CharField(max_length=200, blank=True)
    checklist = models.JSONField(default=dict)
    proposed_by = models.BigIntegerField()
    confirmed_by = models.BigIntegerField(null=True)
    confirmed_on = models.DateField(null=True)
    into = county_fk(SortingDecision, null=True)

    class Meta:
        constraints = [
            CountyKey(name="proposal_key"),
            SameCounty(field="decision", name="proposal_decision_same_county"),
            SameCounty(field="into", name="proposal_into_same_county"),
            models.UniqueConstraint(fields=["decision"], name="proposal_once"),
            models.UniqueConstraint(
                fields=["into"], condition=Q(into__isnull=False), name="proposal_into_once"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("proposed_by")),
                name="proposal_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True, confirmed_on__isnull=True, into__isnull=True)
                | Q(confirmed_by__isnull=False, confirmed_on__isnull=False, into__isnull=False),
                name="proposal_confirmed_or_not",
            ),
        ]
        indexes = [
            models.Index(
                fields=["county", "decision"],
                name="proposal_open",
                condition=Q(confirmed_by__isnull=True),
            ),
        ]
