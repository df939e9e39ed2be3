"""The engine against brute force, greedy oracles and the published shares, on small random cases."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_allocation_oracles import (
    TODAY,
    best_levels,
    clinic_lists,
    day,
    faults,
    forward_fefo,
    grains,
    greedy_by_flow,
    levels,
    lot_lists,
    many,
    options_of,
)

from distribution.allocation import Clinic, Lot, Options, Rounding, allocate, recompute_share


@many
@given(clinic_lists(most=6, need=40), lot_lists(most=6, quantity=60), options_of())
def test_totals_equal_forward_fefo(clinics: list[Clinic], lots: list[Lot], options: Options) -> None:
    totals = grains(allocate(clinics, lots, options), clinics, options)

    assert totals == forward_fefo(clinics, lots, options)


@many
@given(clinic_lists(), lot_lists(), options_of())
def test_totals_equal_greedy_with_flow_oracle(
    clinics: list[Clinic], lots: list[Lot], options: Options
) -> None:
    totals = grains(allocate(clinics, lots, options), clinics, options)

    assert totals == greedy_by_flow(clinics, lots, options)


@many
@given(clinic_lists(groups=True), lot_lists(most=6, groups=True), options_of())
def test_group_totals_equal_greedy_with_flow_oracle(
    clinics: list[Clinic], lots: list[Lot], options: Options
) -> None:
    totals = grains(allocate(clinics, lots, options), clinics, options)

    assert totals == greedy_by_flow(clinics, lots, options)


@many
@given(
    clinic_lists(most=3, need=6, groups=True),
    lot_lists(most=3, quantity=6, groups=True),
    options_of(bands=False),
)
def test_levels_are_the_best_of_all_by_brute_force(
    clinics: list[Clinic], lots: list[Lot], options: Options
) -> None:
    if options.rounding is Rounding.WEBSTER:
        options = Options(options.today, options.horizon_days, options.safety_percent, options.grain)

    totals = grains(allocate(clinics, lots, options), clinics, options)

    assert levels(totals, clinics, options) == best_levels(clinics, lots, options)


@many
@given(
    st.booleans().flatmap(
        lambda groups: st.tuples(
            clinic_lists(need=40, groups=groups),
            lot_lists(most=6, quantity=40, groups=groups),
            options_of(),
            st.integers(0, 9),
        )
    )
)
def test_shares_are_recomputed_from_the_cuts(case: tuple[list[Clinic], list[Lot], Options, int]) -> None:
    clinics, lots, options, course = case
    options = Options(
        **{**{name: getattr(options, name) for name in options.__slots__}, "min_course": course}
    )

    result = allocate(clinics, lots, options)

    dropped = [share.clinic for share in result.shares if share.limited_by == "no_course"]
    shares = {share.clinic: share.share for share in result.shares}
    assert {c.key: recompute_share(result.cuts, c, options, dropped) for c in clinics} == shares


def county(seed: int, alike: bool) -> tuple[list[Clinic], list[Lot]]:
    """Enough units that levels are searched, not sorted; `alike` puts many at the very same level."""
    chance = random.Random(seed)
    clinics = [
        Clinic(
            key=number,
            need=600 if alike else chance.randint(1, 40) ** 2,
            on_hand=0 if alike else chance.randint(0, 200),
            requested=None if alike else chance.choice([None, chance.randint(0, 900)]),
            tier=chance.choice([0, 0, 1]),
            daily_rate=chance.randint(0, 60),
            own_stock=((day(chance.randint(1, 40)), chance.randint(0, 50)),),
            transit_days=chance.randint(0, 3),
            tie=chance.randint(0, 9),
        )
        for number in range(60)
    ]
    lots = [
        Lot(number, chance.randint(0, 1500), chance.choice([None, day(chance.randint(2, 40))]))
        for number in range(20)
    ]
    return clinics, lots


@pytest.mark.parametrize("alike", [False, True])
@pytest.mark.parametrize("rounding", list(Rounding))
@pytest.mark.parametrize(("grain", "bands"), [(1, (100,)), (7, (100,)), (1, (20, 100)), (3, (10, 50, 120))])
def test_county_totals_equal_forward_fefo(
    grain: int, bands: tuple[int, ...], rounding: Rounding, alike: bool
) -> None:
    options = Options(TODAY, grain=grain, bands=bands, rounding=rounding)
    clinics, lots = county(seed=grain + len(bands), alike=alike)

    result = allocate(clinics, lots, options)

    assert grains(result, clinics, options) == forward_fefo(clinics, lots, options)
    assert list(faults(result, clinics, lots, options)) == []
    assert [recompute_share(result.cuts, c, options) for c in clinics] == [
        share.share for share in result.shares
    ]
