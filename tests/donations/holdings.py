"""Where the units of items stand, as the custody journal keeps it."""

from __future__ import annotations

from donations.models import Item, ItemHoldings


def standing(item_id: int) -> dict[str, int]:
    """The states that hold units of an item."""
    row = ItemHoldings.objects.get(item_id=item_id)
    return {state: units for state in ItemHoldings.STATES if (units := getattr(row, state))}


def rows_written() -> int:
    """How many rows a refusal must leave unchanged."""
    from donations.models import CustodyEntry, Donation, Donor, DonorIdentity, Handover

    return sum(
        model.objects.count() for model in (CustodyEntry, Donation, Donor, DonorIdentity, Handover, Item)
    )
