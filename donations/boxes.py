"""How boxes are told apart and counted: by the code that is one box's own, and by what a pack holds.

Pure apart from the shapes it reads; what the books know of these boxes is looked up in `donations.sightings`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from fractions import Fraction

from catalogue.codes import read_scan
from catalogue.codes.spelling import compact
from donations.models.boxes import CODE_LENGTH
from donations.specifications import pack_of

# Where a pack's size is not known, what the largest common one holds: no more boxes are said than there must be.
LARGEST_COMMON_PACK = 100


def box_codes(trace_codes: Iterable[str], barcode: str, *, today: datetime.date) -> tuple[str, ...]:
    """The codes by which these boxes are known, each in its one spelling and in the order given.

    A barcode names a box only where it holds GTIN and serial number. A code twice stays twice: two boxes that
    bear one number are worth a look.
    """
    named = [known_as(code, today=today) for code in trace_codes]
    scanned = read_scan(barcode, today=today).box_identity if barcode else None
    if scanned and scanned not in named:
        named.append(scanned)
    return tuple(named)


def known_as(code: str, *, today: datetime.date) -> str:
    """The one spelling of a box's code; codes of other firms, whose form nobody published, without spaces."""
    return (read_scan(code, today=today).box_identity or compact(code))[:CODE_LENGTH]


def boxes_in(quantity: int, specification: str, codes: int) -> Fraction:
    """How many boxes `quantity` smallest units make, as a share of the pack; never fewer than have codes."""
    pack = pack_of(specification)
    return max(Fraction(quantity, pack.size if pack else LARGEST_COMMON_PACK), Fraction(codes))
