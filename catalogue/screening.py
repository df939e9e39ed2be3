"""Whether an item may be taken: the decision table applied, at registration, import and sorting alike.

The table is `catalogue.screening_rules`, the facts it looks at `catalogue.screening_facts`. The outcome is
the worst row that applies and every reason is shown. A refusal cannot be overridden by anyone, a review is
decided by a pharmacist with a reason, and so is what is merely outside the campaign's scope. At sorting, an
item whose lot, expiry, strength or identity has not been read is rejected until it has: nothing becomes
available before.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from catalogue.screening_facts import (
    Container,
    ItemFacts,
    MedicineFacts,
    Outcome,
    PrintState,
    ScreeningPolicy,
    Stage,
)
from catalogue.screening_rules import ROWS, Case, Row, is_cold_chain

__all__ = [
    "FINDINGS", "OUTCOME_WORDS", "Container", "Flag", "ItemFacts", "MedicineFacts", "Outcome", "Override",
    "PrintState", "Reason", "Screening", "ScreeningPolicy", "Stage", "screen",
]  # fmt: skip

FINDINGS = frozenset(row.code for row in ROWS if row.ticked)
"""What a person may tick on an item."""

OUTCOME_WORDS = {
    (Stage.COUNTER, Outcome.ACCEPT): ("可接收", "accept"),
    (Stage.COUNTER, Outcome.REVIEW): ("待药师审核", "review"),
    (Stage.COUNTER, Outcome.REFUSE): ("不予接收", "refuse"),
    (Stage.SORTING, Outcome.ACCEPT): ("合格", "accept"),
    (Stage.SORTING, Outcome.REVIEW): ("待核", "in doubt"),
    (Stage.SORTING, Outcome.REFUSE): ("不合格", "reject"),
}

# Ingredients that harm when two medicines with them are taken together.
_DOUBLED = {
    "paracetamol": "对乙酰氨基酚",
    "ibuprofen": "布洛芬",
    "acetylsalicylic acid": "阿司匹林",
    "chlorphenamine": "氯苯那敏",
    "dextromethorphan": "右美沙芬",
    "pseudoephedrine": "伪麻黄碱",
    "amantadine": "金刚烷胺",
}


class Override(StrEnum):
    NEVER = "never"
    PHARMACIST = "pharmacist"


@dataclass(frozen=True, slots=True)
class Reason:
    """One row that applies. `override`: who may decide otherwise, with a reason; `basis`: the law or rule."""

    code: str
    message_zh: str
    message_en: str
    basis: str
    override: Override
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Flag:
    """Something to know that decides nothing."""

    code: str
    message_zh: str
    message_en: str


@dataclass(frozen=True, slots=True)
class Screening:
    outcome: Outcome
    reasons: tuple[Reason, ...]
    flags: tuple[Flag, ...]

    @property
    def override(self) -> Override:
        """Who may accept in spite of the reasons."""
        lifted = all(reason.override == Override.PHARMACIST for reason in self.reasons)
        return Override.PHARMACIST if lifted else Override.NEVER

    @property
    def may_be_put_before_a_pharmacist(self) -> bool:
        """Whether it is refused, and for nothing but what a pharmacist may decide otherwise."""
        return self.outcome is Outcome.REFUSE and self.override is Override.PHARMACIST

    def put_before_a_pharmacist(self) -> "Screening":
        """The same reasons, left to the sorting table; ValueError where a reason is nobody's to lift."""
        if not self.may_be_put_before_a_pharmacist:
            raise ValueError(f"not for a pharmacist to decide: {self.outcome}")
        return replace(
            self,
            outcome=Outcome.REVIEW,
            reasons=tuple(replace(reason, outcome=Outcome.REVIEW) for reason in self.reasons),
        )


def screen(item: ItemFacts, *, stage: Stage, on: date, policy: ScreeningPolicy) -> Screening:
    """The outcome for one item on a day, with all reasons, the worst first.

    Raises ValueError for a finding that the table does not know, which would otherwise pass unseen.
    """
    if unknown := item.findings - FINDINGS:
        raise ValueError(f"unknown findings: {sorted(unknown)}")
    case, stage = Case(item, on, policy), Stage(stage)
    rows = (row for row in ROWS if (row.ticked and row.code in item.findings) or row.applies(case))
    reasons = sorted((_reason(row, case, stage) for row in rows), key=lambda each: -each.outcome.severity)
    outcome = reasons[0].outcome if reasons else Outcome.ACCEPT
    return Screening(outcome, tuple(reasons), tuple(_flags(case)))


def _reason(row: Row, case: Case, stage: Stage) -> Reason:
    outcome = row.counter if stage is Stage.COUNTER else row.sorting
    soft = row.soft and case.policy.out_of_scope_soft
    if soft and stage is Stage.SORTING:
        outcome = Outcome.REVIEW
    is_device = case.medicine is not None and case.medicine.is_device
    decided = outcome is Outcome.REFUSE
    return Reason(
        code=row.code,
        message_zh=(row.decided_zh if decided else row.zh).format(min_days=case.policy.min_days),
        message_en=(row.decided_en if decided else row.en).format(min_days=case.policy.min_days),
        basis=(row.device_basis if is_device else "") or row.basis,
        override=Override.NEVER if outcome is Outcome.REFUSE and not soft else Override.PHARMACIST,
        outcome=outcome,
    )


def _flags(case: Case) -> Iterator[Flag]:
    medicine, last_day = case.medicine, case.item.last_usable_day
    if is_cold_chain(case) or "cold_chain" in case.item.findings:
        yield Flag("cold_chain", "需冷藏药品", "Needs a cold chain")
    if last_day and (last_day - case.on).days > case.policy.far_off_days:
        yield Flag("expiry_far_off", "有效期过远，请核对", "Expiry unusually far off: check the year")
    if not case.item.approval_format_ok:
        yield Flag("approval_format", "批准文号格式不符，请核对", "Approval number has an unknown format")
    if medicine and medicine.pediatric:
        yield Flag("pediatric", "儿童可用剂型", "Form suitable for children")
    if medicine and medicine.rx_otc == "Rx":
        yield Flag("prescription", "处方药", "Prescription medicine")
    if medicine and len(medicine.ingredients) > 1:
        yield from (_doubled(name) for name in _DOUBLED if name in medicine.ingredients)


def _doubled(name: str) -> Flag:
    return Flag(
        "duplicate_ingredient",
        f"含{_DOUBLED[name]}，勿与含同一成分的药品同用",
        f"Contains {name}: not together with another medicine containing it",
    )
