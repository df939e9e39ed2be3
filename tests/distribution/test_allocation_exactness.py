"""The engine against brute force, greedy oracles and the published shares, on small random cases."""

from hypothesis import given
from hypothesis import strategies as st
from test_allocation_oracles import (
    best_levels,
    clinic_lists,
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
