"""Chinese words of the printed bulletin and the public pages for codes that stand in the frozen content."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from catalogue.screening_rules import ROWS

CATEGORIES = {
    "antipyretic": "解热镇痛药",
    "cold combination": "复方感冒药",
    "cough": "止咳祛痰药",
    "sore throat": "咽喉用药",
    "TCM": "中成药",
    "antiviral": "抗病毒药",
    "respiratory": "呼吸系统用药",
    "GI": "消化系统用药",
    "chronic": "慢性病用药",
    "antibiotic-not-for-COVID": "抗菌药",
    "device": "医疗器械",
    "other": "其他",
}
UNNAMED = "未辨明药品"
UNSIGNED = "（以上为草稿，签发后编号、封存并署名。）"
DRAFT = ("草稿", "草稿（DRAFT）：未签发、未编号、未封存，数字可能变动，不得张贴或转发")
COUNTY_OWN, TOWNSHIPS_MERGED = "县直机构", "其他乡镇（合并）"
UNKNOWN = "—"
SIZES_UNKNOWN = "折合盒数为“—”的，所涉药品每盒数量均不详，未折合。"
BOXES, BOXED, KINDS, KINDS_COUNTED = "盒（约）", "折合盒数（约）", "种", "品种数"
# The same in English, for public pages in that language; a township's own name is Chinese in both.
ENGLISH = {
    "解热镇痛药": "Fever and pain",
    "复方感冒药": "Cold remedies",
    "止咳祛痰药": "Cough",
    "咽喉用药": "Sore throat",
    "中成药": "Chinese patent",
    "抗病毒药": "Antivirals",
    "呼吸系统用药": "Respiratory",
    "消化系统用药": "Digestive",
    "慢性病用药": "Long-term",
    "抗菌药": "Antibacterials",
    "医疗器械": "Devices",
    "其他": "Other",
    UNNAMED: "Not identified",
    COUNTY_OWN: "County's own",
    TOWNSHIPS_MERGED: "Others, merged",
    BOXES: "boxes (about)",
    BOXED: "boxes of usual size, about",
    KINDS: "kinds",
    KINDS_COUNTED: "kinds of medicine",
}
# What a number of kinds by township or category says, and what it does not.
KINDS_NOTE = (
    "品种数按各行分别计算：同一药品在几个乡镇都有的，每个乡镇各计一种，所以各乡镇之和可以大于全县品种数；"
    "“分配”按接收机构所在乡镇计算。"
)
BOXES_NOTE = (
    "折合盒数按各药品常见包装计算，每行取整到盒，各行之和与全县数可以略有出入；“分配”按接收机构所在乡镇计算；"
    + SIZES_UNKNOWN
)
# What stands in place of a nothing that nobody may be told from a little (reports.small_cells).
MERGED_ELSEWHERE = "*"
MERGED_NOTE = "“*”表示无发放、折合不足1盒，或因惠及不足5人次已并入“其他乡镇（合并）”。"
FEW_PEOPLE = (
    "“—”表示无，或已并入“其他（合并）”：某一期某人群不足5人次的，当期并入“其他（合并）”，"
    "累计按各期列出的数相加，合计不变。"
)
AGES = {
    "0-3": "0—3岁",
    "4-14": "4—14岁",
    "15-64": "15—64岁",
    "65-79": "65—79岁",
    "80+": "80岁及以上",
    "other": "其他（合并）",
}
# The policy's own number of days is not in the content.
REASONS = {row.code: row.decided_zh.format(min_days="规定") for row in ROWS} | {"other": "其他原因"}
# What of an edition's texts a correction may list, and where its figures stand.
TEXTS = {
    "campaign.code": "活动编号",
    "campaign.name": "征集活动",
    "campaign.donee": "受赠单位",
    "campaign.coordinator": "统筹单位",
    "campaign.contact": "联系方式",
    "campaign.supervision_phone": "监督电话",
    "county.name": "县名",
    "objection_days": "公示期（工作日）",
    "counts": "笔数与人次",
    "account": "收支",
    "received": "接收",
    "allotted": "分配",
    "townships": "分乡镇",
    "this_period": "本期",
    "cumulative": "累计",
}
INTERNAL = "内部资料，仅供县内工作使用，不对外公布。"
# Who gives without a unit of the county's list.
WITHOUT_UNIT = {"unlisted": "未列入名录的单位", "no_unit": "未注明单位的个人", "anonymous": "匿名"}
PERIODS = (("本期", "this_period"), ("累计", "cumulative"))
WHOLE = PERIODS[1:]
# What is held against what, by the names of the identities.
IDENTITY_WORDS = {
    "items": "待审核药品收支",
    "rejects": "不合格药品收支",
    "stock": "库存收支",
    "road": "在途收支",
    "dispatched": "发出＝各去向之和",
    "left_for_the_road": "出库＝发出",
    "arrived_from_the_road": "入库＝签收",
    "rejected_by_reason": "不合格＝各原因之和",
    "rejected_into_bin": "不合格＝转入待处理",
    "dispensed_by_age": "发放＝各人群之和",
    "table_a": "接收＝接收明细之和",
    "table_b": "分配＝分配明细之和",
    "registered": "各单位接收之和＝全县",
    "allotted": "各机构分配之和＝全县",
    "dispensed": "各机构发放之和＝全县",
    "donations": "各单位捐赠笔数之和＝全县",
    "hand_outs": "各机构惠及人次之和＝全县",
}
# Where goods of a closing account still are, by account and state.
STANDING = {
    ("items", "at_point"): "接收点待移交",
    ("items", "on_the_way"): "移交途中",
    ("items", "counted"): "待审核分类",
    ("items", "in_doubt"): "待核",
    ("rejects", "in_bin"): "不合格待处理",
    ("stock", "available"): "可用结存",
    ("stock", "held"): "暂控",
    ("stock", "reserved"): "已预留待发",
    ("road", "in_transit"): "调拨在途",
}


def identity_word(name: str) -> str:
    """An identity in words; those of a report by unit say of which period."""
    period, _dot, figure = name.rpartition(".")
    spans = {span: word for word, span in PERIODS}
    return f"{spans[period]}：{IDENTITY_WORDS[figure]}" if period else IDENTITY_WORDS[figure]


def is_closing(content: dict[str, Any]) -> bool:
    """Whether it is the closing account (总公示) of a campaign."""
    return content.get("kind") == "closing"


def periods_of(content: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """The periods an edition shows: a closing account has one, the whole campaign."""
    return WHOLE if is_closing(content) else PERIODS


def category_word(code: str | None) -> str:
    return UNNAMED if code is None else CATEGORIES.get(code, CATEGORIES["other"])


def chinese_day(day: str | datetime.date) -> str:
    """2023年1月5日: no padding (GB/T 9704-2012, 7.3.5)."""
    found = datetime.date.fromisoformat(day) if isinstance(day, str) else day
    return f"{found.year}年{found.month}月{found.day}日"


def local_moment(as_of: str, time_zone: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(as_of).astimezone(ZoneInfo(time_zone))


def chinese_moment(as_of: str, time_zone: str) -> str:
    at = local_moment(as_of, time_zone)
    return f"{chinese_day(at.date())}{at.hour}时{at.minute:02}分"


def edition_words(content: Mapping[str, Any]) -> str:
    """The number of an edition below its title; what is not signed yet has none."""
    return f"（第{content['number']}期）" if content["number"] else "（草稿，未编号）"


def stamp_of(content: Mapping[str, Any]) -> tuple[str, str]:
    """What stands on every page of what is not signed yet, so that it is never taken for what is published."""
    return ("", "") if content["number"] else DRAFT
