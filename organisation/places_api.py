"""The places of the programme over HTTP."""

from __future__ import annotations

import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import StrictSerializer, command, valid
from core.commands import Act, Done
from core.fields import Quantity, Text, Truth
from organisation.access import Access, access_of
from organisation.lists import ScopedList
from organisation.models import Place
from organisation.places import add_place, change_place
from organisation.queries import place_by_code


class PlaceShape(serializers.ModelSerializer[Place]):
    parent = serializers.CharField(source="parent.code", default=None, allow_null=True)  # type: ignore[assignment]
    county = serializers.CharField(source="county_id")
    township = serializers.CharField(source="township_id", allow_null=True)

    class Meta:
        model = Place
        fields = [
            "code", "name", "kind", "county", "township", "parent", "takes_donations", "sorts", "hands_out",
            "active", "address", "phone", "opening_hours", "version",
        ]  # fmt: skip


class PlaceInput(StrictSerializer):
    """A new place; `township` is null for one of the county's own, `parent` a village clinic's health centre."""

    code = Text(24)
    name = Text(80)
    kind = serializers.ChoiceField(Place.Kind.choices)
    township = serializers.CharField(max_length=12, allow_null=True, default=None)
    parent = serializers.CharField(max_length=24, allow_null=True, default=None)  # type: ignore[assignment]
    takes_donations = Truth(default=False)
    sorts = Truth(default=False)
    hands_out = Truth(default=False)
    address = Text(200, allow_blank=True, default="")
    phone = Text(40, allow_blank=True, default="")
    opening_hours = Text(120, allow_blank=True, default="")


class PlaceChange(StrictSerializer):
    """Fields that are not given stay as they are."""

    name = Text(80, required=False)
    address = Text(200, allow_blank=True, required=False)
    phone = Text(40, allow_blank=True, required=False)
    opening_hours = Text(120, allow_blank=True, required=False)
    active = Truth(required=False)
    version = Quantity(least=1, most=2**31 - 1)


class PlaceFilter(django_filters.FilterSet):
    parent = django_filters.CharFilter("parent__code")
    township = django_filters.CharFilter("township_id")
    q = django_filters.CharFilter(method="named", help_text="Part of the name, or the code.")

    class Meta:
        model = Place
        fields = ["kind", "takes_donations", "sorts", "hands_out", "active"]

    def named(self, rows: QuerySet[Place], _name: str, text: str) -> QuerySet[Place]:
        return rows.filter(Q(name__icontains=text) | Q(code__icontains=text))


class PlaceList(ScopedList[Place]):
    """The places of one's county."""

    model = Place
    serializer_class = PlaceShape
    filterset_class = PlaceFilter

    def rows(self, access: Access) -> QuerySet[Place]:
        places = Place.objects.filter(county_id=access.county_id)
        return places.select_related("parent").order_by("code")

    @extend_schema(request=PlaceInput, responses={201: PlaceShape})
    def post(self, request: Request) -> Response:
        """Open a place. What it does (take in, sort, hand out) is settled here; its code stays for good."""
        fields = valid(PlaceInput, request)

        def work(act: Act) -> Done:
            place = add_place(act=act, fields=dict(fields))
            return Done(dict(PlaceShape(place).data), f"place {place.code}")

        return command(request, work)


class PlaceView(APIView):
    @extend_schema(responses=PlaceShape)
    def get(self, request: Request, code: str) -> Response:
        """One place of the county."""
        return Response(PlaceShape(place_by_code(access_of(request).county_id, code, pointer="")).data)

    @extend_schema(request=PlaceChange, responses=PlaceShape)
    def patch(self, request: Request, code: str) -> Response:
        """Change how a place is described, or close it; with the version that was seen."""
        fields = valid(PlaceChange, request)
        version = fields.pop("version")

        def work(act: Act) -> Done:
            place = change_place(act=act, code=code, fields=fields, version=version)
            return Done(dict(PlaceShape(place).data), f"place {code}", 200)

        return command(request, work, keyed=False)
