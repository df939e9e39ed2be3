"""Holding stock and releasing it."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import command, valid
from core.commands import Act, Done
from core.errors import Fault, NotFound
from inventory.answers import HoldAnswer, hold_answer
from inventory.models import Batch, Hold
from inventory.queries.holds import hold_at, holds_at
from inventory.queries.stock import batch_at
from inventory.serializers import HoldInput, HoldRow, ReleaseInput
from inventory.services.holds import hold_everything, hold_stock, release_hold
from organisation.access import Access, access_of
from organisation.lists import ScopedList
from organisation.models import Place


class HoldFilter(django_filters.FilterSet):
    place = django_filters.CharFilter("place__code")
    batch = django_filters.NumberFilter("batch_id")
    medicine = django_filters.CharFilter("batch__medicine__code")
    open = django_filters.BooleanFilter(method="still_open")

    class Meta:
        model = Hold
        fields = ["id"]

    def still_open(self, holds: QuerySet[Hold], name: str, wanted: bool) -> QuerySet[Hold]:
        return holds.filter(Q(("still_held__gt", 0)) if wanted else Q(("still_held", 0)))


class HoldList(ScopedList[Hold]):
    """Holds, newest first, with what each of them still holds."""

    model = Hold
    serializer_class = HoldRow
    orderings = {"name": "batch__medicine__generic_name", "still_held": "still_held"}
    filterset_class = HoldFilter

    def rows(self, access: Access) -> QuerySet[Hold]:
        return holds_at(access.places())

    @extend_schema(request=HoldInput, responses={201: HoldAnswer})
    def post(self, request: Request) -> Response:
        """Hold a batch at a place: all that is on the shelf there, in use or in kits, or so many units of the shelf.

        With a place alone all its stock is held, with a batch alone all of it at one's places; then also what is
        promised, with one hold per place and batch.
        """
        fields = valid(HoldInput, request)

        def work(act: Act) -> Done:
            if fields["place"] is None or fields["batch"] is None:
                return _everything(request, act, fields)
            place = access_of(request).place(fields["place"])
            batch = batch_here(place, fields["batch"])
            if fields["quantity"] is None and fields["side"] is None:
                here = access_of(request).places().filter(pk=place.pk)
                [hold], units = hold_everything(
                    act=act, places=here, batch=batch, reason=fields["reason"], promised=False
                )
                return Done(hold_answer(hold, units), f"hold {hold.pk}")
            hold, held = hold_stock(
                act=act,
                place=place,
                batch=batch,
                reason=fields["reason"],
                quantity=fields["quantity"],
                side=fields["side"],
            )
            return Done(hold_answer(hold, held), f"hold {hold.pk}")

        return command(request, work)


def _everything(request: Request, act: Act, fields: dict[str, Any]) -> Done:
    """All stock of a place, or all of a batch at one's places."""
    places, batch = access_of(request).places(), None
    if fields["place"]:
        places = places.filter(pk=access_of(request).place(fields["place"]).pk)
    else:
        batch = _batch_at(places, fields["batch"])
    holds, units = hold_everything(act=act, places=places, batch=batch, reason=fields["reason"])
    subject = f"{len(holds)} holds at {fields['place']}" if fields["place"] else f"{len(holds)} holds"
    return Done({"holds": len(holds), "units": units.total()}, subject)


class HoldReleaseView(APIView):
    @extend_schema(request=ReleaseInput, responses=HoldAnswer)
    def post(self, request: Request, pk: int) -> Response:
        """Release what a hold holds, or so many units of it."""
        fields = valid(ReleaseInput, request)

        def work(act: Act) -> Done:
            hold = hold_at(access_of(request).places(), pk)
            released = release_hold(
                act=act, hold=hold, reason=fields["reason"] or "", quantity=fields["quantity"]
            )
            return Done(hold_answer(hold, released), f"hold {pk}", status=200)

        return command(request, work)


def batch_here(place: Place, pk: int) -> Batch:
    """A batch that stands or once stood at the place."""
    return _batch_at(Place.objects.filter(pk=place.pk), pk)


def _batch_at(places: QuerySet[Place], pk: int) -> Batch:
    try:
        return batch_at(places, pk)
    except NotFound:
        raise NotFound(faults=[Fault("/batch", NotFound.code, NotFound.message)]) from None
