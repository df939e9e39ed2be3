"""From the drop-off point to the pharmacy: a sealed list, received by another person by counting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import cast

from core.commands import Act
from core.errors import Fault, NotFound
from donations.custody import Step, write_custody
from donations.errors import HandoverClosed, NotAPharmacy, NotAtPoint, NotTheWholeList, SamePerson
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
from donations.queries import items_of
from organisation.models import Place

GroupKey = tuple[int, str, object]


def hand_over(*, act: Act, from_place: Place, to_place: Place, donations: Sequence[Donation]) -> Handover:
    """Send donations to a pharmacy; identical items of many donors travel as one group."""
    if not to_place.sorts:
        raise NotAPharmacy(pointer="/to_place")
    items = [item for item in items_of(donation.pk for donation in donations) if item.holdings.at_point]
    if not items or any(item.holdings.place_id != from_place.pk for item in items):
        raise NotAtPoint(pointer="/donations")
    handover = Handover.objects.create(
        county_id=act.county_id,
        from_place=from_place,
        to_place=to_place,
        handed_over_on=act.on,
        handed_over_by=act.actor_id,
    )
    HandoverDonation.objects.bulk_create(
        HandoverDonation(county_id=act.county_id, handover=handover, donation=donation)
        for donation in donations
    )
    groups = _groups(act, handover, items)
    write_custody((_leaving(handover, item, groups.get(_group_key(item))) for item in items), act=act)
    return handover


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


def receive_handover(
    *,
    act: Act,
    handover: Handover,
    counted: Mapping[tuple[str, int], int],
    pointers: Mapping[tuple[str, int], str],
) -> None:
    """Count what arrived, line by line; what is missing or too much is recorded beside what was declared.

    `counted` maps ("item", id) or ("group", id) to units; `pointers` says where in the request each stands.
    A group's count is shared out in register order; its shortage stays on the group and on no named donor.
    """
    handover = Handover.objects.select_for_update().get(pk=handover.pk)
    if handover.state != Handover.State.OPEN:
        raise HandoverClosed
    if handover.handed_over_by == act.actor_id:
        raise SamePerson
    declared = _declared(handover)
    _check_whole_list(declared, counted, pointers)
    handover.state, handover.received_on, handover.received_by = Handover.State.RECEIVED, act.on, act.actor_id
    handover.save(update_fields=["state", "received_on", "received_by"])
    HandoverDonation.objects.filter(handover=handover).update(open=False)
    write_custody(
        (
            step
            for line, members in declared.items()
            for step in _arrival(handover, line, members, counted[line])
        ),
        act=act,
    )


def _declared(handover: Handover) -> dict[tuple[str, int], list[tuple[int, int]]]:
    """What the list says: for each line its items in register order, with the units sent of each."""
    sent = CustodyEntry.objects.filter(handover=handover, kind=CustodyKind.HANDED_OVER).order_by("item_id")
    lines: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
    for entry in sent:
        item_id = cast(int, entry.item_id)
        line = ("group", entry.group_id) if entry.group_id else ("item", item_id)
        lines[line].append((item_id, entry.quantity))
    return dict(lines)


def _check_whole_list(
    declared: Mapping[tuple[str, int], object],
    counted: Mapping[tuple[str, int], int],
    pointers: Mapping[tuple[str, int], str],
) -> None:
    strangers = [line for line in counted if line not in declared]
    if strangers:
        raise NotFound(faults=[Fault(pointers[line], NotFound.code, NotFound.message) for line in strangers])
    if len(counted) < len(declared):
        raise NotTheWholeList(pointer="/items")


def _arrival(
    handover: Handover, line: tuple[str, int], members: list[tuple[int, int]], counted: int
) -> list[Step]:
    group_id = line[1] if line[0] == "group" else None
    place, left, steps = handover.to_place_id, counted, []
    for item_id, sent in members:
        here = min(sent, left)
        left -= here
        steps.append(
            _arrived(CustodyKind.RECEIVED, Custody.ON_THE_WAY, here, place, item_id, group_id, handover.pk)
        )
        if group_id is None:
            steps.append(_missing(sent - here, place, item_id, None, handover.pk))
    if group_id is not None:
        steps.append(
            _missing(
                sum(sent for _item, sent in members) - (counted - left), place, None, group_id, handover.pk
            )
        )
    steps.append(
        _arrived(CustodyKind.SURPLUS, Custody.OUTSIDE, left, place, members[-1][0], None, handover.pk)
    )
    return steps


def _arrived(
    kind: CustodyKind, source: Custody, quantity: int, place: int, item: int, group: int | None, handover: int
) -> Step:
    return Step(kind, source, Custody.COUNTED, quantity, place, item, group, handover)


def _missing(quantity: int, place: int, item: int | None, group: int | None, handover: int) -> Step:
    return Step(
        CustodyKind.MISSING, Custody.ON_THE_WAY, Custody.MISSING, quantity, place, item, group, handover
    )


def count_at_pharmacy(
    *, act: Act, donation: Donation, counted: Mapping[int, int], pointers: Mapping[int, str]
) -> None:
    """Count a donation that was brought straight to a pharmacy; by somebody else than who registered it."""
    if not donation.place.sorts:
        raise NotAPharmacy
    if donation.registered_by == act.actor_id:
        raise SamePerson
    waiting = {item.pk: item for item in donation.items.all() if item.holdings.at_point}
    strangers = [item_id for item_id in counted if item_id not in waiting]
    if strangers:
        raise NotAtPoint(
            faults=[Fault(pointers[item_id], NotAtPoint.code, NotAtPoint.message) for item_id in strangers]
        )
    if len(counted) < len(waiting):
        raise NotTheWholeList(pointer="/items")
    steps = []
    for item_id, item in waiting.items():
        declared, found, place = item.holdings.at_point, counted[item_id], donation.place_id
        here = min(declared, found)
        steps += [
            Step(CustodyKind.RECEIVED, Custody.AT_POINT, Custody.COUNTED, here, place, item_id),
            Step(CustodyKind.MISSING, Custody.AT_POINT, Custody.MISSING, declared - here, place, item_id),
            Step(CustodyKind.SURPLUS, Custody.OUTSIDE, Custody.COUNTED, found - here, place, item_id),
        ]
    write_custody(steps, act=act)
