"""Somebody's list of work units: its header in any order, its lines, and every cell at fault by row and column.

Nothing here writes; what the list means in a county is said by `UnitWords`, its categories and drop-off points.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from core.language import in_language
from core.safe_text import TextRefused, comparable_text, safe_text
from core.spreadsheets import Kind, SheetRow

HEADS = {
    "name": {"单位名称", "工作单位", "单位", "名称"},
    "category": {"类别", "单位类别", "系统", "口", "归口"},
    "place": {"接收点", "捐赠接收点", "接收点名称", "接收点编码"},
}
# Rows above the header that a title may take.
TITLE_ROWS = 20
# What a refusal lists at most: categories are few, of drop-off points the likest are named.
CATEGORIES_NAMED, PLACES_NAMED = 40, 5
# What stands in the head of a column beside its name.
REMARK = re.compile(r"[(（].*?[)）]|[\s:：*]")


@dataclass(frozen=True)
class UnitLine:
    """One line: a unit with its category or place, or, without a name, a category with its place."""

    row: int
    name: str = ""
    category: str = ""
    place: str = ""


@dataclass(frozen=True)
class CellFault:
    """One cell at fault: its row and column as the spreadsheet shows them, and which of HEADS the column is."""

    row: int
    column: str
    field: str
    code: str
    message: str


@dataclass(frozen=True)
class UnitWords:
    """What a county knows: the names of its drop-off points by their codes, and its categories."""

    places: Mapping[str, str]
    categories: Collection[str]

    @cached_property
    def codes(self) -> dict[str, str]:
        """The code behind each code and each name."""
        return {word: code for code, name in self.places.items() for word in (code, name) if word}


@dataclass
class UnitList:
    """Lines as they stand, places as their codes; with any fault nothing of it may be taken over."""

    lines: list[UnitLine] = field(default_factory=list)
    faults: list[CellFault] = field(default_factory=list)

    @property
    def categories(self) -> list[UnitLine]:
        """Where categories hand in."""
        return [line for line in self.lines if not line.name]

    @property
    def units(self) -> list[UnitLine]:
        return [line for line in self.lines if line.name]


def read_unit_list(rows: Sequence[SheetRow], words: UnitWords) -> UnitList | None:
    """The list with all its faults; None where no header is found."""
    for index, row in enumerate(rows[:TITLE_ROWS]):
        columns = _columns(row)
        if "name" in columns and columns.keys() & {"category", "place"}:
            reader = _Reader(columns, words)
            for each in rows[index + 1 :]:
                reader.read(each)
            return reader.judged()
    return None


def _columns(row: SheetRow) -> dict[str, int]:
    heads = [REMARK.sub("", cell.text) for cell in row.cells]
    found = {each: [at for at, head in enumerate(heads) if head in known] for each, known in HEADS.items()}
    return {each: places[0] for each, places in found.items() if places}


class _Reader:
    def __init__(self, columns: Mapping[str, int], words: UnitWords) -> None:
        self.columns, self.words = columns, words
        self.lines: list[UnitLine] = []
        self.faults: list[CellFault] = []
        # Categories that the list places, also where a cell of that line is at fault.
        self.placed: set[str] = set()

    def read(self, row: SheetRow) -> None:
        before = len(self.faults)
        line = UnitLine(row.number, **{each: self._text(row, each) for each in self.columns})
        is_of_category = all(each.field != "name" for each in self.faults[before:]) and not line.name
        if is_of_category:
            self.placed.add(line.category)
        if len(self.faults) == before and (line.name or line.category or line.place):
            self.lines.append(line)

    def judged(self) -> UnitList:
        """The lines held against each other and what the county knows, once all of them are read."""
        known = {*self.words.categories, *self.placed} - {""}
        first: dict[str, UnitLine] = {}
        for line in self.lines:
            for each in faults_of(line, self.words, known):
                self._fault(line.row, *each)
            key = unit_key(line.name) or f"/{line.category}"
            other = first.setdefault(key, line)
            if (other.category, other.place) != (line.category, line.place):
                message = _("Row %(row)d says otherwise of the same one.") % {"row": other.row}
                self._fault(line.row, "name" if line.name else "category", "named_twice", message)
        self.faults.sort(key=lambda fault: (fault.row, fault.column))
        lines = [
            UnitLine(line.row, line.name, line.category, self.words.codes.get(line.place, ""))
            for line in self.lines
        ]
        return UnitList(lines, self.faults)

    def _text(self, row: SheetRow, column: str) -> str:
        at = self.columns[column]
        if at >= len(row.cells):
            return ""
        cell = row.cells[at]
        if cell.kind in {Kind.FORMULA, Kind.ERROR}:
            self._fault(row.number, column, str(cell.kind), _("This cell holds a formula; paste its text."))
            return ""
        try:
            return safe_text(cell.text, max_length=80)
        except TextRefused as error:
            self._fault(row.number, column, error.code, in_language(error.message, error.message_en))
            return ""

    def _fault(self, row: int, column: str, code: str, message: str) -> None:
        at = self.columns.get(column)
        letter = "" if at is None else get_column_letter(at + 1)
        self.faults.append(CellFault(row, letter, column, code, message))


def unit_key(name: str) -> str:
    """The name as it compares: spacing, width and case make no other unit."""
    return comparable_text(name).replace(" ", "")[:200]


def faults_of(
    line: UnitLine, words: UnitWords, categories: Collection[str]
) -> Iterator[tuple[str, str, str]]:
    """Column, code and words of what is wrong with a line; `categories` are the county's and the list's own."""
    if line.place and line.place not in words.codes:
        yield "place", "unknown_place", _unknown_place(line.place, words)
    if line.name and line.category and line.category not in categories:
        yield "category", "unknown_category", unknown_category(categories)
    if not line.place and not (line.name and line.category):
        yield "place", "required", _("A category or a place is needed.")


def unknown_category(known: Collection[str]) -> str:
    """That a category is unknown, and which there are."""
    if not known:
        return _(
            "There is no category yet. Say where it hands in: a line with the category and the place alone."
        )
    named = in_language("；", "; ").join(sorted(known)[:CATEGORIES_NAMED])
    more = " …" if len(known) > CATEGORIES_NAMED else ""
    return _("There is no such category. There are: %(names)s.") % {"names": named + more}


def _unknown_place(place: str, words: UnitWords) -> str:
    """That a place is no drop-off point, and those whose names or codes are most like it."""

    def likeness(code: str) -> float:
        return max(SequenceMatcher(None, place, word).ratio() for word in (code, words.places[code]))

    likest = sorted(words.places, key=likeness, reverse=True)[:PLACES_NAMED]
    named = in_language("；", "; ").join(f"{code} {words.places[code]}".strip() for code in likest)
    return _("No drop-off point has this name or code. Most like it: %(names)s.") % {"names": named}
