"""Empty, huge and contradictory input: defined results or clear refusals."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from test_allocation_oracles import TODAY, day

from distribution.allocation import (
    MAX_QUANTITY,
    Allocation,
    AllocationInputError,
    Clinic,
    LimitedBy,
    Lot,
    Options,
    Rounding,
    allocate,
    recompute_share,
)

OPTIONS = Options(TODAY)
CLINIC, LOT = Clinic("a", 10), Lot(1, 10)


def shares(result: Allocation) -> list[tuple[int, LimitedBy]]:
    return [(share.share, share.limited_by) for share in result.shares]


def test_nothing_at_all_gives_an_empty_plan() -> None:
    result = allocate([], [], OPTIONS)

    assert (result.lines, result.shares, result.leftovers) == ((), (), ())


def test_no_stock_gives_nothing_to_anybody() -> None:
    assert shares(allocate([CLINIC], [], OPTIONS)) == [(0, LimitedBy.STOCK)]


def test_no_clinics_leave_all_stock() -> None:
    assert [rest.quantity for rest in allocate([], [LOT], OPTIONS).leftovers] == [10]


def test_zero_need_gets_nothing() -> None:
    clinics = [Clinic("no need", 0), Clinic("asks all the same", 0, requested=50), CLINIC]

    assert shares(allocate(clinics, [LOT], OPTIONS)) == [
        (10, LimitedBy.NEED), (0, LimitedBy.NO_NEED), (0, LimitedBy.NO_NEED)]  # fmt: skip


def test_expired_lots_are_left_out_and_listed() -> None:
    result = allocate([CLINIC], [Lot(1, 10, day(-1))], OPTIONS)

    assert shares(result) == [(0, LimitedBy.STOCK)]
    assert [rest.reason for rest in result.leftovers] == ["expired"]


def test_a_need_of_a_thousand_million_is_shared_like_any_other() -> None:
    clinics = [Clinic("big", 10**9), Clinic("small", 10)]
    result = allocate(clinics, [Lot(1, 500_000_005)], OPTIONS)

    assert [share.share for share in result.shares] == [500_000_000, 5]
    assert [recompute_share(result.cuts, clinic, OPTIONS) for clinic in clinics] == [500_000_000, 5]


@pytest.mark.parametrize("rounding", list(Rounding))
def test_figures_at_the_64_bit_bound_do_not_overflow(rounding: Rounding) -> None:
    # A level is counted in billionths, so units of a need of 4.6 x 10^9 tie in groups of five
    options = Options(TODAY, rounding=rounding)
    clinics = [
        Clinic("a", MAX_QUANTITY),
        Clinic("b", MAX_QUANTITY, on_hand=1),
        Clinic("c", 1, on_hand=MAX_QUANTITY),
    ]
    lots = [Lot(1, MAX_QUANTITY // 2, date.max), Lot(2, MAX_QUANTITY // 2 - 1)]

    result = allocate(clinics, lots, options)

    a, b, c = (share.share for share in result.shares)
    assert (a + b, c) == (MAX_QUANTITY - 1, 0)
    assert abs(a - b - 1) <= 5
    assert [recompute_share(result.cuts, clinic, options) for clinic in clinics] == [a, b, c]


@pytest.mark.parametrize(
    ("clinic", "code", "field"),
    [
        (replace(CLINIC, need=-1), "too_small", "clinics[0].need"),
        (replace(CLINIC, need=10.0), "not_whole", "clinics[0].need"),
        (replace(CLINIC, need=True), "not_whole", "clinics[0].need"),
        (replace(CLINIC, need=Decimal(3)), "not_whole", "clinics[0].need"),
        (replace(CLINIC, need=MAX_QUANTITY + 1), "too_large", "clinics[0].need"),
        (replace(CLINIC, need=10**9, weight=5), "too_large", "clinics[0].need"),
        (replace(CLINIC, weight=0), "too_small", "clinics[0].weight"),
        (replace(CLINIC, weight=-2), "too_small", "clinics[0].weight"),
        (replace(CLINIC, on_hand=-1), "too_small", "clinics[0].on_hand"),
        (replace(CLINIC, requested=-1), "too_small", "clinics[0].requested"),
        (replace(CLINIC, transit_days=-1), "too_small", "clinics[0].transit_days"),
        (replace(CLINIC, course_days=-1), "too_small", "clinics[0].course_days"),
        (replace(CLINIC, safety_percent=101), "too_large", "clinics[0].safety_percent"),
        (replace(CLINIC, daily_rate=0.5), "not_whole", "clinics[0].daily_rate"),
        (replace(CLINIC, daily_rate=Fraction(-1, 2)), "too_small", "clinics[0].daily_rate"),
        (replace(CLINIC, own_stock=((day(3), -1),)), "too_small", "clinics[0].own_stock[0]"),
        (replace(CLINIC, own_stock=(("2023-01-01", 1),)), "not_a_day", "clinics[0].own_stock[0]"),
    ],
)
def test_a_clinic_that_cannot_be_is_refused(clinic: Clinic, code: str, field: str) -> None:
    with pytest.raises(AllocationInputError) as refused:
        allocate([clinic], [LOT], OPTIONS)

    assert (refused.value.code, refused.value.field) == (code, field)


@pytest.mark.parametrize(
    ("lot", "code", "field"),
    [
        (replace(LOT, quantity=-1), "too_small", "lots[0].quantity"),
        (replace(LOT, quantity=MAX_QUANTITY + 1), "too_large", "lots[0].quantity"),
        (replace(LOT, box=0), "too_small", "lots[0].box"),
        (
            replace(LOT, last_usable_day=datetime(2023, 1, 1, tzinfo=UTC)),
            "not_a_day",
            "lots[0].last_usable_day",
        ),
    ],
)
def test_a_lot_that_cannot_be_is_refused(lot: Lot, code: str, field: str) -> None:
    with pytest.raises(AllocationInputError) as refused:
        allocate([CLINIC], [lot], OPTIONS)

    assert (refused.value.code, refused.value.field) == (code, field)


@pytest.mark.parametrize(
    ("options", "code", "field"),
    [
        (replace(OPTIONS, horizon_days=0), "too_small", "options.horizon_days"),
        (replace(OPTIONS, grain=0), "too_small", "options.grain"),
        (replace(OPTIONS, safety_percent=-1), "too_small", "options.safety_percent"),
        (replace(OPTIONS, min_course=-1), "too_small", "options.min_course"),
        (replace(OPTIONS, box_tolerance_percent=101), "too_large", "options.box_tolerance_percent"),
        (replace(OPTIONS, rounding="hamilton"), "unknown_rounding", "options.rounding"),
        (replace(OPTIONS, bands=()), "bands_not_rising", "options.bands"),
        (replace(OPTIONS, bands=(100, 20)), "bands_not_rising", "options.bands"),
        (replace(OPTIONS, today="2022-12-20"), "not_a_day", "options.today"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(options: Options, code: str, field: str) -> None:
    with pytest.raises(AllocationInputError) as refused:
        allocate([CLINIC], [LOT], options)

    assert (refused.value.code, refused.value.field) == (code, field)


def test_a_clinic_listed_twice_is_refused() -> None:
    with pytest.raises(AllocationInputError) as refused:
        allocate([CLINIC, Clinic("b", 1), CLINIC], [LOT], OPTIONS)

    assert (refused.value.code, refused.value.field) == ("duplicate", "clinics[2].key")


def test_a_lot_listed_twice_is_refused() -> None:
    with pytest.raises(AllocationInputError) as refused:
        allocate([CLINIC], [LOT, LOT], OPTIONS)

    assert (refused.value.code, refused.value.field) == ("duplicate", "lots[1].key")


def test_keys_of_two_types_are_refused() -> None:
    with pytest.raises(AllocationInputError) as refused:
        allocate([CLINIC, Clinic(2, 1)], [LOT], OPTIONS)

    assert refused.value.code == "mixed_keys"


def test_too_many_ways_of_accepting_are_refused() -> None:
    clinics = [Clinic(n, 100, daily_rate=1, accepts=(n, (n + 1) % 9)) for n in range(9)]
    lots = [Lot(n, 10, day(5 + n), medicine=n) for n in range(9)]

    with pytest.raises(AllocationInputError) as refused:
        allocate(clinics, lots, OPTIONS)

    assert refused.value.code == "too_many_supplies"
