"""What is needed most, as the room above knows it: the last word on the order of the sorting queue."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection


def set_priorities(county_id: str, ranks: Mapping[int, int]) -> None:
    """Write down the ranks (1: needed most) of a county's medicines by their ids, in place of those before.

    Rows that say the same stay untouched. Two statements.
    """
    medicines, values = list(ranks), list(ranks.values())
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM inventory_priority WHERE county_id = %s AND NOT medicine_id = ANY (%s)",
            [county_id, medicines],
        )
        cursor.execute(
            """
            INSERT INTO inventory_priority AS known (county_id, medicine_id, rank)
            SELECT %s, medicine, rank FROM unnest(%s::bigint[], %s::int[]) AS ranked (medicine, rank)
            ON CONFLICT ON CONSTRAINT priority_once DO UPDATE SET rank = EXCLUDED.rank
            WHERE known.rank <> EXCLUDED.rank
            """,
            [county_id, medicines, values],
        )
