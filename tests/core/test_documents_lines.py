import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.documents import Face
from core.documents.characters import clean
from core.documents.fonts import default_typefaces
from core.documents.lines import CANNOT_END, CANNOT_START, Measure, balance, break_lines

TYPEFACE = default_typefaces()[Face.SANS]
TEN = Measure(TYPEFACE, 10)
texts = st.text(st.sampled_from("药品捐赠，。；：》”（《“abc DEF-12.%😀𠮷\n\t\x00\u202e"), max_size=80)


@pytest.mark.parametrize(
    ("given_text", "printed"),
    [
        ("张\x00三\x1b", "张三"),
        ("a\u202eb\u2066c\u200f", "abc"),
        ("一\r\n二\r三\u2028四", "一\n二\n三\n四"),
        ("一\t二\u00a0三\u3000四", "一 二 三\u3000四"),
        ("葛\U000e0100\ufe0f", "葛"),
        ("e\u0301 lu\u0308", "é lü"),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
        ("\ud83d", "\ud83d"),
    ],
)
def test_clean_takes_out_what_cannot_be_seen(given_text, printed):
    assert clean(given_text) == printed


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=60))
def test_printable_text_has_a_glyph_for_every_character(text):
    printable = TYPEFACE.printable(text)

    runs = TYPEFACE.runs(printable.replace("\n", ""))

    assert "None" not in [name for name, _ in runs]
    assert [
        char for char in printable if unicodedata.category(char) in ("Cc", "Cf", "Cs") and char != "\n"
    ] == []


@settings(deadline=None, max_examples=300)
@given(texts, st.integers(10, 120), st.integers(0, 2))
def test_lines_are_never_wider_than_asked(text, width, indent):
    printable = TYPEFACE.printable(text)

    lines = break_lines(printable, TEN, width, min(indent * 10, width - 10))

    assert [line for line in lines if TEN.width(line) > width + 0.1] == []


@settings(deadline=None, max_examples=300)
@given(texts, st.integers(10, 120))
def test_lines_hold_the_whole_text(text, width):
    printable = TYPEFACE.printable(text)

    lines = break_lines(printable, TEN, width)

    assert "".join(lines).replace(" ", "") == printable.replace("\n", "").replace(" ", "")


@pytest.mark.parametrize("mark", "，。；：》”）、！？】〕…—%℃")
def test_closing_mark_takes_a_character_down_with_it(mark):
    assert break_lines(f"捐赠药品{mark}免费", TEN, 40) == ["捐赠药", f"品{mark}免费"[:4]] + (
        ["费"] if len(f"品{mark}免费") > 4 else []
    )


@pytest.mark.parametrize("mark", "（《“【〔￥")
def test_opening_mark_goes_down(mark):
    lines = break_lines(f"捐赠药{mark}品免费", TEN, 40)

    assert (lines[0], lines[1][0]) == ("捐赠药", mark)


@settings(deadline=None, max_examples=200)
@given(
    st.text(st.sampled_from("药品捐赠发放"), min_size=1, max_size=3),
    st.sampled_from(sorted(CANNOT_START & set("，；：》”）。"))),
    st.integers(40, 90),
)
def test_no_line_begins_with_a_closing_mark(word, mark, width):
    lines = break_lines((word + mark) * 12, TEN, width)

    assert [line for line in lines if line[0] in CANNOT_START or line[-1] in CANNOT_END] == []


def test_word_stays_whole_where_it_can():
    assert break_lines("批号 ABC123 有效", TEN, 50) == ["批号", "ABC123 有", "效"]


def test_word_longer_than_the_line_is_cut():
    assert "".join(break_lines("X" * 50, TEN, 60)) == "X" * 50


def test_date_and_decimal_stay_whole():
    assert break_lines("有效期至2024-06-30止", TEN, 70) == ["有效期至", "2024-06-30止"]
    assert break_lines("共计约1,204.5盒", TEN, 50) == ["共计约", "1,204.5盒"]


def test_spacing_counts():
    tight = Measure(TYPEFACE, 16, spacing=156 * 72 / 25.4 / 28 - 16)

    lines = break_lines("药" * 56, tight, 156 * 72 / 25.4)

    assert [len(line) for line in lines] == [28, 28]


def test_balance_spreads_a_title_evenly():
    lines = balance("从江县卫生健康局关于群众捐赠药品接收使用情况的公示", Measure(TYPEFACE, 22), 442)

    assert [len(line) for line in lines] == [13, 12]
