"""Writing a table as .xlsx (ECMA-376), row by row: one sheet with a heading that stays in sight.

In openpyxl every cell passes through objects that know of styles and formulas, which long lists do not need. Here a
cell is a number or a text, so that nothing in it can be a formula.
"""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from typing import IO, Any, Final
from xml.sax.saxutils import escape

PORTION: Final = 2000
TEXT_LIMIT: Final = 32_767  # what a cell of Excel holds at most
# Excel keeps 15 digits of a number; longer ones are texts, so that no digit is lost.
NUMBER_LIMIT: Final = 10**15
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PART: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_PARTS: Final = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_PART}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_PART}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_PART}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}">'
    '<fonts count="2"><font><sz val="11"/></font><font><b/><sz val="11"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}
_SHEET: Final = (
    f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
    '<sheetFormatPr defaultRowHeight="15" defaultColWidth="16"/><sheetData>'
)


def write_xlsx(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> IO[bytes]:
    """The table in a file that goes when it is closed, ready to be read from its beginning.

    A cell is a text, a number, or None for an empty one.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever reads it closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in _PARTS.items():
            archive.writestr(name, _HEAD + content)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write((_HEAD + _SHEET + _row(headings, ' s="1"')).encode())
            portion: list[str] = []
            for row in rows:
                portion.append(_row(row))
                if len(portion) == PORTION:
                    sheet.write("".join(portion).encode())
                    portion.clear()
            sheet.write("".join([*portion, "</sheetData></worksheet>"]).encode())
    file.seek(0)
    return file


def _row(cells: Sequence[Any], style: str = "") -> str:
    return f"<row>{''.join([_cell(value, style) for value in cells])}</row>"


def _cell(value: Any, style: str) -> str:
    if value is None or value == "":
        return f"<c{style}/>"
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < NUMBER_LIMIT:
        return f"<c{style}><v>{value}</v></c>"
    text = escape(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}", str(value)[:TEXT_LIMIT]))
    return f'<c{style} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
