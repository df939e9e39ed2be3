"""What a correction changed, in the words of the tables that it changed. Pure."""

from __future__ import annotations

import re
from typing import Any

from reports.files.words import AGES, REASONS, TEXTS, UNNAMED

Content = dict[str, Any]
NAMES = {"received": "drop_off_point", "allotted": "clinic", "townships": "township"}
SPLITS = {
    "dispensed_by_age": ("发放", AGES),
    "hand_outs_by_age": ("惠及人次", AGES),
    "rejected_by_reason": ("不合格", REASONS),
    "refused_by_reason": ("不予接收", REASONS),
}
ACCOUNTS = {"items": "未审核药品", "rejects": "不合格药品", "stock": "库存", "road": "在途药品"}
FIGURES = {
    "donations": "捐赠笔数", "donations_voided": "作废笔数", "hand_outs": "惠及人次",
    "kinds_registered": "接收品种数", "kinds_accepted": "合格品种数", "kinds_allotted": "分配品种数",
    "kinds_dispensed": "发放品种数",
    "opening": "期初", "closing": "期末", "registered": "接收", "received": "接收", "surplus": "多出",
    "accepted": "合格", "rejected": "不合格", "missing": "短少", "voided": "作废", "refused": "不予接收",
    "refused_and_left": "留下待销毁", "returned_to_donor": "退还捐赠人", "destroyed": "销毁", "arrived": "入库",
    "found": "盘盈", "left": "出库", "dispensed": "发放", "lost": "遗失", "adjusted": "盘亏", "dispatched": "发出",
    "allotted": "分配", "returned": "退回", "to_clinics": "发往诊疗点", "local_use": "本地留用",
    "between_clinics": "诊疗点之间调剂", "between_stores": "药库之间调拨",
    "closing_at_point": "期末接收点待移交", "closing_on_the_way": "期末移交途中", "closing_counted": "期末待审核",
    "closing_in_doubt": "期末待核", "closing_in_bin": "期末待处理", "closing_available": "期末可用",
    "closing_held": "期末暂控", "closing_reserved": "期末已预留", "closing_in_transit": "期末在途",
    "closing_in_use": "期末在用", "closing_lent": "期末借出",
}  # fmt: skip
WORDS = TEXTS | {"transfers": "调拨"}
TOLD = re.compile(r"(packs|medicine|place)\.(.*)")


class ChangedWords:
    """Names what differs by the names that stand in the new edition; what it does not know keeps its code."""

    def __init__(self, content: Content) -> None:
        rows = content["cumulative"]["medicines"]
        self._medicine = {row["medicine"]: _full_name(row) for row in rows if row["medicine"]}
        self._place = {
            row[of]: row[f"{of}_name"]
            for table, of in NAMES.items()
            for row in _rows(content, table)
            if row[of]
        }

    def figure(self, line: Content) -> str:
        """`received this_period registered M009a 2023-01-05 P-…` as 接收 本期 接收 布洛芬片 0.1g（片） 2023-01-05 ….

        The codes of medicines and places are told by name.
        """
        medicine, place = str(line["medicine"]), str(line["place"])
        words = [
            WORDS.get(line["table"], line["table"]),
            WORDS.get(line["period"], line["period"]),
            self._medicine.get(medicine, medicine),
            str(line["day"]),
            self._place.get(place, place),
            str(line.get("manufacturer", "")),
            str(line["lot_number"]),
            str(line["last_usable_day"]),
            _path(str(line["figure"])),
        ]
        return " ".join(filter(None, words))

    def text(self, what: str) -> str:
        told = TOLD.fullmatch(what)
        if told is None:
            return TEXTS.get(what, what)
        kind, code = told.groups()
        if kind == "place":
            return f"机构名称 {code}"
        word = "每盒数量" if kind == "packs" else "药品名称"
        return f"{word} {self._medicine.get(code, code)}"


def _path(path: str) -> str:
    head, _dot, part = path.partition(".")
    if head in SPLITS:
        word, parts = SPLITS[head]
        return f"{word}（{parts.get(part, part)}）"
    if head in ACCOUNTS and part:
        return f"{ACCOUNTS[head]}：{FIGURES.get(part, part)}"
    return FIGURES.get(part or head, path)


def _rows(content: Content, table: str) -> list[Content]:
    if table != "townships":
        found: list[Content] = content[table]
        return found
    return [row for rows in content.get(table, {}).values() for row in rows]


def _full_name(row: Content) -> str:
    named = " ".join(filter(None, (row["generic_name"], row["strength"])))
    return f"{named or UNNAMED}（{row['unit']}）"
