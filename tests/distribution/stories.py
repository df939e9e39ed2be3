"""How far a plan has come, told by the people whose part it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.distribution.stock import order, profile, stock
from tests.world import World


def drafted(world: World, units: int = 100, **fields: Any) -> dict[str, Any]:
    """A draft for the first village clinic, the only place that is known to need anything."""
    stock(world, units)
    profile(world, world.villages[0])
    return world.signed("allocator").post("plans/", order(**fields)).json()


def submitted(world: World, units: int = 100) -> int:
    plan = drafted(world, units)["id"]
    world.signed("allocator").post(f"plans/{plan}/submit/")
    return plan


def approved(world: World, units: int = 100) -> int:
    """The number of the one shipment that an approved plan makes."""
    plan = submitted(world, units)
    (shipment,) = world.signed("approver").post(f"plans/{plan}/approve/").json()["shipments"]
    return shipment


def dispatched(world: World, units: int = 100) -> int:
    shipment = approved(world, units)
    world.signed("pharmacist").post(f"shipments/{shipment}/dispatch/")
    return shipment


def only_line(world: World, shipment: int) -> int:
    (line,) = world.signed("lead_pharmacist").get(f"shipments/{shipment}/").json()["lines"]
    return line["id"]


def delivered(world: World, units: int = 100) -> None:
    """The first village clinic has the units on its shelf."""
    shipment = dispatched(world, units)
    line = {"line": only_line(world, shipment), "accepted": units}
    world.signed("clinic", world.villages[0]).post(f"shipments/{shipment}/receive/", {"lines": [line]})


def statements(deed: Callable[[], Any]) -> int:
    """How many statements the database sees during the deed."""
    with CaptureQueriesContext(connection) as captured:
        deed()
        return len(captured)
