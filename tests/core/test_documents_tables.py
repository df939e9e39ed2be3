import ctypes
import time

import numpy
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.documents import A4, A5, ROLL_80, Align, Column, Document, LayoutError

HEAD = [
    Column("序号", 14, Align.RIGHT),
    Column("捐赠人", 24, merge=True),
    Column("通用名"),
    Column("数量", 16, Align.RIGHT),
]


def table(columns, rows, page=A5, **options):
    document = Document(page, title="花名册")
    document.table(columns, rows, **options)
    return document.build()


def pages(content):
    return [
        page.get_textpage().get_text_range().replace("\r\n", "\n") for page in pypdfium2.PdfDocument(content)
    ]


def ink(content, page=0, scale=2):
    """A page as dark pixels: rows × columns."""
    return numpy.array(pypdfium2.PdfDocument(content)[page].render(scale=scale).to_pil().convert("L")) < 128


def rules_across(content, x_mm, page=0):
    """How many level rules a page has at `x_mm` from the left: runs of dark pixels going down."""
    column = ink(content, page, 4)[:, round(x_mm * 72 / 25.4 * 4)]
    return int((column[1:] & ~column[:-1]).sum())


def roster(count, per_donor=1):
    rows = [[n + 1, f"爱心人士{n // per_donor}", "布洛芬片", n] for n in range(count)]
    return rows, [n // per_donor for n in range(count)]


def test_table_repeats_its_head_on_every_page():
    rows, _ = roster(120)

    texts = pages(table(HEAD, rows))

    assert (len(texts) > 2, [text.count("通用名") for text in texts]) == (True, [1] * len(texts))


@pytest.mark.parametrize("count", [1, 2, 17, 35, 36, 37, 120])
def test_table_prints_every_row_once(count):
    rows = [[n, "张*", f"药{n}号", n] for n in range(count)]

    printed = "\n".join(pages(table(HEAD, rows)))

    assert [printed.count(f"药{n}号") for n in range(count)] == [1] * count


def test_merged_cell_prints_its_donor_once_per_group():
    rows, keys = roster(9, per_donor=3)

    text = pages(table(HEAD, rows, keys=keys))[0]

    assert [text.count(f"爱心人士{n}") for n in range(3)] == [1, 1, 1]


def test_merged_cell_has_no_rules_inside():
    rows, keys = roster(9, per_donor=3)

    merged, plain = table(HEAD, rows, keys=keys), table(HEAD, rows)

    # The head's two rules and one below each group or row; no text of the donor's column reaches so far.
    assert (rules_across(merged, 49.5), rules_across(plain, 49.5)) == (2 + 3, 2 + 9)


def test_merged_cell_goes_on_over_the_page_break():
    rows, _ = roster(60, per_donor=60)

    texts = pages(table(HEAD, rows, keys=["one"] * 60))

    assert [text.count("爱心人士0") for text in texts] == [1, 1]
    assert ["（续）" in text for text in texts] == [False, True]


def test_neighbours_of_one_name_stay_apart():
    rows = [[1, "爱心人士", "布洛芬片", 1], [2, "爱心人士", "布洛芬片", 1]]

    text = pages(table(HEAD, rows, keys=[101, 102]))[0]

    assert text.count("爱心人士") == 2


def test_merged_text_taller_than_its_rows_makes_room():
    rows = [
        [1, "很长的捐赠单位名称" * 6, "布洛芬片", 1],
        [2, "", "连花清瘟胶囊", 1],
        [3, "下一位", "布洛芬片", 1],
    ]

    page = pypdfium2.PdfDocument(table(HEAD, rows, keys=["a", "a", "b"]))[0].get_textpage()

    text = page.get_text_range()
    lowest = min(page.get_charbox(at, loose=True)[1] for at, char in enumerate(text) if char == "称")
    assert lowest > page.get_charbox(text.index("下"), loose=True)[3]


@pytest.mark.parametrize("keys", [None, ["a", "a", "b"]])
def test_cell_taller_than_a_page_goes_on_over_pages(keys):
    rows = [[1, "捐" * 2000, "短", 1], [2, "", "短", 2], [3, "末", "短", 3]]

    texts = pages(table(HEAD, rows, keys=keys))

    assert "".join(texts).count("捐") == 2000 + len(texts)
    assert texts[-1].count("末") == 1


def font_of(page, word):
    """The name of the font that draws `word` on a page."""
    text = page.get_textpage()
    name = ctypes.create_string_buffer(100)
    index = text.get_text_range().index(word)
    pypdfium2.raw.FPDFText_GetFontInfo(text.raw, index, name, 100, ctypes.c_int())
    return name.value.decode()


def test_total_rows_are_bold():
    content = table(HEAD, [[1, "张*", "布洛芬片", 3]], totals=[["", "合计", "", 3]])

    page = pypdfium2.PdfDocument(content)[0]

    assert (font_of(page, "布洛芬片"), font_of(page, "合计")) == ("KitSansSC-Regular", "KitSansSC-Bold")


def test_table_without_rows_says_none():
    assert "无" in pages(table(HEAD, []))[0].split("\n")


def test_common_head_stands_over_its_columns():
    columns = [
        Column("品名"),
        Column("接收", 20, over="本期"),
        Column("发放", 20, over="本期"),
        Column("接收", 20, over="累计"),
    ]

    text = pages(table(columns, [["布洛芬片", 1, 2, 3]]))[0]

    assert (text.count("本期"), text.count("累计"), text.count("接收")) == (1, 1, 2)


def test_numbers_end_at_the_same_place():
    content = table([Column("数量", 40, Align.RIGHT), Column("名")], [[7, "a"], [12347, "a"]])

    page = pypdfium2.PdfDocument(content)[0].get_textpage()
    ends = [round(page.get_charbox(at)[2], 2) for at, char in enumerate(page.get_text_range()) if char == "7"]

    assert (len(ends), len(set(ends))) == (2, 1)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.text(st.sampled_from("药品捐赠，。》（AbC12 -\n😀𠮷WWWW"), max_size=120), min_size=1, max_size=4
    )
)
def test_no_text_leaves_its_cell(cells):
    columns = [Column("甲", 30), Column("乙", 30)]

    content = table(columns, [[cell, ""] for cell in cells])

    dark = ink(content)
    # The second column, 43–73 mm, shows nothing but its head and rules; measured between its rules.
    inside = dark[:, round(44 * 72 / 25.4 * 2) : round(72 * 72 / 25.4 * 2)]
    head_end = round((13 + 9) * 72 / 25.4 * 2)
    rows_with_text = [row for row in inside[head_end:-100] if row.any() and not row.all()]
    assert rows_with_text == []


@pytest.mark.parametrize("page", [A4, A5, ROLL_80])
def test_nothing_is_drawn_beyond_the_margins(page):
    columns = [Column("通用名，很长的表头"), Column("批号", 16), Column("数量", 12, Align.RIGHT)]
    rows = [["W" * 300 + "，。》" * 40, "X" * 90, 10**12]] * 3
    document = Document(page, title="名" * 90)
    document.head("编" * 120, "https://example.org/" + "q" * 60)
    document.fields([("键", "值，" * 200), ("W" * 80, "W" * 300)])
    document.paragraph("W" * 400 + "药，" * 200)
    document.table(columns, rows)
    document.bar_chart([("标" * 50, 10**9), ("b", 1)], "盒")
    document.signatures({"制表人": "W" * 200})
    document.slogan()

    content = document.build()

    left, right = (
        round((page.left - 0.4) * 72 / 25.4 * 2),
        round((page.width - page.right + 0.4) * 72 / 25.4 * 2),
    )
    for number in range(len(pypdfium2.PdfDocument(content))):
        dark = ink(content, number)
        assert (dark[:, :left].any(), dark[:, right:].any()) == (False, False)


def test_columns_wider_than_the_page_are_refused():
    with pytest.raises(LayoutError, match="columns of 200"):
        table([Column("甲", 100), Column("乙", 100)], [["a", "b"]])


def test_table_without_columns_is_refused():
    with pytest.raises(LayoutError, match="without columns"):
        table([], [])


def test_column_narrower_than_a_character_is_refused():
    with pytest.raises(LayoutError, match="narrower"):
        table([Column("甲", 3), Column("乙")], [["a", "b"]])


def test_row_of_another_length_is_refused():
    with pytest.raises(LayoutError, match="row 2 has 1 cells"):
        table([Column("甲"), Column("乙")], [["a", "b"], ["c"]])


def test_keys_of_another_length_are_refused():
    with pytest.raises(LayoutError, match="1 keys for 2 rows"):
        table(HEAD, roster(2)[0], keys=[1])


def test_empty_cell_prints_nothing_but_zero_prints():
    text = pages(table([Column("甲"), Column("乙"), Column("丙")], [[None, 0, "末"]]))[0]

    assert ("None" in text, "0 末" in text) == (False, True)


def test_no_page_is_begun_for_one_row():
    """Whatever their number: the last page of a table has two rows or more."""
    last = [pages(table(HEAD, roster(count)[0]))[-1].count("布洛芬片") for count in range(30, 45)]

    assert min(last) == 2


def test_long_table_does_not_begin_with_one_row_at_the_foot():
    document = Document(A5, title="花名册")
    for _ in range(33):
        document.paragraph("一行")
    document.table(HEAD, roster(5)[0])

    texts = pages(document.build())

    assert ["布洛芬片" in text for text in texts] == [False, True]


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 60)), min_size=1, max_size=60))
def test_grouped_rows_all_print_whatever_their_sizes(groups):
    rows, keys = [], []
    for key, length in groups:
        rows.append([len(rows), f"捐赠人{key}", "长" * length, f"#{len(rows)}#"])
        keys.append(key)

    printed = "\n".join(pages(table(HEAD, rows, keys=keys)))

    assert [printed.count(f"#{n}#") for n in range(len(rows))] == [1] * len(rows)
    assert printed.count("长") == sum(length for _, length in groups)


def test_five_thousand_rows_are_quick_to_set():
    columns = [Column(str(n), 15) for n in range(11)]
    rows = [[f"值{n}"] * 11 for n in range(5000)]
    started = time.perf_counter()

    content = table(columns, rows, page=A4)

    assert (time.perf_counter() - started < 10, len(pypdfium2.PdfDocument(content)) > 50) == (
        True,
        True,
    )


@pytest.mark.parametrize("per_donor", [1, 3, 40])
def test_nobody_signs_on_a_page_without_a_row(per_donor):
    alone, twice = [], []
    for count in range(1, 60):
        rows, keys = roster(count, per_donor)
        document = Document(A5, title="花名册")
        document.table(HEAD, rows, keys=keys, totals=[["", "合计", "", sum(row[3] for row in rows)]])
        document.paragraph("捐赠人承诺：所捐药品系自愿无偿捐赠，来源于正规渠道，并按说明书要求妥善保存。")
        document.signatures({"制表人": "王敏"})
        texts = pages(document.build())
        last = texts[-1]
        if not ("制表人" in last and "合计" in last and "布洛芬片" in last):
            alone.append(count)
        if sum(text.count("布洛芬片") for text in texts) != count or sum(t.count("合计") for t in texts) != 1:
            twice.append(count)

    assert (alone, twice) == ([], [])
