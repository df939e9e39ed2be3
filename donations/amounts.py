"""How many boxes of one medicine one person brings within a campaign, over all their donations.

A person is known again by name and phone together; without a phone, what came at one go is counted. A work unit
brings for many: it is nobody's own amount.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db.models import F, OuterRef, QuerySet

from donations.boxes import boxes_in
from donations.identity import Identity, name_mac, name_macs, phone_mac, phone_macs
from donations.intake import ItemDraft
from donations.models import Donor, DonorIdentity, Item
from donations.queries import given_by_item

Amounts = dict[tuple[Hashable, Hashable], Fraction]
"""Boxes by person and medicine; a person is None for a work unit."""

NO_MACS: Mapping[bytes, bytes] = {}


@dataclass(frozen=True)
class _Brought:
    """What one item of the books brought."""

    donation_id: int
    person: Hashable
    medicine: Hashable
    boxes: Fraction


def person_of(campaign_id: int | None, kind: str, identity: Identity, alone: Hashable) -> Hashable:
    """Who brings this; `alone` stands for somebody who will not be known again."""
    return _person(campaign_id, kind, name_mac(identity.name), phone_mac(identity.phone), alone)


def medicine_of(item: Item | ItemDraft) -> Hashable:
    """The medicine, or what the clerk wrote where the catalogue does not know it."""
    return item.medicine.pk if item.medicine else item.description


def older_macs(identities: Iterable[Identity]) -> dict[bytes, bytes]:
    """While keys are changed: the present keyed hash of these names and phones by the one under the other key."""
    return {
        older: macs[0]
        for identity in identities
        for macs in (name_macs(identity.name), phone_macs(identity.phone))
        for older in macs[1:]
    }


def amounts_before(
    county_id: str, campaign_id: int | None, phones: Collection[bytes], older: Mapping[bytes, bytes]
) -> Amounts:
    """What donors with these phones brought in the campaign so far, however their names were hashed."""
    if not phones:
        return _added_up([])
    return _added_up(_brought(_of_phones(county_id, [campaign_id], {*phones, *older}), older=older))


def amounts_with(county_id: str, items: Collection[Item]) -> tuple[Mapping[int, Hashable], Amounts]:
    """Who brought each of these items' donations, and all that these people brought in the same campaign."""
    donations = {item.donation_id for item in items}
    theirs = DonorIdentity.objects.filter(
        county=county_id, donor__donations__in=donations, phone_mac__isnull=False
    ).exclude(donor__kind=Donor.Kind.WORK_UNIT)
    others = _of_phones(county_id, {item.donation.campaign_id for item in items}, theirs.values("phone_mac"))
    # Two questions in one statement, each by its own index; asked as one with "or", neither would serve.
    brought = list(
        _brought(Item.objects.filter(donation__in=donations), others.exclude(donation__in=donations))
    )
    own = {each.donation_id: each.person for each in brought if each.donation_id in donations}
    return own, _added_up(brought)


def _of_phones(county_id: str, campaigns: Collection[int | None], phones: Any) -> QuerySet[Item]:
    """Items of donors with these phones: keyed hashes, or a query for them."""
    return Item.objects.filter(
        county_id=county_id,
        donation__campaign__in=campaigns,
        donation__donor__identities__county=county_id,
        donation__donor__identities__phone_mac__in=phones,
    )


def _brought(*parts: QuerySet[Item], older: Mapping[bytes, bytes] = NO_MACS) -> Iterator[_Brought]:
    first, *more = (
        items.annotate(
            given=given_by_item(OuterRef("pk")),
            campaign=F("donation__campaign"),
            kind=F("donation__donor__kind"),
            name=F("donation__donor__identities__name_mac"),
            phone=F("donation__donor__identities__phone_mac"),
        )
        .filter(given__gt=0)
        .values()
        for items in parts
    )
    for row in first.union(*more, all=True) if more else first:
        macs = (bytes(row[mac]) if row[mac] else None for mac in ("name", "phone"))
        name, phone = (older.get(mac, mac) if mac else None for mac in macs)
        yield _Brought(
            donation_id=row["donation_id"],
            person=_person(row["campaign"], row["kind"], name, phone, row["donation_id"]),
            medicine=row["medicine_id"] or row["description"],
            boxes=boxes_in(row["given"], row["specification"], min(len(row["trace_codes"]), row["given"])),
        )


def _person(
    campaign_id: int | None, kind: str, name: bytes | None, phone: bytes | None, alone: Hashable
) -> Hashable:
    if kind == Donor.Kind.WORK_UNIT:
        return None
    return (campaign_id, name, phone) if phone else alone


def _added_up(brought: Iterable[_Brought]) -> Amounts:
    amounts: Amounts = defaultdict(Fraction)
    for each in brought:
        amounts[each.person, each.medicine] += each.boxes
    return amounts
