"""People and their roles over HTTP, for those in charge of security."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from core.api import StrictSerializer, act_of, command, valid
from core.commands import Act, Done
from core.fields import Day, Quantity, Text, Truth
from organisation.access import Access, access_of
from organisation.attempts import waiting
from organisation.confirmations import unconfirmed
from organisation.lists import ScopedList
from organisation.models import Person, Role, RoleGrant
from organisation.people import (
    add_person,
    admit_device,
    change_person,
    end_role,
    end_second_factor,
    end_sign_ins,
    grant_role,
    renew_password,
)
from organisation.people_lists_api import MADE, PeopleInput, make_accounts
from organisation.queries import people_of, person_of


class GrantShape(serializers.ModelSerializer[RoleGrant]):
    place = serializers.CharField(source="place.code", default=None, allow_null=True)
    township = serializers.CharField(source="township_id", allow_null=True)

    class Meta:
        model = RoleGrant
        fields = ["id", "role", "place", "township", "starts_on", "ends_on", "waits"]


class PersonShape(serializers.ModelSerializer[Person]):
    roles = GrantShape(source="grants", many=True)
    is_locked = serializers.SerializerMethodField()
    awaits_second_person = serializers.SerializerMethodField(
        help_text="Whether the new password is its first part, and opens nothing until a second person confirms it."
    )

    class Meta:
        model = Person
        fields = [
            "id",
            "username",
            "name",
            "is_active",
            "must_change_password",
            "is_locked",
            "awaits_second_person",
            "version",
            "roles",
        ]

    def get_is_locked(self, person: Person) -> bool:
        """Whether some address waits after too many failed sign-ins to this account."""
        known: set[int] | None = self.context.get("waiting")
        return person.pk in (waiting([person]) if known is None else known)

    def get_awaits_second_person(self, person: Person) -> bool:
        known: set[int] | None = self.context.get("unconfirmed")
        return person.pk in (unconfirmed([person]) if known is None else known)


class PersonAccountShape(PersonShape):
    first_password = serializers.CharField(
        allow_null=True, help_text="Shown this once; null where the answer is given again."
    )

    class Meta(PersonShape.Meta):
        fields = [*PersonShape.Meta.fields, "first_password"]


class PersonInput(StrictSerializer):
    username = Text(67)
    name = Text(60)


class PersonChange(StrictSerializer):
    """Fields that are not given stay as they are."""

    name = Text(60, required=False)
    is_active = Truth(required=False)
    version = Quantity(least=1, most=2**31 - 1)


class GrantInput(StrictSerializer):
    """`place` for the roles of a place, `township` (or null, the whole county) for those who plan and approve."""

    role = serializers.ChoiceField(Role.choices)
    place = serializers.CharField(max_length=24, allow_null=True, default=None)
    township = serializers.CharField(max_length=12, allow_null=True, default=None)
    starts_on = Day(allow_null=True, default=None)
    ends_on = Day(allow_null=True, default=None, help_text="The last day.")


class PersonFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="named", help_text="Part of the name or of the user name.")
    role = django_filters.ChoiceFilter(field_name="grants__role", choices=Role.choices, distinct=True)
    place = django_filters.CharFilter("grants__place__code", distinct=True)

    class Meta:
        model = Person
        fields = ["is_active"]

    def named(self, rows: QuerySet[Person], _name: str, text: str) -> QuerySet[Person]:
        return rows.filter(Q(name__icontains=text) | Q(username__icontains=text))


class PeopleList(ScopedList[Person]):
    """The people of the county with the roles they hold, held and will hold."""

    keyed_put = True
    model = Person
    serializer_class = PersonShape
    filterset_class = PersonFilter

    def rows(self, access: Access) -> QuerySet[Person]:
        return people_of(access.county_id)

    def shaped(self, rows: Sequence[Person]) -> BaseSerializer[Any]:
        context = {
            **self.get_serializer_context(),
            "waiting": waiting(rows),
            "unconfirmed": unconfirmed(rows),
        }
        return self.get_serializer(rows, many=True, context=context)

    @extend_schema(request=PersonInput, responses={201: PersonAccountShape})
    def post(self, request: Request) -> Response:
        """A new account without a role; its first password is in this answer and nowhere else."""
        fields = valid(PersonInput, request)
        return _with_password(request, lambda act: add_person(act=act, **fields), status=201)

    @extend_schema(operation_id="people_write_many", request=PeopleInput, responses=MADE)
    def put(self, request: Request) -> Response:
        """Make the accounts of a list that was read, all of them or none; each first password is shown this once."""
        return make_accounts(request)


class PersonView(APIView):
    @extend_schema(responses=PersonShape)
    def get(self, request: Request, pk: int) -> Response:
        """One person of the county."""
        return Response(PersonShape(person_of(access_of(request).county_id, pk)).data)

    @extend_schema(request=PersonChange, responses=PersonShape)
    def patch(self, request: Request, pk: int) -> Response:
        """Another name, or the end or new beginning of the account; with the version that was seen."""
        fields = valid(PersonChange, request)

        def work(act: Act) -> Done:
            change_person(act=act, pk=pk, **fields)
            return _told(act, pk)

        return command(request, work, keyed=False)


class PasswordRenewal(APIView):
    @extend_schema(request=None, responses=PersonAccountShape)
    def post(self, request: Request, pk: int) -> Response:
        """A new first password, for who lost theirs; every sign-in of theirs ends.

        Where `awaits_second_person`, it is the first part; who confirms it (`confirmations/`) has the other."""
        return _with_password(request, lambda act: renew_password(act=act, pk=pk), status=200)


class SignInsEnd(APIView):
    @extend_schema(request=None, responses=PersonShape)
    def post(self, request: Request, pk: int) -> Response:
        """End every sign-in of this person at once."""

        def work(act: Act) -> Done:
            end_sign_ins(act=act, pk=pk)
            return _told(act, pk)

        return command(request, work)


class SecondFactorEnd(APIView):
    @extend_schema(request=None, responses=PersonShape)
    def post(self, request: Request, pk: int) -> Response:
        """Forget the second factor of somebody else who lost their telephone, once a second person confirms it."""

        def work(act: Act) -> Done:
            end_second_factor(act=act, pk=pk)
            return _told(act, pk)

        return command(request, work)


class OwnSignInsEnd(APIView):
    @extend_schema(request=None, responses={200: PersonShape})
    def post(self, request: Request) -> Response:
        """End every sign-in of one's own, this one too."""
        own = act_of(request).actor_id

        def work(act: Act) -> Done:
            end_sign_ins(act=act, pk=own)
            return _told(act, own)

        return command(request, work)


class EntryCodeShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    entry_code = serializers.CharField(
        allow_null=True,
        help_text="Shown this once, for one sign-in within the hour; null in a repeated answer.",
    )


class EntryCode(APIView):
    @extend_schema(request=None, responses=EntryCodeShape)
    def post(self, request: Request, pk: int) -> Response:
        """A code with which somebody signs in on a new device while others keep failing in their name."""
        return _entry_code(request, pk)


class OwnEntryCode(APIView):
    @extend_schema(request=None, responses=EntryCodeShape)
    def post(self, request: Request) -> Response:
        """A code with which one signs in on another device while others keep failing in one's name."""
        return _entry_code(request, act_of(request).actor_id)


class GrantList(APIView):
    @extend_schema(request=GrantInput, responses={201: PersonShape})
    def post(self, request: Request, pk: int) -> Response:
        """Give somebody else a role; one that watches or signs counts once a second person confirms it (`waits`)."""
        fields = valid(GrantInput, request)

        def work(act: Act) -> Done:
            grant_role(act=act, pk=pk, **fields)
            return _told(act, pk, 201)

        return command(request, work)


class GrantEnd(APIView):
    @extend_schema(request=None, responses=PersonShape)
    def post(self, request: Request, pk: int, grant: int) -> Response:
        """Take a role back now."""

        def work(act: Act) -> Done:
            end_role(act=act, pk=pk, grant=grant)
            return _told(act, pk)

        return command(request, work)


def _told(act: Act, pk: int, status: int = 200) -> Done:
    return Done(dict(PersonShape(person_of(act.county_id, pk)).data), f"person {pk}", status)


def _with_password(request: Request, change: Callable[[Act], tuple[Person, str]], *, status: int) -> Response:
    """Carry out the change and tell the password."""
    secrets: list[str] = []

    def work(act: Act) -> Done:
        person, password = change(act)
        secrets[:] = [password]
        return _told(act, person.pk, status)

    return told_once(request, work, "first_password", secrets)


def _entry_code(request: Request, pk: int) -> Response:
    secrets: list[str] = []

    def work(act: Act) -> Done:
        secrets[:] = [admit_device(act=act, pk=pk)[1]]
        return Done({"id": pk}, f"person {pk}", 200)

    return told_once(request, work, "entry_code", secrets)


def told_once(request: Request, work: Callable[[Act], Done], name: str, secrets: list[str]) -> Response:
    """Carry out the command and tell the secret it made, which the record kept for a repetition does not hold."""
    answer = command(request, work)
    told = {**json.loads(answer.rendered_content), name: next(iter(secrets), None)}
    return Response(told, answer.status_code, headers={} if secrets else {"Idempotency-Replayed": "true"})
