"""Keeping hand-outs within the county's limits: refused at the counter, marked where paper is entered later."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from core.commands import Act
from core.errors import Fault
from distribution.errors import MoreThanLimit
from distribution.hand_out_limits import Excess, Given, by_medicine, excesses
from distribution.services.hand_outs import HandOut, Taken
from organisation.models import Place


def check_limits(
    act: Act, place: Place, hand_outs: Sequence[tuple[HandOut, Sequence[Taken]]]
) -> set[tuple[int, int]]:
    """Refuse hand-outs that give more of a medicine than the county lets one hand-out or one fever have.

    What a health centre enters for its village clinics was written on paper and has been given: it is not refused.
    Answers (which hand-out, medicine) of what is to be
    marked. Asked under the lock of the balances (`take_from_shelf`).
    """
    given = [
        Given(*row, hand_out.dispensed_on, hand_out.register_ref, hand_out.recipients)
        for key, (hand_out, taken) in enumerate(hand_outs)
        for row in by_medicine(key, [(each.drawer.batch.medicine_id, each.quantity) for each in taken])
    ]
    drawers = [each.drawer for _hand_out, taken in hand_outs for each in taken]
    limits = {drawer.batch.medicine_id: drawer.limit for drawer in drawers if drawer.limit}
    over = excesses(act, place, given, limits)
    faults = [
        Fault(f"{each.line.pointer}/quantity", MoreThanLimit.code, _words(excess))
        for excess in over
        if not hand_outs[excess.key][0].by_centre
        for each in hand_outs[excess.key][1]
        if each.drawer.batch.medicine_id == excess.medicine_id
    ]
    if faults:
        raise MoreThanLimit(faults=faults)
    return {(excess.key, excess.medicine_id) for excess in over}


def _words(excess: Excess) -> str:
    words = _("At most %(most)d for each: %(earlier)d given before under this number, %(given)d now.")
    return words % {"most": excess.most, "earlier": excess.earlier, "given": excess.given}
