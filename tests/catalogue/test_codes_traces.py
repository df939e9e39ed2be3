from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.codes import CodeError, TraceCode, trace_code

CODE = "81234567890123456789"


def error_of(answer: object) -> str:
    assert isinstance(answer, CodeError)
    return answer.code


@pytest.mark.parametrize("typed", [CODE, f" {CODE[:5]} {CODE[5:]} ", "８" + CODE[1:], f"'{CODE}"])
def test_trace_code_reads_twenty_digits(typed):
    assert trace_code(typed) == TraceCode(CODE, "8123456", may_be_rounded=False)


def test_trace_code_demands_no_check_digit():
    codes = [CODE[:-1] + last for last in "0123456789"]

    assert [trace_code(code) for code in codes] == [TraceCode(code, "8123456", False) for code in codes]


@pytest.mark.parametrize(
    "cell",
    [8.1234e19, int(CODE), float(CODE), float("nan"), "8.1234E+19", "8.1234e19", "8E+19", f"{CODE}.0", True],
)
def test_trace_code_that_became_a_number_is_refused_with_the_reason(cell):
    answer = trace_code(cell)

    assert error_of(answer) == "excel_number"
    assert "文本" in answer.zh


def test_trace_code_with_five_zeros_is_doubtful_only_from_a_spreadsheet():
    rounded = "81234567890123400000"

    assert trace_code(rounded) == TraceCode(rounded, "8123456", may_be_rounded=True)
    assert error_of(trace_code(rounded, from_spreadsheet=True)) == "excel_rounded"
    assert trace_code(CODE, from_spreadsheet=True) == TraceCode(CODE, "8123456", may_be_rounded=False)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        (CODE[:-1], "length"),
        (CODE + "0", "length"),
        ("8123456789012345678X", "pattern"),
        ("=1+1", "pattern"),
    ],
)
def test_trace_code_says_what_is_wrong(typed, code):
    assert error_of(trace_code(typed)) == code


@settings(deadline=None)
@given(st.text(alphabet="0123456789", min_size=20, max_size=20))
def test_trace_code_in_a_spreadsheet_never_passes_changed(digits):
    """What Excel makes of the code: a number of 15 significant digits, shown in full or in short."""
    rounded = f"{Decimal(f'{float(digits):.14e}'):f}"

    for cell in (float(digits), f"{float(digits):.5E}", rounded):
        answer = trace_code(cell, from_spreadsheet=True)
        assert isinstance(answer, CodeError) or answer.text == digits


@settings(deadline=None)
@given(st.text() | st.integers() | st.floats())
def test_trace_code_answers_anything(value):
    answer = trace_code(value)

    assert isinstance(answer, CodeError) or trace_code(answer.text) == answer
