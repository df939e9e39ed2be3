"""What the figures are summed from: every kind of step a county knows, and its totals through closed days."""

from __future__ import annotations

from django.db import models

from catalogue.models import Medicine
from core.constraints import CountyKey, SameCounty, county_fk
from organisation.models import County, Place


class Measure(models.TextChoices):
    """What a flow measures: the steps of a journal, sums by place for the townships, or what may be counted.

    In the view `daily_flows` (reports/migrations/0012_flow_totals.py) stands how each follows from the day rollups,
    in `place_flows` (0015_flows_by_place.py) those that end in AT, which are told apart by place, in `people_flows`
    (0018_people_served.py) how many people got a medicine.
    """

    CUSTODY = "custody"
    STOCK = "stock"
    TRANSFER = "transfer"
    RECEIVED = "received"
    ALLOTTED = "allotted"
    DISPENSED = "dispensed"
    DONATION = "donation"
    VOIDED = "voided"
    HAND_OUT = "hand_out"
    SERVED = "served"
    CUSTODY_AT = "custody_at"
    STOCK_AT = "stock_at"
    SENT_AT = "sent_at"
    DONATION_AT = "donation_at"
    VOIDED_AT = "voided_at"
    HAND_OUT_AT = "hand_out_at"


# What a county is told by, for some of its places.
AT_PLACES = {
    Measure.CUSTODY: Measure.CUSTODY_AT,
    Measure.STOCK: Measure.STOCK_AT,
    Measure.TRANSFER: Measure.SENT_AT,
    Measure.DONATION: Measure.DONATION_AT,
    Measure.VOIDED: Measure.VOIDED_AT,
    Measure.HAND_OUT: Measure.HAND_OUT_AT,
}


class MeasuredFlow(models.Model):
    """One kind of step that a county's figures know: what is measured, of which medicine, from where to where."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+", db_index=False)
    measure = models.CharField(max_length=11, choices=Measure)
    medicine = models.ForeignKey(
        Medicine, models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    place = county_fk(Place, null=True)
    kind = models.CharField(max_length=17, blank=True)
    source = models.CharField(max_length=10, blank=True)
    target = models.CharField(max_length=10, blank=True)
    detail = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            CountyKey(name="flow_key"),
            SameCounty(field="place", name="flow_place_same_county"),
            models.UniqueConstraint(
                fields=["county", "measure", "medicine", "place", "kind", "source", "target", "detail"],
                name="flow_once",
                nulls_distinct=False,
            ),
        ]
        # What is asked of some places only.
        indexes = [models.Index(fields=["county", "place", "measure"], name="flow_of_place")]


class FlowTotal(models.Model):
    """All of a flow through a closed day, since the books began: one row for every closed day on which it changed.

    Written by the database when the county closes days, after which nothing is booked on them; so it never changes.
    """

    county = models.ForeignKey(County, models.PROTECT, related_name="+", db_index=False)
    flow = county_fk(MeasuredFlow)
    day = models.DateField()
    quantity = models.BigIntegerField()
    entries = models.BigIntegerField()

    class Meta:
        constraints = [
            SameCounty(field="flow", name="flow_total_same_county"),
            models.UniqueConstraint(
                fields=["flow", "day"], name="flow_total_once", include=["quantity", "entries"]
            ),
        ]
        # How far a county's days are told.
        indexes = [models.Index(fields=["county", "-day"], name="flow_total_by_day")]
