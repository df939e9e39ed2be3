"""Pre-numbered slips for a drop-off point: one bag, one label (一人一袋一签).

Each slip is a pair with one code: the donor keeps the left half, the right one goes on the bag. A code checks itself
and is bound by the first registration that names it, so that no list of printed slips is kept.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from core.documents import LABEL_SHEET, Document, Label
from organisation.models import Place

TITLE = "捐赠凭证编号签"
DONOR_HALF, BAG_HALF = "捐赠人留存", "贴于药袋"
DONOR_HINT = "凭此编号可查询药品去向，请妥善保管"
BAG_HINT = "一人一袋一签，首次扫码登记时绑定"
ROWS = 7


def slips_pdf(place: Place, codes: Sequence[str], *, made: datetime.datetime) -> bytes:
    """Sheets of A4 with seven slips each, to be cut; `codes` in their printed form."""
    document = Document(LABEL_SHEET, title=TITLE, made=made, author=place.name)
    halves = ((DONOR_HALF, DONOR_HINT), (BAG_HALF, BAG_HINT))
    document.labels(
        [
            Label(code, [half, place.name, place.code, hint], qr=code)
            for code in codes
            for half, hint in halves
        ],
        columns=len(halves),
        rows=ROWS,
    )
    return document.build()
