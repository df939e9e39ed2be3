"""The tables of a bulletin as people read them: heads, and rows from the frozen content. domain.md section 5."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reports.files.long_table import tells_makers
from reports.files.words import COUNTY_OWN, STANDING, TOWNSHIPS_MERGED, identity_word

Row = dict[str, Any]
Cell = str | int


@dataclass(frozen=True)
class Head:
    """A column: its word, and its cell of a row."""

    word: str
    cell: Callable[[Row], Cell]

    @property
    def counted(self) -> bool:
        """Whether its cells are numbers."""
        return self.word not in _TEXTS


@dataclass(frozen=True)
class Table:
    title: str
    heads: tuple[Head, ...]

    def words(self) -> list[str]:
        return [head.word for head in self.heads]

    def rows(self, rows: list[Row]) -> list[list[Cell]]:
        return [[head.cell(row) for head in self.heads] for row in rows]


def received_table(content: Row) -> Table:
    """Table A of an edition: the first version told no maker."""
    heads = tuple(head for head in RECEIVED.heads if head is not MAKER or tells_makers(content))
    return Table(RECEIVED.title, heads)


def _text(name: str) -> Callable[[Row], Cell]:
    return lambda row: row[name] or ""


def _number(name: str) -> Callable[[Row], Cell]:
    return lambda row: int(row[name])


def _of(account: str, *columns: str) -> Callable[[Row], Cell]:
    return lambda row: sum(row[account][column] for column in columns)


def adjusted(row: Row) -> int:
    """盘盈盘亏: finds less losses found in counting."""
    gain: int = row["stock"]["found"] - row["stock"]["adjusted"]
    return gain


def in_use(row: Row) -> int:
    """其中在用: devices of the closing stock that clinics use themselves or have lent; none in older editions."""
    kept: int = row["stock"].get("closing_in_use", 0) + row["stock"].get("closing_lent", 0)
    return kept


def lost(row: Row) -> int:
    lost: int = row["stock"]["lost"] + row["road"]["lost"]
    return lost


def township_word(row: Row) -> str:
    """The township's name; places in none are the county's own, small ones are shown together."""
    word: str = row["township_name"] or (TOWNSHIPS_MERGED if row["township"] else COUNTY_OWN)
    return word


NAMED = (
    Head("通用名", lambda row: row["generic_name"] or "未辨明药品"),
    Head("剂型", _text("dosage_form")),
    Head("规格", _text("strength")),
)
UNIT = Head("单位", _text("unit"))
LABEL = (Head("批号", _text("lot_number")), Head("有效期至", _text("last_usable_day")))
_TEXTS = {
    "通用名", "剂型", "规格", "单位", "批号", "有效期至", "日期", "捐赠接收点", "机构", "核对项", "药品", "结果",
    "乡镇", "所处环节", "生产企业",
}  # fmt: skip

MAKER = Head("生产企业", _text("manufacturer"))
RECEIVED = Table(
    "接收明细",
    (
        Head("日期", _text("day")), *NAMED, MAKER, *LABEL, Head("数量", _number("quantity")), UNIT,
        Head("捐赠接收点", _text("drop_off_point_name")),
    ),
)  # fmt: skip
ALLOTTED = Table(
    "分配明细",
    (
        Head("机构", _text("clinic_name")), *NAMED, *LABEL, Head("数量", _number("quantity")), UNIT,
        Head("日期", _text("day")),
    ),
)  # fmt: skip
ACCOUNT = Table(
    "收支",
    (
        *NAMED,
        UNIT,
        Head("期初未审核", _of("items", "opening")),
        Head("接收", _of("items", "registered")),
        Head("多出", _of("items", "surplus")),
        Head("合格", _of("items", "accepted")),
        Head("不合格", _of("items", "rejected")),
        Head("短少", _of("items", "missing")),
        Head("作废", _of("items", "voided")),
        Head("期末未审核", _of("items", "closing")),
        Head("期初结存", _of("stock", "opening")),
        Head("期初在途", _of("road", "opening")),
        Head("入库", _of("stock", "accepted")),
        Head("分配", lambda row: row["allotted"]),
        Head("发放", _of("stock", "dispensed")),
        Head("退回", lambda row: row["returned"]),
        Head("销毁", _of("stock", "destroyed")),
        Head("遗失", lost),
        Head("盘盈盘亏", adjusted),
        Head("期末在途", _of("road", "closing")),
        Head("期末结存", _of("stock", "closing")),
        Head("其中在用", in_use),
    ),
)
TOWNSHIPS = Table(
    "分乡镇",
    (
        Head("乡镇", township_word), *NAMED, UNIT,
        Head("接收", _number("received")), Head("分配", _number("allotted")), Head("发放", _number("dispensed")),
    ),
)  # fmt: skip
NOT_CLOSED = Table(
    "尚未办结",
    (
        *NAMED, UNIT, Head("所处环节", lambda row: STANDING[row["account"], row["state"]]),
        Head("数量", _number("quantity")),
    ),
)  # fmt: skip
IDENTITIES = Table(
    "核对",
    (
        Head("核对项", lambda row: identity_word(row["name"])),
        Head("药品", lambda row: row["medicine"] or "未辨明药品"),
        Head("左", _number("left")),
        Head("右", _number("right")),
        Head("结果", lambda row: "相等" if row["holds"] else "不相等"),
    ),
)
