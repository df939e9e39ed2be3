"""Which donations of a roster stand in the books already: from an earlier roster, or registered at the counter.

A roster's line is known again by its fingerprint. What the counter registered has none, and our own roster, once its
head was changed, says the same in other words; so what a person brought is compared with what the books hold of the
same place and day. People are compared by their keyed hashes, never by name.
"""

from __future__ import annotations

import datetime
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef

from catalogue.codes.spelling import lot_as_read
from core.errors import Invalid
from core.safe_text import comparable_text
from donations.identity import donation_macs, name_macs, phone_macs
from donations.intake import ItemDraft, expiry_of_draft
from donations.models import Item, RosterDonation
from donations.queries import given_by_item
from donations.roster_import import ImportedDonation
from organisation.models import Place, Policy

Goods = Counter[tuple[Any, ...]]


@dataclass(frozen=True)
class Repeats:
    """The fingerprint of each donation, in their order; those that are in the books, and those of them that no
    roster brought in these words, by the row in which they begin."""

    prints: Sequence[bytes]
    known: Set[bytes]
    rows: Sequence[int]


def repeats_of(place: Place, policy: Policy, donations: Sequence[ImportedDonation]) -> Repeats:
    """What of a roster adds nothing. Two statements.

    Each donation of the books answers for one of the roster, so that who gives the same twice on one day is in the
    books twice.
    """
    expiries = [[_expiry(item, policy) for item in each.draft.items] for each in donations]
    all_prints = _fingerprints(place, donations, expiries)
    wanted = [mark for marks in all_prints for mark in marks]
    given = RosterDonation.objects.filter(county_id=place.county_id, fingerprint__in=wanted)
    found = {bytes(mac) for mac in given.values_list("fingerprint", flat=True)}
    # A line that was brought under another key is known by its present mark from here on.
    prints = [marks[0] for marks in all_prints]
    brought = {marks[0] for marks in all_prints if not found.isdisjoint(marks)}
    books = _Books(place, {each.draft.received_on for each in donations})
    lines = list(zip(donations, prints, expiries, strict=True))
    for donation, mark, days in lines:
        if mark in brought:
            books.take(donation, days)
    others = {
        mark: donation.rows[0]
        for donation, mark, days in lines
        if mark not in brought and books.take(donation, days)
    }
    return Repeats(prints, brought | set(others), list(others.values()))


class _Books:
    """What people brought to a place on some days, as long as no line of the roster has taken it for its own."""

    def __init__(self, place: Place, days: Iterable[datetime.date]) -> None:
        # A list joins what one person brought in two goes; the nameless are each their own, found by what they gave.
        self._named: dict[Any, dict[bytes | None, Goods]] = defaultdict(lambda: defaultdict(Counter))
        nameless: dict[Any, Goods] = defaultdict(Counter)
        for row in _items(place, days):
            name, phone = (bytes(row[mac]) if row[mac] else None for mac in ("name", "phone"))
            going = row["day"], row["donation_id"], phone
            whose = self._named[row["day"], name][phone] if name else nameless[going]
            whose[_goods_of(row)] += 1
        self._nameless: dict[Any, list[bytes | None]] = defaultdict(list)
        for (day, _donation, phone), goods in nameless.items():
            self._nameless[day, frozenset(goods.items())].append(phone)

    def take(self, donation: ImportedDonation, expiries: Sequence[str]) -> bool:
        """Whether all that this donation lists is there; it is then no longer there for another."""
        draft = donation.draft
        names, phones = name_macs(draft.identity.name), phone_macs(draft.identity.phone)
        listed: Goods = Counter(_listed(item, day) for item, day in zip(draft.items, expiries, strict=True))
        if not names:
            return self._take_nameless((draft.received_on, frozenset(listed.items())), phones)
        for name in names:
            there = self._named.get((draft.received_on, name), {})
            for other in sorted(there, key=lambda each: each not in phones):
                if _may_be_same(phones, other) and listed <= there[other]:
                    there[other].subtract(listed)
                    return True
        return False

    def _take_nameless(self, given: Any, own: Sequence[bytes]) -> bool:
        phones = self._nameless.get(given, [])
        for index in reversed(range(len(phones))):
            if _may_be_same(own, phones[index]):
                del phones[index]
                return True
        return False


def _may_be_same(phones: Sequence[bytes], other: bytes | None) -> bool:
    """Whether a phone, by its hash under each key, may be this one: whoever left none may be anybody."""
    return not phones or other is None or other in phones


def _goods_of(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return _goods(
        row["medicine__generic_name"] or row["description"],
        row["specification"] or row["medicine__strength"] or "",
        row["lot_number"],
        str(row["last_usable_day"] or ""),
        row["given"],
    )


def _items(place: Place, days: Iterable[datetime.date]) -> Iterable[Mapping[str, Any]]:
    """Items of donations of these days, with what each brought after corrections; what was voided is absent."""
    items = Item.objects.filter(
        donation__county=place.county_id, donation__place=place, donation__received_on__in=set(days)
    )
    return (
        items.annotate(
            given=given_by_item(OuterRef("pk")),
            day=F("donation__received_on"),
            name=F("donation__donor__identities__name_mac"),
            phone=F("donation__donor__identities__phone_mac"),
        )
        .filter(given__gt=0)
        .order_by("donation_id", "line")
        .values(
            "donation_id", "day", "name", "phone", "given", "description", "specification", "lot_number",
            "last_usable_day", "medicine__generic_name", "medicine__strength",
        )
    )  # fmt: skip


def _listed(item: ItemDraft, expiry: str) -> tuple[Any, ...]:
    name, strength = (item.medicine.generic_name, item.medicine.strength) if item.medicine else ("", "")
    return _goods(
        name or item.description, item.specification or strength, item.lot_number, expiry, item.quantity
    )


def _goods(name: str, specification: str, lot: str, expiry: str, quantity: int) -> tuple[Any, ...]:
    """What goods are known by. Specifications are written in many ways: they count where nothing else tells."""
    known = lot_as_read(lot), expiry
    return comparable_text(name), *(known if any(known) else (comparable_text(specification),)), quantity


def _expiry(item: ItemDraft, policy: Policy) -> str:
    """The last usable day, however it is written; as written where it cannot be read."""
    try:
        expiry = expiry_of_draft(item, policy, "")
    except Invalid:
        return item.expiry
    return str(expiry.last_usable_day) if expiry else ""


def _fingerprints(
    place: Place, donations: Sequence[ImportedDonation], expiries: Sequence[Sequence[str]]
) -> list[list[bytes]]:
    """What each donation is known by, under each key: the second of two equal ones in a file is another one, in the
    next file too."""
    alike: Counter[str] = Counter()
    prints = []
    for donation, days in zip(donations, expiries, strict=True):
        content = _content(place, donation, days)
        alike[content] += 1
        prints.append(donation_macs(f"{content} {alike[content]}"))
    return prints


def _content(place: Place, donation: ImportedDonation, expiries: Sequence[str]) -> str:
    """Everything a roster says of one donation, spelt in one way."""
    draft = donation.draft
    items = [
        [
            item.medicine.code if item.medicine else item.description,
            item.specification,
            lot_as_read(item.lot_number),
            expiry,
            item.quantity,
            list(item.trace_codes),
        ]
        for item, expiry in zip(draft.items, expiries, strict=True)
    ]
    who = [draft.identity.name, draft.identity.phone, draft.identity.work_unit]
    return json.dumps([place.pk, str(draft.received_on), who, items], ensure_ascii=False)
