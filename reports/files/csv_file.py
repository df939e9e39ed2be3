"""The bulletin as CSV, and the descriptor that says what stands in it (Data Package and Table Schema, version 1).

UTF-8 with a byte order mark, without which Excel takes Chinese for something else; lines end as RFC 4180 says.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.safe_text import neutralise_formula
from reports.files.long_table import fields_of, long_rows
from reports.seal import canonical, fingerprint

DATES = {"day", "last_usable_day"}
MEANINGS = {
    "table": "Which table. Of a bulletin counts: 笔数与人次; account: 收支表 (table C); received: 接收表 (table A); "
    "allotted: 分配表 (table B); townships: 分乡镇. Of a report by unit county: 全县; units: 按单位; centres: 按机构",
    "period": "this_period: 本期; cumulative: 累计",
    "figure": "Path of the number in the JSON, its parts joined by dots",
    "medicine": "Code of the medicine; empty where nobody could name it yet",
    "generic_name": "通用名",
    "dosage_form": "剂型",
    "strength": "规格",
    "unit": "最小单位",
    "manufacturer": "生产企业, as read at the counter; only in table received, empty where nobody read it",
    "day": "Day of booking",
    "group": "unit, or who belongs to no unit of the county's list: unlisted, no_unit, anonymous",
    "category": "单位类别",
    "name": "单位或机构",
    "place": "Code of the drop-off point, clinic or township; other: townships shown together",
    "place_name": "捐赠接收点、机构或乡镇",
    "lot_number": "批号",
    "last_usable_day": "有效期至 (last usable day)",
    "quantity": "数量, in `unit`; never to be added across medicines",
}


def csv_bytes(content: dict[str, Any]) -> bytes:
    """All figures and rows of a bulletin."""
    return table_bytes(fields_of(content), long_rows(content))


def table_bytes(fields: Sequence[str], rows: Iterable[Mapping[str, str | int]]) -> bytes:
    """The rows below their fields; texts that a spreadsheet would take for a formula are disarmed."""
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow(fields)
    for line in rows:
        writer.writerow(neutralise_formula(v) if isinstance(v, str) else v for v in line.values())
    return target.getvalue().encode("utf-8-sig")


def package_bytes(content: dict[str, Any], table: bytes, fields: Sequence[str], stem: str) -> bytes:
    """The descriptor of the CSV whose bytes are `table`; `stem` is what the edition's files are called."""
    campaign, county = content["campaign"], content["county"]
    return canonical(
        {
            "profile": "tabular-data-package",
            "name": stem,
            "title": f"{county['name']} {campaign['name']} ({content['year']}, {content['number']})",
            "resources": [
                {
                    "profile": "tabular-data-resource",
                    "name": stem,
                    "path": f"{stem}.csv",
                    "format": "csv",
                    "mediatype": "text/csv",
                    "encoding": "utf-8",
                    "bytes": len(table),
                    "hash": f"sha256:{fingerprint(table)}",
                    "schema": {"fields": [_field(name) for name in fields], "missingValues": [""]},
                }
            ],
        }
    )


def _field(name: str) -> dict[str, Any]:
    kind = "integer" if name == "quantity" else "date" if name in DATES else "string"
    return {"name": name, "type": kind, "description": MEANINGS[name]}
