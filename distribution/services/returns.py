"""Goods that go back from a clinic to a pharmacy."""

from __future__ import annotations

from collections.abc import Mapping

from core.commands import Act
from distribution.models import Shipment, ShipmentLine
from distribution.services.local_use import check_batches
from donations.errors import NotAPharmacy
from inventory.ledger import Entry, Shelf, post
from inventory.models import Kind, Side, State
from organisation.models import Place


def send_back(
    *,
    act: Act,
    place: Place,
    to_place: Place,
    quantities: Mapping[int, int],
    pointers: Mapping[int, str],
    reason: str,
) -> Shipment:
    """Send units that a clinic will not use in time back to a pharmacy; they are on the road at once.

    `quantities` maps batch ids to units, `pointers` says where in the request each stands. Nobody has promised
    these goods, so no plan and no approval is behind them; the pharmacy counts them like any shipment. What has
    expired stays: it is held and destroyed where it is.
    """
    if not to_place.sorts or not to_place.active:
        raise NotAPharmacy(pointer="/to_place")
    check_batches(act, place, pointers)
    shipment = _write(act, place, to_place, quantities, reason)
    entries = [
        _step(shipment, kind, batch_id, units, f"{pointers[batch_id]}/quantity")
        for kind in (Kind.RESERVE, Kind.DISPATCH)
        for batch_id, units in quantities.items()
    ]
    post(entries, act=act)
    return shipment


def _write(act: Act, place: Place, to_place: Place, quantities: Mapping[int, int], reason: str) -> Shipment:
    shipment = Shipment.objects.create(
        county_id=act.county_id,
        from_place=place,
        from_side=Side.CLINIC,
        to_place=to_place,
        to_side=Side.STORE,
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


def _step(shipment: Shipment, kind: Kind, batch_id: int, units: int, pointer: str) -> Entry:
    place = shipment.from_place_id
    shelf = Shelf(place, Side.CLINIC, State.AVAILABLE)
    promised = Shelf(place, Side.CLINIC, State.RESERVED, shipment.pk)
    road = Shelf(place, Side.CLINIC, State.IN_TRANSIT, shipment.pk)
    source, target = (shelf, promised) if kind == Kind.RESERVE else (promised, road)
    return Entry(kind, batch_id, units, source, target, "shipment", shipment.pk, pointer=pointer)
