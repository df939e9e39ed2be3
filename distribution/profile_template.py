"""The table of clinic profiles to fill in: one row for each clinic that there is."""

from __future__ import annotations

import io
from collections.abc import Iterable

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from core.safe_text import neutralise_formula
from distribution.profile_columns import HEADS

EXPLANATIONS = [
    "1. 一个机构一行；机构以编码为准，编码留空时按名称查找。多余的行可以删去，未列出的机构保持原有资料。",
    "2. 人数为不小于0的整数，留空按0计；各年龄段合计不得超过服务人口。",
    "3. 数据日期按资料统计的日子填写，例：2023-01-08；春节返乡等人口变化，请按变化后的人数和日期重新上传。",
    "4. 尚未分级时红、黄、绿标均留空，估算时全部服务人口按绿标计。",
    "5. 上传后先逐格核对，全部无误后整表一次写入，有一格不符则全部不写入。",
]


def profile_template(places: Iterable[tuple[str, str]]) -> bytes:
    """As .xlsx; `places` are codes and names of clinics."""
    book = Workbook()
    sheet: Worksheet = book.active  # type: ignore[assignment]
    sheet.title = "服务人群资料"
    for index, head in enumerate(HEADS.values(), start=1):
        cell = sheet.cell(1, index, head)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DDEBF7")
        cell.alignment = Alignment(horizontal="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(index)].width = 26 if index == 2 else 14
    for code, name in places:
        sheet.append([neutralise_formula(code), neutralise_formula(name)])
    sheet.freeze_panes = "C2"
    how = book.create_sheet("填写说明")
    how.column_dimensions["A"].width = 100
    for line in EXPLANATIONS:
        how.append([line])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
