"""At the pharmacy: what was declared is counted by another person, and what differs is explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from django.utils.translation import gettext as _

from core.commands import Act
from core.errors import Fault, Invalid, NotFound
from donations.custody import Step, write_custody
from donations.differences import LineCount, Tolerance, unexplained
from donations.errors import (
    ListChanged,
    NotAPharmacy,
    NotAtPoint,
    NotTheWholeList,
    SamePerson,
    SurplusTooLarge,
)
from donations.models import (
    Custody,
    CustodyEntry,
    CustodyKind,
    Donation,
    Donor,
    Handover,
    HandoverDonation,
    Item,
)
from donations.queries import items_held
from donations.sealed_lists import LineKey, ListLine, lines_of, seal_agrees, unchanged
from donations.services.handovers import open_handover
from donations.services.registration import receipt_code_of
from organisation.models import Policy


@dataclass(frozen=True)
class SealsSeen:
    """What was seen on arrival: `list_seal` as scanned off the paper, and whether the bag's own seal was whole."""

    list_seal: str = ""
    intact: bool | None = None
    note: str = ""


def receive_handover(
    *,
    act: Act,
    handover: Handover,
    policy: Policy,
    counted: Mapping[LineKey, LineCount],
    seen: SealsSeen = SealsSeen(),
) -> list[ListLine]:
    """Count what arrived, line by line; what is missing or too much is kept beside what was declared.

    A group's count is shared out in register order; its shortage stays on the group, and its surplus becomes an
    anonymous donation, so that no named donor is charged with the one or credited with the other. Answers
    the lines as they were declared.
    """
    handover = open_handover(handover.pk)
    if handover.handed_over_by == act.actor_id:
        raise SamePerson
    lines = lines_of([handover])[handover.pk]
    _check_seals(handover, lines, seen)
    declared = {line.key: line.declared for line in lines}
    _check_whole_list(declared, counted)
    _check_differences(declared, counted, policy)
    _close(act, handover, seen)
    beyond = _items_of_nobody(act, handover, lines, counted)
    for_line = ((line, counted[line.key], beyond.get(line.key)) for line in lines)
    write_custody((step for each in for_line for step in _arrival(handover, *each)), act=act)
    return lines


def _close(act: Act, handover: Handover, seen: SealsSeen) -> None:
    handover.state, handover.received_on, handover.received_by = Handover.State.RECEIVED, act.on, act.actor_id
    handover.seal_intact, handover.seal_note = seen.intact, seen.note
    handover.save(update_fields=["state", "received_on", "received_by", "seal_intact", "seal_note"])
    HandoverDonation.objects.filter(handover=handover).update(open=False)


def _check_seals(handover: Handover, lines: Sequence[ListLine], seen: SealsSeen) -> None:
    """The list is the one that was sealed, and of a sealed bag it is told whether its seal was whole."""
    if (seen.list_seal and not seal_agrees(handover, seen.list_seal)) or not unchanged(handover, lines):
        raise ListChanged(pointer="/list_seal")
    if handover.seal_number and seen.intact is None:
        raise Invalid(faults=[Fault("/seal_intact", "required", _("Needed here."))])
    if seen.intact is False and not seen.note:
        raise Invalid(faults=[Fault("/seal_note", "required", _("Needed here."))])


def _check_whole_list(declared: Mapping[LineKey, int], counted: Mapping[LineKey, LineCount]) -> None:
    strangers = [count.pointer for line, count in counted.items() if line not in declared]
    if strangers:
        raise NotFound(faults=[Fault(pointer, NotFound.code, NotFound.message) for pointer in strangers])
    if len(counted) < len(declared):
        raise NotTheWholeList(pointer="/items")


def _check_differences(
    declared: Mapping[LineKey, int], counted: Mapping[LineKey, LineCount], policy: Policy
) -> None:
    """Every difference has its reason, and no surplus is larger than a miscount can be."""
    words = {
        "reason_required": _("More or less was counted than declared; choose the reason."),
        "reason_does_not_fit": _("This reason does not fit what was counted."),
        "required": _("Needed here."),
    }
    faults = [Fault(each.pointer, each.code, words[each.code]) for each in unexplained(declared, counted)]
    if faults:
        raise Invalid(faults=faults)
    tolerance = Tolerance(policy.surplus_units, policy.surplus_percent)
    too_large = [
        Fault(f"{count.pointer}/counted", SurplusTooLarge.code, too_large_words(declared[line], tolerance))
        for line, count in counted.items()
        if count.units > tolerance.most(declared[line])
    ]
    if too_large:
        raise SurplusTooLarge(faults=too_large)


def too_large_words(declared: int, tolerance: Tolerance) -> str:
    """What to say to somebody who found more than a miscount explains."""
    return _(
        "%(declared)d were declared; up to %(most)d are taken over. Register the rest as an anonymous donation."
    ) % {"declared": declared, "most": tolerance.most(declared)}


def _items_of_nobody(
    act: Act, handover: Handover, lines: Sequence[ListLine], counted: Mapping[LineKey, LineCount]
) -> dict[LineKey, Item]:
    """For each group with a surplus an item to carry it, in one anonymous donation of the handover.

    All donors of the group confirmed where their medicines came from, and this is of the same lot. It was first
    seen by who counted, so that somebody else sorts it.
    """
    larger = [line for line in lines if line.kind == "group" and counted[line.key].units > line.declared]
    if not larger:
        return {}
    donation = Donation.objects.create(
        county_id=act.county_id,
        campaign_id=larger[0].item.donation.campaign_id,
        place=handover.to_place,
        donor=Donor.objects.create(county_id=act.county_id, kind=Donor.Kind.ANONYMOUS),
        receipt_code=receipt_code_of(None),
        received_on=act.on,
        booked_on=act.booked,
        registered_by=act.actor_id,
        registered_at=act.at,
        source_confirmed=True,
        unfit=Donation.Unfit.DESTROY,
        found_in=handover,
    )
    items = Item.objects.bulk_create(
        _like(line, donation, number, counted[line.key].units - line.declared)
        for number, line in enumerate(larger, start=1)
    )
    return {line.key: item for line, item in zip(larger, items, strict=True)}


def _like(line: ListLine, donation: Donation, number: int, units: int) -> Item:
    """An item of the group's medicine and label; how it is packed is seen when it is sorted."""
    like, members = line.item, [cast(Item, entry.item) for entry in line.entries]
    reasons = dict.fromkeys(reason for member in members for reason in member.reasons)
    return Item(
        county_id=donation.county_id,
        donation=donation,
        line=number,
        medicine=like.medicine,
        description=like.description,
        specification=like.specification,
        manufacturer=like.manufacturer,
        approval_number=like.approval_number,
        lot_number=like.lot_number,
        lot_state=like.lot_state,
        expiry_raw=like.expiry_raw,
        expiry_precision=like.expiry_precision,
        last_usable_day=like.last_usable_day,
        expiry_state=like.expiry_state,
        quantity=units,
        opened=any(member.opened for member in members),
        container=like.container,
        outcome="review" if any(member.outcome == "review" for member in members) else "accept",
        reasons=list(reasons),
    )


def _arrival(handover: Handover, line: ListLine, count: LineCount, beyond: Item | None) -> list[Step]:
    """The count shared out over the line's items in register order, and what differs from what was declared."""
    group = line.pk if line.kind == "group" else None
    left, steps = count.units, []
    for item_id, sent in line.shares:
        here = min(sent, left)
        left -= here
        steps.append(
            _arrived(CustodyKind.RECEIVED, Custody.ON_THE_WAY, here, handover, item_id, group, LineCount(0))
        )
    alone = line.shares[0][0]
    missing = max(line.declared - count.units, 0)
    steps.append(
        Step(
            CustodyKind.MISSING,
            Custody.ON_THE_WAY,
            Custody.MISSING,
            missing,
            handover.to_place_id,
            item_id=None if group else alone,
            group_id=group,
            handover_id=handover.pk,
            reason=count.reason,
            note=count.note,
        )
    )
    finder = beyond.pk if beyond else alone
    steps.append(_arrived(CustodyKind.SURPLUS, Custody.OUTSIDE, left, handover, finder, group, count))
    return steps


def _arrived(
    kind: CustodyKind,
    source: Custody,
    units: int,
    handover: Handover,
    item_id: int,
    group: int | None,
    why: LineCount,
) -> Step:
    place = handover.to_place_id
    return Step(
        kind, source, Custody.COUNTED, units, place, item_id, group, handover.pk, None, why.reason, why.note
    )


def count_at_pharmacy(
    *, act: Act, donation: Donation, policy: Policy, counted: Mapping[int, LineCount]
) -> None:
    """Count a donation that was brought straight to a pharmacy; by somebody else than who
    registered or corrected it."""
    if not donation.place.sorts:
        raise NotAPharmacy
    if donation.registered_by == act.actor_id:
        raise SamePerson
    standing = ((item.pk, item.holdings.at_point) for item in items_held([donation.pk]))
    waiting = {item_id: units for item_id, units in standing if units}
    strangers = [count.pointer for item_id, count in counted.items() if item_id not in waiting]
    if strangers:
        raise NotAtPoint(
            faults=[Fault(pointer, NotAtPoint.code, NotAtPoint.message) for pointer in strangers]
        )
    if len(counted) < len(waiting):
        raise NotTheWholeList(pointer="/items")
    corrected = CustodyEntry.objects.filter(item__in=list(waiting), kind=CustodyKind.CORRECTED)
    if corrected.filter(actor=act.actor_id).exists():
        raise SamePerson
    lines = {("item", item_id): count for item_id, count in counted.items()}
    _check_differences({("item", item_id): units for item_id, units in waiting.items()}, lines, policy)
    write_custody(
        (
            step
            for item_id, units in waiting.items()
            for step in _counted(donation.place_id, item_id, units, counted[item_id])
        ),
        act=act,
    )


def _counted(place: int, item_id: int, declared: int, count: LineCount) -> list[Step]:
    here = min(declared, count.units)
    point, table = Custody.AT_POINT, Custody.COUNTED
    differing = [
        (CustodyKind.MISSING, point, Custody.MISSING, declared - here),
        (CustodyKind.SURPLUS, Custody.OUTSIDE, table, count.units - here),
    ]
    return [
        Step(CustodyKind.RECEIVED, point, table, here, place, item_id),
        *(Step(*step, place, item_id, reason=count.reason, note=count.note) for step in differing),
    ]
