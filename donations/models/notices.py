"""What a county tells donors about their data."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.constraints import CountyKey
from organisation.models import County

NOTICE_LENGTH = 6000


class PrivacyNotice(models.Model):
    """A county's own privacy notice (个人信息保护法 art. 17), one row for each wording. Append-only.

    The newest is in force; with an empty text it is the programme's own again (donations/privacy.py).
    """

    county = models.ForeignKey(County, models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    text = models.CharField(max_length=NOTICE_LENGTH, blank=True)
    text_en = models.CharField(max_length=NOTICE_LENGTH, blank=True)
    set_by = models.BigIntegerField()
    set_on = models.DateField()

    class Meta:
        constraints = [
            CountyKey(name="privacy_notice_key"),
            models.UniqueConstraint(fields=["county", "number"], name="privacy_notice_numbered_once"),
            models.CheckConstraint(
                condition=Q(text_en="") | ~Q(text=""), name="privacy_notice_chinese_first"
            ),
        ]
