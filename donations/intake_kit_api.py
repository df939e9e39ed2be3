"""What a device needs to take donations in without a network, over HTTP: whose it is, and what may be chosen.

Nobody's name is among it, for it stays on the device: a person is a number, places, campaigns and townships are
public.
"""

from __future__ import annotations

from typing import Any

from django.middleware.csrf import get_token
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalogue.models import Medicine
from core.api import act_of
from donations.queries import campaigns_open
from organisation.access import access_of
from organisation.queries import townships_of

# The list of the sources has 283; a cheap phone searches through this many between two keys.
MEDICINES_LIMIT = 2_000


class Named(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()


class IntakeKitShape(serializers.Serializer[Any]):
    person = serializers.IntegerField(help_text="Whose the drafts of this device are from now on.")
    county = serializers.CharField()
    places = Named(many=True, help_text="Where this person may take donations in.")
    campaigns = Named(many=True)
    townships = Named(many=True)


class PocketMedicine(serializers.ModelSerializer[Medicine]):
    search = serializers.CharField(
        source="search_text", help_text="Names, brands and INN, their pinyin in full and as initials."
    )

    class Meta:
        model = Medicine
        fields = ["code", "generic_name", "strength", "dosage_form", "smallest_unit", "search"]


class PocketCatalogue(serializers.Serializer[Any]):
    complete = serializers.BooleanField(help_text="Whether these are all medicines of the catalogue.")
    medicines = PocketMedicine(many=True)


class IntakeKit(APIView):
    @extend_schema(responses=IntakeKitShape)
    def get(self, request: Request) -> Response:
        """Who is signed in, where they may take in, and what a donation may name today."""
        get_token(request._request)  # the page sends it back with what it kept
        act, access = act_of(request), access_of(request)
        places = access.places().filter(takes_donations=True, active=True).order_by("code")
        told = {
            "person": act.actor_id,
            "county": act.county_id,
            "places": places,
            "campaigns": campaigns_open(act.county_id, act.on),
            "townships": townships_of(act.county_id),
        }
        return Response(IntakeKitShape(told).data)


class IntakeKitMedicines(APIView):
    @extend_schema(responses=PocketCatalogue)
    def get(self, request: Request) -> Response:
        """The medicines that can be chosen without a network: the catalogue's first 2,000 in the order of codes."""
        rows = list(Medicine.objects.order_by("code")[: MEDICINES_LIMIT + 1])
        told = {"complete": len(rows) <= MEDICINES_LIMIT, "medicines": rows[:MEDICINES_LIMIT]}
        return Response(PocketCatalogue(told).data)
