"""Published plans for anyone: who got what of which medicine, why, and the cuts from which it can be recomputed."""

from __future__ import annotations

from typing import Any

import django_filters
from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import get_language, override
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import NotFound
from core.lists import Listing
from distribution.models import Plan, PlanShare
from distribution.queries import shares_of
from distribution.serializers.plans import PlanShareShape
from reports.public_api import COUNTY, Public
from reports.queries import county_by_code

LANGUAGES = [code for code, _name in settings.LANGUAGES]
LANGUAGE = OpenApiParameter(
    "language", enum=LANGUAGES, description="Of a file's headings, where it is not that of the request."
)


class PublicPlanShape(serializers.ModelSerializer[Plan]):
    id = serializers.IntegerField(source="public_number")
    county = serializers.CharField(source="county_id")
    township = serializers.CharField(source="township_id", allow_null=True)
    period = serializers.SerializerMethodField()

    class Meta:
        model = Plan
        fields = [
            "id",
            "county",
            "level",
            "township",
            "period",
            "horizon_days",
            "approved_on",
            "published_on",
        ]

    def get_period(self, plan: Plan) -> str:
        return f"{plan.period_start}/{plan.period_end}"


class PublicPlanDetail(PublicPlanShape):
    leftovers = serializers.SerializerMethodField()

    class Meta(PublicPlanShape.Meta):
        fields = [
            *PublicPlanShape.Meta.fields,
            "from_places",
            "interchangeable",
            "bands",
            "leftovers",
            "cuts",
        ]

    def get_leftovers(self, plan: Plan) -> list[dict[str, Any]]:
        """As the plan keeps them, but for the number of the batch, which is a row's."""
        return [{name: told for name, told in left.items() if name != "batch"} for left in plan.leftovers]


class PublicShareShape(PlanShareShape):
    clinic_name = serializers.CharField(source="clinic.name")
    name = serializers.CharField(source="medicine.generic_name")
    strength = serializers.CharField(source="medicine.strength")
    unit = serializers.CharField(source="medicine.smallest_unit")

    class Meta(PlanShareShape.Meta):
        fields = [
            "clinic", "clinic_name", "medicine", "name", "strength", "unit",
            *(each for each in PlanShareShape.Meta.fields if each not in {"clinic", "medicine"}),
        ]  # fmt: skip


def published_plans() -> QuerySet[Plan]:
    """The newest first."""
    return Plan.objects.filter(published_on__isnull=False).order_by("-id")


def published_plan(pk: int) -> Plan:
    plan = published_plans().filter(public_number=pk).first()
    if plan is None:
        raise NotFound
    return plan


def published_shares(plan: Plan) -> QuerySet[PlanShare]:
    """Who got what of it, by medicine and place."""
    return shares_of(plan).select_related("clinic", "medicine").order_by("medicine__code", "clinic__code")


class PublicPlans(Public, Listing[Plan]):
    """Published plans, the newest first."""

    serializer_class = PublicPlanShape
    filter_backends: list[Any] = []
    parameters = ("county",)

    def get_queryset(self) -> QuerySet[Plan]:
        code = self.request.query_params.get("county", "")
        plans = published_plans()
        return plans.filter(county=county_by_code(code, pointer="/county")) if code else plans

    @extend_schema(parameters=[COUNTY])
    def get(self, request: Request) -> Response:
        return self.list(request)


class PublicPlan(Public, APIView):
    @extend_schema(responses=PublicPlanDetail)
    def get(self, request: Request, pk: int) -> Response:
        """One published plan, with what nobody could use in time and the cuts."""
        return Response(PublicPlanDetail(published_plan(pk)).data)


class PublicShareFilter(django_filters.FilterSet):
    clinic = django_filters.CharFilter("clinic__code")
    medicine = django_filters.CharFilter("medicine__code")

    class Meta:
        model = PlanShare
        fields: list[str] = []


class PublicShares(Public, Listing[PlanShare]):
    """What each place got of a published plan, in one sentence why, and the figures it was computed from."""

    serializer_class = PublicShareShape
    filterset_class = PublicShareFilter
    parameters = ("language",)

    @extend_schema(parameters=[LANGUAGE])
    def get(self, request: Request, pk: int) -> Response:
        asked = request.query_params.get("language", "")
        with override(asked if asked in LANGUAGES else get_language()):
            return self.list(request)

    def get_queryset(self) -> QuerySet[PlanShare]:
        if getattr(self, "swagger_fake_view", False):
            return PlanShare.objects.none()
        return published_shares(published_plan(self.kwargs["pk"]))
