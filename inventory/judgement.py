"""A pharmacist's decision on some units of an item, judged before anything is written: the label is read, the
decision table runs again at the sorting table, and what it refuses nobody can accept."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from catalogue.at_the_counter import medicine_facts, screening_policy
from catalogue.codes.spelling import compact, lot_as_read
from catalogue.expiry import Expiry, ExpiryUnreadable, MonthPolicy, read_expiry
from catalogue.models import Medicine, Product
from catalogue.recalls import OpenRecalls, Suspicion
from catalogue.screening import Outcome, Reason, Screening, screen
from catalogue.screening_facts import Container, ItemFacts, PrintState, Stage
from catalogue.screening_rules import ROWS
from core.errors import Fault, Invalid
from core.language import in_language
from donations.intake import NOTHING_KNOWN, Known, in_scope
from donations.models import Item, Seen
from inventory.checklist import CHECKLIST
from inventory.contradictions import check_not_contradicted, counted_otherwise
from inventory.errors import ChecklistIncomplete, LabelNotRead, ReasonNeeded, ScreeningRefuses
from inventory.models import Batch, Pack, SortingDecision
from organisation.models import Policy

REASON_CODES = frozenset(row.code for row in ROWS)
OTHER_REASON = "other"
# Why units are in doubt that wait for the word of a second person.
AWAITING = "awaiting_confirmation"
LOT_LENGTH = Batch._meta.get_field("lot_number").max_length or 0
ACCEPT = SortingDecision.Outcome.ACCEPT


@dataclass(frozen=True)
class DecisionDraft:
    """What a pharmacist says of some units of an item; quantity in smallest units, label texts as printed.

    `reason` is a code of the screening table, or the pharmacist's own words. `proposed` is the outcome that
    another pharmacist is asked to confirm for units that are left in doubt. `medicine_code` names a medicine
    that is still to be looked up (the sorting table does).
    """

    outcome: str
    quantity: int
    medicine: Medicine | None = None
    product: Product | None = None
    lot_number: str = ""
    expiry: str = ""
    pack: str = ""
    container: str = ""
    findings: Sequence[str] = ()
    reason: str = ""
    checklist: Mapping[str, bool] = field(default_factory=dict)
    proposed: str = ""
    medicine_code: str = ""


@dataclass(frozen=True)
class Grounds:
    """What an item is judged by: the county's policy, the day, the recalls in force, what the books know of it."""

    policy: Policy
    on: datetime.date
    recalls: OpenRecalls
    known: Known = NOTHING_KNOWN


@dataclass(frozen=True)
class Found:
    """What units were found to be: by a pharmacist at the table, or as they were registered."""

    medicine: Medicine | None
    lot_number: str
    last_usable_day: datetime.date | None
    opened: bool
    container: str
    findings: Sequence[str] = ()
    product: Product | None = None


@dataclass(frozen=True)
class Judged:
    """A decision that may be carried out: what its batch is, and what the decision table says of it."""

    draft: DecisionDraft
    pointer: str
    medicine: Medicine | None
    lot_number: str
    last_usable_day: datetime.date | None
    screening: Screening
    reason: str
    note: str

    @property
    def accepted(self) -> bool:
        return self.draft.outcome == ACCEPT


def judge_decision(item: Item, draft: DecisionDraft, grounds: Grounds, pointer: str = "") -> Judged:
    """Read the label and screen what the decision is about; refuse an acceptance that the rules do not allow.

    `item` comes with its donation and campaign. For units that are not accepted, what is not given is taken from the
    item, and a label that cannot be read counts as not read. What is only proposed is judged as if it were decided.
    """
    if draft.proposed:
        proposed = replace(draft, outcome=draft.proposed, proposed="")
        judged = judge_decision(item, proposed, grounds, pointer)
        return replace(judged, draft=draft, reason=AWAITING)
    accepted = draft.outcome == ACCEPT
    if accepted:
        _check_filled_in(item, draft, pointer)
    found, last_day = _found(item, draft, grounds.policy, pointer)
    screening = screen_item(item, found, grounds)
    if accepted:
        _check_acceptable(draft, found.medicine, found.lot_number, last_day, screening, pointer)
    else:
        check_not_contradicted(
            draft.reason,
            found.last_usable_day,
            unread=bool(draft.expiry) and last_day is None,
            policy=grounds.policy,
            on=grounds.on,
            pointer=pointer,
        )
    reason, note = _reason(draft, screening, pointer)
    return Judged(draft, pointer, found.medicine, found.lot_number, last_day, screening, reason, note)


def _found(
    item: Item, draft: DecisionDraft, policy: Policy, pointer: str
) -> tuple[Found, datetime.date | None]:
    """What the decision says the units are, and the last usable day that it read itself."""
    accepted = draft.outcome == ACCEPT
    expiry = _expiry(draft, policy, pointer)
    last_day = expiry.last_usable_day if expiry else None
    lot_number = draft.lot_number or ("" if accepted else item.lot_number)
    found = Found(
        medicine=draft.medicine or item.medicine,
        lot_number=lot_as_read(lot_number)[:LOT_LENGTH],
        last_usable_day=last_day or (None if accepted else item.last_usable_day),
        opened=draft.pack == Pack.OPENED if draft.pack else item.opened,
        container=draft.container or item.container,
        findings=draft.findings,
        product=draft.product,
    )
    return found, last_day


def screen_item(item: Item, found: Found, grounds: Grounds, stage: Stage = Stage.SORTING) -> Screening:
    """The decision table at the sorting table, for units of this item as they were found to be."""
    medicine = found.medicine
    recalled = grounds.recalls.suspicion(
        medicine_id=medicine.pk if medicine else None,
        lot_number=found.lot_number,
        product_id=found.product.pk if found.product else None,
        place_id=item.holdings.place_id,
    )
    facts = ItemFacts(
        medicine=medicine_facts(medicine) if medicine else None,
        lot_state=PrintState.READ if found.lot_number else _unread(item.lot_state),
        expiry_state=PrintState.READ if found.last_usable_day else _unread(item.expiry_state),
        last_usable_day=found.last_usable_day,
        opened=found.opened,
        container=Container(found.container) if found.container else None,
        approval_state=PrintState.READ if item.approval_number else PrintState.NOT_READ,
        source_confirmed=item.donation.source_confirmed,
        findings=frozenset(item.findings) | frozenset(found.findings),
        in_campaign_scope=in_scope(item.donation.campaign, medicine),
        recall_match=recalled == Suspicion.CERTAIN,
        recall_possible=recalled == Suspicion.POSSIBLE,
        boxes=grounds.known.boxes,
        trace_seen_before=grounds.known.seen_on is not None,
    )
    return screen(facts, stage=stage, on=grounds.on, policy=screening_policy(grounds.policy))


def screen_as_registered(item: Item, grounds: Grounds) -> Screening:
    """What the table says of an item in the queue, by what was read of it so far.

    Where medicine, lot or expiry wait to be read by the pharmacist, it says what it says at the counter: the sorting
    table refuses what cannot be read, and nobody has tried yet.
    """
    found = Found(item.medicine, item.lot_number, item.last_usable_day, item.opened, item.container)
    unread = PrintState.NOT_READ.value
    is_read = item.medicine is not None and unread not in (item.lot_state, item.expiry_state)
    return screen_item(item, found, grounds, Stage.SORTING if is_read else Stage.COUNTER)


def screening_record(screening: Screening) -> dict[str, Any]:
    """What is kept with a decision: every reason in both languages with its basis, as it stood that day."""
    return {
        "outcome": str(screening.outcome),
        "reasons": [
            {"code": reason.code, "zh": reason.message_zh, "en": reason.message_en, "basis": reason.basis}
            for reason in screening.reasons
        ],
    }


def reason_words(reason: Reason) -> str:
    return in_language(reason.message_zh, reason.message_en)


def _unread(state: str) -> PrintState:
    return PrintState.NOT_PRINTED if state == Seen.NOT_PRINTED else PrintState.NOT_READ


def _expiry(draft: DecisionDraft, policy: Policy, pointer: str) -> Expiry | None:
    if not draft.expiry:
        return None
    try:
        return read_expiry(draft.expiry, policy=MonthPolicy(policy.month_policy))
    except ExpiryUnreadable as error:
        if draft.outcome != ACCEPT:
            return None
        message = in_language(error.message_zh, error.message_en)
        raise Invalid(faults=[Fault(f"{pointer}/expiry", error.code, message)]) from None


def _check_filled_in(item: Item, draft: DecisionDraft, pointer: str) -> None:
    faults = [
        Fault(f"{pointer}/{name}", "required", _("Needed here."))
        for name in ("medicine", "pack")
        if not getattr(draft, name)
    ]
    if draft.medicine and (words := counted_otherwise(item, draft.medicine)):
        faults.append(Fault(f"{pointer}/medicine", "other_unit", words))
    if len(compact(draft.lot_number)) > LOT_LENGTH:
        faults.append(Fault(f"{pointer}/lot_number", "too_long", _("This lot number is too long.")))
    if draft.product and draft.medicine and draft.product.medicine_id != draft.medicine.pk:
        faults.append(
            Fault(f"{pointer}/product", "other_medicine", _("This product is of another medicine."))
        )
    if faults:
        raise Invalid(faults=faults)
    unconfirmed = [point for point in CHECKLIST if draft.checklist.get(point) is not True]
    if unconfirmed:
        raise ChecklistIncomplete(
            faults=[
                Fault(f"{pointer}/checklist/{point}", ChecklistIncomplete.code, ChecklistIncomplete.message)
                for point in unconfirmed
            ]
        )


def _check_acceptable(
    draft: DecisionDraft,
    medicine: Medicine | None,
    lot_number: str,
    last_day: datetime.date | None,
    screening: Screening,
    pointer: str,
) -> None:
    """药品管理法 art. 98: without lot and expiry it is no medicine that may be used; what is refused stays so."""
    unread = []
    if medicine and medicine.requires_lot and not lot_number:
        unread.append("lot_number")
    if medicine and medicine.requires_expiry and last_day is None:
        unread.append("expiry")
    if unread:
        raise LabelNotRead(
            faults=[Fault(f"{pointer}/{name}", LabelNotRead.code, LabelNotRead.message) for name in unread]
        )
    if screening.outcome == Outcome.REFUSE:
        raise ScreeningRefuses(
            faults=[
                Fault(f"{pointer}/outcome", reason.code, reason_words(reason))
                for reason in screening.reasons
                if reason.outcome == Outcome.REFUSE
            ]
        )


def _reason(draft: DecisionDraft, screening: Screening, pointer: str) -> tuple[str, str]:
    """The code under which the decision is counted, and the pharmacist's words."""
    reviewed = draft.outcome == ACCEPT and screening.outcome == Outcome.REVIEW
    if not draft.reason and (reviewed or draft.outcome != ACCEPT):
        raise ReasonNeeded(pointer=f"{pointer}/reason")
    if reviewed:
        return screening.reasons[0].code, draft.reason
    if draft.outcome == ACCEPT:
        return "", draft.reason
    return (draft.reason, "") if draft.reason in REASON_CODES else (OTHER_REASON, draft.reason)
