"""How long stock lasts and what will expire unused, over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import valid_query
from core.ordering import Ordering, Rows
from distribution.known_needs import NeedBasis
from distribution.models import ClinicProfile
from distribution.outlook import chosen, clinic_outlook
from distribution.supply import Basis
from organisation.access import access_of
from organisation.lists import ScopedList


class OutlookQuery(serializers.Serializer[Any]):
    place = serializers.CharField(max_length=24, required=False)
    medicine = serializers.CharField(max_length=12, required=False)
    below_reserve = serializers.BooleanField(required=False, allow_null=True, default=None)
    wasting = serializers.BooleanField(required=False, allow_null=True, default=None)


class OutlookRow(serializers.Serializer[Any]):
    """Units are smallest units. Days of stock and waste are null where a clinic's use is not known.

    Of medicines that stand in for each other (`group`) use, days of stock, reserve, waste and `need` follow from what
    is there of all of them, by courses; `group_usable` and `group_on_the_way` say it in units of this one.
    """

    place = serializers.CharField(source="place.code")
    place_name = serializers.CharField(source="place.name")
    medicine = serializers.CharField(source="medicine.code")
    name = serializers.CharField(source="medicine.generic_name")
    strength = serializers.CharField(source="medicine.strength")
    unit = serializers.CharField(source="medicine.smallest_unit")
    usable = serializers.IntegerField(source="own.usable")
    on_the_way = serializers.IntegerField(source="own.on_the_way")
    requested = serializers.IntegerField(source="own.requested", allow_null=True)
    group = serializers.CharField()
    group_usable = serializers.IntegerField()
    group_on_the_way = serializers.IntegerField()
    handed_out = serializers.IntegerField(source="own.use.units")
    days_with_stock = serializers.IntegerField(source="own.use.days")
    basis = serializers.ChoiceField(Basis.choices)
    weekly_use = serializers.IntegerField(allow_null=True)
    days_of_stock = serializers.IntegerField(allow_null=True)
    below_reserve = serializers.BooleanField()
    expected_waste = serializers.IntegerField(allow_null=True)
    waste_from = serializers.DateField(allow_null=True)
    estimated_need = serializers.IntegerField(allow_null=True)
    estimate = serializers.CharField(source="own.known.formula")
    need = serializers.IntegerField(source="known_need.need")
    need_basis = serializers.ChoiceField([basis.value for basis in NeedBasis], source="known_need.basis")
    need_formula = serializers.CharField(source="known_need.formula")
    learned_days = serializers.IntegerField(source="known_need.days")


class OutlookList(ScopedList[ClinicProfile]):
    """How long each clinic's stock of a medicine lasts (可用天数), and what will expire before it is used.

    Use is learned from the hand-outs of the 28 days before today, days out of stock left out; where fewer than seven
    such days are known it is estimated from who the clinic serves (`estimate` shows how), else unknown. `need` is
    what a plan made today would take, with its formula: learned only where anything was handed out on those days.
    """

    model = ClinicProfile
    serializer_class = OutlookRow
    filter_backends = (Ordering,)
    rows_are = Rows.TOLD
    parameters = frozenset({"place", "medicine", "below_reserve", "wasting"})

    @extend_schema(parameters=[OutlookQuery])
    def get(self, request: Request) -> Response:
        return self.list(request)

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.model._default_manager.none()
        asked, access = valid_query(OutlookQuery, self.request), access_of(self.request)
        places = access.places()
        if "place" in asked:
            places = places.filter(pk=access.place(asked["place"]).pk)
        rows = clinic_outlook(access.county_id, places, access.reach.on, medicine=asked.get("medicine", ""))
        return chosen(rows, below_reserve=asked["below_reserve"], wasting=asked["wasting"])
