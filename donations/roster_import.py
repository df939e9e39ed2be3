"""Somebody's roster as donations: rows grouped by donor, cells read, every cell at fault named.

Nothing here writes or judges; screening and registration are those of the counter (`donations.services.rosters`).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from openpyxl.utils import get_column_letter

from core.spreadsheets import Cell, SheetRow
from donations.identity import Identity
from donations.intake import DonationDraft, ItemDraft
from donations.models import UNITS
from donations.roster_import_cells import (
    DITTO,
    CellRefused,
    check_same_measure,
    day_of,
    expiry_of,
    lot_of,
    publish_of,
    quantity_of,
    text_of,
    trace_codes_of,
)
from donations.roster_import_columns import Header, find_header, is_measure, plain_header
from donations.roster_import_medicines import MedicineIndex
from donations.roster_import_own import PrintedHead, printed_head
from donations.specifications import pack_of

T = TypeVar("T")
NAMELESS = frozenset(
    {"匿名", "爱心人士", "不留名", "无名", "无名氏", "未留名", "好心人", "匿名捐赠人", "群众"}
)
_UNIT_NAME = re.compile(
    r".{2,}(局|委|院|公司|中心|学校|小学|中学|所|厂|店|药房|合作社|协会|支部|办公室|政府|站)"
)
_TOTAL = re.compile(r"(合|总|小|共|累)\s*计|其中不予接收")
_FOOTER = re.compile(
    r"(制表|复核|负责|填表|审核|经办|接收)人|(单位|盖章|日期|备注|注|说明|捐赠人承诺|填报)[:：(（]"
)
# Behind what was refused our own roster says why; whoever takes the list over judges anew.
_WHY_REFUSED = re.compile(r"（不予接收：[^（）]*(?:（[^（）]*）[^（）]*)*）$")
_DONOR = ("name", "work_unit", "phone", "publish")
_EMPTY = Cell()


@dataclass(frozen=True)
class CellFault:
    """One bad cell: row and column as the spreadsheet shows them, and for several medicines how to split."""

    row: int
    column: str
    code: str
    message: str
    message_en: str
    proposal: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class ImportedDonation:
    """A draft with the rows its items stand in."""

    draft: DonationDraft
    rows: Sequence[int]


@dataclass(frozen=True)
class Imported:
    donations: Sequence[ImportedDonation]
    faults: Sequence[CellFault]
    rows: int
    header: Header | None
    printed: PrintedHead | None = None


@dataclass
class _Donor:
    """The donor whose rows are being read, and what the next blank cell below means."""

    name: str
    work_unit: str
    phone: str
    publish: str | None
    day: datetime.date
    items: list[ItemDraft] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)


def read_roster_rows(
    rows: Sequence[SheetRow], *, medicines: MedicineIndex, townships: Mapping[str, str]
) -> Imported:
    """Donations and faults of a roster; `townships` maps names to codes."""
    header = find_header(rows)
    if header is None or header.missing:
        fault = CellFault(
            header.row if header else 1,
            "",
            "header_not_found",
            "第一个有内容的工作表中找不到表头：至少要有“姓名”“药品名称”“数量”三列",
            "The first sheet that holds anything has no header: 姓名, 药品名称 and 数量 are needed.",
        )
        return Imported([], [fault], 0, header)
    printed = printed_head(rows, header.row)
    if printed and printed.posted:
        fault = CellFault(
            printed.row,
            "A",
            "posted_roster",
            "这是公示用的花名册，姓名已隐去、不予接收的药品已略去；请导入存档的花名册",
            "This is the roster for the wall: names are masked and refused items left out. Import the one on file.",
        )
        return Imported([], [fault], 0, header, printed)
    reader = _Reader(header, medicines, townships)
    for row in rows:
        if row.number > header.row:
            reader.read(row)
    if not reader.count:
        fault = CellFault(
            header.row, "", "nothing_listed", "表头下面没有任何药品", "There is no medicine below the header."
        )
        return Imported([], [fault], 0, header)
    return Imported(reader.donations(), reader.faults, reader.count, header, printed)


class _Reader:
    """Reads rows from top to bottom, remembering the donor above."""

    def __init__(self, header: Header, medicines: MedicineIndex, townships: Mapping[str, str]) -> None:
        self.header, self.medicines, self.townships = header, medicines, townships
        self.faults: list[CellFault] = []
        self.donors: list[_Donor] = []
        self.count = 0
        self._row = SheetRow(0, ())

    def read(self, row: SheetRow) -> None:
        self._row = row
        if self._says_nothing():
            return
        self.count += 1
        before = len(self.faults)
        donor = self._donor()
        item = self._item()
        if len(self.faults) == before and donor and item:
            donor.items.append(item)
            donor.rows.append(row.number)

    def donations(self) -> list[ImportedDonation]:
        return [ImportedDonation(self._draft(donor), donor.rows) for donor in self.donors if donor.items]

    def _draft(self, donor: _Donor) -> DonationDraft:
        township = next((code for name, code in self.townships.items() if name in donor.work_unit), None)
        return DonationDraft(
            received_on=donor.day,
            items=donor.items,
            kind=_kind(donor.name),
            # The foot of the roster carries the promise of origin, and the donors have signed it.
            source_confirmed=True,
            identity=Identity(donor.name, donor.phone, donor.work_unit),
            publish=donor.publish,
            township_id=township,
        )

    # --- what kind of row ---

    def _says_nothing(self) -> bool:
        """Empty, numbered in advance, a total, the header again, or the closing lines."""
        texts = [cell.text for cell in self._row.cells if cell.text]
        if not texts or any(_TOTAL.match(text) for text in texts[:3]):
            return True
        medicine, quantity = self._cell("medicine").text, self._cell("quantity").text
        if plain_header(medicine) == plain_header(self.header.words["medicine"]):
            return True
        if _FOOTER.match(texts[0]) and (not quantity or medicine == quantity):
            return True
        return not medicine and not quantity and not self._cell("name").text

    # --- the donor ---

    def _donor(self) -> _Donor | None:
        above = self.donors[-1] if self.donors else None
        name = self._text("name", 80, blank=DITTO)
        if above and self._same(above, name):
            return above
        if not name:
            unclear = above is not None
            self._fault("name", CellRefused("donor_unclear" if unclear else "required"))
            return None
        day = self._day(above)
        donor = _Donor(
            name="" if name in NAMELESS else name,
            work_unit=self._text("work_unit", 80, blank=DITTO) or self._above(above, "work_unit"),
            phone=self._text("phone", 30),
            publish=self._read("publish", publish_of),
            day=day or datetime.date.min,
        )
        self.donors.append(donor)
        return donor if day else None

    def _same(self, above: _Donor, name: str) -> bool:
        """Whether the row goes on with the donor above: a blank or merged name, or the same donor once more."""
        others = {"work_unit": above.work_unit, "phone": above.phone}
        agree = all(self._cell(each).text in {"", value, *DITTO} for each, value in others.items())
        if not name or self._cell("name").copied:
            return agree
        return agree and name == above.name and self._same_day(above)

    def _same_day(self, above: _Donor) -> bool:
        cell = self._cell("day")
        if cell.text in {"", *DITTO}:
            return True
        try:
            return day_of(cell) == above.day
        except CellRefused:
            return False

    def _day(self, above: _Donor | None) -> datetime.date | None:
        """The day of the row; a blank one means the day above."""
        if self._cell("day").text in {"", *DITTO}:
            if above is None:
                self._fault("day", CellRefused("required"))
            return above.day if above else None
        return self._read("day", day_of)

    def _above(self, above: _Donor | None, column: str) -> str:
        return above.work_unit if above and self._cell(column).text in DITTO else ""

    # --- the item ---

    def _item(self) -> ItemDraft | None:
        name = _WHY_REFUSED.sub("", self._text("medicine", 200))
        if not name or self._cell("medicine").copied:
            self._fault("medicine", CellRefused("merged_cells" if name else "required"))
            return None
        written = _WHY_REFUSED.sub("", self._cell("medicine").text)
        several = self.medicines.split(written, self._cell("quantity").text)
        if several:
            self._fault("medicine", CellRefused("several_medicines"), several)
            return None
        specification = self._text("specification", 120)
        medicine = self.medicines.find(name, specification)
        unit = medicine.smallest_unit if medicine else self.medicines.unit(name)
        counted = self._read(
            "quantity",
            lambda cell: quantity_of(cell, self._measure(), unit=unit, pack=pack_of(specification)),
        )
        quantity, named = counted or (0, "")
        lot = self._read("lot_number", lot_of) or ("", "not_read")
        text, state = self._expiry()
        return ItemDraft(
            quantity=quantity,
            unit=named if medicine is None and named in UNITS else "",
            medicine=medicine,
            description=name,
            specification=specification,
            manufacturer=self._text("manufacturer", 120),
            approval_number=self._text("approval_number", 40),
            lot_number=lot[0],
            lot_state=lot[1],
            expiry=text,
            expiry_state=state,
            trace_codes=self._read("trace_codes", trace_codes_of) or (),
        )

    def _measure(self) -> Cell:
        """What the row counts in: its own cell, or for a bare number the words above the quantities."""
        is_bare = not re.search(r"[^\W\d_]", self._cell("quantity").text)
        above = Cell(self.header.measure if is_bare else "")
        cell, other = self._cell("measure"), self._cell("other_measure")
        check_same_measure(above, cell, "measure")
        if is_measure(other.text):  # a second 单位 may be where people work
            check_same_measure(above, other, "other_measure")
            check_same_measure(cell, other, "other_measure")
            cell = cell if cell.text else other
        return cell if cell.text else above

    def _expiry(self) -> tuple[str, str]:
        excluded = "失效" in self.header.words.get("expiry", "")
        produced = self._cell("produced_on")
        read = self._read("expiry", lambda cell: expiry_of(cell, produced, excluded=excluded))
        return read or ("", "not_read")

    # --- cells ---

    def _cell(self, column: str) -> Cell:
        index = self.header.columns.get(column, -1)
        return self._row.cells[index] if 0 <= index < len(self._row.cells) else _EMPTY

    def _text(self, column: str, limit: int, blank: Iterable[str] = ()) -> str:
        text = self._read(column, lambda cell: text_of(cell, limit)) or ""
        return "" if text in blank else text

    def _read(self, column: str, reader: Callable[[Cell], T]) -> T | None:
        """The cell as `reader` takes it; a refusal is noted as a fault."""
        try:
            return reader(self._cell(column))
        except CellRefused as refused:
            self._fault(refused.column if refused.column in self.header.columns else column, refused)
            return None

    def _fault(self, column: str, refused: CellRefused, proposal: Sequence[tuple[str, str]] = ()) -> None:
        self.faults.append(fault_at(self.header, self._row.number, column, refused, proposal))


def fault_at(
    header: Header, row: int, column: str, refused: CellRefused, proposal: Sequence[tuple[str, str]] = ()
) -> CellFault:
    """The refusal of one cell, its column named by letter; none where the roster has no such column."""
    index = header.columns.get(column)
    letter = get_column_letter(index + 1) if index is not None else ""
    return CellFault(row, letter, refused.code, refused.message, refused.message_en, proposal)


def _kind(name: str) -> str:
    if not name:
        return "anonymous"
    return "work_unit" if _UNIT_NAME.fullmatch(name) else "person"
