"""Pages with a size the client may choose, cursor pages for journals, and the order of a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound
from rest_framework.filters import BaseFilterBackend
from rest_framework.pagination import CursorPagination, PageNumberPagination
from rest_framework.request import Request

from core.errors import Fault, Invalid

PAGE_SIZE = 50
PAGE_SIZE_LIMIT = 200


class Pages(PageNumberPagination):
    page_size = PAGE_SIZE
    page_size_query_param = "page_size"
    max_page_size = PAGE_SIZE_LIMIT


class JournalPages(CursorPagination):
    """Newest first, by the order of the book; the cost of a page does not grow with the journal."""

    page_size = PAGE_SIZE
    page_size_query_param = "page_size"
    max_page_size = PAGE_SIZE_LIMIT
    ordering = "-id"

    def decode_cursor(self, request: Request) -> Any:
        """A position is the id of an entry; anything else in its place was never given out."""
        cursor = super().decode_cursor(request)
        position = None if cursor is None or cursor.position is None else str(cursor.position)
        if position is not None and not (position.isascii() and position.isdecimal() and len(position) < 19):
            raise NotFound(self.invalid_cursor_message)
        return cursor


class Ordering(BaseFilterBackend):
    """`ordering=name,-other`: by names that the list gives in `orderings`, what is not known last."""

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        asked = request.query_params.get("ordering", "")
        known: Mapping[str, str] = getattr(view, "orderings", {})
        if not asked or not known:
            return queryset
        names = asked.split(",")
        if any(name.removeprefix("-") not in known for name in names):
            words = _("This list is ordered by %(names)s.") % {"names": ", ".join(known)}
            raise Invalid(faults=[Fault("/ordering", "invalid_choice", words)])
        orders = [_order(known[name.removeprefix("-")], name.startswith("-")) for name in names]
        return queryset.order_by(*orders, "pk")

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        if not getattr(view, "orderings", {}):
            return []
        words = f"By {', '.join(view.orderings)}; a minus before a name turns its order round."
        return [
            {"name": "ordering", "in": "query", "description": words, "schema": {"type": "string"}},
        ]


def _order(path: str, is_falling: bool) -> Any:
    return F(path).desc(nulls_last=True) if is_falling else F(path).asc(nulls_last=True)
