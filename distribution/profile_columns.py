"""The columns of a table of clinic profiles, by field: what the template prints, then other words people use."""

from __future__ import annotations

COLUMNS: dict[str, str] = {
    "place": "机构编码 编码 代码 单位代码 单位编码 code",
    "name": "机构名称 名称 单位 单位名称 卫生室 机构 name",
    "population": "服务人口 人口 常住人口 总人口 population",
    "age_0_3": "0—3岁 0-3岁 0至3岁 age_0_3",
    "age_4_14": "4—14岁 4-14岁 4至14岁 age_4_14",
    "age_65_79": "65—79岁 65-79岁 65至79岁 age_65_79",
    "age_80_up": "80岁及以上 80岁以上 age_80_up",
    "pregnant": "孕产妇 pregnant",
    "living_alone_elderly": "独居老人 孤寡空巢老人 独居(孤寡、空巢)老人 living_alone_elderly",
    "destitute_low_income": "特困低保 特困和低保 特困、低保 destitute_low_income",
    "disabled": "残疾人 disabled",
    "chronic_patients": "慢性病患者 慢病患者 chronic_patients",
    "tier_red": "红标人群 红标 tier_red",
    "tier_yellow": "黄标人群 黄标 tier_yellow",
    "tier_green": "绿标人群 绿标 tier_green",
    "current_fever_cases": "当前发热人数 发热人数 current_fever_cases",
    "travel_minutes": "路程分钟 送达分钟 路程(分钟) travel_minutes",
    "data_date": "数据日期 统计日期 日期 data_date",
}
# Said of a place elsewhere, or found by the programme itself: read over.
UNREAD = ["类型", "上级机构", "上级", "乡镇", "可用天数", "备注", "type", "parent", "township", "stock_days"]
HEADS = {field: words.split()[0] for field, words in COLUMNS.items()}
