"""Sharing out a group of interchangeable medicines as one: everything is counted in whole courses.

A course of ibuprofen does as well as one of paracetamol, so need, stock and requests of the group are added up in
courses of treatment, shared out once, and turned back into units of whichever medicine is sent. The engine's side of
it is in docs/allocation.md (supplies); groups are of four medicines at most.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from distribution.allocation import Allocation, Clinic, Lot, Options, Share, Unused, allocate
from distribution.drafting import (
    DraftLine,
    DraftShare,
    Rules,
    ShelfLot,
    Want,
    band_words,
    published_cut,
    said_of,
)
from distribution.known_needs import Need, in_courses, in_units, need_of


@dataclass(frozen=True, slots=True)
class Member:
    """A medicine of the group, how it is called, and the smallest units of one course of it."""

    code: str
    name: str
    course: int


@dataclass(frozen=True, slots=True)
class GroupDraft:
    """Lines in smallest units; of each member its shares, in its own units; the group's cuts, in courses."""

    lines: list[DraftLine]
    shares: dict[str, list[DraftShare]]
    cuts: list[dict[str, Any]]
    leftovers: list[dict[str, Any]]


def draft_group(
    members: Sequence[Member],
    wants: Mapping[str, Sequence[Want]],
    lots: Mapping[str, Sequence[ShelfLot]],
    rules: Rules,
    needs: Sequence[Need] | None = None,
) -> GroupDraft:
    """Share out the group; `wants` and `lots` by member, every member wanted by the same clinics in one order.

    `needs`: the clinics' needs of the group in courses; None: as the parts of their wants tell them. Whole courses
    only, so nobody is sent a part of one. Raises AllocationInputError.
    """
    courses = {member.code: member.course for member in members}
    shelf = {
        f"{code}/{lot.place}/{lot.batch_id}": (code, lot) for code in courses for lot in lots.get(code, ())
    }
    rows = _rows(wants, courses, rules, needs)
    allocation = allocate(
        [_clinic(row, courses, rules) for row in rows],
        [_lot(key, code, lot, courses[code]) for key, (code, lot) in shelf.items()],
        Options(rules.today, rules.horizon_days, rules.safety_percent, bands=rules.bands),
    )
    return GroupDraft(
        lines=_lines(allocation, shelf, courses),
        shares=_shares(members, rows, allocation, shelf, rules),
        cuts=[published_cut(cut) for cut in allocation.cuts],
        leftovers=_leftovers(allocation, shelf, courses),
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """What one clinic wants of each member; what it needs and has of the group, in courses."""

    wants: Mapping[str, Want]
    need: Need
    own_stock: tuple[tuple[datetime.date | None, int], ...]
    handed_out: int

    @property
    def had(self) -> int:
        return self.handed_out + sum(courses for _day, courses in self.own_stock)


def _rows(
    wants: Mapping[str, Sequence[Want]],
    courses: Mapping[str, int],
    rules: Rules,
    needs: Sequence[Need] | None,
) -> list[_Row]:
    by_clinic = [
        dict(zip(courses, row, strict=True)) for row in zip(*(wants[code] for code in courses), strict=True)
    ]
    needs = needs or [need_in_courses(row, courses, rules) for row in by_clinic]
    return [_row(row, need, courses) for row, need in zip(by_clinic, needs, strict=True)]


def _row(wants: Mapping[str, Want], need: Need, courses: Mapping[str, int]) -> _Row:
    """Whole courses of any member that the clinic has, has coming or has handed out."""
    own = [(day, units // courses[code]) for code, want in wants.items() for day, units in want.own_stock]
    return _Row(
        wants,
        need,
        tuple((day, whole) for day, whole in own if whole),
        sum(want.handed_out // courses[code] for code, want in wants.items()),
    )


def need_in_courses(row: Mapping[str, Want], courses: Mapping[str, int], rules: Rules) -> Need:
    """The need of the group: what each place that the clinic stands for handed out of it, or is estimated to need."""
    places = zip(*(want.parts for want in row.values()), strict=True)
    known = [in_courses(list(zip(parts, courses.values(), strict=True))) for parts in places]
    return need_of(known, rules.horizon_days, rules.safety)


def _clinic(row: _Row, courses: Mapping[str, int], rules: Rules) -> Clinic:
    asked = {code: want.requested for code, want in row.wants.items() if want.requested is not None}
    first = next(iter(row.wants.values()))
    return Clinic(
        key=first.clinic,
        need=row.need.need,
        daily_rate=row.need.daily_rate,
        safety_percent=row.need.safety_percent,
        on_hand=row.had,
        requested=sum(units // courses[code] for code, units in asked.items()) if asked else None,
        own_stock=tuple((day, whole) for day, whole in row.own_stock if day),
        transit_days=first.transit_days,
        course_days=rules.course_days,
        route=first.route,
        tier=first.tier,
        # What it asked for is sent before what can stand in for it.
        accepts=(
            *(code for code in courses if asked.get(code)),
            *(code for code in courses if not asked.get(code)),
        ),
        sources=first.sources or None,
    )


def _lot(key: str, code: str, lot: ShelfLot, course: int) -> Lot:
    box = lot.box // course if lot.box and lot.box % course == 0 else None
    return Lot(key, lot.quantity // course, lot.last_usable_day, box, code, lot.place)


def _lines(
    allocation: Allocation, shelf: Mapping[str, tuple[str, ShelfLot]], courses: Mapping[str, int]
) -> list[DraftLine]:
    return [
        DraftLine(lot.place, str(line.clinic), lot.batch_id, line.quantity * courses[code])
        for line in allocation.lines
        for code, lot in [shelf[str(line.lot)]]
        if line.quantity
    ]


def _shares(
    members: Sequence[Member],
    rows: Sequence[_Row],
    allocation: Allocation,
    shelf: Mapping[str, tuple[str, ShelfLot]],
    rules: Rules,
) -> dict[str, list[DraftShare]]:
    """Each clinic's share of each member, with the group's need and stock, in that member's units."""
    given: Counter[tuple[str, str]] = Counter()
    for line in allocation.lines:
        given[str(line.clinic), shelf[str(line.lot)][0]] += line.quantity
    by_clinic = {str(share.clinic): share for share in allocation.shares}
    stand_ins = {member.code: _stand_ins(members, member.code) for member in members}
    shares: dict[str, list[DraftShare]] = {}
    for member in members:
        mine = shares[member.code] = []
        for row in rows:
            clinic = row.wants[member.code].clinic
            courses = given[clinic, member.code]
            mine.append(_share(member, row, by_clinic[clinic], courses, stand_ins[member.code], rules))
    return shares


def _share(
    member: Member, row: _Row, share: Share, courses: int, stand_ins: tuple[str, str], rules: Rules
) -> DraftShare:
    want, need = row.wants[member.code], row.need
    whole = replace(
        want,
        need=need.need * member.course,
        profiled=need.places > 0,
        own_stock=tuple((day, courses * member.course) for day, courses in row.own_stock),
        handed_out=row.handed_out * member.course,
        known=in_units(need, member.course),
    )
    reason, zh, en = said_of(whole, share)
    bands_zh, bands_en = band_words(rules.bands, need.need, row.had + share.shipped)
    return DraftShare(
        whole,
        courses * member.course,
        reason,
        zh + stand_ins[0] + bands_zh,
        en + stand_ins[1] + bands_en,
    )


def _stand_ins(members: Sequence[Member], code: str) -> tuple[str, str]:
    others = [member.name[:30] for member in members if member.code != code]
    zh = f"本品与{'、'.join(others)}可互换，需求和库存按疗程合并计算。"
    return zh, f" Shared out together with {', '.join(others)}, which can stand in for it, by courses."


def _leftovers(
    allocation: Allocation, shelf: Mapping[str, tuple[str, ShelfLot]], courses: Mapping[str, int]
) -> list[dict[str, Any]]:
    """What stays on the shelves in units, with what is less than a course of each lot."""
    found = []
    for left in allocation.leftovers:
        code, lot = shelf[str(left.lot)]
        found.append((code, lot, left.quantity * courses[code], str(left.reason)))
    for code, lot in shelf.values():
        found.append((code, lot, lot.quantity % courses[code], str(Unused.REMAINDER)))
    return [
        {
            "medicine": code,
            "place": lot.place,
            "batch": lot.batch_id,
            "quantity": units,
            "last_usable_day": lot.last_usable_day and str(lot.last_usable_day),
            "reason": reason,
        }
        for code, lot, units, reason in found
        if units
    ]
