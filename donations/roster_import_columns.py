"""Which column of somebody's roster is which: by its header, in any order and many wordings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.spreadsheets import SheetRow
from donations.specifications import UNITS

HEADER_WITHIN = 20
REQUIRED = ("name", "medicine", "quantity")
_AMBIGUOUS = "单位"

SYNONYMS: Mapping[str, str] = {
    "number": "序号 编号 序 no",
    "name": "姓名 捐赠人 捐赠者 捐赠人姓名 捐赠者姓名 捐药人 捐献人 名字 捐赠人(单位) 捐赠人名称",
    "work_unit": "工作单位 工作单位或乡镇村 单位名称 所在单位 捐赠单位 部门 乡镇村 乡镇 村 住址 地址 科室 所属单位",
    "phone": "电话 联系电话 手机 手机号 手机号码 电话号码 联系方式 捐赠人电话",
    "medicine": "药品名称 药名 品名 药品 通用名 通用名称 药物名称 捐赠药品 药品通用名 名称 药品名",
    "specification": "规格 药品规格 包装规格 规格型号 剂型规格",
    "quantity": "数量 捐赠数量 药品数量 数目 接收数量",
    "measure": "计量单位 计数单位 计量 数量单位 包装单位 药品单位 最小单位 单位(盒/片/粒)",
    "lot_number": "批号 产品批号 生产批号 批次 药品批号 批次号",
    "expiry": "有效期至 有效期 效期 有效日期 有效期限 有效期截止 到期日 到期日期 失效期 失效日期",
    "produced_on": "生产日期 出厂日期",
    "manufacturer": "生产厂家 生产企业 厂家 生产厂商 生产单位 上市许可持有人 厂商",
    "approval_number": "批准文号 国药准字 国药准字号 药品批准文号",
    "trace_codes": "追溯码 药品追溯码 电子监管码 监管码",
    "day": "日期 捐赠日期 登记日期 接收日期 捐赠时间 登记时间 时间",
    "publish": "是否公开姓名 姓名公开 公开姓名 公开方式",
    "handler": "经办人 接收人 登记人 经手人",
    "signature": "捐赠人签字 签字 签名 捐赠人签名",
    "note": "备注 说明 备注说明",
}
_FIELDS = {word: field for field, words in SYNONYMS.items() for word in words.split()}
MEASURES = frozenset({"盒", *UNITS})
# What else people count by: read where the specification names it, and refused otherwise.
_CONTAINERS = frozenset({"板", "罐", "小盒", "中盒", "箱", "件", "套"})
UNREAD = {"number", "handler", "signature", "note"}


@dataclass(frozen=True)
class Header:
    """Where the header stands, and for each field the index of its column and the words above it."""

    row: int
    columns: Mapping[str, int]
    words: Mapping[str, str]

    @property
    def measure(self) -> str:
        """What the quantities count by their own header, as 数量(盒) does; empty where it does not say."""
        found = re.search(r"\(([^()]+)\)", unicodedata.normalize("NFKC", self.words.get("quantity", "")))
        return found[1].strip() if found and is_measure(found[1].strip()) else ""

    @property
    def missing(self) -> list[str]:
        return [field for field in REQUIRED if field not in self.columns]


def is_measure(word: str) -> bool:
    """Whether people count medicines by this word."""
    return word in MEASURES or word in _CONTAINERS


def find_header(rows: Sequence[SheetRow]) -> Header | None:
    """The row among the first that names most columns, two of the required ones at least."""
    headers = [header for row in rows[:HEADER_WITHIN] if (header := _header(row))]
    return max(headers, key=lambda header: len(header.columns), default=None)


def plain_header(text: str) -> str:
    """姓 名, 姓名*, 姓名(必填) and 姓名： all read 姓名."""
    plain = "".join(unicodedata.normalize("NFKC", text[:60]).casefold().split()).strip("*:")
    return plain if plain in _FIELDS else re.sub(r"\(.*\)|[*:]", "", plain)


def _header(row: SheetRow) -> Header | None:
    columns: dict[str, int] = {}
    unclear: list[int] = []
    for index, cell in enumerate(row.cells):
        plain = plain_header(cell.text)
        if plain == _AMBIGUOUS:
            unclear.append(index)
        elif field := _FIELDS.get(plain):
            _place(columns, field, index)
    if len(set(columns) & set(REQUIRED)) < 2:
        return None
    # 单位 left of the medicine is where people work, right of it what is counted.
    for index in unclear:
        left = index < columns.get("medicine", columns.get("quantity", 0))
        _place(columns, "work_unit" if left else "measure", index)
    words = {field: row.cells[index].text for field, index in columns.items()}
    return Header(row.number, columns, words)


def _place(columns: dict[str, int], field: str, index: int) -> None:
    """The first column of a field is the one; a second that says what is counted may contradict it."""
    taken = field == "measure" and field in columns
    columns.setdefault("other_measure" if taken else field, index)
