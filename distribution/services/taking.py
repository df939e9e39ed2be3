"""Which units a hand-out takes from the shelf: what expires first, lasts for the course and may be given."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from catalogue.models import Medicine, Recall
from catalogue.queries import medicines_by_code
from core.commands import Act
from core.errors import Fault, Invalid
from distribution.errors import (
    ExpiresDuringCourse,
    PrescriberNeeded,
)
from distribution.hand_out_limits import LimitRule, limit_of
from distribution.services.hand_outs import Drawer, HandOut, HandOutLine, Taken
from inventory.errors import Recalled, ShortStock
from inventory.models import Balance, Batch, Hold, Kind, Movement, Side, State
from inventory.queries.conversions import batches_after
from inventory.queries.recalls import recalled_batches
from organisation.models import Place


def take_from_shelf(act: Act, place: Place, hand_out: HandOut) -> list[Taken]:
    """Which units each line is given, under the lock of their balances; refused as a whole, line by line."""
    _check_recalled(act, place, hand_out)
    drawers = _drawers(act, place, hand_out)
    check_prescribers(hand_out, drawers)
    return _take(hand_out, drawers)


def _check_recalled(act: Act, place: Place, hand_out: HandOut) -> None:
    """Refuse batches named in spite of a recall; a hand-out before its day is only entered late."""
    named = {line.batch_id for line in hand_out.lines if line.batch_id}
    if not named:
        return
    recalled = recalled_batches(act.county_id, named).at(place.pk)
    since = dict(Recall.objects.filter(pk__in=recalled.values()).values_list("pk", "raised_on"))
    faults = [
        Fault(f"{line.pointer}/batch", Recalled.code, Recalled.message)
        for line in hand_out.lines
        if line.batch_id in recalled and since[recalled[line.batch_id]] <= hand_out.dispensed_on
    ]
    if faults:
        raise Recalled(faults=faults)


def _drawers(act: Act, place: Place, hand_out: HandOut) -> list[Drawer]:
    """What may be taken, in the order in which it is: available by expiry, then what was held only later.

    The available balances are locked, so that two hand-outs at once do not plan with the same units; of a batch that
    is named the others of its medicine too, for a limit counts all of them.
    """
    medicines = {line.medicine for line in hand_out.lines if line.medicine}
    batches = {line.batch_id for line in hand_out.lines if line.batch_id}
    rows = (
        Balance.objects.select_for_update(of=("self",))
        .filter(
            county_id=act.county_id,
            account__place=place,
            account__side=Side.CLINIC,
            state__in=[State.AVAILABLE, State.HELD],
            quantity__gt=0,
        )
        .filter(Q(batch__medicine__in=_of(batches)) | Q(batch__medicine__code__in=medicines))
        .select_related("batch__medicine")
        .annotate(limit=limit_of(act.county_id, "batch__medicine"))
        .order_by("account_id", "batch_id")
    )
    if hand_out.dispensed_on < act.on:
        _lock_holds(place, batches, medicines)
        there = _there_by(act, place, hand_out.dispensed_on)
        rows = rows.filter(batch__in=batches_after(there))
    later = _held_later(act, place, hand_out) if hand_out.dispensed_on < act.on else {}
    drawers = [Drawer(row.batch, State(row.state), _most(row, later), _limit(row)) for row in rows]
    return sorted(drawers, key=_first_to_expire)


def _of(batches: Collection[int]) -> QuerySet[Batch, int]:
    return Batch.objects.filter(pk__in=batches).values_list("medicine_id", flat=True)


def _limit(row: Any) -> LimitRule | None:
    return LimitRule(row.batch.medicine_id, **row.limit) if row.limit else None


def _lock_holds(place: Place, batches: Collection[int], medicines: Collection[str]) -> None:
    """Before the balances, as a release does: a hand-out entered late may take what is held."""
    holds = Hold.objects.select_for_update(of=("self",)).filter(place=place).order_by("id")
    list(holds.filter(Q(batch__in=batches) | Q(batch__medicine__code__in=medicines)).values_list("pk"))


def _there_by(act: Act, place: Place, day: datetime.date) -> QuerySet[Movement, int]:
    """Batches that had reached this clinic by a day, under whatever label: nothing is handed out before it came."""
    return Movement.objects.filter(
        county_id=act.county_id,
        business_day__lte=day,
        to_account__place=place,
        to_account__side=Side.CLINIC,
        to_account__state=State.AVAILABLE,
    ).values_list("batch_id", flat=True)


def _first_to_expire(drawer: Drawer) -> tuple[bool, datetime.date, int]:
    day = drawer.batch.last_usable_day or datetime.date.max
    return drawer.state == State.HELD, day, drawer.batch.pk


def _most(row: Balance, later: Mapping[int, int]) -> int:
    return row.quantity if row.state == State.AVAILABLE else min(row.quantity, later.get(row.batch_id, 0))


def _held_later(act: Act, place: Place, hand_out: HandOut) -> dict[int, int]:
    """Units by batch that were put on hold at this clinic after the day of the hand-out."""
    holds = Movement.objects.filter(
        county_id=act.county_id,
        kind=Kind.HOLD,
        business_day__gt=hand_out.dispensed_on,
        to_account__place=place,
        to_account__side=Side.CLINIC,
        to_account__state=State.HELD,
    )
    return dict(holds.values_list("batch_id").annotate(units=Sum("quantity")).order_by())


def check_prescribers(hand_out: HandOut, drawers: Sequence[Drawer]) -> None:
    """Whoever hands out a medicine by prescription says who prescribed it."""
    of_batch = {drawer.batch.pk: drawer.batch.medicine for drawer in drawers}
    by_code = _medicines(hand_out, drawers)
    faults = []
    for line in hand_out.lines:
        medicine = by_code[line.medicine] if line.medicine else of_batch.get(line.batch_id or 0)
        if medicine and medicine.by_prescription and not line.prescriber:
            faults.append(
                Fault(f"{line.pointer}/prescriber", PrescriberNeeded.code, PrescriberNeeded.message)
            )
    if faults:
        raise PrescriberNeeded(faults=faults)


def _medicines(hand_out: HandOut, drawers: Sequence[Drawer]) -> dict[str, Medicine]:
    """The medicines that the lines name: at hand with what is in the drawers, else looked up."""
    medicines = {drawer.batch.medicine.code: drawer.batch.medicine for drawer in drawers}
    named = {line.medicine for line in hand_out.lines if line.medicine}
    if others := named - medicines.keys():
        medicines |= medicines_by_code(others)
    unknown = [
        Fault(f"{line.pointer}/medicine", "unknown_medicine", _("The catalogue does not know this."))
        for line in hand_out.lines
        if line.medicine and line.medicine not in medicines
    ]
    if unknown:
        raise Invalid(faults=unknown)
    return medicines


def _take(hand_out: HandOut, drawers: Sequence[Drawer]) -> list[Taken]:
    taken: list[Taken] = []
    short: list[Fault] = []
    expiring: list[Fault] = []
    for line in hand_out.lines:
        mine = [drawer for drawer in drawers if _fits(line, drawer)]
        there = sum(drawer.left for drawer in mine)
        lasting = [drawer for drawer in mine if drawer.lasts(hand_out.dispensed_on, line.days_supply)]
        if there < line.quantity:
            message = _("%(there)d in stock, %(wanted)d wanted.") % {"there": there, "wanted": line.quantity}
            short.append(Fault(f"{line.pointer}/quantity", ShortStock.code, message))
        elif sum(drawer.left for drawer in lasting) < line.quantity:
            expiring.append(
                Fault(f"{line.pointer}/days_supply", ExpiresDuringCourse.code, ExpiresDuringCourse.message)
            )
        else:
            taken += _draw(line, lasting)
    if short:
        raise ShortStock(faults=[*short, *expiring])
    if expiring:
        raise ExpiresDuringCourse(faults=expiring)
    return taken


def _fits(line: HandOutLine, drawer: Drawer) -> bool:
    if line.batch_id is not None:
        return drawer.batch.pk == line.batch_id
    return drawer.batch.medicine.code == line.medicine


def _draw(line: HandOutLine, drawers: Sequence[Drawer]) -> list[Taken]:
    wanted, taken = line.quantity, []
    for drawer in drawers:
        units = min(wanted, drawer.left)
        if units:
            drawer.left, wanted = drawer.left - units, wanted - units
            taken.append(Taken(line, drawer, units))
    return taken
