"""What an edition says, of whichever kind: the content that is sealed when it is signed."""

from __future__ import annotations

import datetime
import json
from typing import Any

from reports.content import bulletin_content
from reports.models import Bulletin
from reports.names import Named
from reports.queries import last_in_chain
from reports.unit_reports import unit_report_content


def content_of(
    bulletin: Bulletin, named: list[Named], *, previous: str | None, at: datetime.datetime
) -> dict[str, Any]:
    """The content as the books stand; `previous` is the hash of the edition before in its series."""
    if bulletin.public:
        return bulletin_content(bulletin, named, previous=previous, at=at)
    return unit_report_content(bulletin, previous=previous, at=at)


def changes_nothing(content: dict[str, Any]) -> bool:
    """Whether it is a correction that says in every figure and text what the edition says that it corrects."""
    return "changes" in content and not any(content["changes"].values())


def preview(bulletin: Bulletin, *, at: datetime.datetime) -> dict[str, Any]:
    """What the bulletin says: the frozen content, or before it is published what it would say now."""
    if bulletin.content is not None:
        frozen: dict[str, Any] = json.loads(bytes(bulletin.content))
        return frozen
    last = last_in_chain(bulletin.county_id, bulletin.series)
    return content_of(bulletin, [], previous=last.sha256 if last else None, at=at)
