"""Health kits (健康包): templates, packing, labels, taking apart. Handing out is the clinic's (distribution)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from catalogue.queries import medicines_by_code
from core.api import act_of, command, valid
from core.commands import Act, Done
from core.errors import Fault, Invalid, NotFound
from core.files import PDF, FileView, file_response
from core.short_codes import parse_short_code, printed_code
from inventory.kit_labels import TITLE, kit_labels_pdf
from inventory.models.kits import Kit, KitTemplate
from inventory.queries.kits import (
    contents_by_kit,
    kit_at,
    kits_at,
    packed_with,
    template_of,
    templates_of,
)
from inventory.serializers_kits import (
    KitShape,
    KitTemplateInput,
    KitTemplateShape,
    PackInput,
    UnpackInput,
)
from inventory.services.kits import Part, make_template, pack_kits, retire_template, unpack_kit
from organisation.access import Access, access_of
from organisation.lists import ScopedList

TEMPLATE_ANSWER: Any = inline_serializer(
    "KitTemplateAnswer", {"id": serializers.IntegerField(), "name": serializers.CharField()}
)
PACKED: Any = inline_serializer(
    "PackedKit", {"id": serializers.IntegerField(), "code": serializers.CharField()}
)
PACK_ANSWER: Any = inline_serializer(
    "PackAnswer", {"kits": serializers.ListField(child=PACKED), "labels": serializers.CharField()}
)
KIT_ANSWER: Any = inline_serializer(
    "KitAnswer", {"id": serializers.IntegerField(), "state": serializers.CharField()}
)


class KitTemplateFilter(django_filters.FilterSet):
    retired = django_filters.BooleanFilter("retired_on", "isnull", exclude=True)

    class Meta:
        model = KitTemplate
        fields = ["id"]


class KitTemplateList(ScopedList[KitTemplate]):
    """What the county's kits hold, newest first."""

    model = KitTemplate
    serializer_class = KitTemplateShape
    filterset_class = KitTemplateFilter

    def rows(self, access: Access) -> QuerySet[KitTemplate]:
        return templates_of(access.county_id)

    @extend_schema(request=KitTemplateInput, responses={201: TEMPLATE_ANSWER})
    def post(self, request: Request) -> Response:
        """Make a template. To change one, retire it and make another of its name."""
        fields = valid(KitTemplateInput, request)

        def work(act: Act) -> Done:
            template = make_template(
                act=act, name=fields["name"], shelf_days=fields["shelf_days"], parts=_parts(fields["lines"])
            )
            return Done({"id": template.pk, "name": template.name}, f"kit template {template.pk}")

        return command(request, work)


class KitTemplateRetire(APIView):
    @extend_schema(request=None, responses=TEMPLATE_ANSWER)
    def post(self, request: Request, pk: int) -> Response:
        """Pack no more kits from a template; what is packed stays."""

        def work(act: Act) -> Done:
            template = retire_template(act=act, template=template_of(act.county_id, pk))
            return Done({"id": pk, "name": template.name}, f"kit template {pk}", status=200)

        return command(request, work)


class KitFilter(django_filters.FilterSet):
    place = django_filters.CharFilter("place__code")
    template = django_filters.NumberFilter("template_id")
    state = django_filters.ChoiceFilter(choices=Kit.State.choices)
    code = django_filters.CharFilter(method="of_code", help_text="As it stands on the label.")

    class Meta:
        model = Kit
        fields: list[str] = []

    def of_code(self, kits: QuerySet[Kit], name: str, text: str) -> QuerySet[Kit]:
        return kits.filter(code=parse_short_code(text) or "")


class KitList(ScopedList[Kit]):
    """Kits, newest first, with what is in them."""

    model = Kit
    serializer_class = KitShape
    filterset_class = KitFilter

    def rows(self, access: Access) -> QuerySet[Kit]:
        return kits_at(access.places())

    def shaped(self, rows: Sequence[Kit]) -> BaseSerializer[Any]:
        return shaped_kits(rows, self.request)

    @extend_schema(request=PackInput, responses={201: PACK_ANSWER})
    def post(self, request: Request) -> Response:
        """Pack kits from a template on the clinic side of a place, what expires first going first."""
        fields = valid(PackInput, request)

        def work(act: Act) -> Done:
            place = access_of(request).place(fields["place"])
            template = _template(act, fields["template"])
            kits = pack_kits(act=act, place=place, template=template, number=fields["number"])
            answer = {
                "kits": [{"id": kit.pk, "code": printed_code(kit.code)} for kit in kits],
                "labels": f"/api/v1/kits/{kits[0].pk}/labels.pdf",
            }
            return Done(answer, f"kits {kits[0].pk}–{kits[-1].pk}")

        return command(request, work)


class KitDetail(APIView):
    @extend_schema(responses=KitShape)
    def get(self, request: Request, pk: int) -> Response:
        """One kit with what is in it."""
        [row] = shaped_kits([kit_at(access_of(request).places(), pk)], request).data
        return Response(row)


class KitUnpack(APIView):
    @extend_schema(request=UnpackInput, responses=KIT_ANSWER)
    def post(self, request: Request, pk: int) -> Response:
        """Take a kit apart: what is in it goes back to the shelf, what has expired to held."""
        reason = valid(UnpackInput, request)["reason"] or ""

        def work(act: Act) -> Done:
            kit = unpack_kit(act=act, kit=kit_at(access_of(request).places(), pk), reason=reason)
            return Done({"id": pk, "state": kit.state}, f"kit {pk}", status=200)

        return command(request, work)


class KitLabels(FileView):
    @extend_schema(responses={(200, PDF): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """Labels of all kits that were packed in one go with this one and are still packed."""
        places = access_of(request).places()
        kits = list(packed_with(places, kit_at(places, pk)))
        if not kits:
            raise NotFound
        content = kit_labels_pdf(kits, contents_by_kit(kits), made=timezone.now())
        return file_response(content, PDF, f"{TITLE}-{kits[0].place.code}-{pk}.pdf")


def shaped_kits(kits: Sequence[Kit], request: Request) -> BaseSerializer[Any]:
    """Kits in their shape; one statement for what is in them."""
    return KitShape(kits, many=True, context={"inside": contents_by_kit(kits), "on": act_of(request).on})


def _template(act: Act, pk: int) -> KitTemplate:
    try:
        return template_of(act.county_id, pk)
    except NotFound:
        raise NotFound(faults=[Fault("/template", NotFound.code, NotFound.message)]) from None


def _parts(lines: Sequence[dict[str, Any]]) -> list[Part]:
    medicines = medicines_by_code({line["medicine"] for line in lines})
    unknown = [
        Fault(f"/lines/{index}/medicine", "unknown_medicine", _("The catalogue does not know this."))
        for index, line in enumerate(lines)
        if line["medicine"] not in medicines
    ]
    if unknown:
        raise Invalid(faults=unknown)
    return [Part(medicines[line["medicine"]].pk, line["quantity"], line["days_supply"]) for line in lines]
