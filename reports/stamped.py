"""The scan of a bulletin's stamped paper: no seal is drawn, but what was stamped by hand may stand beside it.

Kept and signed like the files that are made of it, with its own hash; attached once, and for good.
"""

from __future__ import annotations

import re

from core.commands import Act
from reports.errors import BulletinState, ScanAttached, ScanUnfit
from reports.models import Bulletin, BulletinFile
from reports.signing import keep_files

# What a scanner does not write: programs, and files within the file (ISO 32000-1, 7.11.4 and 12.6.4).
ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA)\b")
NAME = BulletinFile.Name.STAMPED


def attach_scan(*, act: Act, bulletin: Bulletin, content: bytes) -> BulletinFile:
    """Attach the scanned PDF of the stamped paper to a published edition."""
    if bulletin.state != Bulletin.State.PUBLISHED:
        raise BulletinState
    if not is_scan(content):
        raise ScanUnfit
    if BulletinFile.objects.filter(county_id=act.county_id, bulletin=bulletin, name=NAME).exists():
        raise ScanAttached
    keep_files(bulletin, {NAME: content}, act.at)
    return BulletinFile.objects.defer("content").get(county_id=act.county_id, bulletin=bulletin, name=NAME)


def is_scan(content: bytes) -> bool:
    """Whether the bytes are a PDF file from its head to its end, without programs in it."""
    whole = content.startswith(b"%PDF-") and b"%%EOF" in content[-1024:]
    return whole and not ACTIVE.search(content)
