"""Work units and where they hand in, over HTTP."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import StrictSerializer, act_of, command, valid
from core.commands import Act, Done
from core.fields import Text
from core.files import UploadParser
from organisation.access import Access
from organisation.lists import ScopedList
from organisation.models import UnitCategory, WorkUnit
from organisation.queries import place_by_code
from organisation.unit_lists import UnitLine, UnitList
from organisation.work_units import (
    changes_of,
    import_units,
    read_units,
    save_category,
    save_unit,
    take_over,
)

# A preview names this many cells; whoever has mended those uploads again.
FAULTS_SHOWN = 150
LINES_LIMIT = 10_000


class UnitCategoryShape(serializers.ModelSerializer[UnitCategory]):
    place = serializers.CharField(source="place.code")

    class Meta:
        model = UnitCategory
        fields = ["name", "place"]


class UnitCategoryInput(StrictSerializer):
    name = Text(80)
    place = serializers.CharField(max_length=24)


class WorkUnitShape(serializers.ModelSerializer[WorkUnit]):
    category = serializers.CharField(source="category.name", default=None, allow_null=True)
    own_place = serializers.CharField(source="place.code", default=None, allow_null=True)
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


class UnitRow(StrictSerializer):
    name = Text(80)
    category = Text(80, allow_blank=True, default="")
    place = serializers.CharField(max_length=24, allow_blank=True, default="")


class UnitFile(StrictSerializer):
    file = serializers.FileField(allow_empty_file=True, max_length=255)


class CategoryLine(StrictSerializer):
    category = Text(80)
    place = serializers.CharField(max_length=24)


class UnitsInput(StrictSerializer):
    """A list as `work-units/read/` answers it: categories with their drop-off points, then units."""

    categories = serializers.ListField(child=CategoryLine(), max_length=LINES_LIMIT, default=list)
    units = serializers.ListField(child=UnitRow(), max_length=LINES_LIMIT, default=list)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs["categories"] and not attrs["units"]:
            nothing = serializers.ErrorDetail(_("There is nothing on this list."), code="nothing_listed")
            raise serializers.ValidationError({"units": nothing})
        return attrs


TAKEN = inline_serializer(
    "UnitImport", {"categories": serializers.IntegerField(), "units": serializers.IntegerField()}
)
READ = inline_serializer(
    "UnitsRead",
    {
        "categories": CategoryLine(many=True),
        "units": UnitRow(many=True),
        "changes": inline_serializer(
            "UnitChanges",
            {name: serializers.IntegerField() for name in ("new", "moved", "same")},
        ),
        "error_count": serializers.IntegerField(),
        "errors": inline_serializer(
            "UnitFault",
            {
                "row": serializers.IntegerField(),
                "column": serializers.CharField(),
                "code": serializers.CharField(),
                "message": serializers.CharField(),
            },
            many=True,
        ),
    },
)


class UnitCategoryFilter(django_filters.FilterSet):
    name = django_filters.CharFilter("name", "icontains")
    place = django_filters.CharFilter("place__code")

    class Meta:
        model = UnitCategory
        fields: list[str] = []


class WorkUnitFilter(django_filters.FilterSet):
    name = django_filters.CharFilter("name", "icontains")
    category = django_filters.CharFilter("category__name")
    place = django_filters.CharFilter(
        method="filter_place", label="Where its people hand in: a place's code."
    )
    own = django_filters.BooleanFilter(
        "place",
        "isnull",
        exclude=True,
        label="Whether it has a place of its own, whatever its category says.",
    )

    class Meta:
        model = WorkUnit
        fields: list[str] = []

    def filter_place(self, rows: QuerySet[WorkUnit], name: str, code: str) -> QuerySet[WorkUnit]:
        return rows.filter(Q(place__code=code) | Q(place=None, category__place__code=code))


class UnitCategoryList(ScopedList[UnitCategory]):
    model = UnitCategory
    serializer_class = UnitCategoryShape
    filterset_class = UnitCategoryFilter
    orderings = {"name": "name", "place": "place__code"}

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
    keyed_put = True
    model = WorkUnit
    serializer_class = WorkUnitShape
    filterset_class = WorkUnitFilter
    orderings = {"name": "name", "category": "category__name"}

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

    @extend_schema(request=UnitsInput, responses=TAKEN)
    def put(self, request: Request) -> Response:
        """Take over a list that was read: all of it or nothing. What it does not name stays as it is."""
        fields = valid(UnitsInput, request)

        def work(act: Act) -> Done:
            categories, units = take_over(
                act=act,
                categories=[UnitLine(at, **line) for at, line in enumerate(fields["categories"])],
                units=[UnitLine(at, **line) for at, line in enumerate(fields["units"])],
            )
            return Done({"categories": categories, "units": units}, "work units", status=200)

        return command(request, work)


class WorkUnitRead(APIView):
    parser_classes = [UploadParser]
    keyed = False

    @extend_schema(request={"multipart/form-data": UnitFile}, responses=READ)
    def post(self, request: Request) -> Response:
        """Read a list (.xlsx, .csv) with 单位名称, 类别 and 接收点 without writing it.

        Every bad cell by row and column; of a list without any, the body that PUT to `work-units/` takes.
        """
        county_id = act_of(request).county_id
        return Response(
            _read_answer(county_id, read_units(county_id, valid(UnitFile, request)["file"].read()))
        )


def _read_answer(county_id: str, found: UnitList) -> dict[str, Any]:
    lines = [] if found.faults else found.lines
    return {
        "categories": [{"category": each.category, "place": each.place} for each in lines if not each.name],
        "units": [
            {"name": each.name, "category": each.category, "place": each.place} for each in lines if each.name
        ],
        "changes": asdict(changes_of(county_id, found)),
        "error_count": len(found.faults),
        "errors": [
            {"row": each.row, "column": each.column, "code": each.code, "message": each.message}
            for each in found.faults[:FAULTS_SHOWN]
        ],
    }


class WorkUnitImport(APIView):
    parser_classes = [UploadParser]

    @extend_schema(
        request={"multipart/form-data": UnitFile},
        responses=TAKEN,
    )
    def post(self, request: Request) -> Response:
        """Take over a list (.xlsx, .csv) with 单位名称, 类别 and 接收点; all of it or nothing."""
        content = valid(UnitFile, request)["file"].read()

        def work(act: Act) -> Done:
            categories, units = import_units(act=act, content=content)
            return Done({"categories": categories, "units": units}, "work units", status=200)

        return command(request, work, body=hashlib.sha256(content).hexdigest())
