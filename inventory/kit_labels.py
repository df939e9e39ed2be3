"""健康包标签: labels of health kits on an A4 sheet of 2 × 6, with all that is in them, lot by lot."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from core.documents import LABEL_SHEET, Document, Label
from core.short_codes import printed_code
from inventory.labels import PLACE, cut
from inventory.models import Balance
from inventory.models.kits import Kit

TITLE = "健康包标签"
COLUMNS, ROWS = 2, 6
# Lines for what is in it; a kit of more names the first and says how many there are.
PARTS = 7
# So much of a name surely fits beside its quantity and lot; in half widths.
TITLE_WIDTH, PART = 48, 32


def kit_labels_pdf(
    kits: Sequence[Kit], inside: Mapping[int, Sequence[Balance]], *, made: datetime.datetime
) -> bytes:
    """One label for each of these kits of a place; the same bytes each time."""
    document = Document(LABEL_SHEET, title=TITLE, made=made, author=kits[0].place.name)
    document.labels([_label(kit, inside.get(kit.pk, ())) for kit in kits], columns=COLUMNS, rows=ROWS)
    return document.build()


def _label(kit: Kit, contents: Sequence[Balance]) -> Label:
    parts = [_part(row) for row in contents]
    if len(parts) > PARTS:
        parts = [*parts[: PARTS - 1], f"等共{len(contents)}种批次"]
    days = [row.batch.last_usable_day for row in contents if row.batch.last_usable_day]
    until = f"最早有效期至 {min(days)}" if days else "有效期至 无"
    return Label(
        cut(kit.template.name, TITLE_WIDTH),
        [*parts, until, cut(kit.place.name, PLACE), printed_code(kit.code)],
        qr=printed_code(kit.code),
    )


def _part(row: Balance) -> str:
    batch = row.batch
    name = cut(batch.medicine.generic_name, PART)
    return f"{name} {row.quantity}{batch.medicine.smallest_unit} 批号 {batch.lot_number or '无'}"
