"""PINs over HTTP: setting one, signing in with it, and signing beside somebody."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import StrictSerializer, valid
from organisation.access import access_of
from organisation.api import TOKEN, AccountInput
from organisation.attempts import origin_of
from organisation.pins import co_sign, person_with_pin, set_pin
from organisation.services import checked_person
from organisation.sign_in_log import noted
from organisation.sign_ins import issue_token


class PinInput(AccountInput):
    pin = serializers.CharField(max_length=12, help_text="6 to 12 digits.")
    device = serializers.CharField(
        max_length=64,
        required=False,
        allow_null=True,
        help_text="The secret of a device that has one already.",
    )


class PinLoginInput(StrictSerializer):
    username = serializers.CharField(max_length=67)
    device = serializers.CharField(max_length=64, help_text="The secret of the device.")
    pin = serializers.CharField(max_length=12)


class PinView(APIView):
    authentication_classes: list[Any] = []
    keyed = False

    @extend_schema(
        request=PinInput,
        responses={201: inline_serializer("KnownDevice", {"device": serializers.CharField()})},
    )
    def post(self, request: Request) -> Response:
        """Set one's PIN on a device, with the password; the device's secret, which the device keeps."""
        fields = valid(PinInput, request)
        with noted(request, fields["username"]):
            person = checked_person(
                username=fields["username"],
                password=fields["password"],
                otp=fields.get("otp"),
                origin=origin_of(request),
            )
            device = set_pin(person=person, pin=fields["pin"], device=fields.get("device"))
        return Response({"device": device}, 201)


class PinLoginView(APIView):
    authentication_classes: list[Any] = []
    keyed = False

    @extend_schema(request=PinLoginInput, responses=TOKEN)
    def post(self, request: Request) -> Response:
        """Sign in with the PIN of a known device; it opens the roles of places only."""
        fields, origin = valid(PinLoginInput, request), origin_of(request)
        with noted(request, fields["username"]):
            person = person_with_pin(**fields, origin=origin)
            token, row = issue_token(person, address=origin.address)
        return Response({"token": token, "expires_at": row.expires_at})


class CoSignView(APIView):
    keyed = False

    @extend_schema(request=PinLoginInput, responses=TOKEN)
    def post(self, request: Request) -> Response:
        """A second person signs beside this one: a token of theirs for one confirmation within two minutes."""
        fields, beside = valid(PinLoginInput, request), access_of(request).person
        with noted(request, fields["username"], beside=beside):
            token, row = co_sign(beside=beside, **fields, origin=origin_of(request))
        return Response({"token": token, "expires_at": row.expires_at})
