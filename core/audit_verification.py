"""The audit log held against its chain and against the checkpoints that were signed over it.

Everything is computed anew from the rows (core.audit_bytes), so it does not matter by which way or with which rights
they were altered. What the database's own guards refuse is not relied on.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from core.audit import KEEP_ADDRESSES, LOWEST
from core.audit_bytes import (
    EPOCH,
    MICROSECOND,
    OUR_AGE,
    START,
    Written,
    commitment,
    entry_digests,
    link_hash,
    microseconds,
)

PORTION = 5000
# Faults that are told one by one; beyond them they are counted.
TOLD = 100


@dataclass(frozen=True)
class Covered:
    """A checkpoint, or an earlier verification: the chain's hash at a position, None where only the length is known.

    `settled` is the entry up to which nothing was missing any more; a verification says nothing of it. `name` is
    what it is called in a fault.
    """

    name: str
    position: int
    chain: bytes | None
    settled: int | None = None


@dataclass(frozen=True)
class Fault:
    """What is wrong; `position` in the chain and `entry` where they are known."""

    position: int | None
    entry: int | None
    what: str

    def __str__(self) -> str:
        names = [("entry", self.entry), ("position", self.position)]
        return ": ".join([*(f"{name} {number}" for name, number in names if number), self.what])


@dataclass
class Verified:
    """What a run found: links read, faults in the order of the chain, and what is not sealed yet."""

    through: int = 0
    faults: list[Fault] = field(default_factory=list)
    count: int = 0
    waiting: int = 0
    oldest: datetime.datetime | None = None
    # Of each county how many, and the number of its first entry at fault; under "" what is nobody's alone.
    by_county: dict[str, dict[str, int | None]] = field(default_factory=dict)

    def add(self, position: int | None, entry: int | None, what: str, written: Written | None = None) -> None:
        self.count += 1
        number = written.number if written else None
        county = written.county if written and number is not None else ""
        told = self.by_county.setdefault(county, {"faults": 0, "first": number})
        told["faults"] = (told["faults"] or 0) + 1
        if len(self.faults) < TOLD:
            self.faults.append(Fault(position, entry, what))


class Link(NamedTuple):
    """A place in the chain; empty for an entry that has none yet."""

    position: int | None
    entry: int
    chain: bytes
    highest: int
    sealed_at: int


@dataclass(frozen=True)
class Row:
    """An entry as it is stored, with its link and the address kept beside it; no entry where it is gone."""

    link: Link
    written: Written | None
    digest: bytes
    is_address_inside: bool
    salt: bytes | None
    address: str | None


# Moments as whole microseconds, for the database knows some that are no `datetime`; an infinite one is put far away.
MOMENT = "CASE WHEN isfinite({0}) THEN trunc(extract(epoch FROM {0}) * 1000000) ELSE 1e20 END"
COLUMNS = f"""
    entry.id, entry.county, {MOMENT.format("entry.at")}, entry.actor, entry.command, entry.action,
    entry.subject, entry.result, entry.code, entry.origin, entry.request_id, entry.number, entry.digest,
    entry.address IS NOT NULL, apart.salt, host(apart.address)"""
CHAIN = f"""
SELECT link.position, link.entry, link.chain, link.highest, {MOMENT.format("link.sealed_at")}, {COLUMNS}
FROM core_auditlink link
LEFT JOIN core_auditentry entry ON entry.id = link.entry
LEFT JOIN core_auditaddress apart ON apart.entry = link.entry
ORDER BY link.position"""  # noqa: S608 - columns of our own
WAITING = f"""
SELECT NULL, entry.id, NULL, NULL, 0, {COLUMNS}
FROM core_auditentry entry
LEFT JOIN core_auditaddress apart ON apart.entry = entry.id
WHERE NOT EXISTS (SELECT FROM core_auditlink link WHERE link.entry = entry.id)
ORDER BY entry.id"""  # noqa: S608 - columns of our own


def verify_chain(covered: Sequence[Covered] = (), at: datetime.datetime | None = None) -> Verified:
    """Every fault of the log, in the order of the chain; see `Verified`."""
    return _Reading(covered, at or timezone.now()).whole()


class _Reading:
    """One run: what was read last, and the checkpoints that have been reached."""

    def __init__(self, covered: Sequence[Covered], at: datetime.datetime) -> None:
        self.at = at
        self.coming = sorted(covered, key=lambda each: each.position)
        self.passed: Covered | None = None
        self.last = Link(0, 0, START, LOWEST, 0)
        # The first link that no checkpoint has confirmed yet.
        self.since: Link | None = None
        self.found = Verified()

    def whole(self) -> Verified:
        for row in _rows(CHAIN):
            self._follow(row)
        self.found.through = self.last.position or 0
        for cut in self.coming:
            what = f"the chain ends before position {cut.position}, which {cut.name} covers"
            self.found.add((self.last.position or 0) + 1, None, what)
        for row in _rows(WAITING):
            self._wait(row)
        return self.found

    def _follow(self, row: Row) -> None:
        link, expected = row.link, (self.last.position or 0) + 1
        self.since = self.since or link
        if link.position != expected:
            self.found.add(expected, None, "the chain lacks its link here")
        elif what := _altered(row, self.at) or self._torn(row) or self._late(link.entry):
            self.found.add(link.position, link.entry, what, row.written)
        self.last = link
        self._reach(link)

    def _torn(self, row: Row) -> str:
        link, digest = row.link, row.digest if row.written else b""
        if _of_our_age(link.sealed_at) is None:
            return "the link was sealed at no moment of our age"
        whole = link_hash(self.last.chain, link.position or 0, link.entry, digest, link.sealed_at)
        if whole != link.chain or link.highest != max(self.last.highest, link.entry):
            return "the entry or its link is not the one that was sealed here"
        return ""

    def _late(self, entry: int) -> str:
        """An entry that turns up after a checkpoint, with a number at which all had been sealed by then."""
        if self.passed and self.passed.settled is not None and entry <= self.passed.settled:
            return f"the entry was put in after {self.passed.name}"
        return ""

    def _reach(self, link: Link) -> None:
        while self.coming and self.coming[0].position <= (link.position or 0):
            checkpoint = self.coming.pop(0)
            is_other = checkpoint.chain is not None and checkpoint.chain != link.chain
            if checkpoint.position == link.position and is_other and self.since:
                what = f"what was sealed from here on is not what {checkpoint.name} covers"
                self.found.add(self.since.position, self.since.entry, what)
            if checkpoint.chain is not None:
                self.since = None
            if checkpoint.settled is not None:
                self.passed = checkpoint

    def _wait(self, row: Row) -> None:
        if row.written is None:
            return
        self.found.waiting += 1
        if since := _of_our_age(row.written.at):
            self.found.oldest = min(self.found.oldest or since, since)
        if what := _altered(row, self.at) or self._late(row.link.entry):
            self.found.add(None, row.link.entry, what, row.written)


def _altered(row: Row, at: datetime.datetime) -> str:
    """What is wrong with an entry by itself."""
    if row.written is None:
        return "the entry is gone"
    if row.written.id < 1:
        return "the entry has a number that the database gives to none"
    if row.digest not in entry_digests(row.written):
        return "the entry is not what was written"
    if (written_at := _of_our_age(row.written.at)) is None:
        return "the entry is of no moment of our age"
    if row.is_address_inside:
        return "the entry holds an address in the open"
    if row.address is None or row.salt is None:
        is_early = row.written.origin is not None and written_at > at - KEEP_ADDRESSES
        return "the address of the entry was deleted before its time" if is_early else ""
    if commitment(row.salt, row.address) != row.written.origin:
        return "the address kept beside the entry is not the one it was written with"
    return ""


def _of_our_age(at: datetime.datetime | int) -> datetime.datetime | None:
    """A moment in microseconds, unless it is one that no entry and no link can have."""
    first, end = (microseconds(edge) for edge in OUR_AGE)
    return EPOCH + at * MICROSECOND if isinstance(at, int) and first <= at < end else None


def _rows(statement: str) -> Iterator[Row]:
    """The rows of a statement, which the server keeps and hands out some thousand at a time."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(statement)
        while rows := cursor.fetchmany(PORTION):
            yield from (_row(each) for each in rows)


def _row(values: tuple[Any, ...]) -> Row:
    link, pieces = Link(*values[:5]), Written(*values[5:17])
    digest, is_inside, salt, address = values[17:]
    return Row(
        link=link._replace(chain=bytes(link.chain or b""), sealed_at=int(link.sealed_at)),
        written=None
        if pieces.id is None
        else pieces._replace(at=int(values[7]), origin=_bytes(pieces.origin)),
        digest=bytes(digest or b""),
        is_address_inside=bool(is_inside),
        salt=_bytes(salt),
        address=address,
    )


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)
