"""Whether a roster was printed by this programme, and what its head says: `donations.roster_forms` writes it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.spreadsheets import SheetRow

TITLE = "捐赠药品登记花名册"
POSTED = "（公示）"
_FACTS = re.compile(r"捐赠接收点：(.+?)    起止日期：([0-9-]{10}) 至 ([0-9-]{10})")


@dataclass(frozen=True)
class PrintedHead:
    """The row of the title, whether it is the version for the wall, and of which place and days it is."""

    row: int
    posted: bool
    place: str = ""
    start: datetime.date | None = None
    end: datetime.date | None = None


def printed_head(rows: Sequence[SheetRow], header: int) -> PrintedHead | None:
    """What stands above the columns, where the title is that of our own roster."""
    above = [(row.number, row.cells[0].text) for row in rows if row.number < header and row.cells]
    titles = [(number, text) for number, text in above if text in {TITLE, TITLE + POSTED}]
    if not titles:
        return None
    row, title = titles[0]
    posted = title.endswith(POSTED)
    facts = next((found for _number, text in above if (found := _FACTS.match(text))), None)
    try:
        start, end = (datetime.date.fromisoformat(facts[n]) for n in (2, 3)) if facts else (None, None)
    except ValueError:
        return PrintedHead(row, posted)
    return PrintedHead(row, posted, facts[1] if facts else "", start, end)
