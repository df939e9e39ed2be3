"""Data sets that are made once and kept under var/bench/sets: python -m benchmarks.sets NAME [--anew] [--json FILE].

`small` is a tenth of a county season, `season` a county season, `ten` ten of them one after another, `ages` one
county with 5,000,000 movements, `province` as many in 88 counties with 30,000 clinics. Each has a server of its own,
durable like any other; only while it is filled commits do not wait for the disk. Whatever is measured on a set is
asked of it by `standing`, which makes it if it is not there, or not of this program's tables.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.run import BENCH, SEED, Bench, database
from config.postgres import EmbeddedServer

T = TypeVar("T")
SETS = BENCH / "sets"
# Counties, clinics of each, waves, lines and papers of each, lines of a paper, days of a wave: copied_books.Size.
SIZES = {
    "small": (1, 300, 1, 2_000, 6_000, 1, 60),
    "season": (1, 300, 1, 20_000, 60_000, 1, 90),
    "ten": (1, 300, 10, 20_000, 60_000, 1, 90),
    "ages": (1, 300, 1, 20_000, 980_000, 5, 2_000),
    "province": (88, 341, 1, 3_000, 8_400, 5, 90),
}
ROOT = Path(__file__).resolve().parent.parent
WITHIN = {"synchronous_commit": "off", "work_mem": "256MB", "jit": "off"}
FIRST_COUNTY, MADE_UP = "522633", 530_000
COUNTED = (
    "inventory_batch",
    "inventory_movement",
    "donations_item",
    "distribution_dispensing",
    "organisation_place",
)


@contextlib.contextmanager
def copied(name: str) -> Iterator[Bench]:
    """A copy of a set, to be written to; gone afterwards."""
    apart(make, name)
    folder = SETS / f"{name}-copy"
    server = EmbeddedServer(folder)
    server.erase()
    subprocess.run(["/bin/cp", "-a", (SETS / name / "data").resolve(), server.data], check=True)
    try:
        with database(folder, anew=False) as bench:
            set_up(bench.url)
            yield bench
    finally:
        server.erase()


@contextlib.contextmanager
def standing(name: str, *, anew: bool = False) -> Iterator[Bench]:
    """The server of a set, filled; django is set up for it in this process, which can have one set alone."""
    folder = SETS / name
    made = folder / "made.json"
    is_there = not anew and made.exists() and json.loads(made.read_text())["of"] == program(name)
    if not is_there:
        made.unlink(missing_ok=True)
    with database(folder, anew=not is_there) as bench:
        set_up(bench.url)
        if not is_there:
            made.write_text(json.dumps({"of": program(name), **fill(bench, name)}, indent=1))
        yield bench


def make(name: str) -> None:
    """See to it that the set is there."""
    with standing(name):
        pass


def set_up(url: str) -> None:
    import django

    os.environ["DATABASE_URL"], os.environ["DJANGO_SETTINGS_MODULE"] = url, "config.settings"
    django.setup()


def program(name: str) -> str:
    """What a set was made of: the tables, what writes them, and its size."""
    files = [*sorted(ROOT.glob("*/migrations/*.py")), ROOT / "benchmarks" / "copied_books.py"]
    whole = hashlib.sha256(f"{name} {SIZES[name]}".encode())
    for file in files:
        whole.update(file.read_bytes())
    return whole.hexdigest()


def apart(work: Callable[..., T], *given: Any) -> T:
    """The same in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
        return alone.submit(work, *given).result()


def fill(bench: Bench, name: str) -> dict[str, Any]:
    """Make the tables and fill them, counties apart in as many processes as there are cores."""
    from django.core.management import call_command

    begun = time.perf_counter()
    call_command("migrate", interactive=False, verbosity=0)
    codes = counties(name)
    seconds = {"tables and places": round(time.perf_counter() - begun, 1)}
    begun = time.perf_counter()
    write(bench.url, name, codes[0])  # alone: the others' plans are made on tables that hold something
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as workers:
        list(workers.map(partial(write, bench.url, name), codes[1:]))
    seconds["books"] = round(time.perf_counter() - begun, 1)
    begun = time.perf_counter()
    bench.counters.execute("VACUUM ANALYZE")
    bench.counters.execute("CHECKPOINT")
    seconds["vacuum"] = round(time.perf_counter() - begun, 1)
    return {"size": asdict(_size(name)), "seconds": seconds, "rows": rows(bench)}


def rows(bench: Bench) -> dict[str, int]:
    return {
        table: int(bench.counters.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # type: ignore[index]
        for table in COUNTED
    }


def _size(name: str) -> Any:
    from benchmarks.copied_books import Size

    return Size(*SIZES[name])


def counties(name: str) -> list[str]:
    """The counties with their places: the first is a real one, the others are made up of numbers."""
    from catalogue.services import load_medicines
    from organisation.loading import load_county
    from organisation.models import County, Place, Policy

    load_medicines()
    size = _size(name)
    codes = [load_county(FIRST_COUNTY, village_points=12).pk]
    for number in range(1, size.counties):
        county = County.objects.create(code=f"{MADE_UP + number}", name=f"{number}号县")
        Policy.objects.create(county=county)
        Place.objects.bulk_create(_stores(county))
        codes.append(county.pk)
    for county in County.objects.all():
        there = Place.objects.filter(county=county, hands_out=True, sorts=False).count()
        centres = list(Place.objects.filter(county=county, sorts=True, hands_out=True).order_by("code"))
        Place.objects.bulk_create(_clinics(county, centres, size.places - there))
    return codes


def _stores(county: Any) -> list[Any]:
    from organisation.models import Place

    kinds = [Place.Kind.HOSPITAL, *[Place.Kind.HEALTH_CENTRE] * 20]
    return [
        Place(county=county, code=f"P-{county.pk}-{number:03}", name=f"{number}号{kind.label}", kind=kind,
              takes_donations=True, sorts=True, hands_out=number > 0) for number, kind in enumerate(kinds)
    ]  # fmt: skip


def _clinics(county: Any, centres: list[Any], count: int) -> list[Any]:
    from organisation.models import Place

    return [
        Place(county=county, code=f"V-{county.pk}-{number:03}", name=f"{number}号卫生室", hands_out=True,
              kind=Place.Kind.VILLAGE_CLINIC, parent=centres[number % len(centres)]) for number in range(count)
    ]  # fmt: skip


def write(url: str, name: str, code: str) -> None:
    """The books of one county; may be a process of its own."""
    set_up(url)
    from django.db import connection

    from benchmarks.copied_books import Books
    from organisation.models import County

    with connection.cursor() as cursor:
        for setting, value in WITHIN.items():
            cursor.execute(f"SET {setting} = '{value}'")
    Books(County.objects.get(pk=code), _size(name), SEED).write()


def verified() -> dict[str, Any]:
    """How many figures the ledger's verification compared, how many disagree, and how long it took."""
    from inventory.verification import examine

    begun = time.perf_counter()
    found = examine()
    return {
        "figures": sum(found.checked.values()),
        "disagree": len(found.discrepancies),
        "first": [str(each) for each in found.discrepancies[:3]],
        "seconds": round(time.perf_counter() - begun, 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=SIZES)
    parser.add_argument("--anew", action="store_true", help="make it even if it is there")
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    asked = parser.parse_args()
    with standing(asked.name, anew=asked.anew):
        made = json.loads((SETS / asked.name / "made.json").read_text())
        told = {"set": asked.name, **made, "verified": verified(), "load": os.getloadavg()[0]}
    del told["of"]
    print(json.dumps(told, indent=1, ensure_ascii=False))
    if asked.json:
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        asked.json.write_text(json.dumps(told, indent=1))
    return int(told["verified"]["disagree"] > 0)


if __name__ == "__main__":
    raise SystemExit(main())
