"""Signing in and oneself over HTTP."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import logout
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import StrictSerializer, valid
from organisation.access import access_of
from organisation.attempts import keep_device, origin_of
from organisation.models import AccessToken
from organisation.queries import roles_told
from organisation.second_factor import begin
from organisation.services import (
    change_password,
    checked_person,
    confirm_second_factor,
    sign_in,
    sign_out,
)
from organisation.sign_in_log import note_done, noted


class AccountInput(StrictSerializer):
    username = serializers.CharField(max_length=67)
    password = serializers.CharField(max_length=200, trim_whitespace=False)
    otp = serializers.CharField(max_length=10, required=False, allow_null=True)


class LoginInput(AccountInput):
    entry_code = serializers.CharField(
        max_length=20,
        required=False,
        allow_null=True,
        help_text="For a device that has to wait because others fail to sign in to this account: a code that lets it"
        " try by itself (`auth/sign-ins/entry-code/`, `people/{id}/entry-code/`).",
    )


class PasswordInput(StrictSerializer):
    username = serializers.CharField(max_length=67)
    old_password = serializers.CharField(max_length=200, trim_whitespace=False)
    new_password = serializers.CharField(max_length=200, trim_whitespace=False)
    otp = serializers.CharField(max_length=10, required=False, allow_null=True)


TOKEN = inline_serializer(
    "Token", {"token": serializers.CharField(), "expires_at": serializers.DateTimeField()}
)
GRANT = inline_serializer(
    "Grant",
    {
        "role": serializers.CharField(),
        "place": serializers.CharField(allow_null=True),
        "township": serializers.CharField(allow_null=True),
        "deputy_for": serializers.CharField(allow_null=True, help_text="The colleague whose role it is."),
        "until": serializers.DateField(allow_null=True, help_text="The last day of it, where there is one."),
    },
    many=True,
)
ME = inline_serializer(
    "Me",
    {
        "username": serializers.CharField(),
        "name": serializers.CharField(),
        "county": serializers.CharField(),
        "roles": GRANT,
    },
)


class LoginView(APIView):
    authentication_classes: list[Any] = []
    keyed = False

    @extend_schema(request=LoginInput, responses=TOKEN)
    def post(self, request: Request) -> Response:
        """Sign in; the token is shown once and ends after some hours.

        The cookie in the answer marks this device as known: whoever sends it waits for nobody else's failures."""
        fields = valid(LoginInput, request)
        origin = origin_of(request, entry_code=fields.get("entry_code"))
        with noted(request, fields["username"]):
            token, row = sign_in(
                username=fields["username"],
                password=fields["password"],
                otp=fields.get("otp"),
                origin=origin,
            )
        answer = Response({"token": token, "expires_at": row.expires_at})
        keep_device(answer, origin)
        return answer


class PasswordView(APIView):
    authentication_classes: list[Any] = []
    keyed = False

    @extend_schema(request=PasswordInput, responses={204: None})
    def post(self, request: Request) -> Response:
        """Change one's own password."""
        fields = valid(PasswordInput, request)
        with noted(request, fields["username"]):
            change_password(
                username=fields["username"],
                old_password=fields["old_password"],
                new_password=fields["new_password"],
                otp=fields.get("otp"),
                origin=origin_of(request),
            )
        return Response(status=204)


class OtpConfirmInput(StrictSerializer):
    username = serializers.CharField(max_length=67)
    password = serializers.CharField(max_length=200, trim_whitespace=False)
    code = serializers.CharField(max_length=10)


class OtpView(APIView):
    authentication_classes: list[Any] = []
    keyed = False

    @extend_schema(
        request=AccountInput,
        responses=inline_serializer(
            "Otp", {"secret": serializers.CharField(), "uri": serializers.CharField()}
        ),
    )
    def post(self, request: Request) -> Response:
        """Begin a second factor: the secret for an authenticator application, which counts once confirmed."""
        fields = valid(AccountInput, request)
        with noted(request, fields["username"]):
            person = checked_person(
                username=fields["username"],
                password=fields["password"],
                otp=fields.get("otp"),
                origin=origin_of(request),
            )
            secret, uri = begin(person)
        return Response({"secret": secret, "uri": uri})


class OtpConfirmView(APIView):
    authentication_classes: list[Any] = []
    keyed = False

    @extend_schema(request=OtpConfirmInput, responses={204: None})
    def post(self, request: Request) -> Response:
        """Show with a code that the application holds the new secret; from now on it is asked at sign-in."""
        fields = valid(OtpConfirmInput, request)
        with noted(request, fields["username"]):
            confirm_second_factor(**fields, origin=origin_of(request))
        return Response(status=204)


class LogoutView(APIView):
    keyed = False

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """End this sign-in."""
        note_done(request, access_of(request).person)
        if isinstance(request.auth, AccessToken):
            sign_out(token=request.auth)
            if request.auth.digest is None:
                logout(request._request)
        return Response(status=204)


class MeView(APIView):
    @extend_schema(responses=ME)
    def get(self, request: Request) -> Response:
        """The signed-in person with the roles they hold today, also in a colleague's place."""
        person, on = access_of(request).person, access_of(request).reach.on
        return Response(
            {
                "username": person.username,
                "name": person.name,
                "county": person.county_id,
                "roles": roles_told(person, on),
            }
        )
