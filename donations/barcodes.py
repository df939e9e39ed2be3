"""What the codes on a package say, with what the catalogue and the county's books know of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

from django.utils.translation import gettext as _

from catalogue.codes import Expiry, Scan
from catalogue.codes.messages import Message, message
from catalogue.models import Medicine, Product
from catalogue.queries import open_recalls, products_coded
from catalogue.recalls import OpenRecalls, Suspicion
from core.language import in_language
from core.receipt_codes import ReceiptCodeError, grouped, parse_receipt_code
from donations.errors import ReceiptCodeUsed
from donations.queries import codes_bound
from donations.sightings import Sightings, last_seen, sightings_of

SLIP = "receipt_code"
GROUPED = re.compile(r"[0-9A-Za-z]{4}(?:-[0-9A-Za-z]{4}){3}-[0-9A-Za-z]")
FIELDS = (
    "kind", "text", "format_ok", "gtin", "ean13", "drug_id", "approval_number", "import_registration",
    "device_number", "insurance_code", "trace_code", "lot_number", "serial",
)  # fmt: skip
# Under these a product of the catalogue is found; the first that finds one decides.
PRODUCT_CODES = ("gtin", "ean13", "drug_id")


def describe_scans(county_id: str, scans: Sequence[Scan]) -> list[dict[str, Any]]:
    """The scans as the API tells them, with four look-ups for all: the catalogue, the county's books, its recalls,
    and the donations that bear a slip's code.

    A box that was registered before is told with the day and without the donor; goods of which a recall of the
    whole county is in force are warned of.
    """
    barcodes = {code for scan in scans for name in PRODUCT_CODES if (code := getattr(scan, name))}
    approvals = {scan.approval_number for scan in scans if scan.approval_number}
    products = products_coded(county_id, barcodes, approvals) if barcodes or approvals else []
    boxes = {scan.box_identity for scan in scans if scan.box_identity}
    seen = sightings_of(county_id, boxes)
    recalls = open_recalls(county_id) if products else OpenRecalls()
    slips = [slip_code(scan.text) for scan in scans]
    bound = codes_bound(slip for slip in slips if slip)
    return [
        {
            **_described(scan, _products_of(scan, products), seen, recalls),
            **(_slip(slip, bound) if slip else {SLIP: None, **_mistyped(scan)}),
        }
        for scan, slip in zip(scans, slips, strict=True)
    ]


def slip_code(text: str) -> str | None:
    """The receipt code that a text is, without its dashes; None for anything else.

    Nothing that is printed on a box is so long and has the same check character, but for one number in 32; and no
    code of a medicine has 17 characters.
    """
    try:
        return parse_receipt_code(text).replace("-", "")
    except ReceiptCodeError:
        return None


def _mistyped(scan: Scan) -> dict[str, Any]:
    """What is grouped as a slip's code and is none is told which character to look at again."""
    if scan.kind != "unknown" or not GROUPED.fullmatch(scan.text):
        return {}
    try:
        parse_receipt_code(scan.text)
    except ReceiptCodeError as error:
        words = in_language(error.message, error.message_en)
        return {"messages": [{"code": f"{SLIP}_{error.code}", "message": words}]}
    return {}


def _slip(code: str, bound: Collection[str]) -> dict[str, Any]:
    """A slip that is free, or one that another donation has: it may be bound once."""
    taken = [{"code": ReceiptCodeUsed.code, "message": str(ReceiptCodeUsed.message)}] if code in bound else []
    return {
        "kind": SLIP,
        SLIP: grouped(code),
        "format_ok": True,
        "certain": [SLIP],
        "ambiguous": [],
        "choices": [],
        "messages": [],
        "warnings": taken,
    }


def _described(
    scan: Scan, products: Sequence[Product], seen: Sightings, recalls: OpenRecalls
) -> dict[str, Any]:
    medicines = {product.medicine.pk: product.medicine for product in products}
    return {
        **{name: getattr(scan, name) for name in FIELDS},
        "expiry": _expiry(scan.expiry),
        "produced_on": scan.produced_on and str(scan.produced_on),
        "box": scan.box_identity,
        "certain": list(scan.certain),
        "ambiguous": [{"field": name, **_said(message(reason))} for name, reason in scan.ambiguous],
        "choices": [dict(choice) for choice in scan.choices],
        "medicine": _medicine(*medicines.values()) if len(medicines) == 1 else None,
        "products": [_product(product) for product in products],
        "messages": [_said(each) for each in scan.messages],
        "warnings": [*_repeated(scan, seen), *_recalled(scan, products, recalls)],
    }


def _products_of(scan: Scan, products: Sequence[Product]) -> list[Product]:
    """The product of this code, or all packs under its approval number."""
    codes = {code.lstrip("0") for name in PRODUCT_CODES if (code := getattr(scan, name))}
    coded = [each for each in products if each.barcode and each.barcode.lstrip("0") in codes]
    number = scan.approval_number
    return coded or [each for each in products if number and each.approval_number == number]


def _repeated(scan: Scan, seen: Sightings) -> list[dict[str, Any]]:
    day = last_seen(seen, [scan.box_identity]) if scan.box_identity else None
    if day is None:
        return []
    words = _("This box was registered before, on %(day)s.") % {"day": day}
    return [{"code": "trace_repeated", "message": words, "registered_on": str(day)}]


def _recalled(scan: Scan, products: Sequence[Product], recalls: OpenRecalls) -> list[dict[str, Any]]:
    """Whether a recall is about this box; certain only if it is, whichever of the products the box holds."""
    suspicions = [
        recalls.suspicion(
            medicine_id=product.medicine.pk,
            lot_number=scan.lot_number or "",
            place_id=None,
            product_id=product.pk,
        )
        for product in products
    ]
    if not any(suspicions):
        return []
    if min(suspicions) == Suspicion.CERTAIN:
        return [{"code": "recalled", "message": _("This medicine was recalled; it is not taken.")}]
    words = _("A recall or an inquiry may be about this medicine; compare the lot number.")
    return [{"code": "recall_possible", "message": words}]


def _expiry(expiry: Expiry | None) -> dict[str, str] | None:
    if expiry is None:
        return None
    return {
        "raw": expiry.raw,
        "last_usable_day": str(expiry.last_usable_day),
        "precision": expiry.precision,
    }


def _medicine(medicine: Medicine) -> dict[str, str]:
    return {
        "code": medicine.code,
        "generic_name": medicine.generic_name,
        "dosage_form": medicine.dosage_form,
        "strength": medicine.strength,
        "smallest_unit": medicine.smallest_unit,
    }


def _product(product: Product) -> dict[str, Any]:
    return {
        "id": product.pk,
        "medicine": product.medicine.code,
        "brand": product.brand,
        "specification": product.specification,
        "manufacturer": product.manufacturer,
        "approval_number": product.approval_number,
        "barcode": product.barcode,
        "pack_size": product.pack_size,
    }


def _said(said: Message) -> dict[str, str]:
    return {"code": said.code, "message": in_language(said.zh, said.en)}
