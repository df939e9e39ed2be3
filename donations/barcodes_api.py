"""Codes on packages over HTTP: as a scanner types them, or in a photo that is read and thrown away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalogue.codes import Scan, read_scan
from catalogue.codes.spelling import LONGEST
from catalogue.photos import PhotoError, read_photo
from core.api import StrictSerializer, act_of, valid
from core.commands import Act
from core.json_body import StrictJSONParser
from donations.barcodes import FIELDS, describe_scans
from donations.photo_uploads import PhotoParser, photo_refused
from donations.serializers import CodeText


class ScanInput(StrictSerializer):
    """One of the two: `scan`, the text of a code; `photo`, a picture of a package (multipart, up to 10 MB)."""

    scan = CodeText(LONGEST, required=False)
    photo = serializers.FileField(allow_empty_file=True, max_length=255, required=False)

    def to_internal_value(self, data: Any) -> Any:
        """In a form a picture may come under the name of `scan` as well."""
        if isinstance(data, QueryDict) and isinstance(data.get("scan"), UploadedFile):
            data = {**data.dict(), "photo": data["scan"]}
            del data["scan"]
        return super().to_internal_value(data)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError(_("Give the text of a code or a photo."), code="scan_or_photo")
        return attrs


SAID: dict[str, Any] = {"code": serializers.CharField(), "message": serializers.CharField()}
SCAN = inline_serializer(
    "Scan",
    {
        **{name: serializers.CharField(allow_null=name not in {"kind", "text"}) for name in FIELDS},
        "format_ok": serializers.BooleanField(help_text="Well formed; never that it is genuine."),
        "receipt_code": serializers.CharField(allow_null=True, help_text="Of a pre-numbered slip."),
        "expiry": serializers.DictField(allow_null=True),
        "produced_on": serializers.DateField(allow_null=True),
        "box": serializers.CharField(allow_null=True, help_text="What is this one box's own."),
        "certain": serializers.ListField(child=serializers.CharField()),
        "ambiguous": inline_serializer("Doubt", {"field": serializers.CharField(), **SAID}, many=True),
        "choices": serializers.ListField(child=serializers.DictField()),
        "medicine": serializers.DictField(allow_null=True),
        "products": serializers.ListField(child=serializers.DictField()),
        "messages": inline_serializer("ScanMessage", SAID, many=True),
        "warnings": inline_serializer(
            "ScanWarning", {**SAID, "registered_on": serializers.DateField(required=False)}, many=True
        ),
    },
)


class BarcodeView(APIView):
    keyed = False
    parser_classes = [StrictJSONParser, PhotoParser]

    @extend_schema(
        request={"application/json": ScanInput, "multipart/form-data": ScanInput},
        responses=OpenApiResponse(SCAN, "For a photo: {codes: [one such object per code], messages}"),
    )
    def post(self, request: Request) -> Response:
        """Say what a code holds: product, lot, expiry, serial; what is certain, what is ambiguous.

        A well-formed code is `format_ok`, which does not make it genuine. `products` are those of the catalogue
        under its number, `medicine` what they are all packs of; a box that was registered before in the county,
        and a medicine that is recalled there, are warned of. The code of a slip is of the kind `receipt_code`; one
        that another donation bears is warned of. Of a photo every code is told; nothing is kept.
        """
        fields, act = valid(ScanInput, request), act_of(request)
        if "scan" in fields:
            [described] = describe_scans(act.county_id, [read_scan(fields["scan"], today=act.on)])
            return Response(described)
        codes = describe_scans(act.county_id, _photographed(fields["photo"], act))
        return Response({"codes": codes, "messages": _remarks(len(codes))})


def _photographed(photo: UploadedFile[Any], act: Act) -> Sequence[Scan]:
    try:
        return read_photo(photo.read(), today=act.on)
    except PhotoError as error:
        raise photo_refused(error) from None


def _remarks(codes: int) -> list[dict[str, str]]:
    """What to say of a photo that does not show just one code."""
    if codes == 0:
        words = _("No code could be read; take the photo nearer and in good light, or type the number.")
        return [{"code": "no_code_found", "message": words}]
    if codes > 1:
        words = _("The photo shows %(count)d codes; choose those of this box.") % {"count": codes}
        return [{"code": "several_codes", "message": words}]
    return []
