"""The roster to fill in: the columns of the printed one, with drop-downs, as texts so that no digit is lost."""

from __future__ import annotations

import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from core.safe_text import neutralise_formula
from donations.models import UNITS
from donations.printed import SOURCE_PROMISE

ROWS = 5000
CATALOGUE, HOW = "药品目录", "填写说明"
COLUMNS = [
    ("序号", 6), ("姓名", 12), ("工作单位（或乡镇村）", 22), ("电话", 15), ("是否公开姓名", 14), ("药品名称", 26),
    ("规格", 18), ("数量", 10), ("计量单位", 10), ("批号", 16), ("有效期至", 14), ("生产厂家", 20), ("批准文号", 20),
    ("追溯码", 26), ("日期", 13), ("捐赠人签字", 12), ("经办人", 10), ("备注", 14),
]  # fmt: skip
CHOICES = {
    "是否公开姓名": ["全名", "仅姓氏", "不公开", "未询问"],
    "计量单位": ["盒", *(unit for unit in UNITS if unit != "盒")],
}
EXPLANATIONS = [
    "1. 每种药品一行；同一捐赠人的第二行起，姓名等单元格可以留空或合并。",
    "2. 数量可写“2盒”“3盒4片”，或只写数字并选计量单位；写盒数时规格须注明每盒装量，例：0.3g*20粒。",
    "3. 有效期照包装抄写，例：2024-05、2024年5月31日；包装上没有的写“无”，看不清的留空由药师核对。",
    "4. 批号、电话、追溯码均为文本格式，请勿改为数字；追溯码为20位数字，多个用顿号分开。",
    "5. 日期例：2023-01-08、2023.1.8；留空表示与上一行相同。不愿留名的，姓名写“匿名”。",
    "6. 上传后先预览，逐格列出问题，改正后再确认登记；同一内容重复上传不会重复登记。",
    f"7. {SOURCE_PROMISE}",
]


def roster_template(medicines: Sequence[tuple[str, str]]) -> bytes:
    """The empty roster as .xlsx; `medicines` are (generic name, strength) for the drop-down and the list."""
    book = Workbook()
    sheet: Worksheet = book.active  # type: ignore[assignment]
    sheet.title = "花名册"
    for index, (head, width) in enumerate(COLUMNS, start=1):
        cell = sheet.cell(1, index, head)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DDEBF7")
        cell.alignment = Alignment(horizontal="center", wrap_text=True)
        column = sheet.column_dimensions[get_column_letter(index)]
        column.width, column.number_format = width, "@"
    sheet.freeze_panes = "A2"
    names = _list_medicines(book, medicines)
    for head, choices in CHOICES.items():
        _drop_down(sheet, head, '"' + ",".join(choices) + '"', strict=True)
    # What the catalogue does not know may be written in by hand.
    _drop_down(sheet, "药品名称", f"'{CATALOGUE}'!$A$2:$A${len(names) + 1}", strict=False)
    how = book.create_sheet(HOW)
    how.column_dimensions["A"].width = 100
    for line in EXPLANATIONS:
        how.append([line])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _list_medicines(book: Workbook, medicines: Sequence[tuple[str, str]]) -> list[str]:
    """A sheet with every name once and the strengths it comes in."""
    strengths: dict[str, list[str]] = {}
    for name, strength in medicines:
        strengths.setdefault(name, []).append(strength)
    sheet: Worksheet = book.create_sheet(CATALOGUE)
    sheet.append(["药品通用名", "规格"])
    for name, known in strengths.items():
        sheet.append([neutralise_formula(name), neutralise_formula("；".join(filter(None, known)))])
    sheet.column_dimensions["A"].width = sheet.column_dimensions["B"].width = 40
    return list(strengths)


def _drop_down(sheet: Worksheet, head: str, formula: str, *, strict: bool) -> None:
    letter = get_column_letter([name for name, _width in COLUMNS].index(head) + 1)
    choice = DataValidation(type="list", formula1=formula, allow_blank=True, showErrorMessage=strict)
    sheet.add_data_validation(choice)
    choice.add(f"{letter}2:{letter}{ROWS + 1}")
