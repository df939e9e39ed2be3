"""Labels for shelf boxes and bags, and the codes on them."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import StrictSerializer, command, valid
from core.commands import Act, Done
from core.fields import Quantity, Text
from core.files import PDF, FileView, file_response
from core.short_codes import printed_code
from inventory.labels import TITLES, labels_pdf
from inventory.models.labels import COPIES_LIMIT, BatchCode, LabelRun
from inventory.queries.labels import batch_coded, corrected_into, run_at
from inventory.serializers import ID_LIMIT
from inventory.services.labels import Wanted, print_labels
from organisation.access import access_of

LINES_LIMIT = 100


class LabelLineInput(StrictSerializer):
    batch = serializers.IntegerField(min_value=1, max_value=ID_LIMIT)
    copies = Quantity(most=COPIES_LIMIT, default=1)
    quantity = Quantity(allow_null=True, default=None, help_text="Units in a bag, on bags only.")
    usage = Text(60, allow_blank=True, allow_null=True, default="")


class LabelInput(StrictSerializer):
    """`sheet`: A4, 3 × 8; `single`: one per page of 60 × 40 mm; `bags`: A4, 2 × 6, for loose units."""

    place = serializers.CharField(max_length=24)
    layout = serializers.ChoiceField(LabelRun.Layout.choices)
    lines = serializers.ListField(child=LabelLineInput(), allow_empty=False, max_length=LINES_LIMIT)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        bags = attrs["layout"] == LabelRun.Layout.BAGS
        faults = {index: _line_faults(line, bags=bags) for index, line in enumerate(attrs["lines"])}
        if any(faults.values()):
            raise serializers.ValidationError(
                {"lines": {str(i): fault for i, fault in faults.items() if fault}}
            )
        if sum(line["copies"] for line in attrs["lines"]) > COPIES_LIMIT:
            words = _("At most %(most)d labels at a time.") % {"most": COPIES_LIMIT}
            raise serializers.ValidationError(
                {"lines": serializers.ErrorDetail(words, code="too_many_labels")}
            )
        return attrs


def _line_faults(line: dict[str, Any], *, bags: bool) -> dict[str, Any]:
    """A bag says how many are in it and how they are taken; the label of a box does not."""
    needed = serializers.ErrorDetail(_("Needed here."), code="required")
    idle = serializers.ErrorDetail(_("Only on bags."), code="only_on_bags")
    return {name: needed if bags else idle for name in ("quantity", "usage") if bool(line[name]) != bags}


class LabelRunAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    labels = serializers.IntegerField()
    file = serializers.CharField()


class CodeAnswer(serializers.Serializer[Any]):
    """`corrected_into` names the batch of the true label where this one was read wrongly."""

    code = serializers.CharField()
    batch = serializers.IntegerField()
    medicine = serializers.CharField()
    name = serializers.CharField()
    lot_number = serializers.CharField()
    last_usable_day = serializers.DateField(allow_null=True)
    pack = serializers.CharField()
    corrected_into = serializers.IntegerField(allow_null=True)


class LabelRuns(APIView):
    @extend_schema(request=LabelInput, responses={201: LabelRunAnswer})
    def post(self, request: Request) -> Response:
        """Have labels printed of batches that stand at a place; `file` is the PDF."""
        fields = valid(LabelInput, request)

        def work(act: Act) -> Done:
            place = access_of(request).place(fields["place"])
            lines = [
                Wanted(
                    line["batch"], line["copies"], line["quantity"], line["usage"] or "", f"/lines/{index}"
                )
                for index, line in enumerate(fields["lines"])
            ]
            run = print_labels(act=act, place=place, layout=fields["layout"], lines=lines)
            count = sum(line.copies for line in lines)
            answer = {"id": run.pk, "labels": count, "file": f"/api/v1/labels/{run.pk}.pdf"}
            return Done(answer, f"labels {run.pk}")

        return command(request, work)


class LabelFile(FileView):
    @extend_schema(responses={(200, PDF): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The labels on paper."""
        run = run_at(access_of(request).places(), pk)
        title = TITLES[LabelRun.Layout(run.layout)]
        return file_response(labels_pdf(run, made=timezone.now()), PDF, f"{title}-{run.place.code}-{pk}.pdf")


class LabelCode(APIView):
    @extend_schema(responses=CodeAnswer)
    def get(self, request: Request, code: str) -> Response:
        """The batch that the code on a label names, for whoever may see it."""
        batch = batch_coded(access_of(request).places(), code)
        [row] = BatchCode.objects.filter(batch=batch)
        return Response(
            {
                "code": printed_code(row.code),
                "batch": batch.pk,
                "medicine": batch.medicine.code,
                "name": str(batch.medicine),
                "lot_number": batch.lot_number,
                "last_usable_day": batch.last_usable_day,
                "pack": batch.pack,
                "corrected_into": corrected_into(batch),
            }
        )
