"""The daily report as plain text for a chat group: short, in the words of the notice, with nothing to click. Pure."""

from __future__ import annotations

import datetime
from typing import Any
from zoneinfo import ZoneInfo

from reports.files.words import chinese_day

MEDICINES, ZERO = 10, 30
STEPS = (("registered", "接收"), ("accepted", "合格"), ("allotted", "分配"), ("dispensed", "发放"))


def daily_text(content: dict[str, Any], county: str, time_zone: str) -> str:
    """`content` as `reports.daily.DailyReport.content` gives it; quantities in each medicine's smallest unit."""
    day = datetime.date.fromisoformat(content["day"])
    until = content["until"].astimezone(ZoneInfo(time_zone))
    state = "" if content["whole"] else "（未到截止时间，数据未完）"
    lines = [
        f"【{county}捐赠药品日报】{chinese_day(day)}",
        f"截至{until.hour}时{until.minute:02}分{state}",
        f"本日：{_counts(content['today'])}",
        f"累计：{_counts(content['cumulative'])}",
    ]
    moved = [row for row in content["medicines"] if any(row["today"].values())]
    lines += [f"{number}. {_medicine(row)}" for number, row in enumerate(moved[:MEDICINES], start=1)]
    if len(moved) > MEDICINES:
        lines.append(f"另有{len(moved) - MEDICINES}种药品，详见日报表")
    lines.append(_zero([place["name"] for place in content["zero_reports"]]))
    return "\n".join(lines)


def _counts(counts: dict[str, int]) -> str:
    return (
        f"登记捐赠{counts['donations']}笔、药品{counts['kinds_registered']}种，"
        f"审核合格{counts['kinds_accepted']}种，分配{counts['kinds_allotted']}种，"
        f"发放{counts['kinds_dispensed']}种、惠及{counts['hand_outs']}人次。"
    )


def _medicine(row: dict[str, Any]) -> str:
    name = "".join(filter(None, (row["generic_name"], row["strength"])))
    steps = "，".join(
        f"{word}{row['today'][step]}{row['unit']}" for step, word in STEPS if row["today"][step]
    )
    return f"{name}：{steps}"


def _zero(names: list[str]) -> str:
    counted = f"（{len(names)}个）" if 0 < len(names) <= ZERO else ""
    return f"零报告：{zero_names(names)}{counted}"


def zero_names(names: list[str]) -> str:
    """Places that recorded nothing, the first by name: a county has hundreds."""
    more = f"等{len(names)}个" if len(names) > ZERO else ""
    return ("、".join(names[:ZERO]) or "无") + more
