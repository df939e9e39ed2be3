"""库存标签 and 拆零袋标签: labels for shelf boxes and bags, on an A4 sheet of 3 × 8 or one per 60 × 40 mm page.

What a bag says follows the good-supply rules for loose units: name, strength, quantity, usage, lot, expiry, place.
"""

from __future__ import annotations

import datetime
import itertools
from unicodedata import east_asian_width

from core.documents import LABEL_60_40, LABEL_SHEET, Document, Label
from core.short_codes import printed_code
from inventory.models import Batch, Pack
from inventory.models.labels import LabelLine, LabelRun

TITLES = {
    LabelRun.Layout.SHEET: "库存标签",
    LabelRun.Layout.SINGLE: "库存标签",
    LabelRun.Layout.BAGS: "拆零药袋标签",
}
COLUMNS, ROWS = 3, 8
BAG_COLUMNS, BAG_ROWS = 2, 6
PACKS = {Pack.SEALED: "整盒未拆", Pack.OPENED: "已拆（内包装完好）"}
# So much of a name, a strength and a place surely fits with the lot, the day and all else; in half widths, of which a
# Chinese character takes two. No name or strength of the catalogue is as long.
NAME, STRENGTH, PLACE = 48, 64, 40
CUT = "请从无批号、效期印记的一端剪取"


def labels_pdf(run: LabelRun, *, made: datetime.datetime) -> bytes:
    """The labels of a run that comes with its place and lines (queries.labels.run_at); the same bytes each time."""
    layout = LabelRun.Layout(run.layout)
    page = LABEL_60_40 if layout == LabelRun.Layout.SINGLE else LABEL_SHEET
    document = Document(page, title=TITLES[layout], made=made, author=run.place.name)
    labels = [_label(run, line) for line in run.lines.all() for _copy in range(line.copies)]
    columns, rows = {
        LabelRun.Layout.SHEET: (COLUMNS, ROWS),
        LabelRun.Layout.SINGLE: (1, 1),
        LabelRun.Layout.BAGS: (BAG_COLUMNS, BAG_ROWS),
    }[layout]
    document.labels(labels, columns=columns, rows=rows)
    return document.build()


def _label(run: LabelRun, line: LabelLine) -> Label:
    batch = line.batch
    code = batch.codes.all()[0].code
    inside = [] if line.quantity is None else [f"数量 {line.quantity}{batch.medicine.smallest_unit}"]
    usage = [f"用法 {line.usage}", CUT] if line.usage else []
    kind = [] if line.usage else [PACKS[Pack(batch.pack)]]
    return Label(
        cut(batch.medicine.generic_name, NAME),
        [
            cut(_strength(batch), STRENGTH),
            *inside,
            *usage,
            f"批号 {batch.lot_number or '无'}",
            f"有效期至 {batch.last_usable_day or '无'}",
            *kind,
            cut(run.place.name, PLACE),
            printed_code(code),
        ],
        qr=printed_code(code),
    )


def _strength(batch: Batch) -> str:
    medicine = batch.medicine
    return " ".join(part for part in (medicine.dosage_form, medicine.strength) if part) or "—"


def cut(text: str, most: int) -> str:
    """A text that surely fits: at most so many half widths of it."""
    widths = itertools.accumulate(2 if east_asian_width(character) in "WF" else 1 for character in text)
    kept = sum(width <= most for width in widths)
    return text if kept == len(text) else text[:kept] + "…"
