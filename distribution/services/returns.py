"""Goods that go back from a clinic to a pharmacy."""

from __future__ import annotations

from collections.abc import Mapping

from core.commands import Act
from distribution.models import Shipment
from distribution.services.local_use import check_batches
from distribution.services.sending import Leg, send_at_once
from donations.errors import NotAPharmacy
from inventory.models import Side
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
    return send_at_once(
        act=act,
        leg=Leg(place, Side.CLINIC, to_place, Side.STORE),
        quantities=quantities,
        pointers={batch_id: f"{pointer}/quantity" for batch_id, pointer in pointers.items()},
        reason=reason,
    )
