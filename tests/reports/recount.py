"""Table C once more, straight from the rows of the journals: by kind of entry, where the figures go by state."""

from __future__ import annotations

from collections import defaultdict

from donations.models import CustodyEntry, ItemHoldings
from inventory.models import Balance, Movement
from reports.figures import Figures, Period

Table = dict[str | None, dict[str, int]]
SHELF = {"available", "held", "reserved"}
UNSORTED = {"at_point", "on_the_way", "counted", "in_doubt"}
CUSTODY = {
    "registered": "items.registered",
    "surplus": "items.surplus",
    "voided": "items.voided",
    "missing": "items.missing",
    "accepted": "items.accepted",
    "rejected": "items.rejected",
    "left_for_disposal": "rejects.refused_and_left",
    "returned_to_donor": "rejects.returned_to_donor",
    "destroyed": "rejects.destroyed",
}
LEDGER = {
    "accept": "stock.accepted",
    "receive": "stock.arrived",
    "dispatch": "stock.left",
    "dispense": "stock.dispensed",
    "destroy": "stock.destroyed",
}


def recount(county_id: str, period: Period) -> Table:
    """The columns that are not zero, by medicine."""
    table: Table = defaultdict(lambda: defaultdict(int))
    for entry in CustodyEntry.objects.select_related("item__medicine", "group__medicine", "reverses"):
        medicine = entry.item.medicine if entry.item else entry.group.medicine
        line, day = table[medicine.code if medicine else None], entry.booked_on
        _stand(line, "items", UNSORTED, entry.from_state, entry.to_state, entry.quantity, day, period)
        if period.start <= day <= period.end:
            _custody(line, entry)
    for move in Movement.objects.select_related(
        "batch__medicine", "from_account", "to_account", "reverses__from_account", "reverses__to_account"
    ):
        line, day = table[move.batch.medicine.code], move.booked_on
        states = move.from_account.state, move.to_account.state
        _stand(line, "stock", SHELF, *states, move.quantity, day, period)
        _stand(line, "road", {"in_transit"}, *states, move.quantity, day, period)
        if period.start <= day <= period.end:
            _ledger(line, move)
    return {code: {name: units for name, units in line.items() if units} for code, line in table.items()}


def _stand(
    line: dict[str, int],
    name: str,
    inside: set[str],
    source: str,
    target: str,
    units: int,
    day,
    period: Period,
) -> None:
    change = units * ((target in inside) - (source in inside))
    line[f"{name}.opening"] += change if day < period.start else 0
    line[f"{name}.closing"] += change if day <= period.end else 0


def _custody(line: dict[str, int], entry: CustodyEntry) -> None:
    if entry.kind == "corrected":
        line["items.registered"] += entry.quantity if entry.from_state == "outside" else -entry.quantity
    elif entry.kind == "reversed" and entry.reverses.kind in CUSTODY:
        line[CUSTODY[entry.reverses.kind]] -= entry.quantity
    elif entry.kind in CUSTODY:
        line[CUSTODY[entry.kind]] += entry.quantity


def _ledger(line: dict[str, int], move: Movement) -> None:
    first, sign = (move.reverses, -1) if move.kind == "reversal" else (move, 1)
    if first.kind == "lose":
        line["road.lost" if first.from_account.state == "in_transit" else "stock.lost"] += (
            sign * move.quantity
        )
    elif first.kind == "adjust":
        found = first.from_account.state == "adjusted"
        line["stock.found" if found else "stock.adjusted"] += sign * move.quantity
    elif first.kind in LEDGER:
        line[LEDGER[first.kind]] += sign * move.quantity


def columns(found: Figures) -> Table:
    """The same columns as the figures have them."""
    table: Table = {}
    for row in found.rows:
        accounts = {"items": row.items, "rejects": row.rejects, "stock": row.stock, "road": row.road}
        table[row.code] = {
            f"{name}.{column}": units
            for name, account in accounts.items()
            for column, units in account.content().items()
            if units and column not in TWICE.get(name, ()) and not column.startswith("closing_")
        }
    return table


# What the two sides would say twice: the bin's view of a rejection, the road's view of a dispatch and a receipt.
TWICE = {"rejects": ("rejected", "opening", "closing"), "road": ("dispatched", "received")}


def standing_now() -> dict[str, int]:
    """What the balances and holdings say at this moment, all medicines together."""
    shelf = sum(Balance.objects.filter(state__in=SHELF).values_list("quantity", flat=True))
    road = sum(Balance.objects.filter(state="in_transit").values_list("quantity", flat=True))
    items = sum(
        row.at_point + row.on_the_way + row.counted + row.in_doubt for row in ItemHoldings.objects.all()
    )
    return {"items": items, "stock": shelf, "road": road}
