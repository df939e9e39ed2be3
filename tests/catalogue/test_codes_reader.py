from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.codes import Expiry, Scan, read_scan
from catalogue.codes.gs1_scan import MOST_CHOICES
from catalogue.codes.messages import message

TODAY = date(2023, 1, 10)
GS = "\x1d"
GTIN = "06901234567892"
EXPIRY = Expiry("240531", date(2024, 5, 31), "day")
VALUES = (
    "gtin",
    "ean13",
    "drug_id",
    "approval_number",
    "import_registration",
    "device_number",
    "insurance_code",
    "trace_code",
    "lot_number",
    "serial",
    "expiry",
    "produced_on",
)


def scan(text: str) -> Scan:
    return read_scan(text, today=TODAY)


def filled(text: str) -> dict[str, object]:
    answer = scan(text)
    return {name: getattr(answer, name) for name in answer.certain}


@pytest.mark.parametrize(
    "text",
    [
        f"01{GTIN}1724053110AB-12{GS}21S/1",
        f"]d201{GTIN}1724053110AB-12{GS}21S/1",
        f"]C101{GTIN}1724053110AB-12{GS}21S/1",
        f"]Q301{GTIN}1724053110AB-12{GS}21S/1",
        f"]e001{GTIN}1724053110AB-12{GS}21S/1",
        f"{GS}01{GTIN}1724053110AB-12{GS}21S/1{GS}",
        f"01{GTIN}1724053110AB-12<GS>21S/1",
        f"01{GTIN}1724053110AB-12␝21S/1",
        f"01{GTIN}10AB-12{GS}21S/1{GS}17240531",
        f"(01){GTIN}(17)240531(10)AB-12(21)S/1",
        f"(01) {GTIN} (17) 240531 (10) AB-12 (21) S/1",
        f"（01）{GTIN}（17）240531（10）AB-12（21）S/1",
        f"]d2(01){GTIN}(17)240531(10)AB-12(21)S/1",
        f"https://id.gs1.org/01/{GTIN}/10/AB-12/21/S%2F1?17=240531",
    ],
)
def test_read_scan_reads_a_gs1_barcode_in_any_transmission(text):
    assert filled(text) == {
        "gtin": GTIN,
        "ean13": GTIN[1:],
        "lot_number": "AB-12",
        "serial": "S/1",
        "expiry": EXPIRY,
    }
    assert scan(text).kind == "gs1"
    assert scan(text).format_ok
    assert scan(text).ambiguous == ()
    assert scan(text).box_identity == f"(01){GTIN}(21)S/1"


def test_read_scan_without_separators_offers_the_readings_and_fills_neither():
    answer = scan(f"]d201{GTIN}17240531102203051" + "21ABC123")

    assert answer.certain == ("gtin", "ean13", "expiry")
    assert answer.ambiguous == (("lot_number", "separator_missing"), ("serial", "separator_missing"))
    assert answer.choices == (
        (("lot_number", "220305121ABC123"),),
        (("lot_number", "2203051"), ("serial", "ABC123")),
    )
    assert answer.lot_number is None
    assert answer.serial is None
    assert answer.box_identity is None


def test_read_scan_with_separators_leaves_a_lot_that_looks_like_more_alone():
    assert filled(f"01{GTIN}17240531102203051{GS}21ABC10X11220101")["serial"] == "ABC10X11220101"
    assert filled(f"01{GTIN}1020210315{GS}11220101")["lot_number"] == "20210315"


def test_read_scan_without_separators_is_sure_of_a_lot_that_cannot_be_split():
    assert filled(f"01{GTIN}1724053110AB35X")["lot_number"] == "AB35X"


def test_read_scan_without_separators_doubts_dates_behind_a_lot():
    answer = scan(f"01{GTIN}10AB17240531")

    assert answer.ambiguous == (("lot_number", "separator_missing"), ("expiry", "separator_missing"))
    assert answer.choices == ((("lot_number", "AB17240531"),), (("lot_number", "AB"), ("expiry", "240531")))


@pytest.mark.parametrize("lot", ["AB17249931", "AB17240001", "AB0106901234567893"])
def test_read_scan_makes_no_choice_of_an_impossible_date_or_product(lot):
    assert filled(f"]d2{'10'}{lot}") == {"lot_number": lot}


def test_read_scan_of_a_lot_longer_than_allowed_keeps_what_stands_before():
    answer = scan(f"01{GTIN}17240531" + "10" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ")

    assert answer.certain == ("gtin", "ean13", "expiry")
    assert answer.ambiguous == (("lot_number", "incomplete"),)
    assert not answer.format_ok


def test_read_scan_of_what_breaks_off_keeps_what_stands_before():
    answer = scan(f"]d201{GTIN}11220601" + "17241301")

    assert answer.certain == ("gtin", "ean13", "produced_on")
    assert [said.code for said in answer.messages] == ["incomplete"]


@pytest.mark.parametrize("prefix", ["", "]d2"])
def test_read_scan_of_a_wrong_gtin_keeps_the_rest(prefix):
    answer = scan(f"{prefix}010690123456789317240531{'10'}AB")

    assert answer.gtin is None
    assert answer.ambiguous == (("gtin", "check_digit"),)
    assert answer.certain == ("lot_number", "expiry")
    assert not answer.format_ok


@pytest.mark.parametrize(
    ("tail", "field", "reason"),
    [
        ("17240231", "expiry", "impossible_date"),
        ("17240001", "expiry", "impossible_date"),
        ("11240101", "produced_on", "in_the_future"),
        ("1722010111220601", "produced_on", "after_expiry"),
        ("1724053117240630", "expiry", "repeated"),
        (f"172405317003240630{'1200'}", "expiry", "dates_disagree"),
        (f"10A{GS}10B", "lot_number", "repeated"),
    ],
)
def test_read_scan_doubts_what_contradicts_itself(tail, field, reason):
    answer = scan(f"]d201{GTIN}{tail}")

    assert (field, reason) in answer.ambiguous
    assert getattr(answer, field) is None
    assert answer.gtin == GTIN


def test_read_scan_of_a_month_gives_its_last_day():
    assert filled(f"01{GTIN}17240200")["expiry"] == Expiry("240200", date(2024, 2, 29), "month")


def test_read_scan_of_expiry_date_and_time_takes_the_earlier_day():
    expiry = Expiry("2405311200", date(2024, 5, 30), "day")

    assert filled(f"01{GTIN}1724053170032405311200")["expiry"] == expiry


def test_read_scan_reads_the_production_date():
    assert filled(f"01{GTIN}11220601")["produced_on"] == date(2022, 6, 1)
    assert filled(f"01{GTIN}11230110")["produced_on"] == TODAY
    assert filled(f"01{GTIN}800822060108")["produced_on"] == date(2022, 6, 1)


@pytest.mark.parametrize(
    ("text", "kind", "field", "value"),
    [
        ("6901234567892", "ean13", "ean13", "6901234567892"),
        ("]E06901234567892", "ean13", "ean13", "6901234567892"),
        ("16901234567899", "gtin14", "gtin", "16901234567899"),
        ("]E496385074", "gtin14", "gtin", "00000096385074"),
        ("86900483000019", "drug_id", "drug_id", "86900483000019"),
        ("81234567890123456789", "trace_code", "trace_code", "81234567890123456789"),
        ("]C081234567890123456789", "trace_code", "trace_code", "81234567890123456789"),
        ("8123 4567 8901 2345 6789", "trace_code", "trace_code", "81234567890123456789"),
        ("国药准字h10900089", "approval_number", "approval_number", "国药准字H10900089"),
        (
            "进口药品注册证号H20130650",
            "import_registration",
            "import_registration",
            "进口药品注册证号H20130650",
        ),
        ("BH20130650", "import_registration", "import_registration", "进口药品注册证号BH20130650"),
        ("国械注准20203400124", "device_number", "device_number", "国械注准20203400124"),
        ("XA01ABD075A002010100483", "insurance_code", "insurance_code", "XA01ABD075A002010100483"),
    ],
)
def test_read_scan_recognises_every_kind(text, kind, field, value):
    answer = scan(text)

    assert answer.kind == kind
    assert filled(text) == {field: value}
    assert answer.format_ok
    assert answer.messages == (message("format_ok"),)


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("6901234567893", "ean13", "check_digit"),
        ("2012345678903", "ean13", "in_store_code"),
        ("86900483000018", "drug_id", "check_digit"),
        ("16901234567898", "gtin14", "check_digit"),
        ("国药准字H1090008", "approval_number", "pattern"),
        ("国械注准2020340012", "device_number", "pattern"),
        ("8.1234E+19", "trace_code", "excel_number"),
        ("81234567890123456789.0", "trace_code", "excel_number"),
        ("国食健注G20190001", "other_registration", "health_food"),
        ("兽药字050011234", "other_registration", "veterinary"),
        ("", "unknown", "empty"),
        (" \n", "unknown", "empty"),
        (GS, "unknown", "empty"),
        ("]d2", "unknown", "empty"),
        ("布洛芬", "unknown", "unknown"),
        ("2203051", "unknown", "unknown"),
        ("10ABC", "unknown", "unknown"),
        ("http://[", "unknown", "unknown"),
        ("https://example.com/01/17", "unknown", "unknown"),
        ("https://example.com/2022/01/17240531", "unknown", "unknown"),
        ("1" * 1001, "unknown", "too_long"),
        ("]d2hello", "unknown", "unknown"),
        (f"01{'٣' * 14}", "unknown", "unknown"),
    ],
)
def test_read_scan_says_why_nothing_is_sure(text, kind, reason):
    answer = scan(text)

    assert answer.kind == kind
    assert answer.certain == ()
    assert not answer.format_ok
    assert [said.code for said in answer.messages] == [reason]


def test_read_scan_of_a_rounded_trace_code_asks():
    answer = scan("81234567890123400000")

    assert answer.trace_code is None
    assert answer.ambiguous == (("trace_code", "excel_rounded"),)
    assert answer.choices == ((("trace_code", "81234567890123400000"),),)


def test_read_scan_of_a_bare_number_offers_both_registrations():
    assert scan("H10900089").choices == (
        (("approval_number", "国药准字H10900089"),),
        (("import_registration", "进口药品注册证号H10900089"),),
    )
    assert scan("批准文号：H10900089").choices == scan("h10900089").choices == scan("H10900089").choices
    assert scan("C20210002").choices == ((("approval_number", "国药准字C20210002"),),)


def test_read_scan_of_a_carton_names_no_product():
    answer = scan("00106141412345678908")

    assert answer.certain == ()
    assert "logistic_unit" in [said.code for said in answer.messages]


def test_read_scan_takes_twenty_digits_for_a_trace_code_unless_all_fits():
    assert scan(f"01{GTIN}1012").kind == "gs1"
    assert scan("01069012345678931012").kind == "trace_code"
    assert scan(f"01{GTIN}9900").kind == "gs1"
    assert scan(f"01{GTIN}0101").kind == "trace_code"


def test_read_scan_never_says_genuine():
    said = scan("国药准字H10900089").messages[0]

    assert "不代表真伪" in said.zh
    assert "genuine" in said.en


lots = st.text(alphabet="ABCDEFGHJKLMNPQRSTUVWXYZ0123456789-/.", min_size=1, max_size=20)


@settings(deadline=None, max_examples=200)
@given(lots, lots, st.dates(date(1975, 1, 1), date(2072, 12, 31)), st.sampled_from(["", "]d2", "]Q3"]))
def test_read_scan_round_trips_with_separators(lot, serial, day, prefix):
    found = filled(f"{prefix}01{GTIN}17{day:%y%m%d}10{lot}{GS}21{serial}")

    assert (found["lot_number"], found["serial"]) == (lot, serial)
    assert found["expiry"] == Expiry(f"{day:%y%m%d}", day, "day")


@settings(deadline=None, max_examples=200)
@given(lots, lots)
def test_read_scan_without_separators_is_never_sure_of_a_wrong_lot(lot, serial):
    answer = scan(f"01{GTIN}17240531" + f"10{lot}21{serial}")

    offered = (("lot_number", lot), ("serial", serial)) in answer.choices
    assert (
        answer.lot_number == lot
        if "lot_number" in answer.certain
        else offered or len(answer.choices) == MOST_CHOICES
    )


@settings(deadline=None, max_examples=500)
@given(
    st.text(max_size=120)
    | st.text(alphabet=f"0123456789ABC(){GS}]d", max_size=80)
    | st.builds(f"]d201{GTIN}{{}}".format, st.text(alphabet=f"012347A{GS}()", max_size=60))
    | st.text(alphabet="国药准字械注备H0123456789", max_size=20)
)
def test_read_scan_answers_any_text(text):
    answer = scan(text)

    assert {name for name in VALUES if getattr(answer, name) is not None} == set(answer.certain)
    assert not {name for name, _ in answer.ambiguous} & set(answer.certain)
    assert answer.messages
