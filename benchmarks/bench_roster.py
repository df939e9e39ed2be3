"""What a long roster costs: python -m benchmarks.bench_roster [--rows 5000] [--json FILE].

A spreadsheet of so many rows, three to a donor, is previewed and registered through the API, on a server that keeps
what it commits. The process that serves is measured alone: seconds of each step, its processor time, and the most
memory it ever held.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import resource
import tempfile
import time
import uuid
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook

from config.postgres import EmbeddedServer, ensure_database

HEAD = ["姓名", "工作单位", "电话", "药品名称", "规格", "数量", "批号", "有效期至", "日期"]
MEDICINES = [("布洛芬片", "0.1g*20片"), ("布洛芬缓释胶囊", "0.3g*20粒"), ("对乙酰氨基酚片", "0.5g*12片"),
             ("连花清瘟胶囊", "0.35g*24粒")]  # fmt: skip
ALLOWED_SECONDS, ALLOWED_MEGABYTES = 20, 300


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock and of the processor, and megabytes."""

    rows: int
    preview: float
    commit: float
    processor: float
    megabytes: float


def roster(rows: int, seed: int = 1) -> bytes:
    """The spreadsheet, its chances from a seed."""
    chance, today = random.Random(seed), datetime.now(ZoneInfo("Asia/Shanghai")).date()
    book = Workbook(write_only=True)
    sheet = book.create_sheet("花名册")
    sheet.append(HEAD)
    for number in range(rows):
        donor = number // 3
        medicine, specification = chance.choice(MEDICINES)
        expiry = today + timedelta(days=chance.randrange(120, 900))
        sheet.append([
            f"捐赠人{donor}", "县府办", f"138{donor:08}", medicine, specification, f"{chance.randrange(1, 5)}盒",
            f"{chance.randrange(10**6):06}", f"{expiry:%Y.%m.%d}", str(today),
        ])  # fmt: skip
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def measure(url: str, content: bytes, rows: int) -> Cost:
    """Serve the import in this process; meant for a process of its own."""
    os.environ["DATABASE_URL"], os.environ["DJANGO_SETTINGS_MODULE"] = url, "config.settings"
    import django

    django.setup()
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = _clerk()
    began = time.perf_counter()
    file = SimpleUploadedFile("roster.xlsx", content)
    seen = client.post(
        "/api/v1/rosters/", {"file": file, "place": "P-522633-01"}, format="multipart", headers=_key()
    )
    previewed = time.perf_counter()
    if seen.status_code != 201 or seen.json()["error_count"]:
        raise SystemExit(f"preview: {seen.status_code} {seen.content[:500]!r}")
    done = client.post(f"/api/v1/rosters/{seen.json()['id']}/commit/", {}, format="json", headers=_key())
    committed = time.perf_counter()
    if done.status_code != 200:
        raise SystemExit(f"commit: {done.status_code} {done.content[:500]!r}")
    used = resource.getrusage(resource.RUSAGE_SELF)
    return Cost(
        rows,
        round(previewed - began, 2),
        round(committed - previewed, 2),
        round(used.ru_utime + used.ru_stime, 2),
        round(used.ru_maxrss / 1024, 1),
    )


def _clerk() -> Any:
    """The API as a clerk of a fresh county."""
    from django.core.management import call_command
    from rest_framework.test import APIClient

    call_command("migrate", verbosity=0)
    from benchmarks.stage import County
    from organisation.models import Role

    county = County(seed=1)
    client = APIClient(HTTP_HOST="127.0.0.1")
    client.credentials(HTTP_AUTHORIZATION=f"Token {county.token(Role.CLERK, county.hospital)}")
    return client


def _key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--json", help="file to write the figures to")
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="roster-") as name,
        EmbeddedServer(Path(name) / "server") as server,
    ):
        url = server.url("donations")
        ensure_database(url)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            content = alone.submit(roster, asked.rows).result()
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            cost = alone.submit(measure, url, content, asked.rows).result()
    print(
        f"{cost.rows:,} rows: preview {cost.preview} s, commit {cost.commit} s (allowed {ALLOWED_SECONDS} together); "
        f"processor {cost.processor} s; {cost.megabytes} MB (allowed {ALLOWED_MEGABYTES})"
    )
    if asked.json:
        Path(asked.json).write_text(json.dumps(asdict(cost), indent=1))


if __name__ == "__main__":
    main()
