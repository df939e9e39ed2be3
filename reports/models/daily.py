"""The county's own form for the daily report."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from organisation.models import County


class DailyForm(models.Model):
    """The county's own spreadsheet into which the daily report is filled; a new one takes its place."""

    county = models.OneToOneField(County, models.PROTECT, primary_key=True, related_name="+")
    content = models.BinaryField()
    uploaded_by = models.BigIntegerField()
    uploaded_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(content=b""), name="daily_form_holds_something")]
