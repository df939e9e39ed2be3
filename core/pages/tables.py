"""One table for every list of the API: its columns, order, filters, pages and files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import east_asian_width
from urllib.parse import parse_qs, urlencode, urlsplit

from django.utils.translation import gettext as _

from core.headings import heading
from core.pages.calls import API, Reply
from core.pages.forms import Field

Row = Mapping[str, Any]
# A cell of more lines than these shows the first of them.
LINES_MOST, LINES_SHOWN = 8, 5


@dataclass(frozen=True)
class Cell:
    """What stands in a cell: words, perhaps a link, perhaps as a badge of a tone (good, wait, bad, plain).

    `lines` stand below each other, `note` stands small below all: the technical name of what the words say. A tone
    never says anything that the words do not.
    """

    text: Any = ""
    link: str = ""
    tone: str = ""
    lines: Sequence[Any] = ()
    number: bool = False
    note: str = ""

    @property
    def shown(self) -> Sequence[Any]:
        """Of many lines the first few; the others fold away."""
        return self.lines if len(self.lines) <= LINES_MOST else self.lines[:LINES_SHOWN]

    @property
    def folded(self) -> Sequence[Any]:
        return self.lines[len(self.shown) :]

    @property
    def kind(self) -> str:
        """How it is set: numbers to the right, what is short (a day, a code) on one line."""
        text = str(self.text)
        wide = sum(east_asian_width(letter) in "WF" for letter in text)
        is_short = 0 < len(text) < 24 and wide < 9 and not self.note
        names = (("number", self.number), ("short", is_short), ("several", self.lines))
        return " ".join(name for name, holds in names if holds)


@dataclass(frozen=True)
class Column:
    """A column by the name it has in the list's shape; `show` makes its cell of a row."""

    name: str
    show: Callable[[Row], Cell] | None = None
    title: Any = ""

    def cell(self, row: Row) -> Cell:
        return self.show(row) if self.show else plain(row.get(self.name))

    @property
    def heading(self) -> str:
        return str(self.title or heading(self.name))


@dataclass(frozen=True)
class Head:
    """The head of a column; `link` turns the order, `order` is how aria-sort calls it."""

    text: str
    link: str = ""
    order: str = ""


class Table:
    """A page of a list as it is shown. `query` is the address's own, without what is empty."""

    def __init__(
        self,
        reply: Reply,
        *,
        route: str,
        query: Mapping[str, str],
        columns: Sequence[Column],
        orderings: Mapping[str, str],
        filters: Sequence[Field],
        empty: Any,
    ) -> None:
        data: dict[str, Any] = reply.data if reply.ok else {"results": []}
        self.query, self.empty = query, empty
        self.faults = [fault["message"] for fault in reply.faults] or [
            each for each in [reply.detail] if each
        ]
        self.heads = [self._head(column, orderings) for column in columns]
        self.rows = [[(column.heading, column.cell(row)) for column in columns] for row in data["results"]]
        self.count = data.get("count")
        self.previous = self._page(data.get("previous"))
        self.next = self._page(data.get("next"))
        self.filters = filters
        self.is_filtered = any(query.get(each.name) for each in filters)
        asked = {name: value for name, value in query.items() if name not in {"page", "cursor", "page_size"}}
        self.files = [
            (words, _file_address(route, asked, name))
            for name, words in (("xlsx", _("Spreadsheet")), ("csv", "CSV"))
        ]

    def _head(self, column: Column, orderings: Mapping[str, str]) -> Head:
        # A column of the row's number under another heading holds what may be done with the row.
        is_deed = column.name == "id" and column.title
        if column.name not in orderings or is_deed or not column.heading.strip():
            return Head(column.heading)
        now = self.query.get("ordering", "")
        order = {column.name: "ascending", f"-{column.name}": "descending"}.get(now, "none")
        turned = f"-{column.name}" if order == "ascending" else column.name
        kept = {name: value for name, value in self.query.items() if name not in {"page", "cursor"}}
        return Head(column.heading, "?" + urlencode({**kept, "ordering": turned}), order)

    def _page(self, address: str | None) -> str:
        """The same page of this screen as an address of the API names."""
        if not address:
            return ""
        named = parse_qs(urlsplit(address).query)
        kept = {name: value for name, value in self.query.items() if name not in {"page", "cursor"}}
        kept.update((name, named[name][0]) for name in ("page", "cursor") if name in named)
        return "?" + urlencode(kept)


def _file_address(route: str, asked: dict[str, str], name: str) -> str:
    asked = {**asked, "format": name}
    return f"{API}{route}?{urlencode(asked)}"


def plain(value: Any) -> Cell:
    """A value of the API in words."""
    if value is None or value == "":
        return Cell("")
    if isinstance(value, bool):
        return Cell(_("yes") if value else _("no"))
    if isinstance(value, int):
        return Cell(value, number=True)
    if isinstance(value, list):
        return Cell(lines=value)
    return Cell(value)
