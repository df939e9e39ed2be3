"""Figures of a period: what may be counted, the account by medicine, and the lines behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalogue.models import Medicine
from core.api import act_of
from core.language import in_language
from core.pages import Cell, Column, Field, ListPage, Page, Reply
from core.pages.tables import Row
from organisation.access import access_of
from organisation.queries import place_names, townships_of
from reports.figures_api import CUTS
from reports.files.words import CATEGORIES, ENGLISH, local_moment
from reports.pages.account import account_heads, account_rows
from reports.pages.parts import part_of

COUNTS = (
    ("donations", _("Donations registered")),
    ("donations_voided", _("of these voided")),
    ("kinds_accepted", _("Kinds of medicine accepted")),
    ("kinds_allotted", _("Kinds allotted to clinics")),
    ("hand_outs", _("Hand-outs to people")),
)


def counts_shown(counts: Mapping[str, Any]) -> list[tuple[Any, int]]:
    return [(words, counts[name]) for name, words in COUNTS]


# What is held equal, in words.
IDENTITIES = {
    "items": _("before stock: opening + in = out + closing"),
    "rejects": _("rejected goods: opening + in = out + closing"),
    "stock": _("stock: opening + in = out + closing"),
    "road": _("road: opening + dispatched = received + lost + closing"),
    "dispatched": _("dispatched = sent by every route"),
    "left_for_the_road": _("left stock = dispatched"),
    "arrived_from_the_road": _("arrived in stock = received from the road"),
    "rejected_by_reason": _("rejected = sum by reason"),
    "rejected_into_bin": _("rejected = put into the sealed bin"),
    "dispensed_by_age": _("handed out = sum by age band"),
}


class FiguresPage(Page):
    template = "reports/figures.html"
    title = _("Figures")
    help = _(
        "What came in and where it went, from the books at this moment. Units are never added across medicines."
    )

    def get(self, request: HttpRequest) -> HttpResponse:
        on = act_of(request).on
        given = {name: request.GET.get(name, "") for name in ("from", "to", *CUTS)}
        given["from"] = given["from"] or on.replace(day=1).isoformat()
        given["to"] = given["to"] or on.isoformat()
        query = {name: value for name, value in given.items() if value}
        reply = self.ask("GET", "figures/", query=query)
        fields = [
            replace(each, value=given[each.name], faults=_said(reply, f"/{each.name}"))
            for each in _asked_by(self.request)
        ]
        shown = {"fields": fields, "query": urlencode(query), "detail": reply.detail, **_lists(request)}
        return self.page(reply.status, **shown, **(_told(request, reply.data) if reply.ok else {}))


def _asked_by(request: HttpRequest) -> list[Field]:
    """A period, and what to narrow the figures to."""
    townships = [(each.code, each.name) for each in townships_of(access_of(request).county_id)]
    categories = [(code, in_language(zh, ENGLISH.get(zh, code))) for code, zh in CATEGORIES.items()]
    everything = ("", _("all"))
    return [
        Field("from", _("From day"), "date"),
        Field("to", _("To day"), "date"),
        Field("place", _("Place"), hints={"list": "places", "autocomplete": "off"}),
        Field("township", _("Township"), "select", options=[everything, *townships]),
        Field("medicine", _("Medicine"), hints={"list": "medicines", "autocomplete": "off"}),
        Field("category", _("Category"), "select", options=[everything, *categories]),
    ]


def _lists(request: HttpRequest) -> dict[str, Any]:
    return {
        "places": place_names(access_of(request).county_id),
        "medicines": Medicine.objects.values_list("code", "generic_name", "strength"),
    }


def _told(request: HttpRequest, found: Mapping[str, Any]) -> dict[str, Any]:
    """本期 and 累计, each with its account and its identities."""
    zone = access_of(request).person.county.time_zone
    spans = [(_("This period"), found), (_("Since the beginning"), found["cumulative"])]
    told = [(words, span) for words, span in spans if span]
    asked = request.GET.dict()
    return {
        "figures": found,
        "as_of": f"{local_moment(str(found['as_of']), zone):%Y-%m-%d %H:%M}",
        "hold": all(span["identities_hold"] for _words, span in told),
        "counts": [
            (words, [span["counts"][name] for _words, span in told])
            for name, words in COUNTS
            if found["counts"][name] is not None
        ],
        "spans": [
            (words, span, part_of(account_rows(span), account_heads(span), asked), _sums(span["identities"]))
            for words, span in told
        ],
    }


def _sums(identities: Sequence[Mapping[str, Any]]) -> list[tuple[str, int, list[Mapping[str, Any]]]]:
    """Each identity's name, how often it was checked, and where it does not hold."""
    names = dict.fromkeys(each["name"] for each in identities)
    of = {name: [each for each in identities if each["name"] == name] for name in names}
    return [
        (IDENTITIES.get(name, name), len(of[name]), [each for each in of[name] if not each["holds"]])
        for name in names
    ]


def _said(reply: Reply, pointer: str) -> list[str]:
    return [fault["message"] for fault in reply.faults if fault["pointer"] == pointer]


class PeriodList(ListPage):
    """A table of the figures: it needs a period, this month's where none is given."""

    template = "reports/figures_list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        on = act_of(request).on
        asked = request.GET.copy()
        asked.setdefault("from", on.replace(day=1).isoformat())
        asked.setdefault("to", on.isoformat())
        request.GET = asked  # type: ignore[assignment]
        return super().get(request)

    def filters(self) -> Sequence[Field]:
        return _asked_by(self.request)

    def context(self) -> Mapping[str, Any]:
        return _lists(self.request)


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
    empty = _("Nothing was received in this period. Choose other days.")
    columns = [
        Column("day"),
        Column("drop_off_point_name", title=_("Drop-off point")),
        Column("medicine", _medicine, _("Medicine")),
        Column("manufacturer"),
        Column("lot_number"),
        Column("last_usable_day"),
        Column("quantity", _quantity),
    ]


class AllottedPage(PeriodList):
    title = _("Allotted")
    help = _("What was allotted to each clinic, by day, medicine and lot.")
    route = "figures/allotted/"
    empty = _("Nothing was allotted in this period. Choose other days.")
    columns = [
        Column("day"),
        Column("clinic_name", title=_("Clinic")),
        Column("medicine", _medicine, _("Medicine")),
        Column("lot_number"),
        Column("last_usable_day"),
        Column("quantity", _quantity),
    ]
