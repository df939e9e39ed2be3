"""What screening looks at: what the catalogue knows, what was seen of the item, and the county's policy."""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Literal

from catalogue.expiry import MonthPolicy


class Stage(StrEnum):
    COUNTER = "counter"
    SORTING = "sorting"


class Outcome(StrEnum):
    """From best to worst. At sorting `refuse` is called reject (不合格)."""

    ACCEPT = "accept"
    REVIEW = "review"
    REFUSE = "refuse"

    @property
    def severity(self) -> int:
        return list(Outcome).index(self)


class PrintState(StrEnum):
    """`not_read`: nobody has looked yet. `not_printed`: the unit handed over does not show it."""

    READ = "read"
    NOT_READ = "not_read"
    NOT_PRINTED = "not_printed"


class Container(StrEnum):
    """What holds the units: `sachet` is any single-dose container, `loose` is out of every container."""

    BLISTER = "blister"
    BOTTLE = "bottle"
    SACHET = "sachet"
    LOOSE = "loose"


_REMARK = re.compile(r"\([^)+]*\)")
_QUALIFIER = re.compile(r" (?:night|live|compound)$")


@dataclass(frozen=True)
class MedicineFacts:
    """A catalogue entry (`data/medicines.csv`), in the catalogue's own words.

    `special_control` is `none` or any kind of control; `loose_ok` says whether an opened pack may be given by
    the smallest unit: y, n, or dep (blister yes, bottle no).
    """

    inn_en: str = ""
    is_device: bool = False
    dosage_form: str = ""
    strength: str = ""
    smallest_unit: str = ""
    rx_otc: str = ""
    special_control: str = "none"
    storage: str = ""
    loose_ok: Literal["y", "n", "dep"] = "n"
    requires_lot: bool = True
    requires_expiry: bool = True
    donation_default: Literal["accept", "pharmacist_review", "refuse", "out_of_scope"] = "accept"
    pediatric: bool = False

    def __post_init__(self) -> None:
        if self.loose_ok not in {"y", "n", "dep"}:
            raise ValueError(f"loose_ok: {self.loose_ok}")
        if self.donation_default not in {"accept", "pharmacist_review", "refuse", "out_of_scope"}:
            raise ValueError(f"donation_default: {self.donation_default}")

    @cached_property
    def ingredients(self) -> frozenset[str]:
        """Active ingredients by INN, in lower case; none for devices and for TCM without chemicals."""
        plain = _REMARK.sub("", self.inn_en.replace("(+", "+").replace("n/a", "")).replace(")", "")
        names = (_QUALIFIER.sub("", part.strip().lower()) for part in plain.split("+"))
        return frozenset(name for name in names if name and not name.startswith("tcm"))

    @property
    def is_single_use_device(self) -> bool:
        """Masks, test kits, patches; thermometers and oximeters are used again and do not expire."""
        return self.is_device and self.requires_expiry


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """One item on the table. `medicine` None: not found in the catalogue, and judged as a medicine.

    `last_usable_day` comes from `catalogue.expiry`; `findings` are codes of `catalogue.screening.FINDINGS`;
    `boxes` counts this medicine from this person, in boxes; `trace_seen_before`, `in_campaign_scope` and, from
    the recalls in force, `recall_match` (it is recalled) and `recall_possible` (it may be: lot or product were
    not read, or a reaction is being looked into) are looked up by the caller.
    """

    medicine: MedicineFacts | None
    lot_state: PrintState = PrintState.NOT_READ
    expiry_state: PrintState = PrintState.NOT_READ
    last_usable_day: date | None = None
    opened: bool = False
    container: Container | None = None
    approval_state: PrintState = PrintState.NOT_READ
    approval_format_ok: bool = True
    strength_read: bool = False
    source_confirmed: bool = True
    findings: frozenset[str] = field(default_factory=frozenset)
    boxes: int = 0
    trace_seen_before: bool = False
    in_campaign_scope: bool = True
    recall_match: bool = False
    recall_possible: bool = False

    def __post_init__(self) -> None:
        for state in (self.lot_state, self.expiry_state, self.approval_state):
            PrintState(state)
        if self.container is not None:
            Container(self.container)


@dataclass(frozen=True, slots=True)
class ScreeningPolicy:
    """What a county may set. All are choices of the programme, none is law.

    `min_days`: remaining days below which a pharmacist must accept an item as urgent use. `max_boxes`: boxes
    of one medicine from one person above which it may be 回流药. `out_of_scope_soft`: a pharmacist may take
    what the campaign does not ask for. `far_off_days`: an expiry further away is probably a slip of the pen.
    `month_policy` is for the reader of labels.
    """

    min_days: int = 30
    max_boxes: int = 5
    out_of_scope_soft: bool = True
    far_off_days: int = 6 * 366
    month_policy: MonthPolicy = MonthPolicy.INCLUSIVE
