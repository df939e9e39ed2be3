"""Every notation of a date on a medicine box, typed well, badly, and not at all."""

from calendar import monthrange
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from catalogue.expiry import Expiry, ExpiryUnreadable, MonthPolicy, from_production, read_expiry
from catalogue.expiry_notations import MESSAGES, read_label

quick = settings(deadline=None, max_examples=200)
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))

DAY_NOTATIONS = (
    "{y}年{m}月{d}日", "{y}年{m:02}月{d:02}日", "{y}年{m}月{d}", "{y}年{m}.{d}", "{y}.{m}.{d}",
    "{y}.{m:02}.{d:02}.", "{y}/{m:02}/{d:02}", "{y}-{m}-{d}", "{y} {m} {d}", "{y}{m:02}{d:02}",
    "{d} {word} {y}", "{d}{word}{y}", "{d:02}-{word}-{y}", "{word} {d}, {y}", "{y}-{word}-{d:02}",
    "{y}{word}{d:02}",
)  # fmt: skip
MONTH_NOTATIONS = (
    "{y}年{m}月", "{y}年{m:02}月", "{y}年{m}月份", "{y}.{m:02}.", "{y}.{m}", "{y}/{m:02}", "{y}-{m}",
    "{y} {m:02}", "{y}{m:02}", "{m:02}/{y}", "{m}.{y}", "{m:02}-{y}", "{word} {y}", "{word}{y}",
    "{word}. {y}", "{y} {word}",
)  # fmt: skip
HEADINGS = (
    "",
    "有效期至",
    "有效期至:",
    "有效期至：",
    "有效期:",
    "【有效期至】",
    "有效期(EXP):",
    "EXP ",
    "EXP.",
    "Expiry date: ",
)
WORDS = (
    "Jan", "FEB", "March", "apr", "MAY", "June", "JUL", "AUGUST", "SEPT", "oct", "Nov", "DECEMBER",
)  # fmt: skip


def write(notation, day):
    return notation.format(y=day.year, m=day.month, d=day.day, word=WORDS[day.month - 1])


def last_day_or_none(raw):
    try:
        return read_expiry(raw).last_usable_day
    except ExpiryUnreadable:
        return None


def refusal(raw):
    with pytest.raises(ExpiryUnreadable) as caught:
        read_expiry(raw)
    return caught.value.code


@pytest.mark.parametrize(
    ("raw", "last_day"),
    [
        ("有效期至2024年05月", date(2024, 5, 31)),
        ("有效期至2024年05月31日", date(2024, 5, 31)),
        ("有效期至2024.05.", date(2024, 5, 31)),
        ("2024年5月31日", date(2024, 5, 31)),
        ("2024年5月31号", date(2024, 5, 31)),
        ("2024.05.", date(2024, 5, 31)),
        ("2024/05/31", date(2024, 5, 31)),
        ("2024-5", date(2024, 5, 31)),
        ("20240531", date(2024, 5, 31)),
        ("202405", date(2024, 5, 31)),
        ("EXP 05/2024", date(2024, 5, 31)),
        ("EXP:05.2024", date(2024, 5, 31)),
        ("exp.date 05-2024", date(2024, 5, 31)),
        ("MAY 2024", date(2024, 5, 31)),
        ("May2024", date(2024, 5, 31)),
        ("31MAY2024", date(2024, 5, 31)),
        ("May 31, 2024", date(2024, 5, 31)),
        ("31/05/2024", date(2024, 5, 31)),
        ("05/31/2024", date(2024, 5, 31)),
        ("05/05/2024", date(2024, 5, 5)),
        ("２０２４年０５月", date(2024, 5, 31)),
        ("２０２４．０５．３１", date(2024, 5, 31)),
        ("有效期至：２０２４／０５", date(2024, 5, 31)),
        ("2024。05。31", date(2024, 5, 31)),
        ("2024、5、31", date(2024, 5, 31)),
        ("2024·05", date(2024, 5, 31)),
        ("2024－05－31", date(2024, 5, 31)),
        ("2024—05", date(2024, 5, 31)),
        ("2024\\05\\31", date(2024, 5, 31)),
        ("2024年05月31日止", date(2024, 5, 31)),
        ("2024年5月底", date(2024, 5, 31)),
        ("2024年5月到期", date(2024, 5, 31)),
        ("有 效 期 至 2 0 2 4 年 0 5 月", date(2024, 5, 31)),
        ("2024 年 5 月 3 1 日", date(2024, 5, 31)),
        ("2 0 2 4 0 5 3 1", date(2024, 5, 31)),
        ("2 0 2 4 . 0 5", date(2024, 5, 31)),
        ("2 0 2 4 0 5", date(2024, 5, 31)),
        ("2 0 2 4 1 2 3 1", date(2024, 12, 31)),
        ("200005", date(2000, 5, 31)),
        ("209905", date(2099, 5, 31)),
        ("2024\u30005\u3000月", date(2024, 5, 31)),
        ("\ufeff2024-05\u200b", date(2024, 5, 31)),
        ("\t2024.05 \n", date(2024, 5, 31)),
        ("失效期:2024年06月", date(2024, 5, 31)),
        ("失效日期 2024.06.01", date(2024, 5, 31)),
        ("2024年6月前", date(2024, 5, 31)),
        ("2024年6月1日之前使用", date(2024, 5, 31)),
        ("2024年6月失效", date(2024, 5, 31)),
        ("失效期(EXP) 2024.06", date(2024, 5, 31)),
        ("USE BEFORE 06/2024", date(2024, 5, 31)),
        ("有效期限至2024年05月", date(2024, 5, 31)),
        ("保质期至2024.5.31", date(2024, 5, 31)),
        ("到期日2024.5.31", date(2024, 5, 31)),
        ("至2024年5月", date(2024, 5, 31)),
        ("2024/5/31 0:00", date(2024, 5, 31)),
        ("2024-05-31T00:00:00", date(2024, 5, 31)),
    ],
)
def test_notation_seen_on_boxes_or_typed(raw, last_day):
    assert read_expiry(raw).last_usable_day == last_day


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "empty"),
        (" \u3000\t", "empty"),
        ("\u200b", "unreadable"),
        ("看不清", "unreadable"),
        ("布洛芬缓释胶囊", "unreadable"),
        ("2盒", "unreadable"),
        ("2024年5月 2盒", "unreadable"),
        ("2O24.O5", "unreadable"),
        ("２０２４年１３月", "impossible_date"),
        ("2024-13", "impossible_date"),
        ("2024-00", "impossible_date"),
        ("2024-05-00", "impossible_date"),
        ("2024年4月31日", "impossible_date"),
        ("31 April 2024", "impossible_date"),
        ("2023.02.29", "impossible_date"),
        ("20230229", "impossible_date"),
        ("32/13/2024", "impossible_date"),
        ("05/06/24", "two_digit_year"),
        ("24.05.31", "two_digit_year"),
        ("24年5月", "two_digit_year"),
        ("24年5月31日", "two_digit_year"),
        ("05/24", "two_digit_year"),
        ("EXP MAY 24", "two_digit_year"),
        ("31-MAY-24", "two_digit_year"),
        ("05/06/2024", "day_month_order"),
        ("5 6 2024", "day_month_order"),
        ("2024", "month_missing"),
        ("有效期至2024年", "month_missing"),
        ("5月", "year_missing"),
        ("有效期5月", "year_missing"),
        ("5月31日", "year_missing"),
        ("20245", "digits_unclear"),
        ("2024111", "digits_unclear"),
        ("240531", "digits_unclear"),
        ("052024", "digits_unclear"),
        ("31052024", "digits_unclear"),
        ("1999-12", "year_out_of_range"),
        ("2100-01", "year_out_of_range"),
        ("2204年5月", "year_out_of_range"),
        ("2022.05.10-2024.05.09", "two_dates"),
        ("20220510 20240509", "two_dates"),
        ("2024-05或2024-06", "two_dates"),
        ("2022年5月至2024年5月", "two_dates"),
        ("2024-05-31 12:30", "unreadable"),
        ("2024.1 2", "unreadable"),
        ("1 1/2024", "unreadable"),
        ("2 0 2 4 1 2", "unreadable"),
        ("2024.5.1 2", "unreadable"),
        ("12:30 2024", "unreadable"),
        ("生产日期/有效期至 20240509", "unreadable"),
        ("批号 有效期 20240509", "unreadable"),
        ("国药准字H10900089", "unreadable"),
        ("٢٠٢٤-٠٥", "unreadable"),
        ("2024年5月³¹日", "unreadable"),
        ("5" * 5000, "too_long"),
    ],
)
def test_text_that_is_no_single_date_is_refused(raw, code):
    assert refusal(raw) == code


@pytest.mark.parametrize(
    ("text", "months", "days"),
    [
        ("有效期24个月", 24, 0),
        ("有效期 2 4 个月", 24, 0),
        ("有效期:24月", 24, 0),
        ("有效期为36个月", 36, 0),
        ("有效期 暂定24个月", 24, 0),
        ("有效期2年", 24, 0),
        ("有效期两年", 24, 0),
        ("有效期三年", 36, 0),
        ("有效期一年半", 18, 0),
        ("有效期十八个月", 18, 0),
        ("有效期二十四个月", 24, 0),
        ("有效期1095天", 0, 1095),
        ("EXP 24 months", 24, 0),
        ("EXPIRY 2 YEARS", 24, 0),
    ],
)
def test_shelf_life(text, months, days):
    life = read_label(text).shelf_life

    assert (life.months, life.days) == (months, days)


@pytest.mark.parametrize(
    "text", ["有效期一二个月", "有效期二十十个月", "有效期5月", "有效期2024年", "有效期0个月"]
)
def test_shelf_life_that_is_none_is_refused(text):
    with pytest.raises(ExpiryUnreadable):
        read_label(text)


def test_refusal_says_what_is_missing_in_both_languages():
    with pytest.raises(ExpiryUnreadable) as caught:
        read_expiry("24.05")

    refused = caught.value
    assert (refused.message_zh, refused.message_en) == ("年份须为四位数字", "The year needs four digits")


def test_every_message_is_given_in_both_languages():
    assert [code for code, texts in MESSAGES.items() if len(texts) != 2 or not all(texts)] == []


@given(day=days, notation=st.sampled_from(DAY_NOTATIONS), heading=st.sampled_from(HEADINGS))
@quick
def test_day_survives_every_notation(day, notation, heading):
    raw = heading + write(notation, day)

    assert read_expiry(raw) == Expiry(raw, "day", day, "printed_day")


@given(day=days, notation=st.sampled_from(MONTH_NOTATIONS), heading=st.sampled_from(HEADINGS))
@quick
def test_month_survives_every_notation(day, notation, heading):
    raw = heading + write(notation, day)
    end = day.replace(day=monthrange(day.year, day.month)[1])

    assert read_expiry(raw) == Expiry(raw, "month", end, "printed_month")


@given(
    day=days,
    notation=st.sampled_from(DAY_NOTATIONS + MONTH_NOTATIONS),
    heading=st.sampled_from(HEADINGS),
    policy=st.sampled_from(MonthPolicy),
)
@quick
def test_expiry_is_never_later_than_printed(day, notation, heading, policy):
    printed_end = day if "{d" in notation else day.replace(day=monthrange(day.year, day.month)[1])

    assert read_expiry(heading + write(notation, day), policy=policy).last_usable_day <= printed_end


@given(day=days, notation=st.sampled_from(DAY_NOTATIONS + MONTH_NOTATIONS))
@quick
def test_full_width_typing_changes_nothing(day, notation):
    raw = write(notation, day)
    wide = "".join(chr(ord(mark) + 0xFEE0) if "!" <= mark <= "~" else mark for mark in raw)

    assert read_expiry(wide).last_usable_day == read_expiry(raw).last_usable_day


@given(day=days, notation=st.sampled_from(DAY_NOTATIONS + MONTH_NOTATIONS), gaps=st.sets(st.integers(1, 14)))
@example(day=date(2024, 12, 1), notation="{y}.{m}", gaps={6})
@example(day=date(2024, 11, 1), notation="{m:02}/{y}", gaps={1})
@quick
def test_stray_space_never_makes_another_date(day, notation, gaps):
    raw = write(notation, day)
    spaced = "".join(" " + mark if place in gaps else mark for place, mark in enumerate(raw))
    if notation == "{y} {m:02}" and day.month > 9:  # `2024 1 2` is what a clerk types for 2 January
        spaced = raw

    assert last_day_or_none(spaced) in {None, read_expiry(raw).last_usable_day}


@given(
    day=days,
    gaps=st.sets(st.integers(1, 14)),
    notation=st.sampled_from(["{y}年{m}月", "{y}年{m:02}月{d:02}日"]),
)
@quick
def test_space_anywhere_between_chinese_units_is_read(day, gaps, notation):
    raw = write(notation, day)
    spaced = "".join(" " + mark if place in gaps else mark for place, mark in enumerate(raw))

    assert last_day_or_none(spaced) == read_expiry(raw).last_usable_day


MARKS = "0123456789０１２年月日号.-/ 、。:,生产日期有效失至批EXPMAYLOT两十个天前止²٤\ud800"


@given(raw=st.one_of(st.text(), st.text(alphabet=MARKS, max_size=30)))
@example(raw="\ud800")
@example(raw="有效期")
@example(raw="生产日期")
@example(raw="9999年99月99日")
@settings(deadline=None, max_examples=500)
def test_any_text_is_read_or_refused_in_words(raw):
    try:
        outcome = read_expiry(raw)
    except ExpiryUnreadable as refused:
        outcome = refused

    assert isinstance(outcome, Expiry) or MESSAGES[outcome.code] == (outcome.message_zh, outcome.message_en)


@given(raw=st.one_of(st.text(), st.text(alphabet=MARKS, max_size=30)), shelf_life=st.integers(-5, 130))
@quick
def test_any_production_text_is_read_or_refused_in_words(raw, shelf_life):
    try:
        outcome = from_production(raw, shelf_life)
    except ExpiryUnreadable as refused:
        outcome = refused

    assert isinstance(outcome, Expiry) or MESSAGES[outcome.code] == (outcome.message_zh, outcome.message_en)
