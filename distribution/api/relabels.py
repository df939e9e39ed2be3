"""Confirming the correction of a label, which reaches into plans and shipments; proposing is the inventory room's."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import StrictSerializer, command, valid
from core.commands import Act, Done
from distribution.services.relabelling import relabel_everywhere
from inventory.api.conversions import RelabelAnswer, relabel_answer
from inventory.queries.stock import batch_at
from inventory.serializers import ID_LIMIT
from organisation.access import access_of


class RelabelConfirmInput(StrictSerializer):
    """`relabelling` says which proposal was looked at; left out, the one that waits."""

    relabelling = serializers.IntegerField(min_value=1, max_value=ID_LIMIT, allow_null=True, default=None)


class RelabelConfirmAnswer(RelabelAnswer):
    """`into` is the batch of the true label; `units` those that came under it, by state."""

    into = serializers.IntegerField()
    units = serializers.DictField(child=serializers.IntegerField())
    shipment_lines = serializers.IntegerField()
    plan_lines = serializers.IntegerField()


class RelabelConfirm(APIView):
    @extend_schema(request=RelabelConfirmInput, responses=RelabelConfirmAnswer)
    def post(self, request: Request, pk: int) -> Response:
        """Confirm what another person proposed: every unit of the batch comes under its true label at once.

        What is expired or recalled by the true label is held; what is promised or on the road follows.
        """
        fields = valid(RelabelConfirmInput, request)

        def work(act: Act) -> Done:
            batch = batch_at(access_of(request).places(), pk)
            done = relabel_everywhere(act=act, batch=batch, number=fields["relabelling"])
            row = done.relabelled.relabelling
            answer = {
                **relabel_answer(row),
                "into": done.relabelled.into_id,
                "units": done.relabelled.units,
                "shipment_lines": done.shipment_lines,
                "plan_lines": done.plan_lines,
            }
            return Done(answer, f"relabelling {row.pk}", 200)

        return command(request, work)
