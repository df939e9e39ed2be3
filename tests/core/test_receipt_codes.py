import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.receipt_codes import (
    ALPHABET,
    ReceiptCodeError,
    check_character,
    is_guessable,
    new_receipt_code,
    parse_receipt_code,
    unguessable_receipt_code,
)

payloads = st.text(alphabet=ALPHABET, min_size=16, max_size=16)


def code_of(payload: str) -> str:
    return payload + check_character(payload)


def refused(text: str) -> str:
    with pytest.raises(ReceiptCodeError) as caught:
        parse_receipt_code(text)
    return caught.value.code


def test_new_receipt_code_reads_back_and_never_repeats():
    codes = [new_receipt_code() for _ in range(1000)]

    assert [parse_receipt_code(code) for code in codes] == codes
    assert len(set(codes)) == 1000
    assert all(re.fullmatch(rf"(?:[{ALPHABET}]{{4}}-){{4}}[{ALPHABET}]", code) for code in codes)


def test_new_receipt_code_uses_every_character_at_every_place():
    columns = zip(*(new_receipt_code().replace("-", "")[:16] for _ in range(2000)), strict=True)

    assert [set(column) for column in columns] == [set(ALPHABET)] * 16


@pytest.mark.parametrize(
    "typed",
    [
        "0123456789ABCDEF" + check_character("0123456789ABCDEF"),
        " 0123 4567 89ab cdef {} ",
        "o123-4567-89ab-cdef-{}",
        "Oi23－4567－89AB－CDEF－{}",
        "０l２３４５６７８９ＡＢＣＤＥＦ{}",
        "0123–4567—89AB‑CDEF_{}",
    ],
)
def test_parse_receipt_code_reads_what_people_type(typed):
    check = check_character("0123456789ABCDEF")

    assert parse_receipt_code(typed.format(check)) == f"0123-4567-89AB-CDEF-{check}"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        (" - ", "empty"),
        ("0123-4567", "length"),
        ("0" * 18, "length"),
        ("0" * 16 + " " * 100_000 + "0", "length"),
        ("0123-4567-89AB-CDEU-0", "character"),
        ("0123-4567-89AB-CDE\x00-0", "character"),
        ("零123-4567-89AB-CDEF-0", "character"),
        ("0000-0000-0000-0001-0", "check"),
    ],
)
def test_parse_receipt_code_names_what_is_wrong(typed, code):
    assert refused(typed) == code


def test_check_character_weights_are_distinct_and_never_zero():
    """The proof for every code: the sum is linear, so these two facts catch single errors and swaps."""
    weights = [check_character("0" * place + "1" + "0" * (15 - place)) for place in range(16)]

    assert len({*weights, "0", "1"}) == 18  # 1 is the weight of the check character itself


def test_check_character_is_linear():
    value = {character: index for index, character in enumerate(ALPHABET)}
    basis = ["0" * place + ALPHABET[1 << bit] + "0" * (15 - place) for place in range(16) for bit in range(5)]

    for one, other in itertools.combinations(basis, 2):
        both = "".join(ALPHABET[value[a] ^ value[b]] for a, b in zip(one, other, strict=True))
        assert value[check_character(both)] == value[check_character(one)] ^ value[check_character(other)]


@settings(deadline=None, max_examples=30)
@given(payloads)
def test_parse_receipt_code_catches_every_single_error(payload):
    code = code_of(payload)

    for place, wrong in itertools.product(range(17), ALPHABET):
        if wrong != code[place]:
            assert refused(code[:place] + wrong + code[place + 1 :]) == "check"


@settings(deadline=None, max_examples=50)
@given(payloads)
def test_parse_receipt_code_catches_every_swap_of_two_characters(payload):
    code = code_of(payload)

    for left, right in itertools.combinations(range(17), 2):
        swapped = list(code)
        swapped[left], swapped[right] = swapped[right], swapped[left]
        if code[left] != code[right]:
            assert refused("".join(swapped)) == "check"


@settings(deadline=None, max_examples=100)
@given(payloads, st.integers(0, 15), st.sampled_from(ALPHABET), st.sampled_from(ALPHABET))
def test_parse_receipt_code_catches_twin_errors(payload, place, twin, misread):
    code = code_of(payload)
    doubled = code[:place] + twin * 2 + code[place + 2 :]
    code = code_of(doubled[:16])

    if code[place : place + 2] == twin * 2 and twin != misread:
        assert refused(code[:place] + misread * 2 + code[place + 2 :]) == "check"


@settings(deadline=None)
@given(payloads)
def test_parse_receipt_code_round_trips(payload):
    printed = parse_receipt_code(code_of(payload))

    assert printed.replace("-", "") == code_of(payload)
    assert parse_receipt_code(printed.lower()) == printed


@settings(deadline=None, max_examples=300)
@given(st.text() | st.text(alphabet=ALPHABET + "oilOIL -", min_size=15, max_size=22))
def test_parse_receipt_code_answers_any_text(text):
    try:
        answer = parse_receipt_code(text)
    except ReceiptCodeError as error:
        answer = error.code

    assert answer in {"empty", "length", "character", "check"} or parse_receipt_code(answer) == answer


@pytest.mark.parametrize(
    "payload",
    [
        "0" * 16,
        "ZZZZZZZZZZZZZZZ0",
        "0101010101010101",
        "1234123412341234",
        "0123456789ABCDEF",
        "FEDCBA9876543210",
        "A7KQ2M9ZA7KQ2M9Z",
        "0000000000001234",
    ],
)
def test_whole_code_that_follows_a_pattern_is_guessable(payload):
    assert is_guessable(payload)
    assert parse_receipt_code(code_of(payload)).replace("-", "") == code_of(payload)
    with pytest.raises(ReceiptCodeError) as caught:
        unguessable_receipt_code(code_of(payload))
    assert caught.value.code == "guessable"


def test_random_codes_are_not_guessable():
    codes = [new_receipt_code() for _ in range(20_000)]

    assert not any(is_guessable(code.replace("-", "")[:16]) for code in codes)
    assert unguessable_receipt_code(codes[0].lower()) == codes[0]
