"""What a handover's list says, line by line, what was counted of it, and the seal over it.

The seal is the SHA-256 of the list's canonical content. It is kept with the handover, printed on the paper and in
its QR code, and computed again from the rows behind the list whenever somebody looks: a list that was changed on
its way, on paper or in the books, no longer has the seal it was given.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from donations.models import CustodyEntry, CustodyKind, Handover, Item

LineKey = tuple[str, int]

# Sixteen of the 64 digits are enough to be compared by eye, and too many to be met by chance.
SHOWN = 16


@dataclass(frozen=True)
class ListLine:
    """One line: an item, or a group of identical items of many donors, which are counted as one.

    `entries` are what was sent, in register order; `arrived` what the journal says became of it. Quantities in
    smallest units.
    """

    kind: str
    pk: int
    entries: Sequence[CustodyEntry]
    arrived: Sequence[CustodyEntry] = ()

    @property
    def key(self) -> LineKey:
        return self.kind, self.pk

    @property
    def item(self) -> Item:
        """The first item of the line: medicine and label are those of all."""
        return cast(Item, self.entries[0].item)

    @property
    def shares(self) -> list[tuple[int, int]]:
        """(item, units sent of it), in register order."""
        return [(cast(int, entry.item_id), entry.quantity) for entry in self.entries]

    @property
    def declared(self) -> int:
        return sum(entry.quantity for entry in self.entries)

    @property
    def missing(self) -> int:
        return self._units(CustodyKind.MISSING)

    @property
    def surplus(self) -> int:
        return self._units(CustodyKind.SURPLUS)

    @property
    def counted(self) -> int:
        return self._units(CustodyKind.RECEIVED) + self.surplus

    @property
    def explanation(self) -> CustodyEntry | None:
        """The entry that carries the reason of the difference."""
        for entry in self.arrived:
            if entry.kind in (CustodyKind.MISSING, CustodyKind.SURPLUS):
                return entry
        return None

    def _units(self, kind: CustodyKind) -> int:
        return sum(entry.quantity for entry in self.arrived if entry.kind == kind)


def lines_of(handovers: Iterable[Handover]) -> dict[int, list[ListLine]]:
    """The lines of each handover by its id, in register order; two statements, however many there are."""
    ids = [handover.pk for handover in handovers]
    entries = CustodyEntry.objects.filter(handover_id__in=ids)
    sent: dict[int, dict[LineKey, list[CustodyEntry]]] = defaultdict(lambda: defaultdict(list))
    for entry in (
        entries.filter(kind=CustodyKind.HANDED_OVER)
        .select_related("item__medicine", "item__donation")
        .order_by("item_id")
    ):
        sent[cast(int, entry.handover_id)][_line(entry)].append(entry)
    arrived: dict[LineKey, list[CustodyEntry]] = defaultdict(list)
    for entry in entries.exclude(kind=CustodyKind.HANDED_OVER).order_by("id"):
        arrived[_line(entry)].append(entry)
    return {
        pk: [
            # An item may have been on a list that was voided before.
            ListLine(*key, members, [entry for entry in arrived[key] if entry.handover_id == pk])
            for key, members in lines.items()
        ]
        for pk, lines in sent.items()
    }


def _line(entry: CustodyEntry) -> LineKey:
    return ("group", entry.group_id) if entry.group_id else ("item", cast(int, entry.item_id))


def list_content(handover: Handover, lines: Sequence[ListLine]) -> dict[str, Any]:
    """Everything the list says that can never change in the books; `handover` comes with both places."""
    return {
        "county": handover.county_id,
        "handover": handover.pk,
        "from": handover.from_place.code,
        "to": handover.to_place.code,
        "day": str(handover.handed_over_on),
        "by": handover.handed_over_by,
        "carrier": handover.carrier,
        "vehicle": handover.vehicle,
        "bag_seal": handover.seal_number,
        "lines": [_line_content(line) for line in lines],
    }


def _line_content(line: ListLine) -> dict[str, Any]:
    item = line.item
    return {
        line.kind: line.pk,
        "medicine": item.medicine.code if item.medicine else None,
        "description": item.description,
        "specification": item.specification,
        "lot_number": item.lot_number,
        "last_usable_day": str(item.last_usable_day) if item.last_usable_day else None,
        "declared": line.declared,
        "shares": [
            [cast(Item, entry.item).donation.receipt_code, cast(Item, entry.item).line, entry.quantity]
            for entry in line.entries
        ],
    }


def seal_of(handover: Handover, lines: Sequence[ListLine]) -> str:
    """SHA-256 of the canonical content (JSON, sorted keys, no spaces, UTF-8), 64 hexadecimal digits."""
    content = json.dumps(
        list_content(handover, lines), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(content.encode()).hexdigest()


def unchanged(handover: Handover, lines: Sequence[ListLine]) -> bool:
    """Whether the rows behind the list still say what was sealed; a list without a seal is not questioned."""
    return not handover.list_seal or handover.list_seal == seal_of(handover, lines)


def seal_shown(seal: str) -> str:
    """As it is printed, in groups of four."""
    return " ".join(re.findall("....", seal[:SHOWN].upper()))


def seal_scanned(handover: Handover) -> str:
    """What the QR code of the paper holds."""
    return f"handover:{handover.pk}:{handover.list_seal}"


def seal_agrees(handover: Handover, read: str) -> bool:
    """Whether what was scanned or typed off the paper is this handover's seal."""
    text = re.sub(r"[\s-]", "", read).casefold()
    if text.startswith("handover:"):
        return text == seal_scanned(handover)
    return len(text) in (SHOWN, len(handover.list_seal)) and handover.list_seal.startswith(text)


def receipt_codes(lines: Sequence[ListLine]) -> Mapping[str, int]:
    """The bags on the list: receipt code → how many of its items, in register order."""
    bags: dict[str, int] = defaultdict(int)
    for _pk, code in sorted(
        (cast(int, entry.item_id), cast(Item, entry.item).donation.receipt_code)
        for line in lines
        for entry in line.entries
    ):
        bags[code] += 1
    return dict(bags)
