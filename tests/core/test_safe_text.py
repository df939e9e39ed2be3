import csv
import io
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.safe_text import TextRefused, comparable_text, neutralise_formula, safe_text


def refused(text: str, **limits: int) -> str:
    with pytest.raises(TextRefused) as caught:
        safe_text(text, **limits)
    return caught.value.code


@pytest.mark.parametrize(
    "text",
    [
        "张三",
        "㛃䶮𠮷",
        "👩‍⚕️李医生😀",
        "买买提·吐尔逊",
        "名" * 30,
        "'; DROP TABLE donations; --",
        "=cmd|' /C calc'!A0",
        "<script>alert(1)</script>",
        "%s %d {0} ${x}",
        "葛\U000e0100",
        "\uf9d1",
        "\U0002f800",
        "e\u0301",
        "\ue000",
        "O'Brien\\",
        "",
    ],
)
def test_safe_text_keeps_what_people_write(text):
    assert safe_text(text) == text


def test_safe_text_does_not_normalise_where_nfc_would_change_a_name():
    assert unicodedata.normalize("NFC", "\uf9d1") != "\uf9d1"
    assert safe_text("\uf9d1") == "\uf9d1"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("张\x00三", "nul"),
        ("\ud83d", "lone_surrogate"),
        ("张\udc00", "lone_surrogate"),
        ("a\x1bb", "control_character"),
        ("a\tb", "control_character"),
        ("a\x85b", "control_character"),
        ("a\x7fb", "control_character"),
        ("a\u202eb", "bidi_control"),
        ("a\u2066b", "bidi_control"),
        ("a\ufffeb", "noncharacter"),
        ("a\U0010ffffb", "noncharacter"),
        ("a\nb", "line_break"),
        ("a\u2028b", "line_break"),
        ("\nb", "line_break"),
    ],
)
def test_safe_text_refuses_what_cannot_be_kept(text, code):
    assert refused(text) == code


def test_safe_text_trims_outer_white_space_only():
    assert safe_text(" \u3000张  三\t ") == "张  三"


def test_safe_text_counts_characters_after_trimming():
    assert safe_text(" 𠮷𠮷𠮷 ", max_length=3) == "𠮷𠮷𠮷"
    assert refused("𠮷𠮷𠮷𠮷", max_length=3) == "too_long"


def test_safe_text_says_the_limit():
    with pytest.raises(TextRefused, match="超过3个字符"):
        safe_text("1234", max_length=3)


def test_safe_text_with_lines_evens_out_line_ends():
    assert safe_text("一\r\n二\r三\n", multiline=True) == "一\n二\n三"


@settings(deadline=None, max_examples=300)
@given(st.text(), st.booleans())
def test_safe_text_that_passes_can_be_stored_and_passes_again(text, multiline):
    try:
        kept = safe_text(text, multiline=multiline)
    except TextRefused:
        kept = "refused"

    assert kept.encode("utf-8").decode("utf-8") == kept
    assert "\x00" not in kept
    assert safe_text(kept, multiline=multiline) == kept


@pytest.mark.parametrize(
    ("one", "other"),
    [("布洛芬", " 布洛芬 "), ("ＡＢＣ", "abc"), ("é", "e\u0301"), ("\uf9d1", "六"), ("A　B", "a b")],
)
def test_comparable_text_is_equal_for_texts_that_read_alike(one, other):
    assert comparable_text(one) == comparable_text(other)


@settings(deadline=None)
@given(st.text())
def test_comparable_text_is_stable(text):
    assert comparable_text(comparable_text(text)) == comparable_text(text)


@pytest.mark.parametrize(
    "lead", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "|", "｜", "\t", "\r", "\n", " =", "\u3000@"]
)
def test_neutralise_formula_puts_an_apostrophe_first(lead):
    assert neutralise_formula(f"{lead}1+1") == f"'{lead}1+1"


@pytest.mark.parametrize("text", ["", "张三", "1+1", "'=1", "a=b", "2盒"])
def test_neutralise_formula_leaves_other_text(text):
    assert neutralise_formula(text) == text


@settings(deadline=None)
@given(st.text(alphabet="=+-@|\t\r\n ab'\u3000＝"))
def test_neutralise_formula_once_is_enough_and_survives_csv(text):
    neutral = neutralise_formula(text)
    sheet = io.StringIO(newline="")
    csv.writer(sheet).writerow([neutral, "x"])

    assert neutralise_formula(neutral) == neutral
    assert neutral.lstrip(" \u3000")[:1] not in set("=+-@|＝\t\r\n") or not neutral.strip(" \u3000")
    assert next(csv.reader(io.StringIO(sheet.getvalue(), newline=""))) == [neutral, "x"]
