import datetime

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from core.documents import (
    A4,
    A5,
    LABEL_60_40,
    LABEL_SHEET,
    NOTICE,
    ROLL_80,
    Align,
    Column,
    Document,
    Label,
    LayoutError,
    notices,
)

MADE = datetime.datetime(2023, 1, 5, 17, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))
POINT = 72 / 25.4


def opened(document):
    return pypdfium2.PdfDocument(document.build())


def texts(document):
    return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in opened(document)]


def boxes(page, word):
    """Left, bottom, right, top in points of every place where a page says `word`."""
    text = page.get_textpage()
    everything = text.get_text_range()
    starts = [at for at in range(len(everything)) if everything.startswith(word, at)]
    ends = [text.get_charbox(at + len(word) - 1, loose=True) for at in starts]
    return [(*text.get_charbox(at, loose=True)[:2], *end[2:]) for at, end in zip(starts, ends, strict=True)]


def receipt(page=A5):
    document = Document(page, title="捐赠药品接收凭证", made=MADE, author="从江县卫生健康局")
    document.head("CJ-1", "https://example.org/q/1")
    document.fields([("捐赠人", "张*"), ("日期", "2023年1月5日")])
    document.table([Column("通用名"), Column("数量", 16, Align.RIGHT)], [["布洛芬片", 2]])
    document.signatures()
    document.slogan()
    return document


def test_same_input_gives_the_same_bytes():
    assert receipt().build() == receipt().build()


def test_building_twice_gives_the_same_bytes():
    document = receipt()

    assert document.build() == document.build()


def test_environment_does_not_change_the_bytes(monkeypatch):
    before = receipt().build()

    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1234567890")

    assert receipt().build() == before


def test_metadata_say_title_author_moment_and_language():
    content = receipt().build()

    facts = pypdfium2.PdfDocument(content).get_metadata_dict()

    assert (facts["Title"], facts["Author"]) == ("捐赠药品接收凭证", "从江县卫生健康局")
    assert facts["CreationDate"] == "D:20230105173000+08'00'"
    assert b"/Lang (zh-CN)" in content


def test_creation_date_keeps_a_half_hour_west_of_greenwich():
    zone = datetime.timezone(-datetime.timedelta(hours=3, minutes=30))
    document = Document(A5, title="凭证", made=datetime.datetime(2023, 1, 5, tzinfo=zone))
    document.paragraph("文")

    assert opened(document).get_metadata_dict()["CreationDate"] == "D:20230105000000-03'30'"


def test_form_prints_its_parts():
    (text,) = texts(receipt())

    assert text.split("\n")[:3] == ["捐赠药品接收凭证", "CJ-1", "捐赠人：张* 日期：2023年1月5日"]
    assert (
        "制表人： 复核人： 负责人（签字）：\n单位（盖章）： 日期：\n捐赠药品 免费发放 严禁销售\n第 1 页 共 1 页"
        in text
    )


def test_known_signatures_are_filled_in():
    document = Document(A4, title="花名册")
    document.signatures({"制表人": "李工", "日期": "2023年1月5日"})

    assert texts(document)[0].startswith(
        "制表人：李工 复核人： 负责人（签字）：\n单位（盖章）： 日期：2023年1月5日"
    )


@pytest.mark.parametrize(
    "text", ["<b>粗</b>", "A & B &amp; &lt;", "<font color=red>x</font>", "%s {0} \\n (a) \\("]
)
def test_markup_in_a_text_prints_as_text(text):
    document = Document(A4, title=text)
    document.head(text)
    document.fields([("键", text)])
    document.paragraph(text)
    document.table([Column(text)], [[text]])

    assert "".join(texts(document)).count(text) == 6


def test_document_metadata_keep_markup_as_text():
    document = Document(A4, title="<b>&amp;(）", author="a)b(\\")
    document.paragraph("文")

    facts = opened(document).get_metadata_dict()

    assert (facts["Title"], facts["Author"]) == ("<b>&amp;(）", "a)b(\\")


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=80), st.text(max_size=40))
def test_any_text_builds(first, second):
    document = Document(A5, title=first)
    document.head(second)
    document.heading(second)
    document.paragraph(first)
    document.fields([(second, first)])
    document.table([Column(second or "甲")], [[first], [second]])
    document.signatures({"制表人": first})

    assert 1 <= len(opened(document)) <= 4  # forty ends of lines, six times, do not fit on one page


def test_qr_code_reads_back():
    for page in (A4, A5, ROLL_80):
        image = opened(receipt(page))[0].render(scale=3).to_pil()

        assert [code.text for code in zxingcpp.read_barcodes(image)] == ["https://example.org/q/1"]


def test_form_pages_say_which_of_how_many_and_repeat_the_name():
    document = Document(A5, title="移交清单")
    document.head("CJ-7")
    document.table([Column("序号")], [[n] for n in range(90)])

    pages = texts(document)

    assert [f"第 {n} 页 共 {len(pages)} 页" in text for n, text in enumerate(pages, start=1)] == [True] * len(
        pages
    )
    assert [text.count("移交清单") for text in pages] == [1] * len(pages)
    assert pages[1].startswith("移交清单 CJ-7") or "移交清单 CJ-7" in pages[1]


def test_roll_is_one_page_as_long_as_its_content():
    short, long = receipt(ROLL_80), receipt(ROLL_80)
    for _ in range(40):
        long.paragraph("一行")

    short_size, long_size = opened(short)[0].get_size(), opened(long)[0].get_size()

    assert (len(opened(long)), round(short_size[0] / POINT)) == (1, 80)
    assert round(long_size[1] - short_size[1]) == round(40 * ROLL_80.leading)


@pytest.mark.parametrize(("page", "size"), [(A4, (210, 297)), (A5, (148, 210)), (NOTICE, (210, 297))])
def test_page_has_the_size_of_its_paper(page, size):
    document = Document(page, title="表")
    document.paragraph("文")

    assert tuple(round(side / POINT) for side in opened(document)[0].get_size()) == size


def notice():
    document = Document(NOTICE, title="从江县卫生健康局关于群众捐赠药品\n接收使用情况的公示（第3期）")
    notices.title(document)
    return document


def test_notice_holds_twenty_two_lines_of_twenty_eight_characters():
    document = Document(NOTICE, title="公示")
    document.paragraph("药" * 28 * 23, indent=0)

    pages = texts(document)

    assert [text.count("药") for text in pages] == [28 * 22, 28]
    assert pages[0].startswith("药" * 28 + "\n")


def test_notice_keeps_the_margins_of_the_standard():
    document = Document(NOTICE, title="公示")
    document.paragraph("药" * 28 * 22, indent=0)

    found = boxes(opened(document)[0], "药")

    left, right = min(box[0] for box in found), max(box[2] for box in found)
    assert (round(left / POINT), round(right / POINT)) == (28, 210 - 26)


def test_notice_numbers_stand_outside_right_and_left():
    document = Document(NOTICE, title="公示")
    document.paragraph("文")
    document.page_break()
    document.paragraph("文")
    pages = opened(document)

    (odd,), (even,) = boxes(pages[0], "— 1 —"), boxes(pages[1], "— 2 —")

    assert round(odd[2], 1) == round((210 - 26) * POINT - 14, 1)
    assert round(even[0], 1) == round(28 * POINT + 14, 1)


def test_notice_title_breaks_where_it_says_and_metadata_do_not():
    document = notice()

    assert texts(document)[0].startswith("从江县卫生健康局关于群众捐赠药品\n接收使用情况的公示（第3期）\n")
    assert (
        opened(document).get_metadata_dict()["Title"]
        == "从江县卫生健康局关于群众捐赠药品接收使用情况的公示（第3期）"
    )


def test_notice_date_stands_four_characters_in_and_signer_over_its_middle():
    document = notice()
    notices.sign_off(document, "从江县卫生健康局", "2023年1月5日")
    page = opened(document)[0]

    signer, date = boxes(page, "从江县卫生健康局")[-1], boxes(page, "2023年1月5日")[0]

    assert round(((210 - 26) * POINT - date[2]) / NOTICE.advance) == 4
    assert abs((signer[0] + signer[2]) / 2 - (date[0] + date[2]) / 2) < 1


def test_notice_parts_print_in_order():
    document = notice()
    notices.addressees(document, "各乡镇人民政府:")
    document.heading("一、接收情况")
    document.paragraph("本期接收。")
    notices.annexes(document, ["接收明细表", "分配明细表"])
    notices.sign_off(document, "卫生健康局", "2023年1月5日")
    notices.annex_page(document, "附件1")
    document.bar_chart([("布洛芬片", 320), ("𠮷药", 0)], "盒")

    first, second = texts(document)

    assert "各乡镇人民政府：\n一、接收情况\n本期接收。\n附件：1. 接收明细表\n" in first
    assert "卫生健康局\n2023年1月5日" in first
    assert second.startswith("附件1\n布洛芬片 320 盒\n𠮷药 0 盒")


def test_title_of_an_annex_stands_on_the_third_line():
    document = notice()
    notices.annex_page(document, "附件1")
    document.paragraph("接收明细表")
    page = list(opened(document))[-1]

    mark, title = boxes(page, "附件1")[0], boxes(page, "接收明细表")[0]

    assert round((mark[1] - title[1]) / NOTICE.leading) == 2


def test_one_annex_is_not_numbered():
    document = notice()
    notices.annexes(document, ["明细表"])

    assert texts(document)[0].count("附件：明细表") == 1


def test_heading_does_not_stay_alone_at_the_foot():
    document = Document(NOTICE, title="公示")
    for _ in range(21):
        document.paragraph("一行")
    document.heading("一、接收情况")
    document.paragraph("本期接收。")

    assert ["一、接收情况" in text for text in texts(document)] == [False, True]


@pytest.mark.parametrize("lines", range(15, 22))
def test_headings_of_two_levels_stay_with_what_they_head(lines):
    """A table needs more room than a line: neither heading is left behind when it begins on the next page."""
    document = Document(NOTICE, title="公示")
    for _ in range(lines):
        document.paragraph("一行")
    document.heading("三、分类别情况")
    document.heading("（一）分类别", level=2)
    document.table([Column("类别"), Column("数量")], [["中成药", n] for n in range(4)])

    found = texts(document)

    with_table = ["中成药" in text for text in found].index(True)
    assert [("三、分类别情况" in text, "（一）分类别" in text) for text in found] == [
        (page == with_table, page == with_table) for page in range(len(found))
    ]


@pytest.mark.parametrize("lines", range(10, 22))
def test_signer_does_not_stand_alone_on_a_page(lines):
    document = Document(NOTICE, title="公示")
    for _ in range(lines):
        document.paragraph("一行")
    notices.annexes(document, ["接收明细表", "分配明细表"])
    notices.sign_off(document, "卫生健康局", "2023年1月5日")

    last = texts(document)[-1]

    assert "2. 分配明细表" in last
    assert "卫生健康局" in last


@pytest.mark.parametrize("lines", range(10, 22))
def test_chart_begins_below_its_words_with_three_bars(lines):
    document = Document(NOTICE, title="公示")
    for _ in range(lines):
        document.paragraph("一行")
    document.paragraph("图：本期接收", leads=True)
    document.bar_chart([(f"药{n}号", n + 1) for n in range(9)], "盒")

    (page,) = [text for text in texts(document) if "图：本期接收" in text]

    assert "药2号" in page


def test_chart_runs_on_over_pages_on_one_scale():
    document = Document(A5, title="图")
    document.bar_chart([(f"药{n}号", 100 if n == 0 else 50) for n in range(80)], "盒")

    pages = texts(document)

    assert (len(pages), [sum(f"药{n}号" in text for text in pages) for n in range(80)]) == (3, [1] * 80)
    starts = [boxes(page, "50 盒")[-1][0] for page in opened(document)]
    assert len({round(start, 1) for start in starts}) == 1


def test_chart_refuses_negative_values():
    document = Document(A5, title="图")

    with pytest.raises(LayoutError, match="negative"):
        document.bar_chart([("a", -1)])


def test_label_prints_all_it_says_and_the_slogan():
    document = Document(LABEL_60_40, title="标签")
    document.labels(
        [Label("对乙酰氨基酚缓释片", ["0.65g×18片", "批号 2209A01", "有效期至 2024-06-30"], "B-1")]
    )

    (text,) = texts(document)

    assert (
        text.replace("\n", "")
        == "对乙酰氨基酚缓释片0.65g×18片批号 2209A01有效期至 2024-06-30捐赠药品 免费发放 严禁销售"
    )
    image = opened(document)[0].render(scale=4).to_pil()
    assert [code.text for code in zxingcpp.read_barcodes(image)] == ["B-1"]


def test_label_that_cannot_hold_its_text_is_refused():
    document = Document(LABEL_60_40, title="标签")
    document.labels([Label("药" * 400)])

    with pytest.raises(LayoutError, match="does not fit"):
        document.build()


def test_label_sheet_holds_its_grid():
    document = Document(LABEL_SHEET, title="标签")
    document.labels([Label(f"药{n}号") for n in range(25)], columns=3, rows=7)

    pages = texts(document)

    assert [text.count("严禁销售") for text in pages] == [21, 4]
    assert [sum(f"药{n}号" in text for text in pages) for n in range(25)] == [1] * 25


def test_head_taller_than_the_page_is_refused():
    document = Document(A5, title="名" * 3000)
    document.head()

    with pytest.raises(LayoutError, match="FormHead does not fit an empty page"):
        document.build()


def test_empty_document_is_one_page():
    assert len(opened(Document(A4, title=""))) == 1


def test_page_break_at_the_top_adds_no_empty_page():
    document = Document(A4, title="表")
    document.page_break()
    document.page_break()
    document.paragraph("文")

    assert len(opened(document)) == 1
