"""Putting right what was registered wrongly, once it can no longer be voided: new entries, never edits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from core.commands import Act
from core.errors import Fault, NotFound
from donations.custody import Step, write_custody
from donations.differences import Tolerance
from donations.errors import DonorErased, FoundInHandover, NotCorrectable, SamePerson, SurplusTooLarge
from donations.identity import Identity, name_mac, phone_mac, seal
from donations.intake import DonationDraft, ItemDraft, Judgement
from donations.models import (
    Correction,
    Custody,
    CustodyEntry,
    CustodyKind,
    Donation,
    DonorIdentity,
    Item,
    ItemHoldings,
)
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
    items = _locked(donation)
    _check_own(donation, [pointers[item_id] for item_id in quantities if item_id not in items])
    given = given_of(Item.objects.filter(donation=donation))
    wanted = {pk: units for pk, units in quantities.items() if items[pk].holdings.counted}
    _check_counts(act, policy, wanted, pointers)
    steps = [
        _step(items[item_id], given.get(item_id, 0), units, pointers[item_id], reason)
        for item_id, units in quantities.items()
    ]
    judged = _add(act, donation, policy, added, items)
    if judged:
        _check_still_here(donation, list(items.values()))
    steps += [_entry(item, donation.place_id, reason) for item, _judgement in judged]
    write_custody(steps, act=act)
    if identity is not None:
        _write_identity(act, donation, identity)
    _record(act, donation, reason, renamed=identity is not None)
    return judged


def _record(act: Act, donation: Donation, reason: str, *, renamed: bool) -> None:
    Correction.objects.create(
        county_id=act.county_id,
        donation=donation,
        reason=reason,
        renamed=renamed,
        corrected_by=act.actor_id,
        corrected_on=act.on,
        command=act.command,
    )


def _locked(donation: Donation) -> dict[int, Item]:
    """The donation's items as they stand once no other correction, count or sorting of them is under way."""
    Donation.objects.select_for_update(no_key=True).get(pk=donation.pk)  # a list may name it meanwhile
    held = ItemHoldings.objects.select_for_update(of=("self",)).filter(item__donation=donation)
    holdings = {row.item_id: row for row in held.order_by("item_id")}
    items = {item.pk: item for item in Item.objects.select_related("medicine").filter(donation=donation)}
    for pk, item in items.items():
        item.holdings = holdings[pk]
    return items


def _check_own(donation: Donation, strangers: Sequence[str]) -> None:
    if donation.found_in_id:
        raise FoundInHandover
    if strangers:
        raise NotFound(faults=[Fault(pointer, NotFound.code, NotFound.message) for pointer in strangers])


def _check_counts(act: Act, policy: Policy, wanted: Mapping[int, int], pointers: Mapping[int, str]) -> None:
    """`wanted` are the units that items on the counting table should have been; measured by what was counted, so
    that many small corrections reach no further than one."""
    if not wanted:
        return
    kinds = [CustodyKind.RECEIVED, CustodyKind.SURPLUS]
    entries = CustodyEntry.objects.filter(item__in=list(wanted), kind__in=kinds)
    rows = entries.values_list("item_id", "quantity", "actor")
    own = sorted({item_id for item_id, _units, actor in rows if actor == act.actor_id})
    if own:
        raise SamePerson(faults=[Fault(pointers[pk], SamePerson.code, SamePerson.message) for pk in own])
    counted: Counter[int] = Counter()
    for item_id, units, _actor in rows:
        counted[item_id] += units
    tolerance = Tolerance(policy.surplus_units, policy.surplus_percent)
    too_large = [
        Fault(f"{pointers[pk]}/quantity", SurplusTooLarge.code, too_large_words(counted[pk], tolerance))
        for pk, units in wanted.items()
        if units > tolerance.most(counted[pk])
    ]
    if too_large:
        raise SurplusTooLarge(faults=too_large)


def standing_of(item: Item) -> Custody | None:
    """Where units of the item can still be corrected: at the drop-off point, or counted; None once it is sorted."""
    holdings = item.holdings
    standing = Custody.COUNTED if holdings.counted else Custody.AT_POINT
    moved_on = any(getattr(holdings, state) for state in ELSEWHERE)
    unsorted = getattr(holdings, standing) or not (moved_on or holdings.refused or holdings.voided)
    return standing if unsorted else None


def _step(item: Item, given: int, units: int, pointer: str, reason: str) -> Step:
    """The difference, into or out of the state in which the units stand."""
    standing = standing_of(item)
    if standing is None or given - units > getattr(item.holdings, standing):
        raise NotCorrectable(pointer=pointer)
    ways = (Custody.OUTSIDE, standing) if units > given else (standing, Custody.OUTSIDE)
    return Step(
        CustodyKind.CORRECTED,
        *ways,
        abs(units - given),
        item.holdings.place_id,
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


def _check_still_here(donation: Donation, items: Sequence[Item]) -> None:
    """A forgotten item is found where the donation was brought, and counted there by another like any other.

    Once the goods are sorted or have gone to another place, what turns up is registered anew.
    """
    if any(item.holdings.place_id != donation.place_id for item in items):
        raise NotCorrectable(pointer="/added")
    waiting = any(item.holdings.at_point or item.holdings.counted for item in items)
    if not waiting and any(getattr(item.holdings, state) for item in items for state in ELSEWHERE):
        raise NotCorrectable(pointer="/added")


def _entry(item: Item, place_id: int, reason: str) -> Step:
    refused = item.outcome == "refuse"
    return Step(
        CustodyKind.REFUSED if refused else CustodyKind.CORRECTED,
        Custody.OUTSIDE,
        Custody.REFUSED if refused else Custody.AT_POINT,
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
