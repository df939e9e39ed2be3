"""Holidays over HTTP."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR
from decimal import Decimal

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import StrictSerializer, command, valid
from core.commands import Act, Done
from core.fields import Day, Text, Truth
from organisation.access import Access
from organisation.holidays import add_holidays, holidays_of, remove_holiday
from organisation.lists import ScopedList
from organisation.models import Holiday


class HolidayInput(StrictSerializer):
    """Offices are closed from `first` to `last`; with `works` they are open on the weekend days among these."""

    name = Text(40)
    first = Day()
    last = Day(help_text="At most 31 days in all.")
    works = Truth(default=False)


class HolidayShape(serializers.ModelSerializer[Holiday]):
    class Meta:
        model = Holiday
        fields = ["id", "day", "name", "works"]


class HolidayFilter(django_filters.FilterSet):
    year = django_filters.NumberFilter("day", method="of_year")

    class Meta:
        model = Holiday
        fields = ["id"]

    def of_year(self, rows: QuerySet[Holiday], _name: str, year: Decimal) -> QuerySet[Holiday]:
        """No day is of a year that the calendar does not know."""
        return rows.filter(day__year=int(year)) if MINYEAR <= year <= MAXYEAR else rows.none()


class HolidayList(ScopedList[Holiday]):
    """Days on which the county's offices are closed, and weekend days on which they work; the newest first.

    Working days are counted by them: those in which anyone may object to a bulletin.
    """

    model = Holiday
    serializer_class = HolidayShape
    filterset_class = HolidayFilter

    def rows(self, access: Access) -> QuerySet[Holiday]:
        return holidays_of(access.county_id)

    @extend_schema(
        request=HolidayInput,
        responses={201: inline_serializer("HolidaysAnswer", {"days": serializers.ListField(child=Day())})},
    )
    def post(self, request: Request) -> Response:
        """Write holidays down, or working days at a weekend; what is as usual anyway is left out."""
        fields = valid(HolidayInput, request)

        def work(act: Act) -> Done:
            made = add_holidays(act=act, **fields)
            return Done({"days": [str(row.day) for row in made]}, "holidays")

        return command(request, work)


class HolidayRemoval(APIView):
    @extend_schema(request=None, responses=inline_serializer("HolidayAnswer", {"day": Day()}))
    def post(self, request: Request, pk: int) -> Response:
        """The day is as usual again."""

        def work(act: Act) -> Done:
            return Done({"day": str(remove_holiday(act=act, pk=pk))}, f"holiday {pk}", status=200)

        return command(request, work)
