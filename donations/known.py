"""What the books already know of goods on a table, as screening asks for it.

The same at the counter, while typing, on import and at the sorting table, and looked up for all items at once. A
box that was registered before and a person with many boxes are for a pharmacist to look at (回流药); neither is
refused, for a real repeat is evidence.
"""

from __future__ import annotations

import datetime
import math
from collections import defaultdict
from collections.abc import Collection, Hashable, Sequence

from donations.amounts import Amounts, amounts_before, amounts_with, medicine_of, older_macs, person_of
from donations.boxes import box_codes, boxes_in
from donations.intake import DonationDraft, ItemDraft, Known
from donations.models import Box, Campaign, Donation, Donor, Item
from donations.sightings import hold_codes, last_seen, sightings_of

Codes = Sequence[Sequence[str]]


def known_of_drafts(
    county_id: str,
    campaign: Campaign | None,
    drafts: Sequence[DonationDraft],
    *,
    on: datetime.date,
    hold: bool = False,
    within: Donation | None = None,
) -> list[list[Known]]:
    """What is known of every item of every draft, in their order; a code that comes twice counts as seen.

    `hold` makes others who register the same codes wait until this command ends, so that the second is told of
    the first. `within` is the donation to which the items of the one draft are added.
    """
    codes = [
        [box_codes(item.trace_codes, item.barcode, today=on) for item in draft.items] for draft in drafts
    ]
    wanted = {code for each in codes for item in each for code in item}
    if hold:
        hold_codes(county_id, wanted)
    seen = sightings_of(county_id, wanted)
    days = {code: last_seen(seen, [code], besides=within.pk if within else None) for code in wanted}
    boxes = _boxes(county_id, campaign, drafts, codes, within)
    return [
        [
            Known(tuple(dict.fromkeys(own)), boxes[number][line], _seen_on(days, own, draft.received_on))
            for line, own in enumerate(codes[number])
        ]
        for number, draft in enumerate(drafts)
    ]


def known_of_draft(item: ItemDraft, *, county_id: str, on: datetime.date) -> Known:
    """What is known of one item that is being typed, before anybody says whose it is."""
    draft = DonationDraft(received_on=on, items=[item], kind=Donor.Kind.ANONYMOUS, source_confirmed=True)
    [[known]] = known_of_drafts(county_id, None, [draft], on=on)
    return known


def known_of_items(county_id: str, items: Collection[Item]) -> dict[int, Known]:
    """What is known of items at the sorting table, by id; each comes with its donation and medicine.

    A box counts as seen whichever of its registrations came first: nobody can say which box is the true one.
    """
    codes: dict[int, list[str]] = defaultdict(list)
    coded = [item.pk for item in items if item.trace_codes or item.barcode]
    for item_id, code in Box.objects.filter(item__in=coded).values_list("item", "code"):
        codes[item_id].append(code)
    seen = sightings_of(county_id, {code for each in codes.values() for code in each})
    people, amounts = amounts_with(county_id, items)
    return {
        item.pk: Known(
            codes=tuple(codes[item.pk]),
            boxes=_boxes_of(amounts, people.get(item.donation_id), medicine_of(item)),
            seen_on=last_seen(seen, codes[item.pk], besides=item.donation_id),
        )
        for item in items
    }


def _boxes(
    county_id: str,
    campaign: Campaign | None,
    drafts: Sequence[DonationDraft],
    codes: Sequence[Codes],
    within: Donation | None,
) -> list[list[int]]:
    """How many boxes of its medicine the person behind each item brings, by draft and line."""
    people, amounts = _people(county_id, campaign, drafts, within)
    for person, draft, own in zip(people, drafts, codes, strict=True):
        for item, numbers in zip(draft.items, own, strict=True):
            amounts[person, medicine_of(item)] += boxes_in(item.quantity, item.specification, len(numbers))
    return [
        [_boxes_of(amounts, person, medicine_of(item)) for item in draft.items]
        for person, draft in zip(people, drafts, strict=True)
    ]


def _people(
    county_id: str, campaign: Campaign | None, drafts: Sequence[DonationDraft], within: Donation | None
) -> tuple[list[Hashable], Amounts]:
    """Who is behind each draft, and what these people brought so far."""
    if within is not None:
        by_donation, amounts = amounts_with(county_id, within.items.all())
        return [by_donation.get(within.pk)], amounts
    campaign_id = campaign.pk if campaign else None
    people = [
        person_of(campaign_id, draft.kind, draft.identity, number) for number, draft in enumerate(drafts)
    ]
    phones = {person[2] for person in people if isinstance(person, tuple)}
    older = older_macs(draft.identity for draft in drafts)
    return people, amounts_before(county_id, campaign_id, phones, older)


def _boxes_of(amounts: Amounts, person: Hashable, medicine: Hashable) -> int:
    return 0 if person is None else math.ceil(amounts[person, medicine])


def _seen_on(
    days: dict[str, datetime.date | None], codes: Sequence[str], received_on: datetime.date
) -> datetime.date | None:
    """The last day on which one of these boxes was registered; from here on they were, on this donation's."""
    seen = []
    for code in codes:
        seen.append(days[code])
        days[code] = received_on
    return max(filter(None, seen), default=None)
