"""Goods that turned up on a shelf and that no book explains: an anonymous donation, sorted like any other."""

from __future__ import annotations

from collections.abc import Sequence

from catalogue.queries import open_recalls
from core.commands import Act
from donations.custody import Step, write_custody
from donations.errors import CampaignClosed
from donations.intake import NOTHING_KNOWN, DonationDraft, ItemDraft, Judgement, judge_item
from donations.models import Campaign, Custody, CustodyKind, Donation, Donor, Item
from donations.services.registration import first_steps, item_row, receipt_code_of
from organisation.models import Place, Policy


def register_found(
    *, act: Act, place: Place, policy: Policy, found: Sequence[ItemDraft], found_by: int
) -> tuple[Donation, list[Item]]:
    """Register what a count found beyond the books, as `found_by` brought it to light.

    Any place may find something, also one that takes no donations. Where the place sorts, the goods count as
    counted and wait in its sorting queue; elsewhere they wait to be handed over to a pharmacy. What the rules refuse
    outright, such as goods past their last day, goes into the bin. Eight statements, whatever the number of items.

    The goods stood on the programme's own shelf, where nothing comes without its donor's promise of origin: the
    donation is registered with it. Who sorts them and doubts it ticks 来源不明, which refuses them.
    """
    campaign = _campaign(act)
    judgements = _judged(act, place, campaign, policy, found)
    donation = Donation.objects.create(
        county_id=act.county_id,
        campaign=campaign,
        place=place,
        donor=Donor.objects.create(county_id=act.county_id, kind=Donor.Kind.ANONYMOUS),
        receipt_code=receipt_code_of(None),
        received_on=act.on,
        booked_on=act.booked,
        registered_by=found_by,
        registered_at=act.at,
        source_confirmed=True,
        unfit=Donation.Unfit.DESTROY,
    )
    items = Item.objects.bulk_create(
        item_row(act, donation, line, judgement) for line, judgement in enumerate(judgements, start=1)
    )
    draft = DonationDraft(act.on, found, Donor.Kind.ANONYMOUS, source_confirmed=True, unfit=donation.unfit)
    write_custody([*first_steps(place, draft, items), *_counted(place, items)], act=act)
    return donation, items


def _judged(
    act: Act, place: Place, campaign: Campaign, policy: Policy, found: Sequence[ItemDraft]
) -> list[Judgement]:
    """What the table of the counter says of each; nobody can say of whom these units are, or of which box."""
    recalls = open_recalls(act.county_id)
    return [
        judge_item(
            draft,
            campaign=campaign,
            policy=policy,
            on=act.on,
            recalls=recalls,
            known=NOTHING_KNOWN,
            place_id=place.pk,
        )
        for draft in found
    ]


def _campaign(act: Act) -> Campaign:
    """The campaign of the day, else the one that began last; a county without an open campaign takes nothing in."""
    campaigns = Campaign.objects.filter(
        county_id=act.county_id, state=Campaign.State.OPEN, starts_on__lte=act.on
    )
    running = campaigns.order_by("-ends_on", "-starts_on").first()
    if running is None:
        raise CampaignClosed
    return running


def _counted(place: Place, items: Sequence[Item]) -> list[Step]:
    """Finding was counting: a pharmacy sorts the goods without counting them once more."""
    if not place.sorts:
        return []
    return [
        Step(
            CustodyKind.RECEIVED, Custody.AT_POINT, Custody.COUNTED, item.quantity, place.pk, item_id=item.pk
        )
        for item in items
        if item.outcome != "refuse"
    ]
