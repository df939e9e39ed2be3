"""The stock card, to be read page by page from any day on."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from catalogue.queries import medicines_by_code
from core.api import act_of, valid_query
from core.errors import Fault, Invalid, NotFound
from core.paging import PAGE_SIZE, PAGE_SIZE_LIMIT
from inventory.models import Movement
from inventory.queries.stock import batch_at
from inventory.queries.stock_cards import ON_SHELF, Position, Row, StockCard
from inventory.serializers import CardQuery, CardRow
from organisation.access import access_of
from organisation.lists import ScopedList
from organisation.models import Place

# Behind (a) or before (b) a movement: its day of booking and its id.
CURSOR = re.compile(r"([ab])([0-9]{8})\.([0-9]{1,18})")
DAYS = datetime.timedelta(days=30)


class CardPages(BasePagination):
    """Pages by position; each says with what it opens and closes."""

    cursor_query_param = "cursor"
    page_size_query_param = "page_size"

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        self.card: StockCard = queryset
        self.page: list[Row]
        self.address = request.build_absolute_uri()
        size = _page_size(request.query_params.get(self.page_size_query_param, ""))
        backwards, position = _position(request.query_params.get(self.cursor_query_param))
        if backwards and position:
            found = self.card.before(position, size + 1)
            self.page, self.is_first, self.is_last = found[-size:], len(found) <= size, False
        else:
            found = self.card.after(position, size + 1)
            self.page, self.is_first, self.is_last = found[:size], position is None, len(found) <= size
        return self.page

    def get_paginated_response(self, data: Any) -> Response:
        opening = self.card.opening_of(self.page)
        closing = {state: self.page[-1][state] for state in opening} if self.page else opening
        return Response(
            {
                "next": None if self.is_last else self._link("a", -1),
                "previous": None if self.is_first else self._link("b", 0),
                "opening": _told(opening),
                "closing": _told(closing),
                "results": data,
            }
        )

    def _link(self, direction: str, index: int) -> str | None:
        if not self.page:
            return None
        row = self.page[index]
        cursor = f"{direction}{row['booked_on']:%Y%m%d}.{row['id']}"
        return replace_query_param(self.address, self.cursor_query_param, cursor)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        units = {"type": "object", "additionalProperties": {"type": "integer"}}
        fields = {"next": link, "previous": link, "opening": units, "closing": units, "results": schema}
        return {"type": "object", "required": list(fields), "properties": fields}

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        types = {self.cursor_query_param: "string", self.page_size_query_param: "integer"}
        return [{"name": name, "in": "query", "schema": {"type": kind}} for name, kind in types.items()]


class StockCardList(ScopedList[Movement]):
    """The stock card (药品明细账) of a medicine at a place, or of one batch of it: what came, what went, what stood
    there. In the order of the book: by day of booking, then as recorded."""

    model = Movement
    serializer_class = CardRow  # type: ignore[assignment]
    pagination_class = CardPages
    filter_backends: Sequence[Any] = []
    parameters = frozenset({"place", "medicine", "batch", "side", "from", "to"})

    def get_queryset(self) -> Any:
        return (
            self.model._default_manager.none() if getattr(self, "swagger_fake_view", False) else self._card()
        )

    @extend_schema(parameters=[CardQuery])
    def get(self, request: Request) -> Response:
        return self.list(request)

    def _card(self) -> StockCard:
        fields, act = valid_query(CardQuery, self.request), act_of(self.request)
        place = access_of(self.request).place(fields["place"])
        medicine_id, batch_id = _what(place, fields)
        last = fields.get("to", act.booked)
        first = fields.get("from", last - DAYS)
        if last < first:
            words = _("The last day comes before the first.")
            raise Invalid(faults=[Fault("/to", "days_reversed", words)])
        return StockCard(act.county_id, place.pk, medicine_id, first, last, fields.get("side"), batch_id)


def _what(place: Place, fields: dict[str, Any]) -> tuple[int, int | None]:
    """The ids of the medicine and, if one is named, of the batch, which must have been at the place."""
    code = fields.get("medicine")
    medicine = medicines_by_code([code]).get(code) if code else None
    if code and medicine is None:
        raise NotFound(pointer="/medicine")
    if "batch" not in fields:
        return (medicine.pk if medicine else 0), None
    try:
        batch = batch_at(Place.objects.filter(pk=place.pk), fields["batch"])
    except NotFound:
        raise NotFound(pointer="/batch") from None
    if medicine and batch.medicine_id != medicine.pk:
        raise NotFound(pointer="/batch")
    return batch.medicine_id, batch.pk


def _position(cursor: str | None) -> tuple[bool, Position | None]:
    """Whether to read backwards, and from where; a cursor that was never given out is nothing that is here."""
    if cursor is None:
        return False, None
    told = CURSOR.fullmatch(cursor)
    try:
        day = datetime.datetime.strptime(told[2], "%Y%m%d").date() if told else None  # noqa: DTZ007 - a day
    except ValueError:
        day = None
    if told is None or day is None:
        raise NotFound(pointer="/cursor")
    return told[1] == "b", (day, int(told[3]))


def _page_size(asked: str) -> int:
    """As on every list: what is no number counts as not asked, and too much is cut down."""
    size = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 0
    return min(size, PAGE_SIZE_LIMIT) or PAGE_SIZE


def _told(units: dict[str, int]) -> dict[str, int]:
    return {"balance": sum(units[state] for state in ON_SHELF), **units}
