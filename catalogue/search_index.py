"""The index of the search: names, and what they can be found by. Derived from Medicine and Product, nothing else.

The functions take the registry of models, so that the migration that first fills the index can use them too.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import Any

from django.apps import apps as present
from django.apps.registry import Apps
from django.db import transaction

from catalogue.models import Medicine, Product, SearchName
from catalogue.naming import amounts, keys, whole_keys
from catalogue.typos import grams

ALIASES = Path(__file__).parent / "data" / "aliases.csv"
BATCH = 2_000
Kind = SearchName.Kind
WITHOUT_SLIPS = {Kind.CODE, Kind.STRENGTH}
# What the list of medicines says in place of an English name.
_NO_INN = re.compile(r"\s*(?:tcm\b|n/a)", re.IGNORECASE)

# Kind, name, the medicine it names (None for a maker), and the county whose name it is ("" for everybody's).
Naming = tuple[int, str, int | None, str]
Name = tuple[int, str, str]  # kind, name, county


def rebuild_index(registry: Apps = present) -> None:
    """Bring the whole index in line with the medicines and products; a name that nothing bears finds nothing."""
    medicines = registry.get_model("catalogue", "Medicine").objects.all()
    products = registry.get_model("catalogue", "Product").objects.filter(retired=False)
    with transaction.atomic():
        registry.get_model("catalogue", "SearchName").medicines.through.objects.all().delete()
        index_namings(chain(medicine_namings(medicines), product_namings(products.iterator())), registry)


def index_namings(namings: Iterable[Naming], registry: Apps = present) -> None:
    """Add names and what they stand for; what is known already stays as it is."""
    links = registry.get_model("catalogue", "SearchName").medicines.through
    rest = iter(namings)
    while some := set(islice(rest, BATCH)):
        ids = _named({(kind, text, county) for kind, text, _medicine, county in some}, registry)
        links.objects.bulk_create(
            [links(searchname_id=ids[kind, text, county], medicine_id=medicine)
             for kind, text, medicine, county in sorted(some, key=str) if medicine],
            ignore_conflicts=True,
        )  # fmt: skip


def forget_namings(county_id: str, product: Product) -> None:
    """A brand that a county knew from this product alone leads to its medicine no more."""
    others = Product.objects.filter(
        county_id=county_id, medicine=product.medicine_id, brand=product.brand, retired=False
    )
    if product.brand and not others.exclude(pk=product.pk).exists():
        SearchName.medicines.through.objects.filter(
            searchname__county=county_id,
            searchname__kind=Kind.BRAND,
            searchname__text=product.brand,
            medicine=product.medicine_id,
        ).delete()


def _named(names: set[Name], registry: Apps) -> dict[Name, int]:
    """The numbers of these names; those that are new get their keys and grams."""
    model = registry.get_model("catalogue", "SearchName")
    wanted = model.objects.filter(text__in={text for _kind, text, _county in names})
    known = {(name.kind, name.text, name.county) for name in wanted}
    new = [model(kind=kind, text=text, county=county) for kind, text, county in sorted(names - known)]
    model.objects.bulk_create(new, ignore_conflicts=True)
    ids = {(name.kind, name.text, name.county): name.pk for name in wanted.all()}
    _index(((name, ids[name]) for name in sorted(names - known)), registry)
    return ids


def _index(names: Iterable[tuple[Name, int]], registry: Apps) -> None:
    key_row = registry.get_model("catalogue", "SearchKey")
    gram_row = registry.get_model("catalogue", "SearchGram")
    key_rows, gram_rows = [], []
    for (kind, text, county), name in names:
        whose = {"county": county, "name_id": name}
        found = whole_keys(text) if kind in WITHOUT_SLIPS else keys(text)
        key_rows += [key_row(key=key, inside=inside, kind=kind, **whose) for key, inside in found]
        if kind not in WITHOUT_SLIPS:
            gram_rows += [gram_row(gram=gram, **whose) for gram in grams(text)]
    key_row.objects.bulk_create(key_rows, ignore_conflicts=True, batch_size=BATCH)
    gram_row.objects.bulk_create(gram_rows, ignore_conflicts=True, batch_size=BATCH)


def medicine_namings(medicines: Iterable[Any]) -> Iterator[Naming]:
    """Every name of these medicines."""
    for medicine in medicines:
        for kind, text in _names_of(medicine):
            if text := text.strip():
                yield int(kind), text, medicine.pk, ""


def product_namings(products: Iterable[Any]) -> Iterator[Naming]:
    """Brand and maker of these products, as names of their county's; their generic name is the medicine's."""
    for product in products:
        county = product.county_id or ""
        if product.brand:
            yield int(Kind.BRAND), product.brand, product.medicine_id, county
        if product.manufacturer:
            yield int(Kind.MAKER), product.manufacturer, None, county


def _names_of(medicine: Medicine) -> Iterator[tuple[Kind, str]]:
    yield Kind.CODE, medicine.code
    yield Kind.GENERIC, medicine.generic_name
    for ingredient in medicine.inn.split("+"):
        if not _NO_INN.match(ingredient):
            yield Kind.INN, re.sub(r"\(.*|\).*", "", ingredient)
    for word, alias in aliases():
        if word in medicine.generic_name or word in medicine.inn:
            yield Kind.ALIAS, alias
    for brand in medicine.brands.split("|"):
        yield Kind.BRAND, brand
    for amount in sorted(amounts(medicine.strength)):
        yield Kind.STRENGTH, amount


@cache
def aliases() -> tuple[tuple[str, str], ...]:
    """Old official names, and English names of other countries: the word they stand for, and the alias."""
    with ALIASES.open(encoding="utf-8", newline="") as file:
        return tuple((row["word"], row["alias"]) for row in csv.DictReader(file))
