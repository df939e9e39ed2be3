"""Which goods a recall is about: the lot as it is compared, and how sure one can be of an item or a batch.

One match too many holds goods that were good; one too few hands out what must not be used. So what was not read or
not written down counts as possibly recalled (Iowa 641-109: the lot, and every unit whose lot is unknown).
`key_of_lot` and `recall_covers` in the database say the same (catalogue/migrations/0002_recalls.py).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from catalogue.codes.spelling import compact

# Signs that one person copies from the box and another leaves out.
_JOINTS = re.compile(r"[-\u2010-\u2015\u2212_./·]+")


class Suspicion(IntEnum):
    NONE = 0
    POSSIBLE = 1
    CERTAIN = 2


@dataclass(frozen=True)
class RecallRule:
    """What a recall names: no product and no lot mean any, no place means the whole county.

    `suspected`: a reaction under inquiry, not yet a recall.
    """

    medicine_id: int
    product_id: int | None = None
    lot_key: str = ""
    place_id: int | None = None
    suspected: bool = False


class OpenRecalls:
    """The recalls of a county that are in force on this day."""

    def __init__(self, rules: Iterable[RecallRule] = ()) -> None:
        self._by_medicine: dict[int, list[RecallRule]] = defaultdict(list)
        for rule in rules:
            self._by_medicine[rule.medicine_id].append(rule)

    def suspicion(
        self, *, medicine_id: int | None, lot_number: str, place_id: int | None, product_id: int | None = None
    ) -> Suspicion:
        """How sure it is that units of this label are recalled; an empty lot or no product is one not read."""
        rules = self._by_medicine.get(medicine_id, []) if medicine_id else []
        lot = lot_key(lot_number)
        found = (
            _suspicion(rule, lot, product_id)
            for rule in rules
            if rule.place_id is None or rule.place_id == place_id
        )
        return max(found, default=Suspicion.NONE)


def lot_key(lot_number: str) -> str:
    """A lot number as recalls compare it: half-width, upper case, without spaces and joints."""
    return _JOINTS.sub("", compact(lot_number))


def _suspicion(rule: RecallRule, lot: str, product_id: int | None) -> Suspicion:
    if rule.product_id and product_id and rule.product_id != product_id:
        return Suspicion.NONE
    if rule.lot_key and lot and rule.lot_key != lot:
        return Suspicion.NONE
    known = (product_id or not rule.product_id) and (lot or not rule.lot_key)
    return Suspicion.CERTAIN if known and not rule.suspected else Suspicion.POSSIBLE
