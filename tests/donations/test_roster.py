import datetime
import io
from collections import Counter

import pypdfium2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from core.models import AuditEntry
from donations.roster import read_roster
from donations.roster_forms import roster_rows, total_rows
from tests.world import TODAY, World, donation, item

OLD = TODAY - datetime.timedelta(days=40)
EXPIRED = {"expiry": f"有效期至{OLD:%Y年%m月%d日}"}


def person(name, **fields):
    return {"kind": "person", "name": name, "phone": "13800138000", "work_unit": "县府办", **fields}


def register(world, name="张三", items=None, **fields):
    body = donation(donor=person(name, **fields), items=items or [item()])
    return world.signed("clerk").post("donations/", body).json()


def roster_file(world, kind, **query):
    query = {"place": "P-522633-01", "from": str(TODAY), "to": str(TODAY), **query}
    return world.signed("clerk").get(f"roster.{kind}", **query)


def sheet(world, **query):
    answer = roster_file(world, "xlsx", **query)
    assert answer.status_code == 200, answer.content
    return load_workbook(io.BytesIO(answer.content)).active


def table(world, **query):
    """The rows of the spreadsheet between its head and its closing lines, each as head → value."""
    heads, *rows = list(sheet(world, **query).iter_rows(min_row=3, values_only=True))
    return [dict(zip(heads, row, strict=True)) for row in rows[:-2]]


def pdf_text(world, **query):
    answer = roster_file(world, "pdf", **query)
    assert answer.status_code == 200, answer.content
    return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(answer.content))


def test_name_with_an_emoji_is_kept_as_it_is_and_printed_by_its_code(world: World):
    made = register(world, "张😀")
    clerk = world.signed("clerk")

    receipts = [
        clerk.get(f"donations/{made['id']}/receipt.pdf", size=size).content for size in ("a5", "80mm", "a4")
    ]
    printed = [
        "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content))
        for content in receipts
    ]

    assert [table(world)[0]["姓名"], "张[U+1F600]" in pdf_text(world)] == ["张😀", True]
    assert ["张[U+1F600]" in text and "😀" not in text for text in printed] == [True, True, True]


def test_roster_merges_a_donors_cells_over_the_donors_items(world: World):
    register(world, items=[item(), item(medicine="M001b")])

    merged = {str(cells) for cells in sheet(world).merged_cells.ranges}

    assert {f"{column}4:{column}5" for column in "BCDKLM"} <= merged
    assert "E4:E5" not in merged


def test_roster_totals_equal_its_rows_per_unit_of_measure(world: World):
    world._medicine("M012a", "布洛芬颗粒", "0.1g", "ibuprofen")
    type(world.ibuprofen).objects.filter(code="M012a").update(smallest_unit="袋")
    register(world, items=[item(quantity=7), item(medicine="M012a", quantity=3), item(quantity=5, **EXPIRED)])

    rows = table(world)

    sums = Counter()
    for row in rows[:3]:
        sums[row["单位"]] += row["数量"]
    totals = {(row["姓名"], row["单位"]): row["数量"] for row in rows[3:]}
    assert sums == {"片": 12, "袋": 3}
    assert totals == {("合计", "片"): 12, ("合计", "袋"): 3, ("其中不予接收", "片"): 5}


def test_roster_for_the_office_shows_phone_and_refused_items(world: World):
    register(world, items=[item(), item(**EXPIRED)])

    text = pdf_text(world)

    assert "13800138000" in text
    assert "不予接收：已过有效期" in text.replace("\r\n", "")


@pytest.mark.parametrize(
    ("publish", "shown"),
    [("full", "欧阳娜娜"), ("masked", "欧阳**"), ("anonymous", "爱心人士"), (None, "爱心人士")],
)
def test_posted_roster_shows_a_name_as_far_as_agreed(world: World, publish, shown):
    register(world, name="欧阳娜娜", publish=publish)

    assert table(world, posted="1")[0]["姓名"] == shown


def test_posted_roster_has_no_phone_no_refused_item_and_no_unit_of_a_masked_donor(world: World):
    register(world, items=[item(), item(medicine="M001b", **EXPIRED)], publish="masked")

    text = pdf_text(world, posted="1")

    assert [
        word for word in ("13800138000", "对乙酰氨基酚", "不予接收", "县府办", "张三") if word in text
    ] == []
    assert "布洛芬片" in text


def test_roster_ends_with_the_closing_line_of_every_form(world: World):
    text = pdf_text(world)

    assert [word in text for word in ("制表人", "复核人", "负责人（签字）", "单位（盖章）")] == [True] * 4


def test_roster_leaves_out_what_was_voided(world: World):
    made = register(world)
    world.signed("clerk").post(f"donations/{made['id']}/void/", {"reason": "重复"})

    assert table(world) == []


def test_roster_holds_only_its_place_and_period(world: World):
    register(world)

    assert len(table(world)) == 2
    assert table(world, **{"from": "2020-01-01", "to": "2020-12-31"}) == []


def test_roster_neutralises_formulas(world: World):
    register(world, name='=HYPERLINK("http://x")')

    cell = sheet(world)["B4"]

    assert (cell.data_type, cell.value) == ("s", '\'=HYPERLINK("http://x")')


@pytest.mark.parametrize("name", ["㛃䶮𠮷", "😀", "'; DROP TABLE x;--", "阿依古丽·买买提" * 3])
def test_roster_shows_names_as_they_were_given(world: World, name):
    register(world, name=name)

    assert table(world)[0]["姓名"] == name
    assert roster_file(world, "pdf").status_code == 200


def test_roster_read_leaves_one_entry_in_the_audit_log(world: World):
    register(world)
    roster_file(world, "pdf")

    entries = AuditEntry.objects.filter(action__endswith="roster.pdf")

    assert [entry.subject for entry in entries] == [f"roster P-522633-01 {TODAY} {TODAY}, 1 rows"]


def test_roster_of_another_county_is_not_there(world: World):
    query = {"place": "P-522633-01", "from": str(TODAY), "to": str(TODAY)}

    answer = world.signed("clerk", foreign=True).get("roster.pdf", **query)

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("query", "pointer"),
    [({"from": "x"}, "/from"), ({"posted": "2"}, "/posted"), ({"to": "2020-01-01"}, "/to")],
)
def test_roster_query_that_makes_no_sense_refused(world: World, query, pointer):
    answer = roster_file(world, "pdf", **query)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)


def test_roster_takes_the_same_statements_for_one_row_and_for_nine(world: World):
    counts = []
    for donations in (1, 2):
        for _ in range(donations):
            register(world, items=[item()] * (1 if donations == 1 else 4))
        with CaptureQueriesContext(
            connection,
        ) as statements:
            roster = read_roster(place=world.hospital, start=TODAY, end=TODAY, posted=False)
        counts.append((len(roster_rows(roster)), len(statements)))

    assert [rows for rows, _ in counts] == [1, 9]
    assert counts[0][1] == counts[1][1]


def test_roster_in_paper_and_spreadsheet_has_the_same_rows(world: World):
    register(world, items=[item(), item(medicine="M001b")])
    roster = read_roster(place=world.hospital, start=TODAY, end=TODAY, posted=False)

    rows = [list(row.values()) for row in table(world)]

    assert rows[:2] == [[cell or None for cell in row] for row in roster_rows(roster)[:1]] + [
        [2, None, None, None, *roster_rows(roster)[1][4:10], None, None, None]
    ]
    assert rows[2:] == [[cell or None for cell in row] for row in total_rows(roster)]
