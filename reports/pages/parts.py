"""Long tables that are no list of the API, in parts: sorted by a click, a page at a time.

Such a table's rows are dicts with a `name` and `cells`, of which the second is a number. The address says which part
(`page`) and in which order (`ordering`: the number of a column, 0 for the name, a minus before it for falling).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from core.pages.tables import Head

SIZE = 25
NUMBER = re.compile(r"-?[0-9]{1,2}")


@dataclass(frozen=True)
class Part:
    rows: Sequence[Mapping[str, Any]]
    name: Head
    heads: Sequence[Head]
    count: int
    previous: str
    next: str


def part_of(rows: Sequence[Mapping[str, Any]], heads: Sequence[Any], query: Mapping[str, str]) -> Part:
    """The part of these rows that the address asks for; what it cannot mean is passed over."""
    order, falls = _order(query.get("ordering", ""), len(heads))
    found = list(rows)
    if order is not None:
        found.sort(key=lambda row: row["name"] if order == 0 else row["cells"][order - 1][1], reverse=falls)
    last = max(1, -(-len(found) // SIZE))
    page = min(last, max(1, int(query["page"]) if query.get("page", "").isdecimal() else 1))
    kept = {name: value for name, value in query.items() if name not in {"page", "ordering"}}
    asked = kept | ({"ordering": query["ordering"]} if order is not None else {})
    links = [
        f"?{urlencode({**asked, 'page': str(at)})}" if 1 <= at <= last else "" for at in (page - 1, page + 1)
    ]
    titles = [_head("", 0, kept, order, falls=falls)]
    titles += [_head(str(head), at, kept, order, falls=falls) for at, head in enumerate(heads, start=1)]
    return Part(found[SIZE * (page - 1) : SIZE * page], titles[0], titles[1:], len(found), *links)


def _order(text: str, columns: int) -> tuple[int | None, bool]:
    if not NUMBER.fullmatch(text) or int(text.lstrip("-")) > columns:
        return None, False
    return int(text.lstrip("-")), text.startswith("-")


def _head(text: str, at: int, kept: Mapping[str, str], order: int | None, *, falls: bool) -> Head:
    """Figures are wanted from the largest down, names from their first letter on."""
    if order != at:
        turned, said = (f"-{at}" if at else "0"), "none"
    else:
        turned, said = (str(at), "descending") if falls else (f"-{at}", "ascending")
    return Head(text, "?" + urlencode({**kept, "ordering": turned}), said)
