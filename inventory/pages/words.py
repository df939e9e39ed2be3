"""How stock, days and decisions are shown on the pharmacist's screens."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.screening import OUTCOME_WORDS, Outcome, Stage
from catalogue.screening_rules import ROWS
from core.language import in_language
from core.pages import Cell, Column
from core.pages.tables import Row
from inventory.judgement import OTHER_REASON
from inventory.models import Pack, Side, SortingDecision, State
from inventory.models.devices import DeviceUse
from organisation.access import access_of
from organisation.queries import place_names, place_options

TONES = {"accept": "good", "review": "wait", "refuse": "bad", "reject": "bad", "hold": "wait"}
STATE_TONES = {
    State.AVAILABLE: "good",
    State.HELD: "bad",
    State.RESERVED: "wait",
    State.IN_TRANSIT: "wait",
    State.IN_USE: "plain",
    State.LENT: "wait",
}
NEAR = ((30, "bad"), (60, "wait"), (90, "plain"))

DETAILS = {
    "expired": gettext_lazy("past its expiry"),
    "recalled": gettext_lazy("recalled"),
    "damaged": gettext_lazy("damaged"),
    "missing": gettext_lazy("missing"),
    "opening": gettext_lazy("box opened"),
    "relabel": gettext_lazy("label corrected"),
    **{condition.value: condition.label for condition in DeviceUse.Condition},
}


def verdict_cell(outcome: str) -> Cell:
    """What the decision table says at the sorting table."""
    zh, en = OUTCOME_WORDS[Stage.SORTING, Outcome(outcome)]
    return Cell(in_language(zh, en), tone=TONES[outcome])


def decision_cell(outcome: str) -> Cell:
    return Cell(SortingDecision.Outcome(outcome).label, tone=TONES[outcome])


def state_cell(state: str) -> Cell:
    return Cell(State(state).label, tone=STATE_TONES.get(State(state), "plain"))


def days_left(day: str | datetime.date, on: datetime.date) -> Cell | None:
    """How near the last usable day is, in words and with a colour; none where it is far."""
    left = (datetime.date.fromisoformat(str(day)) - on).days
    if left < 0:
        return Cell(_("expired"), tone="bad")
    words = _("%(days)d days left") % {"days": left}
    return next((Cell(words, tone=tone) for days, tone in NEAR if left <= days), None)


def expiry_cell(row: Row, on: datetime.date, name: str = "last_usable_day") -> Cell:
    if not row[name]:
        return Cell("—")
    near = days_left(row[name], on)
    return Cell(row[name], lines=[near] if near else [])


def detail_cell(row: Row) -> Cell:
    """What a movement notes beside its kind; an age band or a person's own words as they stand."""
    return Cell(DETAILS.get(row["detail"], row["detail"]))


def amount_cell(row: Row, name: str = "quantity") -> Cell:
    return Cell(f"{row[name]} {row['unit']}", number=True)


def pack_words(pack: str) -> str:
    return str(Pack(pack).label) if pack else ""


def side_words(side: str) -> str:
    return str(Side(side).label) if side else ""


def place_column(request: HttpRequest, name: str = "place") -> Column:
    """The places of a list by their names, looked up once."""
    names = place_names(access_of(request).county_id)
    return Column(name, lambda row: Cell(names.get(row[name], row[name])))


def place_choices(request: HttpRequest, *, every: bool = True) -> list[tuple[str, Any]]:
    """The places that the page's roles cover, to choose one from."""
    places = place_options(access_of(request).places().order_by("code"))
    return [("", _("all")), *places] if every else places


def batch_link(row: Row) -> Cell:
    return Cell(row["name"], link=reverse("batch", args=[row["batch"]]))


def reasons_to_reject() -> list[tuple[str, str]]:
    """The reasons of the decision table, one code for each wording, as they wait; last one's own words.

    One list for what is rejected and what stays in doubt: of a rejection is told what the reason then is called.
    """
    wordings: dict[str, tuple[str, str]] = {}
    for row in ROWS:
        if "{" not in row.zh:
            wordings.setdefault(row.zh, (row.code, in_language(row.zh, row.en)))
    return [*wordings.values(), (OTHER_REASON, _("another reason, in one's own words"))]


def reason_words(code: str, min_days: int, *, waits: bool = False) -> str:
    """A reason that is kept as a code, in words; anything else as it stands.

    `min_days` is the county's policy; `waits`: nothing is decided yet, the item stays in doubt.
    """
    if code == OTHER_REASON:
        return _("another reason, in one's own words")
    row = next((row for row in ROWS if row.code == code), None)
    if row is None:
        return code
    words = in_language(row.zh, row.en) if waits else in_language(row.decided_zh, row.decided_en)
    return words.format(min_days=min_days)


def may(request: HttpRequest, name: str, *ids: Any) -> bool:
    """Whether the person's roles open this screen."""
    return bool(request.may_open(reverse(name, args=ids)))  # type: ignore[attr-defined]


def units_words(units: Mapping[str, int], unit: str = "") -> list[Cell]:
    return [
        Cell(f"{State(state).label} {count} {unit}".strip(), tone=STATE_TONES.get(State(state), "plain"))
        for state, count in units.items()
        if count
    ]


def choices(pairs: Sequence[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    return [("", _("all")), *pairs]
