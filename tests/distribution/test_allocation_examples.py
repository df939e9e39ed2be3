"""Published fair-division examples, and small cases with the answer worked out by hand."""

from dataclasses import replace

import pytest
from test_allocation_oracles import TODAY, complaints, day, faults, grains, waste

from distribution.allocation import Clinic, LimitedBy, Lot, Options, Rounding, Unused, allocate

PLAIN = Options(TODAY, safety_percent=100)


def totals(clinics: list[Clinic], lots: list[Lot], options: Options = PLAIN) -> list[int]:
    return grains(allocate(clinics, lots, options), clinics, options)


@pytest.mark.parametrize(
    ("estate", "awards"),
    [(100, [33, 33, 34]), (200, [66, 67, 67]), (300, [100, 100, 100]), (400, [100, 150, 150]),
     (500, [100, 200, 200]), (550, [100, 200, 250])],
)  # fmt: skip
def test_equal_awards_in_the_bankruptcy_problems_of_the_talmud(estate: int, awards: list[int]) -> None:
    # Ketubot 93a: claims 100, 200, 300; constrained equal awards (Herrero and Villar 2001): min(claim, common
    # award). Equal needs, claims as requests; whole units, so awards may differ by one.
    claims = [Clinic(key=claim, need=300, requested=claim) for claim in (100, 200, 300)]

    result = totals(claims, [Lot(1, estate)])

    assert sorted(result) == awards
    assert sum(result) == estate


@pytest.mark.parametrize(("estate", "awards"), [(300, [50, 100, 150]), (600, [100, 200, 300])])
def test_unequal_needs_are_met_in_proportion(estate: int, awards: list[int]) -> None:
    # The third Talmudic estate, where the Mishnah's division is the proportional one
    clinics = [Clinic(key=need, need=need) for need in (100, 200, 300)]

    assert totals(clinics, [Lot(1, estate)]) == awards


@pytest.mark.parametrize(("amount", "shares"), [(12, [2, 5, 5]), (6, [2, 2, 2]), (16, [2, 5, 9])])
def test_requests_are_cut_by_the_uniform_rule(amount: int, shares: list[int]) -> None:
    # Sprumont, Econometrica 59 (1991): with peaks adding up to more than there is, everybody gets
    # min(peak, lambda); for peaks 2, 5, 9
    clinics = [Clinic(key=peak, need=20, requested=peak) for peak in (2, 5, 9)]

    assert totals(clinics, [Lot(1, amount)]) == shares


@pytest.mark.parametrize(
    ("rounding", "seats"), [(Rounding.ADAMS, [3, 2, 2, 1, 1, 1]), (Rounding.WEBSTER, [4, 2, 2, 1, 1, 0])]
)
def test_grains_follow_the_divisor_rules(rounding: Rounding, seats: list[int]) -> None:
    # A textbook apportionment of 10 seats among 100,000 votes
    votes = [47_000, 16_000, 15_900, 12_000, 6_000, 3_100]
    clinics = [Clinic(key=number, need=vote) for number, vote in enumerate(votes)]

    assert totals(clinics, [Lot(1, 10_000)], replace(PLAIN, grain=1_000, rounding=rounding)) == seats


def test_every_country_gets_its_first_fifth_before_any_gets_more() -> None:
    # The two phases of the COVAX facility: up to 20 % of each population, then by priority
    clinics = [Clinic("first", 100, tier=0), Clinic("second", 200, tier=1)]

    result = totals(clinics, [Lot(1, 100)], replace(PLAIN, bands=(20, 100)))

    assert result == [60, 40]


def test_a_higher_tier_is_served_whole_before_a_lower_one() -> None:
    clinics = [Clinic("lower", 100, tier=2), Clinic("higher", 80, tier=1)]

    assert totals(clinics, [Lot(1, 100)]) == [20, 80]


def test_a_buffer_is_filled_only_when_all_needs_are_met() -> None:
    clinics = [Clinic("a", 100), Clinic("b", 50)]

    assert totals(clinics, [Lot(1, 180)], replace(PLAIN, bands=(100, 130))) == [120, 60]
    assert totals(clinics, [Lot(1, 500)], replace(PLAIN, bands=(100, 130))) == [130, 65]


def test_weights_count_the_need_more() -> None:
    clinics = [Clinic("children", 100, weight=3), Clinic("others", 100, weight=2)]

    assert totals(clinics, [Lot(1, 100)]) == [60, 40]


def test_stock_on_hand_counts_first() -> None:
    clinics = [Clinic("stocked", 100, on_hand=60), Clinic("empty", 100), Clinic("full", 100, on_hand=150)]

    assert totals(clinics, [Lot(1, 80)]) == [10, 70, 0]


def test_ties_go_to_the_smaller_need_then_by_rotation() -> None:
    clinics = [Clinic("a", 10, tie=2), Clinic("b", 10, tie=1), Clinic("c", 8, tie=3)]

    assert totals(clinics, [Lot(1, 1)]) == [0, 0, 1]
    assert totals(clinics, [Lot(1, 2)]) == [0, 1, 1]


FAST_AND_SLOW = [Clinic("fast", 100, daily_rate=100), Clinic("slow", 100, daily_rate=0)]
EARLY_AND_LATE = [Lot("early", 100, day(5)), Lot("late", 100)]


def test_early_stock_goes_where_it_can_be_used() -> None:
    result = allocate(FAST_AND_SLOW, EARLY_AND_LATE, PLAIN)

    assert [(line.clinic, line.lot, line.quantity) for line in result.lines] == [
        ("fast", "early", 100),
        ("slow", "late", 100),
    ]
    assert result.leftovers == ()


def test_water_filling_blind_to_expiry_then_fefo_is_caught() -> None:
    # Counterexample (a): route order gives the slow clinic the early lot, and half of all stock is lost
    blind = [Clinic("slow", 100), Clinic("fast", 100)]
    plan = allocate(blind, [Lot(lot.key, lot.quantity) for lot in EARLY_AND_LATE], PLAIN)
    misrouted = replace(
        plan,
        lines=tuple(replace(line, lot={"fast": "late", "slow": "early"}[line.clinic]) for line in plan.lines),
    )

    assert "clinic slow: cannot use 100 by 2022-12-25" in list(
        faults(misrouted, FAST_AND_SLOW, EARLY_AND_LATE, PLAIN)
    )


def proportional_lot_by_lot(clinics: list[Clinic], lots: list[Lot]) -> list[int]:
    """The usual rule: each lot in proportion to what is still wanted by those who can use it."""
    given = [0] * len(clinics)
    for lot in lots:
        caps = [c.need if c.requested is None else min(c.need, c.requested) for c in clinics]
        wants = [
            max(cap - got, 0) if lot.last_usable_day is None or c.daily_rate else 0
            for c, cap, got in zip(clinics, caps, given, strict=True)
        ]
        share = min(lot.quantity, sum(wants))
        for i, want in enumerate(wants):
            given[i] += share * want // max(sum(wants), 1)
    return given


def test_lot_by_lot_proportional_rule_is_caught_by_the_complaints_check() -> None:
    # Counterexample (b)
    clinics = [*FAST_AND_SLOW, Clinic("quick", 100, daily_rate=100)]

    naive = proportional_lot_by_lot(clinics, EARLY_AND_LATE)

    assert naive == [75, 50, 75]
    assert complaints(naive, clinics, EARLY_AND_LATE, PLAIN) == [(1, 0), (1, 2)]
    assert totals(clinics, EARLY_AND_LATE) == [67, 66, 67]


def test_lot_by_lot_proportional_rule_wastes_what_rounding_leaves() -> None:
    modest = [Clinic("fast", 100, daily_rate=100), Clinic("slow", 100, daily_rate=0)]
    short = [Lot("early", 60, day(5)), Lot("late", 40)]

    assert proportional_lot_by_lot(modest, short) == [71, 28]
    assert waste([71, 28], modest, short, PLAIN) == [0, 1]
    assert totals(modest, short) == [60, 40]


def test_proportional_rule_rewards_inflated_requests_and_the_engine_does_not() -> None:
    honest = [Clinic("a", 100, requested=40), Clinic("b", 100, requested=40)]
    inflated = [Clinic("a", 100, requested=100), Clinic("b", 100, requested=40)]
    lots = [Lot(1, 60)]

    assert proportional_lot_by_lot(honest, lots) == [30, 30]
    assert proportional_lot_by_lot(inflated, lots) == [42, 17]
    assert totals(honest, lots) == totals(inflated, lots) == [30, 30]


def test_interchangeable_medicines_are_seen_together() -> None:
    # Counterexample (c): forward greedy, ibuprofen first, ends with 150 and 50
    clinics = [
        Clinic("both", 200, accepts=("ibuprofen", "paracetamol")),
        Clinic("one", 200, accepts=("ibuprofen",)),
    ]
    lots = [Lot(1, 100, day(60), medicine="ibuprofen"), Lot(2, 100, day(200), medicine="paracetamol")]

    result = allocate(clinics, lots, PLAIN)

    assert [(line.clinic, line.lot, line.quantity) for line in result.lines] == [
        ("both", 2, 100),
        ("one", 1, 100),
    ]


def test_unequal_boxes_open_a_box_rather_than_an_inequality() -> None:
    # Counterexample (d): equal shares from sealed boxes alone would be PARTITION
    clinics = [Clinic("a", 100), Clinic("b", 100)]
    lots = [Lot(number, size, box=size) for number, size in enumerate((30, 20, 20, 10, 10, 10))]

    result = allocate(clinics, lots, PLAIN)

    assert [share.shipped for share in result.shares] == [50, 50]
    assert result.boxes_opened <= 1


def test_the_nearest_pharmacy_supplies_first_and_the_next_one_the_rest() -> None:
    clinics = [Clinic("east", 40, sources=("E", "W")), Clinic("west", 40, sources=("W", "E"))]
    lots = [Lot("at E", 50, source="E"), Lot("at W", 30, source="W")]

    result = allocate(clinics, lots, PLAIN)

    assert [(line.clinic, line.lot, line.quantity) for line in result.lines] == [
        ("east", "at E", 40), ("west", "at E", 10), ("west", "at W", 30)]  # fmt: skip


def test_early_expiry_goes_before_nearness() -> None:
    clinics = [Clinic("east", 40, sources=("E", "W"), daily_rate=2)]
    lots = [Lot("near", 40, source="E"), Lot("far", 40, day(10), source="W")]

    result = allocate(clinics, lots, PLAIN)

    assert [(line.lot, line.quantity) for line in result.lines] == [("far", 20), ("near", 20)]


def test_medicines_a_clinic_does_not_accept_stay() -> None:
    clinics = [Clinic("a", 40, accepts=(7,)), Clinic("b", 40, accepts=())]

    result = allocate(clinics, [Lot(1, 30, medicine=8)], PLAIN)

    assert result.lines == ()
    assert [share.limited_by for share in result.shares] == [LimitedBy.STOCK, LimitedBy.STOCK]
    assert [(rest.quantity, rest.reason) for rest in result.leftovers] == [(30, Unused.SURPLUS)]


def test_transit_course_and_own_stock_shorten_what_can_be_used() -> None:
    plain = Clinic("plain", 100, daily_rate=2)
    far = Clinic("far", 100, daily_rate=2, transit_days=3, course_days=4)
    stocked = Clinic("stocked", 100, daily_rate=2, own_stock=((day(10), 5), (day(30), 100)))
    doomed = Clinic("doomed", 100, daily_rate=2, own_stock=((day(2), 50),))
    lots = [Lot(1, 100, day(15))]

    assert [totals([clinic], lots)[0] for clinic in (plain, far, stocked, doomed)] == [30, 16, 0, 26]


def test_a_lot_expiring_while_under_way_is_never_sent() -> None:
    clinics = [Clinic("far", 100, daily_rate=50, transit_days=3, course_days=2)]

    assert totals(clinics, [Lot(1, 10, day(5))]) == [0]
    assert totals(clinics, [Lot(1, 10, day(6))]) == [10]


def test_leftovers_say_why_they_stay() -> None:
    clinics = [Clinic("a", 40, daily_rate=1)]
    lots = [Lot("old", 5, day(-1)), Lot("soon", 30, day(10)), Lot("later", 64, day(60)), Lot("never", 9)]

    result = allocate(clinics, lots, replace(PLAIN, grain=5))

    assert [(rest.lot, rest.quantity, rest.reason) for rest in result.leftovers] == [
        ("later", 10, Unused.UNUSABLE), ("later", 20, Unused.SURPLUS), ("later", 4, Unused.REMAINDER),
        ("never", 5, Unused.SURPLUS), ("never", 4, Unused.REMAINDER),
        ("old", 5, Unused.EXPIRED), ("soon", 20, Unused.UNUSABLE)]  # fmt: skip
