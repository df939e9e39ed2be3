"""The words of a register: heads of columns, age bands, marks, who collected, and what is said of a bad cell."""

from __future__ import annotations

from collections.abc import Mapping

from donations.roster_import_cells import CellRefused

# Each column of the printed register under the words people put above it.
SYNONYMS: Mapping[str, str] = {
    "place": "单位 村卫生室 卫生室 发放单位 机构",
    "dispensed_on": "发放日期 日期 领取日期 发药日期",
    "register_ref": "登记号 登记编号 编号 登记序号",
    "age_band": "年龄段 年龄组 年龄",
    "marks": "其中 标记 人群标记 人群类别 重点人群",
    "collected_by": "领取方式 领取人 发放方式",
    "shipment": "签收单号 调拨单号 随附签收单 签收单",
    "number": "药品序号 药品编号",
    "medicine": "药品名称 药名 品名 药品 通用名",
    "specification": "规格 药品规格",
    "quantity": "数量 发放数量 发药数量",
    "days_supply": "用药天数 天数 服用天数",
    "prescriber": "处方人 处方医师 开方人 医师",
}
AGE_BANDS = {
    "0-3岁": "0-3", "0-3": "0-3", "4-14岁": "4-14", "4-14": "4-14", "15-64岁": "15-64", "15-64": "15-64",
    "65-79岁": "65-79", "65-79": "65-79", "80岁及以上": "80+", "80岁以上": "80+", "80+": "80+", "80及以上": "80+",
}  # fmt: skip
MARKS = {
    "孕产妇": "pregnant", "孕妇": "pregnant", "产妇": "pregnant", "独居": "living_alone",
    "独居老人": "living_alone", "独居(孤寡": "living_alone", "空巢)老人": "living_alone", "空巢老人": "living_alone",
    "孤寡老人": "living_alone", "独居(孤寡、空巢)老人": "living_alone", "特困人员(五保)": "destitute",
    "特困人员": "destitute", "特困": "destitute", "五保": "destitute", "低保对象": "low_income", "低保": "low_income",
    "残疾人": "disabled", "残疾": "disabled", "慢性病患者": "chronic", "慢性病": "chronic", "慢病": "chronic",
    "红标人群": "tier_red", "红标": "tier_red", "黄标人群": "tier_yellow", "黄标": "tier_yellow",
    "绿标人群": "tier_green", "绿标": "tier_green", "其他": "other",
}  # fmt: skip
WAYS = {
    "本人": "self", "本人领取": "self", "家属": "family", "家属代领": "family", "村干部": "village_cadre",
    "村干部代领": "village_cadre", "送药上门": "delivered", "送药": "delivered", "上门": "delivered",
}  # fmt: skip
_MESSAGES = {
    "header_not_found": (
        "找不到表头：至少要有“发放日期”“年龄段”“数量”和“药品名称”或“药品序号”",
        "No header found: 发放日期, 年龄段, 数量 and 药品名称 or 药品序号 are needed.",
    ),
    "place_unknown": (
        "不认识这个单位；请填写代码或全称",
        "This place is not known; write its code or whole name.",
    ),
    "age_band_unknown": (
        "年龄段只能是：0—3岁、4—14岁、15—64岁、65—79岁、80岁及以上",
        "An age band is one of 0—3岁, 4—14岁, 15—64岁, 65—79岁, 80岁及以上.",
    ),
    "mark_unknown": ("不认识这个标记", "This mark is not known."),
    "way_unknown": (
        "领取方式只能是：本人、家属、村干部、送药上门",
        "Collected by 本人, 家属, 村干部 or 送药上门.",
    ),
    "medicine_unknown": (
        "目录中没有这种药品，或须写明规格",
        "The catalogue does not know this medicine, or its strength is needed.",
    ),
    "number_unknown": (
        "该签收单没有这个药品序号，或未填签收单号",
        "The note has no goods of this number, or its own number is missing.",
    ),
    "not_whole": ("请填整数", "A whole number is needed."),
}


def refused(code: str) -> CellRefused:
    return CellRefused(code, *_MESSAGES[code])
