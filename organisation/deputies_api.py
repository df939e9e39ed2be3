"""Deputies over HTTP."""

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
from core.fields import Day
from organisation.access import Access
from organisation.deputies import end_deputy, grant_held, name_deputy, person_named
from organisation.lists import ScopedList
from organisation.models import Deputy, Role
from organisation.queries import deputies_of


class DeputyInput(StrictSerializer):
    """`person` holds the role at `place` or for `township` (null where it is the county's); both by user name."""

    person = serializers.CharField(max_length=67)
    role = serializers.ChoiceField(Role.choices)
    place = serializers.CharField(max_length=24, allow_null=True, default=None)
    township = serializers.CharField(max_length=12, allow_null=True, default=None)
    deputy = serializers.CharField(max_length=67)
    starts_on = Day()
    ends_on = Day(help_text="The last day; at most 92 days in all.")


class DeputyShape(serializers.ModelSerializer[Deputy]):
    person = serializers.CharField(source="grant.person.username")
    role = serializers.CharField(source="grant.role")
    place = serializers.CharField(source="grant.place.code", default=None, allow_null=True)
    township = serializers.CharField(source="grant.township_id", allow_null=True)
    deputy = serializers.CharField(source="deputy.username")

    class Meta:
        model = Deputy
        fields = [
            "id", "person", "role", "place", "township", "deputy", "starts_on", "ends_on", "appointed_by",
            "appointed_on", "ended_on", "ended_by",
        ]  # fmt: skip


class DeputyFilter(django_filters.FilterSet):
    place = django_filters.CharFilter("grant__place__code")
    role = django_filters.ChoiceFilter(field_name="grant__role", choices=Role.choices)
    on = django_filters.DateFilter(method="standing", help_text="Those who stand in on this day.")

    class Meta:
        model = Deputy
        fields = ["id"]

    def standing(self, rows: QuerySet[Deputy], _name: str, on: object) -> QuerySet[Deputy]:
        over = Q(ended_on__isnull=False, ended_on__lte=on)
        return rows.filter(starts_on__lte=on, ends_on__gte=on).exclude(over)


class DeputyList(ScopedList[Deputy]):
    """Who stands in for whom, past and future, newest first."""

    model = Deputy
    serializer_class = DeputyShape
    filterset_class = DeputyFilter

    def rows(self, access: Access) -> QuerySet[Deputy]:
        return deputies_of(access.county_id)

    @extend_schema(request=DeputyInput, responses={201: DeputyShape})
    def post(self, request: Request) -> Response:
        """Name a deputy for a colleague's role, on the county's days, by the person in charge of security."""
        fields = valid(DeputyInput, request)

        def work(act: Act) -> Done:
            days = (fields["starts_on"], fields["ends_on"])
            person = person_named(act.county_id, fields["person"], pointer="/person")
            deputy = person_named(act.county_id, fields["deputy"], pointer="/deputy")
            place, township = fields["place"], fields["township"]
            grant = grant_held(person, fields["role"], place=place, township=township, days=days)
            row = name_deputy(act=act, grant=grant, deputy=deputy, starts_on=days[0], ends_on=days[1])
            return Done(_told(row), f"deputy {row.pk}")

        return command(request, work)


class DeputyEnd(APIView):
    @extend_schema(request=None, responses=DeputyShape)
    def post(self, request: Request, pk: int) -> Response:
        """End it now."""

        def work(act: Act) -> Done:
            return Done(_told(end_deputy(act=act, pk=pk)), f"deputy {pk}", 200)

        return command(request, work)


def _told(row: Deputy) -> dict[str, object]:
    return dict(DeputyShape(deputies_of(row.county_id).get(pk=row.pk)).data)
