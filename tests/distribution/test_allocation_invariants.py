"""What every plan promises, whatever comes in (docs/allocation.md, "What is promised")."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from test_allocation_oracles import (
    TODAY,
    ceiling,
    clinic_lists,
    complaints,
    faults,
    grains,
    lot_lists,
    many,
    most_shippable,
    options_of,
    usable,
    waste,
)

from distribution.allocation import Allocation, Clinic, Lot, Options, allocate

singles = st.tuples(clinic_lists(), lot_lists(), options_of())
groups = st.tuples(clinic_lists(groups=True), lot_lists(groups=True), options_of())
cases = singles | groups
Case = tuple[list[Clinic], list[Lot], Options]


def shares(allocation: Allocation) -> dict[object, int]:
    return {share.clinic: share.share for share in allocation.shares}


@many
@given(
    st.booleans().flatmap(
        lambda several: st.tuples(
            clinic_lists(most=6, need=60, groups=several),
            lot_lists(most=6, quantity=60, groups=several),
            options_of(tolerance=True),
        )
    )
)
def test_books_are_right_and_nothing_is_sent_that_cannot_be_used(case: Case) -> None:
    assert list(faults(allocate(*case), *case)) == []


@many
@given(cases)
def test_lines_make_up_the_shares_without_tolerance(case: Case) -> None:
    result = allocate(*case)

    assert [share.shipped for share in result.shares] == [share.share for share in result.shares]


@many
@given(cases)
def test_no_clinic_can_take_one_more_grain(case: Case) -> None:
    clinics, lots, options = case

    assert waste(grains(allocate(*case), clinics, options), clinics, lots, options) == []


@many
@given(cases)
def test_no_clinic_has_a_justified_complaint(case: Case) -> None:
    clinics, lots, options = case

    assert complaints(grains(allocate(*case), clinics, options), clinics, lots, options) == []


@many
@given(cases, lot_lists(most=1, groups=True))
def test_another_lot_lowers_nobody(case: Case, more: list[Lot]) -> None:
    clinics, lots, options = case
    more = [replace(lot, key=99) for lot in more]

    before, after = shares(allocate(*case)), shares(allocate(clinics, lots + more, options))

    assert {key: after[key] >= before[key] for key in before} == dict.fromkeys(before, True)


@many
@given(cases, st.data())
def test_a_clinic_less_lowers_nobody(case: Case, data: st.DataObject) -> None:
    clinics, lots, options = case
    assume(clinics)
    gone = data.draw(st.sampled_from(clinics))

    before = shares(allocate(*case))
    after = shares(allocate([clinic for clinic in clinics if clinic is not gone], lots, options))

    assert {key: after[key] >= before[key] for key in after} == dict.fromkeys(after, True)


@settings(many, suppress_health_check=[HealthCheck.filter_too_much])  # in most draws every request is met
@given(cases, st.data())
def test_raising_an_unmet_request_changes_nothing(case: Case, data: st.DataObject) -> None:
    clinics, lots, options = case
    before = shares(allocate(*case))
    unmet = [c for c in clinics if c.requested and before[c.key] < ceiling(c, options) * options.grain]
    assume(unmet)
    greedy = data.draw(st.sampled_from(unmet))
    asks_all = [replace(c, requested=None) if c is greedy else c for c in clinics]

    assert shares(allocate(asks_all, lots, options)) == before


@many
@given(singles, st.data())
def test_lowering_a_request_gives_the_lesser_of_share_and_request(case: Case, data: st.DataObject) -> None:
    clinics, lots, options = case
    assume(clinics)
    modest = data.draw(st.sampled_from(clinics))
    asked = data.draw(st.integers(0, ceiling(modest, options))) * options.grain
    asks_less = [replace(c, requested=asked) if c is modest else c for c in clinics]

    before = shares(allocate(*case))[modest.key]

    assert shares(allocate(asks_less, lots, options))[modest.key] == min(before, asked)


@many
@given(cases, st.randoms(use_true_random=False))
def test_order_of_the_input_does_not_matter(case: Case, random: object) -> None:
    clinics, lots, options = case
    shuffled, mixed = list(clinics), list(lots)
    random.shuffle(shuffled)
    random.shuffle(mixed)

    assert allocate(shuffled, mixed, options) == allocate(clinics, lots, options)


@many
@given(cases, st.data())
def test_a_longer_expiry_never_lowers_the_total(case: Case, data: st.DataObject) -> None:
    clinics, lots, options = case
    dated = [lot for lot in lots if lot.last_usable_day]
    assume(dated)
    chosen = data.draw(st.sampled_from(dated))
    later = replace(chosen, last_usable_day=chosen.last_usable_day + timedelta(data.draw(st.integers(1, 30))))

    before = sum(shares(allocate(*case)).values())
    after = sum(
        shares(allocate(clinics, [later if lot is chosen else lot for lot in lots], options)).values()
    )

    assert after >= before


@many
@given(cases)
def test_no_plan_with_these_totals_ships_more_of_the_early_lots(case: Case) -> None:
    clinics, lots, options = case

    result = allocate(*case)

    totals = grains(result, clinics, options)
    for last in {lot.last_usable_day for lot in lots if lot.last_usable_day}:
        early = [lot for lot in lots if lot.last_usable_day and lot.last_usable_day <= last]
        keys = {lot.key for lot in early}
        sent = sum(line.quantity for line in result.lines if line.lot in keys)
        short = {clinic.key: usable(clinic, options, last) for clinic in clinics}
        if any(short[c.key] < ceiling(c, options) for c in clinics):
            assert sent == most_shippable(totals, clinics, early, options) * options.grain


@many
@given(cases, st.integers(2, 9))
def test_nobody_gets_less_than_a_minimum_course(case: Case, course: int) -> None:
    clinics, lots, options = case
    options = replace(options, min_course=course)

    result = allocate(clinics, lots, options)

    assert [s.share for s in result.shares if 0 < s.share < course] == []
    assert list(faults(result, clinics, lots, options)) == []


@many
@given(clinic_lists(most=6, need=40), lot_lists(most=6, quantity=40), options_of(tolerance=True))
def test_boxes_snapped_are_never_more_often_opened(
    clinics: list[Clinic], lots: list[Lot], options: Options
) -> None:
    exact = allocate(clinics, lots, replace(options, box_tolerance_percent=0))

    snapped = allocate(clinics, lots, options)

    assert snapped.boxes_opened <= exact.boxes_opened
    assert sum(s.shipped for s in snapped.shares) == sum(s.shipped for s in exact.shares)


@many
@given(clinic_lists(need=40), lot_lists(quantity=40), options_of())
def test_a_share_limited_by_expiry_would_grow_if_all_kept_for_ever(
    clinics: list[Clinic], lots: list[Lot], options: Options
) -> None:
    result = allocate(clinics, lots, options)
    keep = [replace(lot, last_usable_day=None) for lot in lots if (lot.last_usable_day or TODAY) >= TODAY]

    reasons = {share.clinic: share.limited_by for share in result.shares}
    full = {c.key: ceiling(c, options) * options.grain for c in clinics}
    more = sum(shares(allocate(clinics, keep, options)).values())

    assert all(full[s.clinic] > s.share for s in result.shares if reasons[s.clinic] in {"stock", "expiry"})
    assert more >= sum(share.share for share in result.shares)
