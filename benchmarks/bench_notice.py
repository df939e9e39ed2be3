"""What a long printed bulletin costs: python -m benchmarks.bench_notice [--rows 5000] [--json FILE] [--pdf FILE].

A bulletin with so many rows of table A is set as a PDF in a process of its own: seconds, pages, and the most memory
that process ever held. No database is asked: the notice is made from its frozen content alone.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import json
import random
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MEDICINES = Path(__file__).parent.parent / "catalogue" / "data" / "medicines.csv"
TOWNSHIPS = (
    "丙妹镇",
    "贯洞镇",
    "洛香镇",
    "下江镇",
    "宰便镇",
    "西山镇",
    "停洞镇",
    "往洞镇",
    "高增乡",
    "谷坪乡",
)
MAKERS = ("", "贵州百灵企业集团制药股份有限公司", "中美天津史克制药有限公司", "石家庄以岭药业股份有限公司")
FIRST = datetime.date(2023, 1, 1)
ALLOWED_SECONDS, ALLOWED_MEGABYTES = 10, 400


def content(rows: int, seed: int = 1) -> dict[str, Any]:
    """A bulletin's content whose totals follow from its rows, its chances from a seed."""
    chance = random.Random(seed)
    with MEDICINES.open(encoding="utf-8") as source:
        named = [_named(row) for row in csv.DictReader(source) if row["donation_default"] == "accept"][:60]
    received = _received(named, rows, chance)
    allotted = _allotted(received)
    townships = [_township(row, "received") for row in received]
    townships += [
        _township({**row, "drop_off_point_name": row["clinic_name"]}, "allotted") for row in allotted
    ]
    lines = list(_lines(named, received, allotted))
    figures = {
        "counts": _counts(rows),
        "medicines": lines,
        "identities": _identities(lines),
        "identities_hold": True,
    }
    return {
        "schema": "donated-medicine-bulletin/2",
        "county": {"code": "522633", "name": "从江县", "time_zone": "Asia/Shanghai"},
        "campaign": {
            "code": "C", "name": "群众余药捐赠", "donee": "从江县人民医院", "coordinator": "从江县卫生健康局",
            "contact": "0855-6410000", "supervision_phone": "0855-12345",
        },
        "year": 2023, "number": 3, "as_of": "2023-01-11T01:30:00Z", "previous_sha256": None,
        "this_period": {**figures, "period": {"from": "2023-01-01", "to": "2023-01-10"}},
        "cumulative": {**figures, "period": {"from": "2022-12-20", "to": "2023-01-10"}},
        "received": received, "allotted": allotted, "table_identities": [],
        "townships": {"this_period": townships, "cumulative": townships},
        "packs": {row["medicine"]: 24 for row in named[:50]},
        "objection_days": 5,
    }  # fmt: skip


def _received(named: list[dict[str, str]], rows: int, chance: random.Random) -> list[dict[str, Any]]:
    return [
        {
            **_plain(chance.choice(named)),
            "manufacturer": chance.choice(MAKERS),
            "day": str(FIRST + datetime.timedelta(days=chance.randrange(10))),
            "lot_number": f"{chance.randrange(10**7):07}",
            "last_usable_day": str(FIRST + datetime.timedelta(days=chance.randrange(60, 900))),
            "quantity": chance.randrange(1, 200),
            "drop_off_point": f"P-{chance.randrange(30)}",
            "drop_off_point_name": f"{chance.choice(TOWNSHIPS)}卫生院",
        }
        for _number in range(rows)
    ]


def _allotted(received: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            **{name: row[name] for name in row if not name.startswith(("drop_off", "manufacturer"))},
            "quantity": row["quantity"] // 2,
            "clinic": row["drop_off_point"],
            "clinic_name": row["drop_off_point_name"],
        }
        for row in received[: len(received) // 4]
        if row["quantity"] > 1
    ]


def _named(row: dict[str, str]) -> dict[str, str]:
    return {
        "medicine": row["code"], "generic_name": row["generic_name_zh"], "dosage_form": row["dosage_form"],
        "strength": row["strength"], "unit": row["smallest_unit"], "category": row["category"],
    }  # fmt: skip


def _plain(named: dict[str, str]) -> dict[str, Any]:
    return {name: named[name] for name in named if name != "category"}


def _township(row: dict[str, Any], figure: str) -> dict[str, Any]:
    name = row["drop_off_point_name"].removesuffix("卫生院")
    units = {"received": 0, "allotted": 0, "dispensed": 0, figure: row["quantity"]}
    if figure == "allotted":
        units["dispensed"] = row["quantity"] // 2
    return {**row, "township": name, "township_name": name, **units}


def _lines(named: list[dict[str, str]], received: list[Any], allotted: list[Any]) -> Iterator[dict[str, Any]]:
    for medicine in named:
        code = medicine["medicine"]
        came = sum(row["quantity"] for row in received if row["medicine"] == code)
        went = sum(row["quantity"] for row in allotted if row["medicine"] == code)
        given = sum(row["quantity"] // 2 for row in allotted if row["medicine"] == code)
        bad = came // 20
        items = {"opening": 0, "registered": came, "surplus": 0, "accepted": came - bad, "rejected": bad,
                 "missing": 0, "voided": 0, "closing": 0}  # fmt: skip
        stock = {"opening": 0, "accepted": came - bad, "found": 0, "dispensed": given, "destroyed": 0, "lost": 0,
                 "adjusted": 0, "closing": came - bad - given}  # fmt: skip
        yield {
            **medicine, "items": items, "stock": stock, "road": {"opening": 0, "lost": 0, "closing": 0},
            "rejected_by_reason": {"damaged": bad} if bad else {}, "refused": 0, "refused_by_reason": {},
            "allotted": went, "returned": 0, "dispensed_by_age": {"65-79": given} if given else {},
        }  # fmt: skip


def _counts(rows: int) -> dict[str, int]:
    return {
        "donations": rows // 3, "donations_voided": 0, "hand_outs": rows // 5, "kinds_registered": 60,
        "kinds_accepted": 60, "kinds_allotted": 58, "kinds_dispensed": 57,
    }  # fmt: skip


def _identities(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"name": name, "medicine": line["medicine"], "left": 1, "right": 1, "holds": True}
        for line in lines
        for name in ("items", "stock")
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--pdf", type=Path)
    options = parser.parse_args()
    from reports.files.notice import notice_bytes

    made = content(options.rows)
    began = time.perf_counter()
    pdf = notice_bytes(made, "0" * 64, "https://tracker.example/verify/" + "0" * 64)
    seconds = time.perf_counter() - began
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = {
        "rows": options.rows,
        "seconds": round(seconds, 2),
        "megabytes": round(megabytes),
        "bytes": len(pdf),
    }
    print(" ".join(f"{name}={value}" for name, value in figures.items()))
    if options.json:
        options.json.write_text(json.dumps(figures))
    if options.pdf:
        options.pdf.write_bytes(pdf)
    return int(seconds > ALLOWED_SECONDS or megabytes > ALLOWED_MEGABYTES)


if __name__ == "__main__":
    sys.exit(main())
