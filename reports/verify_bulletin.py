"""Checks published bulletins of donated medicines, without the service that published them.

    python verify_bulletin.py --key PUBLIC_KEY bulletin-522633-2023-2.*  [bulletin-522633-2023-1.json]

Give it what you downloaded of one bulletin: its JSON and its seal, and if you like its CSV, XLSX and any other file
of the same name, and the JSON of the bulletin before it; what a file is called does not matter. PUBLIC_KEY is the
county's public key in base64 (from a place you trust, not only from the same web site); it may be given several
times, for keys have been changed.
For a whole campaign give it the archive alone: python verify_bulletin.py --key PUBLIC_KEY archive.zip
It knows bulletins (公示), their corrections, closing accounts (总公示) with their archive, and the internal report by
unit (通报). A daily report (日报) is a working paper that nobody seals or signs; there is nothing to check it by.
It recomputes every total and identity from the rows, compares every figure of every file, checks hashes, signatures
and chain, and says in words what holds. It ends with 0 if everything does, else with 1; with 2 for a wrong call.

Needs Python 3.11 or later and the package `cryptography`; nothing else.
"""

import argparse
import base64
import csv
import hashlib
import io
import json
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Content = dict[str, Any]
Keys = dict[str, Ed25519PublicKey]
# The version of an edition decides what it holds: the second tells in table A who made what.
BULLETIN_SCHEMAS = ("donated-medicine-bulletin/1", "donated-medicine-bulletin/2")
SEAL_SCHEMA = "donated-medicine-seal/1"
UNITS_SCHEMA = "donated-medicine-unit-report/1"
DAILY_SCHEMA = "donated-medicine-daily-report/1"
FILE_SCHEMA = "donated-medicine-file/1"
ARCHIVE_SCHEMAS = ("donated-medicine-archive/1", "donated-medicine-archive-seal/1")
NAMES_SCHEMA, NAME_SCHEMA = "donated-medicine-names/1", "donated-medicine-name/1"
DAY_SCHEMA = "donated-medicine-ledger-day/1"
NAMING = ("medicine", "generic_name", "dosage_form", "strength", "unit")
FIELDS = (
    "table",
    "period",
    "figure",
    *NAMING,
    "manufacturer",
    "day",
    "place",
    "place_name",
    "lot_number",
    "last_usable_day",
    "quantity",
)
MAKER = "manufacturer"
FIGURE_NAME = (
    "table", "period", "figure", "medicine", MAKER, "day", "place", "lot_number", "last_usable_day",
)  # fmt: skip
UNIT_FIELDS = ("table", "period", "figure", "group", "category", "place", "name", *NAMING, "quantity")
UNIT_FIGURE_NAME = ("table", "period", "figure", "group", "category", "place", "name", "medicine")
# Of a report by unit: whose rows a figure of the county is the sum of.
UNIT_FIGURES = (("registered", "units"), ("allotted", "centres"), ("dispensed", "centres"))
UNIT_COUNTS = (("donations", "units"), ("hand_outs", "centres"))
MOVED = {"units": ("registered",), "centres": ("allotted", "received", "dispensed")}
DETAILS = (("received", "registered", "drop_off_point"), ("allotted", "allotted", "clinic"))
LABEL = ("lot_number", "last_usable_day")
HEAD = {
    "schema", "county", "campaign", "year", "number", "as_of", "previous_sha256", "this_period", "cumulative",
    "received", "allotted", "table_identities",
}  # fmt: skip
ADDED_EARLY = {"least_people", "townships", "packs", "names", "objection_days"}
OF_A_KIND = ({"kind", "not_closed"}, {"corrects", "changes"})
TOWNSHIP_FIGURES = ("received", "allotted", "dispensed")
PERIODS = {"this_period": "本期 this period", "cumulative": "累计 cumulative"}
# What stands in an account, what comes in, what goes out; closing = opening + in - out, for every medicine.
ACCOUNTS = {
    "items": (("registered", "surplus"), ("voided", "accepted", "rejected", "missing")),
    "rejects": (("refused_and_left", "rejected"), ("returned_to_donor", "destroyed")),
    "stock": (("accepted", "arrived", "found"), ("left", "dispensed", "destroyed", "lost", "adjusted")),
    "road": (("dispatched",), ("received", "lost")),
}
KINDS = {
    "kinds_registered": ("items", "registered"),
    "kinds_accepted": ("stock", "accepted"),
    "kinds_dispensed": ("stock", "dispensed"),
}
LEAST_PEOPLE = 5
# What a seal names, and how such a file begins.
KNOWN_FILES = {
    "bulletin.csv": b"\xef\xbb\xbftable,",
    "bulletin.xlsx": b"PK",
    "bulletin.pdf": b"%PDF-",
    "stamped.pdf": b"%PDF-",
    "datapackage.json": b"{",
    "archive.zip": b"PK",
}
SHEET, NOTES_SHEET, CHECKED_SHEET, NOTHING = "数据", "说明", "核对", "无"
UNKNOWN, UNNAMED = "—", "未辨明药品"
# The sheet of accounts: a column's head, and the figures of the JSON that it adds up (or takes away).
ACCOUNT_HEADS: dict[str, tuple[str, ...]] = {
    "期初未审核": ("items.opening",),
    "接收": ("items.registered",),
    "多出": ("items.surplus",),
    "合格": ("items.accepted",),
    "不合格": ("items.rejected",),
    "短少": ("items.missing",),
    "作废": ("items.voided",),
    "期末未审核": ("items.closing",),
    "期初结存": ("stock.opening",),
    "期初在途": ("road.opening",),
    "入库": ("stock.accepted",),
    "分配": ("allotted",),
    "发放": ("stock.dispensed",),
    "退回": ("returned",),
    "销毁": ("stock.destroyed",),
    "遗失": ("stock.lost", "road.lost"),
    "盘盈盘亏": ("stock.found", "-stock.adjusted"),
    "期末在途": ("road.closing",),
    "期末结存": ("stock.closing",),
    "其中在用": ("stock.closing_in_use", "stock.closing_lent"),
}
UNIT_HEADS = {
    "按单位": ("units", ("donations", "people", "registered_kinds", "registered_boxes")),
    "按机构": (
        "centres",
        (
            "allotted_kinds", "allotted_boxes", "received_kinds", "received_boxes", "dispensed_kinds",
            "dispensed_boxes", "hand_outs",
        ),
    ),
}  # fmt: skip
MERGED = "other"
LARGEST_PART = 200_000_000
LARGEST_ARCHIVE = 4_000_000_000
EPOCH = (1980, 1, 1, 0, 0, 0)
CONTENTS, CONTENTS_SEAL, DAYS = "contents.json", "contents.seal.json", "ledger-days.json"
SEAL_FIELDS = {
    "schema", "county", "year", "number", "sha256", "previous_sha256", "key", "signature", "files",
}  # fmt: skip
SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


BROKEN = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError, csv.Error, zlib.error)


UNIT_WORDS = {
    "按单位": (["类别", "单位"], ["捐赠笔数", "捐赠人数", "品种数", "折合盒数（约）"], []),
    "按机构": (
        ["机构"],
        [
            "分配品种数", "分配盒数（约）", "签收品种数", "签收盒数（约）", "发放品种数", "发放盒数（约）",
            "惠及人次",
        ],
        ["逾期未签收（批）", "最早发出"],
    ),
}  # fmt: skip
# What the first sheet may say beside the facts.
KNOWN_NOTES = {
    "数量以各药品的最小单位计，不同单位的数量不得相加。",
    "本期与累计均按记账日统计；期初加收入等于支出加期末，逐项核对见“核对”表。",
    "“数据”表逐行列出全部数字，与公布的 JSON、CSV 文件一致。",
    "核验：用公布的 verify_bulletin.py 与公钥核对本文件及 JSON 文件。",
    (
        "“分乡镇”表按药品逐行列出，各行相加等于收支表；“接收”按捐赠接收点、“分配”按接收机构、“发放”按发放机构所在乡镇计算，"
        "某一期发放不足5人次的乡镇当期合并列示，累计按各期列出的数相加，合计不变。"
    ),
    "内部资料，仅供县内工作使用，不对外公布。",
    "单位按名录顺序排列，不排名；只列有捐赠的单位。人数指以个人名义捐赠的人。",
    "折合盒数按各药品常见包装计算，标“约”；折合盒数为“—”的，所涉药品每盒数量均不详，未折合。",
    "各机构包括其所辖村卫生室；“签收”含本地留用；逾期未签收指发出超过3天尚未签收的批次。",
}


UNIT_GROUPS = {"unlisted": "未列入名录的单位", "no_unit": "未注明单位的个人", "anonymous": "匿名"}
COUNTY_OWN, TOWNSHIPS_MERGED = "县直机构", "其他乡镇（合并）"
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


class Wrong(Exception):
    """Something that does not hold, in words."""


class Report:
    """What was checked; `failed` tells whether anything did not hold."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.failed = False

    def hold(self, words: str) -> None:
        self.lines.append(f"✓ {words}")

    def fail(self, words: str) -> None:
        self.failed = True
        self.lines.append(f"✗ {words}")

    def note(self, words: str) -> None:
        self.lines.append(f"· {words}")

    def check(self, words: str, test: Callable[..., None], *arguments: Any) -> None:
        """Hold `words` if `test` raises nothing."""
        try:
            test(*arguments)
        except Wrong as wrong:
            self.fail(f"{words}: {wrong}")
        except BROKEN as error:
            self.fail(f"{words}: 内容残缺 broken content ({type(error).__name__}: {error})")
        else:
            self.hold(words)


def canonical(content: Any) -> bytes:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def must(condition: object, words: str) -> None:
    if not condition:
        raise Wrong(words)


def equal(what: str, found: Any, expected: Any) -> None:
    must(found == expected and type(found) is type(expected), f"{what}: {short(found)} ≠ {short(expected)}")


def short(value: Any) -> str:
    """As much of a value as a person reads."""
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}…"


# --- the bulletin by itself ---


def check_canonical(content: Content, sealed: bytes) -> None:
    must(canonical(content) == sealed, "不是规范格式 not in canonical form")


def check_periods(content: Content) -> None:
    """Real days in their order, 本期 within 累计, and nothing told before it was over."""
    this, whole = period_of(content), period_of(content, "cumulative")
    days = [date.fromisoformat(each) for each in (whole["from"], this["from"], this["to"], whole["to"])]
    must(days == sorted(days) and days[2] == days[3], f"时段 periods {this} {whole}")
    told = datetime.fromisoformat(content["as_of"]).date()
    must(told >= days[2] - timedelta(days=1), f"截至时刻 as of {content['as_of']}")
    must(type(content["number"]) is int and content["number"] > 0, f"期数 number {content['number']!r}")
    first = content["previous_sha256"] is None
    must(
        not first or content["number"] == 1,
        "不是首期，却未写明上一期 not the first, yet it names none before",
    )


def check_whole_numbers(tree: Content, path: str = "") -> None:
    """What stands where a figure belongs is a whole number: anything else would be left out of CSV and XLSX."""
    for name, value in tree.items():
        here = f"{path}.{name}" if path else name
        if isinstance(value, dict):
            check_whole_numbers(value, here)
        elif path or name not in (*NAMING, "category"):
            must(type(value) is int, f"{here}: {value!r}")


def version_of(content: Content) -> int:
    return BULLETIN_SCHEMAS.index(content["schema"]) + 1


def check_fields(content: Content) -> None:
    """What its version holds, all of it, and nothing that is not told there."""
    first = version_of(content) == 1
    fields = set(content)
    for pair in OF_A_KIND:
        must(len(pair & fields) in (0, 2), f"字段 fields {sorted(pair & fields)}")
        fields -= pair
    missing, strange = (HEAD | ADDED_EARLY) - fields, fields - HEAD - ADDED_EARLY
    must(not strange and not missing - (ADDED_EARLY if first else set()), f"字段 fields {missing} {strange}")
    for table, _figure, place in DETAILS:
        row = {"day", *NAMING, *LABEL, place, f"{place}_name", "quantity"}
        row |= {MAKER} if table == "received" and not first else set()
        for line in content[table]:
            equal(f"{table} 字段 fields", set(line), row)
            must(isinstance(line.get(MAKER, ""), str), f"{table}: {line.get(MAKER)!r}")


def check_figures(figures: Content) -> None:
    """Every account closes, every split adds up, every count follows from the rows."""
    for tree in (figures["counts"], *figures["medicines"]):
        check_whole_numbers(tree)
    for row in figures["medicines"]:
        name = row["medicine"] or "-"
        for account, (gains, losses) in ACCOUNTS.items():
            book = row[account]
            for column, value in book.items():
                must(type(value) is int, f"{name} {account}.{column}: {value!r}")
            total = book["opening"] + sum(book[each] for each in gains) - sum(book[each] for each in losses)
            equal(f"{name} {account} 期末 closing", book["closing"], total)
            standing = sum(value for column, value in book.items() if column.startswith("closing_"))
            equal(f"{name} {account} 期末分项 closing by state", standing, book["closing"])
        check_splits(name, row)
    check_counts(figures)
    check_identities(figures)
    equal("identities_hold", figures["identities_hold"], True)


def check_splits(name: str, row: Content) -> None:
    items, stock, road, sent = row["items"], row["stock"], row["road"], row["transfers"]
    routes = sum(units for route, units in sent.items() if route != "local_use")
    for what, parts, whole in (
        ("不合格原因 rejected by reason", sum(row["rejected_by_reason"].values()), items["rejected"]),
        ("不予接收原因 refused by reason", sum(row["refused_by_reason"].values()), row["refused"]),
        ("转入销毁区 rejected into the bin", row["rejects"]["rejected"], items["rejected"]),
        ("发放人群 dispensed by age", sum(row["dispensed_by_age"].values()), stock["dispensed"]),
        ("分配 allotted", sent["to_clinics"] + sent["local_use"], row["allotted"]),
        ("退回 returned", sent["returned"], row["returned"]),
        ("发出 dispatched", routes, road["dispatched"]),
        ("出库 left", stock["left"], road["dispatched"]),
        ("入库 arrived", stock["arrived"], road["received"]),
    ):
        equal(f"{name} {what}", parts, whole)


def check_identities(figures: Content) -> None:
    """Stated is what follows from the rows, every identity of every medicine once."""
    expected = {}
    for row in figures["medicines"]:
        for name, sides in identities_of(row).items():
            expected[name, row["medicine"]] = sides
    stated = figures["identities"]
    found = {(each["name"], each["medicine"]): (each["left"], each["right"]) for each in stated}
    equal("核对项数 identities", len(stated), len(expected))
    for key, sides in expected.items():
        equal(f"{key[0]} {key[1] or '-'}", found[key], sides)
    check_stated(stated)


def identities_of(row: Content) -> dict[str, tuple[int, int]]:
    """Both sides of each identity of a medicine, from its row."""
    stock, road, sent = row["stock"], row["road"], row["transfers"]
    sides = {}
    for account, (gains, losses) in ACCOUNTS.items():
        book = row[account]
        left = book["opening"] + sum(book[each] for each in gains)
        sides[account] = (left, sum(book[each] for each in losses) + book["closing"])
    return sides | {
        "dispatched": (sum(sent[each] for each in sent if each != "local_use"), road["dispatched"]),
        "left_for_the_road": (stock["left"], road["dispatched"]),
        "arrived_from_the_road": (stock["arrived"], road["received"]),
        "rejected_by_reason": (sum(row["rejected_by_reason"].values()), row["items"]["rejected"]),
        "rejected_into_bin": (row["items"]["rejected"], row["rejects"]["rejected"]),
        "dispensed_by_age": (sum(row["dispensed_by_age"].values()), stock["dispensed"]),
    }


def check_counts(figures: Content) -> None:
    counts, named = figures["counts"], [row for row in figures["medicines"] if row["medicine"]]
    must(
        counts["donations"] >= counts["donations_voided"] >= 0 and counts["hand_outs"] >= 0,
        f"笔数、人次 counts {counts}",
    )
    equal("人次 hand-outs", sum(counts["hand_outs_by_age"].values()), counts["hand_outs"])
    equal("分配品种数 kinds allotted", sum(row["allotted"] > 0 for row in named), counts["kinds_allotted"])
    for kind, (account, column) in KINDS.items():
        equal(kind, sum(row[account][column] > 0 for row in named), counts[kind])
    codes = [row["medicine"] for row in figures["medicines"]]
    must(len(set(codes)) == len(codes), "同一药品列了两次 a medicine stands twice")


def check_names(content: Content, document: Content, data: bytes, sealed: bytes) -> None:
    """Every name of the list is one the bulletin is committed to; those missing were withdrawn. It says no more."""
    committed = content["names"]
    equal("字段 fields", set(document), {"schema", "bulletin", "entries", "withdrawn"})
    check_canonical(document, data)
    equal("公示 bulletin", document["bulletin"], sha256(sealed))
    found = [sha256(canonical({"schema": NAME_SCHEMA, **entry})) for entry in document["entries"]]
    must(len(set(found)) == len(found), "姓名重复 a name stands twice")
    for commitment, entry in zip(found, document["entries"], strict=True):
        equal("字段 fields", set(entry), {"name", "salt"})
        must(commitment in committed, f"{entry['name']}：公示中没有其承诺值 not committed to")
    equal("已撤回 withdrawn", document["withdrawn"], len(committed) - len(found))


def check_commitments(content: Content) -> None:
    must(content["names"] == sorted(set(content["names"])), "承诺值重复或未排序 not sorted, or twice")


def check_stated(identities: list[Content]) -> None:
    for identity in identities:
        what = f"{identity['name']} {identity['medicine'] or '-'}"
        equal(what, identity["left"], identity["right"])
        equal(what, identity["holds"], True)


def check_rows(content: Content) -> None:
    """Tables A and B add up to table C, medicine by medicine, and lie within the period."""
    period = content["this_period"]["period"]
    rows = {row["medicine"]: row for row in content["this_period"]["medicines"]}
    stated = {(each["name"], each["medicine"]): each["left"] for each in content["table_identities"]}
    equal("核对项数 identities", len(content["table_identities"]), len(rows) * len(DETAILS))
    for (table, _figure, place), name_of_sum in zip(DETAILS, ("table_a", "table_b"), strict=True):
        sums: dict[str | None, int] = {}
        once: set[tuple[Any, ...]] = set()
        for line in content[table]:
            where = (*(line[each] for each in (*NAMING, "day", place, *LABEL)), line.get(MAKER))
            must(where not in once, f"{table}: {line['day']} {line['medicine']} 列了两次 stands twice")
            once.add(where)
            must(
                period["from"] <= line["day"] <= period["to"],
                f"{table} {line['day']} 不在本期 not in the period",
            )
            must(type(line["quantity"]) is int, f"{table}: {line['quantity']!r}")
            sums[line["medicine"]] = sums.get(line["medicine"], 0) + line["quantity"]
            must(line["medicine"] in rows, f"{table}: {line['medicine']} 收支表中没有 not in table C")
            for name in NAMING:
                equal(f"{table} {name}", line[name], rows[line["medicine"]][name])
        for code, row in rows.items():
            total = row["items"]["registered"] if table == "received" else row["allotted"]
            equal(f"{table} {code or '-'}", sums.get(code, 0), total)
            equal(f"{name_of_sum} {code or '-'}", stated[name_of_sum, code], total)
    check_stated(content["table_identities"])


def check_townships(content: Content) -> None:
    """The townships add up to table C, medicine by medicine, in both periods."""
    equal("期别 periods", sorted(content["townships"]), sorted(PERIODS))
    for period, lines in content["townships"].items():
        rows = {row["medicine"]: row for row in content[period]["medicines"]}
        sums = {code: dict.fromkeys(TOWNSHIP_FIGURES, 0) for code in rows}
        once = {(line["township"], line["medicine"]) for line in lines}
        equal(f"{period} 分乡镇行数 rows of townships", len(lines), len(once))
        for line in lines:
            for name in NAMING:
                equal(f"townships {name}", line[name], rows[line["medicine"]][name])
            for figure in TOWNSHIP_FIGURES:
                must(type(line[figure]) is int, f"townships: {line[figure]!r}")
                sums[line["medicine"]][figure] += line[figure]
        for code, row in rows.items():
            totals = (row["items"]["registered"], row["allotted"], row["stock"]["dispensed"])
            for figure, total in zip(TOWNSHIP_FIGURES, totals, strict=True):
                equal(f"{code or '-'} {period} townships {figure}", sums[code][figure], total)


def check_not_closed(content: Content) -> None:
    """A closing account names every medicine that stands in a state, and no other."""
    standing = [
        {
            **{name: row[name] for name in NAMING},
            "account": account,
            "state": column.removeprefix("closing_"),
            "quantity": units,
        }
        for row in content["cumulative"]["medicines"]
        for account in ACCOUNTS
        for column, units in sorted(row[account].items())
        if column.startswith("closing_") and units
    ]
    equal("尚未办结 not closed", content["not_closed"], standing)
    equal("全程 the whole campaign", content["this_period"], content["cumulative"])


def breakdowns(content: Content, period: str) -> dict[tuple[str, str | None], dict[str, int]]:
    """Every table that tells people apart, by figure and medicine; cells of few people stand in `other`."""
    found: dict[tuple[str, str | None], dict[str, int]] = {}
    found["hand_outs", None] = content[period]["counts"]["hand_outs_by_age"]
    for row in content[period]["medicines"]:
        found["age", row["medicine"]] = row["dispensed_by_age"]
    for line in content["townships"][period]:
        if line["dispensed"]:
            found.setdefault(("township", line["medicine"]), {})[line["township"]] = line["dispensed"]
    return found


def check_few_people(content: Content) -> None:
    """No cell of people that is named is of fewer than the bulletin says."""
    must(content["least_people"] >= LEAST_PEOPLE, f"least_people: {content['least_people']}")
    for name, people in content["this_period"]["counts"]["hand_outs_by_age"].items():
        must(name == MERGED or people >= content["least_people"], f"{name}: {people}")


def check_carried_on(content: Content, earlier: Content) -> None:
    """累计 tells people apart as 累计 of the edition before and this 本期 did: no difference tells of a few."""
    whole = breakdowns(content, "cumulative")
    parts = [breakdowns(earlier, "cumulative")]
    parts += [] if is_closing(content) else [breakdowns(content, "this_period")]
    for name, cells in whole.items():
        sums: dict[str, int] = {}
        for part in parts:
            for cell, value in part.get(name, {}).items():
                sums[cell] = sums.get(cell, 0) + value
        named = {cell: value for cell, value in sums.items() if value and cell != MERGED}
        told = {cell: value for cell, value in cells.items() if cell != MERGED}
        equal(f"累计分项 breakdown {name}", told, named)


def check_cumulative(content: Content) -> None:
    """What closes this period closes all since the beginning, of the same medicines under the same names."""
    this, whole = ({row["medicine"]: row for row in content[each]["medicines"]} for each in PERIODS)
    equal("累计中没有的药品 not in 累计", sorted(map(str, this.keys() - whole.keys())), [])
    for code, row in whole.items():
        for account in ACCOUNTS:
            closing = this[code][account]["closing"] if code in this else 0
            equal(f"{code or '-'} {account}", closing, row[account]["closing"])
        for name in NAMING if code in this else ():
            equal(f"{code or '-'} {name}", this[code][name], row[name])
    if content["this_period"]["period"] == content["cumulative"]["period"]:
        both = [[content[each]["counts"], content[each]["medicines"]] for each in PERIODS]
        equal("同一时段 the same days", *both)


def check_grown(content: Content, earlier: Content) -> None:
    """累计 is 累计 of the edition before and this 本期, figure by figure; only who got it is merged by edition."""
    parts = (earlier["cumulative"], content["this_period"])
    for name in ("donations", "donations_voided", "hand_outs"):
        total = sum(each["counts"][name] for each in parts)
        equal(f"累计 {name}", content["cumulative"]["counts"][name], total)
    rows = [{row["medicine"]: row for row in each["medicines"]} for each in (*parts, content["cumulative"])]
    for code in rows[0].keys() | rows[1].keys() | rows[2].keys():
        before, this, whole = (dict(flows(each.get(code, {}))) for each in rows)
        for name in before.keys() | this.keys() | whole.keys():
            total = before.get(name, 0) + this.get(name, 0)
            equal(f"{code or '-'} 累计 {name}", whole.get(name, 0), total)


def flows(row: Content) -> Iterator[tuple[str, int]]:
    """What moved, without what stands at either end."""
    moved = {name: row[name] for name in row if name not in (*NAMING, "dispensed_by_age")}
    for name, number in numbers(moved):
        if not name.rpartition(".")[2].startswith(("opening", "closing")):
            yield name, number


def check_previous(content: Content, earlier: Content, earlier_bytes: bytes) -> None:
    """The bulletin before is the one named, and its closing is this one's opening.

    A correction repeats its own period, so beside one only the hash binds the two, unless their days follow.
    """
    equal("上一期 SHA-256 previous", content["previous_sha256"], sha256(earlier_bytes))
    equal("种类 kind", is_units(content), is_units(earlier))
    if not is_units(content):
        must(version_of(content) >= version_of(earlier), "格式版本早于上一期 an older version than before")
    check_succession(content, earlier)
    ended = date.fromisoformat(period_of(earlier)["to"])
    begins = date.fromisoformat(period_of(content)["from"])
    if begins != ended + timedelta(days=1):
        free = "corrects" in content or "corrects" in earlier or is_closing(content)
        must(free, "时段不相连 the periods do not follow each other")
        if is_closing(content) and earlier["cumulative"]["period"] == content["cumulative"]["period"]:
            check_same_books(content, earlier)
        return
    if is_units(content):
        check_units_add_up(content, earlier)
        return
    check_opening(content, earlier)
    if begins_alike(content, earlier):
        check_grown(content, earlier)
    if carries_on(content, earlier):
        check_carried_on(content, earlier)


def begins_alike(content: Content, earlier: Content) -> bool:
    """Whether both 累计 count the same campaign from the same day."""
    begins = [each["cumulative"]["period"]["from"] for each in (content, earlier)]
    codes = [each["campaign"]["code"] for each in (content, earlier)]
    return bool(codes[0] == codes[1] and begins[0] == begins[1])


def check_succession(content: Content, earlier: Content) -> None:
    """Of the same county, with the next number, told later, and with nothing left out that was told before."""
    equal("县 county", content["county"]["code"], earlier["county"]["code"])
    must(
        datetime.fromisoformat(content["as_of"]) >= datetime.fromisoformat(earlier["as_of"]),
        "截至时刻早于上一期 as of before the edition before",
    )
    next_number = earlier["number"] + 1 if content["year"] == earlier["year"] else 1
    must(content["year"] >= earlier["year"], "年份 year")
    equal("期数 number", content["number"], next_number)
    for part in ("townships", "least_people", "names"):
        must(part in content or part not in earlier, f"上一期有“{part}”，本期没有 left out since")


def carries_on(content: Content, earlier: Content) -> bool:
    """Whether 累计 of the one goes on from 累计 of the other; the first editions merged each by itself."""
    return begins_alike(content, earlier) and "least_people" in content


def check_opening(content: Content, earlier: Content) -> None:
    """Every medicine opens as it closed, in the same unit; one that is listed no more had nothing left."""
    before = {row["medicine"]: row for row in earlier["cumulative"]["medicines"]}
    now = {row["medicine"]: row for row in content["this_period"]["medicines"]}
    for code in before.keys() | now.keys():
        for account in ACCOUNTS:
            closed = before[code][account]["closing"] if code in before else 0
            opened = now[code][account]["opening"] if code in now else 0
            equal(f"{code or '-'} {account} 期初 opening", opened, closed)
        if code in before and code in now:
            equal(f"{code or '-'} 单位 unit", now[code]["unit"], before[code]["unit"])


def check_same_books(content: Content, earlier: Content) -> None:
    """A closing account closes as the last bulletin's 累计 does."""
    before = {row["medicine"]: row for row in earlier["cumulative"]["medicines"]}
    equal(
        "药品 medicines",
        sorted(map(str, before)),
        sorted(str(row["medicine"]) for row in content["cumulative"]["medicines"]),
    )
    for row in content["cumulative"]["medicines"]:
        for account in ACCOUNTS:
            equal(f"{row['medicine'] or '-'} {account}", row[account], before[row["medicine"]][account])
    if carries_on(content, earlier):
        check_carried_on(content, earlier)


def is_closing(content: Content) -> bool:
    return content.get("kind") == "closing"


def is_units(content: Content) -> bool:
    return content.get("schema") == UNITS_SCHEMA


def period_of(content: Content, name: str = "this_period") -> Content:
    found: Content = content["periods"][name] if is_units(content) else content[name]["period"]
    return found


def check_correction(content: Content, old: Content, old_bytes: bytes) -> None:
    """The edition corrected is the one named, of the same days, and every figure that differs is listed."""
    named = content["corrects"]
    must(named["reason"], "没有更正原因 no reason")
    equal("被更正公示 SHA-256 corrected", named["sha256"], sha256(old_bytes))
    equal("期数 number", (named["year"], named["number"]), (old["year"], old["number"]))
    equal("时段 period", period_of(content), period_of(old))
    makers = all(MAKER in fields_of(each) for each in (old, content))
    before, after = named_figures(old, makers), named_figures(content, makers)
    differing = {
        name: (before.get(name), after.get(name))
        for name in before.keys() | after.keys()
        if before.get(name) != after.get(name)
    }
    listed = {
        tuple(str(line.get(name, "")) for name in naming_of(content)): (line["before"], line["after"])
        for line in content["changes"]["figures"]
    }
    equal("更正对照表行数 lines of changes", len(content["changes"]["figures"]), len(listed))
    equal("更正对照表 list of changes", listed, differing)


def named_figures(content: Content, makers: bool) -> dict[tuple[str, ...], int]:
    """Every figure by where it stands, rows of the same name added up; makers where both editions tell them."""
    fields = fields_of(content)
    places = [
        fields.index(name) if name in fields and (makers or name != MAKER) else None
        for name in naming_of(content)
    ]
    sums: dict[tuple[str, ...], int] = {}
    for line in rows_of(content):
        name = tuple("" if place is None else line[place] for place in places)
        sums[name] = sums.get(name, 0) + int(line[-1])
    return sums


# --- the internal report by unit ---


def check_unit_report(report: Report, content: Content) -> None:
    for period, words in PERIODS.items():
        report.check(
            f"{words}：各单位、各机构之和等于全县数 units and centres add up to the county",
            check_unit_sums, content, period,
        )  # fmt: skip
        report.check(
            f"{words}：品种数、折合盒数与各行数量相符 kinds and boxes follow from the quantities",
            check_unit_counts, content, period,
        )  # fmt: skip
    report.check(
        "核对项与各行相符 the stated identities follow from the rows", check_unit_identities, content
    )
    equal_ends = "本期与累计同日截止 both periods end alike"
    report.check(
        equal_ends, lambda: equal("止 to", period_of(content)["to"], period_of(content, "cumulative")["to"])
    )


def unit_sum(content: Content, period: str, table: str, figure: str, code: str) -> int:
    return sum(row[period][figure].get(code, 0) for row in content[table])


def check_unit_sums(content: Content, period: str) -> None:
    codes = [row["medicine"] or "" for row in content["medicines"]]
    must(len(set(codes)) == len(codes), "同一药品列了两次 a medicine stands twice")
    for figure, table in UNIT_FIGURES:
        for row in content["medicines"]:
            code = row["medicine"] or ""
            whole = row[period][figure] if period in row else 0
            equal(f"{code or '-'} {figure}", unit_sum(content, period, table, figure, code), whole)
    for figure, table in UNIT_COUNTS:
        equal(figure, sum(row[period][figure] for row in content[table]), content[figure][period])
    for table, moved in MOVED.items():
        for row in content[table]:
            for figure in moved:
                must(
                    set(row[period][figure]) <= set(codes),
                    f"{row['name']} {figure}: 未列出的药品 unknown medicine",
                )


def check_unit_counts(content: Content, period: str) -> None:
    for table, moved in MOVED.items():
        for row in content[table]:
            for _path, number in numbers(row[period]):
                must(type(number) is int, f"{row['name']}: {number!r}")
            for figure in moved:
                units = row[period][figure]
                kinds = sum(count > 0 for code, count in units.items() if code)
                equal(f"{row['name']} {figure} 品种数 kinds", row[period][f"{figure}_kinds"], kinds)
                boxes = boxes_of(units, content["packs"])
                equal(f"{row['name']} {figure} 折合盒数 boxes", row[period][f"{figure}_boxes"], boxes)


def boxes_of(units: Content, packs: Content) -> int | None:
    """Boxes of the usual size, rounded once, half up; None where there is something, but of no known size."""
    given = {code: count for code, count in units.items() if count}
    known = [Fraction(count, packs[code]) for code, count in given.items() if code in packs]
    if given and not known:
        return None
    total = sum(known, Fraction(0))
    return int(total + Fraction(1, 2)) if total >= 0 else -int(-total + Fraction(1, 2))


def check_unit_identities(content: Content) -> None:
    """Stated is what follows from the rows, each once."""
    expected = []
    for period in PERIODS:
        for row in content["medicines"]:
            for figure, table in UNIT_FIGURES if period in row else ():
                total = unit_sum(content, period, table, figure, row["medicine"] or "")
                expected.append((f"{period}.{figure}", row["medicine"], total, row[period][figure]))
        for figure, table in UNIT_COUNTS:
            total = sum(row[period][figure] for row in content[table])
            expected.append((f"{period}.{figure}", None, total, content[figure][period]))
    stated = [(each["name"], each["medicine"], each["left"], each["right"]) for each in content["identities"]]
    equal("核对项 identities", stated, expected)
    check_stated(content["identities"])


def check_units_add_up(content: Content, earlier: Content) -> None:
    """累计 is 累计 of the report before and this 本期, where both count from the same day."""
    if period_of(content, "cumulative")["from"] != period_of(earlier, "cumulative")["from"]:
        return
    before = {row["medicine"]: row.get("cumulative", {}) for row in earlier["medicines"]}
    for row in content["medicines"]:
        for figure, _table in UNIT_FIGURES:
            so_far = before.get(row["medicine"], {}).get(figure, 0) + row.get("this_period", {}).get(
                figure, 0
            )
            equal(f"{row['medicine'] or '-'} 累计 {figure}", row.get("cumulative", {}).get(figure, 0), so_far)
    for figure, _table in UNIT_COUNTS:
        so_far = earlier[figure]["cumulative"] + content[figure]["this_period"]
        equal(f"累计 {figure}", content[figure]["cumulative"], so_far)


# --- seal and files ---


def check_signature(keys: Keys, key_id: str, signature: str, message: bytes) -> None:
    must(key_id in keys, f"公钥 {key_id} 未提供 public key not given")
    raw = base64.b64decode(signature, validate=True)
    must(base64.b64encode(raw).decode() == signature, "签名写法有误 badly written signature")
    try:
        keys[key_id].verify(raw, message)
    except InvalidSignature:
        raise Wrong("签名无效 signature is not valid") from None


def check_seal(content: Content, sealed: bytes, seal: Content, data: bytes, keys: Keys) -> None:
    """The seal is of this bulletin, says nothing that is not signed, and its every signature is valid."""
    equal("字段 fields", set(seal), SEAL_FIELDS)
    check_canonical(seal, data)
    equal("schema", seal["schema"], SEAL_SCHEMA)
    equal("SHA-256", sha256(sealed), seal["sha256"])
    for name, stated in (
        ("county", content["county"]["code"]),
        ("year", content["year"]),
        ("number", content["number"]),
        ("previous_sha256", content["previous_sha256"]),
    ):
        equal(name, seal[name], stated)
    check_signature(keys, seal["key"], seal["signature"], sealed)
    for entry in seal["files"]:
        check_entry(seal, entry, keys)
    names = [entry["name"] for entry in seal["files"]]
    must(len(set(names)) == len(names), "文件重名 a name stands twice")


def check_file(entry: Content, data: bytes) -> None:
    equal("SHA-256", sha256(data), entry["sha256"])
    must(data.startswith(KNOWN_FILES[entry["name"]]), f"不是 {entry['name']} 应有的格式 not of that format")


def check_entry(seal: Content, entry: Content, keys: Keys) -> None:
    """One file of the seal, which was signed together with the bulletin that it belongs to."""
    equal("字段 fields", set(entry), {"name", "sha256", "key", "signature"})
    must(entry["name"] in KNOWN_FILES, f"未知的文件 unknown file {entry['name']!r}")
    message = {
        "schema": FILE_SCHEMA,
        "bulletin": seal["sha256"],
        "name": entry["name"],
        "sha256": entry["sha256"],
    }
    check_signature(keys, entry["key"], entry["signature"], canonical(message))


def long_rows(content: Content) -> Iterator[list[str]]:
    """Every figure of the JSON as the rows that CSV and XLSX must show, in the columns of its version."""
    fields = fields_of(content)
    for line in long_cells(content):
        yield [line[field] for field in fields]


def long_cells(content: Content) -> Iterator[dict[str, str]]:
    for period in PERIODS:
        for figure, number in numbers(content[period]["counts"]):
            yield cells({}, table="counts", period=period, figure=figure, quantity=number)
        for row in content[period]["medicines"]:
            for figure, number in numbers({name: row[name] for name in row if name not in NAMING}):
                yield cells(row, table="account", period=period, figure=figure, quantity=number)
    for table, figure, place in DETAILS:
        for row in content[table]:
            yield cells(
                row,
                table=table,
                period="this_period",
                figure=figure,
                quantity=row["quantity"],
                day=row["day"],
                manufacturer=row.get(MAKER, ""),
                place=row[place],
                place_name=row[f"{place}_name"],
                lot_number=row["lot_number"],
                last_usable_day=row["last_usable_day"],
            )
    for period, rows in content.get("townships", {}).items():
        for row in rows:
            for figure in TOWNSHIP_FIGURES:
                where = {"place": row["township"], "place_name": row["township_name"]}
                yield cells(
                    row, table="townships", period=period, figure=figure, quantity=row[figure], **where
                )


def fields_of(content: Content) -> tuple[str, ...]:
    if is_units(content):
        return UNIT_FIELDS
    return tuple(field for field in FIELDS if field != MAKER or version_of(content) > 1)


def naming_of(content: Content) -> tuple[str, ...]:
    return UNIT_FIGURE_NAME if is_units(content) else FIGURE_NAME


def rows_of(content: Content) -> Iterator[list[str]]:
    return unit_rows(content) if is_units(content) else long_rows(content)


def unit_rows(content: Content) -> Iterator[list[str]]:
    """Every figure of a report by unit as the rows that CSV and XLSX must show."""
    named = {row["medicine"] or "": row for row in content["medicines"]}
    for period in PERIODS:
        for figure, _table in UNIT_COUNTS:
            yield unit_cells({}, {}, "county", period, figure, content[figure][period])
        for row in content["medicines"]:
            for figure, number in numbers(row.get(period, {})):
                yield unit_cells({}, row, "county", period, figure, number)
    for table, moved in MOVED.items():
        for row in content[table]:
            for period in PERIODS:
                for path, number in numbers(row[period]):
                    figure, _dot, code = path.partition(".")
                    yield unit_cells(
                        row, named[code] if figure in moved else {}, table, period, figure, number
                    )
            if "overdue" in row:
                yield unit_cells(row, {}, table, "cumulative", "overdue", row["overdue"])


def unit_cells(row: Content, naming: Content, table: str, period: str, figure: str, number: int) -> list[str]:
    where = {name: row.get(name) for name in ("group", "category", "place", "name")}
    told = {name: naming.get(name) for name in NAMING}
    line = {"table": table, "period": period, "figure": figure, **where, **told, "quantity": number}
    return ["" if line[field] is None else str(line[field]) for field in UNIT_FIELDS]


def numbers(tree: Content, path: str = "") -> Iterator[tuple[str, int]]:
    for name in sorted(tree):
        here = f"{path}.{name}" if path else name
        if isinstance(tree[name], dict):
            yield from numbers(tree[name], here)
        elif isinstance(tree[name], int):
            yield here, tree[name]


def cells(naming: Content, **values: Any) -> dict[str, str]:
    line = {**{name: naming.get(name) for name in NAMING}, **values}
    return {field: "" if line.get(field) is None else str(line[field]) for field in FIELDS}


def check_table(content: Content, found: list[list[str]]) -> None:
    """The long table of a file says what the JSON says, row by row. An apostrophe may disarm a formula."""
    expected = [list(fields_of(content)), *rows_of(content)]
    equal("行数 rows", len(found), len(expected))
    for number, (line, wanted) in enumerate(zip(found, expected, strict=True), start=1):
        plain = [cell[1:] if cell == f"'{want}" else cell for cell, want in zip(line, wanted, strict=True)]
        must(plain == wanted, f"第 {number} 行 row {number}: {line} ≠ {wanted}")


def csv_rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def check_csv(content: Content, data: bytes) -> None:
    check_table(content, csv_rows(data))


def check_workbook(content: Content, data: bytes) -> None:
    """Every sheet says what the JSON says: those for people as well as the one that lists every figure."""
    sheets = xlsx_sheets(data)
    must(SHEET in sheets, f"没有“{SHEET}”表 no such sheet")
    check_table(content, sheets.pop(SHEET))
    must(NOTES_SHEET in sheets, f"没有“{NOTES_SHEET}”表 no such sheet")
    check_notes(content, sheets.pop(NOTES_SHEET))
    expected = dict(unit_sheets(content) if is_units(content) else people_sheets(content))
    equal("工作表 sheets", sorted(sheets), sorted(expected))
    for title, wanted in expected.items():
        found = [line[-len(wanted[0]) :] if title == CHECKED_SHEET else line for line in sheets[title]]
        for number, (line, want) in enumerate(zip(found, wanted, strict=True), start=1):
            width = len(want)
            plain = [cell[1:] if cell == f"'{told}" else cell for cell, told in zip(line, want, strict=False)]
            if title == CHECKED_SHEET:  # the first editions left cells of nothing empty
                plain = [
                    "0" if (cell, told) == ("", "0") else cell
                    for cell, told in zip(plain, want, strict=False)
                ]
            must(
                plain == want and not any(line[width:]),
                f"{title} 第 {number} 行 row {number}: {line} ≠ {want}",
            )


def check_notes(content: Content, found: list[list[str]]) -> None:
    """The first sheet: the facts of the JSON, then remarks that are known, and no others."""
    facts = [[head, str(told)] for head, told in facts_of(content)]
    for number, (line, wanted) in enumerate(zip(found, facts, strict=False), start=1):
        plain = [cell[1:] if cell == f"'{want}" else cell for cell, want in zip(line, wanted, strict=True)]
        must(plain == wanted, f"{NOTES_SHEET} 第 {number} 行 row {number}: {line} ≠ {wanted}")
    equal(f"{NOTES_SHEET} 行数 rows", len(found) >= len(facts), True)
    for line in found[len(facts) :]:
        must(line[0] in KNOWN_NOTES and not any(line[1:]), f"{NOTES_SHEET}：{short(line)}")


def facts_of(content: Content) -> Iterator[tuple[str, Any]]:
    campaign = content["campaign"]
    this, whole = period_of(content), period_of(content, "cumulative")
    yield "县", content["county"]["name"]
    yield "征集活动", campaign["name"]
    if not is_units(content):
        yield "受赠单位", campaign["donee"]
    yield "统筹单位", campaign["coordinator"]
    yield "期数", f"{content['year']}年第{content['number']}期"
    if is_units(content):
        yield "本期", f"{this['from']} 至 {this['to']}"
        yield "累计", f"{whole['from']} 至 {whole['to']}"
        yield "截至时刻", content["as_of"]
    else:
        span, counts = "累计" if is_closing(content) else "本期", content["this_period"]["counts"]
        yield "起止日期", f"{this['from']} 至 {this['to']}"
        yield "截至时刻", content["as_of"]
        yield f"{span}捐赠笔数", counts["donations"]
        yield f"{span}惠及人次", counts["hand_outs"]
        yield "联系方式", campaign["contact"]
        yield "监督电话", campaign["supervision_phone"]
    yield "JSON 文件的 SHA-256", sha256(canonical(content))
    yield "上一期的 SHA-256", content["previous_sha256"] or "无（首期）"


def check_package(content: Content, data: bytes, seal: Content) -> None:
    """The descriptor is of the CSV of this edition, by name, hash and columns."""
    [resource] = json.loads(data)["resources"]
    [table] = [entry for entry in seal["files"] if entry["name"] == "bulletin.csv"]
    equal("CSV SHA-256", resource["hash"], f"sha256:{table['sha256']}")
    must(resource["path"] in {"bulletin.csv", f"{stem_of(content)}.csv"}, f"path {resource['path']!r}")
    columns = [field["name"] for field in resource["schema"]["fields"]]
    equal("列 columns", columns, list(fields_of(content)))


def stem_of(content: Content) -> str:
    """What the files of an edition are called, without their endings."""
    kind = "unit-report" if is_units(content) else "bulletin"
    return f"{kind}-{content['county']['code']}-{content['year']}-{content['number']}"


def people_sheets(content: Content) -> Iterator[tuple[str, list[list[str]]]]:
    """The tables for people by title, with their heads, as a spreadsheet has to show them."""
    shown = {"累计": "cumulative"} if is_closing(content) else {"本期": "this_period", "累计": "cumulative"}
    named = ["通用名", "剂型", "规格"]
    for word, period in shown.items():
        rows = [
            [*naming(row), row["unit"] or "", *account_cells(row)] for row in content[period]["medicines"]
        ]
        yield f"收支（{word}）", sheet([*named, "单位", *ACCOUNT_HEADS], rows)
    label = ["批号", "有效期至"]
    maker = ["生产企业"] if version_of(content) > 1 else []
    rows = [[row["day"], *detail(row, maker), row["drop_off_point_name"]] for row in content["received"]]
    yield "接收明细", sheet(["日期", *named, *maker, *label, "数量", "单位", "捐赠接收点"], rows)
    rows = [[row["clinic_name"], *detail(row), row["day"]] for row in content["allotted"]]
    yield "分配明细", sheet(["机构", *named, *label, "数量", "单位", "日期"], rows)
    for word, period in shown.items() if "townships" in content else ():
        rows = [
            [township(row), *naming(row), row["unit"] or "", *(row[each] for each in TOWNSHIP_FIGURES)]
            for row in content["townships"][period]
        ]
        yield f"分乡镇（{word}）", sheet(["乡镇", *named, "单位", "接收", "分配", "发放"], rows)
    if is_closing(content):
        rows = [[*naming(row), row["unit"] or ""] for row in content["not_closed"]]
        words = [[STANDING[row["account"], row["state"]], row["quantity"]] for row in content["not_closed"]]
        rows = [[*row, *more] for row, more in zip(rows, words, strict=True)]
        yield "尚未办结", sheet([*named, "单位", "所处环节", "数量"], rows)
    yield (
        CHECKED_SHEET,
        checked_sheet([*content["this_period"]["identities"], *content["table_identities"]], UNNAMED),
    )


def unit_sheets(content: Content) -> Iterator[tuple[str, list[list[str]]]]:
    """The same of a report by unit; whoever has no category there is told by kind."""
    for title, (table, figures) in UNIT_HEADS.items():
        rows = []
        for row in content[table]:
            numbers = [
                UNKNOWN if row[each][name] is None else row[each][name]
                for name in figures
                for each in PERIODS
            ]
            first = [UNIT_GROUPS.get(row["group"], row["category"])] if table == "units" else []
            last = [] if table == "units" else [row["overdue"], row["overdue_since"] or ""]
            rows.append([*first, row["name"], *numbers, *last])
        yield title, sheet(unit_heads(title), rows)
    yield CHECKED_SHEET, checked_sheet(content["identities"], UNKNOWN)


def unit_heads(title: str) -> list[str]:
    first, figures, last = UNIT_WORDS[title]
    return [*first, *(f"{word}（{period}）" for word in figures for period in ("本期", "累计")), *last]


def sheet(heads: list[str], rows: list[list[Any]]) -> list[list[str]]:
    return [heads, *([str(cell) for cell in row] for row in rows or [[NOTHING]])]


def checked_sheet(identities: list[Content], unnamed: str) -> list[list[str]]:
    """Without its first column, the name in words."""
    rows = [[each["medicine"] or unnamed, each["left"], each["right"], "相等"] for each in identities]
    return sheet(["药品", "左", "右", "结果"], rows)


def naming(row: Content) -> list[str]:
    return [row["generic_name"] or UNNAMED, row["dosage_form"] or "", row["strength"] or ""]


def detail(row: Content, maker: Sequence[str] = ()) -> list[Any]:
    label = [*(row[MAKER] for _head in maker), row["lot_number"] or "", row["last_usable_day"] or ""]
    return [*naming(row), *label, row["quantity"], row["unit"] or ""]


def township(row: Content) -> str:
    return str(row["township_name"] or (TOWNSHIPS_MERGED if row["township"] else COUNTY_OWN))


def account_cells(row: Content) -> list[int]:
    found = dict(numbers({name: row[name] for name in row if name not in NAMING}))
    return [
        sum(-found.get(each[1:], 0) if each.startswith("-") else found.get(each, 0) for each in figures)
        for figures in ACCOUNT_HEADS.values()
    ]


def xlsx_sheets(data: bytes) -> dict[str, list[list[str]]]:
    """The texts of every sheet, by title."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            return read_sheets(book)
    except (zipfile.BadZipFile, ElementTree.ParseError, EOFError, OSError, RuntimeError) as error:
        raise Wrong(f"不是 XLSX 文件 not a spreadsheet ({type(error).__name__})") from None


def read_sheets(book: zipfile.ZipFile) -> dict[str, list[list[str]]]:
    must(sum(part.file_size for part in book.infolist()) <= LARGEST_PART, "文件过大 too large")
    names = book.namelist()
    must(len(set(names)) == len(names), "文件重名 a part stands twice")
    shared: list[str] = []
    if "xl/sharedStrings.xml" in names:
        shared = [
            "".join(t.text or "" for t in si.iter(f"{SPACE}t")) for si in parsed(book, "xl/sharedStrings.xml")
        ]
    links = {link.get("Id"): link.get("Target", "") for link in parsed(book, "xl/_rels/workbook.xml.rels")}
    found = {}
    for each in parsed(book, "xl/workbook.xml").iter(f"{SPACE}sheet"):
        title = each.get("name", "")
        must(title not in found, f"“{title}”表重名 a sheet stands twice")
        part = parsed(book, "xl/" + links[each.get(RELATION)].removeprefix("/xl/"))
        rows = [*part.iter(f"{SPACE}row")]
        places = [int(row.get("r", "0")) for row in rows]
        must(places == sorted(set(places)), f"“{title}”表行序有误 rows out of order")
        found[title] = [sheet_cells(row, shared, len(rows[0])) for row in rows]
    return found


def parsed(book: zipfile.ZipFile, part: str) -> ElementTree.Element:
    text = book.read(part)
    must(b"<!DOCTYPE" not in text and b"<!ENTITY" not in text, "文件含实体声明 entities are not read")
    return ElementTree.fromstring(text)  # noqa: S314 - no entities, and expat bounds the rest


def sheet_cells(row: ElementTree.Element, shared: list[str], width: int) -> list[str]:
    """The cells of a row, each at its own column and once, shown as what they hold."""
    values = [""] * width
    taken: set[str] = set()
    for cell in row:
        place = cell.get("r", "?")
        must(
            place == f"{place[0]}{row.get('r')}" and place not in taken,
            f"单元格 {place} 有误 cell out of place",
        )
        taken.add(place)
        must(cell.find(f"{SPACE}f") is None, "含公式 holds a formula")
        kind = cell.get("t", "n")
        must(kind in {"n", "s", "inlineStr"}, f"单元格 {place} 类型 kind {kind}")
        text = "".join(t.text or "" for t in cell.iter(f"{SPACE}t")) or cell.findtext(f"{SPACE}v") or ""
        values[ord(place[0]) - ord("A")] = shared[int(text)] if kind == "s" else text
    return values


# --- the whole ---


def read_keys(texts: list[str]) -> Keys:
    keys = {}
    for text in texts:
        raw = base64.b64decode(text, validate=True)
        keys[sha256(raw)[:16]] = Ed25519PublicKey.from_public_bytes(raw)
    return keys


def read_json(data: bytes) -> Content | None:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def verify(files: dict[str, bytes], keys: Keys) -> Report:
    """A report on files by name; the newest bulletin among them is the one checked."""
    report = Report()
    archives = [data for data in files.values() if is_archive(data)]
    if archives and len(files) > 1:
        report.fail("档案须单独核验 give the archive alone")
    elif archives:
        verify_archive(report, archives[0], keys)
    else:
        verify_files(report, files, keys)
    return report


def verify_files(report: Report, files: dict[str, bytes], keys: Keys) -> None:
    """The newest bulletin among the files with its seal and its other files, beside those before it."""
    documents = {name: content for name, data in files.items() if (content := read_json(data)) is not None}
    if any(content.get("schema") == DAILY_SCHEMA for content in documents.values()):
        report.fail("日报不封存、不签名，无从核验 a daily report is neither sealed nor signed")
    kinds = (*BULLETIN_SCHEMAS, UNITS_SCHEMA)
    bulletins = [name for name, content in documents.items() if content.get("schema") in kinds]
    newest = newest_of(report, {name: documents[name] for name in bulletins}, files)
    if newest is None:
        return
    content, sealed = documents[newest], files[newest]
    check_bulletin(report, content, sealed)
    earlier = [name for name in bulletins if name != newest]
    check_before(report, content, [(documents[name], files[name]) for name in earlier])
    lists = {name: each for name, each in documents.items() if each.get("schema") == NAMES_SCHEMA}
    for name, each in lists.items():
        report.check(
            f"{name}：爱心名单与承诺值相符，其余已撤回 names as committed to, the others withdrawn",
            check_names, content, each, files[name], sealed,
        )  # fmt: skip
    seals = {name: each for name, each in documents.items() if each.get("schema") == SEAL_SCHEMA}
    others = {name: data for name, data in files.items() if name not in (*bulletins, *lists, *seals)}
    check_sealed(report, content, sealed, {files[name] for name in seals}, others, keys)


def newest_of(report: Report, bulletins: dict[str, Content], files: dict[str, bytes]) -> str | None:
    """The name of the one bulletin that no other one follows; None, and said so, where there is no such one."""
    if not bulletins:
        report.fail("没有公示的 JSON 文件 no bulletin among the files")
        return None
    followed = {content.get("previous_sha256") for content in bulletins.values()}
    followed |= {corrected_hash(content) for content in bulletins.values()}
    newest = [name for name in bulletins if sha256(files[name]) not in followed]
    if len(newest) != 1:
        report.fail("公示文件不相连 the bulletins do not follow each other")
        return None
    return newest[0]


# --- the archive of a campaign ---


def is_archive(data: bytes) -> bool:
    """A ZIP that begins with its own README, or holds a table of contents; a spreadsheet has neither."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            return CONTENTS in book.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError):
        return data.startswith(b"PK") and CONTENTS.encode() in data


def verify_archive(report: Report, data: bytes, keys: Keys) -> None:
    """Table of contents, every file, every edition with the one before it, and the checkpoints of the ledger."""
    files: dict[str, bytes] = {}
    report.check("档案结构完整，未被改动 the archive is whole, byte by byte", unpack, data, files)
    if not files:
        return
    report.check(
        "目录签名有效，文件与目录逐一相符 every file is as its signed contents say",
        check_contents,
        files,
        keys,
    )
    editions: dict[str, tuple[Content, bytes]] = {}
    for folder in sorted({name.rsplit("/", 1)[0] for name in files if name.startswith("editions/")}):
        own = {name: part for name, part in files.items() if name.startswith(f"{folder}/")}
        check_edition(report, folder, own, editions, keys)
    report.check("档案以总公示结束 it ends with the closing account", check_ends, files, [*editions.values()])
    report.check("台账逐日校验点相连且签名有效 ledger checkpoints follow each other", check_days, files, keys)


def check_edition(
    report: Report,
    folder: str,
    files: dict[str, bytes],
    editions: dict[str, tuple[Content, bytes]],
    keys: Keys,
) -> None:
    """One edition of the archive, by the files of its folder; it joins the `editions` before it, by their hashes."""
    told = {name: read for name, data in files.items() if (read := read_json(data)) is not None}
    bulletins = [name for name, read in told.items() if read.get("schema") in BULLETIN_SCHEMAS]
    seals = [name for name, read in told.items() if read.get("schema") == SEAL_SCHEMA]
    if len(bulletins) != 1 or len(seals) != 1:
        report.fail(f"{folder}：缺少公示或签名 bulletin or seal is missing")
        return
    [name], [name_of_seal] = bulletins, seals
    content, sealed, seal = told[name], files.pop(name), files.pop(name_of_seal)
    check_bulletin(report, content, sealed)
    named = {content.get("previous_sha256"), corrected_hash(content)}
    check_chain(report, content, [before for digest, before in editions.items() if digest in named])
    if editions:
        report.check("与上一期哈希相连 chained to the edition before", check_linked, content, [*editions][-1])
    check_sealed(report, content, sealed, {seal}, files, keys)
    editions[sha256(sealed)] = (content, sealed)


def unpack(data: bytes, files: dict[str, bytes]) -> None:
    """The files into `files`; the ZIP made of them anew must be the same bytes."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            entries = book.infolist()
            must(sum(entry.file_size for entry in entries) <= LARGEST_ARCHIVE, "文件过大 too large")
            found = {entry.filename: book.read(entry) for entry in entries}
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise Wrong(f"不是完整的 ZIP 文件 not a whole ZIP ({type(error).__name__})") from None
    must(len(found) == len(entries), "文件重名 a name stands twice")
    must(zipped(found) == data, "与重新打包的结果不同 it differs from what its files make")
    files |= found


def zipped(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as book:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            book.writestr(entry, data)
    return target.getvalue()


def check_contents(files: dict[str, bytes], keys: Keys) -> None:
    contents, seal = json.loads(files[CONTENTS]), json.loads(files[CONTENTS_SEAL])
    equal("schema", (contents["schema"], seal["schema"]), ARCHIVE_SCHEMAS)
    equal("目录 SHA-256 contents", seal["sha256"], sha256(files[CONTENTS]))
    check_signature(keys, seal["key"], seal["signature"], files[CONTENTS])
    check_canonical(contents, files[CONTENTS])
    check_canonical(seal, files[CONTENTS_SEAL])
    found = {
        name: (len(data), sha256(data))
        for name, data in files.items()
        if name not in {CONTENTS, CONTENTS_SEAL}
    }
    listed = {entry["name"]: (entry["bytes"], entry["sha256"]) for entry in contents["files"]}
    equal("文件名 names", sorted(found), sorted(listed))
    for name, told in listed.items():
        equal(name, found[name], told)


def check_linked(content: Content, previous: str) -> None:
    equal("上一期 SHA-256 previous", content["previous_sha256"], previous)


def check_ends(files: dict[str, bytes], editions: list[tuple[Content, bytes]]) -> None:
    contents, (last, _sealed) = json.loads(files[CONTENTS]), editions[-1]
    must(is_closing(last), "最后一期不是总公示 the last edition is no closing account")
    told = (contents["county"], contents["campaign"], contents["year"], contents["number"])
    equal(
        "总公示 closing account",
        told,
        (last["county"]["code"], last["campaign"]["code"], last["year"], last["number"]),
    )


def check_days(files: dict[str, bytes], keys: Keys) -> None:
    """Each checkpoint is hashed, signed and bound to the one before it."""
    before: Content | None = None
    for day in json.loads(files[DAYS])["days"]:
        sealed = day["content"].encode()
        content = json.loads(sealed)
        equal(f"{day['day']} SHA-256", sha256(sealed), day["sha256"])
        check_signature(keys, day["key"], day["signature"], sealed)
        equal(f"{day['day']} schema", (content["schema"], content["day"]), (DAY_SCHEMA, day["day"]))
        if before is not None:
            equal(f"{day['day']} 上一日 the day before", content["previous_sha256"], before["sha256"])
            must(before["day"] < day["day"], f"{day['day']} 日期倒序 out of order")
        before = day


# --- one bulletin ---


def check_bulletin(report: Report, content: Content, sealed: bytes) -> None:
    county, year, number = content.get("county"), content.get("year"), content.get("number")
    name = county.get("name") if isinstance(county, dict) else "?"
    report.note(f"{name} {year}年第{number}期 {kind_words(content)}")
    report.check("JSON 为规范格式 the JSON is in canonical form", check_canonical, content, sealed)
    report.check("时段、期数有据 days and number are in order", check_periods, content)
    if is_units(content):
        check_unit_report(report, content)
        return
    report.check("字段与其格式版本相符 the fields are those of its version", check_fields, content)
    for period, words in PERIODS.items():
        report.check(
            f"{words}：各药品收支平衡，分项与合计相等 every account balances, every split adds up",
            lambda name=period: check_figures(content[name]),
        )
    report.check("接收、分配明细合计与收支表相等 tables A and B add up to table C", check_rows, content)
    for part in ("townships", "least_people"):  # the first bulletins had none
        if part not in content:
            report.note(f"没有“{part}”，未核对 not there, and not checked")
    if "townships" in content:
        report.check("分乡镇合计与收支表相等 townships add up to table C", check_townships, content)
    if "least_people" in content:
        report.check("分人群未列出过少人次 no cell of few people is named", check_few_people, content)
    report.check("本期期末与累计期末相等 both periods close alike", check_cumulative, content)
    if "names" in content:
        report.check("爱心名单承诺值互不相同 the commitments to names differ", check_commitments, content)
    if is_closing(content):
        report.check("总公示：尚未办结的均已列明 everything not closed is named", check_not_closed, content)


def kind_words(content: Content) -> str:
    if is_units(content):
        return "通报（内部） internal report by unit"
    return "总公示 closing account" if is_closing(content) else "公示 bulletin"


def corrected_hash(content: Content) -> Any:
    """The hash of the edition that a correction corrects."""
    old = content.get("corrects")
    found = old.get("sha256") if isinstance(old, dict) else None
    return found if isinstance(found, str) else None


def check_before(report: Report, content: Content, earlier: list[tuple[Content, bytes]]) -> None:
    """It is compared with those that it names; what these follow is bound to them by its hash (`newest_of`)."""
    named = {content.get("previous_sha256"), corrected_hash(content)}
    direct = [(before, data) for before, data in earlier if sha256(data) in named]
    check_chain(report, content, direct)
    if further := len(earlier) - len(direct):
        report.note(
            f"更早的 {further} 期只核对了哈希相连 {further} further back are linked by their hashes, no more"
        )


def check_chain(report: Report, content: Content, earlier: list[tuple[Content, bytes]]) -> None:
    if not earlier:
        first = content.get("previous_sha256") is None
        report.note(
            "首期 the first bulletin"
            if first
            else "未提供上一期，期初未核对 the bulletin before was not given"
        )
        return
    if (old := corrected_hash(content)) and old not in {sha256(data) for _before, data in earlier}:
        report.note("未提供被更正的公示，更正对照表未核对 the corrected edition was not given")
    for before, data in earlier:
        if sha256(data) == corrected_hash(content):
            report.check(
                "更正公示：原公示相符，不同之处均已列明 every difference from the corrected one is listed",
                check_correction, content, before, data,
            )  # fmt: skip
            if sha256(data) != content.get("previous_sha256"):
                continue
        report.check(
            "与上一期相连，期初等于上期期末 follows the bulletin before, opening as that closed",
            check_previous, content, before, data,
        )  # fmt: skip


def check_sealed(
    report: Report,
    content: Content,
    sealed: bytes,
    seals: set[bytes],
    others: dict[str, bytes],
    keys: Keys,
) -> None:
    if not keys:
        report.fail("未提供公钥 no public key given")
    if len(seals) != 1:
        report.fail("须有且仅有一个 seal.json 文件 exactly one seal is needed")
        return
    [data_of_seal] = seals
    seal = read_json(data_of_seal) or {}
    words = "公示的散列值与数字签名有效 hash and signature of the bulletin"
    report.check(words, check_seal, content, sealed, seal, data_of_seal, keys)
    by_hash = {entry.get("sha256"): entry for entry in seal.get("files", []) if isinstance(entry, dict)}
    for name, data in others.items():
        entry = by_hash.get(sha256(data))
        if entry is None:
            report.fail(f"{name}：与已公布的任何文件都不相同 is none of the published files")
            continue
        report.check(f"{name}：散列值与已签名的相符 its hash is the signed one", check_file, entry, data)
        check_content_of(report, content, name, str(entry.get("name")), data, seal)


def check_content_of(
    report: Report, content: Content, name: str, kind: str, data: bytes, seal: Content
) -> None:
    """What a file of this kind says, as far as it can be read."""
    if test := {"bulletin.csv": check_csv, "bulletin.xlsx": check_workbook}.get(kind):
        report.check(f"{name}：全部数字与 JSON 一致 every figure as in the JSON", test, content, data)
    elif kind == "datapackage.json":
        words = f"{name}：描述的是本期的 CSV it describes the CSV of this edition"
        report.check(words, check_package, content, data, seal)
    else:
        report.note(f"{name}：其中数字未与 JSON 比对 its figures were not compared; the JSON counts")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--key", action="append", default=[], help="public key, base64")
    options = parser.parse_args(arguments)
    try:
        keys = read_keys(options.key)
        files = {str(path): path.read_bytes() for path in options.files}
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    report = verify(files, keys)
    print("\n".join(report.lines))
    print("✗ 核验未通过 does NOT hold" if report.failed else "✓ 核验通过 everything checked holds")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
