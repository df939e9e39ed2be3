"""How long a recall takes: python -m benchmarks.bench_recall [--small] [--json FILE].

One county of 300 places with 20,000 batches and 500,000 movements, all written through the ledger's own guards on a
server that keeps what it commits. A lot that stands in every place, on both sides, promised, on the road and handed
out 3,000 times is recalled, traced and let go in turn; a command is timed with its commit. Filling takes minutes.
"""

import argparse
import json
import os
import statistics
import tempfile
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path

import django
from django.core.management import call_command

from config.postgres import EmbeddedServer, ensure_database

ALLOWED = {"recall": 1.0, "trace": 0.3}


@dataclass(frozen=True)
class Timing:
    """Seconds of one deed done again and again; the first time nothing of it is in memory."""

    deed: str
    first: float
    median: float
    worst: float
    allowed: float | None


def timings(spent: dict[str, list[float]]) -> list[Timing]:
    return [
        Timing(
            deed,
            *(round(seconds, 3) for seconds in (all_[0], statistics.median(all_), max(all_))),
            ALLOWED.get(deed),
        )
        for deed, all_ in spent.items()
    ]


def report(size: dict[str, int], timings: list[Timing], file: str | None) -> None:
    """A table on the terminal, and JSON if a file is named."""
    print(", ".join(f"{count:,} {name}" for name, count in size.items()))
    print(f"{'seconds':8} {'first':>7} {'median':>7} {'worst':>7} {'allowed':>8}")
    for row in timings:
        allowed = "" if row.allowed is None else f"{row.allowed:g}"
        print(f"{row.deed:8} {row.first:7.3f} {row.median:7.3f} {row.worst:7.3f} {allowed:>8}")
    if file:
        Path(file).write_text(
            json.dumps({"size": size, "timings": [asdict(row) for row in timings]}, indent=1)
        )


def main() -> None:
    """Fill a county on a server of its own, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="20 places, to try the program itself")
    parser.add_argument("--json", help="file to write the figures to")
    asked = parser.parse_args()
    folder = tempfile.TemporaryDirectory(prefix="recall-")
    with folder as name, EmbeddedServer(Path(name) / "server") as server:
        ensure_database(server.url("donations"))
        os.environ["DATABASE_URL"] = server.url("donations")
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        django.setup()
        call_command("migrate", verbosity=0)
        county = import_module("benchmarks.recalled_county")  # its models exist only now
        size, spent = county.measure(county.SCALES["small" if asked.small else "county"])
        report(size, timings(spent), asked.json)


if __name__ == "__main__":
    main()
