"""Whether the stock list slows as the shelves fill: python -m benchmarks.bench_stock [--small] [--json FILE].

A page of 50 rows, filtered and sorted, of a county with 2,000 batches in 300 places, and with 200,000 (ten seasons;
--small: 20,000). At most 6 statements, and 1.3 times the time.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from benchmarks.reading import FULL, SMALL, Read, measure_reads, ratios
from benchmarks.report import Figures, print_table
from benchmarks.run import SEED
from benchmarks.sets import apart, standing
from benchmarks.told import run

LIMIT = "≤ 6 statements, ≤ 1.3 ×"
ASKED = {
    "of a medicine by day": "medicine={medicine}&ordering=last_usable_day",
    "of a place by quantity": "place={place}&ordering=-quantity",
    "available by lot": "state=available&side=clinic&ordering=lot_number",
    "soon expired by place": "expires_before={soon}&ordering=place,last_usable_day",
    "by words": "q=blf&ordering=-last_usable_day",
    "everything": "",
}


def measured_on(name: str, is_small: bool) -> list[Figures]:
    """Every question asked of one set; meant for a process of its own."""
    import datetime

    with standing(name) as bench:
        from benchmarks.stage import County
        from organisation.models import Role

        county = County(SEED)
        token = county.token(Role.LEAD_PHARMACIST, county.hospital)
        values = {
            "medicine": county.medicines[0].code,
            "place": county.centres[0].code,
            "soon": county.today + datetime.timedelta(days=90),
        }
        reads = [
            Read(title, f"/api/v1/stock/?{query.format(**values)}", LIMIT, token)
            for title, query in ASKED.items()
        ]
        return measure_reads(bench, reads, SMALL if is_small else FULL, name)


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    few = apart(measured_on, "small", asked.small)
    many = apart(measured_on, "season" if asked.small else "ten", asked.small)
    for rows in (few, many):
        print_table(rows)
    return {"ratio": ratios(few, many), "rows": [asdict(row) for row in [*few, *many]]}


if __name__ == "__main__":
    raise SystemExit(run(__doc__, measure))
