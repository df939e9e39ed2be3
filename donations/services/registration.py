"""Registering what a donor brings, and taking a registration back before it leaves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from catalogue.queries import open_recalls
from core.commands import Act
from core.errors import Fault, Invalid
from core.inserts import insert_linked
from core.language import in_language
from core.receipt_codes import ReceiptCodeError, new_receipt_code, unguessable_receipt_code
from donations.custody import Step, custody_entry, write_custody
from donations.errors import (
    CampaignClosed,
    FutureDay,
    NotADropOffPoint,
    NotAtPoint,
    NotOwnRegistration,
    SourceNotConfirmed,
)
from donations.identity import name_mac, phone_mac, seal
from donations.intake import DonationDraft, Judgement, judge_item
from donations.known import known_of_drafts
from donations.models import Box, Campaign, Custody, CustodyKind, Donation, Donor, DonorIdentity, Item
from donations.queries import items_held
from organisation.models import Place, Policy

# What a statement takes at once: far below PostgreSQL's 65,535 parameters.
BATCH = 1500


def register_donation(
    *, act: Act, place: Place, campaign: Campaign, policy: Policy, draft: DonationDraft
) -> tuple[Donation, list[tuple[Item, Judgement]]]:
    """Register what one donor brings to the counter, each item judged on its own.

    A refused item is recorded as refused: given back on the spot, or left in the sealed bin for disposal.
    """
    check_draft(act, place, campaign, draft)
    judgements = judge_draft(act, place.pk, campaign, policy, draft, pointer="/items")
    donation = _write_donation(act, place, campaign, draft)
    items = [item_row(act, donation, line, judgement) for line, judgement in enumerate(judgements, start=1)]
    _write_items(act, place, draft, items)
    write_boxes(zip(items, judgements, strict=True))
    return donation, list(zip(items, judgements, strict=True))


def judge_draft(
    act: Act,
    place_id: int,
    campaign: Campaign,
    policy: Policy,
    draft: DonationDraft,
    *,
    pointer: str,
    within: Donation | None = None,
) -> list[Judgement]:
    """Judge every item of a draft by what the books know at this moment; `within` is the donation it adds to."""
    [known] = known_of_drafts(act.county_id, campaign, [draft], on=act.on, hold=True, within=within)
    recalls = open_recalls(act.county_id)
    return [
        judge_item(
            item,
            campaign=campaign,
            policy=policy,
            on=act.on,
            recalls=recalls,
            known=known[line],
            place_id=place_id,
            pointer=f"{pointer}/{line}",
        )
        for line, item in enumerate(draft.items)
    ]


def void_donation(*, act: Act, donation: Donation, reason: str) -> None:
    """Take a registration back before any of it left the drop-off point; afterwards only a correction helps."""
    if donation.registered_by != act.actor_id:
        raise NotOwnRegistration
    items = items_held([donation.pk])
    standing = [(item, item.holdings.at_point) for item in items if item.holdings.at_point]
    if not standing or any(item.holdings.on_the_way or item.holdings.counted for item in items):
        raise NotAtPoint
    steps = [
        Step(
            CustodyKind.VOIDED,
            Custody.AT_POINT,
            Custody.VOIDED,
            quantity,
            donation.place_id,
            item_id=item.pk,
            reason="voided",
            note=reason,
        )
        for item, quantity in standing
    ]
    write_custody(steps, act=act)


def check_draft(act: Act, place: Place, campaign: Campaign, draft: DonationDraft) -> None:
    """The rules of a donation as a whole; its items are judged one by one."""
    if not place.takes_donations or not place.active:
        raise NotADropOffPoint(pointer="/place")
    if draft.received_on > act.on:
        raise FutureDay(pointer="/received_on")
    if not campaign.starts_on <= draft.received_on <= campaign.ends_on:
        raise CampaignClosed(pointer="/received_on")
    if not draft.source_confirmed:
        raise SourceNotConfirmed(pointer="/source_confirmed")
    if draft.kind != Donor.Kind.ANONYMOUS and not draft.identity.name:
        raise Invalid(
            faults=[Fault("/donor/name", "required", _("A name is needed unless the donor is anonymous."))]
        )


def _write_donation(act: Act, place: Place, campaign: Campaign, draft: DonationDraft) -> Donation:
    """The donor and the donation in one statement, then who the donor is, sealed to the donor's number."""
    donor = Donor(
        county_id=act.county_id, kind=draft.kind, publish=draft.publish, township_id=draft.township_id
    )
    donation = Donation(
        county_id=act.county_id,
        campaign=campaign,
        place=place,
        donor=donor,
        receipt_code=receipt_code_of(draft.receipt_code),
        received_on=draft.received_on,
        booked_on=act.booked,
        registered_by=act.actor_id,
        registered_at=act.at,
        source_confirmed=draft.source_confirmed,
        unfit=draft.unfit,
    )
    insert_linked([donor], [donation], "donor")
    if draft.identity:
        DonorIdentity.objects.create(
            county_id=act.county_id,
            donor=donor,
            sealed=seal(draft.identity, county_id=act.county_id, donor_id=donor.pk),
            name_mac=name_mac(draft.identity.name),
            phone_mac=phone_mac(draft.identity.phone),
        )
    return donation


def _write_items(act: Act, place: Place, draft: DonationDraft, items: Sequence[Item]) -> None:
    """The items with the first entries of the custody journal about each, in one statement."""
    entries = []
    for item in items:
        for step in first_steps(place, draft, [item]):
            entries.append(custody_entry(step, act=act))
            entries[-1].item = item
    insert_linked(items, entries, "item")


def receipt_code_of(given: str | None) -> str:
    """The code made on the device or printed on a slip, if it is whole and no pattern; a new one for none given."""
    try:
        return (unguessable_receipt_code(given) if given else new_receipt_code()).replace("-", "")
    except ReceiptCodeError as error:
        message = in_language(error.message, error.message_en)
        raise Invalid(faults=[Fault("/receipt_code", error.code, message)]) from None


def item_row(act: Act, donation: Donation, line: int, judgement: Judgement) -> Item:
    """The item as it is written down, with what screening said."""
    draft, expiry = judgement.draft, judgement.expiry
    return Item(
        county_id=act.county_id,
        donation=donation,
        line=line,
        medicine=draft.medicine,
        description=draft.description,
        specification=draft.specification,
        manufacturer=draft.manufacturer,
        approval_number=draft.approval_number,
        lot_number=draft.lot_number,
        lot_state=draft.lot_state,
        expiry_raw=draft.expiry,
        expiry_precision=expiry.precision if expiry else "",
        last_usable_day=expiry.last_usable_day if expiry else None,
        expiry_state="read" if expiry else draft.expiry_state,
        quantity=draft.quantity,
        unit="" if draft.medicine else draft.unit,
        opened=draft.opened,
        container=draft.container,
        findings=list(draft.findings),
        trace_codes=list(draft.trace_codes),
        barcode=draft.barcode,
        outcome=judgement.screening.outcome,
        reasons=[reason.code for reason in judgement.screening.reasons],
    )


def write_boxes(judged: Iterable[tuple[Item, Judgement]]) -> None:
    """Note the boxes that bear a code of their own, so that whoever registers one again is told."""
    rows = [
        Box(county_id=item.county_id, item=item, code=code)
        for item, judgement in judged
        for code in judgement.known.codes
    ]
    Box.objects.bulk_create(rows, batch_size=BATCH)


def first_steps(place: Place, draft: DonationDraft, items: Sequence[Item]) -> list[Step]:
    """Into the custody journal: registered, or refused and perhaps left for disposal."""
    steps = []
    for item in items:
        if item.outcome != "refuse":
            steps.append(_step(CustodyKind.REGISTERED, Custody.OUTSIDE, Custody.AT_POINT, item, place))
            continue
        steps.append(_step(CustodyKind.REFUSED, Custody.OUTSIDE, Custody.REFUSED, item, place))
        if draft.unfit == Donation.Unfit.DESTROY:
            steps.append(_step(CustodyKind.LEFT_FOR_DISPOSAL, Custody.REFUSED, Custody.IN_BIN, item, place))
    return steps


def _step(kind: CustodyKind, source: Custody, target: Custody, item: Item, place: Place) -> Step:
    reason = item.reasons[0] if kind != CustodyKind.REGISTERED else ""
    return Step(kind, source, target, item.quantity, place.pk, item_id=item.pk, reason=reason)
