"""Entering the registers of clinics that keep them on paper: many hand-outs at once, all of them or none."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from core.commands import Act
from core.errors import DomainError, Fault
from distribution.errors import AlreadyEntered, BeforeCampaign, HandsNothingOut
from distribution.models import Dispensing, DispensingLine
from distribution.services.dispensing import book_hand_outs, line_of, row_of
from distribution.services.hand_outs import HandOut, Taken
from distribution.services.limits import check_limits
from distribution.services.taking import take_from_shelf
from donations.errors import FutureDay
from donations.models import Campaign
from inventory.ledger import open_book
from organisation.models import Place


@dataclass(frozen=True)
class Noted:
    """A hand-out that a clinic wrote down; `pointer` says where in the request it stands."""

    place: Place
    hand_out: HandOut
    pointer: str


def enter_registers(*, act: Act, notes: Sequence[Noted]) -> list[Dispensing]:
    """Book hand-outs that were written on paper, each under its own day, or none of them.

    Day by day and clinic by clinic, in the order of the days, so that a later hand-out finds what an earlier one
    left. A register number that the books hold for its place and day is refused, so that no page is entered twice.
    Every line at fault is named. The number of statements grows with the clinics and days, not with the hand-outs.
    """
    open_book(act)
    places = _lock({note.place.pk for note in notes})
    refused = [*_refusals(act, notes), *_repeats(act, notes, places)]
    by_day: dict[tuple[datetime.date, int], list[Noted]] = defaultdict(list)
    faulty = {fault.pointer.rpartition("/")[0] for error in refused for fault in error.faults}
    for note in notes:
        if note.pointer not in faulty:
            by_day[note.hand_out.dispensed_on, note.place.pk].append(note)
    written: list[Dispensing] = []
    for key in sorted(by_day):
        try:
            written += _enter_day(act, by_day[key])
        except DomainError as error:
            refused.append(error)
    if refused:
        raise _together(refused)
    return written


def _lock(places: Iterable[int]) -> dict[int, Place]:
    """The places, locked in the order of their numbers: the same page is not entered by two people at once."""
    rows = Place.objects.select_for_update(no_key=True).filter(pk__in=list(places)).order_by("pk")
    return {place.pk: place for place in rows}


def _refusals(act: Act, notes: Sequence[Noted]) -> list[DomainError]:
    """What is wrong with single hand-outs before the stock is looked at."""
    starts = Campaign.objects.filter(county_id=act.county_id).order_by("starts_on")
    first = starts.values_list("starts_on", flat=True).first() or datetime.date.max
    found: list[DomainError] = []
    for note in notes:
        day = note.hand_out.dispensed_on
        if not note.place.hands_out or not note.place.active:
            found.append(HandsNothingOut(pointer=f"{note.pointer}/place"))
        if day > act.on:
            found.append(FutureDay(pointer=f"{note.pointer}/dispensed_on"))
        elif day < first:
            found.append(BeforeCampaign(pointer=f"{note.pointer}/dispensed_on"))
    return found


def _repeats(act: Act, notes: Sequence[Noted], places: Mapping[int, Place]) -> list[DomainError]:
    """Register numbers that the books hold already, or that stand in the request twice."""
    days = {note.hand_out.dispensed_on for note in notes}
    entered = Dispensing.objects.filter(
        county_id=act.county_id, place__in=places, dispensed_on__in=days, reversed_by__isnull=True
    ).exclude(register_ref="")
    seen = set(entered.values_list("place_id", "dispensed_on", "register_ref"))
    found: list[DomainError] = []
    for note in notes:
        key = (note.place.pk, note.hand_out.dispensed_on, note.hand_out.register_ref)
        if key[2] and key in seen:
            found.append(AlreadyEntered(pointer=f"{note.pointer}/register_ref"))
        seen.add(key)
    return found


def _enter_day(act: Act, notes: Sequence[Noted]) -> list[Dispensing]:
    """The hand-outs of one clinic on one day."""
    place, first = notes[0].place, notes[0].hand_out
    whose = {id(line): number for number, note in enumerate(notes) for line in note.hand_out.lines}
    lines = [line for note in notes for line in note.hand_out.lines]
    parts: list[list[Taken]] = [[] for _note in notes]
    for each in take_from_shelf(act, place, replace(first, lines=lines)):
        parts[whose[id(each.line)]].append(each)
    over = check_limits(act, place, [(note.hand_out, part) for note, part in zip(notes, parts, strict=True)])
    too_much: dict[int, set[int]] = defaultdict(set)
    for number, medicine in over:
        too_much[number].add(medicine)
    rows = Dispensing.objects.bulk_create(row_of(act, place, note.hand_out) for note in notes)
    of_row = [(number, each) for number, part in enumerate(parts) for each in part]
    DispensingLine.objects.bulk_create(line_of(rows[n], each, too_much[n]) for n, each in of_row)
    book_hand_outs(act, place, [(rows[n], each) for n, each in of_row])
    return rows


def _together(refused: Sequence[DomainError]) -> DomainError:
    """One refusal of the first one's kind that names all that is at fault."""
    faults: list[Fault] = [fault for error in refused for fault in error.faults]
    return type(refused[0])(faults=faults)
