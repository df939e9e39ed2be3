"""What may be used again once a recall is lifted."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, Sum

from inventory.models import Hold, Kind, Movement, State
from inventory.queries.holds import held_by
from inventory.queries.recalls import Scope, balances_in, batches_in, recalled_batches

# place, side, batch
Key = tuple[int, str, int]


@dataclass(frozen=True)
class Releasable:
    """Holds with the units of each, by its number and side, that nothing else keeps from being used."""

    holds: Sequence[Hold]
    units: dict[int, dict[str, int]]


def releasable(scope: Scope, *, on: datetime.date) -> Releasable:
    """What recalls hold of these goods and no recall in force, expiry or hold of another kind keeps held.

    Where it is doubtful whose units are left, fewer are released, and the rest waits for a person
    (`holds/<id>/release/`). A constant number of statements.
    """
    batches = batches_in(scope).filter(Q(last_usable_day__isnull=True) | Q(last_usable_day__gte=on))
    ids = list(batches.values_list("pk", flat=True))
    holds = list(Hold.objects.filter(county_id=scope.county_id, batch__in=ids).order_by("id"))
    if scope.place_id:
        holds = [hold for hold in holds if hold.place_id == scope.place_id]
    held = held_by(holds)
    free = _free(scope, holds, held)
    recalled = recalled_batches(scope.county_id, ids)
    mine = [hold for hold in holds if hold.recall_id and hold.batch_id not in recalled.at(hold.place_id)]
    return Releasable(mine, {hold.pk: _drawn(hold, held[hold.pk], free) for hold in mine})


def _free(scope: Scope, holds: Sequence[Hold], held: dict[int, dict[str, int]]) -> dict[Key, int]:
    """Held units less those that people hold for reasons of their own, and those that came damaged or expired."""
    standing = balances_in(scope).filter(state=State.HELD, quantity__gt=0)
    free: dict[Key, int] = defaultdict(int)
    for place, side, batch, quantity in standing.values_list(
        "account__place_id", "account__side", "batch_id", "quantity"
    ):
        free[place, side, batch] = quantity
    for hold in holds:
        if not hold.recall_id:
            for side, units in held[hold.pk].items():
                free[hold.place_id, side, hold.batch_id] -= units
    arrived = Movement.objects.filter(
        batch__in={hold.batch_id for hold in holds}, kind=Kind.RECEIVE, to_account__state=State.HELD
    ).exclude(detail="recalled")
    for place, side, batch, units in (
        arrived.values_list("to_account__place_id", "to_account__side", "batch_id")
        .annotate(units=Sum("quantity"))
        .order_by()
    ):
        free[place, side, batch] -= units
    return free


def _drawn(hold: Hold, sides: dict[str, int], free: dict[Key, int]) -> dict[str, int]:
    drawn = {}
    for side, units in sides.items():
        key = (hold.place_id, side, hold.batch_id)
        drawn[side] = max(0, min(units, free[key]))
        free[key] -= drawn[side]
    return drawn
