"""The county's rules by medicine: how much one hand-out may give, and how much a place may keep for itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.pages import Cell, Column, Field, Form, FormPage, ListPage, Reply
from core.pages.tables import Row
from distribution.api.limits import LimitsInput
from distribution.api.local_uses import RulesInput
from distribution.pages.fields import COUNT, NamesMedicines


class RulesPage(ListPage):
    """A list of rules; who may set them finds a link in each row and one for a new rule."""

    template = "distribution/rules.html"
    setting = ""

    def context(self) -> Mapping[str, Any]:
        return {"setting": reverse(self.setting) if self.may_set else ""}

    @cached_property
    def may_set(self) -> bool:
        return bool(self.request.may_open(reverse(self.setting)))  # type: ignore[attr-defined]

    def change(self, row: Row) -> Cell:
        address = f"{reverse(self.setting)}?{urlencode({'medicine': row['medicine'] or ''})}"
        return Cell(gettext("Change"), link=address) if self.may_set else Cell("")


class RuleSetPage(NamesMedicines, FormPage):
    """One rule, for the medicine that is typed or named in the address (?medicine=…)."""

    template = "distribution/rule_set.html"
    button = _("Save")
    said = _("The rule is saved.")
    method = "PUT"
    listed = ""

    @cached_property
    def rule(self) -> Row:
        """The rule there is for the medicine of the address, else nothing."""
        asked = self.request.GET.get("medicine")
        reply = self.ask("GET", self.route(), query={"page_size": "200"})
        rows = reply.data["results"] if reply.ok and asked is not None else []
        return next((row for row in rows if (row["medicine"] or "") == asked), {})

    def ruled(self, **options: Any) -> Field:
        return self.medicine("/rules/0/medicine", self.rule.get("medicine") or "", **options)

    def body(self) -> dict[str, Any]:
        body = super().body()
        for line in body["rules"]:
            if "medicine" in line:
                line["medicine"] = self.code_of(line["medicine"])
        return body

    def shown(self, form: Form, status: int = 200) -> HttpResponse:
        return self.page(status, form=form, button=self.button, known=self.known)

    def done(self, reply: Reply) -> str:
        return reverse(self.listed)


class LimitsPage(RulesPage):
    title = _("Limits of hand-outs")
    help = _(
        "How much each recipient may have of a medicine in one hand-out, and one register number within the days of "
        "a fever. The counter refuses more; what was written on paper is marked."
    )
    route = "dispensing-limits/"
    empty = _("No medicine is limited. The administrator sets limits.")
    setting = "limit-set"

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        return [
            Column("name", title=_("Medicine")),
            Column("per_hand_out"),
            Column("per_fever"),
            Column("fever_days"),
            Column("set_on"),
            Column("medicine", self.change, " "),
        ]


class LimitSetPage(RuleSetPage):
    title = _("Set a limit")
    help = _("In smallest units, for each recipient. Both figures empty: no limit.")
    shape = LimitsInput
    listed = "limits"

    def route(self) -> str:
        return "dispensing-limits/"

    def fields(self) -> Sequence[Field]:
        return [
            self.ruled(required=True),
            Field(
                "/rules/0/per_hand_out",
                _("For one hand-out"),
                value=self._figure("per_hand_out"),
                hints=COUNT,
            ),
            Field("/rules/0/per_fever", _("For one fever"), value=self._figure("per_fever"), hints=COUNT),
            Field(
                "/rules/0/fever_days", _("Days of a fever"), value=self.rule.get("fever_days", 7), hints=COUNT
            ),
        ]

    def _figure(self, name: str) -> Any:
        value = self.rule.get(name)
        return "" if value is None else value


class LocalUseRulesPage(RulesPage):
    title = _("Shares for local use")
    help = _("How much a place may keep for its own patients, in per cent of what came into its store.")
    route = "local-use-rules/"
    empty = _("There is no rule: everything may be kept. The administrator sets a share.")
    setting = "local-use-rule-set"

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        return [
            Column("name", lambda row: Cell(row["name"] or gettext("all others")), _("Medicine")),
            Column("percent"),
            Column("set_on"),
            Column("medicine", self.change, " "),
        ]


class LocalUseRuleSetPage(RuleSetPage):
    title = _("Set a share for local use")
    help = _("100: everything may be kept; 0: nothing.")
    shape = RulesInput
    listed = "local-use-rules"

    def route(self) -> str:
        return "local-use-rules/"

    def fields(self) -> Sequence[Field]:
        return [
            self.ruled(help=_("Left empty: all medicines that have no rule of their own.")),
            Field("/rules/0/percent", _("Per cent"), value=self.rule.get("percent", ""), required=True,
                  hints={"inputmode": "numeric", "maxlength": "3"}),
        ]  # fmt: skip
