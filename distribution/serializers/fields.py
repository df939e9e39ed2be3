"""Fields that several shapes of the distribution room have."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.fields import Day, Quantity

LINES_LIMIT = 5000
PERIOD_DAYS = 366


@extend_schema_field({"type": "string", "example": "2023-01-01/2023-01-14"})
class Period(serializers.CharField):
    """Two days with a slash between them, the first and the last of the period."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            first, last = (datetime.date.fromisoformat(part) for part in str(data).split("/"))
        except ValueError:
            raise serializers.ValidationError(
                _("Two days, as 2023-01-01/2023-01-14."), code="period"
            ) from None
        for day in (first, last):
            Day().run_validation(day)
        if not 0 <= (last - first).days < PERIOD_DAYS:
            raise serializers.ValidationError(
                _("The last day comes before the first, or too long after it."), code="period"
            )
        return first, last

    def to_representation(self, value: Any) -> str:
        return "/".join(str(day) for day in value)


class Number(Quantity):
    """The number of a row, as a list of them shows it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(most=2**63 - 1, **options)


def code() -> serializers.CharField:
    return serializers.CharField(max_length=24)


def version() -> Quantity:
    return Quantity(least=0, most=2**31 - 1, required=False, allow_null=True, default=None)
