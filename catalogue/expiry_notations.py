"""What a label says, as dates: every notation of production day, shelf life and expiry that is unambiguous.

Only the reading of text is here; what a printed period means for use is decided in `catalogue.expiry`.
Notations: 24号令 (药品说明书和标签管理规定) art. 23, and what people type instead of them.
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

FIRST_YEAR, LAST_YEAR = 2000, 2099
LONGEST_TEXT = 200
LONGEST_SHELF_LIFE_MONTHS, LONGEST_SHELF_LIFE_DAYS = 120, 3660

MESSAGES = {
    "empty": ("没有填写日期", "No date was given"),
    "too_long": ("文字过长，请只填写日期", "The text is too long: give the date only"),
    "unreadable": (
        "看不出日期，请按“2024年05月”或“2024-05-31”填写",
        "No date found: write 2024-05 or 2024-05-31",
    ),
    "two_digit_year": ("年份须为四位数字", "The year needs four digits"),
    "year_missing": ("缺少年份", "The year is missing"),
    "month_missing": ("缺少月份", "The month is missing"),
    "day_month_order": (
        "分不清哪个是日、哪个是月，请按年-月-日填写",
        "Day and month cannot be told apart: write year-month-day",
    ),
    "digits_unclear": (
        "数字位数不对，请用6位（年月）或8位（年月日）",
        "Write 6 digits (year, month) or 8 (year, month, day)",
    ),
    "impossible_date": ("没有这一天", "There is no such day"),
    "year_out_of_range": (
        f"年份须在{FIRST_YEAR}至{LAST_YEAR}之间",
        f"The year must be {FIRST_YEAR} to {LAST_YEAR}",
    ),
    "two_dates": ("有两个不同的日期，请只填写有效期", "There are two different dates: give the expiry only"),
    "contradiction": (
        "生产日期加有效期与所印有效期至不符，请核对",
        "Production date and shelf life do not lead to the printed expiry",
    ),
    "before_production": ("有效期早于生产日期，请核对", "The expiry is earlier than the production date"),
    "production_only": ("只有生产日期，还需有效期", "Only a production date: the shelf life is missing"),
    "shelf_life_only": ("只有有效期长度，还需生产日期", "Only a shelf life: the production date is missing"),
    "shelf_life_implausible": ("有效期长度不合常理，请核对", "The shelf life is not plausible"),
    "production_day_missing": ("还需生产日期的“日”", "The day of production is missing"),
    "gs1_digits": ("条码中的日期须为6位数字", "A GS1 date has exactly six digits"),
}


class ExpiryUnreadable(ValueError):
    """The text gives no single day. `code` is stable; the messages say what is missing."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.message_zh, self.message_en = MESSAGES[code]
        super().__init__(code, self.message_en)


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A month (`day` None) or a day, just as printed. Refuses days that do not exist."""

    year: int
    month: int
    day: int | None = None

    def __post_init__(self) -> None:
        if not FIRST_YEAR <= self.year <= LAST_YEAR:
            raise ExpiryUnreadable("year_out_of_range")
        if not 1 <= self.month <= 12:
            raise ExpiryUnreadable("impossible_date")
        if self.day is not None and not 1 <= self.day <= monthrange(self.year, self.month)[1]:
            raise ExpiryUnreadable("impossible_date")

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, self.day or 1)


@dataclass(frozen=True, slots=True)
class ShelfLife:
    """How long a product lasts from its production: whole months (years are 12), or whole days."""

    months: int = 0
    days: int = 0

    def __post_init__(self) -> None:
        in_months = 0 < self.months <= LONGEST_SHELF_LIFE_MONTHS and self.days == 0
        in_days = 0 < self.days <= LONGEST_SHELF_LIFE_DAYS and self.months == 0
        if not (in_months or in_days):
            raise ExpiryUnreadable("shelf_life_implausible")


@dataclass(frozen=True, slots=True)
class Until:
    """An expiry as printed. `excluded`: the period itself is no longer usable (失效期, …前)."""

    printed: PrintedDate
    excluded: bool


@dataclass(frozen=True, slots=True)
class Label:
    """All that a text says about time."""

    until: tuple[Until, ...]
    produced: PrintedDate | None
    shelf_life: ShelfLife | None


# --- making all ways of typing alike ---

_ALIKE = str.maketrans(
    {chr(wide): chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)}
    | dict.fromkeys("。、·・•｡", ".")
    | dict.fromkeys("‐‑‒–—―−﹣", "-")
    | dict.fromkeys("【】〔〕［］", " ")
    | {"\\": "/", "號": "号", "／": "/"}
)
_PUNCTUATION = re.compile(r"(?<![0-9]):|:(?![0-9])|[,;()\[\]]")
_MIDNIGHT = re.compile("[ T]0?0:00(?::00)?$")  # spreadsheets export days like this
_CJK_GAP = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
_SPACED_NUMBER = re.compile(r"([0-9](?: ?[0-9])*) ?(?=([年月日号个天]))")
_DIGITS_BEFORE = {"年": 4, "月": 2, "日": 2, "号": 2, "个": 3, "天": 4}


def _normalise(raw: str) -> str:
    """ASCII digits, capitals and punctuation, single spaces, none inside a number that a unit closes."""
    visible = (mark for mark in raw.translate(_ALIKE) if unicodedata.category(mark) != "Cf")
    text = _PUNCTUATION.sub(" ", "".join(visible).upper())
    text = _MIDNIGHT.sub("", _CJK_GAP.sub("", " ".join(text.split())))
    return _SPACED_NUMBER.sub(_close_up, text)


def _close_up(found: re.Match[str]) -> str:
    digits = found[1].replace(" ", "")
    return digits if len(digits) <= _DIGITS_BEFORE[found[2]] else found[0]


# --- one date ---

_GAP = "[ ./-]*"
_SEPARATOR = " ?[./-] ?| "
_YEAR_FIRST = re.compile(
    rf"([0-9]{{4}})( ?年 ?|{_SEPARATOR})([0-9]{{1,2}})"
    rf"(?:( ?月 ?|{_SEPARATOR})([0-9]{{1,2}}) ?[日号]?| ?月份?)?"
)
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})?")
_YEAR_LAST = re.compile(rf"(?:([0-9]{{1,2}})({_SEPARATOR}))?([0-9]{{1,2}})({_SEPARATOR})([0-9]{{4}})")
_WORD_YEAR = re.compile(rf"(?:([0-9]{{1,2}}){_GAP})?([A-Z]{{3,9}}){_GAP}([0-9]{{4}})")
_WORD_DAY_YEAR = re.compile(rf"([A-Z]{{3,9}}){_GAP}([0-9]{{1,2}})[ ./-]+([0-9]{{4}})")
_YEAR_WORD = re.compile(rf"([0-9]{{4}}){_GAP}([A-Z]{{3,9}})(?:{_GAP}([0-9]{{1,2}}))?")

# Tried in order on what is no date, so that the refusal can say what is missing.
_DEFECTS = (
    ("month_missing", re.compile("[0-9]{4}年?")),
    ("digits_unclear", re.compile("[0-9]{5,8}")),
    ("year_missing", re.compile("[0-9]{1,2} ?月份?(?: ?[0-9]{1,2} ?[日号]?)?")),
    (
        "two_digit_year",
        re.compile("[0-9]{1,2}(?: ?[年月./-] ?| )[0-9]{1,2}(?:(?: ?[月./-] ?| )[0-9]{0,2})?[日号]?"),
    ),
    ("two_digit_year", re.compile(rf"(?:[0-9]{{1,2}}{_GAP})?[A-Z]{{3,9}}{_GAP}[0-9]{{2}}")),
    ("two_dates", re.compile(".*20[0-9]{2}.*[^0-9]20[0-9]{2}.*")),
)

_MONTH_NAMES = (
    "JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE",
    "JULY", "AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER",
)  # fmt: skip
_MONTHS = {name[:length]: number for number, name in enumerate(_MONTH_NAMES, 1) for length in (3, len(name))}
_MONTHS["SEPT"] = 9


def _read_date(text: str) -> PrintedDate:
    """One date in any notation; `text` is normalised. A date it cannot tell for certain is refused."""
    text = _unspaced(text.strip(" ./-"))
    for pattern, read in _NOTATIONS:
        if (found := pattern.fullmatch(text)) and (printed := read(*found.groups())):
            return printed
    for code, pattern in _DEFECTS:
        if pattern.fullmatch(text):
            raise ExpiryUnreadable(code)
    raise ExpiryUnreadable("unreadable")


def _unspaced(text: str) -> str:
    """Letter-spaced digits closed up, unless the spaces may be separators: `2 0 2 4 1 2` is two dates."""
    digits = text.replace(" ", "")
    certain = not digits.isdigit() or len(digits) == 8 or digits[4:5] == "0"
    if re.search("[0-9]{2}", text) or not certain:
        return text
    return re.sub("(?<=[0-9]) (?=[0-9])", "", text)


def _year_first(year: str, first: str, month: str, second: str | None, day: str | None) -> PrintedDate | None:
    """None when the separators differ: `2024.1 2` may be 2 January or December."""
    first, second = first.strip(), (second or first).strip()
    if second in {"月", first} or (first == "年" and second):
        return _printed(year, month, day)
    return None


def _compact(year: str, month: str, day: str | None) -> PrintedDate:
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        raise ExpiryUnreadable("digits_unclear")
    return _printed(year, month, day)


def _year_last(one: str | None, first: str | None, other: str, second: str, year: str) -> PrintedDate | None:
    """MM/YYYY; or two numbers before the year, accepted only if they can be read in one way."""
    if one is None:
        return _printed(year, other)
    if (first or "").strip() != second.strip():
        return None
    readings = {*_possible(year, other, one), *_possible(year, one, other)}
    if len(readings) > 1:
        raise ExpiryUnreadable("day_month_order")
    return readings.pop() if readings else _printed(year, other, one)


def _named_month(year: str, word: str, day: str | None) -> PrintedDate | None:
    return _printed(year, str(_MONTHS[word]), day) if word in _MONTHS else None


def _printed(year: str, month: str, day: str | None = None) -> PrintedDate:
    return PrintedDate(int(year), int(month), int(day) if day else None)


def _possible(year: str, month: str, day: str) -> Iterator[PrintedDate]:
    try:
        yield _printed(year, month, day)
    except ExpiryUnreadable:
        return


_NOTATIONS: tuple[tuple[re.Pattern[str], Callable[..., PrintedDate | None]], ...] = (
    (_YEAR_FIRST, _year_first),
    (_COMPACT, _compact),
    (_YEAR_LAST, _year_last),
    (_WORD_YEAR, lambda day, word, year: _named_month(year, word, day)),
    (_WORD_DAY_YEAR, lambda word, day, year: _named_month(year, word, day)),
    (_YEAR_WORD, _named_month),
)


# --- a shelf life ---

_SHELF_LIFE = re.compile(
    "(?:暂定)?([0-9]{1,4}(?= ?(?:天|DAY))|[0-9]{1,3}|[一二两三四五六七八九十]{1,3})"
    " ?(个月|月|年半|年|天|MONTHS?|YEARS?|DAYS?)"
)
_NUMERALS = {numeral: value for value, numeral in enumerate("一二三四五六七八九", 1)} | {"两": 2}


def _read_shelf_life(text: str) -> ShelfLife | None:
    """24个月, 两年, 一年半, 18 MONTHS, 365天; None for anything else.

    `5月` is left alone: it may be the month of May.
    """
    found = _SHELF_LIFE.fullmatch(text.strip(" ./-"))
    count = _count(found[1]) if found else None
    if found is None or count is None or (found[2] == "月" and count <= 12):
        return None
    if found[2] in {"天", "DAY", "DAYS"}:
        return ShelfLife(days=count)
    if found[2] in {"年", "年半", "YEAR", "YEARS"}:
        return ShelfLife(months=12 * count + (6 if found[2] == "年半" else 0))
    return ShelfLife(months=count)


def _count(text: str) -> int | None:
    """A number up to 9999 in digits or up to 99 in Chinese numerals."""
    if text.isdigit():
        return int(text)
    tens, ten, units = text.rpartition("十")
    if len(tens) > 1 or len(units) > 1 or "十" in tens:
        return None
    return (10 * _NUMERALS.get(tens, 1) if ten else 0) + _NUMERALS.get(units, 0)


# --- a whole label ---

_WORDS = {
    "excluded": "失效日期|失效年月|失效期至?|USE BEFORE",
    "until": (
        "(?:使用)?有效期限?[至到为]?|有效日期至?|有效年月|有效截?至|效期至?|截?至|使用期限至?|限用日期|保质期至?|到期日期?|"
        r"EXPIRY(?: DATE)?|EXPIRATION(?: DATE)?|EXPIRES?(?: ON)?|EXP\.?(?: ?DATE)?|USE BY"
    ),
    "produced": r"(?:生产|制造|出厂)日期|生产年月|(?:MFG|MFD|MAN|PROD)\.?(?: ?DATE)?|PRODUCTION(?: DATE)?",
    "lot": r"(?:产品|生产)?批号|LOT(?: ?NO)?\.?|BATCH(?: ?NO)?\.?",
}
_LABELS = re.compile("|".join(f"(?P<{kind}>{words})" for kind, words in _WORDS.items()))
_ENDING = re.compile("(.*?) ?(?:(之前|以前|前|失效|过期)|止|底|到期)(?:使用)?")


def read_label(raw: str) -> Label:
    """Everything a text says about production, shelf life and expiry; a bare date is an expiry.

    Raises `ExpiryUnreadable` when any part of the text cannot be read: nothing is skipped but lot numbers.
    """
    if not raw.strip():
        raise ExpiryUnreadable("empty")
    if len(raw) > LONGEST_TEXT:
        raise ExpiryUnreadable("too_long")
    until: list[Until] = []
    produced: set[PrintedDate] = set()
    lives: set[ShelfLife] = set()
    for kind, value in _segments(_normalise(raw)):
        if kind == "produced":
            produced.add(_read_date(value))
        elif kind == "until" and (life := _read_shelf_life(value)):
            lives.add(life)
        else:
            until.append(_read_until(value, excluded=kind == "excluded"))
    if len(produced) > 1 or len(lives) > 1:
        raise ExpiryUnreadable("two_dates")
    return Label(tuple(until), next(iter(produced), None), next(iter(lives), None))


def read_production(raw: str) -> PrintedDate:
    """A production day or month, with or without its heading."""
    label = read_label(raw if _LABELS.search(_normalise(raw)) else f"生产日期 {raw}" if raw.strip() else raw)
    if label.produced is None or label.until or label.shelf_life:
        raise ExpiryUnreadable("unreadable")
    return label.produced


def _read_until(value: str, *, excluded: bool) -> Until:
    if ending := _ENDING.fullmatch(value):
        return Until(_read_date(ending[1]), excluded or ending[2] is not None)
    return Until(_read_date(value), excluded)


def _segments(text: str) -> Iterator[tuple[str, str]]:
    """Each value with the kind of the headings before it; a value before any heading is an expiry."""
    headings = list(_LABELS.finditer(text))
    starts = [found.start() for found in headings] + [len(text)]
    if bare := text[: starts[0]].strip(" ./-"):
        yield "until", bare
    waiting: set[str] = set()
    for found, end in zip(headings, starts[1:], strict=True):
        waiting.add(found.lastgroup or "")
        if value := text[found.end() : end].strip(" ./-"):
            yield from _labelled(waiting, value)
            waiting = set()


def _labelled(kinds: set[str], value: str) -> Iterator[tuple[str, str]]:
    """失效期 beside EXP stays 失效期; any other two headings on one value leave it unclear which it is.

    Lot numbers are dropped: they say nothing about dates.
    """
    if kinds == {"until", "excluded"}:
        yield "excluded", value
    elif len(kinds) > 1:
        raise ExpiryUnreadable("unreadable")
    elif kinds != {"lot"}:
        yield kinds.pop(), value
