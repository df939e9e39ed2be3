"""Lists: pages with a size the client may choose, and cursor pages for journals."""

from __future__ import annotations

from rest_framework.pagination import CursorPagination, PageNumberPagination

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
