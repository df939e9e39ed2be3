"""The custody journal: the one way to write down what happens to a donated item before it is stock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.commands import Act
from donations.models import Custody, CustodyEntry, CustodyKind


@dataclass(frozen=True)
class Step:
    """One entry to be written: units of an item (or a group) pass from one state to another at a place."""

    kind: CustodyKind
    source: Custody
    target: Custody
    quantity: int
    place_id: int
    item_id: int | None = None
    group_id: int | None = None
    handover_id: int | None = None
    reverses_id: int | None = None
    reason: str = ""
    note: str = ""


def write_custody(steps: Iterable[Step], *, act: Act) -> list[CustodyEntry]:
    """Write the steps in their order with one INSERT; steps of no quantity are left out.

    The database keeps the holdings, refuses what would make one negative (`*_never_negative`), a step that the
    grammar does not know, and a closed day.
    """
    return CustodyEntry.objects.bulk_create(custody_entry(step, act=act) for step in steps if step.quantity)


def custody_entry(step: Step, *, act: Act) -> CustodyEntry:
    """The entry of a step, not written yet: for a service that writes it with what belongs to it."""
    return CustodyEntry(
        county_id=act.county_id,
        item_id=step.item_id,
        group_id=step.group_id,
        kind=step.kind,
        from_state=step.source,
        to_state=step.target,
        quantity=step.quantity,
        reason=step.reason,
        note=step.note,
        place_id=step.place_id,
        handover_id=step.handover_id,
        reverses_id=step.reverses_id,
        actor=act.actor_id,
        business_day=act.on,
        booked_on=act.booked,
        recorded_at=act.at,
        command=act.command,
    )
