"""Examples of request bodies: valid JSON with days relative to today, shown in the OpenAPI document.

Places and campaign are those of the trial; ids are what the step before answers. A test sends each of them.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from core.days import local_day

Body = dict[str, Any]
CHECKLIST = {"identity": True, "label": True, "integrity": True, "storage": True, "expiry": True}


def months_on(day: datetime.date, months: int) -> str:
    """The month some months after a day, as a box prints it."""
    years, month = divmod(day.month - 1 + months, 12)
    return f"{day.year + years}年{month + 1:02}月"


def week(today: datetime.date) -> str:
    return f"{today}/{today + datetime.timedelta(days=6)}"


def item(today: datetime.date) -> Body:
    return {
        "medicine": "M009a",
        "description": "布洛芬片",
        "specification": "0.1g*100片",
        "manufacturer": "",
        "approval_number": "",
        "lot_number": "2203051",
        "lot_state": "read",
        "expiry": f"有效期至{months_on(today, 14)}",
        "expiry_state": "read",
        "produced_on": None,
        "shelf_life_months": None,
        "quantity": 44,
        "opened": True,
        "container": "blister",
        "findings": [],
        "trace_codes": [],
        "barcode": None,
    }


def donation(today: datetime.date) -> Body:
    return {
        "campaign": "C-522633-1",
        "place": "P-522633-01",
        "received_on": str(today),
        "unfit": "return",
        "receipt_code": None,
        "source_confirmed": True,
        "donor": {
            "kind": "person",
            "name": "张三",
            "phone": "",
            "township": None,
            "work_unit": "",
            "publish": None,
        },
        "items": [item(today)],
    }


def sorting(today: datetime.date) -> Body:
    accepted = {
        "outcome": "accept",
        "quantity": 40,
        "medicine": "M009a",
        "lot_number": "2203051",
        "expiry": f"有效期至{months_on(today, 14)}",
        "pack": "opened",
        "container": "blister",
        "checklist": CHECKLIST,
    }
    return {"item": 1, "decisions": [accepted, {"outcome": "reject", "quantity": 4, "reason": "damaged"}]}


def product(today: datetime.date) -> Body:
    return {
        "medicine": "M010",
        "brand": "芬必得",
        "specification": "0.3g*20粒",
        "manufacturer": "中美天津史克制药有限公司",
        "approval_number": "国药准字H10900089",
        "barcode": "",
        "insurance_code": "",
        "pack_size": 20,
    }


def deputy(today: datetime.date) -> Body:
    return {
        "person": "pharmacist",
        "role": "pharmacist",
        "place": "P-522633-01",
        "township": None,
        "deputy": "checker",
        "starts_on": str(today),
        "ends_on": str(today + datetime.timedelta(days=6)),
    }


def counted(today: datetime.date) -> Body:
    unknown = {
        "medicine": "M009a",
        "lot_number": "2301010",
        "expiry": f"有效期至{months_on(today, 9)}",
        "pack": "sealed",
        "container": "blister",
        "counted": 2,
    }
    return {"lines": [{"batch": 1, "side": "store", "spot": "shelf", "counted": 39}, unknown]}


def destruction(today: datetime.date) -> Body:
    return {
        "place": "P-522633-01",
        "lines": [{"batch": 1, "side": "store", "quantity": 5, "reason": "外观可疑"}],
        "method": "交医疗废物处置单位",
        "witness": "checker",
    }


def campaign(today: datetime.date) -> Body:
    return {
        "code": "C-522633-2",
        "name": "群众余药捐赠",
        "starts_on": str(today),
        "ends_on": str(today + datetime.timedelta(days=60)),
        "donee": "P-522633-01",
        "coordinator": "从江县卫生健康局",
    }


def plan(today: datetime.date) -> Body:
    return {
        "county": "522633",
        "from_places": ["P-522633-01"],
        "medicines": ["M009a"],
        "period": week(today),
        "horizon_days": 14,
        "level": "townships",
        "township": "522633101",
    }


def hand_out(today: datetime.date) -> Body:
    return {
        "place": "P-522633-101",
        "dispensed_on": str(today),
        "recipients": 1,
        "age_band": "65-79",
        "marks": ["living_alone"],
        "register_ref": "12",
        "collected_by": "self",
        "lines": [{"medicine": "M009a", "quantity": 6, "days_supply": 3}],
    }


def urgent_issue(today: datetime.date) -> Body:
    return {
        "from_place": "P-522633-01",
        "to_place": "P-522633-101",
        "agreed_by": "县卫生健康局分管副局长",
        "agreed_at": (timezone.now() - datetime.timedelta(minutes=20)).isoformat(timespec="seconds"),
        "reason": "村里多名老人同时发热，等不到下一次分配",
        "lines": [{"medicine": "M009a", "quantity": 5}],
    }


def needs(today: datetime.date) -> Body:
    return {
        "place": "P-522633-101",
        "period": week(today),
        "lines": [{"medicine": "M009a", "requested": 60}],
    }


def profile(today: datetime.date) -> Body:
    return {
        "population": 1800,
        "tier_red": 40,
        "tier_yellow": 120,
        "tier_green": 160,
        "data_date": str(today),
    }


def bulletin(today: datetime.date) -> Body:
    return {"campaign": "C-522633-1", "period_start": str(today), "period_end": str(today)}


def recall(today: datetime.date) -> Body:
    return {
        "medicine": "M009a",
        "lot_number": "2203051",
        "reason": "溶出度不合格",
        "reference": "药监召回〔2022〕7号",
        "standing": False,
    }


def reaction(today: datetime.date) -> Body:
    return {
        "place": "P-522633-101",
        "batch": 1,
        "happened_on": str(today),
        "description": "服药两小时后出现皮疹",
        "register_ref": "12",
    }


def monday_after(today: datetime.date) -> datetime.date:
    return today + datetime.timedelta(days=8 - today.isoweekday())


EXAMPLES: dict[tuple[str, str], Callable[[datetime.date], Body]] = {
    ("auth/login/", "POST"): lambda today: {"username": "clerk", "password": "…"},
    ("campaigns/", "POST"): campaign,
    ("work-units/", "PUT"): lambda today: {
        "categories": [{"category": "教育系统", "place": "P-522633-01"}],
        "units": [{"name": "县第一中学", "category": "教育系统", "place": ""}],
    },
    ("products/", "POST"): product,
    ("products/{id}/retire/", "POST"): lambda today: {"reason": "条码属于另一药品"},
    ("donations/", "POST"): donation,
    ("donations/{id}/void/", "POST"): lambda today: {"reason": "登记有误"},
    ("donations/{id}/count/", "POST"): lambda today: {"items": [{"item": 1, "counted": 44}]},
    ("screenings/", "POST"): item,
    ("donor-returns/", "POST"): lambda today: {
        "place": "P-522633-01",
        "donation": 1,
        "items": [{"item": 1, "quantity": 4}],
        "collector": "",
        "signed": True,
    },
    ("barcodes/", "POST"): lambda today: {"scan": "(01)06901234567892(17)240531(10)2203051(21)ABC123"},
    ("handovers/", "POST"): lambda today: {
        "from_place": "P-522633-101-001",
        "to_place": "P-522633-101",
        "donations": [1],
        "carrier": "县邮政投递员",
        "vehicle": "贵H12345",
        "seal_number": "FT-000123",
    },
    ("handovers/{id}/receive/", "POST"): lambda today: {
        "items": [{"item": 1, "counted": 43, "reason": "miscounted", "note": "少一片"}],
        "seal_intact": True,
        "seal_note": "",
    },
    ("handovers/{id}/void/", "POST"): lambda today: {"reason": "车辆未到，改日移交"},
    ("deputies/", "POST"): deputy,
    ("people/", "PUT"): lambda today: {
        "people": [
            {
                "name": "石秀兰",
                "username": "shi.xl",
                "roles": [{"role": "clerk", "place": "P-522633-01", "township": None}],
            }
        ]
    },
    ("holidays/", "POST"): lambda today: {
        "name": "春节",
        "first": str(monday_after(today)),
        "last": str(monday_after(today) + datetime.timedelta(days=4)),
        "works": False,
    },
    ("people/", "POST"): lambda today: {"username": "yang.qin", "name": "杨芹"},
    ("people/{id}/", "PATCH"): lambda today: {"name": "杨芹", "is_active": True, "version": 1},
    ("people/{id}/roles/", "POST"): lambda today: {
        "role": "clerk",
        "place": "P-522633-01",
        "ends_on": str(today + datetime.timedelta(days=90)),
    },
    ("places/", "POST"): lambda today: {
        "code": "P-522633-77",
        "name": "从江县公安局",
        "kind": "office",
        "takes_donations": True,
        "opening_hours": "工作日 9:00-17:00",
    },
    ("places/{code}/", "PATCH"): lambda today: {"phone": "0855-6412120", "active": True, "version": 1},
    ("sortings/", "POST"): sorting,
    ("batches/{id}/relabel/", "POST"): lambda today: {
        "lot_number": "2203057",
        "expiry": "",
        "reason": "批号末位看错",
    },
    ("batches/{id}/open/", "POST"): lambda today: {
        "place": "P-522633-01",
        "side": "store",
        "quantity": 20,
        "container": "blister",
    },
    ("labels/", "POST"): lambda today: {
        "place": "P-522633-01",
        "layout": "sheet",
        "lines": [{"batch": 1, "copies": 24}],
    },
    ("holds/", "POST"): lambda today: {"place": "P-522633-101", "batch": 1, "reason": "外观可疑"},
    ("holds/{id}/release/", "POST"): lambda today: {"reason": "厂家答复无碍"},
    ("recalls/", "POST"): recall,
    ("recalls/{id}/acknowledge/", "POST"): lambda today: {"place": "P-522633-101", "note": "已停用并封存"},
    ("recalls/{id}/lift/", "POST"): lambda today: {"reason": "批号录入有误"},
    ("adverse-reactions/", "POST"): reaction,
    ("counts/", "POST"): lambda today: {"place": "P-522633-01"},
    ("counts/{id}/lines/", "POST"): counted,
    ("counts/{id}/abandon/", "POST"): lambda today: {"reason": "盘点中断"},
    ("device-uses/", "POST"): lambda today: {
        "place": "P-522633-101",
        "kind": "lent",
        "medicine": "M187",
        "register_ref": "2023-018",
        "due_on": str(today + datetime.timedelta(days=7)),
    },
    ("device-uses/{id}/give-back/", "POST"): lambda today: {"condition": "broken", "reason": "屏幕不显示"},
    ("destructions/", "POST"): destruction,
    ("destructions/{id}/withdraw/", "POST"): lambda today: {"reason": "清单有误"},
    ("needs/", "PUT"): needs,
    ("clinic-profiles/{place}/", "PUT"): profile,
    ("policies/", "PUT"): lambda today: {"horizon_days": 14, "safety_percent": 60, "weight_red": 6},
    ("privacy-notice/", "PUT"): lambda today: {"text": "", "text_en": "", "number": 0},
    ("population-shifts/", "PUT"): lambda today: {
        "shifts": [
            {
                "township": "522633101",
                "from": str(today),
                "to": str(today + datetime.timedelta(days=20)),
                "percent": 30,
            }
        ]
    },
    ("population-shifts/", "POST"): lambda today: {
        "place": "P-522633-101-001",
        "from": str(today),
        "to": str(today + datetime.timedelta(days=20)),
        "heads": 120,
    },
    ("population-shifts/{id}/end/", "POST"): lambda today: {"to": str(today + datetime.timedelta(days=3))},
    ("interchangeable-medicines/", "PUT"): lambda today: {"groups": [["M001b", "M009a"]]},
    ("clinic-profiles/", "PUT"): lambda today: {
        "profiles": [
            {"place": "P-522633-101-001", "population": 700, "tier_red": 12, "data_date": str(today)}
        ]
    },
    ("plans/", "POST"): plan,
    ("shipments/{id}/dispatch/", "POST"): lambda today: {"lines": []},
    ("shipments/{id}/receive/", "POST"): lambda today: {
        "lines": [{"line": 1, "accepted": 39, "damaged": 0, "missing": 1, "reason": "途中短少"}]
    },
    ("urgent-issues/", "POST"): urgent_issue,
    ("swaps/", "POST"): lambda today: {
        "from_place": "P-522633-101",
        "to_place": "P-522633-101-001",
        "lines": [{"batch": 1, "quantity": 6}],
    },
    ("local-uses/", "POST"): lambda today: {
        "place": "P-522633-101",
        "lines": [{"batch": 1, "quantity": 20}],
    },
    ("local-use-rules/", "PUT"): lambda today: {
        "rules": [{"medicine": None, "percent": 100}, {"medicine": "M009a", "percent": 80}]
    },
    ("spot-checks/", "POST"): lambda today: {
        "place": "P-522633-101",
        "checked_on": str(today),
        "findings": "发放登记表缺三日处方人签字",
        "rectify_by": str(today + datetime.timedelta(days=7)),
    },
    ("spot-checks/{id}/rectify/", "POST"): lambda today: {"rectification": "已补签并培训发放员"},
    ("dispensing-limits/", "PUT"): lambda today: {
        "rules": [{"medicine": "M009a", "per_hand_out": 6, "per_fever": 6, "fever_days": 7}]
    },
    ("dispensing-registers/", "POST"): lambda today: {
        "hand_outs": [{**hand_out(today), "register_ref": "13"}, {**hand_out(today), "register_ref": "14"}]
    },
    ("dispensings/", "POST"): hand_out,
    ("kit-templates/", "POST"): lambda today: {
        "name": "防疫健康包",
        "shelf_days": 30,
        "lines": [{"medicine": "M009a", "quantity": 4, "days_supply": 2}],
    },
    ("kits/", "POST"): lambda today: {"place": "P-522633-101", "template": 1, "number": 2},
    ("kits/{id}/dispense/", "POST"): lambda today: {
        "dispensed_on": str(today),
        "recipients": 1,
        "age_band": "65-79",
        "marks": ["living_alone"],
        "register_ref": "16",
        "collected_by": "village_cadre",
        "prescriber": "杨医生",
    },
    ("kits/{id}/unpack/", "POST"): lambda today: {"reason": "包装袋破损"},
    ("bulletins/", "POST"): bulletin,
    ("public/questions/", "POST"): lambda today: {
        "county": "522633",
        "text": "捐赠的药品由谁审核？审核不合格的药品怎样处理？",
    },
    ("questions/{id}/answer/", "POST"): lambda today: {
        "answer": "由县中医院药房的药师审核；不合格的登记后集中销毁，并有监销人在场。"
    },
    ("questions/{id}/assign/", "POST"): lambda today: {"owner": "publisher@522633"},
    ("campaigns/{id}/rhythm/", "PUT"): lambda today: {"rhythm": "five_days"},
    ("bulletins/units/", "POST"): bulletin,
    ("bulletins/closing/", "POST"): lambda today: {"campaign": "C-522633-1"},
    ("bulletins/{id}/send-back/", "POST"): lambda today: {"reason": "联系方式待核对"},
    ("bulletins/{id}/withdraw/", "POST"): lambda today: {"reason": "本期提前结束，另行拟稿"},
    ("bulletins/{id}/correct/", "POST"): lambda today: {"reason": "监督电话有误"},
}


def add_examples(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A hook of drf-spectacular: writes today's examples into the document."""
    today = local_day("Asia/Shanghai")
    for (route, method), body in EXAMPLES.items():
        operation = result["paths"].get(f"/api/v1/{route}", {}).get(method.lower(), {})
        for content in operation.get("requestBody", {}).get("content", {}).values():
            content["example"] = body(today)
    return result
