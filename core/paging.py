"""Pages with a size the client may choose, and cursor pages for journals."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination, PageNumberPagination
from rest_framework.request import Request

from core.ordering import orders_of

PAGE_SIZE = 50
PAGE_SIZE_LIMIT = 200


class Pages(PageNumberPagination):
    page_size = PAGE_SIZE
    page_size_query_param = "page_size"
    max_page_size = PAGE_SIZE_LIMIT
    invalid_page_message: Any = _("There is no such page; they are counted from 1.")


class JournalPages(CursorPagination):
    """Newest first, by the order of the book; the cost of a page does not grow with the journal."""

    page_size = PAGE_SIZE
    page_size_query_param = "page_size"
    max_page_size = PAGE_SIZE_LIMIT
    book = "id"
    ordering = "-id"

    def decode_cursor(self, request: Request) -> Any:
        """A position is the id of an entry; anything else in its place was never given out."""
        cursor = super().decode_cursor(request)
        position = None if cursor is None or cursor.position is None else str(cursor.position)
        if position is not None and not (position.isascii() and position.isdecimal() and len(position) < 19):
            raise NotFound(self.invalid_cursor_message)
        return cursor

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        """A journal has one order, that of its book, and is read from either end."""
        names = list(orders_of(type(view)))
        is_old_first = names and request.query_params.get("ordering") == names[0]
        return (self.book,) if is_old_first else (f"-{self.book}",)


class CountedPages(JournalPages):
    """Of a journal that counts each county's entries by itself; a cursor tells such a number too."""

    book = "number"
    ordering = "-number"
