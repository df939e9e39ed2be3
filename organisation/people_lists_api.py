"""People from a list over HTTP: its template, a reading of it, and the accounts; for those in charge of security."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import StrictSerializer, act_of, command, valid
from core.commands import Act, Done
from core.fields import Text
from core.files import XLSX, FileView, UploadParser, file_response
from core.spreadsheets_writing import write_xlsx
from organisation.models import Role
from organisation.people_import import (
    HEADINGS,
    PEOPLE_LIMIT,
    add_people,
    hashed_passwords,
    read_people,
)

FAULTS_SHOWN = 150
ROLES_LIMIT = 12


class ListedRole(StrictSerializer):
    role = serializers.ChoiceField(Role.choices)
    place = serializers.CharField(max_length=24, allow_null=True, default=None)
    township = serializers.CharField(max_length=12, allow_null=True, default=None)


class ListedPerson(StrictSerializer):
    name = Text(60)
    username = Text(60)
    roles = serializers.ListField(child=ListedRole(), max_length=ROLES_LIMIT, default=list)


class PeopleInput(StrictSerializer):
    """A list as `people/read/` answers it."""

    people = serializers.ListField(child=ListedPerson(), allow_empty=False, max_length=PEOPLE_LIMIT)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        names = [person["username"].casefold() for person in attrs["people"]]
        if len(set(names)) < len(names):
            twice = serializers.ErrorDetail(_("This is named twice."), code="named_twice")
            raise serializers.ValidationError({"people": twice})
        return attrs


class PeopleFile(StrictSerializer):
    file = serializers.FileField(allow_empty_file=True, max_length=255)


READ = inline_serializer(
    "PeopleRead",
    {
        "people": ListedPerson(many=True),
        "error_count": serializers.IntegerField(),
        "errors": inline_serializer(
            "PersonFault",
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
MADE = inline_serializer(
    "PeopleMade",
    {
        "people": inline_serializer(
            "PersonMade",
            {
                "id": serializers.IntegerField(),
                "name": serializers.CharField(),
                "username": serializers.CharField(),
                "first_password": serializers.CharField(
                    allow_null=True, help_text="Shown this once; null where the answer is given again."
                ),
            },
            many=True,
        )
    },
)


class PeopleTemplate(FileView):
    @extend_schema(responses={(200, XLSX): OpenApiTypes.BINARY})
    def get(self, request: Request) -> HttpResponse:
        """An empty list of people: 姓名, 用户名, 角色, 机构, 乡镇; one line for each role."""
        with write_xlsx(HEADINGS, []) as file:
            return file_response(file.read(), XLSX, "人员名单-模板.xlsx")


class PeopleReading(APIView):
    parser_classes = [UploadParser]
    keyed = False

    @extend_schema(request={"multipart/form-data": PeopleFile}, responses=READ)
    def post(self, request: Request) -> Response:
        """Read a list (.xlsx, .csv) with 姓名, 用户名, 角色, 机构 and 乡镇 without making any account.

        Every bad cell by row and column; of a list without any, the body that PUT to `people/` takes.
        """
        found = read_people(act_of(request).county_id, valid(PeopleFile, request)["file"].read())
        errors = [
            {"row": each.row, "column": each.column, "code": each.code, "message": each.message}
            for each in found.faults[:FAULTS_SHOWN]
        ]
        people = [] if found.faults else found.people
        return Response({"people": people, "error_count": len(found.faults), "errors": errors})


def make_accounts(request: Request) -> Response:
    """The accounts of a list, all of them or none; their first passwords are in this answer and nowhere else."""
    people = valid(PeopleInput, request)["people"]
    passwords = hashed_passwords(len(people))
    told: list[str] = []

    def work(act: Act) -> Done:
        made = add_people(act=act, people=people, hashes=[hashed for _plain, hashed in passwords])
        told[:] = [plain for plain, _hashed in passwords]
        rows = [{"id": each.pk, "name": each.name, "username": each.username} for each in made]
        return Done({"people": rows}, "people", status=200)

    answer = command(request, work)
    rows = json.loads(answer.rendered_content)["people"]
    shown: list[str | None] = [*told] if told else [None] * len(rows)
    made = [{**row, "first_password": password} for row, password in zip(rows, shown, strict=True)]
    headers = {} if told else {"Idempotency-Replayed": "true"}
    return Response({"people": made}, answer.status_code, headers=headers)
