"""Whether figures cost more in old books: python -m benchmarks.bench_figures [--small] [--json FILE].

A county hands out at its health centres, 2,500 movements a day, and closes every day when it is over. Its summary,
its live figures and the content of a bulletin are timed when the books hold 50,000 movements, written through every
guard and trigger of the ledger. Then the books are made older: their days are put before their beginning 99 times
over, as rows of the journals and day rollups (with the triggers off, for 5,000,000 rows through all guards take 20
minutes), and the database carries the totals of all these days anew. --small: 5,000 and 50,000 at 250 a day. The
ratio of the medians must stay within 1.3; a county asks for 10 days in every case.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from benchmarks.bench_search import own_database

ALLOWED = 1.3
REPEATS, PERIOD_DAYS, LINES = 21, 10, 5
DAY = datetime.timedelta(days=1)

SHELVES = """
CREATE TEMP TABLE shelf AS
SELECT a.place_id, b.batch_id, a.id AS available, d.id AS dispensed,
    row_number() OVER (PARTITION BY a.place_id ORDER BY b.batch_id) AS at,
    dense_rank() OVER (ORDER BY a.place_id) AS place
FROM inventory_balance b JOIN inventory_account a ON a.id = b.account_id AND a.county_id = b.county_id
JOIN inventory_account d ON d.place_id = a.place_id AND d.county_id = a.county_id AND d.state = 'dispensed'
WHERE a.side = 'clinic' AND a.state = 'available'
"""
HAND_OUTS = """
WITH given AS (
    INSERT INTO distribution_dispensing (county_id, place_id, dispensed_on, booked_on, recipients, age_band, marks,
        register_ref, collected_by, entered_for, dispensed_by, recorded_at)
    SELECT %(county)s, p.place_id, %(first)s, %(day)s, 1,
        (ARRAY['0-3', '4-14', '15-64', '65-79', '80+'])[1 + n %% 5], '[]', '', 'self', false, 1, now()
    FROM generate_series(1, %(hand_outs)s) AS n
    JOIN (SELECT DISTINCT place_id, place, max(place) OVER () AS places FROM shelf) p ON p.place = 1 + n %% p.places
    RETURNING id, place_id, age_band
)
INSERT INTO inventory_movement (county_id, batch_id, quantity, from_account_id, to_account_id, kind, document_type,
    document_id, detail, business_day, booked_on, recorded_at, command)
SELECT %(county)s, s.batch_id, 1, s.available, s.dispensed, 'dispense', 'dispensing', g.id, g.age_band, %(first)s,
    %(day)s, now(), gen_random_uuid()
FROM given g JOIN shelf s ON s.place_id = g.place_id AND (s.at + g.id) %% 10 < %(lines)s
"""

# The days of the books once more, before they began: table, and which of its columns are days.
AGED = {
    "distribution_dispensing": ("dispensed_on", "booked_on"),
    "inventory_movement": ("business_day", "booked_on"),
    "inventory_stockday": ("booked_on",),
}
COLUMNS = """
SELECT string_agg(column_name, ', ' ORDER BY ordinal_position) FROM information_schema.columns
WHERE table_name = %s AND column_name NOT IN ('id', {})
"""
COPY = """
INSERT INTO {table} ({days}, {columns}) SELECT {earlier}, {columns} FROM {table}, generate_series(1, %(times)s) AS n
WHERE booked_on > %(first)s AND booked_on <= %(closed)s
"""


class Books:
    """The county and its books, which grow day by day."""

    def __init__(self, a_day: int) -> None:
        from django.db import connection

        from benchmarks.stage import County
        from inventory.ledger import Entry, Shelf, post
        from inventory.models import Kind, Side, State
        from organisation.models import Role

        self.cursor = connection.cursor()
        self.a_day = a_day
        self.bench = County(1)
        self.county = self.bench.stage.county
        self.first = self.day = self.bench.today - 4000 * DAY
        self.bench.today = self.first
        self.bench.campaign.starts_on = self.first
        self.bench.campaign.save(update_fields=["starts_on"])
        for place, decision in self.bench.shelves:
            shelves = (Shelf(place.pk, Side.CLINIC, state) for state in (State.AVAILABLE, State.DISPENSED))
            one = Entry(Kind.DISPENSE, decision.batch_id or 0, 1, *shelves, "test", detail="80+")
            self.bench.play(Role.PHARMACIST, place, lambda act, one=one: post([one], act=act))  # type: ignore[misc]
        self.cursor.execute(SHELVES)
        self.writing: list[float] = []
        self.closing: list[float] = []

    def movements(self) -> int:
        self.cursor.execute("SELECT count(*) FROM inventory_movement")
        return int(self.cursor.fetchone()[0])

    def grow(self, movements: int) -> None:
        """Days of hand-outs, each closed when it is over, and one that is still open."""
        while self.movements_so_far() < movements - self.a_day:
            self._hand_out()
            began = time.perf_counter()
            self.cursor.execute(
                "UPDATE organisation_county SET closed_through = %s WHERE code = %s",
                [self.day, self.county.pk],
            )
            self.closing.append(time.perf_counter() - began)
        self._hand_out()
        self.cursor.execute("VACUUM ANALYZE")
        self.county.refresh_from_db()

    def age(self, times: int) -> None:
        """The closed days put before the books' beginning so many times, and all their totals carried anew."""
        span, closed = len(self.closing) + 1, self.county.closed_through
        self.cursor.execute("SET session_replication_role = replica")
        for table, days in AGED.items():
            self.cursor.execute(COLUMNS.format(", ".join(f"'{day}'" for day in days)), [table])
            (columns,) = self.cursor.fetchone()
            earlier = ", ".join(f"{day} - {span} * n" for day in days)
            statement = COPY.format(table=table, days=", ".join(days), earlier=earlier, columns=columns)
            self.cursor.execute(statement, {"times": times, "first": self.first, "closed": closed})
        self.cursor.execute("DELETE FROM reports_flowtotal")
        self.cursor.execute("SET session_replication_role = origin")
        self.cursor.execute("UPDATE organisation_county SET closed_through = closed_through")
        self.bench.campaign.starts_on = self.first - span * times * DAY
        self.bench.campaign.save(update_fields=["starts_on"])
        self.cursor.execute("VACUUM ANALYZE")

    def movements_so_far(self) -> int:
        return len(self.writing) * self.a_day

    def _hand_out(self) -> None:
        self.day += DAY
        began = time.perf_counter()
        asked = {"county": self.county.pk, "first": self.first, "day": self.day, "lines": LINES}
        self.cursor.execute(HAND_OUTS, {**asked, "hand_outs": self.a_day // LINES})
        self.writing.append(time.perf_counter() - began)
        if len(self.writing) % 40 == 10:
            self.cursor.execute("ANALYZE inventory_balance, inventory_stockday, reports_flowtotal")

    def readings(self) -> dict[str, Callable[[], Any]]:
        from django.utils import timezone

        from reports.content import bulletin_content, live_figures
        from reports.figures import Period, figures
        from reports.models import Bulletin

        end = self.day - DAY
        period = Period(end - (PERIOD_DAYS - 1) * DAY, end)
        bulletin = Bulletin(
            county=self.county, campaign=self.bench.campaign, period_start=period.start, period_end=period.end
        )
        return {
            "summary": lambda: figures(self.county.pk, period).content(),
            "live": lambda: live_figures(self.county, self.bench.campaign, self.day),
            "bulletin": lambda: bulletin_content(bulletin, [], previous=None, at=timezone.now()),
        }


def timed(books: Books) -> dict[str, float]:
    """Milliseconds of each reading in one snapshot, the median of many."""
    from reports.snapshot import snapshot

    found = {}
    for name, reading in books.readings().items():
        took = []
        for _n in range(REPEATS + 2):
            with snapshot():
                began = time.perf_counter()
                reading()
                took.append(1000 * (time.perf_counter() - began))
        found[name] = statistics.median(took[2:])
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--json", help="file to write the figures to")
    asked = parser.parse_args()
    few, many, a_day = (5_000, 50_000, 250) if asked.small else (50_000, 5_000_000, 2_500)
    with ExitStack() as stack:
        os.environ["DATABASE_URL"] = own_database(stack)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        figures = measure(few, many, a_day)
    print(json.dumps(figures, indent=1))
    if asked.json:
        with open(asked.json, "w", encoding="utf-8") as file:
            json.dump(figures, file)
    return int(max(figures["ratio"].values()) > ALLOWED)


def measure(few: int, many: int, a_day: int) -> dict[str, Any]:
    """Milliseconds at both sizes and their ratio, and what writing and closing a day took."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    books, figures = Books(a_day), {}
    for size in (few, many):
        began = time.perf_counter()
        if size == few:
            books.grow(size)
        else:
            books.age(many // few - 1)
        figures[str(size)] = {
            "movements": books.movements(),
            "seconds_to_fill": round(time.perf_counter() - began),
            **{name: round(took, 1) for name, took in timed(books).items()},
        }
        print(size, figures[str(size)], flush=True)
    young, old = figures[str(few)], figures[str(many)]
    figures["milliseconds_a_day"] = {
        "to_write": round(1000 * statistics.median(books.writing)),
        "to_close": round(1000 * statistics.median(books.closing)),
    }
    ratio = {name: round(old[name] / young[name], 2) for name in ("summary", "live", "bulletin")}
    return {**figures, "ratio": ratio}


if __name__ == "__main__":
    sys.exit(main())
