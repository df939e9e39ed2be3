"""Sealed boxes stay sealed where tolerance allows; a minimum course is all or nothing."""

import random
from dataclasses import replace
from itertools import product

from test_allocation_oracles import TODAY, day, faults, grains, levels, shippable

from distribution.allocation import Clinic, Lot, Options, allocate

PLAIN = Options(TODAY, safety_percent=100)


def shipped(clinics: list[Clinic], lots: list[Lot], options: Options) -> list[int]:
    return [share.shipped for share in allocate(clinics, lots, options).shares]


def test_a_cut_moves_to_the_box_edge_within_tolerance() -> None:
    clinics = [Clinic("a", 100), Clinic("b", 100)]
    lots = [Lot(1, 96, box=20)]

    assert shipped(clinics, lots, PLAIN) == [48, 48]
    assert shipped(clinics, lots, replace(PLAIN, box_tolerance_percent=8)) == [56, 40]
    assert shipped(clinics, lots, replace(PLAIN, box_tolerance_percent=7)) == [48, 48]


def test_loose_units_of_a_lot_go_out_first() -> None:
    clinics = [Clinic("a", 100), Clinic("b", 100)]
    result = allocate(clinics, [Lot(1, 44, box=20)], replace(PLAIN, box_tolerance_percent=2))

    assert [share.shipped for share in result.shares] == [24, 20]
    assert result.boxes_opened == 0


def test_a_cut_stays_where_tolerance_is_too_small() -> None:
    clinics = [Clinic("a", 100), Clinic("b", 100)]
    result = allocate(clinics, [Lot(1, 60, box=20)], replace(PLAIN, box_tolerance_percent=9))

    assert [share.shipped for share in result.shares] == [30, 30]
    assert result.boxes_opened == 1


def test_a_box_is_not_kept_by_sending_what_cannot_be_used() -> None:
    clinics = [Clinic("slow", 100, daily_rate=3), Clinic("fast", 100)]
    lots = [Lot(1, 60, day(10), box=20)]
    options = replace(PLAIN, box_tolerance_percent=50)

    result = allocate(clinics, lots, options)

    assert {share.clinic: share.shipped for share in result.shares} == {"fast": 40, "slow": 20}
    assert list(faults(result, clinics, lots, options)) == []


def test_boxes_that_are_no_multiple_of_the_strip_are_left_alone() -> None:
    clinics = [Clinic("a", 100), Clinic("b", 100)]

    assert shipped(clinics, [Lot(1, 60, box=24)], replace(PLAIN, grain=10, box_tolerance_percent=50)) == [
        30,
        30,
    ]


def test_half_the_boxes_of_a_county_stay_sealed() -> None:
    chance = random.Random(5)
    clinics = [Clinic(n, chance.randint(50, 400)) for n in range(100)]
    lots = [
        Lot(n, chance.randint(100, 800), day(chance.randint(20, 300)), chance.choice([6, 10, 12]))
        for n in range(30)
    ]

    exact = allocate(clinics, lots, PLAIN)
    kept = allocate(clinics, lots, replace(PLAIN, box_tolerance_percent=5))

    assert 2 * kept.boxes_opened <= exact.boxes_opened


def test_a_minimum_course_is_sent_whole_or_not_at_all() -> None:
    clinics = [Clinic(n, 20) for n in range(5)]

    assert shipped(clinics, [Lot(1, 20)], replace(PLAIN, min_course=6)) == [7, 7, 6, 0, 0]


def best_with_course(clinics: list[Clinic], lots: list[Lot], options: Options) -> object:
    every = product(*([0, *range(options.min_course, clinic.need + 1)] for clinic in clinics))
    return max(levels(t, clinics, options) for t in every if shippable(t, clinics, lots, options))


def test_minimum_courses_are_nearly_always_the_best_of_all() -> None:
    chance, hits = random.Random(11), 0
    for _ in range(100):
        clinics = [
            Clinic(n, chance.randint(0, 6), daily_rate=chance.randint(0, 1))
            for n in range(chance.randint(1, 3))
        ]
        lots = [Lot(n, chance.randint(0, 5), chance.choice([None, day(3), day(5)])) for n in range(2)]
        options = replace(PLAIN, min_course=chance.randint(2, 3))

        result = allocate(clinics, lots, options)

        mine = levels(grains(result, clinics, options), clinics, options)
        hits += mine == best_with_course(clinics, lots, options)

    assert hits >= 98
