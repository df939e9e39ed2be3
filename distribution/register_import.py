"""A register on paper, typed into a spreadsheet: rows read as hand-outs, every cell at fault named.

Nothing here writes or judges stock; that is `services.registers`. Cells are read as those of donation rosters are.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from openpyxl.utils import get_column_letter

from core.spreadsheets import Cell, SheetRow
from distribution.register_words import AGE_BANDS, MARKS, SYNONYMS, WAYS, refused
from donations.roster_import import CellFault
from donations.roster_import_cells import DITTO, CellRefused, day_of, quantity_of, text_of
from donations.roster_import_medicines import MedicineIndex

T = TypeVar("T")
NEEDED = ("dispensed_on", "age_band", "quantity")
HEADER_WITHIN = 20
_FIELDS = {word: name for name, words in SYNONYMS.items() for word in words.split()}
_HEAD = ("place", "dispensed_on", "register_ref", "age_band", "marks", "collected_by")
_PARTS = re.compile(r"[\s、,，;；/]+")
_EMPTY = Cell()


@dataclass
class NotedRow:
    """A hand-out in the shape that `POST dispensing-registers/` takes, with the rows it stands in."""

    body: dict[str, Any]
    rows: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class RegisterRead:
    hand_outs: Sequence[NotedRow]
    faults: Sequence[CellFault]
    rows: int


@dataclass(frozen=True)
class Known:
    """What the cells may name: places by code and name, medicines, and goods by shipment and number in its note."""

    places: Mapping[str, str]
    medicines: MedicineIndex
    goods: Mapping[tuple[int, int], int]
    usual_place: str = ""


def read_register_rows(rows: Sequence[SheetRow], known: Known) -> RegisterRead:
    """Hand-outs and faults of a register. A row that says neither day, number, age nor collector goes on with the
    hand-out above; so does one of the same clinic, day and number."""
    header = next((found for row in rows[:HEADER_WITHIN] if (found := _header(row))), None)
    if header is None:
        return RegisterRead([], [_fault(1, "", refused("header_not_found"))], 0)
    reader = _Reader(header[1], known)
    for row in rows:
        if row.number > header[0]:
            reader.read(row)
    return RegisterRead(reader.hand_outs, reader.faults, reader.count)


def _header(row: SheetRow) -> tuple[int, dict[str, int]] | None:
    columns: dict[str, int] = {}
    for index, cell in enumerate(row.cells):
        if name := _FIELDS.get(_plain(cell.text)):
            columns.setdefault(name, index)
    goods = "medicine" in columns or "number" in columns
    return (row.number, columns) if goods and all(name in columns for name in NEEDED) else None


def _plain(text: str) -> str:
    plain = "".join(unicodedata.normalize("NFKC", text[:60]).casefold().split())
    return re.sub(r"\(.*\)|[*:]", "", plain)


def _fault(row: int, column: str, why: CellRefused) -> CellFault:
    return CellFault(row, column, why.code, why.message, why.message_en)


class _Reader:
    """Reads rows from top to bottom, remembering the hand-out above."""

    def __init__(self, columns: Mapping[str, int], known: Known) -> None:
        self.columns, self.known = columns, known
        self.hand_outs: list[NotedRow] = []
        self.faults: list[CellFault] = []
        self.count = 0
        self._row = SheetRow(0, ())
        # What the cells above said, even where they were at fault: a mistake is named once.
        self._place, self._day, self._shipment = known.usual_place, "", 0

    def read(self, row: SheetRow) -> None:
        self._row = row
        if not self._cell("quantity").text and not self._goods_named():
            return
        self.count += 1
        before = len(self.faults)
        head = None if self._goes_on() else self._head()
        line = self._line()
        if len(self.faults) > before:
            return
        above = self.hand_outs[-1] if self.hand_outs else None
        if head and above and self._same(above.body, head):
            head = None
        if head:
            self.hand_outs.append(NotedRow({**head, "lines": []}))
        if not self.hand_outs:
            self._refuse("dispensed_on", CellRefused("required"))
            return
        self.hand_outs[-1].body["lines"].append(line)
        self.hand_outs[-1].rows.append(row.number)

    def _goods_named(self) -> bool:
        return bool(self._cell("medicine").text or self._cell("number").text)

    def _goes_on(self) -> bool:
        said = [self._cell(name).text for name in _HEAD if not self._cell(name).copied]
        return bool(self.hand_outs) and all(text in {"", *DITTO} for text in said)

    def _same(self, above: Mapping[str, Any], head: Mapping[str, Any]) -> bool:
        names = ("place", "dispensed_on", "register_ref", "age_band")
        return bool(head["register_ref"]) and all(above[name] == head[name] for name in names)

    # --- the hand-out ---

    def _head(self) -> dict[str, Any]:
        self._place = self._read("place", self._place_of) or self._place
        if not self._place:
            self._refuse("place", CellRefused("required"))
        day = self._read("dispensed_on", self._day_of)
        self._day = str(day) if day else self._day
        return {
            "place": self._place,
            "dispensed_on": self._day,
            "register_ref": self._read("register_ref", lambda cell: text_of(cell, 40)) or "",
            "age_band": self._read("age_band", lambda cell: _word(cell, AGE_BANDS, "age_band_unknown")),
            "marks": self._read("marks", _marks) or [],
            "collected_by": self._read("collected_by", _way) or "self",
            "recipients": 1,
            "entered_for": True,
        }

    def _place_of(self, cell: Cell) -> str:
        text = text_of(cell, 80)
        if text in {"", *DITTO}:
            return ""
        if text not in self.known.places:
            raise refused("place_unknown")
        return self.known.places[text]

    def _day_of(self, cell: Cell) -> datetime.date | None:
        if cell.text in {"", *DITTO} and self._day:
            return None
        if not cell.text:
            raise CellRefused("required")
        return day_of(cell)

    # --- what was given ---

    def _line(self) -> dict[str, Any]:
        medicine = self._medicine()
        unit = self.known.medicines.unit(self._cell("medicine").text) if "medicine" in medicine else None
        days = self._read("days_supply", lambda cell: _whole(cell, 366) if cell.text else 1)
        return {
            **medicine,
            "quantity": self._read("quantity", lambda cell: _quantity(cell, unit)),
            "days_supply": days,
            "prescriber": self._read("prescriber", lambda cell: text_of(cell, 60)) or "",
        }

    def _medicine(self) -> dict[str, Any]:
        """The batch that a number of the note means, else the medicine by its name."""
        if self._cell("number").text:
            self._shipment = self._read("shipment", self._shipment_of) or self._shipment
            batch = self._read("number", self._batch_of)
            return {"batch": batch}
        name = self._read("medicine", lambda cell: text_of(cell, 200)) or ""
        if not name:
            self._refuse("medicine", CellRefused("required"))
            return {}
        strength = self._read("specification", lambda cell: text_of(cell, 120)) or ""
        found = self.known.medicines.find(name, strength)
        if found is None:
            self._refuse("medicine", refused("medicine_unknown"))
            return {}
        return {"medicine": found.code}

    def _shipment_of(self, cell: Cell) -> int:
        return _whole(cell, 2**62) if cell.text not in {"", *DITTO} else 0

    def _batch_of(self, cell: Cell) -> int:
        batch = self.known.goods.get((self._shipment, _whole(cell, 5000)))
        if batch is None:
            raise refused("number_unknown")
        return batch

    # --- cells ---

    def _cell(self, column: str) -> Cell:
        index = self.columns.get(column, -1)
        return self._row.cells[index] if 0 <= index < len(self._row.cells) else _EMPTY

    def _read(self, column: str, reader: Callable[[Cell], T]) -> T | None:
        """The cell as `reader` takes it; a refusal is noted as a fault."""
        try:
            return reader(self._cell(column))
        except CellRefused as why:
            self._refuse(column, why)
            return None

    def _refuse(self, column: str, why: CellRefused) -> None:
        index = self.columns.get(column)
        letter = get_column_letter(index + 1) if index is not None else ""
        self.faults.append(_fault(self._row.number, letter, why))


def _word(cell: Cell, words: Mapping[str, str], code: str) -> str:
    text = _plain_word(text_of(cell, 40))
    if not text:
        raise CellRefused("required")
    if text not in words:
        raise refused(code)
    return words[text]


def _plain_word(text: str) -> str:
    plain = "".join(unicodedata.normalize("NFKC", text).casefold().split())
    return re.sub(r"[—–~～至到-]+", "-", plain)


def _marks(cell: Cell) -> list[str]:
    found = []
    for part in filter(None, _PARTS.split(text_of(cell, 200))):
        word = _plain_word(part)
        if word not in MARKS:
            raise refused("mark_unknown")
        found.append(MARKS[word])
    return sorted(set(found))


def _way(cell: Cell) -> str:
    return _word(cell, WAYS, "way_unknown") if cell.text else "self"


def _whole(cell: Cell, most: int) -> int:
    text = unicodedata.normalize("NFKC", text_of(cell, 20)).strip().removeprefix("第").rstrip("号天日")
    if not re.fullmatch(r"[0-9]{1,19}", text, re.ASCII) or not 1 <= int(text) <= most:
        raise refused("not_whole")
    return int(text)


def _quantity(cell: Cell, unit: str | None) -> int:
    if not cell.text:
        raise CellRefused("required")
    return quantity_of(cell, _EMPTY, unit=unit, pack=None)[0]
