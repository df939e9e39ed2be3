"""Putting right what was registered wrongly, once it can no longer be voided: new entries, never edits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.commands import Act
from core.errors import Fault, NotFound
from donations.custody import Step, write_custody
from donations.differences import Tolerance
from donations.errors import DonorErased, FoundInHandover, NotCorrectable, SamePerson, SurplusTooLarge
from donations.identity import Identity, name_mac, phone_mac, seal
from donations.intake import DonationDraft, ItemDraft, Judgement
from donations.models import Custody, CustodyEntry, CustodyKind, Donation, DonorIdentity, Item
from donations.queries import given_of
from donations.services.arrivals import too_large_words
from donations.services.donors import is_erased, locked_donor
from donations.services.registration import item_row, judge_draft, write_boxes
from organisation.models import Policy

ELSEWHERE = ["on_the_way", "in_doubt", "accepted", "in_bin", "missing"]


def correct_donation(
    *,
    act: Act,
    donation: Donation,
    policy: Policy,
    quantities: Mapping[int, int],
    pointers: Mapping[int, str],
    added: Sequence[ItemDraft],
    identity: Identity | None,
    reason: str,
) -> list[tuple[Item, Judgement]]:
    """Book what was really given: other quantities, items that were forgotten, the donor's name or phone.

    `quantities` maps an item to the units it should have been registered with; 0 takes it out, and an item that
    was entered as the wrong medicine is taken out and added anew. Only what still stands at the drop-off point or
    was counted and not yet sorted can be corrected; a sorting is taken back first. What was counted is corrected
    by somebody else than who counted it, and not to more than a miscount explains.
    """
    items = {item.pk: item for item in donation.items.all()}
    _check_own(donation, [pointers[item_id] for item_id in quantities if item_id not in items])
    given = given_of(Item.objects.filter(donation=donation))
    counted = {item_id: items[item_id].holdings.counted for item_id in quantities}
    _check_counts(
        act, policy, {pk: (units, quantities[pk]) for pk, units in counted.items() if units}, pointers
    )
    steps = [
        _step(items[item_id], given.get(item_id, 0), units, pointers[item_id], reason)
        for item_id, units in quantities.items()
    ]
    judged = _add(act, donation, policy, added, items)
    state, place_id = _where(donation, list(items.values())) if judged else (Custody.AT_POINT, 0)
    steps += [_entry(item, state, place_id, reason) for item, _judgement in judged]
    write_custody(steps, act=act)
    if identity is not None:
        _write_identity(act, donation, identity)
    return judged


def _check_own(donation: Donation, strangers: Sequence[str]) -> None:
    if donation.found_in_id:
        raise FoundInHandover
    if strangers:
        raise NotFound(faults=[Fault(pointer, NotFound.code, NotFound.message) for pointer in strangers])


def _check_counts(
    act: Act, policy: Policy, counted: Mapping[int, tuple[int, int]], pointers: Mapping[int, str]
) -> None:
    """`counted` maps an item to the units on the counting table and to those it should have been."""
    kinds = [CustodyKind.RECEIVED, CustodyKind.SURPLUS]
    own = CustodyEntry.objects.filter(item__in=list(counted), kind__in=kinds, actor=act.actor_id)
    if own_items := set(own.values_list("item_id", flat=True)) if counted else set():
        raise SamePerson(
            faults=[Fault(pointers[pk], SamePerson.code, SamePerson.message) for pk in sorted(own_items)]
        )
    tolerance = Tolerance(policy.surplus_units, policy.surplus_percent)
    too_large = [
        Fault(f"{pointers[pk]}/quantity", SurplusTooLarge.code, too_large_words(units, tolerance))
        for pk, (units, wanted) in counted.items()
        if wanted > tolerance.most(units)
    ]
    if too_large:
        raise SurplusTooLarge(faults=too_large)


def _step(item: Item, given: int, units: int, pointer: str, reason: str) -> Step:
    """The difference, into or out of the state in which the units stand."""
    holdings = item.holdings
    standing = Custody.COUNTED if holdings.counted else Custody.AT_POINT
    left = getattr(holdings, standing)
    moved_on = any(getattr(holdings, state) for state in ELSEWHERE)
    unsorted = left or not (moved_on or holdings.refused or holdings.voided)
    if not unsorted or given - units > left:
        raise NotCorrectable(pointer=pointer)
    ways = (Custody.OUTSIDE, standing) if units > given else (standing, Custody.OUTSIDE)
    return Step(
        CustodyKind.CORRECTED,
        *ways,
        abs(units - given),
        holdings.place_id,
        item_id=item.pk,
        reason="corrected",
        note=reason,
    )


def _add(
    act: Act,
    donation: Donation,
    policy: Policy,
    added: Sequence[ItemDraft],
    items: Mapping[int, Item],
) -> list[tuple[Item, Judgement]]:
    if not added:
        return []
    draft = DonationDraft(donation.received_on, added, donation.donor.kind, donation.source_confirmed)
    judgements = judge_draft(
        act, donation.place_id, donation.campaign, policy, draft, pointer="/added", within=donation
    )
    first = max(item.line for item in items.values()) + 1
    rows = Item.objects.bulk_create(
        item_row(act, donation, line, judgement) for line, judgement in enumerate(judgements, start=first)
    )
    judged = list(zip(rows, judgements, strict=True))
    write_boxes(judged)
    return judged


def _where(donation: Donation, items: Sequence[Item]) -> tuple[Custody, int]:
    """Where a forgotten item is found: beside the others, at the drop-off point or on the counting table."""
    for state in (Custody.AT_POINT, Custody.COUNTED):
        for item in items:
            if getattr(item.holdings, state):
                return state, item.holdings.place_id
    if any(getattr(item.holdings, state) for item in items for state in ELSEWHERE):
        raise NotCorrectable(pointer="/added")
    return Custody.AT_POINT, donation.place_id


def _entry(item: Item, state: Custody, place_id: int, reason: str) -> Step:
    refused = item.outcome == "refuse"
    return Step(
        CustodyKind.REFUSED if refused else CustodyKind.CORRECTED,
        Custody.OUTSIDE,
        Custody.REFUSED if refused else state,
        item.quantity,
        place_id,
        item_id=item.pk,
        reason=item.reasons[0] if refused else "corrected",
        note=reason,
    )


def _write_identity(act: Act, donation: Donation, identity: Identity) -> None:
    """The donor's right to be named correctly (个人信息保护法 art. 46); who the donor was before is not kept."""
    if is_erased(locked_donor(act, donation.donor)):
        raise DonorErased(pointer="/donor")
    DonorIdentity.objects.update_or_create(
        donor_id=donation.donor_id,
        defaults={
            "county_id": act.county_id,
            "sealed": seal(identity, county_id=act.county_id, donor_id=donation.donor_id),
            "name_mac": name_mac(identity.name),
            "phone_mac": phone_mac(identity.phone),
        },
    )
