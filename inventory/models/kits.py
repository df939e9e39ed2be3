"""Health kits (健康包): a county's templates, and the kits that were packed from them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalogue.models import Medicine
from core.constraints import CountyKey, SameCounty, county_fk
from donations.models import QUANTITY_LIMIT
from organisation.models import County, Place

# What the movements into and out of a kit name as their paper.
DOCUMENT = "kit"


class KitTemplate(models.Model):
    """What a kit of this name holds. It is not changed: a better one takes its name once it is retired.

    `shelf_days` is how long a kit must be good for when it is packed, beside the days that each medicine is taken.
    """

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    name = models.CharField(max_length=40)
    shelf_days = models.PositiveSmallIntegerField()
    made_by = models.BigIntegerField()
    made_on = models.DateField()
    retired_by = models.BigIntegerField(null=True)
    retired_on = models.DateField(null=True)
    command = models.UUIDField()

    class Meta:
        constraints = [
            CountyKey(name="kit_template_key"),
            models.UniqueConstraint(
                fields=["county", "name"], condition=Q(retired_on__isnull=True), name="kit_template_name_once"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="kit_template_named"),
            models.CheckConstraint(
                condition=Q(retired_by__isnull=True, retired_on__isnull=True)
                | Q(retired_by__isnull=False, retired_on__isnull=False),
                name="kit_template_retired_or_not",
            ),
            models.CheckConstraint(condition=Q(shelf_days__lte=366), name="kit_template_shelf_days"),
        ]


class KitTemplateLine(models.Model):
    """So many smallest units of a medicine in every kit, taken over so many days. Append-only."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+", db_index=False)
    template = county_fk(KitTemplate, related_name="lines")
    medicine = models.ForeignKey(Medicine, models.PROTECT, related_name="+", db_index=False)
    quantity = models.PositiveIntegerField()
    days_supply = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            SameCounty(field="template", name="kit_template_line_same_county"),
            models.UniqueConstraint(fields=["template", "medicine"], name="kit_template_line_once"),
            models.CheckConstraint(
                condition=Q(quantity__range=(1, QUANTITY_LIMIT)), name="kit_template_line_range"
            ),
            models.CheckConstraint(condition=Q(days_supply__range=(1, 366)), name="kit_template_line_days"),
        ]


class Kit(models.Model):
    """One packed kit on the clinic side of a place, under a code of its own.

    What is in it are the balances of its account, batch by batch; so a label that is corrected, a recall and the
    night's look for what has expired reach it like everything that is reserved.
    """

    class State(models.TextChoices):
        PACKED = "packed", _("packed")
        HANDED_OUT = "handed_out", _("handed out")
        UNPACKED = "unpacked", _("unpacked")

    county = models.ForeignKey(County, models.PROTECT, related_name="+", db_index=False)
    place = county_fk(Place)
    template = county_fk(KitTemplate)
    code = models.CharField(max_length=9)
    state = models.CharField(max_length=10, choices=State, default=State.PACKED)
    packed_by = models.BigIntegerField()
    packed_on = models.DateField()
    ended_by = models.BigIntegerField(null=True)
    ended_on = models.DateField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    command = models.UUIDField()

    class Meta:
        constraints = [
            CountyKey(name="kit_key"),
            SameCounty(field="place", name="kit_place_same_county"),
            SameCounty(field="template", name="kit_template_same_county"),
            models.UniqueConstraint(fields=["code"], name="kit_code_unique"),
            # The alphabet of the codes; and none that one would try first.
            models.CheckConstraint(
                condition=Q(code__regex=r"^[0-9A-HJKMNP-TV-Z]{9}$") & ~Q(code__regex=r"(.)\1\1"),
                name="kit_code_opaque",
            ),
            models.CheckConstraint(
                condition=Q(state="packed", ended_by__isnull=True, ended_on__isnull=True)
                | Q(state__in=["handed_out", "unpacked"], ended_by__isnull=False, ended_on__isnull=False),
                name="kit_ended_or_not",
            ),
        ]
        indexes = [
            models.Index(fields=["place", "-id"], name="kit_by_place"),
            models.Index(fields=["command"], name="kit_by_command"),
        ]
