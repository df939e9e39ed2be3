"""How goods and their states are shown on the clerk's screens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.screening import OUTCOME_WORDS, Outcome, Stage
from catalogue.screening_rules import ROWS
from core.language import in_language
from core.pages import Cell
from donations.models import Custody

TONES = {"accept": "good", "review": "wait", "refuse": "bad"}
STANDING_TONES = {
    Custody.ACCEPTED: "good", Custody.IN_DOUBT: "wait", Custody.IN_BIN: "bad", Custody.REFUSED: "bad",
    Custody.MISSING: "bad",
}  # fmt: skip

LEFT = gettext_lazy("left for disposal")
_REASONS = {row.code: (row.zh, row.en) for row in ROWS}


def outcome_words(outcome: str) -> str:
    zh, en = OUTCOME_WORDS[Stage.COUNTER, Outcome(outcome)]
    return in_language(zh, en)


def reason_words(codes: Sequence[str], min_days: int) -> list[str]:
    """The wording of the decision table for these reasons, each once, in the reader's language."""
    words = (in_language(*_REASONS[code]).format(min_days=min_days) for code in codes if code in _REASONS)
    return list(dict.fromkeys(words))


def outcome_cell(outcome: str) -> Cell:
    return Cell(outcome_words(outcome), tone=TONES[outcome])


def standing(holdings: Mapping[str, int], outcome: str = "") -> list[Cell]:
    """Where an item's units stand, each state with its number where there are several.

    What lies in the bin was rejected at sorting, or, where the counter refused it, left there by the donor.
    """
    several = len(holdings) > 1
    is_left = outcome == Outcome.REFUSE
    named = {
        state: LEFT if state == Custody.IN_BIN and is_left else Custody(state).label for state in holdings
    }
    return [
        Cell(f"{named[state]} {units}" if several else named[state], tone=_tone(state))
        for state, units in holdings.items()
    ]


def _tone(state: str) -> str:
    return STANDING_TONES.get(Custody(state), "plain")


def item_line(item: Mapping[str, Any]) -> str:
    """One item in a line: name, lot where it was read, quantity with its unit."""
    lot = _("lot %(lot)s") % {"lot": item["lot_number"]} if item["lot_number"] else ""
    return " · ".join(part for part in (item["name"], lot, f"{item['quantity']} {item['unit']}") if part)
