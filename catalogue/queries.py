"""Reads of the catalogue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import BooleanField, Count, Exists, F, Func, OuterRef, Q, QuerySet, Subquery

from catalogue.models import Medicine, Product, ProductRetirement, Recall, RecallLift
from catalogue.recalls import OpenRecalls, RecallRule


def medicines_by_code(codes: Iterable[str]) -> dict[str, Medicine]:
    """The medicines with these codes; codes that the catalogue does not know are absent."""
    return {medicine.code: medicine for medicine in Medicine.objects.filter(code__in=set(codes))}


def recalls_in_force(county_id: Any) -> QuerySet[Recall]:
    """The county's recalls that nobody has lifted, suspected reactions included."""
    lifted = RecallLift.objects.filter(recall=OuterRef("pk")).order_by()
    return Recall.objects.filter(~Exists(lifted), county_id=county_id)


def open_recalls(county_id: str) -> OpenRecalls:
    """The same, to judge labels by: one statement for any number of items."""
    rows = recalls_in_force(county_id).values_list("medicine_id", "product_id", "lot_key", "place_id", "kind")
    return OpenRecalls(
        RecallRule(medicine, product, lot, place, suspected=kind == Recall.Kind.REACTION)
        for medicine, product, lot, place, kind in rows
    )


def covers(recalled_product: Any, recalled_lot: Any, product: Any, lot: Any) -> Func:
    """Whether a recall of a product and a lot's key is about goods of this product and lot; for `filter`."""
    return Func(
        recalled_product, recalled_lot, product, lot, function="recall_covers", output_field=BooleanField()
    )


def recalls_of_row(label: str, *places: str) -> QuerySet[Recall]:
    """Recalls in force over the row of an outer query: `label` leads to its batch, `places` to where it counts."""
    here = Q(place__isnull=True)
    for place in places:
        here |= Q(place=OuterRef(place))
    theirs = OuterRef(f"{label}product_id"), OuterRef(f"{label}lot_number")
    about = covers(F("product_id"), F("lot_key"), *theirs)
    rows = recalls_in_force(OuterRef(f"{label}county_id"))
    return rows.filter(here, about, medicine=OuterRef(f"{label}medicine_id")).order_by()


def products_seen(county_id: str) -> QuerySet[Product]:
    """Products that a county may look at: everybody's and its own, those that it has retired included.

    Each carries `retired_here`, and of that `retired_on`, `retired_by` and `retired_reason`.
    """
    word = ProductRetirement.objects.filter(county_id=county_id, product=OuterRef("pk")).order_by()
    return Product.objects.filter(Q(county__isnull=True) | Q(county_id=county_id)).annotate(
        retired_here=Exists(word),
        retired_on=Subquery(word.values("retired_on")),
        retired_by=Subquery(word.values("retired_by")),
        retired_reason=Subquery(word.values("reason")),
    )


def known_products(county_id: str) -> QuerySet[Product]:
    """Products that a county goes by: everybody's and its own, but those that it has retired."""
    word = ProductRetirement.objects.filter(county_id=county_id, product=OuterRef("pk")).order_by()
    return Product.objects.filter(Q(county__isnull=True) | Q(county_id=county_id), ~Exists(word))


def products_coded(
    county_id: str, barcodes: Collection[str], approval_numbers: Collection[str]
) -> list[Product]:
    """Products that bear one of these product codes (EAN-13, GTIN, drug identification code) or approval numbers.

    Barcodes are compared without leading zeros, by which a GTIN and its EAN-13 differ. What the county's own
    pharmacist read under a barcode stands before what came with the catalogue.
    """
    spelt = {width for code in barcodes for width in (code, code.lstrip("0"), code.lstrip("0").zfill(13))}
    named = Q(barcode__in=spelt - {""}) | Q(approval_number__in=set(approval_numbers) - {""})
    found = list(known_products(county_id).filter(named).select_related("medicine").order_by("id"))
    own = {product.barcode for product in found if product.county_id and product.barcode}
    return [product for product in found if product.county_id or product.barcode not in own]


# What may lie in a box alone.
ONE_TO_A_BOX = ("瓶", "支", "盒", "台", "人份")


def usual_packs(county_id: str, codes: Iterable[str]) -> dict[str, int]:
    """Smallest units in the usual box of each medicine: the size that most of the products known here have.

    By code; a medicine of whose products none says how much a box holds is left out. One tablet to a box is a size
    that nobody read, one bottle is a box.
    """
    sizes: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    read = Q(pack_size__gt=1) | Q(medicine__smallest_unit__in=ONE_TO_A_BOX)
    known = known_products(county_id).filter(read, medicine__code__in=list(codes)).order_by()
    for code, size, products in known.values_list("medicine__code", "pack_size").annotate(n=Count("pk")):
        sizes[code].append((-products, size))
    return {code: min(found)[1] for code, found in sorted(sizes.items())}
