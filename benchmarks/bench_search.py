"""How long the search takes: python -m benchmarks.bench_search [--products N] [--repeats N] [--json FILE].

A database of its own (embedded, or a new one beside the one that DATABASE_URL names) is filled from a fixed seed with
the real medicines, makers and brands made of syllables, and as many products. Each query is asked of `medicines/` and
`products/` over the API. Reported are, over all repeats, the time in the database (the sum of what EXPLAIN ANALYZE
says of every statement of the request: planning, execution) and the whole request in this process.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from config.postgres import drop_database, ensure_database, scratch_server

SEED = 522633
TARGET_MS = 20.0
QUERIES = {
    "initials": ["blf", "BLF", "fbd", "lhqw", "dyxajf"],
    "pinyin": ["buluofen", "fenbide", "lianhuaqingwen"],
    "english": ["ibuprofen", "paracetamol", "aspirin"],
    "Chinese": ["布洛芬缓释胶囊", "芬必得", "氨溴索", "感冒"],
    "with strength": ["布洛芬缓释胶囊 0.3g", "blf 300mg", "0.3g"],
    "sound": ["布络芬", "阿司匹灵", "对乙酰氨基分"],
    "typo": [
        "布各芬",
        "ibuprofn",
        "buluofn",
        "lianhuaqinwen",
        "paracetmol",
        "xiangzhengqi",
        "lianhuaqingwenjiaonnag",
    ],
    "maker": ["布洛芬 {maker}", "{maker}", "blf {initials}"],
    "code": ["{approval}", "{approval_digits}", "{barcode}", "国药准字H1000", "M010"],
    "one letter": ["b", "y", "f", "片", "a b", "j y s"],
    "two letters": ["bl", "ya", "jn", "yl sh", "ji li xi zh sh an", "颗粒", "胶囊"],
    "no hit": ["xqzvxqzv", "龘龘龘", "qqq", "wwwwwwwwwwwwwwwwwwww", "%", "布洛芬 xqzvxqzv"],
}
SYLLABLES = (
    "安康乐舒达宁平克泰健力华星天元正和美欣瑞百金海明神威同仁修正白云东阿扬子江齐鲁双鹤石药恒福林源生"
    "博士诺新太极太龙仙葵花三九江中快好贝宝芝堂辰佳仕思密达曼丽尔卡洛芬司迪优卓特普利维雅可奇"
)
PLACES = [
    "北京",
    "上海",
    "广东",
    "贵州",
    "云南",
    "陕西",
    "四川",
    "湖南",
    "江苏",
    "浙江",
    "山东",
    "吉林",
    "河北",
]


@dataclass(frozen=True)
class Figures:
    """One query at one address; times in milliseconds."""

    kind: str
    route: str
    query: str
    found: int
    statements: int
    database_p50: float
    database_p95: float
    database_max: float
    execution_p50: float
    request_p50: float


def main() -> None:
    """Fill, measure, print; exit with 1 if a query took longer than the target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=200_000)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--json", help="file to write the figures to")
    asked = parser.parse_args()
    with ExitStack() as stack:
        os.environ["DATABASE_URL"] = own_database(stack)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        begun = time.perf_counter()
        example = fill(asked.products)
        print(
            f"{asked.products:,} products and their names are there after {time.perf_counter() - begun:.0f} s"
        )
        rows = list(measure(example, asked.repeats))
    report(rows)
    if asked.json:
        with open(asked.json, "w", encoding="utf-8") as file:
            json.dump([asdict(row) for row in rows], file, indent=1, ensure_ascii=False)
    sys.exit(max(row.database_max for row in rows) > TARGET_MS)


def own_database(stack: ExitStack) -> str:
    """The address of a new database that is gone afterwards."""
    given = os.environ.get("DATABASE_URL")
    if not given:
        given = stack.enter_context(scratch_server()).url("postgres")
    url = make_url(given, f"bench_search_{os.getpid()}")
    ensure_database(url)
    stack.callback(drop_database, url)
    return url


def make_url(url: str, database: str) -> str:
    """The same server, another database."""
    before, _, query = url.partition("?")
    base = before.rsplit("/", 1)[0]
    return f"{base}/{database}{'?' + query if query else ''}"


def fill(count: int) -> dict[str, str]:
    """Tables, medicines, and `count` products; what the box of one of them says, to ask for."""
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    call_command("migrate", verbosity=0)
    from catalogue.models import Medicine, Product
    from catalogue.search_index import rebuild_index
    from catalogue.services import load_medicines

    load_medicines()
    products = (Product(**fields) for fields in made_up(list(Medicine.objects.order_by("code")), count))
    Product.objects.bulk_create(products, batch_size=5_000)
    rebuild_index()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute(
            "SELECT 'names', count(*) FROM catalogue_searchname UNION ALL"
            " SELECT 'keys', count(*) FROM catalogue_searchkey UNION ALL"
            " SELECT 'grams', count(*) FROM catalogue_searchgram"
        )
        print(", ".join(f"{rows:,} {what}" for what, rows in cursor.fetchall()))
    return on_the_box(Product.objects.order_by("pk")[count // 2])


def on_the_box(product: Any) -> dict[str, str]:
    """What somebody may type off the box of this product."""
    return {
        "maker": product.manufacturer[:4],
        "initials": initials_of(product.manufacturer[:4]),
        "approval": product.approval_number,
        "approval_digits": product.approval_number[-8:],
        "barcode": product.barcode,
    }


def initials_of(text: str) -> str:
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(text, style=Style.FIRST_LETTER))


def made_up(medicines: list[Any], count: int) -> Iterator[dict[str, Any]]:
    """Every medicine of every maker, until there are enough: a third without a brand, a third under the maker's own,
    a third under one of some 25,000 others."""
    chance = random.Random(SEED)
    makers: dict[str, str] = {}
    while len(makers) * len(medicines) < count:
        name = chance.choice(PLACES) + "".join(chance.choices(SYLLABLES, k=2)) + "制药有限公司"
        makers[name] = "".join(chance.choices(SYLLABLES, k=2))
    brands = ["".join(chance.choices(SYLLABLES, k=chance.choice((2, 3, 3, 3, 4)))) for _ in range(25_000)]
    pairs = ((maker, house, medicine) for maker, house in makers.items() for medicine in medicines)
    for number, (maker, house, medicine) in enumerate(islice(pairs, count)):
        yield {
            "medicine": medicine,
            "brand": chance.choice(["", house, chance.choice(brands)]),
            "specification": f"{medicine.strength}*{chance.choice((6, 10, 12, 20, 24))}{medicine.smallest_unit}",
            "manufacturer": maker,
            "approval_number": f"国药准字{chance.choice('HZ')}{10_000_000 + number * 389 % 90_000_000}",
            "barcode": with_check_digit(f"69{number:010}"),
            "pack_size": 10,
        }


def with_check_digit(digits: str) -> str:
    """Twelve digits and the check digit of an EAN-13."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def measure(example: dict[str, str], repeats: int) -> Iterator[Figures]:
    """Ask every query of both addresses."""
    from rest_framework.test import APIClient

    from organisation.models import County, Person

    client = APIClient(SERVER_NAME="localhost")
    county = County.objects.create(code="522633", name="从江县")
    client.force_authenticate(Person.objects.create(username="clerk", county=county))
    for kind, queries in QUERIES.items():
        for query in (query.format(**example) if "{" in query else query for query in queries):
            for route in ("medicines", "products"):
                yield one_query(client, kind, route, query, repeats)


def one_query(client: Any, kind: str, route: str, query: str, repeats: int) -> Figures:
    """Ask one query again and again; then let the database explain what it was asked, as often."""
    asked: list[tuple[str, Any]] = []
    requests = []
    for _ in range(repeats):
        asked.clear()
        begun = time.perf_counter()
        answer = ask(client, route, query, asked)
        requests.append((time.perf_counter() - begun) * 1000)
    explained = [explain(asked) for _ in range(repeats)]
    totals = sorted(planning + execution for planning, execution in explained)
    return Figures(
        kind, route, query, answer["count"], len(asked), round(statistics.median(totals), 2),
        round(totals[int(0.95 * (len(totals) - 1) + 0.5)], 2), round(totals[-1], 2),
        round(statistics.median(execution for _planning, execution in explained), 2),
        round(statistics.median(requests), 1),
    )  # fmt: skip


def ask(client: Any, route: str, query: str, asked: list[tuple[str, Any]]) -> dict[str, Any]:
    """One request; its statements are added to `asked`."""
    from django.db import connection

    def note(execute: Any, statement: str, values: Any, many: bool, context: Any) -> Any:
        asked.append((statement, values))
        return execute(statement, values, many, context)

    with connection.execute_wrapper(note):
        answer = client.get(f"/api/v1/{route}/", {"q": query})
    if answer.status_code != 200:
        raise SystemExit(f"{route} «{query}»: {answer.content!r}")
    return answer.json()


def explain(asked: list[tuple[str, Any]]) -> tuple[float, float]:
    """Planning and execution of these statements in ms, by the database's own clock."""
    from django.db import connection

    planning = execution = 0.0
    with connection.cursor() as cursor:
        for statement, values in asked:
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", values)
            plan = cursor.fetchone()[0]
            plan = (json.loads(plan) if isinstance(plan, str) else plan)[0]
            planning += plan["Planning Time"]
            execution += plan["Execution Time"]
    return planning, execution


def report(rows: list[Figures]) -> None:
    """A table on the terminal."""
    print(f"{'kind':14} {'route':10} {'found':>6} {'stmts':>5} {'db p50':>7} {'p95':>7} {'max':>7} {'exec':>7} "
          f"{'request':>8}  query")  # fmt: skip
    for row in rows:
        print(f"{row.kind:14} {row.route:10} {row.found:6} {row.statements:5} {row.database_p50:7.2f} "
              f"{row.database_p95:7.2f} {row.database_max:7.2f} {row.execution_p50:7.2f} {row.request_p50:8.1f}  "
              f"{row.query}")  # fmt: skip
    worst = max(rows, key=lambda row: row.database_max)
    print(f"slowest: {worst.database_max} ms in the database for {worst.route} «{worst.query}»; "
          f"target {TARGET_MS:g} ms")  # fmt: skip


if __name__ == "__main__":
    main()
