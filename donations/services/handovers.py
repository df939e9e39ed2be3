"""Away from the drop-off point: donations on a sealed list, and taking a list back that never left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from core.commands import Act
from core.errors import Fault
from donations.custody import Step, write_custody
from donations.errors import HandoverClosed, HandoverTooLong, NotAPharmacy, NotAtPoint, SamePlace
from donations.models import (
    Custody,
    CustodyEntry,
    CustodyKind,
    Donation,
    Handover,
    HandoverDonation,
    HandoverGroup,
    Item,
    Seen,
)
from donations.queries import items_held
from donations.sealed_lists import lines_of, seal_of
from organisation.models import Place

GroupKey = tuple[int, str, object]
# No more lines than one count can answer for.
LINES_LIMIT = 5000


@dataclass(frozen=True)
class Transport:
    """Who carries the goods and how the bag is closed, as far as it was noted."""

    carrier: str = ""
    vehicle: str = ""
    seal_number: str = ""


def hand_over(
    *,
    act: Act,
    from_place: Place,
    to_place: Place,
    donations: Sequence[Donation],
    transport: Transport = Transport(),
) -> Handover:
    """Send donations to a pharmacy on a sealed list; identical items of many donors travel as one group.

    A constant number of statements, whatever the number of donations and items.
    """
    _check_way(from_place, to_place)
    items = _standing(from_place, donations)
    handover = _begin(act, from_place, to_place, donations, transport)
    groups = _groups(act, handover, items)
    write_custody((_leaving(handover, item, groups.get(_group_key(item))) for item in items), act=act)
    handover.list_seal = seal_of(handover, lines_of([handover])[handover.pk])
    handover.save(update_fields=["list_seal"])
    return handover


def _check_way(from_place: Place, to_place: Place) -> None:
    if not to_place.sorts or not to_place.active:
        raise NotAPharmacy(pointer="/to_place")
    if to_place.pk == from_place.pk:
        raise SamePlace(pointer="/to_place")


def _begin(
    act: Act, from_place: Place, to_place: Place, donations: Sequence[Donation], transport: Transport
) -> Handover:
    handover = Handover.objects.create(
        county_id=act.county_id,
        from_place=from_place,
        to_place=to_place,
        handed_over_on=act.on,
        handed_over_by=act.actor_id,
        carrier=transport.carrier,
        vehicle=transport.vehicle,
        seal_number=transport.seal_number,
    )
    HandoverDonation.objects.bulk_create(
        HandoverDonation(county_id=act.county_id, handover=handover, donation=donation)
        for donation in donations
    )
    return handover


def _standing(from_place: Place, donations: Sequence[Donation]) -> list[Item]:
    """What is to be sent, in register order; every donation has something that stands at the place.

    Locked, for what a correction adds meanwhile would stay behind, and its donation would be on the list.
    """
    items = [
        item
        for item in items_held(donation.pk for donation in donations)
        if item.holdings.at_point and item.holdings.place_id == from_place.pk
    ]
    sent = {item.donation_id for item in items}
    faults = [
        Fault(f"/donations/{index}", NotAtPoint.code, NotAtPoint.message)
        for index, donation in enumerate(donations)
        if donation.pk not in sent
    ]
    if faults:
        raise NotAtPoint(faults=faults)
    if len(items) > LINES_LIMIT:
        raise HandoverTooLong(pointer="/donations")
    return items


def _group_key(item: Item) -> GroupKey | None:
    """What makes items identical; only labels that were read can be compared."""
    if item.medicine_id is None or item.lot_state != Seen.READ or item.expiry_state != Seen.READ:
        return None
    return item.medicine_id, item.lot_number, item.last_usable_day


def _groups(act: Act, handover: Handover, items: Sequence[Item]) -> dict[GroupKey | None, HandoverGroup]:
    alike: dict[GroupKey, list[Item]] = defaultdict(list)
    for item in items:
        if key := _group_key(item):
            alike[key].append(item)
    shared = {key: group for key, group in alike.items() if len(group) > 1}
    made = HandoverGroup.objects.bulk_create(
        HandoverGroup(
            county_id=act.county_id,
            handover=handover,
            medicine_id=key[0],
            lot_number=key[1],
            last_usable_day=group[0].last_usable_day,
            declared=sum(item.holdings.at_point for item in group),
        )
        for key, group in shared.items()
    )
    return dict(zip(shared, made, strict=True))


def _leaving(handover: Handover, item: Item, group: HandoverGroup | None) -> Step:
    return Step(
        CustodyKind.HANDED_OVER,
        Custody.AT_POINT,
        Custody.ON_THE_WAY,
        item.holdings.at_point,
        handover.from_place_id,
        item_id=item.pk,
        group_id=group.pk if group else None,
        handover_id=handover.pk,
    )


def void_handover(*, act: Act, handover: Handover, reason: str) -> None:
    """Take a handover back that never left, or whose list is to be another: its goods wait at the point again."""
    handover = open_handover(handover.pk)
    sent = CustodyEntry.objects.filter(handover=handover, kind=CustodyKind.HANDED_OVER).order_by("item_id")
    steps = [
        Step(
            CustodyKind.REVERSED,
            Custody.ON_THE_WAY,
            Custody.AT_POINT,
            entry.quantity,
            handover.from_place_id,
            item_id=entry.item_id,
            group_id=entry.group_id,
            handover_id=handover.pk,
            reverses_id=entry.pk,
            reason="voided",
            note=reason,
        )
        for entry in sent
    ]
    handover.state, handover.void_reason = Handover.State.VOIDED, reason
    handover.voided_on, handover.voided_by = act.on, act.actor_id
    handover.save(update_fields=["state", "void_reason", "voided_on", "voided_by"])
    HandoverDonation.objects.filter(handover=handover).update(open=False)
    write_custody(steps, act=act)


def open_handover(pk: int) -> Handover:
    """The handover under lock, with its places; refused once it was received or voided."""
    handover = (
        Handover.objects.select_related("from_place", "to_place").select_for_update(of=("self",)).get(pk=pk)
    )
    if handover.state != Handover.State.OPEN:
        raise HandoverClosed
    return handover
