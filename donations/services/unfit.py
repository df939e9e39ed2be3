"""What becomes of unfit goods in the sealed bins: back to the donor against a signature, or destroyed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.commands import Act
from core.errors import DomainError, Fault, NotFound
from donations.custody import Step, write_custody
from donations.errors import LeftTooLate, NotInBin, NotLeft, StillClaimable
from donations.identity import Identity, seal
from donations.models import (
    Custody,
    CustodyEntry,
    CustodyKind,
    Donation,
    DonorReturn,
    DonorReturnLine,
    ItemHoldings,
    ReturnCollector,
)
from donations.unfit import LEFT, claimable_from, rejected_before
from organisation.models import Place, Policy


@dataclass(frozen=True)
class UnfitUnits:
    """Units of one item in a bin; `pointer` says where in the request they stand."""

    item_id: int
    quantity: int
    pointer: str = ""


def leave_for_disposal(*, act: Act, donation: Donation) -> list[int]:
    """Note that what was refused at the counter stays there: its donor does not take it back.

    On the day of the registration only, for afterwards nobody knows what was handed back. Answers the items.
    Raises LeftTooLate, NotLeft.
    """
    if donation.booked_on != act.booked:
        raise LeftTooLate
    held = ItemHoldings.objects.select_for_update(of=("self",)).select_related("item")
    refused = [row for row in held.filter(item__donation=donation).order_by("item_id") if row.refused]
    if not refused:
        raise NotLeft
    steps = [
        Step(
            CustodyKind.LEFT_FOR_DISPOSAL,
            Custody.REFUSED,
            Custody.IN_BIN,
            row.refused,
            donation.place_id,
            item_id=row.item_id,
            reason=row.item.reasons[0],
        )
        for row in refused
    ]
    write_custody(steps, act=act)
    return [row.item_id for row in refused]


def return_to_donor(
    *, act: Act, place: Place, donation: Donation, goods: Sequence[UnfitUnits], collector: str = ""
) -> tuple[DonorReturn, list[CustodyEntry]]:
    """Give goods out of this place's bin back to whom they came from, against a signature on paper.

    `collector` is the name of whoever fetched them in the donor's place; it is sealed and erased with the donor.
    Raises NotFound for an item that is not of this donation or lies elsewhere, NotInBin for more than lies there.
    """
    held = _locked(act, place, goods)
    _check(goods, held, donation)
    entries = write_custody(
        [_step(CustodyKind.RETURNED_TO_DONOR, Custody.RETURNED, each, place) for each in goods], act=act
    )
    by = DonorReturn.CollectedBy.PROXY if collector else DonorReturn.CollectedBy.DONOR
    returned = DonorReturn.objects.create(
        county_id=act.county_id,
        place=place,
        donation=donation,
        collected_by=by,
        returned_on=act.on,
        returned_by=act.actor_id,
    )
    DonorReturnLine.objects.bulk_create(
        DonorReturnLine(county_id=act.county_id, donor_return=returned, entry=entry) for entry in entries
    )
    if collector:
        sealed = seal(Identity(collector), county_id=act.county_id, donor_id=donation.donor_id)
        ReturnCollector.objects.create(county_id=act.county_id, donor_return=returned, sealed=sealed)
    return returned, entries


def destroy_unfit(
    *, act: Act, policy: Policy, place: Place, goods: Sequence[UnfitUnits], reason: str = ""
) -> list[CustodyEntry]:
    """Write into the custody journal that goods of this place's bin were destroyed; who watched is the caller's.

    What the donor left may go at once, what was rejected once the donor had `policy.unclaimed_days` to fetch it.
    Raises NotFound, NotInBin, StillClaimable. Seven statements, however many the goods.
    """
    judge_unfit(act=act, policy=policy, place=place, goods=goods)
    return write_custody(
        [_step(CustodyKind.DESTROYED, Custody.DESTROYED, each, place, reason) for each in goods], act=act
    )


def judge_unfit(*, act: Act, policy: Policy, place: Place, goods: Sequence[UnfitUnits]) -> None:
    """Refuse what could not be destroyed today, as `destroy_unfit` does, without destroying anything."""
    held = _locked(act, place, goods)
    _check(goods, held)
    _check_claims(act, policy, goods, held)


def _locked(act: Act, place: Place, goods: Sequence[UnfitUnits]) -> dict[int, ItemHoldings]:
    """Where these items stand at this moment, in this place alone; nobody moves them until the command ends."""
    rows = (
        ItemHoldings.objects.select_for_update(of=("self",))
        .select_related("item")
        .filter(county_id=act.county_id, place=place, item_id__in=[each.item_id for each in goods])
        .order_by("item_id")
    )
    return {row.item_id: row for row in rows}


def _check(
    goods: Sequence[UnfitUnits], held: dict[int, ItemHoldings], donation: Donation | None = None
) -> None:
    strangers = [
        each
        for each in goods
        if each.item_id not in held or (donation and held[each.item_id].item.donation_id != donation.pk)
    ]
    _refuse(NotFound, "item", strangers)
    wanted = _wanted(goods)
    _refuse(NotInBin, "quantity", [e for e in goods if wanted[e.item_id] > held[e.item_id].in_bin])


def _wanted(goods: Sequence[UnfitUnits]) -> Counter[int]:
    """Units of each item, however many lines name it."""
    wanted: Counter[int] = Counter()
    for each in goods:
        wanted[each.item_id] += each.quantity
    return wanted


def _check_claims(
    act: Act, policy: Policy, goods: Sequence[UnfitUnits], held: dict[int, ItemHoldings]
) -> None:
    """Nothing is destroyed that its donor may still fetch."""
    rejected = [each for each in goods if held[each.item_id].item.outcome != LEFT]
    wanted = _wanted(rejected)
    ripe = rejected_before((each.item_id for each in rejected), claimable_from(policy, act.on))
    _refuse(
        StillClaimable,
        "quantity",
        [e for e in rejected if wanted[e.item_id] > ripe.get(e.item_id, 0) - _gone(held[e.item_id])],
    )


def _gone(held: ItemHoldings) -> int:
    return held.returned + held.destroyed


def _refuse(refusal: type[DomainError], field: str, goods: Sequence[UnfitUnits]) -> None:
    if goods:
        raise refusal(
            faults=[Fault(f"{each.pointer}/{field}", refusal.code, refusal.message) for each in goods]
        )


def _step(kind: CustodyKind, target: Custody, units: UnfitUnits, place: Place, reason: str = "") -> Step:
    return Step(kind, Custody.IN_BIN, target, units.quantity, place.pk, item_id=units.item_id, reason=reason)
