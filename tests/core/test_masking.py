import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.masking import masked_name, masked_phone, published_name, visible_characters


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("张小明", "张**"),
        ("张", "张*"),
        ("欧阳娜娜", "欧阳**"),
        ("欧阳修", "欧阳*"),
        ("欧阳", "欧*"),
        ("司马懿", "司马*"),
        ("歐陽鋒", "歐陽*"),
        ("单于刚", "单**"),
        (" 李四 ", "李*"),
        ("阿依古丽·买买提", "阿***·***"),
        ("买买提•吐尔逊", "买**•***"),
        ("欧阳·娜娜", "欧*·**"),
        ("John Smith", "J*** *****"),
        ("Anne-Marie", "A***-*****"),
        ("㛃䶮𠮷", "㛃**"),
        ("𠮷䶮", "𠮷*"),
        ("葛\U000e0100亮\U000e0101", "葛\U000e0100*"),
        ("e\u0301a\u0300", "e\u0301*"),
        ("👨‍👩‍👧李", "👨‍👩‍👧*"),
        ("", "爱心人士"),
        (" \u3000", "爱心人士"),
        ("·", "·*"),
        ("张·", "张*"),
    ],
)
def test_masked_name_keeps_the_surname_only(name, masked):
    assert masked_name(name) == masked


@settings(deadline=None, max_examples=300)
@given(st.text())
def test_masked_name_hides_something_of_any_name(name):
    masked = masked_name(name)

    assert ("*" in masked) == bool(name.strip())
    assert masked != name or "*" in name


@settings(deadline=None)
@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=2, max_size=30))
def test_masked_name_shows_at_most_two_characters_of_a_chinese_name(name):
    masked = masked_name(name)

    assert len(masked) == len(name)
    assert masked.count("*") >= len(name) - 2
    assert masked.count("*") >= 1


@pytest.mark.parametrize(
    ("kind", "publish", "shown"),
    [
        ("person", "full", "欧阳娜娜"),
        ("person", "masked", "欧阳**"),
        ("person", "anonymous", "爱心人士"),
        ("person", None, "爱心人士"),
        ("person", "Full", "爱心人士"),
        ("anonymous", "full", "爱心人士"),
        ("work_unit", "full", "欧阳娜娜"),
        ("work_unit", "masked", "某单位"),
        ("work_unit", None, "爱心人士"),
        ("donkey", "full", "爱心人士"),
    ],
)
def test_published_name_shows_what_was_agreed(kind, publish, shown):
    assert published_name(" 欧阳娜娜 ", kind=kind, publish=publish) == shown


@pytest.mark.parametrize("name", ["县直机关工委", "从江县人民医院", "局"])
def test_masked_work_unit_shows_nothing_that_reads_like_a_surname(name):
    assert published_name(name, kind="work_unit", publish="masked") == "某单位"
    assert published_name(name, kind="work_unit", publish="full") == name


def test_published_name_when_empty_is_nameless():
    assert published_name("  ", kind="person", publish="full") == "爱心人士"


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13800001234", "138****1234"),
        ("+86 138-0000-1234", "138****1234"),
        ("008613800001234", "138****1234"),
        ("１３８００００１２３４", "138****1234"),
        ("0855-6412345", "****45"),
        ("120", "****"),
        ("家里没有电话", "****"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_masked_phone_hides_the_middle(phone, masked):
    assert masked_phone(phone) == masked


@settings(deadline=None)
@given(st.text())
def test_masked_phone_shows_at_most_seven_digits_of_any_text(phone):
    assert sum(unicodedata.category(character) == "Nd" for character in masked_phone(phone)) <= 7


@pytest.mark.parametrize(
    ("text", "clusters"),
    [
        ("㛃䶮𠮷", ["㛃", "䶮", "𠮷"]),
        ("👍🏽a", ["👍🏽", "a"]),
        ("🇨🇳🇨🇳", ["🇨🇳", "🇨🇳"]),
        ("👩‍⚕️", ["👩‍⚕️"]),
        ("\u0301a", ["\u0301", "a"]),
        ("", []),
    ],
)
def test_visible_characters_are_what_people_see(text, clusters):
    assert visible_characters(text) == clusters


@settings(deadline=None, max_examples=200)
@given(st.text())
def test_visible_characters_lose_nothing(text):
    assert "".join(visible_characters(text)) == text
