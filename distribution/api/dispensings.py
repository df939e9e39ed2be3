"""Hand-outs over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import command, valid
from core.commands import Act, Done
from distribution.cautions import not_for, shared_ingredients
from distribution.models import Dispensing, DispensingLine
from distribution.queries import dispensing_at, dispensings_at
from distribution.serializers.dispensing import (
    DispensingHead,
    DispensingInput,
    DispensingLineShape,
    DispensingShape,
)
from distribution.services.dispensing import dispense
from distribution.services.hand_outs import HandOut, HandOutLine
from distribution.services.taking_back import reverse_dispensing
from organisation.access import Access, access_of
from organisation.lists import ScopedList


class DispensingFilter(django_filters.FilterSet):
    place = django_filters.CharFilter("place__code")
    dispensed_from = django_filters.DateFilter("dispensed_on", "gte")
    dispensed_to = django_filters.DateFilter("dispensed_on", "lte")
    register_ref = django_filters.CharFilter("register_ref")

    class Meta:
        model = Dispensing
        fields = ["id", "age_band"]


class DispensingList(ScopedList[Dispensing]):
    model = Dispensing
    serializer_class = DispensingShape
    filterset_class = DispensingFilter

    def rows(self, access: Access) -> QuerySet[Dispensing]:
        return dispensings_at(access.places())

    @extend_schema(request=DispensingInput)
    def post(self, request: Request) -> Response:
        """Hand medicines out, free of charge: what expires first goes first, unless a batch is named.

        `cautions` names medicines that the catalogue says are not for such a recipient (`not_for`), and what stands
        in several of them (`same_ingredient`).
        """
        fields = valid(DispensingInput, request)

        def work(act: Act) -> Done:
            place = access_of(request).place(fields["place"])
            dispensing, lines = dispense(
                act=act, place=place, hand_out=hand_out_of(fields, access_of(request).covers(place))
            )
            return Done(hand_out_answer(dispensing, lines), f"dispensing {dispensing.pk}")

        return command(request, work)


class DispensingReverse(APIView):
    @extend_schema(request=None)
    def post(self, request: Request, pk: int) -> Response:
        """Take a hand-out back; on the day of its entry only."""

        def work(act: Act) -> Done:
            dispensing = dispensing_at(access_of(request).places(), pk)
            reverse_dispensing(act=act, dispensing=dispensing)
            return Done({"id": pk, "reversed": True}, f"dispensing {pk}", status=200)

        return command(request, work)


def hand_out_answer(dispensing: Dispensing, lines: Sequence[DispensingLine]) -> dict[str, Any]:
    """What was handed out, with what the catalogue says against it."""
    return {
        **DispensingHead(dispensing).data,
        "lines": DispensingLineShape(lines, many=True).data,
        "cautions": _cautions(dispensing, lines),
    }


def _cautions(dispensing: Dispensing, lines: Sequence[DispensingLine]) -> list[dict[str, str]]:
    """Medicines that were handed to somebody they are not for, and ingredients that were given twice."""
    medicines = {line.batch.medicine.code: line.batch.medicine for line in lines}
    twice = shared_ingredients({code: medicine.inn for code, medicine in medicines.items()})
    return [
        {"code": "not_for", "medicine": code, "group": group}
        for code, medicine in sorted(medicines.items())
        for group in not_for(medicine.not_for, age_band=dispensing.age_band, marks=dispensing.marks)
    ] + [{"code": "same_ingredient", "medicine": " ".join(codes), "group": name} for name, codes in twice]


def hand_out_of(fields: dict[str, Any], covers: bool, pointer: str = "") -> HandOut:
    """A hand-out as it was sent; `pointer` says where in the request it stands, `covers` whether the place is a
    village clinic of the sender's health centre, which alone enters paper for it."""
    return HandOut(
        dispensed_on=fields["dispensed_on"],
        age_band=fields["age_band"],
        collected_by=fields["collected_by"],
        lines=_lines(fields["lines"], pointer),
        recipients=fields["recipients"],
        marks=sorted(set(fields["marks"])),
        register_ref=fields["register_ref"] or "",
        entered_for=fields["entered_for"],
        by_centre=fields["entered_for"] and covers,
    )


def _lines(lines: list[dict[str, Any]], above: str) -> list[HandOutLine]:
    return [
        HandOutLine(
            quantity=line["quantity"],
            days_supply=line["days_supply"],
            medicine=line.get("medicine") or "",
            batch_id=line.get("batch"),
            prescriber=line["prescriber"],
            pointer=f"{above}/lines/{index}",
        )
        for index, line in enumerate(lines)
    ]
