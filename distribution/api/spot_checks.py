"""Spot checks over HTTP."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import StrictSerializer, command, valid
from core.commands import Act, Done
from core.fields import Day, Text
from distribution.models.spot_checks import SpotCheck
from distribution.serializers.fields import code
from distribution.services.spot_checks import close_spot_check, rectify, write_spot_check
from distribution.spot_checks import overdue_checks, spot_check_at, spot_checks_at
from organisation.access import Access, access_of
from organisation.lists import ScopedList


class SpotCheckInput(StrictSerializer):
    """Without `rectify_by` there is nothing to put right."""

    place = code()
    checked_on = Day()
    findings = Text(1000)
    rectify_by = Day(allow_null=True, default=None)


class RectifyInput(StrictSerializer):
    rectification = Text(1000)


class SpotCheckShape(serializers.ModelSerializer[SpotCheck]):
    place = serializers.CharField(source="place.code")

    class Meta:
        model = SpotCheck
        fields = [
            "id", "place", "checked_on", "findings", "rectify_by", "state", "checked_by", "rectification",
            "rectified_by", "rectified_on", "closed_by", "closed_on",
        ]  # fmt: skip


class SpotCheckFilter(django_filters.FilterSet):
    place = django_filters.CharFilter("place__code")
    due_before = django_filters.DateFilter(method="overdue", label="rectify_by")

    class Meta:
        model = SpotCheck
        fields = ["id", "state"]

    def overdue(self, checks: QuerySet[SpotCheck], name: str, day: object) -> QuerySet[SpotCheck]:
        """Not put right, with a deadline before this day."""
        return overdue_checks(checks, day)  # type: ignore[arg-type]


class SpotCheckList(ScopedList[SpotCheck]):
    model = SpotCheck
    serializer_class = SpotCheckShape
    filterset_class = SpotCheckFilter

    def rows(self, access: Access) -> QuerySet[SpotCheck]:
        return spot_checks_at(access.places())

    @extend_schema(request=SpotCheckInput, responses={201: SpotCheckShape})
    def post(self, request: Request) -> Response:
        """Record what was found at a place and by when it is to be put right (督查记录)."""
        fields = valid(SpotCheckInput, request)

        def work(act: Act) -> Done:
            place = access_of(request).place(fields.pop("place"))
            return _done(write_spot_check(act=act, place=place, **fields), 201)

        return command(request, work)


class SpotCheckRectify(APIView):
    @extend_schema(request=RectifyInput, responses=SpotCheckShape)
    def post(self, request: Request, pk: int) -> Response:
        """Say how the place has put right what was found."""
        fields = valid(RectifyInput, request)

        def work(act: Act) -> Done:
            check = spot_check_at(access_of(request).places(), pk)
            return _done(rectify(act=act, check=check, **fields), 200)

        return command(request, work)


class SpotCheckClose(APIView):
    @extend_schema(request=None, responses=SpotCheckShape)
    def post(self, request: Request, pk: int) -> Response:
        """Confirm that it was put right, as another person than who said so."""

        def work(act: Act) -> Done:
            return _done(close_spot_check(act=act, check=spot_check_at(access_of(request).places(), pk)), 200)

        return command(request, work)


def _done(check: SpotCheck, status: int) -> Done:
    return Done(SpotCheckShape(check).data, f"spot check {check.pk}", status)
