"""The bytes over which the audit log is hashed: what the database's triggers do, done anew to check them.

An entry's bytes are its pieces in the order of `Written`, after the name of this form, which ends in 2 where the last
piece, its number within the county, is there, and in 1 where the entry has none and the piece is left out. Each piece
is its length in four bytes, most significant first, then its content; a missing one is four bytes ff alone. Texts are
UTF-8, numbers decimal, a moment the whole microseconds since 1970-01-01 UTC, `origin` its own 32 bytes. So no two
entries have the same bytes. The digest is SHA-256.

A link is SHA-256 over the link before it (32 bytes), its position and its entry's number (eight bytes each), the
entry's digest (32), and the moment of sealing in microseconds (eight). The first stands on the hash of the name.
"""

from __future__ import annotations

import datetime
import hashlib
import uuid
from typing import NamedTuple

FORM = b"donated-medicine-audit/1"
NUMBERED_FORM = b"donated-medicine-audit/2"
START = hashlib.sha256(FORM).digest()
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
MICROSECOND = datetime.timedelta(microseconds=1)
# Moments of the log lie from the first of these to before the second; the database's checks say the same.
OUR_AGE = (
    datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC),
    datetime.datetime(2200, 1, 1, tzinfo=datetime.UTC),
)


class Written(NamedTuple):
    """An entry's columns as they are hashed; its moment may be given as the microseconds it is hashed as."""

    id: int
    county: str
    at: datetime.datetime | int
    actor: int | None
    command: uuid.UUID
    action: str
    subject: str
    result: str
    code: str
    origin: bytes | None
    request_id: str
    number: int | None = None


def entry_digest(entry: Written) -> bytes:
    """The hash of an entry's bytes."""
    form, pieces = (FORM, entry[:-1]) if entry.number is None else (NUMBERED_FORM, entry)
    return hashlib.sha256(_framed(form) + b"".join(_framed(_plain(piece)) for piece in pieces)).digest()


def entry_digests(entry: Written) -> tuple[bytes, ...]:
    """What an entry may have been hashed to: those written before entries were numbered got their numbers later."""
    return entry_digest(entry), entry_digest(entry._replace(number=None))


def link_hash(
    before: bytes, position: int, entry: int, digest: bytes, sealed_at: datetime.datetime | int
) -> bytes:
    """The hash of a link on the link before it; `sealed_at` may be given in microseconds."""
    moment = sealed_at if isinstance(sealed_at, int) else microseconds(sealed_at)
    return hashlib.sha256(before + _eight(position) + _eight(entry) + digest + _eight(moment)).digest()


def commitment(salt: bytes, address: str) -> bytes:
    """What an entry says of the address kept apart: without the salt nobody can try addresses against it."""
    return hashlib.sha256(salt + address.encode()).digest()


def microseconds(at: datetime.datetime) -> int:
    return (at - EPOCH) // MICROSECOND


def _plain(piece: object) -> bytes | None:
    if piece is None or isinstance(piece, bytes):
        return piece
    if isinstance(piece, datetime.datetime):
        piece = microseconds(piece)
    return str(piece).encode()


def _framed(piece: bytes | None) -> bytes:
    return b"\xff" * 4 if piece is None else len(piece).to_bytes(4) + piece


def _eight(number: int) -> bytes:
    return number.to_bytes(8, signed=True)
