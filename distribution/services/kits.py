"""Handing out health kits (健康包) whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from core.commands import Act
from core.errors import Fault
from distribution.errors import BeforePacked, ExpiresDuringCourse
from distribution.hand_out_limits import LimitRule, limit_of
from distribution.models import Dispensing, DispensingLine
from distribution.services.dispensing import check_place_and_day, entry_of, write_hand_out
from distribution.services.hand_outs import Drawer, HandOut, HandOutLine, Taken
from distribution.services.taking import check_prescribers
from inventory.errors import KitUnfit
from inventory.ledger import open_book, post
from inventory.models import Balance, State
from inventory.models.kits import Kit
from inventory.queries.kits import is_whole
from inventory.services.kits import end_kit, giving_back, locked_contents, locked_kit


def hand_out_kit(
    *, act: Act, kit: Kit, hand_out: HandOut, prescriber: str = ""
) -> tuple[Dispensing, list[DispensingLine]]:
    """Hand a kit out as one hand-out of all that is in it, by the rules of any other.

    `hand_out` comes without lines. Everything must last for the days it is taken; `prescriber` stands for all in it
    that is given by prescription only. Refused where something was taken out of the kit because it was recalled,
    held or expired: what is left of it is unpacked.
    """
    kit = locked_kit(kit)
    check_place_and_day(act, kit.place, hand_out)
    if hand_out.dispensed_on < kit.packed_on:
        raise BeforePacked(pointer="/dispensed_on")
    open_book(act)
    contents = locked_contents(act, kit)
    if not is_whole(kit, contents):
        raise KitUnfit
    taken = _taken(act, kit, contents, prescriber)
    hand_out = replace(hand_out, lines=[row.line for row in taken], kit_id=kit.pk)
    check_prescribers(hand_out, [row.drawer for row in taken])
    _check_lasting(hand_out, taken)
    dispensing, lines = write_hand_out(act, kit.place, hand_out, taken)
    opened = [giving_back(kit, row.drawer.batch.pk, row.quantity) for row in taken]
    post([*opened, *(entry_of(dispensing, row) for row in taken)], act=act)
    end_kit(act, kit.pk, Kit.State.HANDED_OUT)
    return dispensing, lines


def _taken(act: Act, kit: Kit, contents: Sequence[Balance], prescriber: str) -> list[Taken]:
    """All that is in the kit, as the lines of a hand-out; each is taken over the days of the template."""
    days = {line.medicine_id: line.days_supply for line in kit.template.lines.all()}
    inside = Balance.objects.filter(pk__in=[row.pk for row in contents])
    limits = dict(inside.values_list("batch__medicine", limit_of(act.county_id, "batch__medicine")))
    return [
        Taken(
            HandOutLine(
                row.quantity, days[row.batch.medicine_id], batch_id=row.batch_id, prescriber=prescriber
            ),
            Drawer(row.batch, State.AVAILABLE, row.quantity, _limit(row, limits[row.batch.medicine_id])),
            row.quantity,
        )
        for row in contents
    ]


def _limit(row: Balance, limit: dict[str, int] | None) -> LimitRule | None:
    return LimitRule(row.batch.medicine_id, **limit) if limit else None


def _check_lasting(hand_out: HandOut, taken: Sequence[Taken]) -> None:
    faults = [
        Fault("/dispensed_on", ExpiresDuringCourse.code, _words(row))
        for row in taken
        if not row.drawer.lasts(hand_out.dispensed_on, row.line.days_supply)
    ]
    if faults:
        raise ExpiresDuringCourse(faults=faults)


def _words(row: Taken) -> str:
    batch = row.drawer.batch
    words = _("%(medicine)s of lot %(lot)s expires on %(day)s, before %(days)d days have passed.")
    facts = {"medicine": batch.medicine, "lot": batch.lot_number, "day": batch.last_usable_day}
    return words % {**facts, "days": row.line.days_supply}
