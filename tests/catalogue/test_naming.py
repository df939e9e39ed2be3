"""How names are cut, read and compared, without a database."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.naming import KEY_LENGTH, amounts, keys, masses, sound, words
from catalogue.services import MEDICINES
from catalogue.typos import slips


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("布洛芬缓释胶囊 0.3g", ["布洛芬缓释胶囊", "0.3g"]),
        ("布洛芬缓释胶囊0.3g", ["布洛芬缓释胶囊", "0.3g"]),
        ("布洛芬 0.3 克", ["布洛芬", "0.3g"]),
        ("ＢＬＦ　３００毫克", ["blf", "300mg"]),
        ("bu'luo-fen", ["buluofen"]),
        ("999感冒灵", ["999感冒灵"]),
        ("布洛芬，芬必得、布洛芬", ["布洛芬", "芬必得"]),
        ("% _ ' \" 😀 \x00", []),
    ],
)
def test_words_of_what_is_typed(typed: str, expected: list[str]) -> None:
    assert words(typed) == expected


@pytest.mark.parametrize(
    ("strength", "expected"),
    [
        ("0.3g", {"0.3g", "300mg"}),
        ("100ml:2g", {"100ml", "2g", "2000mg"}),
        ("64ug*120", {"64ug", "0.064mg", "0.000064g"}),
        ("", set()),
    ],
)
def test_amounts_are_known_in_either_unit(strength: str, expected: set[str]) -> None:
    assert amounts(strength) == expected


def test_masses_of_two_strengths_do_not_meet() -> None:
    assert masses("0.3g") & masses("0.5g") == set()
    assert masses("300mg*20粒") & masses("0.3g") == {"300mg"}


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("芬必得", "fenbide"),  # pypinyin alone reads 得 as dei
        ("小儿豉翘清热颗粒", "chiqiao"),
        ("枸橼酸喷托维林片", "gouyuansuan"),
        ("枸橼酸喷托维林片", "juyuansuan"),
        ("氯雷他定片", "lvleitading"),
        ("氯雷他定片", "luleitading"),
        ("盐酸氨溴索片", "anxiusuo"),
        ("维C银翘片", "wcyq"),
        ("川芎茶调散", "chuanxiongchatiaosan"),
    ],
)
def test_name_is_found_as_people_read_it(name: str, typed: str) -> None:
    assert any(key.startswith(typed) for key, _inside in keys(name))


def test_every_name_of_the_catalogue_is_found_by_its_pinyin() -> None:
    with MEDICINES.open(encoding="utf-8", newline="") as file:
        names = {row["generic_name_zh"] for row in csv.DictReader(file)}

    lost = [name for name in names for word in words(name)[:1] if not begins(name, sound(word))]

    assert lost == []


def begins(name: str, pinyin: str) -> bool:
    return any(key.startswith(pinyin[:KEY_LENGTH]) for key, inside in keys(name) if not inside)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("布各芬", "布洛芬缓释胶囊"),
        ("buluofn", "布洛芬缓释胶囊"),
        ("bulofuen", "布洛芬片"),
        ("ibuprofn", "ibuprofen"),
        ("ibuporfen", "ibuprofen"),
        ("paracetmol", "paracetamol"),
        ("lianhuaqinwen", "连花清瘟胶囊"),
        ("anxiusou", "盐酸氨溴索片"),
        ("泰洛", "泰诺"),
    ],
)
def test_slip_is_forgiven(typed: str, name: str) -> None:
    assert slips(typed, name) is not None


@pytest.mark.parametrize(
    ("typed", "name"),
    [("bx", "布洛芬片"), ("美诺", "布洛芬片"), ("ibuprofen", "paracetamol"), ("阿莫西林", "阿司匹林片")],
)
def test_another_word_is_no_slip(typed: str, name: str) -> None:
    assert slips(typed, name) is None


@given(st.text())
def test_any_text_has_words_keys_and_slips(text: str) -> None:
    for word in words(text):
        assert 0 <= (slips(word, text) or 0) <= 1
    assert all(len(key) <= KEY_LENGTH for key, _inside in keys(text))
