"""What one typed word may stand for: by what names begin with, by codes on the box, by how it sounds, by slips.

Each look-up is one statement for all words (codes: one a word), and bounded, so that a single letter costs no more
than a whole name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from django.db import connection
from django.db.models import Q

from catalogue.models import SearchName
from catalogue.naming import KEY_LENGTH, is_chinese, sound
from catalogue.queries import known_products
from catalogue.typos import grams_of_word, slips

NAMES_LIMIT = 200  # names of medicines that one word may stand for; of brands and makers, all words together
HITS_LIMIT = 500  # medicines, and as many brands of medicines, that one word may stand for
GUESSES_LIMIT = 80  # names that a mistyped word is compared with
SHORTEST_GUESSED = 2
BRANDS_FROM = 2  # Latin letters from which on brands and makers are looked for
FEW_WORDS = 2  # among more words it takes one letter more
INSIDE_FROM = 2  # Latin letters that may stand inside a name; inside a brand it takes one more
_AFTER_ANY = "\U0010ffff"  # whatever begins with a key stands below it followed by this, the last character
Kind = SearchName.Kind
BRAND_KINDS = [int(Kind.BRAND), int(Kind.MAKER)]
MEDICINE_KINDS = [int(kind) for kind in Kind if kind not in (Kind.BRAND, Kind.MAKER)]


class Fit(IntEnum):
    """How a word fits a name, the best first."""

    EXACT = 0
    START = 1
    INSIDE = 2
    SOUND = 3
    TYPO = 4


@dataclass(frozen=True)
class Match:
    """One name that one word fits, and one medicine of that name (None: the name is a maker's).

    `slips` is the share of the word that was mistyped; `product` is set where the name is its code.
    """

    word: str
    fit: Fit
    kind: Kind
    name: str
    medicine: int | None
    slips: float = 0
    product: int | None = None


# What is everybody's is found, and what is the asker's county's (`county_id`); of other counties nothing.
# Two questions for each word, one for the names of medicines and one for brands and makers, which are many more.
# Both read the key of SearchKey alone, from `low` on; then the medicines of the best names.
_BY_KEYS = """
SELECT probe.place, hit.whole, hit.inside, hit.kind, hit.text, hit.medicine_id
FROM unnest(%s::int[], %s::text[], %s::text[], %s::boolean[], %s::boolean[], %s::int[])
    AS probe(place, low, high, brands, deep, most)
CROSS JOIN LATERAL (
    SELECT found.whole, found.inside, found.kind, name.text, link.medicine_id
    FROM (
        SELECT name_id, kind, bool_or(NOT inside AND key = probe.low) AS whole, bool_and(inside) AS inside
        FROM catalogue_searchkey
        WHERE county = ANY (ARRAY['', %s])
            AND inside = ANY (CASE WHEN probe.deep THEN ARRAY[false, true] ELSE ARRAY[false] END)
            AND kind = ANY (CASE WHEN probe.brands THEN %s::smallint[] ELSE %s::smallint[] END)
            AND key >= probe.low AND key < probe.high
        GROUP BY name_id, kind
        ORDER BY whole DESC, inside, kind, name_id
        LIMIT probe.most
    ) found
    JOIN catalogue_searchname name ON name.id = found.name_id
    LEFT JOIN catalogue_searchname_medicines link ON link.searchname_id = found.name_id
    ORDER BY found.whole DESC, found.inside, found.kind, found.name_id, link.medicine_id
    LIMIT %s
) hit
"""
_BY_GRAMS = """
SELECT probe.place, name.id, name.kind, name.text
FROM (
    SELECT place, array_agg(gram) AS grams FROM unnest(%s::int[], %s::text[]) AS asked(place, gram) GROUP BY place
) probe
CROSS JOIN LATERAL (
    SELECT name_id FROM catalogue_searchgram WHERE gram = ANY (probe.grams) AND county = ANY (ARRAY['', %s])
    GROUP BY name_id ORDER BY count(*) DESC, name_id LIMIT %s
) near
JOIN catalogue_searchname name ON name.id = near.name_id
"""
_MEDICINES_OF = """
SELECT asked.id, link.medicine_id
FROM unnest(%s::bigint[]) AS asked(id)
LEFT JOIN catalogue_searchname_medicines link ON link.searchname_id = asked.id
LIMIT %s
"""


def by_keys(words: Sequence[str], county_id: str) -> list[Match]:
    """What begins with the words, as they were typed. One Latin letter stands for names of medicines only."""
    rows = _keyed(words, county_id)
    return [
        Match(words[place], _fit(words[place], name, whole, inside), Kind(kind), name, medicine)
        for place, whole, inside, kind, name, medicine in rows
    ]


def by_sound(words: Sequence[str], county_id: str) -> list[Match]:
    """What sounds like the words in Chinese characters among these: 布络芬 for 布洛芬."""
    heard = [word for word in words if len(word) >= SHORTEST_GUESSED and any(map(is_chinese, word))]
    rows = _keyed([sound(word)[:KEY_LENGTH] for word in heard], county_id)
    return [
        Match(heard[place], Fit.SOUND, Kind(kind), name, medicine)
        for place, _whole, _inside, kind, name, medicine in rows
    ]


def by_slips(words: Sequence[str], county_id: str) -> list[Match]:
    """What the words may be misspellings of, judged by `catalogue.typos` on the names that look most like them."""
    asked = [(place, gram) for place, word in enumerate(words) for gram in sorted(grams_of_word(word))]
    places, grams = [place for place, _gram in asked], [gram for _place, gram in asked]
    near = _rows(_BY_GRAMS, [places, grams, county_id, GUESSES_LIMIT]) if asked else []
    judged = [(words[place], pk, kind, name, slips(words[place], name)) for place, pk, kind, name in near]
    meant = [(word, pk, kind, name, share) for word, pk, kind, name, share in judged if share is not None]
    medicines: dict[int, list[int | None]] = {}
    ids = list(dict.fromkeys(pk for _word, pk, *_rest in sorted(meant, key=lambda row: row[-1])))
    for pk, medicine in _rows(_MEDICINES_OF, [ids, HITS_LIMIT]) if ids else []:
        medicines.setdefault(pk, []).append(medicine)
    return [
        Match(word, Fit.TYPO, Kind(kind), name, medicine, share)
        for word, pk, kind, name, share in meant
        for medicine in medicines.get(pk, [])
    ]


def by_codes(words: Iterable[str], county_id: str) -> list[Match]:
    """Products of which a word is the approval number or its beginning, the barcode, or the insurance code."""
    return [
        Match(word, Fit.EXACT, Kind.CODE, word.upper(), product.medicine_id, product=product.pk)
        for word in words
        if (condition := _with_code(word))
        for product in known_products(county_id)
        .filter(condition)
        .order_by("approval_number", "pk")[:NAMES_LIMIT]
    ]


_APPROVAL = re.compile(r"(?:国药准字)?([hzsbtfjc][cj]?[0-9]{4,8})")
_DEVICE = re.compile(r"\w械[注备]\w?[0-9]{4,}号?")
_DIGITS = re.compile(r"[0-9]{8,14}")
_INSURANCE = re.compile(r"[a-z0-9]{23}")
_LETTERS = ("H", "Z", "S", "B", "T", "F", "J", "C", "HC", "ZC", "SC", "HJ", "ZJ", "SJ")


def _with_code(word: str) -> Q | None:
    if match := _APPROVAL.fullmatch(word):
        return Q(approval_number__startswith=f"国药准字{match[1].upper()}")
    if _DEVICE.fullmatch(word):
        return Q(approval_number__startswith=word.upper())
    if _INSURANCE.fullmatch(word):
        return Q(insurance_code=word.upper())
    if not _DIGITS.fullmatch(word):
        return None
    barcodes = Q(barcode__in=[word, word.zfill(13), word.removeprefix("0")])
    return barcodes | Q(approval_number__in=[f"国药准字{letters}{word}" for letters in _LETTERS])


def _keyed(keys: Sequence[str], county_id: str) -> list[tuple[int, bool, bool, int, str, int | None]]:
    """The place of the key (from 0), how it fits, and the kind, name and medicine of what begins with it."""
    most = NAMES_LIMIT // max(len(keys), 1)
    probes = [
        (
            place,
            key,
            key + _AFTER_ANY,
            brands,
            _is_clear(key, INSIDE_FROM + brands),
            most if brands else NAMES_LIMIT,
        )
        for place, key in enumerate(keys)
        for brands in (False, True)
        if not brands or _is_clear(key, BRANDS_FROM + (len(keys) > FEW_WORDS))
    ]
    if not probes:
        return []
    columns = [list(column) for column in zip(*probes, strict=True)]
    return _rows(_BY_KEYS, [*columns, county_id, BRAND_KINDS, MEDICINE_KINDS, HITS_LIMIT])


def _is_clear(key: str, letters: int) -> bool:
    """Whether a key says enough to be looked for: so many Latin letters, or any Chinese character."""
    return len(key) >= letters or not key.isascii()


def _rows(statement: str, values: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _fit(word: str, name: str, whole: bool, inside: bool) -> Fit:
    """All initials of a name are only a beginning: blf is 布洛芬 before it is a brand of three characters."""
    if inside:
        return Fit.INSIDE
    initials = word.isascii() and not name.isascii() and len(word) <= len(name)
    return Fit.EXACT if whole and not initials else Fit.START
