import datetime
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from core.spreadsheets import Cell, Kind, SheetRefused, read_spreadsheet


def workbook(fill):
    book = Workbook()
    fill(book.active)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def cell(value, number_format=None):
    """How a workbook with this one cell is read."""

    def fill(sheet):
        sheet["A1"] = value
        if number_format:
            sheet["A1"].number_format = number_format

    return read_spreadsheet(workbook(fill))[0].cells[0]


def changed(content, **parts):
    """The same archive with some parts replaced; `__` in a name stands for the slash."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, parts.get(name.replace("/", "__").split(".")[0], old.read(name)))
    return target.getvalue()


GOOD = workbook(lambda sheet: [sheet.append(["姓名", 2, datetime.date(2023, 1, 8)]) for _ in range(3)])


def refusal(content):
    with pytest.raises(SheetRefused) as caught:
        read_spreadsheet(content)
    return caught.value.code


SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'


@pytest.mark.parametrize(
    ("value", "number_format", "read"),
    [
        ("布洛芬", None, Cell("布洛芬")),
        (20, None, Cell("20", Kind.NUMBER)),
        (2.0, None, Cell("2", Kind.NUMBER)),
        (2.5, None, Cell("2.5", Kind.NUMBER)),
        (datetime.date(2023, 1, 8), None, Cell("2023-01-08", Kind.DAY)),
        (datetime.date(2024, 5, 1), 'yyyy"年"m"月"', Cell("2024-05", Kind.MONTH)),
        (datetime.date(2024, 5, 1), "mmm-yy", Cell("2024-05", Kind.MONTH)),
        ("=1+1", None, Cell("=1+1", Kind.FORMULA)),
        ("#N/A", None, Cell("#N/A", Kind.ERROR)),
    ],
)
def test_cell_read_as_what_it_was(value, number_format, read):
    assert cell(value, number_format) == read


def with_shared_strings(strings, cells):
    """A workbook as Excel writes it: texts in a part of their own, cells that point at them."""
    override = (
        '<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument'
        '.spreadsheetml.sharedStrings+xml"/></Types>'
    )
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name).decode()
            if name == "[Content_Types].xml":
                part = part.replace("</Types>", override)
            new.writestr(name, SHEET.format(cells) if name.endswith("sheet1.xml") else part)
        space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        new.writestr("xl/sharedStrings.xml", f'<sst xmlns="{space}">{strings}</sst>')
    return target.getvalue()


def test_shared_strings_read_with_runs_and_without_phonetics():
    strings = (
        "<si><t>张三</t></si><si><r><t>布洛</t></r><r><t>芬片</t></r><rPh sb='0' eb='1'><t>x</t></rPh></si>"
    )
    cells = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'

    [row] = read_spreadsheet(with_shared_strings(strings, cells))

    assert [each.text for each in row.cells[:3]] == ["张三", "布洛芬片", ""]


def test_endless_shared_strings_refused():
    assert refusal(with_shared_strings("<si><t/></si>" * 500_001, "")) == "too_many_rows"


def test_merged_area_gives_its_text_to_every_cell_and_says_so():
    def fill(sheet):
        sheet["A1"], sheet["B1"], sheet["B2"] = "张三", "1", "2"
        sheet.merge_cells("A1:A2")

    rows = read_spreadsheet(workbook(fill))

    assert [row.cells[0] for row in rows] == [Cell("张三"), Cell("张三", copied=True)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_read_in_every_encoding_of_the_office(encoding):
    rows = read_spreadsheet("姓名,数量\r\n㛃䶮𠮷,2盒\r\n".encode(encoding))

    assert [[each.text for each in row.cells] for row in rows] == [["姓名", "数量"], ["㛃䶮𠮷", "2盒"]]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_read_with_every_separator(separator):
    rows = read_spreadsheet(f"姓名{separator}数量\n张三{separator}2\n".encode())

    assert [each.text for each in rows[1].cells] == ["张三", "2"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b" \r\n", "empty_file"),
        (b"%PDF-1.7 ...", "wrong_type"),
        (b"\x89PNG\r\n", "wrong_type"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 500, "old_or_encrypted"),
        ("姓名,数量".encode("utf-16-le"), "wrong_type"),
        ("姓名,数量".encode("utf-16") + b"x", "encoding_unknown"),
        (b"\xff\xfe\x00\xd8", "encoding_unknown"),
        (b"<html><table><tr><td>", "wrong_type"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>', "wrong_type"),
        (b"\xff" * 50, "encoding_unknown"),
        (b"PK\x03\x04 nothing of the sort", "unreadable_file"),
        (b"a,b\n" * 10_001, "too_many_rows"),
        (b"a" * 5_000_001, "file_too_large"),
    ],
)
def test_file_that_is_no_table_refused(content, code):
    assert refusal(content) == code


def test_zip_that_is_no_workbook_refused():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("readme.txt", "hello")

    assert refusal(target.getvalue()) == "wrong_type"


def test_zip_bomb_refused_before_it_is_unpacked():
    content = workbook(lambda sheet: sheet.append(["a"]))

    assert refusal(changed(content, xl__theme__theme1=b" " * 60_000_000)) == "expands_too_far"


def test_part_that_would_be_read_as_a_whole_refused_when_large():
    content = workbook(lambda sheet: sheet.append(["a"]))

    assert refusal(changed(content, xl__styles=b" " * 1_100_000)) == "expands_too_far"


def test_million_rows_refused_early():
    rows = "".join(f'<row r="{n}"/>' for n in range(1, 1_000_001))
    content = changed(workbook(lambda sheet: sheet.append(["a"])), xl__worksheets__sheet1=SHEET.format(rows))

    assert refusal(content) == "too_many_rows"


def test_one_row_at_the_end_of_the_sheet_refused():
    row = '<row r="1048576"><c r="A1048576"><v>1</v></c></row>'
    content = changed(workbook(lambda sheet: sheet.append(["a"])), xl__worksheets__sheet1=SHEET.format(row))

    assert refusal(content) == "too_many_rows"


def test_row_of_a_million_cells_refused():
    row = '<row r="1">' + "<c/>" * 40_001 + "</row>"
    content = changed(workbook(lambda sheet: sheet.append(["a"])), xl__worksheets__sheet1=SHEET.format(row))

    assert refusal(content) == "too_many_columns"


def test_sheet_of_200_000_columns_refused_before_it_is_read():
    widths = "<cols>" + "".join(f'<col min="{n}" max="{n}"/>' for n in range(1, 200_001)) + "</cols>"
    sheet = SHEET.replace("<sheetData>", widths + "<sheetData>").format("<row/>")

    assert refusal(changed(GOOD, xl__worksheets__sheet1=sheet)) == "too_many_columns"


def test_csv_of_200_000_columns_is_read_as_far_as_a_table_goes():
    [head, row] = read_spreadsheet(("姓名" + "," * 200_000 + "\n张三" + "," * 200_000).encode())

    assert (head.cells[0].text, len(row.cells)) == ("姓名", 40)


def test_entities_refused():
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + SHEET.format(
        "<row><c><v>&b;</v></c></row>"
    )
    content = changed(workbook(lambda sheet: sheet.append(["a"])), xl__worksheets__sheet1=bomb)

    assert refusal(content) == "unreadable_file"


def test_areas_merged_over_each_other_refused():
    areas = "<mergeCells>" + '<mergeCell ref="A1:AN10000"/>' * 50 + "</mergeCells>"
    content = workbook(lambda sheet: sheet.append(["a"]))
    sheet = SHEET.replace("</sheetData>", "</sheetData>" + areas)

    assert refusal(changed(content, xl__worksheets__sheet1=sheet.format("<row/>"))) == "unreadable_file"


def test_sheet_that_nests_without_end_is_refused_or_read():
    deep = "<a>" * 30_000 + "</a>" * 30_000
    content = changed(GOOD, xl__worksheets__sheet1=SHEET.format(f"<row>{deep}</row>"))

    assert read_spreadsheet(content) == []


def test_text_longer_than_a_cell_holds_is_cut():
    long = '<row><c t="inlineStr"><is><t>' + "a" * 100_000 + "</t></is></c></row>"
    content = changed(GOOD, xl__worksheets__sheet1=SHEET.format(long))

    assert len(read_spreadsheet(content)[0].cells[0].text) == 32_767


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
@settings(deadline=None, max_examples=150)
def test_any_bytes_are_rows_or_refused(content):
    try:
        rows = read_spreadsheet(content)
    except SheetRefused:
        return
    assert all(any(each.text for each in row.cells) for row in rows)


@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=8))
@settings(deadline=None, max_examples=150)
def test_damaged_workbook_is_rows_or_refused(damages):
    content = bytearray(GOOD)
    for at, byte in damages:
        content[at] = byte

    try:
        rows = read_spreadsheet(bytes(content))
    except SheetRefused:
        return
    assert len(rows) <= 3


@given(st.text(max_size=300))
@settings(deadline=None, max_examples=100)
def test_workbook_with_any_sheet_is_rows_or_refused(inside):
    content = changed(GOOD, xl__worksheets__sheet1=SHEET.format(inside).encode("utf-8", "replace"))

    try:
        rows = read_spreadsheet(content)
    except SheetRefused:
        return
    assert rows == []
