"""What waits for a second person, over HTTP, and what was done with or without one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from core.commands import Act, Done
from organisation.access import Access, access_of
from organisation.confirmations import confirm
from organisation.lists import ScopedList
from organisation.models import Confirmation, Person
from organisation.people_api import told_once

WAITING = Q(ended_at__isnull=True, confirmed_at__isnull=True, alone=False)


class ConfirmationShape(serializers.ModelSerializer[Confirmation]):
    username = serializers.CharField(
        source="person.username", default=None, allow_null=True, help_text="null where it is about policy."
    )
    name = serializers.CharField(source="person.name", default=None, allow_null=True)
    role = serializers.CharField(source="grant.role", default=None, allow_null=True)
    asked_by = serializers.SerializerMethodField(
        help_text="Whoever is in charge of security (of policy: the administrator) and asked for it."
    )
    confirmed_by = serializers.SerializerMethodField(
        help_text="The second person; null where nobody has confirmed it."
    )
    asked_by_username = serializers.SerializerMethodField(help_text="Names can be alike, user names cannot.")
    confirmed_by_username = serializers.SerializerMethodField()
    changes = serializers.JSONField(
        allow_null=True,
        help_text="Of policy: the fields that would guard accounts less, and their new values.",
    )
    counts_alone = serializers.BooleanField(source="alone", help_text="Counts without a second person.")
    is_waiting = serializers.SerializerMethodField()

    class Meta:
        model = Confirmation
        fields = [
            "id", "username", "name", "kind", "role", "changes", "asked_by", "asked_by_username", "asked_at",
            "confirmed_by", "confirmed_by_username", "confirmed_at", "counts_alone", "ended_at", "is_waiting",
        ]  # fmt: skip

    def get_asked_by(self, row: Confirmation) -> str:
        return self._told(row.asked_by).name

    def get_asked_by_username(self, row: Confirmation) -> str:
        return self._told(row.asked_by).username

    def get_confirmed_by(self, row: Confirmation) -> str | None:
        return None if row.confirmed_by is None else self._told(row.confirmed_by).name

    def get_confirmed_by_username(self, row: Confirmation) -> str | None:
        return None if row.confirmed_by is None else self._told(row.confirmed_by).username

    def _told(self, pk: int) -> Person:
        """Nameless where it was whoever runs the installation."""
        return cast("Person", self.context["people"].get(pk) or Person())

    def get_is_waiting(self, row: Confirmation) -> bool:
        return row.ended_at is None and row.confirmed_at is None and not row.alone


class ConfirmationFilter(django_filters.FilterSet):
    waiting = django_filters.BooleanFilter(
        method="kept", help_text="Whether a second person is still to confirm."
    )

    class Meta:
        model = Confirmation
        fields = ["id", "kind", "alone"]

    def kept(self, rows: QuerySet[Confirmation], _name: str, waiting: bool) -> QuerySet[Confirmation]:
        return rows.filter(WAITING) if waiting else rows.exclude(WAITING)


class ConfirmationList(ScopedList[Confirmation]):
    """New passwords, forgotten second factors, roles that watch or sign, policy loosened: who asked, who confirmed,
    and what counted with nobody else's word (`alone`); newest first."""

    model = Confirmation
    serializer_class = ConfirmationShape
    filterset_class = ConfirmationFilter

    def rows(self, access: Access) -> QuerySet[Confirmation]:
        rows = Confirmation.objects.filter(county_id=access.county_id).order_by("-id")
        return rows.select_related("person", "grant")

    def shaped(self, rows: Sequence[Confirmation]) -> BaseSerializer[Any]:
        people = {row.asked_by for row in rows} | {row.confirmed_by for row in rows if row.confirmed_by}
        told = Person.objects.filter(county_id=access_of(self.request).county_id).in_bulk(people)
        context = {**self.get_serializer_context(), "people": told}
        return self.get_serializer(rows, many=True, context=context)


class SecondPartShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    second_part = serializers.CharField(
        allow_null=True,
        help_text="Of a new password, or of somebody's who gets a role that watches and was given theirs by one"
        " person alone: what the second person hands over. Shown this once.",
    )


class ConfirmationConfirm(APIView):
    @extend_schema(request=None, responses=SecondPartShape)
    def post(self, request: Request, pk: int) -> Response:
        """Confirm it as the second person: neither who asked nor whose account it is."""
        secrets: list[str] = []

        def work(act: Act) -> Done:
            row, part = confirm(act=act, pk=pk)
            secrets[:] = [part] if part else []
            return Done({"id": row.pk}, f"person {row.person_id}" if row.person_id else "policy", 200)

        return told_once(request, work, "second_part", secrets)
