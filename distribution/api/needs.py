"""What places ask for and who they serve, over HTTP."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalogue.models import Medicine
from catalogue.queries import medicines_by_code
from core.api import command, valid
from core.commands import Act, Done
from core.errors import Fault, Invalid
from distribution.models import NeedSheet
from distribution.queries import need_sheets_at, profile_of
from distribution.serializers.needs import NeedSheetShape, NeedsInput, ProfileInput, ProfileShape
from distribution.services.needs import set_needs, set_profile
from organisation.access import Access, access_of
from organisation.lists import ScopedList


class NeedFilter(django_filters.FilterSet):
    place = django_filters.CharFilter("place__code")
    on = django_filters.DateFilter(method="touching")

    class Meta:
        model = NeedSheet
        fields: list[str] = []

    def touching(self, sheets: QuerySet[NeedSheet], name: str, day: Any) -> QuerySet[NeedSheet]:
        return sheets.filter(period_start__lte=day, period_end__gte=day)


class NeedList(ScopedList[NeedSheet]):
    model = NeedSheet
    serializer_class = NeedSheetShape
    orderings = {"period": "period_start"}
    filterset_class = NeedFilter
    keyed = False

    def rows(self, access: Access) -> QuerySet[NeedSheet]:
        return need_sheets_at(access.places())

    @extend_schema(request=NeedsInput)
    def put(self, request: Request) -> Response:
        """Write down what a place asks for in a period, in place of what it asked before.

        With `version`, only if that is still the version there is (0: none yet).
        """
        fields = valid(NeedsInput, request)

        def work(act: Act) -> Done:
            place = access_of(request).place(fields["place"])
            first, last = fields["period"]
            sheet = set_needs(
                act=act,
                place=place,
                period_start=first,
                period_end=last,
                requested=_requested(fields["lines"]),
                version=fields["version"],
            )
            return Done({"id": sheet.pk, "version": sheet.version}, f"needs {sheet.pk}", status=200)

        return command(request, work, keyed=False)


class ProfileView(APIView):
    keyed = False

    @extend_schema(responses=ProfileShape)
    def get(self, request: Request, place: str) -> Response:
        """Who a clinic serves, as last written down."""
        found = access_of(request).place(place, pointer="")
        return Response(ProfileShape(profile_of(found)).data)

    @extend_schema(request=ProfileInput, responses=ProfileShape)
    def put(self, request: Request, place: str) -> Response:
        """Write down who a clinic serves, with the day the figures were taken; figures not given count as nobody."""
        fields = valid(ProfileInput, request)
        version = fields.pop("version")

        def work(act: Act) -> Done:
            found = access_of(request).place(place, pointer="")
            profile = set_profile(act=act, place=found, figures=fields, version=version)
            return Done(dict(ProfileShape(profile).data), f"profile {found.code}", status=200)

        return command(request, work, keyed=False)


def _requested(lines: list[dict[str, Any]]) -> dict[Medicine, int]:
    medicines = medicines_by_code(line["medicine"] for line in lines)
    seen: set[str] = set()
    faults = []
    for index, line in enumerate(lines):
        if line["medicine"] not in medicines:
            faults.append(
                Fault(f"/lines/{index}/medicine", "unknown_medicine", _("The catalogue does not know this."))
            )
        elif line["medicine"] in seen:
            faults.append(Fault(f"/lines/{index}/medicine", "named_twice", _("This is named twice.")))
        seen.add(line["medicine"])
    if faults:
        raise Invalid(faults=faults)
    return {medicines[line["medicine"]]: line["requested"] for line in lines}
