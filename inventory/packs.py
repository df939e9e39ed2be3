"""Boxes, for the eye only: the books count smallest units."""

from __future__ import annotations

from django.utils.translation import ngettext

from core.quantities import display_quantity
from inventory.models import Batch, Pack


def pack_size(batch: Batch) -> int | None:
    """Smallest units in a box of this batch; none where the product is not known, or its boxes were opened."""
    return batch.product.pack_size if batch.product and batch.pack == Pack.SEALED else None


def in_packs(quantity: int, batch: Batch) -> str:
    """ "2 盒 + 4 片"; in smallest units alone where there are no boxes."""
    size = pack_size(batch)
    word = ngettext("pack", "packs", quantity // (size or 1))
    return display_quantity(quantity, pack_size=size, unit=batch.medicine.smallest_unit, pack=word)
