"""How many readers the public pages bear: python -m benchmarks.bench_public [--small] [--json FILE].

A county with 5,000,000 movements (--small: a season) publishes a bulletin of its last ten days. Its page and the
bulletin's files are asked for over HTTP, by readers who have them (by their ETag, answered with 304: at least 1,000 a
second on two cores) and by readers who have not (at least 300).
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from benchmarks.reading import FULL, SMALL, Read, measure_reads
from benchmarks.report import print_table
from benchmarks.run import SEED
from benchmarks.sets import copied
from benchmarks.told import run

DAYS = 10


def published() -> str:
    """The public number of a bulletin that has just been published, with its files."""
    import datetime

    from django.utils import timezone

    from benchmarks.stage import County
    from organisation.models import Role
    from reports.services import draft_bulletin, publish_bulletin, submit_bulletin
    from reports.signing import make_files

    county = County(SEED)
    county.campaign.contact, county.campaign.supervision_phone = "从江县卫生健康局办公室", "12345"
    county.campaign.save(update_fields=["contact", "supervision_phone"])
    end = county.today - datetime.timedelta(days=1)
    start = end - datetime.timedelta(days=DAYS - 1)
    bulletin = county.play(
        Role.PUBLISHER, county.hospital,
        lambda act: draft_bulletin(act=act, campaign=county.campaign, period_start=start, period_end=end),
    )  # fmt: skip
    county.play(Role.PUBLISHER, county.hospital, lambda act: submit_bulletin(act=act, bulletin=bulletin))
    edition = county.play(
        Role.SIGNER, county.hospital, lambda act: publish_bulletin(act=act, bulletin=bulletin)
    )
    make_files(edition, timezone.now())
    return str(edition.public_number)


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    with copied("season" if asked.small else "ages") as bench:
        number = published()
        addresses = {
            "page": "/counties/522633/",
            "json": f"/api/v1/public/bulletins/{number}.json",
            "pdf": f"/api/v1/public/bulletins/{number}.pdf",
        }
        reads = [
            Read(f"{name}{', known' if known else ''}", path, f"≥ {1000 if known else 300}/s", known=known)
            for name, path in addresses.items()
            for known in (False, True)
        ]
        rows = measure_reads(bench, reads, SMALL if asked.small else FULL, "this")
    print_table(rows)
    best = {row.operation: max(stage.per_second for stage in row.stages) for row in rows}
    return {"requests a second": best, "rows": [asdict(row) for row in rows]}


if __name__ == "__main__":
    raise SystemExit(run(__doc__, measure))
