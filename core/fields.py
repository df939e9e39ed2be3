"""Fields that every shape shares: text a printer can carry, whole quantities, codes of things."""

from __future__ import annotations

import datetime
import re
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.days import FIRST_DAY, LAST_DAY
from core.language import in_language
from core.safe_text import TextRefused, safe_text

WRITTEN_AS_A_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Text(serializers.CharField):
    """Text from outside: kept verbatim, refused where no database or printer could carry it."""

    def __init__(self, max_length: int, *, multiline: bool = False, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)
        self.multiline = multiline

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError(_("Text is needed here."), code="not_text")
        text = super().to_internal_value(data)
        try:
            return safe_text(text, max_length=self.max_length or 200, multiline=self.multiline)
        except TextRefused as error:
            message = in_language(error.message, error.message_en)
            raise serializers.ValidationError(message, code=error.code) from None


class Quantity(serializers.IntegerField):
    """A whole number of smallest units; never a fraction, a text or a truth value."""

    def __init__(self, *, least: int = 1, most: int = 1_000_000, **options: Any) -> None:
        super().__init__(min_value=least, max_value=most, **options)

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            raise serializers.ValidationError(_("A whole number is needed here."), code="not_whole")
        return super().to_internal_value(data)


class Day(serializers.DateField):
    """A day of the programme's own business, within `core.days.FIRST_DAY` and `LAST_DAY`."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "impossible_day": _("There is no such day."),
        "day_out_of_range": _("A day from {first} to {last} is needed here."),
    }

    def to_internal_value(self, value: Any) -> datetime.date:
        if isinstance(value, str) and WRITTEN_AS_A_DAY.fullmatch(value) and not _exists(value):
            self.fail("impossible_day")
        day = super().to_internal_value(value)
        if not FIRST_DAY <= day <= LAST_DAY:
            self.fail("day_out_of_range", first=FIRST_DAY, last=LAST_DAY)
        return day


def _exists(written: str) -> bool:
    try:
        datetime.date.fromisoformat(written)
    except ValueError:
        return False
    return True


class Truth(serializers.BooleanField):
    """true or false, and nothing that merely looks like it."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise serializers.ValidationError(_("true or false is needed here."), code="not_boolean")
        return data
