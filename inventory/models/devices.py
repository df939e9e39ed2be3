"""Reusable devices (血氧仪, 血压计, 体温计) that a clinic keeps in use or lends."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.constraints import CountyKey, SameCounty, county_fk
from inventory.models.batches import Batch
from organisation.models import County, Place


class DeviceUse(models.Model):
    """One device in use at a clinic (配备在用), or lent to somebody (借用) until a day.

    Nobody is named: the clinic's own register knows who `register_ref` is. It ends once, by `condition`: in what
    state the device came back, that it is lost, or that it was put aside by a hold. The ledger lets as many units
    stand in use or lent at a place as there are uses that have not ended, and no more (movement_in_use_papered).
    """

    class Kind(models.TextChoices):
        KEPT = "kept", _("kept in use")
        LENT = "lent", _("lent")

    class Condition(models.TextChoices):
        WORKS = "works", _("works")
        BROKEN = "broken", _("broken")
        LOST = "lost", _("lost")
        HELD = "held", _("put aside")

    county = models.ForeignKey(County, models.PROTECT, related_name="+", db_index=False)
    place = county_fk(Place)
    batch = county_fk(Batch)
    kind = models.CharField(max_length=4, choices=Kind)
    register_ref = models.CharField(max_length=40, blank=True)
    due_on = models.DateField(null=True)
    started_by = models.BigIntegerField()
    started_on = models.DateField()
    command = models.UUIDField()
    # Empty while it is out.
    condition = models.CharField(max_length=6, choices=Condition, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    ended_by = models.BigIntegerField(null=True)
    ended_on = models.DateField(null=True)
    ended_command = models.UUIDField(null=True)

    class Meta:
        constraints = [
            CountyKey(name="device_use_key"),
            SameCounty(field="place", name="device_use_place_same_county"),
            SameCounty(field="batch", name="device_use_batch_same_county"),
            models.CheckConstraint(
                condition=Q(kind="kept", register_ref="", due_on__isnull=True)
                | (Q(kind="lent", due_on__isnull=False, due_on__gte=F("started_on")) & ~Q(register_ref="")),
                name="device_use_lent_until",
            ),
            models.CheckConstraint(
                condition=Q(condition="", ended_by__isnull=True, ended_on__isnull=True, ended_command__isnull=True)
                | Q(condition__in=["works", "broken", "lost", "held"], ended_by__isnull=False,
                    ended_on__isnull=False, ended_on__gte=F("started_on"), ended_command__isnull=False),
                name="device_use_ended_or_not",
            ),
            models.CheckConstraint(
                condition=Q(condition__in=["", "works"]) | ~Q(reason=""), name="device_use_end_has_reason"
            ),
            # What was lent comes back to the counter first, and is put aside there.
            models.CheckConstraint(
                condition=~Q(kind="lent", condition="held"), name="device_use_held_at_the_clinic"
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["place", "-id"], name="device_use_by_place"),
            models.Index(fields=["place", "batch"], name="device_use_out", condition=Q(condition="")),
        ]
