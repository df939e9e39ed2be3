import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.codes import CodeError, drug_id, ean13, insurance_code
from catalogue.codes.spelling import mod10_ok


def error_of(answer: object) -> str:
    assert isinstance(answer, CodeError)
    return answer.code


@pytest.mark.parametrize("code", ["86900483000019", "86900594000342"])
def test_drug_id_accepts_published_codes(code):
    assert drug_id(code) == code


def test_drug_id_reads_full_width_and_spaces():
    assert drug_id(" ８６９ 00483 00001 9") == "86900483000019"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        ("86900483000018", "check_digit"),
        ("8690048300001", "length"),
        ("06901234567892", "pattern"),
        ("869004830000١9", "pattern"),
    ],
)
def test_drug_id_says_what_is_wrong(typed, code):
    assert error_of(drug_id(typed)) == code


def test_drug_id_check_digit_catches_every_single_error():
    good = "86900483000019"
    misread = {good[:i] + wrong + good[i + 1 :] for i in range(3, 14) for wrong in "0123456789"} - {good}

    assert {error_of(drug_id(code)) for code in misread} == {"check_digit"}


@pytest.mark.parametrize(
    ("typed", "code"), [("6901234567892", "6901234567892"), ("036000291452", "0036000291452")]
)
def test_ean13_accepts_ean_and_upc(typed, code):
    assert ean13(typed) == code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        ("6901234567893", "check_digit"),
        ("0000000000000", "check_digit"),
        ("690123456789", "check_digit"),
        ("69012345678", "length"),
        ("69012345678X2", "pattern"),
        ("2012345678903", "in_store_code"),
    ],
)
def test_ean13_says_what_is_wrong(typed, code):
    assert error_of(ean13(typed)) == code


@settings(deadline=None)
@given(st.text(alphabet="0123456789", min_size=12, max_size=12))
def test_mod10_has_exactly_one_check_digit(digits):
    assert sum(mod10_ok(f"1{digits}{check}") for check in "0123456789") == 1


@pytest.mark.parametrize("code", ["XA01ABD075A002010100483", "ZA04CAL0123010101010048"[:23]])
def test_insurance_code_accepts_its_form(code):
    assert insurance_code(code.lower()) == code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        ("XA01ABD075A00201010048", "length"),
        ("XA01ABD075A00201010048X", "pattern"),
        ("1" * 23, "pattern"),
    ],
)
def test_insurance_code_says_what_is_wrong(typed, code):
    assert error_of(insurance_code(typed)) == code


@settings(deadline=None)
@given(st.text())
def test_product_numbers_answer_any_text(text):
    for read in (drug_id, ean13, insurance_code):
        answer = read(text)

        assert isinstance(answer, CodeError) or read(answer) == answer
