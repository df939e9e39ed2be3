"""The reason and the sentence each clinic gets."""

from dataclasses import replace

import pytest
from test_allocation_oracles import TODAY, day

from distribution.allocation import Clinic, LimitedBy, Lot, Options, Share, allocate

PLAIN = Options(TODAY, safety_percent=100)


def share_of(key: str, clinics: list[Clinic], lots: list[Lot], options: Options = PLAIN) -> Share:
    return next(share for share in allocate(clinics, lots, options).shares if share.clinic == key)


def said(share: Share) -> tuple[LimitedBy, str, str]:
    return share.limited_by, share.sentence_zh, share.sentence_en


def test_a_clinic_short_of_stock_hears_the_common_level() -> None:
    share = share_of("a", [Clinic("a", 100), Clinic("b", 50)], [Lot(1, 93)])

    assert said(share) == (
        LimitedBy.STOCK,
        "本次各点均补足至14天需求的62%；贵单位受库存数量限制。",
        "Clinics were raised to 62% of 14 days' need; yours was limited by the stock there is.",
    )


def test_a_modest_request_is_named_beside_the_common_level() -> None:
    share = share_of("a", [Clinic("a", 100, requested=20), Clinic("b", 100)], [Lot(1, 82)])

    assert said(share) == (
        LimitedBy.REQUEST,
        "本次各点均补足至14天需求的62%；贵单位受申领数量限制。",
        "Clinics were raised to 62% of 14 days' need; yours was limited by its request.",
    )


def test_expiry_is_named_with_its_day() -> None:
    clinics = [Clinic("slow", 100, daily_rate=1), Clinic("fast", 100, daily_rate=50)]

    share = share_of("slow", clinics, [Lot(1, 80, day(10))])

    english = (
        "Clinics were raised to 70% of 14 days' need; yours was limited by expiry: "
        "of what expires by 2022-12-30 you have all you can use."
    )
    assert share.share == 10
    assert share.limiting_day == day(10)
    assert said(share) == (
        LimitedBy.EXPIRY,
        "本次各点均补足至14天需求的70%；贵单位受效期限制，2022-12-30及以前到期的药品已按能用完的数量分配。",
        english,
    )


@pytest.mark.parametrize(
    ("clinic", "reason", "zh", "en"),
    [
        (Clinic("a", 0), LimitedBy.NO_NEED, "贵单位未列需求，本次不分配。",
         "No need is on record for you, so nothing was sent."),
        (Clinic("a", 10, on_hand=10), LimitedBy.NO_NEED, "贵单位现有数量已满足14天需求，本次不再分配。",
         "Your stock already covers 14 days' need, so nothing was added."),
        (Clinic("a", 10), LimitedBy.NEED, "贵单位需求已补足。", "Your need is covered."),
        (Clinic("a", 10, requested=0), LimitedBy.REQUEST, "贵单位受申领数量限制。",
         "Yours was limited by its request."),
        (Clinic("a", 10, accepts=(5,)), LimitedBy.STOCK, "本次没有贵单位可用的库存。",
         "There was no stock you can use."),
    ],
)  # fmt: skip
def test_plain_reasons(clinic: Clinic, reason: LimitedBy, zh: str, en: str) -> None:
    assert said(share_of("a", [clinic], [Lot(1, 50)])) == (reason, zh, en)


def test_a_need_below_one_grain_is_named() -> None:
    share = share_of("a", [Clinic("a", 5)], [Lot(1, 50)], replace(PLAIN, grain=10))

    assert said(share) == (
        LimitedBy.NEED,
        "贵单位所缺不足一个最小发放单位，本次不分配。",
        "You lack less than the smallest quantity sent.",
    )


def test_a_minimum_course_that_is_not_to_be_had_is_named() -> None:
    share = share_of("b", [Clinic("a", 20), Clinic("b", 20)], [Lot(1, 8)], replace(PLAIN, min_course=6))

    assert said(share) == (
        LimitedBy.NO_COURSE,
        "余量不足一个最小疗程，本次未能分配给贵单位。",
        "What is left is less than a minimum course, so nothing was sent to you.",
    )


def test_a_lower_tier_hears_that_others_came_first() -> None:
    share = share_of("b", [Clinic("a", 20), Clinic("b", 20, tier=1)], [Lot(1, 8)])

    assert said(share) == (
        LimitedBy.STOCK,
        "库存先保障优先级更高的单位，未能分到贵单位。",
        "The stock went to clinics of higher priority first.",
    )


def test_a_well_stocked_clinic_hears_that_it_stands_above_the_level() -> None:
    share = share_of("b", [Clinic("a", 20), Clinic("b", 20, on_hand=15)], [Lot(1, 8)])

    assert said(share) == (
        LimitedBy.STOCK,
        "本次各点均补足至14天需求的40%；贵单位现有数量已不低于该水平。",
        "Clinics were raised to 40% of 14 days' need; you already have no less than that.",
    )


def test_a_weighted_need_is_called_weighted() -> None:
    share = share_of("a", [Clinic("a", 20, weight=3), Clinic("b", 20, weight=2)], [Lot(1, 10)])

    assert share.sentence_zh == "本次各点均补足至14天加权需求的10%；贵单位受库存数量限制。"


def test_levels_are_exact_pairs() -> None:
    share = share_of("a", [Clinic("a", 30, on_hand=5, weight=2)], [Lot(1, 11)])

    assert (share.level_before, share.level_after) == ((5, 60), (16, 60))


def test_a_level_below_ten_per_cent_is_told_with_a_decimal() -> None:
    share = share_of("a", [Clinic("a", 1000), Clinic("b", 500)], [Lot(1, 10)])

    assert share.sentence_zh == "本次各点均补足至14天需求的0.6%；贵单位受库存数量限制。"
