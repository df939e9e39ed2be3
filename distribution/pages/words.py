"""How places, medicines, days and states are shown on the screens of the distribution room."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from catalogue.models import Medicine
from core.pages import Cell, Column
from core.pages.tables import Row
from distribution.models import Plan, Shipment

SOON = 30
GROUPS = {"pregnant": _("pregnant women"), "child": _("children")}
LEVELS = {
    Plan.Level.TOWNSHIPS: _("to township health centres"),
    Plan.Level.CLINICS: _("to village clinics and health centres"),
}
SHIPMENT_TONES = {
    Shipment.State.RESERVED: "wait",
    Shipment.State.DISPATCHED: "wait",
    Shipment.State.RECEIVED: "good",
    Shipment.State.CANCELLED: "plain",
}


def medicines() -> dict[str, Medicine]:
    """The catalogue by code; one statement."""
    return {medicine.code: medicine for medicine in Medicine.objects.all()}


def written(known: Mapping[str, Medicine]) -> dict[str, str]:
    """How each medicine is written in a field; two may bear one name, so that the code stands behind it."""
    return {code: f"{medicine} ({code})" for code, medicine in known.items()}


def amount(known: Mapping[str, Medicine], code: str, quantity: int) -> str:
    """ "布洛芬片 0.1g × 6 片"."""
    medicine = known[code]
    return f"{medicine} × {quantity} {medicine.smallest_unit}"


def place_column(name: str, names: Mapping[str, str], title: Any = "") -> Column:
    return Column(name, lambda row: Cell(names.get(row[name], row[name])), title)


def shipment_cell(state: str) -> Cell:
    known = Shipment.State(state)
    return Cell(known.label, tone=SHIPMENT_TONES[known])


def expiry_cell(day: datetime.date | str | None, on: datetime.date) -> Cell:
    """The last usable day, with how long that is in words where it is short."""
    if not day:
        return Cell(gettext("no expiry"), tone="plain")
    last = datetime.date.fromisoformat(str(day))
    left = (last - on).days
    if left < 0:
        return Cell(gettext("expired %(day)s") % {"day": last}, tone="bad")
    if left == 0:
        return Cell(gettext("today is the last day"), tone="bad")
    if left <= SOON:
        words = ngettext("%(days)d day left", "%(days)d days left", left) % {"days": left}
        return Cell(f"{words} · {last}", tone="wait")
    return Cell(gettext("until %(day)s") % {"day": last}, tone="good")


def lines_cell(rows: Sequence[Row], known: Mapping[str, Medicine], name: str) -> Cell:
    """The first medicines of a list of lines, and how many more there are."""
    units: dict[str, int] = {}
    for row in rows:
        units[row["medicine"]] = units.get(row["medicine"], 0) + (row[name] or 0)
    shown = [amount(known, code, quantity) for code, quantity in list(units.items())[:3]]
    if len(units) > len(shown):
        shown.append(gettext("and %(more)d more") % {"more": len(units) - len(shown)})
    return Cell(lines=shown)
