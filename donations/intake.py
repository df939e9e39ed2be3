"""What a clerk enters for one donation, and the judgement over each item: the same at the counter, while typing
and on import."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from catalogue.at_the_counter import medicine_facts, screening_policy
from catalogue.codes.messages import CodeError
from catalogue.codes.registrations import approval_number
from catalogue.expiry import Expiry, ExpiryUnreadable, MonthPolicy, from_production, read_expiry
from catalogue.models import Medicine
from catalogue.recalls import OpenRecalls, Suspicion
from catalogue.screening import Outcome, Override, Screening, screen
from catalogue.screening_facts import Container, ItemFacts, PrintState, Stage
from core.errors import Fault, Invalid
from core.language import in_language
from donations.errors import NotForPharmacist
from donations.identity import Identity
from donations.models import Campaign
from organisation.models import Policy

MONTH_OR_DAY = datetime.timedelta(days=31)


@dataclass(frozen=True)
class ItemDraft:
    """One medicine as the clerk saw it; quantity in smallest units.

    `unit` is what they are called where the catalogue does not know the medicine. `for_pharmacist` puts before a
    pharmacist what is refused for nothing but the campaign's scope.
    """

    quantity: int
    medicine: Medicine | None = None
    description: str = ""
    specification: str = ""
    manufacturer: str = ""
    approval_number: str = ""
    lot_number: str = ""
    lot_state: str = "not_read"
    expiry: str = ""
    expiry_state: str = "not_read"
    produced_on: str = ""
    shelf_life_months: int | None = None
    opened: bool = False
    container: str = ""
    findings: Sequence[str] = ()
    trace_codes: Sequence[str] = ()
    barcode: str = ""
    unit: str = ""
    for_pharmacist: bool = False


@dataclass(frozen=True)
class DonationDraft:
    """One donor with what they brought."""

    received_on: datetime.date
    items: Sequence[ItemDraft]
    kind: str
    source_confirmed: bool
    unfit: str = "return"
    identity: Identity = field(default_factory=Identity)
    publish: str | None = None
    township_id: str | None = None
    receipt_code: str | None = None


@dataclass(frozen=True)
class Known:
    """What the books know of an item (`donations.known`): the codes that are one box's own, how many boxes of this
    medicine the person brings, and the last day on which one of these boxes was registered before."""

    codes: tuple[str, ...] = ()
    boxes: int = 0
    seen_on: datetime.date | None = None


NOTHING_KNOWN = Known()


@dataclass(frozen=True)
class Judgement:
    """The item with its expiry as read, what the books know of it and what screening says."""

    draft: ItemDraft
    expiry: Expiry | None
    known: Known
    screening: Screening


def judge_item(
    draft: ItemDraft,
    *,
    campaign: Campaign | None,
    policy: Policy,
    on: datetime.date,
    recalls: OpenRecalls,
    known: Known,
    place_id: int | None = None,
    pointer: str = "",
) -> Judgement:
    """Read the expiry and run the decision table for the counter; a label that cannot be read is refused.

    `recalls` are the county's; those of a single place count at `place_id` only.
    """
    expiry = expiry_of_draft(draft, policy, pointer)
    recalled = recalls.suspicion(
        medicine_id=draft.medicine.pk if draft.medicine else None,
        lot_number=draft.lot_number,
        place_id=place_id,
    )
    facts = _facts(draft, expiry, known, recalled, in_scope(campaign, draft.medicine))
    screening = screen(facts, stage=Stage.COUNTER, on=on, policy=screening_policy(policy))
    if draft.for_pharmacist and screening.outcome is Outcome.REFUSE:
        screening = _put_before_a_pharmacist(screening, pointer)
    return Judgement(draft, expiry, known, screening)


def _put_before_a_pharmacist(screening: Screening, pointer: str) -> Screening:
    """What is merely out of scope waits for the sorting table; no other refusal is anybody's to lift."""
    if not screening.may_be_put_before_a_pharmacist:
        final = next(reason for reason in screening.reasons if reason.override is Override.NEVER)
        raise NotForPharmacist(
            faults=[
                Fault(
                    f"{pointer}/for_pharmacist",
                    NotForPharmacist.code,
                    in_language(final.message_zh, final.message_en),
                )
            ]
        )
    return screening.put_before_a_pharmacist()


def _facts(
    draft: ItemDraft, expiry: Expiry | None, known: Known, recalled: Suspicion | None, asked_for: bool
) -> ItemFacts:
    return ItemFacts(
        medicine=medicine_facts(draft.medicine) if draft.medicine else None,
        lot_state=PrintState(draft.lot_state),
        expiry_state=PrintState.READ if expiry else PrintState(draft.expiry_state),
        last_usable_day=expiry.last_usable_day if expiry else None,
        opened=draft.opened,
        container=Container(draft.container) if draft.container else None,
        approval_state=PrintState.READ if draft.approval_number else PrintState.NOT_READ,
        approval_format_ok=_approval_ok(draft.approval_number),
        findings=frozenset(draft.findings),
        in_campaign_scope=asked_for,
        recall_match=recalled == Suspicion.CERTAIN,
        recall_possible=recalled == Suspicion.POSSIBLE,
        boxes=known.boxes,
        trace_seen_before=known.seen_on is not None,
    )


def in_scope(campaign: Campaign | None, medicine: Medicine | None) -> bool:
    """A campaign that names no categories takes all; an unknown medicine is for the pharmacist to place."""
    return (
        campaign is None
        or medicine is None
        or not campaign.categories
        or medicine.category in campaign.categories
    )


def expiry_of_draft(draft: ItemDraft, policy: Policy, pointer: str) -> Expiry | None:
    """The expiry as read, or worked out from the production day; Invalid where it cannot be read."""
    month_policy = MonthPolicy(policy.month_policy)
    if draft.expiry and draft.expiry_state == "not_printed":
        # What stands on another box is not printed on the unit handed over: 药品管理法 art. 98 knows no exception.
        raise Invalid(faults=[Fault(f"{pointer}/expiry", "contradiction", _("Not printed, yet given."))])
    try:
        printed = read_expiry(draft.expiry, policy=month_policy) if draft.expiry else None
        if draft.produced_on and draft.shelf_life_months:
            derived = from_production(draft.produced_on, draft.shelf_life_months, policy=month_policy)
            if printed is not None:
                _check_agree(printed, derived, pointer)
            return printed or derived
        if printed is not None:
            return printed
    except ExpiryUnreadable as error:
        message = in_language(error.message_zh, error.message_en)
        raise Invalid(faults=[Fault(f"{pointer}/expiry", error.code, message)]) from None
    if draft.expiry_state == "read":
        raise Invalid(
            faults=[
                Fault(f"{pointer}/expiry", "required", _("The expiry is said to be read, but is not given."))
            ]
        )
    return None


def _check_agree(printed: Expiry, derived: Expiry, pointer: str) -> None:
    """Of three dates that do not fit together one was misread, and nobody knows which: the box is read again.

    Printed and derived days differ by a month at most, for makers count months or days.
    """
    apart = printed.last_usable_day - derived.last_usable_day
    if abs(apart) > MONTH_OR_DAY:
        words = _("The expiry does not fit the production day and the shelf life, which give %(day)s.")
        told = words % {"day": derived.last_usable_day}
        raise Invalid(faults=[Fault(f"{pointer}/expiry", "expiry_contradicts_production", told)])


def _approval_ok(text: str) -> bool:
    return not text or not isinstance(approval_number(text), CodeError)
