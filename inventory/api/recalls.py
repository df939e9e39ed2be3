"""Recalls over HTTP: looked at, raised, acknowledged, lifted; and suspected adverse reactions."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalogue.models import Recall
from catalogue.queries import medicines_by_code, products_seen
from catalogue.recalls import lot_key
from core.api import command, valid, valid_query
from core.commands import Act, Done
from core.errors import Fault, Invalid, NotAllowed
from inventory.api.holds import batch_here
from inventory.models import AdverseReaction
from inventory.queries.recalls import (
    Scope,
    noticed_places,
    open_notices,
    reach_of,
    reactions_at,
    recall_seen,
    recalls_seen,
)
from inventory.recall_shapes import (
    AcknowledgeInput,
    LiftAnswer,
    LiftInput,
    ReachAnswer,
    ReachQuery,
    ReactionAnswer,
    ReactionInput,
    ReactionRow,
    RecallAnswer,
    RecallDetailAnswer,
    RecallInput,
    RecallRow,
    reach_answer,
    recall_answer,
)
from inventory.services.recalls import (
    RecallOrder,
    acknowledge_recall,
    lift_recall,
    raise_recall,
    report_reaction,
)
from organisation.access import Access, access_of
from organisation.lists import ScopedList
from organisation.models import Place, Role


class RecallFilter(django_filters.FilterSet):
    medicine = django_filters.CharFilter("medicine__code")
    place = django_filters.CharFilter("place__code")
    kind = django_filters.ChoiceFilter(choices=Recall.Kind.choices)
    open = django_filters.BooleanFilter("lifted_on", "isnull")
    unacknowledged = django_filters.BooleanFilter(method="waiting")

    class Meta:
        model = Recall
        fields: list[str] = []

    def waiting(self, recalls: QuerySet[Recall], name: str, wanted: bool) -> QuerySet[Recall]:
        mine = open_notices(access_of(self.request).places()).filter(recall=OuterRef("pk"))
        return recalls.filter(Exists(mine) if wanted else ~Exists(mine))


class RecallList(ScopedList[Recall]):
    """The county's recalls and those of one's own places, newest first."""

    model = Recall
    serializer_class = RecallRow
    orderings = {"name": "medicine__generic_name", "acknowledged": "acknowledged"}
    filterset_class = RecallFilter

    def rows(self, access: Access) -> QuerySet[Recall]:
        return recalls_seen(access.county_id, access.places())

    @extend_schema(request=RecallInput, responses={201: RecallAnswer})
    def post(self, request: Request) -> Response:
        """Recall a lot of a medicine or product: every unit and reservation of it is held at once.

        The lead pharmacist recalls in the county or at one place, a pharmacist at a place of theirs. A lot that
        nobody has seen is refused, unless the recall is meant as `standing`.
        """
        fields = valid(RecallInput, request)

        def work(act: Act) -> Done:
            order = RecallOrder(
                **_goods(act.county_id, fields),
                place=_place(access_of(request), fields["place"]),
                reason=fields["reason"],
                reference=fields["reference"],
                standing=fields["standing"],
            )
            recall, reach = raise_recall(act=act, order=order)
            return Done({"id": recall.pk, "reach": reach_answer(reach)}, f"recall {recall.pk}")

        return command(request, work)


class RecallReach(APIView):
    @extend_schema(parameters=[ReachQuery], responses=ReachAnswer)
    def get(self, request: Request) -> Response:
        """What such a recall would reach, before it is raised; nothing is written."""
        fields = valid_query(ReachQuery, request)
        access = access_of(request)
        goods, place = _goods(access.county_id, fields), _place(access, fields["place"])
        key = lot_key(goods.pop("lot_number"))
        reach = reach_of(Scope(access.county_id, **goods, lot_key=key, place_id=place.pk if place else None))
        return Response(reach_answer(reach))


class RecallDetail(APIView):
    @extend_schema(responses=RecallDetailAnswer)
    def get(self, request: Request, pk: int) -> Response:
        """A recall with the reader's places that it concerns, and what they have of it now."""
        access = access_of(request)
        recall = recall_seen(access.county_id, access.places(), pk)
        return Response(recall_answer(recall, noticed_places(recall, access.places())))


class RecallAcknowledge(APIView):
    @extend_schema(request=AcknowledgeInput)
    def post(self, request: Request, pk: int) -> Response:
        """Say that a place has read the notice and looked through its shelves."""
        fields = valid(AcknowledgeInput, request)

        def work(act: Act) -> Done:
            access = access_of(request)
            recall = recall_seen(act.county_id, access.places(), pk)
            place = access.place(fields["place"])
            acknowledge_recall(act=act, recall=recall, place=place, note=fields["note"])
            return Done({"id": pk, "place": place.code, "state": "acknowledged"}, f"recall {pk}", 200)

        return command(request, work)


class RecallLiftView(APIView):
    @extend_schema(request=LiftInput, responses=LiftAnswer)
    def post(self, request: Request, pk: int) -> Response:
        """End a recall, by another person than who raised it; what nothing else keeps held is available again."""
        fields = valid(LiftInput, request)

        def work(act: Act) -> Done:
            access = access_of(request)
            recall = recall_seen(act.county_id, access.places(), pk)
            if recall.place_id is None and Role.LEAD_PHARMACIST not in access.roles:
                raise NotAllowed
            released = lift_recall(act=act, recall=recall, reason=fields["reason"])
            return Done({"id": pk, "released": released}, f"recall {pk}", 200)

        return command(request, work)


class ReactionList(ScopedList[AdverseReaction]):
    """Suspected adverse reactions reported by one's places, newest first."""

    model = AdverseReaction
    serializer_class = ReactionRow
    orderings = {"name": "batch__medicine__generic_name"}

    def rows(self, access: Access) -> QuerySet[AdverseReaction]:
        return reactions_at(access.places())

    @extend_schema(request=ReactionInput, responses={201: ReactionAnswer})
    def post(self, request: Request) -> Response:
        """Report a suspected adverse reaction, without any name: the lot is stopped in the whole county."""
        fields = valid(ReactionInput, request)

        def work(act: Act) -> Done:
            place = access_of(request).place(fields.pop("place"))
            batch = batch_here(place, fields.pop("batch"))
            reaction = report_reaction(act=act, place=place, batch=batch, **fields)
            return Done({"id": reaction.pk, "recall": reaction.recall_id}, f"reaction {reaction.pk}")

        return command(request, work)


def _goods(county_id: str, fields: dict[str, Any]) -> dict[str, Any]:
    """The medicine, product and lot that a request names; a product says which medicine it is."""
    lot = fields["lot_number"] or ""
    if fields["product"]:
        product = products_seen(county_id).select_related("medicine").filter(pk=fields["product"]).first()
        if product is None:
            raise _unknown("product")
        return {"medicine": product.medicine, "product": product, "lot_number": lot}
    medicine = medicines_by_code([fields["medicine"]]).get(fields["medicine"])
    if medicine is None:
        raise _unknown("medicine")
    return {"medicine": medicine, "product": None, "lot_number": lot}


def _unknown(name: str) -> Invalid:
    return Invalid(faults=[Fault(f"/{name}", f"unknown_{name}", _("The catalogue does not know this."))])


def _place(access: Access, code: str | None) -> Place | None:
    """Where it is recalled: the whole county for the lead pharmacist, else a place within reach."""
    if code:
        return access.place(code)
    if Role.LEAD_PHARMACIST not in access.roles:
        raise NotAllowed(pointer="/place")
    return None
