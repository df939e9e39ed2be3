"""What rosters mean, read without a database: the catalogue is a handful of medicines."""

import csv
import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.models import Medicine
from core.spreadsheets import Cell, Kind, SheetRow, read_spreadsheet
from donations.roster_import import read_roster_rows
from donations.roster_import_medicines import MedicineIndex
from donations.specifications import pack_of
from tests.donations.rosters import HEAD, csv_text, line, xlsx


def medicine(code, name, strength, unit, **fields):
    return Medicine(code=code, generic_name=name, strength=strength, smallest_unit=unit, **fields)


INDEX = MedicineIndex(
    [
        medicine("M009a", "布洛芬片", "0.1g", "片"),
        medicine("M009b", "布洛芬片", "0.2g", "片"),
        medicine("M010", "布洛芬缓释胶囊", "0.3g", "粒", brands="芬必得"),
        medicine("M099", "连花清瘟胶囊", "0.35g", "粒"),
        medicine("M050", "奈玛特韦/利托那韦片", "", "盒"),
        medicine("M077a", "复方可待因口服溶液", "60ml", "瓶", special_control="psychotropic"),
        medicine("M077b", "复方可待因口服溶液", "120ml", "瓶", special_control="psychotropic"),
    ]
)


def read(*rows, change=None):
    rows = read_spreadsheet(xlsx(*rows, change=change))
    return read_roster_rows(rows, medicines=INDEX, townships={"贯洞镇": "522633100"})


def items(*rows, change=None):
    imported = read(*rows, change=change)
    assert list(imported.faults) == []
    return [item for donation in imported.donations for item in donation.draft.items]


def faults(*rows, change=None):
    return [(fault.row, fault.column, fault.code) for fault in read(*rows, change=change).faults]


def donors(*rows, change=None):
    imported = read(*rows, change=change)
    assert list(imported.faults) == []
    return [(donation.draft.identity.name, len(donation.draft.items)) for donation in imported.donations]


# --- columns ---


def test_columns_found_under_a_title_in_any_order_and_other_words():
    [item] = items(
        ["从江县捐赠药品登记表"],
        ["产品批号", "捐赠数量", "药 名", "联系方式", "捐赠者*", "捐赠时间", "效期", "规格(mg)"],
        ["2203051", "2", "布洛芬片", "13800138000", "张三", "2023.1.8", "2027-05", "0.1g"],
    )

    assert (item.medicine.code, item.quantity, item.lot_number, item.expiry) == (
        "M009a",
        2,
        "2203051",
        "2027-05",
    )


def test_two_columns_headed_单位_are_work_unit_and_measure():
    imported = read(
        ["姓名", "单位", "药品名称", "规格", "数量", "单位", "日期"],
        ["张三", "县府办", "布洛芬片", "0.1g*12片", 2, "盒", "2023-01-08"],
    )

    draft = imported.donations[0].draft
    assert (draft.identity.work_unit, draft.items[0].quantity) == ("县府办", 24)


def test_table_without_the_columns_needed_is_one_fault():
    assert faults(["姓名", "电话"], ["张三", "1"]) == [(1, "", "header_not_found")]


def test_expiry_under_失效期_is_the_first_period_of_non_use():
    [item] = items(
        ["姓名", "药品名称", "数量", "失效期", "日期"], ["张三", "布洛芬缓释胶囊", 2, "2027-05", "2023-01-08"]
    )

    assert item.expiry == "失效期2027-05"


def test_months_of_validity_are_read_with_the_production_day():
    [item] = items(
        ["姓名", "药品名称", "数量", "生产日期", "有效期", "日期"],
        ["张三", "布洛芬缓释胶囊", 2, "2025年3月", "24个月", "2023-01-08"],
    )

    assert item.expiry == "生产日期2025年3月 有效期24个月"


# --- donors ---


def test_blank_donor_cells_go_on_with_the_donor_above():
    assert donors(HEAD, line(), line("", 工作单位=None, 电话=None, 日期=None), line("李四")) == [
        ("张三", 2),
        ("李四", 1),
    ]


def test_merged_donor_cells_go_on_with_the_donor_above():
    def merge(sheet):
        for column in "BCD":
            sheet.merge_cells(f"{column}2:{column}3")

    assert donors(HEAD, line(), line(""), line("李四"), change=merge) == [("张三", 2), ("李四", 1)]


def test_unit_merged_over_several_donors_is_the_unit_of_each():
    imported = read(HEAD, line(), line("李四", 工作单位=None), change=lambda s: s.merge_cells("C2:C3"))

    assert [each.draft.identity.work_unit for each in imported.donations] == ["县府办", "县府办"]


def test_name_repeated_in_every_row_is_one_donation():
    assert donors(HEAD, line(), line()) == [("张三", 2)]


@pytest.mark.parametrize("other", [{"电话": "13900139000"}, {"工作单位": "县委办"}, {"日期": "2022-12-30"}])
def test_same_name_with_another_phone_unit_or_day_is_another_donation(other):
    assert donors(HEAD, line(), line(**other)) == [("张三", 1), ("张三", 1)]


def test_blank_name_beside_another_phone_is_a_fault():
    assert faults(HEAD, line(), line("", 电话="13900139000")) == [(3, "B", "donor_unclear")]


@pytest.mark.parametrize("word", ["匿名", "爱心人士", "不留名"])
def test_nameless_donors_are_anonymous_and_each_their_own(word):
    imported = read(HEAD, line(word), line(word))

    assert [each.draft.kind for each in imported.donations] == ["anonymous", "anonymous"]


def test_name_of_an_organisation_is_a_work_unit():
    assert read(HEAD, line("从江县供电局")).donations[0].draft.kind == "work_unit"


def test_township_is_found_in_the_unit():
    assert read(HEAD, line(工作单位="贯洞镇干团村")).donations[0].draft.township_id == "522633100"


def test_ditto_marks_mean_the_row_above():
    imported = read(HEAD, line(), line("李四", 工作单位="同上", 日期="〃"))

    drafts = [each.draft for each in imported.donations]
    assert [draft.identity.work_unit for draft in drafts] == ["县府办", "县府办"]
    assert drafts[0].received_on == drafts[1].received_on


# --- rows that say nothing ---


@pytest.mark.parametrize(
    "row",
    [
        ["合计", None, None, None, None, None, "=SUM(G2:G2)"],
        [None, "合 计", None, None, None, None, 20],
        [2, None, None, None, None, None, None],
        HEAD,
        ["制表人：王五      复核人：赵六"],
        ["备注：以上药品均已核对"],
    ],
)
def test_row_that_says_nothing_is_passed_over(row):
    assert len(items(HEAD, line(), row)) == 1


# --- medicines ---


@pytest.mark.parametrize(
    ("name", "specification", "code"),
    [
        ("布洛芬片", "0.1g*20片", "M009a"),
        ("布洛芬片", "200mg×20片", "M009b"),
        ("芬必得", "0.3g*20粒", "M010"),
        ("连花清瘟胶囊", "24粒", "M099"),
        ("复方可待因口服溶液", "", "M077a"),
    ],
)
def test_medicine_found_by_name_or_brand_and_strength(name, specification, code):
    [item] = items(HEAD, line(medicine=name, quantity="1瓶" if "溶液" in name else "2", 规格=specification))

    assert item.medicine.code == code


@pytest.mark.parametrize("specification", ["", "20片", "0.5g*20片"])
def test_medicine_of_several_strengths_is_left_to_the_pharmacist_without_its_strength(specification):
    [item] = items(HEAD, line(规格=specification))

    assert (item.medicine, item.description) == (None, "布洛芬片")


@pytest.mark.parametrize(
    ("cell", "quantity", "proposal"),
    [
        ("布洛芬缓释胶囊、连花清瘟胶囊", "2盒、1盒", [("布洛芬缓释胶囊", "2盒"), ("连花清瘟胶囊", "1盒")]),
        ("布洛芬缓释胶囊、连花清瘟胶囊", "3", [("布洛芬缓释胶囊", ""), ("连花清瘟胶囊", "")]),
        ("布洛芬缓释胶囊2盒 连花清瘟胶囊1盒", "3", [("布洛芬缓释胶囊", "2盒"), ("连花清瘟胶囊", "1盒")]),
        ("芬必得 连花清瘟胶囊", "3", [("芬必得", ""), ("连花清瘟胶囊", "")]),
        ("芬必得\n连花清瘟胶囊", "3", [("芬必得", ""), ("连花清瘟胶囊", "")]),
        ("某药，另一药", "3", [("某药", ""), ("另一药", "")]),
    ],
)
def test_several_medicines_in_one_cell_are_a_fault_with_a_proposal(cell, quantity, proposal):
    [fault] = read(HEAD, line(medicine=cell, quantity=quantity)).faults

    assert (fault.row, fault.column, fault.code) == (2, "E", "several_medicines")
    assert list(fault.proposal) == proposal


@pytest.mark.parametrize(
    "name", ["奈玛特韦/利托那韦片", "氨酚伪麻美芬片II/氨麻苯美片", "阿莫西林克拉维酸钾片(7:1)"]
)
def test_medicine_with_a_slash_in_its_name_is_one(name):
    assert len(items(HEAD, line(medicine=name, quantity="2片" if "奈" not in name else "1"))) == 1


# --- quantities ---


@pytest.mark.parametrize(
    ("quantity", "specification", "units"),
    [
        ("2盒", "0.1g*20片", 40),
        ("2盒3片", "0.1g*12片*2板", 51),
        (7, "0.1g", 7),
        ("两盒", "0.1g×10s", 20),
        ("５片", "0.1g", 5),
    ],
)
def test_quantity_in_smallest_units(quantity, specification, units):
    [item] = items(HEAD, line(quantity=quantity, 规格=specification))

    assert item.quantity == units


@pytest.mark.parametrize(
    ("quantity", "specification", "code"),
    [
        ("2盒", "0.1g", "pack_size_unknown"),
        (2.5, "0.1g", "fractional"),
        (-2, "0.1g", "negative"),
        ("若干", "0.1g", "not_a_quantity"),
        (None, "0.1g", "empty"),
        (0, "0.1g", "zero"),
        ("=1+1", "0.1g", "formula"),
        ("1000001", "0.1g", "too_large"),
        ("半盒", "0.1g*20片", "fractional"),
    ],
)
def test_quantity_that_is_none_is_a_fault(quantity, specification, code):
    assert faults(HEAD, line(quantity=quantity, 规格=specification)) == [(2, "G", code)]


# What a roster says is in a pack, what is counted, and how many smallest units that is; None is refused.
CONTAINERS = [
    ("0.2g*24片*2瓶/盒", "2瓶", 48),
    ("0.2g*24片*2瓶/盒", "1盒", 48),
    ("0.2g*24片*2瓶/盒", "1瓶3片", 27),
    ("0.2g×24片/瓶×2瓶/盒", "3瓶", 72),
    ("0.2g*60片*3瓶", "2瓶", 120),
    ("0.2g*60片*3瓶", "2罐", 120),
    ("0.2g*60片*3瓶", "2盒", 360),
    ("0.2g*60片/瓶", "2瓶", 120),
    ("0.2g*60片", "2瓶", 120),
    ("0.2g*12片*2板", "3板", 36),
    ("0.2g*12片/板*2板/盒", "3板", 36),
    ("0.2g*12片/板*2板/盒", "3盒", 72),
    ("0.2g*10片*6袋/盒", "2袋", 20),
    ("0.2g*10片*6袋/盒", "2包", 20),
    ("0.2g*10片*5小盒/盒", "2小盒", 20),
    ("0.2g*12片*2板*10盒", "2板", 24),
    ("0.2g*12片*2板*10盒", "7片", 7),
    ("0.2g*12片*2板*10盒", "2盒", None),
    ("0.2g*24片/盒*10盒", "2盒", None),
    ("0.2g*10片*5小盒", "2盒", None),
    ("0.2g*12片*2板", "2瓶", None),
    ("0.2g*24片/瓶*2瓶*3瓶", "1瓶", None),
    ("0.2g*2板*12片", "1板", None),
]


def beside(specification, quantity):
    """The same quantity as a bare number beside its unit."""
    return measured("布洛芬片", specification, int(quantity[0]), quantity[1:])


@pytest.mark.parametrize(("specification", "quantity", "units"), CONTAINERS)
def test_container_counts_what_the_specification_says_it_holds(specification, quantity, units):
    imported = read(HEAD, line(quantity=quantity, 规格=specification))

    refused = [
        (fault.column, fault.code, f"每{quantity[1:]}装多少" in fault.message) for fault in imported.faults
    ]
    counted = [item.quantity for each in imported.donations for item in each.draft.items]
    assert (counted, refused) == (([units], []) if units else ([], [("G", "content_unclear", True)]))


@pytest.mark.parametrize(
    ("specification", "quantity", "units"), [each for each in CONTAINERS if len(each[1]) < 4]
)
def test_container_beside_a_bare_number_counts_the_same(specification, quantity, units):
    imported = read(MEASURED, beside(specification, quantity))

    refused = [(fault.column, fault.code) for fault in imported.faults]
    counted = [item.quantity for each in imported.donations for item in each.draft.items]
    assert (counted, refused) == (([units], []) if units else ([], [("D", "content_unclear")]))


def test_bottle_of_a_medicine_nobody_knows_counts_what_it_holds():
    [item] = items(HEAD, line(medicine="没有的药", quantity="2瓶", 规格="24s*2瓶/盒"))

    assert (item.quantity, item.unit) == (48, "")


def test_bare_number_behind_the_pack_leaves_its_size_open():
    assert faults(HEAD, line(quantity="2盒", 规格="0.1g*20片*10")) == [(2, "G", "pack_size_unknown")]


def test_strength_in_the_catalogue_is_no_pack_and_with_bottles_behind_it_is_one():
    with (Path(__file__).parents[2] / "catalogue/data/medicines.csv").open(encoding="utf-8") as file:
        medicines = [row for row in csv.DictReader(file) if row["smallest_unit"] in {"片", "粒"}]
    assert len(medicines) > 50
    for row in medicines:
        unit = row["smallest_unit"]
        assert pack_of(row["strength"]) is None
        pack = pack_of(f"{row['strength']}*24{unit}*2瓶/盒")
        if pack:  # strengths in words, such as 300mg/150mg, are left to whoever counts
            assert (pack.size, pack.unit, pack.contents) == (48, unit, {"瓶": 24, "盒": 48}), row


MEASURED = ["姓名", "药品名称", "规格", "数量", "计量单位", "日期"]


def measured(medicine, specification, quantity, measure):
    return ["张三", medicine, specification, quantity, measure, "2023-01-08"]


@pytest.mark.parametrize(
    ("row", "units", "unit"),
    [
        (measured("布洛芬片", "0.1g*20片", 2, "盒"), 40, ""),
        (measured("布洛芬片", "0.1g", 7, "粒"), 7, ""),
        (measured("布洛芬片", "0.1g*20片", "2盒3片", "盒"), 43, ""),
        (measured("没有的药", "", 3, "盒"), 3, "盒"),
        (measured("没有的药", "10mg*7片", 3, "盒"), 21, ""),
        (measured("没有的药", "", 3, "袋"), 3, "袋"),
        (measured("没有的药", "", "3支", None), 3, "支"),
        (measured("没有的药", "", 3, "最小单位"), 3, ""),
    ],
)
def test_measure_beside_the_quantity(row, units, unit):
    [item] = items(MEASURED, row)

    assert (item.quantity, item.unit) == (units, unit)


@pytest.mark.parametrize(
    ("row", "fault", "words"),
    [
        (measured("布洛芬片", "0.1g", 2, "袋"), (2, "E", "other_unit"), "按片计数，不能按“袋”填写"),
        (measured("没有的药", "", 2, "箱"), (2, "E", "other_unit"), "看不懂单位“箱”"),
        (measured("布洛芬片", "0.1g*20片", "2盒", "袋"), (2, "E", "units_disagree"), "两处不一致"),
        (measured("布洛芬片", "0.1g", 2, "盒"), (2, "D", "pack_size_unknown"), "每盒装量"),
    ],
)
def test_measure_that_does_not_fit_is_a_fault_at_its_own_cell(row, fault, words):
    [said] = read(MEASURED, row).faults

    assert (said.row, said.column, said.code) == fault
    assert words in said.message


@pytest.mark.parametrize(("quantity", "units"), [(2, 40), ("7片", 7), ("2盒3片", 43)])
def test_measure_may_stand_in_the_header_of_the_quantities(quantity, units):
    head = ["姓名", "药品名称", "规格", "数量（盒）", "日期"]

    [item] = items(head, ["张三", "布洛芬片", "0.1g*20片", quantity, "2023-01-08"])

    assert item.quantity == units
    assert faults([*head[:3], "数量（袋）", "日期"], ["张三", "布洛芬片", "0.1g", 2, "2023-01-08"]) == [
        (2, "D", "other_unit")
    ]


@pytest.mark.parametrize(
    ("heads", "cells", "fault"),
    [
        (["数量(盒)", "计量单位"], [2, "片"], (2, "E", "units_disagree")),
        (["数量(盒)", "计量单位"], [2, "最小单位"], (2, "E", "units_disagree")),
        (["数量", "单位", "计量单位"], [2, "盒", "片"], (2, "E", "units_disagree")),
        (["数量", "计量单位", "单位"], [2, "片", "盒"], (2, "F", "units_disagree")),
        (["数量", "计量单位", "数量单位"], ["2盒", "盒", "片"], (2, "F", "units_disagree")),
        (["数量(盒)", "计量单位", "单位"], [2, None, "片"], (2, "F", "units_disagree")),
        (["数量(板)"], [2], (2, "D", "other_unit")),
        (["数量(箱)"], [2], (2, "D", "other_unit")),
    ],
)
def test_units_that_contradict_each_other_are_a_fault_at_their_cell(heads, cells, fault):
    row = ["张三", "布洛芬片", "0.1g*20片", *cells]

    assert faults(["姓名", "药品名称", "规格", *heads, "日期"], [*row, "2023-01-08"]) == [fault]


@pytest.mark.parametrize(
    ("heads", "cells"),
    [
        (["数量(盒)", "计量单位"], [2, "盒"]),
        (["数量(盒)", "计量单位"], [2, None]),
        (["数量", "单位", "计量单位"], [2, "盒", "盒"]),
        (["数量", "单位", "计量单位"], [2, "盒", None]),
        (["数量", "单位", "计量单位"], [2, None, "盒"]),
        (["数量", "计量单位", "单位"], [2, "盒", "县府办"]),
        (["数量(片)", "计量单位"], [40, "粒"]),
    ],
)
def test_units_said_twice_alike_are_one(heads, cells):
    [item] = items(
        ["姓名", "药品名称", "规格", *heads, "日期"], ["张三", "布洛芬片", "0.1g*20片", *cells, "2023-01-08"]
    )

    assert item.quantity == 40


def test_quantity_merged_over_two_medicines_is_a_fault():
    rows = [HEAD, line(quantity="2片"), line(quantity=None)]

    assert faults(*rows, change=lambda sheet: sheet.merge_cells("G2:G3")) == [(3, "G", "merged_cells")]


# --- days, lots, expiries, codes ---


@pytest.mark.parametrize(
    "day",
    ["2023.1.8", "2023年1月8日", "2023/01/08", "20230108", "２０２３－１－８", datetime.date(2023, 1, 8)],
)
def test_day_in_the_notations_people_use(day):
    assert read(HEAD, line(日期=day)).donations[0].draft.received_on == datetime.date(2023, 1, 8)


@pytest.mark.parametrize(
    ("day", "code"),
    [("1月8日", "day_year_missing"), ("23.1.8", "day_year_missing"), ("2023.2.30", "impossible_day"),
     ("昨天", "day_unreadable"), (None, "required")],
)  # fmt: skip
def test_day_that_is_none_is_a_fault(day, code):
    assert faults(HEAD, line(日期=day)) == [(2, "J", code)]


@pytest.mark.parametrize(
    ("lot", "read_as"),
    [("2203051", ("2203051", "read")), (2203051, ("2203051", "read")), (None, ("", "not_read")),
     ("看不清", ("", "not_read")), ("无", ("", "not_printed"))],
)  # fmt: skip
def test_lot_with_its_state(lot, read_as):
    [item] = items(HEAD, line(批号=lot))

    assert (item.lot_number, item.lot_state) == read_as


@pytest.mark.parametrize(
    ("lot", "code"), [(12345678901234567890, "excel_number"), (datetime.date(2022, 3, 5), "excel_day")]
)
def test_lot_that_a_spreadsheet_rewrote_is_a_fault(lot, code):
    assert faults(HEAD, line(批号=lot)) == [(2, "H", code)]


@pytest.mark.parametrize(
    ("expiry", "text"),
    [
        ("2027.05", "2027.05"),
        (202705, "202705"),
        (2027.05, "2027.05"),
        (datetime.date(2027, 5, 31), "2027-05-31"),
    ],
)
def test_expiry_is_handed_on_as_written(expiry, text):
    [item] = items(HEAD, line(有效期至=expiry))

    assert (item.expiry, item.expiry_state) == (text, "read")


def test_expiry_of_2024_10_that_a_spreadsheet_made_2024_1_is_a_fault():
    assert faults(HEAD, line(有效期至=2024.1)) == [(2, "I", "number_ambiguous")]


TRACED = [*HEAD, "追溯码"]


def test_trace_codes_are_taken_from_texts():
    [item] = items(TRACED, [*line(), "81234567890123456789、81234567890123456780"])

    assert item.trace_codes == ["81234567890123456789", "81234567890123456780"]


@pytest.mark.parametrize(
    ("code", "fault"),
    [(81234567890123456789, "excel_number"), (8.1234567890123456e19, "excel_number"),
     ("8.12346E+19", "excel_number"), ("81234567890123400000", "excel_rounded"), ("123", "length")],
)  # fmt: skip
def test_trace_codes_that_a_spreadsheet_rewrote_are_faults(code, fault):
    assert faults(TRACED, [*line(), code]) == [(2, "K", fault)]


@pytest.mark.parametrize(
    "column", ["姓名", "工作单位", "电话", "药品名称", "规格", "批号", "有效期至", "日期"]
)
def test_formula_in_any_column_that_is_read_is_a_fault(column):
    found = faults(HEAD, line(**{column: '=HYPERLINK("http://x")'}))

    assert (2, "ABCDEFGHIJ"[HEAD.index(column)], "formula") in found


def test_text_that_looks_like_a_formula_is_text_in_csv():
    rows = read_spreadsheet(csv_text(HEAD, line("=1+1")).encode())
    imported = read_roster_rows(rows, medicines=INDEX, townships={})

    assert imported.donations[0].draft.identity.name == "=1+1"


def test_text_longer_than_its_column_is_a_fault():
    assert faults(HEAD, line("张" * 81)) == [(2, "B", "too_long"), (2, "B", "required")]


WORDS = st.sampled_from(["", "张三", "布洛芬片", "2盒", "2027-05", "合计", "同上"]) | st.text(max_size=8)
CELLS = st.builds(Cell, WORDS, st.sampled_from(Kind), st.booleans())


@given(st.lists(st.lists(CELLS, max_size=11), max_size=6))
@settings(deadline=None, max_examples=200)
def test_any_cells_are_items_or_faults(cells):
    rows = [SheetRow(1, tuple(map(Cell, TRACED)))]
    rows += [SheetRow(number, tuple(row)) for number, row in enumerate(cells, start=2)]

    imported = read_roster_rows(rows, medicines=INDEX, townships={})

    read_rows = sum(len(donation.rows) for donation in imported.donations)
    assert imported.rows <= read_rows + len(imported.faults) <= max(imported.rows, 1) * 15
