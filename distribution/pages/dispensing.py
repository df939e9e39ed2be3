"""Handing out in three taps: medicine, age band, hand out; and what was handed out, to be taken back the same day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalogue.models import Medicine
from core.api import act_of
from core.pages import Cell, Column, Field, Form, ListPage, Reply, StepPage
from core.pages.tables import Row
from distribution.hand_out_limits import limits_of
from distribution.models import AgeBand, Dispensing, Mark
from distribution.needs import course_units
from distribution.pages.fields import clinic_choice
from distribution.pages.rows import RowsPage
from distribution.pages.words import GROUPS, amount, expiry_cell, medicines, place_column
from distribution.serializers.dispensing import DispensingInput
from organisation.access import access_of
from organisation.pages.here import PlaceNeeded
from organisation.queries import place_names

COUNT = {"inputmode": "numeric", "maxlength": "7", "autocomplete": "off"}
# A course of a cold's medicine; whoever hands out changes it.
COURSE_DAYS = 3
HANDED = "handed"
FOUND = 200


@dataclass
class Choice:
    """A medicine of the place's own stock: how much of it is in date, and what expires first."""

    number: int
    medicine: Medicine
    first: Cell
    units: int = 0
    most: int = 0
    is_ticked: bool = False
    fields: Sequence[Field] = field(default_factory=list)

    @property
    def not_for(self) -> list[Any]:
        return [GROUPS.get(group, group) for group in self.medicine.not_for.split("|") if group]

    def asked(self) -> list[Field]:
        """How much, for how many days, and by whom where the medicine needs a prescription."""
        at = f"/lines/{self.number}"
        usual = min(self.most, self.units)
        unit = self.medicine.smallest_unit
        quantity = _("Quantity (%(unit)s)") % {"unit": unit}
        asked = [
            Field(f"{at}/quantity", quantity, value=usual, hints=COUNT),
            Field(f"{at}/days_supply", _("For how many days"), value=COURSE_DAYS, hints=COUNT),
        ]
        if self.medicine.by_prescription:
            asked.append(Field(f"{at}/prescriber", _("Prescriber"), hints={"maxlength": "60"}))
        return asked


class DispensePage(PlaceNeeded, RowsPage):
    template = "distribution/dispense.html"
    title = _("Hand out")
    help = _("Tap the medicine and the age. What expires first goes first. Always free of charge.")
    button = _("Hand out")
    shape = DispensingInput
    wanted = {"hands_out": True}
    chosen = "medicine"

    def route(self) -> str:
        return "dispensings/"

    @cached_property
    def choices(self) -> list[Choice]:
        query = {"place": self.place.code, "side": "clinic", "state": "available", "page_size": str(FOUND)}
        reply = self.ask("GET", "stock/", query=query)
        return self._grouped(reply.data["results"]) if reply.ok else []

    def _grouped(self, rows: Sequence[Row]) -> list[Choice]:
        known, on = medicines(), act_of(self.request).on
        limits = {limit.medicine_id: limit.per_hand_out for limit in limits_of(self.place.county_id)}
        found: dict[str, Choice] = {}
        for row in rows:
            if row["last_usable_day"] and row["last_usable_day"] < str(on):
                continue
            medicine = known[row["medicine"]]
            if medicine.code not in found:
                most = limits.get(medicine.pk) or course_units(medicine.smallest_unit)
                first = expiry_cell(row["last_usable_day"], on)
                found[medicine.code] = Choice(len(found), medicine, first, most=most)
            found[medicine.code].units += row["quantity"]
        return list(found.values())

    def fields(self) -> Sequence[Field]:
        on = act_of(self.request).on
        rows = [one for choice in self.choices for one in choice.asked()]
        return [
            *rows,
            Field("/place", "", "hidden", value=self.place.code),
            Field("/age_band", _("2. Age"), "radio", options=AgeBand.choices, required=True),
            Field("/collected_by", _("Collected by"), "radio", options=Dispensing.CollectedBy.choices, value="self"),
            Field("/register_ref", _("Number in the register"), hints={"maxlength": "40"}),
            Field("/recipients", _("For how many people"), value=1, hints=COUNT),
            Field("/dispensed_on", _("Day"), "date", value=on.isoformat(), hints={"max": on.isoformat()}),
        ]  # fmt: skip

    def shown(self, form: Form, status: int = 200) -> Any:
        data = self.request.POST
        ticked = set(self.numbers()) if self.request.method == "POST" else set()
        for choice in self.choices:
            at = f"/lines/{choice.number}/"
            choice.fields = [one for one in form.fields if one.name.startswith(at)]
            choice.is_ticked = choice.number in ticked
        return self.page(
            status,
            form=form,
            choices=self.choices,
            age=form["/age_band"],
            more=[form[name] for name in ("/collected_by", "/register_ref", "/recipients", "/dispensed_on")],
            hidden=form["/place"],
            marks=[(mark.value, mark.label, mark.value in data.getlist("/marks")) for mark in Mark],
            handed=self.request.session.pop(HANDED, None) if self.request.method == "GET" else None,
            button=self.button,
            place=self.place,
        )

    def done(self, reply: Reply) -> str:
        known = medicines()
        self.request.session[HANDED] = {
            "id": reply.data["id"],
            "lines": [amount(known, line["medicine"], line["quantity"]) for line in reply.data["lines"]],
            "cautions": [_caution(known, caution) for caution in reply.data["cautions"]],
        }
        return reverse("dispense")


def _caution(known: Mapping[str, Medicine], caution: Mapping[str, str]) -> str:
    names = "、".join(str(known[code]) for code in caution["medicine"].split())
    if caution["code"] == "not_for":
        group = GROUPS.get(caution["group"], caution["group"])
        return gettext("%(medicine)s is not for %(group)s.") % {"medicine": names, "group": group}
    return gettext("The same ingredient twice (%(what)s): %(medicines)s.") % {
        "what": caution["group"],
        "medicines": names,
    }


class DispensingsPage(ListPage):
    title = _("Hand-outs")
    help = _(
        "What was handed out, newest first, without names. It can be taken back on the day of its entry."
    )
    route = "dispensings/"
    empty = _("Nothing has been handed out here yet. Begin with “Hand out”.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        names, known = place_names(access_of(self.request).county_id), medicines()

        def lines(row: Row) -> Cell:
            return Cell(lines=[amount(known, line["medicine"], line["quantity"]) for line in row["lines"]])

        return [
            Column("id"),
            Column("dispensed_on"),
            place_column("place", names, _("Clinic")),
            Column("lines", lines, _("Medicines")),
            Column("age_band", lambda row: Cell(AgeBand(row["age_band"]).label)),
            Column("recipients"),
            Column("marks", lambda row: Cell(lines=[Mark(mark).label for mark in row["marks"]])),
            Column("collected_by", lambda row: Cell(Dispensing.CollectedBy(row["collected_by"]).label)),
            Column("register_ref"),
            Column("reversed", self._undo, _("Undo")),
        ]

    def _undo(self, row: Row) -> Cell:
        if row["reversed"]:
            return Cell(gettext("taken back"), tone="plain")
        address = reverse("dispensing-reverse", args=[row["id"]])
        is_today = row["booked_on"] == str(act_of(self.request).on)
        may = is_today and self.request.may_open(address)  # type: ignore[attr-defined]
        return Cell(gettext("Undo"), link=address) if may else Cell("")

    def filters(self) -> Sequence[Field]:
        return [
            clinic_choice(self.request),
            Field("dispensed_from", _("From day"), "date"),
            Field("dispensed_to", _("To day"), "date"),
            Field("age_band", _("Age"), "select", options=[("", _("all")), *AgeBand.choices]),
            Field("register_ref", _("Number in the register")),
        ]


class DispensingReversePage(StepPage):
    title = _("Take a hand-out back")
    help = _("As if it had not been: the goods return to the shelf. Only on the day of its entry.")
    button = _("Undo")
    said = _("The hand-out is taken back.")
    about = "dispensings/?id={pk}"
    facts = ("dispensed_on", "register_ref")

    def route(self) -> str:
        return f"dispensings/{self.kwargs['pk']}/reverse/"

    def done(self, reply: Reply) -> str:
        return reverse("dispensings")
