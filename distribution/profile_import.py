"""Clinic profiles from a table: rows read as profiles, every bad cell named. Nothing here writes."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from openpyxl.utils import get_column_letter

from core.days import FIRST_DAY, LAST_DAY
from core.spreadsheets import Cell, Kind, SheetRow
from distribution.profile_columns import COLUMNS
from distribution.served import beyond_population
from donations.roster_import import CellFault
from donations.roster_import_cells import CellRefused, day_of, text_of

HEADER_WITHIN = 20
NEEDED = {"population", "data_date"}
_EMPTY = Cell()
_WORDS: dict[str, tuple[str, str]] = {
    "header_not_found": (
        "没有找到表头；须有机构编码（或名称）、服务人口和数据日期",
        "No header row: code (or name) of the place, population and day of the figures are needed.",
    ),
    "unknown_place": (
        "没有这个机构，或不在您的管辖范围",
        "There is no such place, or it is not yours to plan for.",
    ),
    "named_twice": ("同一机构出现两次", "This place stands here twice."),
    "not_whole": ("须为不小于0的整数", "A whole number, 0 or more, is needed here."),
    "too_many": ("数字过大", "This number is too large."),
    "more_than_population": ("各年龄段合计超过服务人口", "The age bands add up to more than the population."),
    "tiers_more_than_population": (
        "红黄绿标人群合计超过服务人口",
        "The tiers add up to more than the population.",
    ),
    "day_in_future": ("数据日期晚于今天", "This day is still to come."),
    "day_out_of_range": ("日期超出范围", "This day is out of range."),
}


@dataclass
class ProfilesRead:
    """`profiles` in the shape that `PUT clinic-profiles/` takes."""

    profiles: list[dict[str, Any]] = field(default_factory=list)
    faults: list[CellFault] = field(default_factory=list)
    rows: int = 0


def read_profile_rows(
    rows: Sequence[SheetRow], *, places: Mapping[str, str], limits: Mapping[str, int], today: datetime.date
) -> ProfilesRead:
    """Profiles and faults of a table; `places` are codes by code and by name, `limits` the most of each figure."""
    read = ProfilesRead()
    found = next(((row, named) for row in rows[:HEADER_WITHIN] if (named := _header(row))), None)
    if found is None:
        read.faults.append(_fault(1, "", _refused("header_not_found")))
        return read
    head, columns = found
    seen: set[str] = set()
    for row in rows:
        if row.number > head.number:
            read.rows += 1
            _Row(row, columns, read).read(places, limits, today, seen)
    return read


def _header(row: SheetRow) -> dict[str, int] | None:
    fields = {word: name for name, words in COLUMNS.items() for word in map(_plain, words.split())}
    columns: dict[str, int] = {}
    for index, cell in enumerate(row.cells):
        if name := fields.get(_plain(cell.text)):
            columns.setdefault(name, index)
    names = columns.keys()
    return columns if names >= NEEDED and names & {"place", "name"} else None


def _plain(text: str) -> str:
    plain = "".join(unicodedata.normalize("NFKC", text[:60]).casefold().split())
    return re.sub("[—–~]", "-", plain).strip("*:")


class _Row:
    """One row of the table, cell by cell."""

    def __init__(self, row: SheetRow, columns: Mapping[str, int], read: ProfilesRead) -> None:
        self.row, self.columns, self.into = row, columns, read

    def read(
        self, places: Mapping[str, str], limits: Mapping[str, int], today: datetime.date, seen: set[str]
    ) -> None:
        before = len(self.into.faults)
        code = self._taken(
            "place" if "place" in self.columns else "name", lambda _cell: self._place(places, seen)
        )
        figures = {
            name: self._taken(name, partial(_figure, most=most)) or 0
            for name, most in limits.items()
            if name in self.columns
        }
        day = self._taken("data_date", lambda cell: _day(cell, today))
        if len(self.into.faults) == before:
            for breach in beyond_population(figures):
                self._refuse("population", _refused(breach))
        if len(self.into.faults) == before:
            self.into.profiles.append({"place": code, **figures, "data_date": str(day)})

    def _place(self, places: Mapping[str, str], seen: set[str]) -> str:
        """By its code; where that is empty, by its name."""
        said = text_of(self._cell("place"), 40) or text_of(self._cell("name"), 80)
        if not said:
            raise CellRefused("required")
        if said not in places:
            raise _refused("unknown_place")
        code = places[said]
        if code in seen:
            raise _refused("named_twice")
        seen.add(code)
        return code

    def _taken(self, name: str, read: Callable[[Cell], Any]) -> Any:
        try:
            return read(self._cell(name))
        except CellRefused as why:
            self._refuse(name, why)
            return None

    def _cell(self, name: str) -> Cell:
        index = self.columns.get(name)
        return self.row.cells[index] if index is not None and index < len(self.row.cells) else _EMPTY

    def _refuse(self, name: str, why: CellRefused) -> None:
        column = get_column_letter(self.columns[name] + 1) if name in self.columns else ""
        self.into.faults.append(_fault(self.row.number, column, why))


def _figure(cell: Cell, most: int) -> int:
    """A count of people or minutes; an empty cell is nobody."""
    text = "".join(unicodedata.normalize("NFKC", text_of(cell, 40)).split()).replace(",", "")
    if not text:
        return 0
    if cell.kind in {Kind.DAY, Kind.MONTH} or not re.fullmatch(r"[0-9]{1,12}(\.0)?", text):
        raise _refused("not_whole")
    number = int(text.removesuffix(".0"))
    if number > most:
        raise _refused("too_many")
    return number


def _day(cell: Cell, today: datetime.date) -> datetime.date:
    if not text_of(cell, 40):
        raise CellRefused("required")
    day = day_of(cell)
    if day > today:
        raise _refused("day_in_future")
    if not FIRST_DAY <= day <= LAST_DAY:
        raise _refused("day_out_of_range")
    return day


def _refused(code: str) -> CellRefused:
    return CellRefused(code, *_WORDS[code])


def _fault(row: int, column: str, why: CellRefused) -> CellFault:
    return CellFault(row, column, why.code, why.message, why.message_en)
