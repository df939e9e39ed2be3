"""Destroying goods: one person lists them, the witness named in the list sees it done and confirms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from core.commands import Act
from core.errors import Fault, Invalid, NotAllowed
from donations.services.unfit import UnfitUnits, destroy_unfit, judge_unfit
from donations.unfit import bin_reasons, units_in_bin
from inventory.errors import (
    DestructionEnded,
    NotAWitness,
    NotHeldHere,
    NotTheWitness,
    SideNeeded,
    WitnessIsActor,
)
from inventory.ledger import Entry, Shelf, open_book, post
from inventory.models import Balance, Hold, Kind, Side, State
from inventory.models.destructions import Destruction, DestructionLine
from inventory.services.spending import spend_holds
from organisation.models import Person, Place, Policy, Role
from organisation.queries import Reach

DOCUMENT = "destruction"
# Any staff role at the place may see a destruction done (design: a checker, or any other staff role).
WITNESSES = frozenset(
    str(role) for role in (Role.CHECKER, Role.PHARMACIST, Role.LEAD_PHARMACIST, Role.CLINIC, Role.CLERK)
)


@dataclass(frozen=True)
class Unfit:
    """A line to be destroyed: held stock of a batch (with `quantity`), or units of an item in the bin.

    `side` may be left out where the batch is held on one side only; `quantity` of an item, for all of it.
    """

    pointer: str
    quantity: int | None = None
    batch_id: int | None = None
    side: str | None = None
    item_id: int | None = None
    reason: str = ""


def propose_destruction(
    *, act: Act, policy: Policy, place: Place, lines: Sequence[Unfit], method: str, witness: str
) -> Destruction:
    """List goods to be destroyed, by which method, and who will witness it; nothing moves yet.

    Only held stock is destroyed: holding says why goods are unfit and takes them out of use at once, so that
    nobody hands out what waits for the witness. `witness` is a user name. The number of statements does not depend
    on the number of lines.
    """
    person = _witness(act, place, witness)
    stock = _judge_stock(place, [line for line in lines if line.batch_id])
    _check_once(lines, stock)
    in_bin = _in_bin(place, [line for line in lines if line.item_id])
    if in_bin:
        judge_unfit(act=act, policy=policy, place=place, goods=list(in_bin.values()))
    reasons = _hold_reasons(place, stock), bin_reasons(units.item_id for units in in_bin.values())
    destruction = Destruction.objects.create(
        county_id=act.county_id,
        place=place,
        method=method,
        proposed_by_id=act.actor_id,
        proposed_on=act.on,
        witness=person,
        command=act.command,
    )
    DestructionLine.objects.bulk_create(
        _row(destruction, number, line, stock, in_bin, reasons) for number, line in enumerate(lines, start=1)
    )
    return destruction


def confirm_destruction(*, act: Act, policy: Policy, destruction: Destruction) -> Destruction:
    """The witness confirms that the goods on the list were destroyed before their eyes; now they leave the books.

    Refused as a whole, naming every line, where goods of the list are no longer there (ShortStock, NotInBin).
    """
    open_book(act)
    destruction = _locked(destruction)
    if destruction.witness_id != act.actor_id:
        raise NotTheWitness
    lines = list(DestructionLine.objects.filter(destruction=destruction).order_by("line"))
    pointers = {line.pk: f"/lines/{line.line - 1}" for line in lines}
    goods = [UnfitUnits(line.item_id, line.quantity, pointers[line.pk]) for line in lines if line.item_id]
    stock = {(line.batch_id, line.side): line.quantity for line in lines if line.batch_id}
    if goods:
        destroy_unfit(act=act, policy=policy, place=destruction.place, goods=goods)
    spend_holds(act=act, place=destruction.place, taken=stock, document=(DOCUMENT, destruction.pk))
    post([_entry(destruction, line, pointers[line.pk]) for line in lines if line.batch_id], act=act)
    return _end(act, destruction, Destruction.State.CONFIRMED)


def withdraw_destruction(*, act: Act, destruction: Destruction, reason: str, any_list: bool) -> Destruction:
    """Take a list back before it is confirmed; by who proposed or was to witness it, or with `any_list` by others."""
    destruction = _locked(destruction)
    if not any_list and act.actor_id not in (destruction.proposed_by_id, destruction.witness_id):
        raise NotAllowed
    return _end(act, destruction, Destruction.State.WITHDRAWN, reason)


def _witness(act: Act, place: Place, username: str) -> Person:
    person = Person.objects.filter(county_id=act.county_id, username=username, is_active=True).first()
    if person is None or not Reach(person, act.on).places(WITNESSES).filter(pk=place.pk).exists():
        raise NotAWitness(pointer="/witness")
    if person.pk == act.actor_id:
        raise WitnessIsActor(pointer="/witness")
    return person


def _check_once(lines: Iterable[Unfit], stock: dict[str, tuple[int, str, int]]) -> None:
    seen: set[tuple[int, str]] = set()
    faults = []
    for line in lines:
        key = stock[line.pointer][:2] if line.batch_id else (line.item_id or 0, "")
        if key in seen:
            faults.append(Fault(line.pointer, "listed_twice", _("This is listed twice.")))
        seen.add(key)
    if faults:
        raise Invalid(faults=faults)


def _judge_stock(place: Place, lines: Sequence[Unfit]) -> dict[str, tuple[int, str, int]]:
    """Batch, side and units of each line of stock, by pointer; refused where less is held."""
    held: dict[int, dict[str, int]] = {}
    rows = Balance.objects.filter(
        county_id=place.county_id,
        account__place=place,
        state=State.HELD,
        quantity__gt=0,
        batch__in={line.batch_id for line in lines},
    )
    for batch_id, side, units in rows.values_list("batch_id", "account__side", "quantity"):
        held.setdefault(batch_id, {})[side] = units
    judged: dict[str, tuple[int, str, int]] = {}
    unclear, short = [], []
    for line in lines:
        there = held.get(line.batch_id or 0, {})
        if line.side is None and len(there) > 1:
            unclear.append(Fault(f"{line.pointer}/side", SideNeeded.code, SideNeeded.message))
            continue
        side = line.side or next(iter(there), str(Side.STORE))
        units = there.get(side, 0)
        if not 0 < (line.quantity or 0) <= units:
            words = _("%(there)d held, %(wanted)d wanted; hold these goods first.")
            found = {"there": units, "wanted": line.quantity or 0}
            short.append(Fault(line.pointer, NotHeldHere.code, words % found))
        judged[line.pointer] = (line.batch_id or 0, side, line.quantity or 0)
    if unclear:
        raise SideNeeded(faults=[*unclear, *short])
    if short:
        raise NotHeldHere(faults=short)
    return judged


def _in_bin(place: Place, lines: Sequence[Unfit]) -> dict[str, UnfitUnits]:
    """Units of each item, by pointer; where none are given, all that lie in the bin."""
    there = units_in_bin(place, {line.item_id or 0 for line in lines})
    return {
        line.pointer: UnfitUnits(
            line.item_id or 0, line.quantity or max(1, there.get(line.item_id or 0, 0)), line.pointer
        )
        for line in lines
    }


def _hold_reasons(place: Place, stock: dict[str, tuple[int, str, int]]) -> dict[int, str]:
    """Why each batch is held at the place, in the words of the latest hold."""
    batches = {batch for batch, _side, _units in stock.values()}
    return dict(
        Hold.objects.filter(place=place, batch__in=batches).order_by("id").values_list("batch_id", "reason")
    )


def _row(
    destruction: Destruction,
    number: int,
    line: Unfit,
    stock: dict[str, tuple[int, str, int]],
    in_bin: dict[str, UnfitUnits],
    reasons: tuple[dict[int, str], dict[int, str]],
) -> DestructionLine:
    of_batches, of_items = reasons
    if line.item_id:
        why = of_items.get(line.item_id, "")
        where: dict[str, Any] = {"item_id": line.item_id, "quantity": in_bin[line.pointer].quantity}
    else:
        batch_id, side, quantity = stock[line.pointer]
        why = of_batches.get(batch_id, "")
        where = {"batch_id": batch_id, "side": side, "quantity": quantity}
    return DestructionLine(
        county_id=destruction.county_id,
        destruction=destruction,
        line=number,
        reason=line.reason or why,
        **where,
    )


def _locked(destruction: Destruction) -> Destruction:
    row = (
        Destruction.objects.select_for_update(of=("self",))
        .select_related("place", "witness", "proposed_by")
        .get(pk=destruction.pk)
    )
    if row.state != Destruction.State.PROPOSED:
        raise DestructionEnded
    return row


def _entry(destruction: Destruction, line: DestructionLine, pointer: str) -> Entry:
    return Entry(
        Kind.DESTROY,
        line.batch_id or 0,
        line.quantity,
        Shelf(destruction.place_id, Side(line.side), State.HELD),
        Shelf(destruction.place_id, Side(line.side), State.DESTROYED),
        DOCUMENT,
        destruction.pk,
        pointer=pointer,
    )


def _end(act: Act, destruction: Destruction, state: Destruction.State, reason: str = "") -> Destruction:
    destruction.state, destruction.reason = state, reason
    destruction.ended_by_id, destruction.ended_on = act.actor_id, act.on
    destruction.save(update_fields=["state", "reason", "ended_by", "ended_on"])
    return destruction
