"""Lists: pages or cursors, filters and orders that are known, and the same rows as a file.

Every list of the API is a `Listing`. What it does not know of an address is refused instead of being ignored: a
mistyped filter would show everything and look like an answer.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, ClassVar, TypeVar, cast

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from django_filters import BooleanFilter, NumberFilter
from rest_framework.generics import ListAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.settings import api_settings

from core.errors import FIELD_NAME, Fault, Invalid
from core.exports import Csv, Table, Xlsx, csv_answer, xlsx_answer
from core.ordering import Rows, orders_of
from core.paging import JournalPages, Pages
from core.replica import rows_aside

__all__ = ["JournalPages", "Listing", "Pages"]

WHOLE = re.compile(r"[0-9]{1,18}", re.ASCII)
M = TypeVar("M", bound=Model)


class Listing(ListAPIView[M]):
    """A list of the API. `orderings` and `rows_are` say by what it is ordered (core.ordering);
    `parameters` are names that the view reads itself, beside those of its filters."""

    renderer_classes: Sequence[type[BaseRenderer]] = [JSONRenderer, Csv, Xlsx]
    orderings: ClassVar[Mapping[str, str]] = {}
    rows_are: ClassVar[Rows] = Rows.MODELS
    parameters: ClassVar[Collection[str]] = ()

    def get_renderers(self) -> list[BaseRenderer]:
        """Only what is read can be had as a file; a write on the same route answers as any other."""
        renderers = list(super().get_renderers())
        is_read = self.request is None or self.request.method in {"GET", "HEAD", "OPTIONS"}
        return renderers if is_read else [r for r in renderers if not isinstance(r, Csv | Xlsx)]

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self._refuse_unknown(request)
        rows = self.asked()
        answer = {"csv": csv_answer, "xlsx": xlsx_answer}.get(str(request.accepted_renderer.format))
        if answer is not None:
            return cast(
                "Response", answer(request, self._table(rows_aside(rows)))
            )  # any answer of Django's will do
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(self.shaped(page).data)

    def asked(self) -> Any:
        """The rows that are asked for, in their order: a query, or a sequence."""
        return self.filter_queryset(self.get_queryset())

    def shaped(self, rows: Sequence[M]) -> BaseSerializer[Any]:
        """The rows of a page in the list's shape."""
        return self.get_serializer(rows, many=True)

    def _table(self, rows: Any) -> Table:
        """All rows in the order of the screen; a journal's order is its pages' order."""
        if isinstance(self.paginator, CursorPagination) and isinstance(rows, QuerySet):
            rows = rows.order_by(*self.paginator.get_ordering(self.request, rows, self))
        name = self.request.path.strip("/").removeprefix("api/v1/").replace("/", "-")
        return Table(name, rows, self.shaped)

    def _refuse_unknown(self, request: Request) -> None:
        faults = [
            Fault(
                f"/{name if FIELD_NAME.fullmatch(name) else '?'}",
                "unknown_parameter",
                _("This list knows no such filter."),
            )
            for name in request.query_params
            if name not in self._known()
        ]
        faults += [Fault(f"/{name}", "invalid", words) for name, words in self._malformed(request)]
        if faults:
            raise Invalid(faults=faults)

    def _malformed(self, request: Request) -> Iterator[tuple[str, str]]:
        """What the framework would pass over in silence, as if it had not been asked."""
        for name, text in request.query_params.dict().items():
            if name in {"page", "page_size"} and not (WHOLE.fullmatch(text) and int(text)):
                yield name, _("A whole number from 1 on is needed.")
            # Numbers are those of rows; the framework would take 0.5 for one that no row has.
            if isinstance(self._filters().get(name), NumberFilter) and text and not WHOLE.fullmatch(text):
                yield name, _("A whole number is needed.")
            if isinstance(self._filters().get(name), BooleanFilter) and text.lower() not in {
                "true",
                "false",
                "",
            }:
                yield name, _("This is true or false.")

    def _filters(self) -> Mapping[str, Any]:
        return getattr(getattr(self, "filterset_class", None), "base_filters", {})

    def _known(self) -> set[str]:
        by_cursor = hasattr(self.paginator, "cursor_query_param")
        paging = {"page_size", "cursor" if by_cursor else "page"}
        ordering = {"ordering"} if orders_of(type(self)) else set()
        return {
            api_settings.URL_FORMAT_OVERRIDE or "",
            *self._filters(),
            *paging,
            *ordering,
            *self.parameters,
        }
