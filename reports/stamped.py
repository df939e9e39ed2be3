"""The scan of a bulletin's stamped paper: no seal is drawn, but what was stamped by hand may stand beside it.

Kept and signed like the files that are made of it, with its own hash; attached once, and for good.
"""

from __future__ import annotations

import re
import zlib

from core.commands import Act
from reports.errors import BulletinState, ScanAttached, ScanUnfit
from reports.models import Bulletin, BulletinFile
from reports.signing import keep_files

# What a scanner does not write: programs, ciphers, forms, files within the file (ISO 32000-1, 7.6, 7.11.4, 12.6.4).
# All are long enough that a picture's bytes do not spell them.
ACTIVE = re.compile(rb"/(?:JavaScript|Launch|SubmitForm|ImportData|EmbeddedFiles?|RichMedia|XFA|Encrypt)\b")
PACKED, STREAM = b"/ObjStm", b"stream"
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
MOST_UNPACKED = 32 << 20
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
    """Whether the bytes are a PDF file from its head to its end, with a page, and without programs in it."""
    if not (content.startswith(b"%PDF-") and b"%%EOF" in content[-1024:]):
        return False
    named = ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), content)
    if named.count(PACKED) != content.count(PACKED):
        return False
    try:
        named += _unpacked(content)
    except (ValueError, zlib.error):
        return False
    return bool(re.search(rb"/Page\b", named)) and not ACTIVE.search(named)


def _unpacked(content: bytes) -> bytes:
    """What the file's packed object streams hold (7.5.7); an error where one cannot be read, or holds too much."""
    objects, whole = [], memoryview(content)
    left = MOST_UNPACKED
    for found in re.finditer(PACKED, content):
        begin = content.index(STREAM, found.end())
        if b"(" in content[found.end() : begin]:
            raise ValueError("A text may hold a stream that is none.")
        begin += len(STREAM)
        begin += len(content[begin : begin + 2]) - len(content[begin : begin + 2].lstrip(b"\r\n"))
        opened = zlib.decompressobj()
        objects.append(opened.decompress(whole[begin:], left))
        left -= len(objects[-1])
        if not opened.eof or left <= 0:
            raise ValueError("The stream is cut off, or holds too much.")
    return b" ".join(objects)
