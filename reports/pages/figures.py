"""Figures of a period: what may be counted, the account by medicine, and the lines behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.api import act_of
from core.pages import Cell, Column, Field, ListPage, Page, Reply
from core.pages.tables import Row
from reports.pages.account import account_heads, account_rows

COUNTS = (
    ("donations", _("Donations registered")),
    ("kinds_accepted", _("Kinds of medicine accepted")),
    ("kinds_allotted", _("Kinds allotted to clinics")),
    ("hand_outs", _("Hand-outs to people")),
)


def counts_shown(counts: Mapping[str, Any]) -> list[tuple[Any, int]]:
    return [(words, counts[name]) for name, words in COUNTS]


class FiguresPage(Page):
    template = "reports/figures.html"
    title = _("Figures")
    help = _(
        "What came in and where it went, from the books at this moment. Units are never added across medicines."
    )

    def get(self, request: HttpRequest) -> HttpResponse:
        on = act_of(request).on
        query = {
            "from": request.GET.get("from") or on.replace(day=1).isoformat(),
            "to": request.GET.get("to") or on.isoformat(),
        }
        reply = self.ask("GET", "figures/", query=query)
        fields = [
            Field("from", _("From day"), "date", value=query["from"], faults=_said(reply, "/from")),
            Field("to", _("To day"), "date", value=query["to"], faults=_said(reply, "/to")),
        ]
        shown: dict[str, Any] = {
            "fields": fields,
            "query": query,
            "detail": reply.detail,
            "heads": account_heads(),
        }
        if reply.ok:
            shown |= {
                "figures": reply.data,
                "rows": account_rows(reply.data),
                "counts": counts_shown(reply.data["counts"]),
            }
        return self.page(reply.status, **shown)


def _said(reply: Reply, pointer: str) -> list[str]:
    return [fault["message"] for fault in reply.faults if fault["pointer"] == pointer]


class PeriodList(ListPage):
    """A table of the figures: it needs a period, this month's where none is given."""

    def get(self, request: HttpRequest) -> HttpResponse:
        on = act_of(request).on
        asked = request.GET.copy()
        asked.setdefault("from", on.replace(day=1).isoformat())
        asked.setdefault("to", on.isoformat())
        request.GET = asked  # type: ignore[assignment]
        return super().get(request)

    def filters(self) -> Sequence[Field]:
        return [Field("from", _("From day"), "date"), Field("to", _("To day"), "date")]


def _medicine(row: Row) -> Cell:
    return Cell(
        f"{row['generic_name'] or ''} {row['strength'] or ''}".strip() or gettext("not in the catalogue")
    )


def _quantity(row: Row) -> Cell:
    return Cell(f"{row['quantity']} {row['unit'] or ''}", number=True)


class ReceivedPage(PeriodList):
    title = _("Received")
    help = _("What was registered, by day, medicine, lot and drop-off point. No donor stands in it.")
    route = "figures/received/"
    empty = _("Nothing was received in this period.")
    columns = [
        Column("day"),
        Column("drop_off_point_name", title=_("Drop-off point")),
        Column("medicine", _medicine, _("Medicine")),
        Column("lot_number"),
        Column("last_usable_day"),
        Column("quantity", _quantity),
    ]


class AllottedPage(PeriodList):
    title = _("Allotted")
    help = _("What was allotted to each clinic, by day, medicine and lot.")
    route = "figures/allotted/"
    empty = _("Nothing was allotted in this period.")
    columns = [
        Column("day"),
        Column("clinic_name", title=_("Clinic")),
        Column("medicine", _medicine, _("Medicine")),
        Column("lot_number"),
        Column("last_usable_day"),
        Column("quantity", _quantity),
    ]
