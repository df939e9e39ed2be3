"""Devices that a clinic keeps in use or lends: their list, taking one off the shelf, and taking one back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.api import act_of
from core.pages import Cell, Column, Field, FormPage, ListPage, Reply, one_of
from core.pages.tables import Row
from inventory.api.devices import ENDS, DeviceUseInput, GiveBackInput
from inventory.models import Side, State
from inventory.models.devices import DeviceUse
from inventory.pages.deeds import DeedPage
from inventory.pages.words import choices, may, place_choices, place_column
from inventory.queries.stock import stock_at
from inventory.services.devices import LONGEST_LOAN
from organisation.models import Place
from organisation.pages.here import PlaceNeeded

TONES = {"": "wait", "works": "good", "broken": "bad", "lost": "bad", "held": "bad"}


class DeviceUsesPage(ListPage):
    template = "inventory/device_uses.html"
    title = gettext_lazy("Devices in use and lent")
    help = gettext_lazy(
        "Oximeters, thermometers and the like that a clinic uses itself or lends. They stay in its books."
    )
    route = "device-uses/"
    empty = gettext_lazy("No device is in use or lent. A clinic takes one into use or lends it here.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        on = str(act_of(self.request).on)

        def due(row: Row) -> Cell:
            late = not row["condition"] and row["due_on"] and row["due_on"] < on
            words = _("%(day)s, overdue") % {"day": row["due_on"]} if late else row["due_on"] or ""
            return Cell(words, tone="bad" if late else "")

        return [
            Column("id"),
            place_column(self.request),
            Column("name"),
            Column("lot_number"),
            Column("kind", lambda row: Cell(DeviceUse.Kind(row["kind"]).label)),
            Column("register_ref"),
            Column("started_on"),
            Column("due_on", due, _("Back by")),
            Column("condition", _condition),
            Column("ended_on", self._next, _("Next")),
        ]

    def _next(self, row: Row) -> Cell:
        if row["condition"] or not may(self.request, "device-use-give-back", row["id"]):
            return Cell(row["ended_on"] or "")
        return Cell(_("Give back"), link=reverse("device-use-give-back", args=[row["id"]]))

    def filters(self) -> Sequence[Field]:
        yes = [("", _("all")), ("true", _("yes"))]
        return [
            Field("open", _("Still out"), "select", options=yes),
            Field("overdue", _("Overdue"), "select", options=yes),
            Field("kind", _("Kind"), "select", options=choices(DeviceUse.Kind.choices)),
            Field("place", _("Place"), "select", options=place_choices(self.request)),
        ]

    def context(self) -> dict[str, Any]:
        return {"may_take": may(self.request, "device-use-new")}


def _condition(row: Row) -> Cell:
    if not row["condition"]:
        words = _("recalled, call it back") if row["recalled"] else _("out")
        return Cell(words, tone="bad" if row["recalled"] else "wait")
    condition = DeviceUse.Condition(row["condition"])
    return Cell(condition.label, tone=TONES[condition], lines=[Cell(row["reason"])] if row["reason"] else [])


class DeviceUseNewPage(PlaceNeeded, FormPage):
    """Only devices that stand on the clinic's shelf are offered."""

    title = gettext_lazy("Put a device in use, or lend it")
    help = gettext_lazy("One device at a time. Who has it stands in your own register, by its number.")
    button = gettext_lazy("Write down")
    said = gettext_lazy("It is written down.")
    shape = DeviceUseInput
    wanted = {"hands_out": True}

    def route(self) -> str:
        return "device-uses/"

    def fields(self) -> Sequence[Field]:
        on = act_of(self.request).on
        days = {"min": on.isoformat(), "max": (on + LONGEST_LOAN).isoformat()}
        devices = _devices(self.place)
        none = (
            ""
            if devices
            else _(
                "None stands on the shelf here. What is kept for local use first can be put in use or lent."
            )
        )
        return [
            Field("/place", "", "hidden", value=self.place.code),
            Field("/medicine", _("Device"), "select", options=one_of(devices), required=True, help=none),
            Field("/kind", _("What for"), "radio", options=DeviceUse.Kind.choices, required=True),
            Field("/register_ref", _("Number in your register, where it is lent"), hints={"maxlength": "40"}),
            Field("/due_on", _("Back by, where it is lent"), "date", hints=days),
        ]

    def done(self, reply: Reply) -> str:
        return reverse("device-uses") + "?open=true"


def _devices(place: Place) -> list[tuple[str, str]]:
    rows = stock_at(Place.objects.filter(pk=place.pk)).filter(
        state=State.AVAILABLE, account__side=Side.CLINIC, batch__medicine__category="device",
        batch__medicine__requires_lot=False, batch__medicine__requires_expiry=False,
    )  # fmt: skip
    return [*dict.fromkeys((row.batch.medicine.code, str(row.batch.medicine)) for row in rows)]


class DeviceGiveBackPage(DeedPage):
    title = gettext_lazy("Take a device back")
    help = gettext_lazy("One that works is on the shelf again; a broken one is put aside.")
    button = gettext_lazy("Give back")
    said = gettext_lazy("It is written down.")
    shape = GiveBackInput
    api = "device-uses/{pk}/give-back/"
    after = "device-uses"
    about = "device-uses/?id={pk}"
    facts = ("name", "register_ref")
    while_it_is = {"ended_on": {None}}

    def fields(self) -> Sequence[Field]:
        return [
            Field("/condition", _("Its state"), "radio", options=ENDS, required=True),
            Field("/reason", _("What happened, unless it works"), hints={"maxlength": "200"}),
        ]
