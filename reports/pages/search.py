"""Search over everything: one field, and what the API's lists know of it, kind by kind.

The words travel in the body, never in an address: they may be a donor's name. Donors are found by their exact name
or phone alone, and each such search is logged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.pages import Cell, Page, Reply
from core.pages.tables import Row
from core.receipt_codes import ReceiptCodeError, grouped, plain_code
from core.short_codes import parse_short_code
from inventory.models import Pack

SHOWN = 10
LONGEST = 80


@dataclass(frozen=True)
class Kind:
    """What is found by one list: who may open `screen`, which takes the same query, searches `route` by `by`.

    `words` makes of what was typed what the list takes, "" where it can't be meant. Without `by` they stand in the
    route, or are sent as a body. `show` makes the cell of a row; what leads to the same page stands once, under the
    first kind that finds it.
    """

    title: Any
    screen: str
    route: str
    by: str
    show: Callable[[Row], Cell]
    words: Callable[[str], str] = str


@dataclass(frozen=True)
class Found:
    title: Any
    cells: Sequence[Cell]
    more: str


def _receipt(words: str) -> str:
    try:
        return plain_code(words, 17)
    except ReceiptCodeError:
        return ""


def _code(words: str) -> str:
    return parse_short_code(words) or ""


def _donation(row: Row) -> Cell:
    words = f"{grouped(row['receipt_code'])} · {row['received_on']}"
    return Cell(words, link=reverse("donation", args=[row["id"]]))


def _medicine(row: Row) -> Cell:
    return Cell(f"{row['generic_name']} {row['strength']}", link=reverse("medicine", args=[row["code"]]))


def _batch(row: Row) -> Cell:
    parts = [row["name"], row["lot_number"], row["last_usable_day"], Pack(row["pack"]).label]
    return Cell(" · ".join(str(part) for part in parts if part), link=reverse("batch", args=[row["batch"]]))


def _label(row: Row) -> Cell:
    return Cell(f"{row['name']} · {row['lot_number']}", link=reverse("batch", args=[row["batch"]]))


def _place(row: Row) -> Cell:
    return Cell(f"{row['name']} ({row['code']})", link=f"{reverse('places')}?{urlencode({'q': row['code']})}")


def _unit(row: Row) -> Cell:
    return Cell(row["name"], link=f"{reverse('work-units')}?{urlencode({'name': row['name']})}")


def _person(row: Row) -> Cell:
    return Cell(f"{row['name']} ({row['username']})", link=reverse("person", args=[row["id"]]))


def _kit(row: Row) -> Cell:
    return Cell(
        f"{row['name']} · {row['code']}", link=f"{reverse('kits')}?{urlencode({'code': row['code']})}"
    )


def _once(cells: Iterable[Cell], shown: set[str]) -> Iterator[Cell]:
    """A batch on two shelves is one page, and a donation found twice one donation."""
    for cell in cells:
        if cell.link not in shown:
            shown.add(cell.link)
            yield cell


KINDS = (
    Kind(_("Donations by receipt code"), "donations", "donations/", "receipt_code", _donation, _receipt),
    # Whose it is to know donors, may open this list of theirs; not everybody who may see donations.
    Kind(_("Donations by donor"), "donor-returns", "donations/find/", "", _donation),
    Kind(_("Stock by the code of its label"), "stock", "label-codes/{}/", "", _label, _code),
    Kind(_("Health kits"), "kits", "kits/", "code", _kit, _code),
    Kind(_("Medicines"), "medicines", "medicines/", "q", _medicine),
    Kind(_("Stock by medicine or lot"), "stock", "stock/", "q", _batch),
    Kind(_("Places"), "places", "places/", "q", _place),
    Kind(_("Work units"), "work-units", "work-units/", "name", _unit),
    Kind(_("People"), "people", "people/", "q", _person),
)


class SearchPage(Page):
    template = "reports/search.html"
    title = _("Search")
    help = _(
        "Medicines by name, pinyin, initials or code; stock also by lot; donations by receipt code, or by the exact"
        " name or phone of the donor. Searches for donors are logged."
    )

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page()

    def post(self, request: HttpRequest) -> HttpResponse:
        words = " ".join(request.POST.get("q", "").split())[:LONGEST]
        may_open = request.may_open  # type: ignore[attr-defined]
        asked = [kind for kind in KINDS if words and may_open(reverse(kind.screen))]
        shown: set[str] = set()
        found = [each for kind in asked if (each := self._found(kind, words, shown)).cells]
        return self.page(q=words, found=found)

    def _found(self, kind: Kind, words: str, shown: set[str]) -> Found:
        """What one kind knows, without what is `shown` already."""
        meant = kind.words(words)
        # Whom a list is closed to, and what it can't read, is found nowhere in it.
        reply = self._asked(kind, meant) if meant else None
        data: Any = reply.data if reply and reply.ok else []
        rows = data.get("results", [data]) if isinstance(data, dict) else data[:SHOWN]
        cells = list(_once(map(kind.show, rows), shown))
        is_part = isinstance(data, dict) and data.get("next")
        more = f"{reverse(kind.screen)}?{urlencode({kind.by: meant})}" if is_part else ""
        return Found(kind.title, cells, more)

    def _asked(self, kind: Kind, meant: str) -> Reply:
        if kind.by:
            return self.ask("GET", kind.route, query={kind.by: meant, "page_size": str(SHOWN)})
        if "{}" in kind.route:
            return self.ask("GET", kind.route.format(meant))
        return self.ask("POST", kind.route, {"donor": meant})
