"""Reusable devices that a clinic keeps in use (配备在用), or lends and takes back (借用): no hand-outs."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db.models import F
from django.utils.translation import gettext as _

from catalogue.models import Medicine
from core.commands import Act
from core.errors import Fault, Invalid
from inventory.errors import (
    DeviceBack,
    DueTooLate,
    ExpiredStock,
    NoDevicesHere,
    NotADevice,
    Recalled,
    ShortStock,
)
from inventory.ledger import Entry, Shelf, open_book, post
from inventory.models import Balance, Batch, Hold, Kind, Movement, Side, State
from inventory.models.devices import DeviceUse
from inventory.queries.holds import DOCUMENT as HOLD
from inventory.queries.recalls import batches_held_since, recalled_batches
from inventory.services.expiry import off_the_shelf
from inventory.services.holds import new_hold
from inventory.services.recalls import hold_returned
from organisation.models import Place

DOCUMENT = "device_use"
LONGEST_LOAN = datetime.timedelta(days=92)
STATES = {DeviceUse.Kind.KEPT: State.IN_USE, DeviceUse.Kind.LENT: State.LENT}
Condition = DeviceUse.Condition


@dataclass(frozen=True)
class Loan:
    """To whom a device is lent, by the clinic's own register, and until when."""

    register_ref: str
    due_on: datetime.date


def begin_use(
    *, act: Act, place: Place, medicine: Medicine, batch: Batch | None = None, loan: Loan | None = None
) -> DeviceUse:
    """Take one device off the clinic's shelf and keep it in use there, or lend it.

    Of the batch named, or of any of the medicine that stands there, in date and not recalled. Refused: NoDevicesHere,
    NotADevice, DueTooLate, ShortStock, Recalled, ExpiredStock.
    """
    if not place.hands_out or not place.active:
        raise NoDevicesHere(pointer="/place")
    if not medicine.is_reusable:
        raise NotADevice(pointer="/medicine" if batch is None else "/batch")
    if loan and not act.on <= loan.due_on <= act.on + LONGEST_LOAN:
        raise DueTooLate(pointer="/due_on")
    open_book(act)
    use = DeviceUse.objects.create(
        county_id=act.county_id,
        place=place,
        batch=_from_shelf(act, place, medicine, batch),
        kind=DeviceUse.Kind.LENT if loan else DeviceUse.Kind.KEPT,
        register_ref=loan.register_ref if loan else "",
        due_on=loan.due_on if loan else None,
        started_by=act.actor_id,
        started_on=act.on,
        command=act.command,
    )
    kind = Kind.LEND if loan else Kind.PUT_IN_USE
    post([_entry(use, kind, State.AVAILABLE, _state(use))], act=act)
    return use


def give_back(*, act: Act, use: DeviceUse, condition: str, reason: str = "") -> DeviceUse:
    """Write down that a device came back, and how; or that it is lost.

    One that works is available again, unless it is recalled, past the last usable day of its label (which may have
    been corrected meanwhile), or its batch was held here meanwhile: then it is held. A broken one is held, to be
    destroyed. What has come back is always booked; refused: DeviceBack where it came back before.
    """
    use = DeviceUse.objects.select_for_update(of=("self",)).select_related("place").get(pk=use.pk)
    if use.condition:
        raise DeviceBack
    if condition != Condition.WORKS and not reason:
        raise Invalid(faults=[Fault("/reason", "required", _("Say what happened."))])
    open_book(act)
    out = _state(use)
    use.condition, use.reason = condition, reason
    use.ended_by, use.ended_on, use.ended_command = act.actor_id, act.on, act.command
    use.save(update_fields=["condition", "reason", "ended_by", "ended_on", "ended_command"])
    if condition == Condition.LOST:
        post([_entry(use, Kind.LOSE, out, State.LOST, detail=Condition.LOST)], act=act)
        return use
    back = _entry(use, Kind.TAKE_BACK, out, State.AVAILABLE, detail=condition)
    hold = _hold_for(act, use)
    if hold:
        post([back, _entry(use, Kind.HOLD, State.AVAILABLE, State.HELD, paper=(HOLD, hold))], act=act)
    else:
        post(off_the_shelf([back], act=act), act=act)
    return use


def _from_shelf(act: Act, place: Place, medicine: Medicine, batch: Batch | None) -> Batch:
    """The batch of which one is taken; a batch that does not stand there is refused by the ledger."""
    if batch is None:
        rows = Balance.objects.filter(
            county_id=act.county_id, account__place=place, account__side=Side.CLINIC,
            batch__medicine=medicine, state=State.AVAILABLE, quantity__gt=0,
        )  # fmt: skip
        here = [row.batch for row in rows.exclude(batch__last_usable_day__lt=act.on).select_related("batch").order_by(
            F("batch__last_usable_day").asc(nulls_last=True), "batch_id"
        )]  # fmt: skip
        if not here:
            raise ShortStock(pointer="/medicine")
        recalled = recalled_batches(act.county_id, [each.pk for each in here]).at(place.pk)
        batch = next((each for each in here if each.pk not in recalled), here[0])
    if batch.pk in recalled_batches(act.county_id, [batch.pk]).at(place.pk):
        raise Recalled
    if batch.last_usable_day is not None and batch.last_usable_day < act.on:
        raise ExpiredStock(pointer="/batch")
    return batch


def _hold_for(act: Act, use: DeviceUse) -> int | None:
    """The hold under which a device that came back is put aside, or none where it may be used again."""
    if use.condition == Condition.BROKEN:
        hold = new_hold(act, use.place_id, use.batch_id, use.reason)
        hold.save()
        return hold.pk
    if use.batch_id not in _blocked(act, use):
        return None
    return hold_returned(act=act, place=use.place, batches=[use.batch_id])[use.batch_id]


def _blocked(act: Act, use: DeviceUse) -> set[int]:
    """Whether its batch must not be used here any more; a single broken device says nothing of the others."""
    begun = Movement.objects.filter(document_type=DOCUMENT, document_id=use.pk).order_by("id")
    since = begun.values_list("pk", flat=True)[0]
    # Under whatever label it came back: a correction since then has carried its hold on.
    broken = DeviceUse.objects.filter(place=use.place_id, condition=Condition.BROKEN)
    apart = Hold.objects.filter(place=use.place_id, command__in=broken.values("ended_command"))
    return batches_held_since(act.county_id, use.place_id, {use.batch_id: since}, apart=apart)


def _state(use: DeviceUse) -> State:
    return STATES[DeviceUse.Kind(use.kind)]


def _entry(
    use: DeviceUse,
    kind: Kind,
    source: State,
    target: State,
    *,
    paper: tuple[str, int] | None = None,
    detail: str = "",
) -> Entry:
    here = use.place_id, Side.CLINIC
    return Entry(
        kind,
        use.batch_id,
        1,
        Shelf(*here, source),
        Shelf(*here, target),
        *(paper or (DOCUMENT, use.pk)),
        detail=str(detail),
        pointer="/batch",
    )
