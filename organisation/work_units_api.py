"""Work units and where they hand in, over HTTP."""

from __future__ import annotations

import hashlib

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import StrictSerializer, command, valid
from core.commands import Act, Done
from core.fields import Text
from core.files import UploadParser
from organisation.access import Access
from organisation.lists import ScopedList
from organisation.models import UnitCategory, WorkUnit
from organisation.queries import place_by_code
from organisation.work_units import import_units, save_category, save_unit


class UnitCategoryShape(serializers.ModelSerializer[UnitCategory]):
    place = serializers.CharField(source="place.code")

    class Meta:
        model = UnitCategory
        fields = ["name", "place"]


class UnitCategoryInput(StrictSerializer):
    name = Text(80)
    place = serializers.CharField(max_length=24)


class WorkUnitShape(serializers.ModelSerializer[WorkUnit]):
    category = serializers.CharField(source="category.name", default=None)
    own_place = serializers.CharField(source="place.code", default=None)
    place = serializers.SerializerMethodField()

    class Meta:
        model = WorkUnit
        fields = ["name", "category", "place", "own_place"]

    def get_place(self, unit: WorkUnit) -> str | None:
        """Where its people hand in: its own place, or its category's."""
        place = unit.place or (unit.category and unit.category.place)
        return place.code if place else None


class WorkUnitInput(StrictSerializer):
    name = Text(80)
    category = Text(80, allow_blank=True, default="")
    place = serializers.CharField(max_length=24, allow_null=True, default=None)


class UnitFile(StrictSerializer):
    file = serializers.FileField(allow_empty_file=True, max_length=255)


class WorkUnitFilter(django_filters.FilterSet):
    name = django_filters.CharFilter("name", "icontains")
    category = django_filters.CharFilter("category__name")

    class Meta:
        model = WorkUnit
        fields: list[str] = []


class UnitCategoryList(ScopedList[UnitCategory]):
    model = UnitCategory
    serializer_class = UnitCategoryShape

    def rows(self, access: Access) -> QuerySet[UnitCategory]:
        return (
            UnitCategory.objects.filter(county_id=access.county_id).select_related("place").order_by("name")
        )

    @extend_schema(request=UnitCategoryInput, responses={201: UnitCategoryShape})
    def post(self, request: Request) -> Response:
        """Send the units of a category to a drop-off point."""
        fields = valid(UnitCategoryInput, request)

        def work(act: Act) -> Done:
            place = place_by_code(act.county_id, fields["place"])
            category = save_category(act=act, name=fields["name"], place=place)
            return Done(dict(UnitCategoryShape(category).data), f"unit category {category.pk}")

        return command(request, work)


class WorkUnitList(ScopedList[WorkUnit]):
    model = WorkUnit
    serializer_class = WorkUnitShape
    filterset_class = WorkUnitFilter

    def rows(self, access: Access) -> QuerySet[WorkUnit]:
        units = WorkUnit.objects.filter(county_id=access.county_id)
        return units.select_related("place", "category__place").order_by("name")

    @extend_schema(request=WorkUnitInput, responses={201: WorkUnitShape})
    def post(self, request: Request) -> Response:
        """Put a work unit into a category, or send it to a drop-off point of its own."""
        fields = valid(WorkUnitInput, request)

        def work(act: Act) -> Done:
            code = fields["place"]
            unit = save_unit(
                act=act,
                name=fields["name"],
                category=fields["category"],
                place=place_by_code(act.county_id, code) if code else None,
            )
            return Done(dict(WorkUnitShape(unit).data), f"work unit {unit.pk}")

        return command(request, work)


class WorkUnitImport(APIView):
    parser_classes = [UploadParser]

    @extend_schema(
        request={"multipart/form-data": UnitFile},
        responses=inline_serializer(
            "UnitImport", {"categories": serializers.IntegerField(), "units": serializers.IntegerField()}
        ),
    )
    def post(self, request: Request) -> Response:
        """Take over a list (.xlsx, .csv) with 单位名称, 类别 and 接收点; all of it or nothing."""
        content = valid(UnitFile, request)["file"].read()

        def work(act: Act) -> Done:
            categories, units = import_units(act=act, content=content)
            return Done({"categories": categories, "units": units}, "work units", status=200)

        return command(request, work, body=hashlib.sha256(content).hexdigest())
