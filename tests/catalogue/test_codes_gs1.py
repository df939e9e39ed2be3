from biip.gs1_messages import GS1Message

from catalogue.codes import gs1

GS = "\x1d"
GTIN = ("01", "06901234567892")
LOST = "0106901234567892" + "102203051" + "21ABC"


def test_readings_offer_the_serial_that_a_greedy_reader_swallows():
    greedy = [(element.ai.ai, element.value) for element in GS1Message.parse(LOST).element_strings]

    assert greedy == [GTIN, ("10", "220305121ABC")]
    assert gs1.readings(LOST) == (
        (GTIN, ("10", "220305121ABC")),
        (GTIN, ("10", "2203051"), ("21", "ABC")),
    )


def test_readings_with_a_separator_are_one():
    assert gs1.readings(LOST.replace("21ABC", f"{GS}21ABC")) == ((GTIN, ("10", "2203051"), ("21", "ABC")),)


def test_readings_survive_a_separator_that_came_through_only_once():
    """One was lost, the other came: the lot would be longer than a lot can be."""
    text = "0106901234567892" + "10" + "A" * 15 + "21ABCDEF" + f"{GS}240X"

    assert gs1.readings(text) == ((GTIN, ("10", "A" * 15), ("21", "ABCDEF"), ("240", "X")),)


def test_readings_of_one_text_never_name_a_field_twice():
    assert all(
        len({ai for ai, _ in reading}) == len(reading) for reading in gs1.readings("10" + "A21B10C21D10")
    )


def test_readings_are_limited():
    assert len(gs1.readings("2401021102110211021102110211" + "10211021102110211021")) <= gs1.MOST_READINGS


def test_readings_of_other_text_are_none():
    assert [gs1.readings(text) for text in ("hello", "9", "0106901234567892é", "01069012345678921")] == [
        ()
    ] * 4


def test_bracketed_reading_keeps_brackets_inside_a_value():
    """biip's own parser drops what stands in brackets inside a value without a word."""
    text = "(01)06901234567892(10)A(B)1(21)S"

    assert [e.value for e in GS1Message.parse_hri(text).element_strings] == ["06901234567892", "A", "S"]
    assert gs1.bracketed_reading(text) == ((GTIN, ("10", "A(B)1"), ("21", "S")), "")


def test_bracketed_reading_gives_back_what_fits_nowhere():
    assert gs1.bracketed_reading("x(01)06901234567892(17)hello(10)A") == ((GTIN, ("10", "A")), "x(17)hello")


def test_partial_reading_stops_where_nothing_is_sure():
    lot = "ABCDEFGHIJKLMNOPQRST"

    assert gs1.partial_reading(f"010690123456789210{lot}17240531") == (GTIN, ("10", lot))
    assert gs1.partial_reading(f"010690123456789210{lot}{GS}1724") == (GTIN, ("10", lot))


def test_link_reading_takes_products_only():
    assert gs1.link_reading("https://id.gs1.org/01/06901234567892/21/S?17=240531") == (
        GTIN,
        ("21", "S"),
        ("17", "240531"),
    )
    assert gs1.link_reading("https://example.com/2022/01/17") == ()
    assert gs1.link_reading("http://[/01/06901234567892") == ()
