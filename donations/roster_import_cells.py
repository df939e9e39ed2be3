"""What single cells of a roster mean. Whatever is not certain is refused with words that say what to write."""

from __future__ import annotations

import datetime
import re
import unicodedata

from catalogue.codes.messages import CodeError
from catalogue.codes.traces import trace_code
from core.quantities import QuantityError, is_same_unit, parse_quantity
from core.safe_text import TextRefused, safe_text
from core.spreadsheets import Cell, Kind
from donations.models import QUANTITY_LIMIT
from donations.printed import NOT_YET_READ, UNIDENTIFIED_UNIT
from donations.specifications import UNITS, Pack

_MESSAGES = {
    "required": ("此处必填", "This is needed."),
    "formula": ("含有公式；请粘贴为数值或文字", "This is a formula; paste its value or text."),
    "cell_error": ("单元格显示错误值", "The cell shows an error."),
    "day_unreadable": ("日期无法识别，例：2023-01-08", "Not a day; example: 2023-01-08."),
    "day_year_missing": ("日期缺少四位年份，例：2023-01-08", "The year needs four digits: 2023-01-08."),
    "impossible_day": ("日期不存在", "There is no such day."),
    "number_ambiguous": (
        "表格软件会把2024.10写成2024.1；请写成2024-01或2024-10",
        "A spreadsheet turns 2024.10 into 2024.1; write 2024-01 or 2024-10.",
    ),
    "excel_number": (
        "长数字被表格软件改写；请将单元格设为文本后重新填写",
        "A spreadsheet has changed this long number; format the cell as text and fill it in again.",
    ),
    "excel_day": (
        "批号被表格软件改成了日期；请将单元格设为文本后重新填写",
        "A spreadsheet made this lot number a day; format the cell as text and fill it in again.",
    ),
    "merged_cells": (
        "数量或药品名称的单元格被合并；请每种药品单独填写",
        "Cells of quantity or medicine are merged; fill in each medicine's own.",
    ),
    "publish_unknown": ("请填全名、仅姓氏或不公开", "Write 全名, 仅姓氏 or 不公开."),
    "several_medicines": ("一格中有多种药品，请分成多行", "Several medicines in one cell; give each a row."),
    "donor_unclear": (
        "姓名为空，而单位或电话与上一行不同",
        "The name is empty, yet work unit or phone differ from the row above.",
    ),
    "too_large": ("数量超过上限100万", "A quantity cannot exceed 1,000,000."),
}
_DAY = re.compile(r"([0-9]{4})[-./年]([0-9]{1,2})[-./月]([0-9]{1,2})日?(?:[0-9:时分秒T]*)")
_PLAIN_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_YEARLESS = re.compile(r"[0-9]{1,2}[-./月][0-9]{1,2}日?|[0-9]{2}[-./年][0-9]{1,2}[-./月][0-9]{1,2}日?")
_SPLIT = re.compile(r"[\s,，;；、/]+")
_QUANTITY = r"[0-9一二两三四五六七八九十]+\s*(?:盒|板|片|粒|袋|包|支|瓶|贴|丸)"
DITTO = frozenset({"〃", '"', "”", "″", "''", "同上", "同前", "－〃－"})
_NOTHING = frozenset(
    {"", "-", "/", "\\", "—", "--", "——", "／", "－", "看不清", "不清", "模糊", "不详", "未知", NOT_YET_READ}
)
_NOT_PRINTED = frozenset({"无", "没有", "无批号", "无效期", "无有效期", "未标", "未印", "未标注"})
_SOLIDS = frozenset({"片", "粒", "丸", "枚", "颗"})
PUBLISH = {
    "": None, "未询问": None, "全名": "full", "公开": "full", "是": "full", "同意": "full", "仅姓氏": "masked",
    "隐去名": "masked", "不公开": "anonymous", "否": "anonymous", "匿名": "anonymous", "不同意": "anonymous",
}  # fmt: skip


class CellRefused(ValueError):
    """A cell that cannot be taken. `code` is stable; `message` zh-Hans, `message_en` English; `column` names the
    field at fault where it is another one than the one that was read."""

    def __init__(self, code: str, message: str = "", message_en: str = "", column: str = "") -> None:
        self.code, self.column = code, column
        known = _MESSAGES.get(code, ("", ""))
        self.message, self.message_en = message or known[0], message_en or known[1]
        super().__init__(self.message)


def text_of(cell: Cell, limit: int) -> str:
    """The cell's text as it may be stored; ditto marks and formulas are not texts."""
    if cell.kind is Kind.FORMULA:
        raise CellRefused("formula")
    if cell.kind is Kind.ERROR:
        raise CellRefused("cell_error")
    try:
        if len(cell.text) > limit + 200:  # before a search whose cost grows with the square of the length
            raise TextRefused("too_long", limit=limit)
        return safe_text(re.sub(r"\s*\n\s*", " ", cell.text), max_length=limit)
    except TextRefused as error:
        raise CellRefused(error.code, error.message, error.message_en) from None


def day_of(cell: Cell) -> datetime.date:
    """2023.1.8, 2023年1月8日, 2023/01/08 10:30, 20230108 or a day of the spreadsheet."""
    plain = "".join(unicodedata.normalize("NFKC", text_of(cell, 40)).split())
    found = _DAY.fullmatch(plain) or _PLAIN_DAY.fullmatch(plain)
    if found is None:
        raise CellRefused("day_year_missing" if _YEARLESS.fullmatch(plain) else "day_unreadable")
    try:
        return datetime.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise CellRefused("impossible_day") from None


def quantity_of(cell: Cell, measure: Cell, *, unit: str | None, pack: Pack | None) -> tuple[int, str]:
    """How many units in 2盒, 3盒4片, or 2 beside a measure 盒, and what they are called in the row.

    `unit` is the medicine's smallest, None where the catalogue does not know the medicine: boxes of unknown content
    are then counted as boxes. The unit is empty where the row names none, or one that the specification resolves.
    """
    if cell.copied:
        raise CellRefused("merged_cells")
    text, word = _plain(text_of(cell, 60)), _plain(text_of(measure, 20))
    word = "" if word == UNIDENTIFIED_UNIT else word
    bare = re.fullmatch(r"[0-9.]+", text)
    if word and not bare:
        _check_agree(text, word)
    said = text + word if word and bare else text
    pack = pack if pack and _counts(pack, unit) else None
    size, contents = (pack.size, pack.contents) if pack else (None, {})
    named = next((each for each in UNITS if said.endswith(each)), "")
    if unit is None and size is None and said.endswith("盒"):
        named = "盒"
    smallest = unit or (pack.unit if pack else "") or ("" if named in contents else named)
    try:
        quantity = parse_quantity(said, pack_size=size, unit=smallest, contents=contents)
    except QuantityError as error:
        if error.code == "unit_unknown" and word and bare:
            raise _other_unit(word, smallest) from None
        raise CellRefused(error.code, error.message, error.message_en) from None
    if quantity > QUANTITY_LIMIT:
        raise CellRefused("too_large")
    return quantity, smallest if smallest == named else ""


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _check_agree(text: str, word: str) -> None:
    """2盒 beside a measure 片 says two things."""
    words = re.findall(r"[^\W\d_]+", text)
    if words and not any(is_same_unit(each, word) for each in words):
        raise CellRefused(
            "units_disagree",
            f"数量写的是“{text}”，单位写的是“{word}”，两处不一致",
            f"The quantity says “{text}”, the unit says “{word}”.",
            "measure",
        )


def check_same_measure(one: Cell, other: Cell, column: str) -> None:
    """Two places that say what is counted say the same, or one says nothing; else the cell in `column` is refused."""
    first, second = _plain(one.text[:20]), _plain(other.text[:20])
    if first and second and not is_same_unit(first, second):
        raise CellRefused(
            "units_disagree",
            f"单位一处写的是“{first}”，一处写的是“{second}”，两处不一致",
            f"The unit is “{first}” in one place and “{second}” in another.",
            column,
        )


def _other_unit(word: str, unit: str) -> CellRefused:
    if not unit:
        return CellRefused(
            "other_unit",
            f"看不懂单位“{word}”；请选盒、片、粒、袋、支、瓶等",
            f"Nobody counts in “{word}”.",
            "measure",
        )
    return CellRefused(
        "other_unit",
        f"这种药品按{unit}计数，不能按“{word}”填写；请填{unit}，或填盒并在规格中注明每盒装量",
        f"This medicine is counted in {unit}, not in “{word}”; use {unit}, or boxes with the pack size beside.",
        "measure",
    )


def _counts(pack: Pack, unit: str | None) -> bool:
    """Whether the pack is counted in the medicine's unit; people call a tablet 粒 too."""
    return not unit or pack.unit in {"", unit} or {pack.unit, unit} <= _SOLIDS


def lot_of(cell: Cell) -> tuple[str, str]:
    """The lot number with its state: read, not_read (empty, illegible) or not_printed (无)."""
    text = text_of(cell, 40)
    if text in _NOTHING:
        return "", "not_read"
    if text in _NOT_PRINTED:
        return "", "not_printed"
    if cell.kind in {Kind.DAY, Kind.MONTH}:
        raise CellRefused("excel_day")
    if cell.kind is Kind.NUMBER and (len(text) > 15 or "e" in text or "." in text):
        raise CellRefused("excel_number")
    return text, "read"


def expiry_of(cell: Cell, produced: Cell, *, excluded: bool) -> tuple[str, str]:
    """What is to be read as expiry, with its state. `excluded`: the column is headed 失效期."""
    text, made = text_of(cell, 60), text_of(produced, 40)
    if text in _NOTHING:
        return "", "not_read"
    if text in _NOT_PRINTED:
        return "", "not_printed"
    if cell.kind is Kind.NUMBER and re.fullmatch(r"[0-9]{4}\.[0-9]", text):
        raise CellRefused("number_ambiguous")
    if made and re.fullmatch(r"[0-9]{1,3}个?[月年天]", text):
        return f"生产日期{made} 有效期{text}", "read"
    return f"失效期{text}" if excluded and text[0].isdigit() else text, "read"


def trace_codes_of(cell: Cell) -> list[str]:
    """The 20-digit codes in a cell; numbers are refused, for a spreadsheet keeps 15 of their digits."""
    if cell.kind is Kind.NUMBER:
        raise _refused_code(trace_code(0.0))
    codes = []
    for piece in filter(None, _SPLIT.split(text_of(cell, 4000))):
        code = trace_code(piece, from_spreadsheet=True)
        if isinstance(code, CodeError):
            raise _refused_code(code)
        codes.append(code.text)
    return codes


def publish_of(cell: Cell) -> str | None:
    text = text_of(cell, 20)
    if text not in PUBLISH:
        raise CellRefused("publish_unknown")
    return PUBLISH[text]


def without_quantities(text: str) -> list[tuple[str, str]]:
    """Names with the quantity written behind each: 布洛芬2盒 连花清瘟1盒."""
    found = re.findall(rf"(.+?)\s*[x×*]?\s*({_QUANTITY})(?=\W|$|[^\W\d_])[\s,，;；、]*", text)
    return [(name.strip(" ,，;；、"), quantity) for name, quantity in found]


def _refused_code(code: object) -> CellRefused:
    if not isinstance(code, CodeError):
        raise AssertionError("a number is never a trace code")
    return CellRefused(code.code, code.zh, code.en)
