"""The register to fill in on a computer: the columns of the printed one, with drop-downs, as texts."""

from __future__ import annotations

import io

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

ROWS = 2000
COLUMNS = [
    ("单位", 24), ("发放日期", 13), ("登记号", 10), ("年龄段", 13), ("其中（标记）", 20), ("领取方式", 12),
    ("签收单号", 10), ("药品序号", 10), ("药品名称", 24), ("规格", 14), ("数量", 8), ("用药天数", 10), ("处方人", 12),
]  # fmt: skip
CHOICES = {
    "年龄段": ["0—3岁", "4—14岁", "15—64岁", "65—79岁", "80岁及以上"],
    "领取方式": ["本人", "家属", "村干部", "送药上门"],
}
EXPLANATIONS = [
    "1. 一人一行；一次领取多种药品的每种一行，第二行起日期、登记号、年龄段、领取方式可以留空。不得填写姓名、证件号。",
    "2. 单位写代码或全称，留空表示与上一行相同；日期例：2023-01-08，按实际发放的日子填写。",
    "3. 药品：写随货签收单的单号和药品序号，或写药品名称和规格（近效期先发）。数量按最小单位（片、粒、袋）。",
    "4. 标记可多项，用顿号分开：孕产妇、独居老人、特困人员、低保对象、残疾人、慢性病患者、红标、黄标、绿标、其他。",
    "5. 用药天数留空按1天计；处方药须填处方人。领取方式留空按本人计。",
    "6. 上传后先逐格核对，改正后整表一次登记，有一行不符则全部不登记；同一单位同日的同一登记号不会重复登记。",
]


def register_template() -> bytes:
    """The empty register as .xlsx."""
    book = Workbook()
    sheet: Worksheet = book.active  # type: ignore[assignment]
    sheet.title = "发放登记表"
    for index, (head, width) in enumerate(COLUMNS, start=1):
        cell = sheet.cell(1, index, head)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DDEBF7")
        cell.alignment = Alignment(horizontal="center", wrap_text=True)
        letter = get_column_letter(index)
        sheet.column_dimensions[letter].width = width
        sheet.column_dimensions[letter].number_format = "@"
        if head in CHOICES:
            formula = '"' + ",".join(CHOICES[head]) + '"'
            choice = DataValidation(type="list", formula1=formula, allow_blank=True, showErrorMessage=True)
            sheet.add_data_validation(choice)
            choice.add(f"{letter}2:{letter}{ROWS + 1}")
    sheet.freeze_panes = "A2"
    how = book.create_sheet("填写说明")
    how.column_dimensions["A"].width = 100
    for line in EXPLANATIONS:
        how.append([line])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
