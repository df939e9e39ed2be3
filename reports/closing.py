"""What a closing account (总公示) adds: the goods that are not closed when the campaign ends. Pure.

Closed is what was handed out, returned, destroyed, lost or written off. Whatever still stands in a state of an
account is named: unsorted, in doubt, in the bin, on the shelf, held, promised or on the road.
"""

from __future__ import annotations

from typing import Any

NAMING = ("medicine", "generic_name", "dosage_form", "strength", "unit")
ACCOUNTS = ("items", "rejects", "stock", "road")
CLOSING = "closing_"


def not_closed(medicines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row for each medicine and state in which units stand, from the lines of table C."""
    return [
        {
            **{name: line[name] for name in NAMING},
            "account": account,
            "state": column.removeprefix(CLOSING),
            "quantity": units,
        }
        for line in medicines
        for account in ACCOUNTS
        for column, units in sorted(line[account].items())
        if column.startswith(CLOSING) and units
    ]
