"""One item at the sorting table, with the queue beside it and the next one by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.models import Medicine
from core.api import act_of
from core.pages import Field, Form, FormPage, Reply, body_of, not_there
from core.pages.forms import WHOLE
from core.pages.tables import Row
from core.receipt_codes import grouped
from donations.pages.intake import CONTAINERS
from donations.pages.photos import PhotoPage
from inventory.checklist import CHECKLIST
from inventory.judgement import OTHER_REASON
from inventory.models import Pack, SortingDecision
from inventory.pages.sorting_many import TICKED, Another, equals_of, faults_of, results, ticked, together
from inventory.pages.words import (
    decision_cell,
    expiry_cell,
    may,
    reasons_to_reject,
    verdict_cell,
)
from inventory.serializers import DECISIONS_LIMIT, ITEMS_LIMIT, SortingInput

Outcome = SortingDecision.Outcome
SHOWN = 50
POINTS = {
    "identity": gettext_lazy("name, form and strength agree"),
    "label": gettext_lazy("label whole, not altered"),
    "integrity": gettext_lazy("pack whole, dry, unspoiled"),
    "storage": gettext_lazy("was not to be kept cold"),
    "expiry": gettext_lazy("lot and expiry read from the unit"),
}


class SortingItemPage(FormPage):
    """One item with its decisions. More parts are asked for by sending the form with `more`, so that dividing an item
    needs no script; the script under static/ only brings the number keys."""

    template = "inventory/sorting.html"
    title = gettext_lazy("Sorting")
    help = gettext_lazy(
        "Look at the goods, not at the screen: what is on the box decides. Number keys choose."
    )
    button = gettext_lazy("Book and go on")
    shape = SortingInput
    row: Row

    def get(self, request: HttpRequest, **ids: Any) -> HttpResponse:
        return self.shown(Form(self.fields())) if self._find() else self._gone()

    def post(self, request: HttpRequest, **ids: Any) -> HttpResponse:
        is_there = self._find()
        if is_there and ("more" in request.POST or "less" in request.POST):
            return self.shown(Form(self.fields(), self._typed()))
        reply = self.send()
        if reply.ok and self.others:
            return self._results(reply)
        if reply.ok:
            messages.success(request, _booked(reply.data["decisions"]))
            return redirect(self._next())
        if not is_there:
            return self._gone()
        told = faults_of(reply, self.others) if self.others else reply.faults
        faults = [{**fault, "pointer": self._field_of(fault["pointer"])} for fault in told]
        return self.shown(Form(self.fields(), request.POST, detail=reply.detail, faults=faults), reply.status)

    def _find(self) -> bool:
        reply = self.ask("GET", "sorting-queue/", query={"item": str(self.kwargs["item"])})
        rows = reply.data["results"] if reply.ok else []
        self.row = rows[0] if rows else {}
        return bool(rows)

    def _gone(self) -> HttpResponse:
        """What was sorted leads back to the queue; what nobody here has ever sorted is not there."""
        sorted_before = self.ask("GET", "sortings/", query={"item": str(self.kwargs["item"])})
        if sorted_before.ok and not sorted_before.data["results"]:
            return self.refused(not_there())
        messages.info(self.request, _("This item does not wait here any more; somebody may have sorted it."))
        return redirect("sorting-queue")

    @property
    def others(self) -> list[Another]:
        """The equal items that are decided on with this one."""
        return [
            each for each in ticked(self.request.POST.getlist(TICKED)) if each.item != self.kwargs["item"]
        ]

    def _results(self, reply: Reply) -> HttpResponse:
        """Shown by the request that booked, which may be sent again: its answer is kept under the form's key."""
        receipts = {each.item: each.receipt for each in self.others}
        receipts[self.kwargs["item"]] = grouped(self.request.POST.get("receipt", ""))
        rows = results(reply, receipts)
        refused = [row["item"] for row in rows if row["result"] == "refused"]
        return self.page(
            200, "inventory/sorting_results.html", rows=rows, all=len(rows), sorted=len(rows) - len(refused),
            left=len(refused), next=self._next(),
        )  # fmt: skip

    def _next(self) -> str:
        number = self.request.POST.get("next", "")
        return (
            reverse("sorting-item", args=[number])
            if WHOLE.fullmatch(number) and int(number) >= 0
            else reverse("sorting-queue")
        )

    @property
    def parts(self) -> int:
        asked = self.request.POST.get("parts", "")
        parts = int(asked) if asked.isdecimal() and len(asked) < 3 else 1
        parts += ("more" in self.request.POST) - ("less" in self.request.POST)
        return min(max(parts, 1), DECISIONS_LIMIT)

    def _typed(self) -> QueryDict:
        """What was typed, and in a part that was not there before what it begins with."""
        typed = self.request.POST.copy()
        for field in self.fields():
            if field.name not in typed and field.kind not in {"check", "radio"}:
                typed[field.name] = str(field.value)
        return typed

    def route(self) -> str:
        return "sortings/"

    def body(self) -> dict[str, Any]:
        """Units are accepted for a reason in words, and rejected for one of the list; who is alone proposes."""
        body = body_of(self.shape, self.request.POST)
        for number, decision in enumerate(body.get("decisions", [])):
            outcome = decision.get("outcome")
            if outcome == Outcome.ACCEPT or decision.get("reason") in {None, "", OTHER_REASON}:
                decision["reason"] = self.request.POST.get(f"/decisions/{number}/note", "")
            if self.row.get("alone") and outcome in {Outcome.ACCEPT, Outcome.REJECT}:
                decision |= {"outcome": Outcome.HOLD.value, "proposed": outcome}
        return together(body, self.others, self.request.POST.get("there", "")) if self.others else body

    def _field_of(self, pointer: str) -> str:
        part, _slash, name = pointer.rpartition("/")
        is_accepted = self.request.POST.get(f"{part}/outcome") == Outcome.ACCEPT
        return f"{part}/note" if name == "reason" and is_accepted else pointer

    def fields(self) -> Sequence[Field]:
        waiting = self.row["counted"] or self.row["in_doubt"]
        state = "counted" if self.row["counted"] else "in_doubt"
        return [
            Field("/item", "", "hidden", value=self.row["item"]),
            Field("/state", "", "hidden", value=state),
            *(
                field
                for part in range(self.parts)
                for field in part_fields(f"/decisions/{part}", self.row, "" if part else waiting)
            ),
        ]

    def shown(self, form: Form, status: int = 200) -> HttpResponse:
        queue = self.ask("GET", "sorting-queue/", query={"page_size": str(SHOWN)}).data["results"]
        waiting = self.row["counted"] or self.row["in_doubt"]
        return self.page(
            status,
            form=form,
            row=self.row,
            receipt=grouped(self.row["receipt_code"]),
            waiting=waiting,
            taken_in=_taken_in(self.row),
            verdict=verdict_cell(self.row["screening"]["outcome"]),
            expiry=expiry_cell(self.row, act_of(self.request).on),
            queue=[{**row, "verdict": verdict_cell(row["screening"]["outcome"])} for row in queue],
            following=_following(queue, self.row["item"]),
            equals=self._equals(),
            ticked={each.item for each in self.others},
            parts=[_part(form, number) for number in range(self.parts)],
            count=self.parts,
            most=DECISIONS_LIMIT,
            medicines=Medicine.objects.values_list("code", "generic_name", "strength"),
            button=self.button,
            may_photo=may(self.request, "item-photo", self.row["item"]),
        )

    def _equals(self) -> list[Another]:
        if not self.row["counted"] or not self.row["medicine"]:
            return []
        like = {"place": self.row["place"], "medicine": self.row["medicine"], "page_size": str(ITEMS_LIMIT)}
        return equals_of(self.row, self.ask("GET", "sorting-queue/", query=like).data["results"])


def _taken_in(row: Row) -> str:
    """As which the counter wrote it down: what the pharmacist finds may differ, and then shows."""
    pack = Pack.OPENED if row["opened"] else Pack.SEALED
    parts = [pack.label, CONTAINERS.get(row["container"], "")]
    return " · ".join(str(part) for part in parts if part)


def _following(queue: Sequence[Row], item: int) -> int | None:
    """The item after this one; what was left in doubt does not come again by itself."""
    ids = [row["item"] for row in queue]
    after = queue[ids.index(item) + 1 :] if item in ids else queue
    rest = [row["item"] for row in [*after, *queue] if row["counted"] and row["item"] != item]
    return rest[0] if rest else None


def _part(form: Form, number: int) -> dict[str, Any]:
    at = f"/decisions/{number}"
    named = {field.name.removeprefix(f"{at}/"): field for field in form.fields}
    checks = [named[f"checklist/{point}"] for point in CHECKLIST]
    return {**named, "number": number + 1, "checks": checks}


def part_fields(at: str, row: Row, quantity: int | str) -> list[Field]:
    """One decision on some units, filled in with what the clerk read of the label."""
    outcomes = [
        (outcome.value, f"{number} {_outcome_words(outcome, alone=row['alone'])}")
        for number, outcome in enumerate((Outcome.ACCEPT, Outcome.REJECT, Outcome.HOLD), start=1)
    ]
    found = [reason["code"] for reason in row["screening"]["reasons"]]
    reasons = reasons_to_reject()
    first = next((code for code in found if code in dict(reasons)), "")
    pack = Pack.OPENED if row["opened"] else Pack.SEALED
    digits = {"inputmode": "numeric", "maxlength": "7", "autocomplete": "off"}
    text = {"autocomplete": "off"}
    return [
        Field(f"{at}/outcome", _("Decision"), "radio", options=outcomes),
        Field(f"{at}/quantity", _("Units"), value=quantity, required=True, hints=digits),
        Field(f"{at}/reason", _("Reason"), "select", options=[("", "—"), *reasons], value=first),
        Field(f"{at}/note", _("In one's own words"), hints={"maxlength": "200", **text}),
        Field(f"{at}/medicine", _("Medicine"), value=row["medicine"] or "", hints={"list": "medicines", **text}),
        Field(f"{at}/lot_number", _("Lot number"), value=row["lot_number"], hints={"maxlength": "40", **text}),
        Field(f"{at}/expiry", _("Expiry as printed"), value=row["expiry"], hints={"maxlength": "80", **text}),
        Field(f"{at}/pack", _("Pack"), "select", options=Pack.choices, value=pack.value),
        Field(
            f"{at}/container",
            _("Lies in"),
            "select",
            options=[("", "—"), *CONTAINERS.items()],
            value=row["container"],
        ),
        *(Field(f"{at}/checklist/{point}", POINTS[point], "check") for point in CHECKLIST),
    ]  # fmt: skip


def _outcome_words(outcome: SortingDecision.Outcome, *, alone: bool) -> str:
    if alone and outcome != Outcome.HOLD:
        return _("propose: %(outcome)s") % {"outcome": outcome.label}
    return str(outcome.label)


def _booked(decisions: Sequence[Row]) -> str:
    told = [f"{decision_cell(each['outcome']).text} {each['quantity']}" for each in decisions]
    return _("Booked: %(decisions)s") % {"decisions": "、".join(told)}


class ItemPhotoPage(PhotoPage):
    help = gettext_lazy("For a pharmacist elsewhere who confirms what you propose. At most six of an item.")
    about = "sorting-queue/?item={item}"

    def done(self, reply: Reply) -> str:
        return reverse("sorting-item", args=[self.kwargs["item"]])
