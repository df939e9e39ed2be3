"""What other deeds do to devices that are in use: a hold puts them aside, a corrected label carries them along."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from core.commands import Act
from inventory.models.devices import DeviceUse


def lock_kept(act: Act, places: Iterable[int], batches: Collection[int] | None = None) -> None:
    """Lock the open uses of what these places keep in use; before their balances, as giving a device back does."""
    rows = DeviceUse.objects.filter(
        county_id=act.county_id, place__in=list(places), kind=DeviceUse.Kind.KEPT, condition=""
    )
    if batches is not None:
        rows = rows.filter(batch__in=batches)
    list(rows.select_for_update().order_by("id").values_list("pk"))


def put_aside_kept(act: Act, units: Mapping[tuple[int, int], int], reason: str) -> None:
    """End so many uses of each (place id, batch id), the oldest first: the devices are held. Two statements."""
    wanted = {key: count for key, count in units.items() if count}
    if not wanted:
        return
    rows = DeviceUse.objects.filter(
        county_id=act.county_id,
        place__in={place for place, _batch in wanted},
        batch__in={batch for _place, batch in wanted},
        kind=DeviceUse.Kind.KEPT,
        condition="",
    )
    ending = []
    for pk, *key in rows.order_by("id").values_list("pk", "place_id", "batch_id"):
        place, batch = key
        if wanted.get((place, batch), 0) > 0:
            wanted[place, batch] -= 1
            ending.append(pk)
    DeviceUse.objects.filter(pk__in=ending).update(
        condition=DeviceUse.Condition.HELD,
        reason=reason[:200],
        ended_by=act.actor_id,
        ended_on=act.on,
        ended_command=act.command,
    )


def carry_uses(act: Act, batch_id: int, into_id: int) -> None:
    """Bring the devices that are out under their true label."""
    DeviceUse.objects.filter(county_id=act.county_id, batch=batch_id, condition="").update(batch=into_id)
