"""Goods that leave a shelf at once, without a plan that promised them: the same steps as any shipment takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.commands import Act
from distribution.models import Shipment, ShipmentLine
from inventory.ledger import Entry, Shelf, post
from inventory.models import Kind, Side, State
from organisation.models import Place


@dataclass(frozen=True)
class Leg:
    """From which side of which place goods go, and to which side of which other."""

    from_place: Place
    from_side: Side
    to_place: Place
    to_side: Side


def send_at_once(
    *, act: Act, leg: Leg, quantities: Mapping[int, int], pointers: Mapping[int, str], reason: str
) -> Shipment:
    """Take units off the shelf and put them on the road in one go; the receiver counts them like any shipment.

    `quantities` maps batch ids to units, `pointers` says what of the request each stands for. The batches were
    checked by the caller (`local_use.check_batches`); what is short is refused under the lock of the balances.
    """
    shipment = _write(act, leg, quantities, reason)
    entries = [
        _step(shipment, leg, kind, batch_id, units, pointers[batch_id])
        for kind in (Kind.RESERVE, Kind.DISPATCH)
        for batch_id, units in quantities.items()
    ]
    post(entries, act=act)
    return shipment


def _write(act: Act, leg: Leg, quantities: Mapping[int, int], reason: str) -> Shipment:
    shipment = Shipment.objects.create(
        county_id=act.county_id,
        from_place=leg.from_place,
        from_side=leg.from_side,
        to_place=leg.to_place,
        to_side=leg.to_side,
        state=Shipment.State.DISPATCHED,
        dispatched_by=act.actor_id,
        dispatched_on=act.on,
    )
    ShipmentLine.objects.bulk_create(
        ShipmentLine(
            county_id=act.county_id,
            shipment=shipment,
            batch_id=batch_id,
            promised=units,
            picked=units,
            pick_reason=reason,
        )
        for batch_id, units in quantities.items()
    )
    return shipment


def _step(shipment: Shipment, leg: Leg, kind: Kind, batch_id: int, units: int, pointer: str) -> Entry:
    place = leg.from_place.pk
    shelf = Shelf(place, leg.from_side, State.AVAILABLE)
    promised = Shelf(place, leg.from_side, State.RESERVED, shipment.pk)
    road = Shelf(place, leg.from_side, State.IN_TRANSIT, shipment.pk)
    source, target = (shelf, promised) if kind == Kind.RESERVE else (promised, road)
    return Entry(kind, batch_id, units, source, target, "shipment", shipment.pk, pointer=pointer)
