"""One's own sign-ins over HTTP: what is open where, and ending one of them or all others."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import command
from core.commands import Act, Done
from organisation.access import Access
from organisation.lists import ScopedList
from organisation.models import AccessToken
from organisation.sign_ins import end_other_sign_ins, end_sign_in, live_sign_ins


class SignInShape(serializers.ModelSerializer[AccessToken]):
    is_this = serializers.SerializerMethodField(help_text="Whether it is the one that asks.")
    on_screens = serializers.SerializerMethodField(help_text="Of the screens, else of a program's token.")

    class Meta:
        model = AccessToken
        fields = [
            "id", "created_at", "used_at", "expires_at", "network", "on_screens", "by_pin", "with_second_factor",
            "is_this",
        ]  # fmt: skip

    def get_is_this(self, row: AccessToken) -> bool:
        return row.pk == getattr(self.context["request"].auth, "pk", None)

    def get_on_screens(self, row: AccessToken) -> bool:
        return row.digest is None


class SignInFilter(django_filters.FilterSet):
    class Meta:
        model = AccessToken
        fields = ["id"]


class SignInList(ScopedList[AccessToken]):
    """One's own sign-ins that are open now: when each began, from which network roughly, when it was used last."""

    model = AccessToken
    serializer_class = SignInShape
    filterset_class = SignInFilter

    def rows(self, access: Access) -> QuerySet[AccessToken]:
        return live_sign_ins(access.person, access.policy, timezone.now())


class SignInEnd(APIView):
    @extend_schema(
        operation_id="auth_sign_in_end_create",
        request=None,
        responses=inline_serializer("SignInEnded", {"id": serializers.IntegerField()}),
    )
    def post(self, request: Request, pk: int) -> Response:
        """End one of one's own sign-ins."""

        def work(act: Act) -> Done:
            end_sign_in(person_id=act.actor_id, pk=pk)
            return Done({"id": pk}, f"sign-in {pk}", 200)

        return command(request, work)


class OtherSignInsEnd(APIView):
    @extend_schema(
        request=None, responses=inline_serializer("SignInsEnded", {"ended": serializers.IntegerField()})
    )
    def post(self, request: Request) -> Response:
        """End all of one's own sign-ins but this one."""
        this: Any = request.auth

        def work(act: Act) -> Done:
            count = end_other_sign_ins(person_id=act.actor_id, but=this.pk)
            return Done({"ended": count}, f"person {act.actor_id}", 200)

        return command(request, work)
