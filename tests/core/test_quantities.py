import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.quantities import LARGEST, QuantityError, display_quantity, parse_quantity


def refused(text: str, *, pack_size: int | None = 24, unit: str = "片") -> str:
    with pytest.raises(QuantityError) as caught:
        parse_quantity(text, pack_size=pack_size, unit=unit)
    return caught.value.code


@pytest.mark.parametrize(
    ("typed", "units"),
    [
        ("2盒", 48),
        ("２ 盒", 48),
        (" 2 盒 ", 48),
        ("3盒4片", 76),
        ("3 盒 + 4 片", 76),
        ("3盒，4片", 76),
        ("3盒零4粒", 76),
        ("12", 12),
        ("12片", 12),
        ("12粒", 12),
        ("2瓶", 48),
        ("两盒", 48),
        ("十片", 10),
        ("2.0", 2),
        ("2.盒", 48),
        ("007", 7),
        ("2 BOXES", 48),
        ("1盒30片", 54),
        ("1000000000", LARGEST),
    ],
)
def test_parse_quantity_gives_smallest_units(typed, units):
    assert parse_quantity(typed, pack_size=24, unit="片") == units


@pytest.mark.parametrize(
    ("typed", "unit", "units"),
    [
        ("3瓶", "瓶", 3),
        ("3袋", "袋", 3),
        ("3包", "袋", 3),
        ("2盒3袋", "袋", 15),
        ("4盒", "盒", 4),
        ("2台", "台", 2),
    ],
)
def test_parse_quantity_takes_the_smallest_unit_by_its_name(typed, unit, units):
    assert parse_quantity(typed, pack_size=6, unit=unit) == units


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        (" \u3000", "empty"),
        ("=1+1", "formula"),
        ("＝1+1", "formula"),
        ("@SUM(1)", "formula"),
        ("-5", "negative"),
        ("－5片", "negative"),
        ("−5", "negative"),
        ("负5", "negative"),
        ("1.5", "fractional"),
        (".5盒", "fractional"),
        ("2.5盒", "fractional"),
        ("半盒", "fractional"),
        ("1盒半", "fractional"),
        ("0", "zero"),
        ("0盒0片", "zero"),
        ("1000000001", "too_large"),
        ("9" * 60, "too_large"),
        ("50000000盒", "too_large"),
        ("9" * 61, "not_a_quantity"),
        ("12\x00", "control_character"),
        ("\ud80012", "control_character"),
        ("2箱", "unit_unknown"),
        ("2板", "unit_unknown"),
        ("4片2盒", "unit_unknown"),
        ("2盒3盒", "unit_unknown"),
        ("2袋", "unit_unknown"),
        ("1+1", "not_a_quantity"),
        ("2盒4", "not_a_quantity"),
        ("1,000", "not_a_quantity"),
        ("1e3", "not_a_quantity"),
        ("十二", "not_a_quantity"),
        ("٣", "not_a_quantity"),
        ("盒", "not_a_quantity"),
        ("NaN", "not_a_quantity"),
        ("'; DROP TABLE", "not_a_quantity"),
    ],
)
def test_parse_quantity_refuses_with_a_reason(typed, code):
    assert refused(typed) == code


@pytest.mark.parametrize("pack_size", [None, 0, -1])
def test_parse_quantity_without_pack_size_takes_smallest_units_only(pack_size):
    assert refused("2盒", pack_size=pack_size) == "pack_size_unknown"
    assert parse_quantity("2片", pack_size=pack_size, unit="片") == 2


def test_parse_quantity_takes_no_bottle_of_ampoules_for_a_box():
    assert refused("2瓶", pack_size=6, unit="支") == "unit_unknown"


BOTTLES = {"瓶": 24, "板": 12, "盒": None}


@pytest.mark.parametrize(("typed", "units"), [("2瓶", 48), ("2 bottles", 48), ("1瓶3片", 27), ("3板", 36)])
def test_parse_quantity_counts_what_the_pack_says_a_container_holds(typed, units):
    assert parse_quantity(typed, pack_size=48, unit="片", contents=BOTTLES) == units


@pytest.mark.parametrize(("typed", "contents"), [("2盒", BOTTLES), ("2 boxes", BOTTLES), ("2瓶", {"板": 12})])
def test_parse_quantity_never_guesses_what_a_container_holds(typed, contents):
    with pytest.raises(QuantityError) as caught:
        parse_quantity(typed, pack_size=24, unit="片", contents=contents)

    assert caught.value.code == "content_unclear"


@pytest.mark.parametrize(
    ("quantity", "pack_size", "shown"),
    [
        (52, 24, "2 盒 + 4 片"),
        (48, 24, "2 盒"),
        (4, 24, "4 片"),
        (0, 24, "0 片"),
        (52, None, "52 片"),
        (52, 1, "52 片"),
    ],
)
def test_display_quantity_shows_boxes_and_rest(quantity, pack_size, shown):
    assert display_quantity(quantity, pack_size=pack_size, unit="片") == shown


@settings(deadline=None)
@given(
    st.integers(1, LARGEST),
    st.none() | st.integers(1, 1000),
    st.sampled_from(["片", "粒", "袋", "支", "瓶", "丸", "枚", "贴", "台", "只", "人份"]),
)
def test_display_quantity_reads_back(quantity, pack_size, unit):
    shown = display_quantity(quantity, pack_size=pack_size, unit=unit)

    assert parse_quantity(shown, pack_size=pack_size, unit=unit) == quantity


@settings(deadline=None, max_examples=300)
@given(st.text() | st.text(alphabet="0123456789 .+-=盒片瓶半两,，"), st.none() | st.integers(-5, 2**70))
def test_parse_quantity_answers_any_text(text, pack_size):
    try:
        quantity = parse_quantity(text, pack_size=pack_size, unit="片")
    except QuantityError:
        quantity = 1

    assert 1 <= quantity <= LARGEST
