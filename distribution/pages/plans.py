"""Plans: their list, drafting one, and the workbench on which it is looked at, changed, handed in and approved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.api import act_of
from core.pages import Cell, Column, Field, ListPage, Page, Reply
from core.pages.tables import Row
from distribution.models import Plan
from distribution.pages.levels import Level, LevelChart, levels_of, percent
from distribution.pages.words import LEVELS, expiry_cell, medicines, place_column
from organisation.access import access_of
from organisation.queries import place_names, townships

SHOWN = "60"
ALL = "200"
TONES = {Plan.State.DRAFT: "plain", Plan.State.SUBMITTED: "wait", Plan.State.APPROVED: "good"}
LIMITS = {
    "no_need": _("needs nothing"),
    "need": _("need is met"),
    "request": _("its own request"),
    "expiry": _("expiry"),
    "stock": _("the stock there is"),
    "no_course": _("less than a course left"),
    "no_profile": _("no figures of the clinic"),
}
UNUSED = {
    "expired": _("has expired"),
    "unusable": _("nobody can use it before it expires"),
    "surplus": _("needs are met without it"),
    "remainder": _("less than the smallest quantity sent"),
}


def plan_cell(state: str) -> Cell:
    known = Plan.State(state)
    return Cell(known.label, tone=TONES.get(known, "plain"))


class PlansPage(ListPage):
    template = "distribution/plans.html"
    title = _("Plans")
    help = _(
        "Who gets what. A plan is drafted as fairly as it can be done, changed with reasons, and approved."
    )
    route = "plans/"
    empty = _("There are no plans yet. Draft one from what is in stock.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        names = dict(townships(access_of(self.request).county_id).values_list("code", "name"))
        return [
            Column("id", lambda row: Cell(row["id"], link=reverse("plan", args=[row["id"]]))),
            Column("status", lambda row: plan_cell(row["status"])),
            Column("level", lambda row: Cell(LEVELS[Plan.Level(row["level"])])),
            place_column("township", {**names, None: ""}),  # type: ignore[dict-item]
            Column("period"),
            Column("totals", _totals),
            Column("planned_on"),
            Column("recalled_lines", _warnings, _("Watch")),
        ]

    def filters(self) -> Sequence[Field]:
        levels = [("", _("all")), *LEVELS.items()]
        return [
            Field("status", _("State"), "select", options=[("", _("all")), *Plan.State.choices]),
            Field("level", _("For whom"), "select", options=levels),
        ]

    def context(self) -> dict[str, Any]:
        return {"may_draft": self.request.may_open(reverse("plan-new"))}  # type: ignore[attr-defined]


def _some(names: Sequence[str]) -> str:
    """The first of many names, and how many more there are."""
    if len(names) <= 2:
        return "、".join(names)
    return gettext("%(first)s and %(more)d more places") % {"first": names[0], "more": len(names) - 1}


def _totals(row: Row) -> Cell:
    words = gettext("%(medicines)d medicines, %(clinics)d clinics, %(lines)d lines")
    return Cell(words % row["totals"])


def _warnings(row: Row) -> Cell:
    found = []
    if row["recalled_lines"]:
        words = gettext("%(lines)d lines recalled") % {"lines": row["recalled_lines"]}
        found.append(Cell(words, tone="bad"))
    if row["expired_lines"]:
        words = gettext("%(lines)d lines expired") % {"lines": row["expired_lines"]}
        found.append(Cell(words, tone="bad"))
    if row["expired_shipments"]:
        words = gettext("%(shipments)d shipments lapsed") % {"shipments": row["expired_shipments"]}
        found.append(Cell(words, tone="wait"))
    return Cell(lines=found)


class PlanPage(Page):
    """One medicine of the plan at a time: bars of all clinics, and the table with reasons and lines behind them."""

    template = "distribution/plan.html"
    help = _("Who gets how much of each medicine, and what limited it.")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        reply = self.ask("GET", f"plans/{pk}/")
        if not reply.ok:
            return self.refused(reply)
        plan, known = reply.data, medicines()
        keys = plan["cuts"]["medicines"] if plan["cuts"] else {}
        codes = sorted({code for key in keys for code in key.split("+")})
        chosen = request.GET.get("medicine", "")
        chosen = chosen if chosen in codes else next(iter(codes), "")
        names = place_names(access_of(request).county_id)
        return self.page(
            title=gettext("Plan %(number)d") % {"number": pk},
            plan=plan,
            state=plan_cell(plan["status"]),
            level=LEVELS[Plan.Level(plan["level"])],
            totals=_totals(plan).text,
            warnings=_warnings(plan).lines,
            suppliers=_some([names.get(code, code) for code in plan["from_places"]]),
            medicines=[(code, known[code], code == chosen) for code in codes if code in known],
            medicine=known.get(chosen),
            leftovers=self._leftovers(plan["leftovers"], known, names),
            bands=plan["bands"],
            groups=[[str(known[code]) for code in group] for group in plan["interchangeable"]],
            steps=self._steps(plan),
            **self._shares(pk, chosen, names, is_draft=plan["status"] == Plan.State.DRAFT),
        )

    def _shares(self, pk: int, medicine: str, names: Mapping[str, str], *, is_draft: bool) -> dict[str, Any]:
        query = {"medicine": medicine, "page": self.request.GET.get("page", "1"), "page_size": SHOWN}
        shares = self.ask("GET", f"plans/{pk}/clinics/", query=query)
        lines = self.ask("GET", f"plans/{pk}/lines/", query={"medicine": medicine, "page_size": ALL})
        rows = shares.data["results"] if shares.ok else []
        given: dict[str, list[Row]] = defaultdict(list)
        for line in lines.data["results"] if lines.ok else []:
            given[line["clinic"]].append(line)
        may_change = is_draft and self.request.may_open(reverse("plan-line", args=[pk, 1]))  # type: ignore[attr-defined]
        return {
            "rows": [
                {
                    **row,
                    "name": names.get(row["clinic"], row["clinic"]),
                    "limit": LIMITS.get(row["limited_by"], row["limited_by"]),
                    "levels": _levels(row),
                    "lines": given[row["clinic"]],
                }
                for row in rows
            ],
            "chart": _chart(rows, names),
            "may_change": may_change,
            "previous": shares.ok and shares.data["previous"] and int(query["page"]) - 1,
            "next": shares.ok and shares.data["next"] and int(query["page"]) + 1,
        }

    def _leftovers(
        self, rows: Sequence[Row], known: Mapping[str, Any], names: Mapping[str, str]
    ) -> list[dict[str, Any]]:
        on = act_of(self.request).on
        return [
            {
                **row,
                "name": str(known[row["medicine"]]),
                "unit": known[row["medicine"]].smallest_unit,
                "place": names.get(row["place"], row["place"]),
                "expiry": expiry_cell(row["last_usable_day"], on),
                "why": UNUSED.get(row["reason"], row["reason"]),
            }
            for row in sorted(rows, key=lambda row: (row["last_usable_day"] or str(on.max), row["medicine"]))
        ]

    def _steps(self, plan: Row) -> list[tuple[str, Any, str]]:
        """What the person may do with the plan now: address, words, look."""
        possible = {
            Plan.State.DRAFT: [
                ("plan-submit", _("Hand in for approval"), ""),
                ("plan-recompute", _("Compute anew"), "second"),
                ("plan-cancel", _("Give up"), "second"),
            ],
            Plan.State.SUBMITTED: [
                ("plan-approve", _("Approve"), ""),
                ("plan-recompute", _("Compute anew"), "second"),
                ("plan-cancel", _("Give up"), "second"),
            ],
            Plan.State.APPROVED: [
                *([] if plan["published_on"] else [("plan-publish", _("Publish"), "second")]),
                ("plan-cancel", _("Give up"), "second"),
            ],
        }
        found = [
            (reverse(name, args=[plan["id"]]), words, look)
            for name, words, look in possible.get(Plan.State(plan["status"]), [])
        ]
        return [step for step in found if self.request.may_open(step[0])]  # type: ignore[attr-defined]


def _levels(row: Row) -> list[str]:
    return [] if row["level_before"] is None else [percent(level) for level in levels_of(row)]


def _chart(rows: Sequence[Row], names: Mapping[str, str]) -> LevelChart | None:
    levels = [
        Level(names.get(row["clinic"], row["clinic"]), *levels_of(row))
        for row in rows
        if row["level_before"] is not None
    ]
    return LevelChart(levels) if levels else None
