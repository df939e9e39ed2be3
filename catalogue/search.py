"""Finding a medicine, or one maker's product, by whatever somebody types: name, brand, pinyin, code, with slips.

Every word that is typed must fit. One that fits nothing as it stands is taken for how it sounds, then for a slip of
the finger. What fits best comes first, then what is commonly given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from catalogue.lookups import HITS_LIMIT, Fit, Kind, Match, by_codes, by_keys, by_slips, by_sound
from catalogue.models import Medicine, Product
from catalogue.naming import KEY_LENGTH, words

TEXT_LIMIT = 100
WORDS_LIMIT = 5  # further words are not read
MAKERS_LIMIT = 20
PRODUCTS_LIMIT = 1_000
RANKED_LIMIT = 300  # hits whose products are listed
SHOWN_PRODUCTS = 5

_DEFAULTS = [
    Medicine.Default.ACCEPT,
    Medicine.Default.REVIEW,
    Medicine.Default.OUT_OF_SCOPE,
    Medicine.Default.REFUSE,
]


@dataclass(frozen=True)
class Hit:
    """A medicine that fits the words; by a brand of it where `brand` is one, by a product where `product` is one.

    `name` is the name that fitted, of this kind; `slips` the share of it that was mistyped.
    """

    medicine: int
    fit: Fit
    kind: Kind
    name: str
    slips: float = 0
    brand: str = ""
    product: int | None = None

    def order(self) -> tuple[int, float, bool]:
        return self.fit, self.slips, self.kind == Kind.BRAND


@dataclass(frozen=True)
class Reading:
    """What all words stand for together: hits (None: any medicine), of products by these makers (None: any).

    `county_id` is the asker's: of other counties' products nothing is meant.
    """

    county_id: str
    hits: list[Hit] | None
    makers: list[str] | None = None


def read(text: str, county_id: str) -> Reading:
    """What somebody of this county may mean by this text."""
    typed = [word[:KEY_LENGTH] for word in words(text)[:WORDS_LIMIT]]
    matches = [*by_keys(typed, county_id), *by_codes(typed, county_id)]
    for look_up in (by_sound, by_slips):
        unknown = set(typed) - {match.word for match in matches}
        matches += look_up(sorted(unknown), county_id)
    return _together(county_id, [[match for match in matches if match.word == word] for word in typed])


def _together(county_id: str, meanings: Sequence[Sequence[Match]]) -> Reading:
    """What fits every word; the matches of one word are what it may stand for."""
    hits: list[Hit] | None = None
    makers: list[str] | None = None
    for matches in meanings:
        if not matches:
            return Reading(county_id, [])
        if names := _maker_names(matches):
            makers = [name for name in names if makers is None or name in makers]
        else:
            found = [_hit(match) for match in matches if match.medicine is not None]
            hits = found if hits is None else _both(hits, found)
    if hits is None and makers is None:
        return Reading(county_id, [])
    return Reading(county_id, hits, makers if makers is None else makers[:MAKERS_LIMIT])


def _maker_names(matches: Sequence[Match]) -> list[str]:
    """The makers that a word stands for, the best first; none if it fits another name as well or better."""
    makers = {match.name: match.fit for match in matches if match.kind == Kind.MAKER}
    others = [match.fit for match in matches if match.medicine is not None]
    if not makers or (others and min(others) <= min(makers.values())):
        return []
    return sorted(makers, key=lambda name: makers[name])


def _hit(match: Match) -> Hit:
    brand = match.name if match.kind == Kind.BRAND else ""
    return Hit(match.medicine or 0, match.fit, match.kind, match.name, match.slips, brand, match.product)


def _both(some: Sequence[Hit], others: Sequence[Hit]) -> list[Hit]:
    """What is a hit of both words: the same medicine, and no two brands or products of it."""
    by_medicine: dict[int, list[Hit]] = {}
    for hit in others:
        by_medicine.setdefault(hit.medicine, []).append(hit)
    met = [
        _merged(one, other)
        for one in some
        for other in by_medicine.get(one.medicine, [])
        if not (one.brand and other.brand and one.brand != other.brand)
        and not (one.product and other.product and one.product != other.product)
    ]
    return sorted(dict.fromkeys(met), key=Hit.order)[:HITS_LIMIT]


def _merged(one: Hit, other: Hit) -> Hit:
    return replace(
        one,
        fit=max(one.fit, other.fit),
        slips=one.slips + other.slips,
        brand=one.brand or other.brand,
        product=one.product or other.product,
    )


def found_medicines(reading: Reading, among: QuerySet[Medicine]) -> list[tuple[Medicine, Hit]]:
    """The medicines of a reading, each once with its best hit, the best first."""
    best: dict[int, Hit] = {}
    for hit in sorted(_hits_of_makers(reading), key=Hit.order):
        best.setdefault(hit.medicine, hit)
    medicines = among.in_bulk(best.keys())
    return _ranked(best.values(), medicines)


def found_products(reading: Reading, medicine: Medicine | None = None) -> list[int]:
    """The numbers of the products of a reading, the best first, at most PRODUCTS_LIMIT; of this medicine only."""
    hits = reading.hits
    if medicine is not None:
        whole = Hit(medicine.pk, Fit.EXACT, Kind.CODE, medicine.code)
        hits = [whole] if hits is None else [hit for hit in hits if hit.medicine == medicine.pk]
    if hits is None:
        values = {"makers": reading.makers, "limit": PRODUCTS_LIMIT, "county": reading.county_id}
        return _ids(_PRODUCTS_OF_MAKERS, values)
    medicines = Medicine.objects.in_bulk({hit.medicine for hit in hits})
    ranked = [hit for _medicine, hit in _ranked(hits, medicines)][:RANKED_LIMIT]
    return _product_ids(ranked, reading, PRODUCTS_LIMIT // max(len(ranked), 1) + 10)


def shown_products(hits: Sequence[Hit], reading: Reading) -> dict[int, list[Product]]:
    """Of each medicine that was hit by a product, a brand or a maker, the first few of the products meant."""
    meant = [hit for hit in hits if hit.brand or hit.product or reading.makers is not None]
    ids = _product_ids(meant, reading, SHOWN_PRODUCTS) if meant else []
    shown: dict[int, list[Product]] = {}
    for product in sorted(Product.objects.filter(pk__in=ids), key=lambda product: ids.index(product.pk)):
        shown.setdefault(product.medicine_id, []).append(product)
    return shown


def how_common(medicine: Medicine) -> tuple[int, int, str]:
    """Sorts what donors commonly bring first: what may be accepted, of few ingredients, in the catalogue's order."""
    default = Medicine.Default(medicine.donation_default)
    return _DEFAULTS.index(default), medicine.inn.count("+"), medicine.code


def _ranked(hits: Iterable[Hit], medicines: Mapping[int, Medicine]) -> list[tuple[Medicine, Hit]]:
    pairs = [(medicines[hit.medicine], hit) for hit in hits if hit.medicine in medicines]
    return sorted(pairs, key=lambda pair: (*pair[1].order(), *how_common(pair[0])))


def _hits_of_makers(reading: Reading) -> list[Hit]:
    """The hits of a reading of which its makers, if it names any, make a product."""
    if reading.makers is None:
        return reading.hits or []
    made = Product.objects.filter(pk__in=found_products(reading)).values_list("medicine_id", flat=True)
    if reading.hits is not None:
        return [hit for hit in reading.hits if hit.medicine in set(made)]
    return [Hit(medicine, Fit.EXACT, Kind.MAKER, reading.makers[0]) for medicine in set(made)]


# What the asker's county goes by: catalogue.queries.known_products says the same.
_KNOWN = """(known.county_id IS NULL OR known.county_id = %(county)s)
       AND NOT EXISTS (SELECT FROM catalogue_productretirement word
                       WHERE word.product_id = known.id AND word.county_id = %(county)s)"""
# Whole medicines, brands of them, and single products, in this order. Of each no more than `share` products, so
# that vague words show something of everything and cost no more than clear ones.
_PRODUCTS = f"""
SELECT product.id
FROM unnest(%(medicines)s::bigint[], %(brands)s::text[], %(products)s::bigint[])
    WITH ORDINALITY AS hit(medicine, brand, product, place)
CROSS JOIN LATERAL (
    (SELECT id FROM catalogue_product known
     WHERE hit.brand = '' AND hit.product IS NULL AND medicine_id = hit.medicine AND {_KNOWN}
       AND (%(makers)s::text[] IS NULL OR manufacturer = ANY (%(makers)s))
     ORDER BY brand, id LIMIT %(share)s)
    UNION ALL
    (SELECT id FROM catalogue_product known
     WHERE hit.brand <> '' AND hit.product IS NULL AND medicine_id = hit.medicine AND brand = hit.brand
       AND {_KNOWN} AND (%(makers)s::text[] IS NULL OR manufacturer = ANY (%(makers)s))
     ORDER BY id LIMIT %(share)s)
    UNION ALL
    (SELECT id FROM catalogue_product known
     WHERE id = hit.product AND {_KNOWN}
       AND (%(makers)s::text[] IS NULL OR manufacturer = ANY (%(makers)s)))
) product
GROUP BY product.id ORDER BY min(hit.place), product.id LIMIT %(limit)s
"""  # noqa: S608 - a condition of our own
_PRODUCTS_OF_MAKERS = f"""
SELECT id FROM catalogue_product known WHERE manufacturer = ANY (%(makers)s) AND {_KNOWN}
ORDER BY array_position(%(makers)s::text[], manufacturer::text), medicine_id, id LIMIT %(limit)s
"""  # noqa: S608 - a condition of our own


def _product_ids(hits: Sequence[Hit], reading: Reading, share: int) -> list[int]:
    values = {
        "medicines": [hit.medicine for hit in hits],
        "brands": [hit.brand for hit in hits],
        "products": [hit.product for hit in hits],
        "makers": reading.makers,
        "county": reading.county_id,
        "share": share,
        "limit": PRODUCTS_LIMIT,
    }
    return _ids(_PRODUCTS, values)


def _ids(statement: str, values: dict[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [pk for (pk,) in cursor.fetchall()]
