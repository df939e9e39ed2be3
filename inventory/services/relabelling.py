"""A lot or expiry that was read wrongly: proposed by one person, and corrected everywhere once another confirms."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import BigIntegerField, F, Value
from django.utils.translation import gettext as _

from catalogue.codes.spelling import lot_as_read
from catalogue.expiry import ExpiryUnreadable, MonthPolicy, read_expiry
from catalogue.models import Recall
from catalogue.queries import covers, recalls_in_force
from core.commands import Act
from core.errors import Fault, Invalid
from core.language import in_language
from inventory.errors import (
    LabelNotRead,
    NothingToRelabel,
    NotTheProposer,
    RelabellingOpen,
    SameLabel,
    UnderInquiry,
)
from inventory.ledger import Entry, Shelf, close_book, post, shelf_of
from inventory.models import INSIDE, Balance, Batch, Hold, Kind, Side, State
from inventory.models.conversions import Relabelling
from inventory.queries.holds import DOCUMENT as HOLD_DOCUMENT
from inventory.queries.holds import held_by
from inventory.queries.recalls import recalled_batches
from inventory.services.batches import Label, find_or_make_batches
from inventory.services.device_ends import carry_uses
from inventory.services.holds import hold_balances, new_hold
from inventory.services.recalls import give_notice, recall_reason
from organisation.models import Policy

DOCUMENT = "relabel"


@dataclass(frozen=True)
class Relabelled:
    """A correction that was carried out, with the units that changed their batch by state."""

    relabelling: Relabelling
    into_id: int
    units: dict[str, int]


def propose_relabelling(
    *, act: Act, policy: Policy, batch: Batch, lot_number: str = "", expiry: str = "", reason: str
) -> Relabelling:
    """Say what the label of a batch really reads; what is left out was read rightly. Nothing moves yet.

    `batch` comes with its medicine. Refused: SameLabel, LabelNotRead, RelabellingOpen.
    """
    lot = lot_as_read(lot_number) if lot_number else batch.lot_number
    day = _last_day(expiry, policy) if expiry else batch.last_usable_day
    if (lot, day) == (batch.lot_number, batch.last_usable_day):
        raise SameLabel
    if lot_number and batch.medicine.requires_lot and not lot:
        raise LabelNotRead(pointer="/lot_number")
    if Relabelling.objects.filter(batch=batch, state=Relabelling.State.PROPOSED).exists():
        raise RelabellingOpen
    return Relabelling.objects.create(
        county_id=act.county_id,
        batch=batch,
        lot_number=lot,
        expiry_raw=expiry,
        last_usable_day=day,
        reason=reason,
        proposed_by=act.actor_id,
        proposed_on=act.on,
        command=act.command,
    )


def withdraw_relabelling(*, act: Act, batch: Batch) -> Relabelling:
    """Give the correction that waits for this batch up; nothing has moved."""
    row = _waiting(batch)
    _end(act, row, Relabelling.State.WITHDRAWN)
    return row


def confirm_relabelling(*, act: Act, batch: Batch, number: int | None = None) -> Relabelled:
    """Carry out what another person proposed: every unit of the batch in the county comes under its true label.

    Each stays where it is and in its state, what is promised and on the road included; where the true label is
    expired or recalled, what was usable is held first. Holds go with their units. `number` says which proposal
    was looked at. Nobody else writes in the county's books meanwhile; the number of statements does not depend
    on how much there is. The promises in the room above follow there (distribution.services.relabelling).
    """
    close_book(act)
    row = _waiting(batch, number)
    if row.proposed_by == act.actor_id:
        raise NotTheProposer
    _check_inquiries(batch, row)
    label = Label(batch.medicine_id, row.lot_number, row.last_usable_day, batch.pack, batch.product_id)
    into_id = find_or_make_batches([label], county_id=act.county_id)[label]
    _end(act, row, Relabelling.State.CONFIRMED, into_id)
    _put_aside(act, row, into_id)
    carry_uses(act, batch.pk, into_id)
    balances = _balances(batch)
    post(_entries(row, balances, *_carried_holds(act, row, into_id, balances)), act=act)
    units: dict[str, int] = defaultdict(int)
    for balance in balances:
        units[balance.state] += balance.quantity
    return Relabelled(row, into_id, dict(units))


def _last_day(expiry: str, policy: Policy) -> datetime.date:
    try:
        return read_expiry(expiry, policy=MonthPolicy(policy.month_policy)).last_usable_day
    except ExpiryUnreadable as error:
        words = in_language(error.message_zh, error.message_en)
        raise Invalid(faults=[Fault("/expiry", error.code, words)]) from None


def _waiting(batch: Batch, number: int | None = None) -> Relabelling:
    rows = Relabelling.objects.select_for_update().filter(batch=batch, state=Relabelling.State.PROPOSED)
    row = rows.first()
    if row is None or number not in (None, row.pk):
        raise NothingToRelabel
    return row


def _end(act: Act, row: Relabelling, state: Relabelling.State, into_id: int | None = None) -> None:
    row.state, row.into_id = state, into_id
    row.ended_by, row.ended_on, row.ended_command = act.actor_id, act.on, act.command
    row.save(update_fields=["state", "into", "ended_by", "ended_on", "ended_command"])


def _check_inquiries(batch: Batch, row: Relabelling) -> None:
    """A suspected reaction was to these very units: their lot is not renamed away from the inquiry into it."""
    product = Value(batch.product_id, BigIntegerField())
    named = F("product_id"), F("lot_key"), product
    inquiries = recalls_in_force(batch.county_id).filter(
        covers(*named, Value(batch.lot_number)), medicine=batch.medicine_id, kind=Recall.Kind.REACTION
    )
    if inquiries.exclude(covers(*named, Value(row.lot_number))).exists():
        raise UnderInquiry


def _balances(batch: Batch) -> list[Balance]:
    rows = Balance.objects.filter(batch=batch, state__in=INSIDE, quantity__gt=0)
    return list(rows.select_related("account").order_by("account_id"))


def _put_aside(act: Act, row: Relabelling, into_id: int) -> None:
    """Hold what may not be used under its true label, and tell the places of a recall that now concerns them."""
    recalled = recalled_batches(act.county_id, [into_id])
    expired = _expired(act, row.last_usable_day)
    groups: dict[int | None, list[Balance]] = defaultdict(list)
    told: set[tuple[int, int]] = set()
    for balance in _balances(row.batch):
        recall = recalled.at(balance.account.place_id).get(into_id)
        if recall:
            told.add((recall, balance.account.place_id))
        if (recall or expired) and balance.state in {State.AVAILABLE, State.RESERVED, State.IN_USE}:
            groups[recall].append(balance)
    recalls = Recall.objects.in_bulk({recall for recall, _place in told})
    give_notice((recalls[recall], place) for recall, place in sorted(told))
    for pk, balances in groups.items():
        found = recalls[pk] if pk else None
        reason = recall_reason(found) if found else _("Expired by its true label.")
        hold_balances(act=act, balances=balances, reason=reason, recall=found)


# Held units, the hold they stand under and its place; the number 0 is for those that only seemed expired.
Key = tuple[int, int]
Drawn = list[tuple[Balance, Key, int]]


def _carried_holds(
    act: Act, row: Relabelling, into_id: int, balances: Sequence[Balance]
) -> tuple[Drawn, dict[Key, int]]:
    """Which held units stand under which hold, and the hold of the true batch that takes the place of each.

    A hold that carried out a recall is an ordinary one where that recall is not about the true label. What the night
    put aside as expired stands under no hold; where it is not expired after all it comes under one, so that a
    pharmacist may release it.
    """
    holds = {hold.pk: hold for hold in Hold.objects.filter(batch=row.batch).order_by("id")}
    held = held_by(list(holds.values()))
    seemed = _expired(act, row.batch.last_usable_day) and not _expired(act, row.last_usable_day)
    drawn: Drawn = []
    for balance in (balance for balance in balances if balance.state == State.HELD):
        left, place = balance.quantity, balance.account.place_id
        for hold in (hold for hold in holds.values() if hold.place_id == place):
            units = max(0, min(left, held[hold.pk][balance.account.side]))
            left -= units
            drawn.append((balance, (place, hold.pk), units))
        drawn.append((balance, (place, 0), left if seemed else 0))
    drawn = [each for each in drawn if each[2]]
    still = _recalls_of(into_id, {hold.recall_id for hold in holds.values() if hold.recall_id})
    keys = sorted({key for _balance, key, _units in drawn})
    made = Hold.objects.bulk_create(_in_place_of(act, into_id, key, holds, still) for key in keys)
    return drawn, {key: hold.pk for key, hold in zip(keys, made, strict=True)}


def _in_place_of(act: Act, into_id: int, key: Key, holds: Mapping[int, Hold], still: set[int]) -> Hold:
    place, number = key
    if not number:
        return new_hold(act, place, into_id, _("Held as expired by a label that was read wrongly."))
    old = holds[number]
    return new_hold(act, place, into_id, old.reason, old.recall if old.recall_id in still else None)


def _expired(act: Act, day: datetime.date | None) -> bool:
    return day is not None and day < act.on


def _recalls_of(batch_id: int, recalls: set[int]) -> set[int]:
    """Those of these recalls that are about a batch."""
    if not recalls:
        return set()
    batch = Batch.objects.get(pk=batch_id)
    product = Value(batch.product_id, BigIntegerField())
    about = covers(F("product_id"), F("lot_key"), product, Value(batch.lot_number))
    return set(Recall.objects.filter(about, pk__in=recalls).values_list("pk", flat=True))


def _entries(
    row: Relabelling, balances: Sequence[Balance], drawn: Drawn, holds: Mapping[Key, int]
) -> list[Entry]:
    """Both rows of every conversion; held units leave one hold and come under the one in its place."""
    entries = []
    paper = DOCUMENT, row.pk
    under_holds: dict[int, int] = defaultdict(int)
    for balance, key, units in drawn:
        under_holds[balance.pk] += units
        out_of = (HOLD_DOCUMENT, key[1]) if key[1] else paper
        entries += _pair(row, balance, units, out_of, (HOLD_DOCUMENT, holds[key]))
    for balance in balances:
        entries += _pair(row, balance, balance.quantity - under_holds[balance.pk], paper, paper)
    return entries


def _pair(
    row: Relabelling, balance: Balance, units: int, out_of: tuple[str, int], under: tuple[str, int]
) -> list[Entry]:
    account = balance.account
    shelf = shelf_of(account)
    between = Shelf(account.place_id, Side(account.side), State.CONVERTED)
    return [
        Entry(Kind.CONVERT, row.batch_id, units, shelf, between, *out_of, detail=DOCUMENT),
        Entry(Kind.CONVERT, row.into_id or 0, units, between, shelf, *under, detail=DOCUMENT),
    ]
