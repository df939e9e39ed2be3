"""Batches: found, or made where nobody has seen the lot before."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import astuple, dataclass

from django.db import connection


@dataclass(frozen=True)
class Label:
    """What makes a batch what it is; no lot or no day only where the catalogue needs none."""

    medicine_id: int
    lot_number: str
    last_usable_day: datetime.date | None
    pack: str
    product_id: int | None = None


def find_or_make_batches(labels: Iterable[Label], *, county_id: str) -> dict[Label, int]:
    """The ids of these batches in one statement, or two if somebody else makes one at the same moment."""
    wanted = sorted(set(labels), key=lambda label: tuple(map(str, astuple(label))))
    if not wanted:
        return {}
    found = _find_or_make(wanted, county_id)
    if len(found) < len(wanted):
        found = _find_or_make(wanted, county_id)
    return found


def _find_or_make(labels: list[Label], county_id: str) -> dict[Label, int]:
    columns = [list(column) for column in zip(*map(astuple, labels), strict=True)]
    # An index serves =, not IS NOT DISTINCT FROM, so that is kept for what may be null.
    same = (
        "b.medicine_id = w.medicine_id AND b.lot_number = w.lot_number AND b.pack = w.pack"
        " AND b.last_usable_day IS NOT DISTINCT FROM w.last_usable_day"
        " AND b.product_id IS NOT DISTINCT FROM w.product_id"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH wanted AS (
                SELECT * FROM unnest(%s::bigint[], %s::text[], %s::date[], %s::text[], %s::bigint[])
                    WITH ORDINALITY AS w(medicine_id, lot_number, last_usable_day, pack, product_id, place)
            ), made AS (
                INSERT INTO inventory_batch
                    (county_id, medicine_id, lot_number, last_usable_day, pack, product_id)
                SELECT %s, medicine_id, lot_number, last_usable_day, pack, product_id FROM wanted w
                WHERE NOT EXISTS (SELECT 1 FROM inventory_batch b WHERE b.county_id = %s AND {same})
                ORDER BY place
                ON CONFLICT DO NOTHING
                RETURNING id, medicine_id, lot_number, last_usable_day, pack, product_id
            )
            SELECT * FROM made
            UNION ALL
            SELECT b.id, w.medicine_id, w.lot_number, w.last_usable_day, w.pack, w.product_id
            FROM inventory_batch b JOIN wanted w ON b.county_id = %s AND {same}
            """,  # noqa: S608 - a condition of our own
            [*columns, county_id, county_id, county_id],
        )
        return {Label(*row[1:]): row[0] for row in cursor.fetchall()}
