"""Whether a stock card slows as it grows: python -m benchmarks.bench_cards [--small] [--json FILE].

The longest card of a county with 5,000,000 movements (--small: a season): its first page of 50, one in the middle and
its last. The last may take at most 1.3 times the first.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from benchmarks.reading import FULL, SMALL, Read, measure_reads
from benchmarks.report import print_table
from benchmarks.run import SEED, Bench
from benchmarks.sets import standing
from benchmarks.told import run

PAGE = 50
LONGEST = """
SELECT p.code, m.code, d.county_id, p.id, m.id, sum(d.entries)::bigint FROM inventory_stockday d
JOIN organisation_place p ON p.id = d.from_place_id JOIN catalogue_medicine m ON m.id = d.medicine_id
WHERE d.from_side = 'clinic' GROUP BY 1, 2, 3, 4, 5 ORDER BY 6 DESC LIMIT 1
"""
POSITION = """
SELECT to_char(m.booked_on, 'YYYYMMDD') || '.' || m.id FROM inventory_movement m
JOIN inventory_batch t ON t.id = m.batch_id AND t.county_id = m.county_id
JOIN inventory_account a ON a.id = m.from_account_id JOIN inventory_account b ON b.id = m.to_account_id
WHERE m.county_id = %s AND t.medicine_id = %s AND ((a.place_id, a.side) = (%s, 'clinic')
    OR (b.place_id, b.side) = (%s, 'clinic'))
ORDER BY m.booked_on, m.id OFFSET %s LIMIT 1
"""


def pages(bench: Bench) -> tuple[int, list[Read]]:
    """How many rows the longest card has, and three of its pages."""
    from benchmarks.stage import County
    from organisation.models import Role

    county = County(SEED)
    token = county.token(Role.LEAD_PHARMACIST, county.hospital)
    place, medicine, code, place_id, medicine_id, rows = bench.counters.execute(LONGEST).fetchone()  # type: ignore[misc]
    whole = (
        f"place={place}&medicine={medicine}&side=clinic&from={county.campaign.starts_on}&to={county.today}"
    )
    reads = [Read("card, first page", f"/api/v1/stock-card/?{whole}", "", token)]
    for title, at in (("card, in the middle", rows // 2), ("card, last page", rows - PAGE)):
        asked = [code, medicine_id, place_id, place_id, at]
        (position,) = bench.counters.execute(POSITION, asked).fetchone()  # type: ignore[misc]
        reads.append(Read(title, f"/api/v1/stock-card/?{whole}&cursor=a{position}", "≤ 1.3 × first", token))
    return rows, reads


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    name = "season" if asked.small else "ages"
    with standing(name) as bench:
        length, reads = pages(bench)
        rows = measure_reads(bench, reads, SMALL if asked.small else FULL, name)
    print_table(rows)
    first, _middle, last = (row.stages[0].p50 for row in rows)
    cpu = [row.server_ms + row.database_ms for row in rows]
    ratio = {"p50": round(last / first, 2), "cpu": round(cpu[2] / cpu[0], 2)}
    return {"rows of the card": length, "last to first": ratio, "rows": [asdict(row) for row in rows]}


if __name__ == "__main__":
    raise SystemExit(run(__doc__, measure))
