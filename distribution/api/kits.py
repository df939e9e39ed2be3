"""Handing out a health kit over HTTP."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import command, valid
from core.commands import Act, Done
from distribution.api.dispensings import hand_out_answer, hand_out_of
from distribution.serializers.dispensing import DispensingShape, KitHandOutInput
from distribution.services.kits import hand_out_kit
from inventory.queries.kits import kit_at
from organisation.access import access_of


class KitDispense(APIView):
    @extend_schema(request=KitHandOutInput, responses={201: DispensingShape})
    def post(self, request: Request, pk: int) -> Response:
        """Hand a kit out whole: one hand-out of all that is in it, by the rules of any other."""
        fields = valid(KitHandOutInput, request)

        def work(act: Act) -> Done:
            kit = kit_at(access_of(request).places(), pk)
            hand_out = hand_out_of({**fields, "lines": []}, access_of(request).covers(kit.place))
            dispensing, lines = hand_out_kit(
                act=act, kit=kit, hand_out=hand_out, prescriber=fields["prescriber"] or ""
            )
            return Done(hand_out_answer(dispensing, lines), f"kit {pk}, dispensing {dispensing.pk}")

        return command(request, work)
