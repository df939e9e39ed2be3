"""Health kits (健康包): their list, packing, handing one out, taking one apart, and what their templates hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.api import act_of
from core.pages import Cell, Column, Field, FormPage, ListPage, Reply, StepPage, one_of
from core.pages.calls import API
from core.pages.tables import Row
from distribution.models import AgeBand, Dispensing, Mark
from distribution.pages.fields import COUNT, clinic_choice
from distribution.pages.rows import MedicineRowsPage
from distribution.pages.words import amount, medicines, place_column
from distribution.serializers.dispensing import KitHandOutInput
from inventory.models.kits import Kit
from inventory.serializers_kits import KitTemplateInput, PackInput, UnpackInput
from organisation.access import access_of
from organisation.queries import place_names, place_options

# Medicines that a template's form has room for.
PARTS = 8


class KitsPage(ListPage):
    template = "distribution/kits.html"
    title = _("Health kits")
    help = _("What is in a kit is reserved for it, batch by batch. A kit that is not fit is unpacked.")
    route = "kits/"
    empty = _("No kit was packed here yet. Pack one from a template.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        names = place_names(access_of(self.request).county_id)
        return [
            Column("code", _label),
            Column("name"),
            place_column("place", names, _("Clinic")),
            Column("contents", _contents),
            Column("state", _state),
            Column("packed_on"),
            Column("id", lambda row: self._step(row, "kit-dispense", row["fit"]), _("Hand out")),
            Column("ended_on", lambda row: self._step(row, "kit-unpack", True), _("Unpack")),
        ]

    def _step(self, row: Row, name: str, fitting: bool) -> Cell:
        """What can be done with a packed kit, for who may; of another, when it ended."""
        if row["state"] != Kit.State.PACKED:
            return Cell(row["ended_on"] if name == "kit-unpack" else "")
        address = reverse(name, args=[row["id"]])
        may = fitting and self.request.may_open(address)  # type: ignore[attr-defined]
        words = gettext("Hand out") if name == "kit-dispense" else gettext("Unpack")
        return Cell(words, link=address) if may else Cell("")

    def filters(self) -> Sequence[Field]:
        return [
            Field("code", _("Code on the label")),
            Field("state", _("State"), "select", options=[("", _("all")), *Kit.State.choices]),
            clinic_choice(self.request),
        ]

    def context(self) -> dict[str, Any]:
        return {"may_pack": self.request.may_open(reverse("kit-new"))}  # type: ignore[attr-defined]


def _label(row: Row) -> Cell:
    """The code, which leads to the labels of all kits packed with this one."""
    packed = row["state"] == Kit.State.PACKED
    return Cell(row["code"], link=f"{API}kits/{row['id']}/labels.pdf" if packed else "")


def _contents(row: Row) -> Cell:
    return Cell(
        lines=[
            f"{part['name']} × {part['quantity']} {part['unit']} · {part['lot_number']}"
            for part in row["contents"]
        ]
    )


def _state(row: Row) -> Cell:
    state = Kit.State(row["state"])
    if state != Kit.State.PACKED:
        return Cell(state.label, tone="plain")
    return (
        Cell(gettext("fit to hand out"), tone="good") if row["fit"] else Cell(gettext("not fit"), tone="bad")
    )


class KitNewPage(FormPage):
    title = _("Pack kits")
    help = _("They are packed from the clinic's own shelf; what expires first goes first.")
    button = _("Pack the kits")
    said = _("The kits are packed; each code leads to their labels.")
    shape = PackInput

    def route(self) -> str:
        return "kits/"

    def get(self, request: HttpRequest, **ids: Any) -> HttpResponse:
        """Why nothing can be packed here, instead of a form with nothing to choose from."""
        if not self.places:
            return self.page(
                template="core/problem.html", title=_("Kits are packed where medicines are handed out.")
            )
        if not self.templates:
            words = _("There is no template yet; the lead pharmacist makes one.")
            return self.page(template="core/problem.html", title=words)
        return super().get(request, **ids)

    @cached_property
    def places(self) -> list[tuple[str, str]]:
        places = access_of(self.request).places().filter(hands_out=True, active=True)
        return place_options(places.order_by("code"))

    @cached_property
    def templates(self) -> list[tuple[int, str]]:
        reply = self.ask("GET", "kit-templates/", query={"retired": "false", "page_size": "200"})
        return [(row["id"], row["name"]) for row in reply.data["results"]]

    def fields(self) -> Sequence[Field]:
        return [
            Field("/place", _("Clinic"), "select", options=one_of(self.places), required=True),
            Field("/template", _("Kit template"), "select", options=one_of(self.templates), required=True),
            Field("/number", _("How many kits"), value=1, hints=COUNT),
        ]

    def done(self, reply: Reply) -> str:
        return reverse("kits")


class KitDispensePage(FormPage):
    title = _("Hand a kit out")
    help = _("All that is in it, to one person or household, by the same rules as loose units.")
    button = _("Hand out")
    said = _("The kit is handed out.")
    shape = KitHandOutInput
    about = "kits/{pk}/"
    facts = ("name", "code")
    while_it_is = {"state": {"packed"}}

    def route(self) -> str:
        return f"kits/{self.kwargs['pk']}/dispense/"

    def fields(self) -> Sequence[Field]:
        on = act_of(self.request).on.isoformat()
        marks = [("", _("none")), *Mark.choices]
        return [
            Field("/age_band", _("Age"), "radio", options=AgeBand.choices, required=True),
            Field("/collected_by", _("Collected by"), "radio", options=Dispensing.CollectedBy.choices, value="self"),
            Field("/marks", _("Mark"), "select", options=marks),
            Field("/register_ref", _("Number in the register"), hints={"maxlength": "40"}),
            Field("/recipients", _("For how many people"), value=1, hints=COUNT),
            Field("/prescriber", _("Prescriber"), help=_("Where something in it needs a prescription."),
                  hints={"maxlength": "60"}),
            Field("/dispensed_on", _("Day"), "date", value=on, hints={"max": on}),
        ]  # fmt: skip

    def done(self, reply: Reply) -> str:
        return reverse("dispensings")


class KitUnpackPage(FormPage):
    title = _("Unpack a kit")
    help = _("What is in it goes back to the shelf, what has expired to held.")
    button = _("Unpack")
    said = _("The kit is unpacked.")
    shape = UnpackInput
    about = "kits/{pk}/"
    facts = ("name", "code")
    while_it_is = {"state": {"packed"}}

    def route(self) -> str:
        return f"kits/{self.kwargs['pk']}/unpack/"

    def fields(self) -> Sequence[Field]:
        return [Field("/reason", _("Reason"), hints={"maxlength": "200"})]

    def done(self, reply: Reply) -> str:
        return reverse("kits")


class KitTemplatesPage(ListPage):
    template = "distribution/kit_templates.html"
    title = _("Kit templates")
    help = _("What each kit of the county holds. To change one, retire it and make another of its name.")
    route = "kit-templates/"
    empty = _("There is no template yet; the lead pharmacist makes one.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        known = medicines()

        def lines(row: Row) -> Cell:
            return Cell(lines=[amount(known, line["medicine"], line["quantity"]) for line in row["lines"]])

        return [
            Column("name"),
            Column("lines", lines, _("Medicines")),
            Column("shelf_days"),
            Column("made_on"),
            Column("retired_on", self._retire, _("Retired on")),
        ]

    def _retire(self, row: Row) -> Cell:
        address = reverse("kit-template-retire", args=[row["id"]])
        may = not row["retired_on"] and self.request.may_open(address)  # type: ignore[attr-defined]
        return Cell(gettext("Retire"), link=address) if may else Cell(row["retired_on"] or "")

    def filters(self) -> Sequence[Field]:
        retired = [("", _("all")), ("false", _("in use")), ("true", _("retired"))]
        return [Field("retired", _("State"), "select", options=retired)]

    def context(self) -> dict[str, Any]:
        return {"may_make": self.request.may_open(reverse("kit-template-new"))}  # type: ignore[attr-defined]


class KitTemplateNewPage(MedicineRowsPage):
    title = _("Make a kit template")
    help = _("Each medicine once: how many units every kit holds, and over how many days they are taken.")
    button = _("Make it")
    said = _("The template is made.")
    shape = KitTemplateInput
    legend = _("What every kit holds")

    def route(self) -> str:
        return "kit-templates/"

    def fields(self) -> Sequence[Field]:
        rows = [
            one
            for number in range(PARTS)
            for one in (
                self.medicine(f"/lines/{number}/medicine"),
                Field(f"/lines/{number}/quantity", _("Smallest units"), hints=COUNT),
                Field(f"/lines/{number}/days_supply", _("For how many days"), hints=COUNT),
            )
        ]  # fmt: skip
        return [
            *rows,
            Field("/name", _("Name of the kit"), required=True, hints={"maxlength": "40"}),
            Field("/shelf_days", _("Must keep for so many days once packed"), value=30, hints=COUNT),
        ]

    def done(self, reply: Reply) -> str:
        return reverse("kit-templates")


class KitTemplateRetirePage(StepPage):
    title = _("Retire a kit template")
    help = _("No more kits are packed from it; those that are packed stay as they are.")
    button = _("Retire")
    said = _("The template is retired.")
    about = "kit-templates/?id={pk}"
    facts = ("name",)
    while_it_is = {"retired_on": {None}}

    def route(self) -> str:
        return f"kit-templates/{self.kwargs['pk']}/retire/"

    def done(self, reply: Reply) -> str:
        return reverse("kit-templates")
