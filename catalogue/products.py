"""Products as a pharmacist types them off a box: codes in their one spelling, and the strength that stands there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from catalogue.codes import (
    ApprovalNumber,
    CodeError,
    DeviceNumber,
    ImportRegistration,
    approval_number,
    device_number,
    import_registration,
    insurance_code,
)
from catalogue.codes.messages import code_error
from catalogue.codes.products import ean13
from catalogue.codes.spelling import compact, mod10_ok
from catalogue.errors import BarcodeTaken, ProductKnown, ProductRetired, ReasonNeeded
from catalogue.models import Medicine, Product, ProductRetirement
from catalogue.naming import masses
from catalogue.queries import known_products
from catalogue.search_index import forget_namings, index_namings, product_namings
from core.commands import Act
from core.errors import Fault, Invalid
from core.language import in_language


@dataclass(frozen=True)
class ProductDraft:
    """What stands on a box; an empty text is not printed or not typed. `pack_size` in smallest units."""

    county_id: str
    medicine: Medicine
    brand: str = ""
    specification: str = ""
    manufacturer: str = ""
    approval_number: str = ""
    barcode: str = ""
    insurance_code: str = ""
    pack_size: int = 1


def add_product(draft: ProductDraft) -> Product:
    """Write down what a box of one maker holds, for the county whose pharmacist read it, and make it findable there.

    Refused: ProductKnown and BarcodeTaken by what the county goes by already; Invalid naming every field at fault.
    """
    draft = checked(draft)
    _refuse_known(draft)
    product = Product.objects.create(**vars(draft))
    index_namings(product_namings([product]))
    return product


def retire_product(*, act: Act, product: Product, reason: str) -> ProductRetirement:
    """Go by a product no more in this county, because it was read or linked wrongly; its barcode is free again.

    What was sorted by it stays in the books and is found by the product. Refused: ProductRetired, ReasonNeeded.
    """
    if not reason.strip():
        raise ReasonNeeded(pointer="/reason")
    if ProductRetirement.objects.filter(county_id=act.county_id, product=product).exists():
        raise ProductRetired
    word = ProductRetirement.objects.create(
        county_id=act.county_id,
        product=product,
        reason=reason,
        retired_by=act.actor_id,
        retired_on=act.on,
        command=act.command,
    )
    forget_namings(act.county_id, product)
    return word


def checked(draft: ProductDraft) -> ProductDraft:
    """The draft with its codes in their one spelling. Raises Invalid naming every field that cannot be."""
    spelt = {field: read(getattr(draft, field)) for field, read in _READERS.items() if getattr(draft, field)}
    faults = [
        Fault(f"/{field}", f"{field}_{code.code}", _said(code))
        for field, code in spelt.items()
        if isinstance(code, CodeError)
    ]
    faults += _faults_of_strength(draft)
    if not any((draft.brand, draft.manufacturer, draft.approval_number, draft.barcode)):
        faults.append(
            Fault(
                "/manufacturer", "required", _("Say at least the brand, who makes it, or a code of the box.")
            )
        )
    if faults:
        raise Invalid(faults=faults)
    codes: dict[str, Any] = {**spelt}
    return replace(draft, **codes)


def gtin(text: str) -> str | CodeError:
    """The barcode of a product: an EAN-13, or a GTIN-14 of a larger pack; one that only pads an EAN-13 is that."""
    digits = compact(text)
    if len(digits) == 14 and digits.isascii() and digits.isdecimal():
        if not mod10_ok(digits):
            return code_error("check_digit")
        return digits if digits[0] != "0" else ean13(digits[1:])
    return ean13(text)


def registration(text: str) -> str | CodeError:
    """The number under which a medicine, an imported medicine or a device is registered."""
    first = approval_number(text)
    for found in (first, import_registration(text), device_number(text)):
        if isinstance(found, ApprovalNumber | ImportRegistration | DeviceNumber):
            return found.text
    return first if isinstance(first, CodeError) else code_error("pattern")


_READERS: dict[str, Callable[[str], str | CodeError]] = {
    "approval_number": registration,
    "barcode": gtin,
    "insurance_code": insurance_code,
}


def _said(code: CodeError) -> str:
    return in_language(code.zh, code.en)


def _faults_of_strength(draft: ProductDraft) -> Iterator[Fault]:
    """0.3 g and 0.5 g are two medicines: a box of the one is no product of the other."""
    printed, expected = masses(draft.specification), masses(draft.medicine.strength)
    if printed and expected and not printed & expected:
        message = _("This specification is of another strength than the medicine.")
        yield Fault("/specification", "other_strength", message)


def _refuse_known(draft: ProductDraft) -> None:
    """The same product or barcode twice, told with the number of the one that is there."""
    told = {"insurance_code", "pack_size", "county_id"}
    same = {name: value for name, value in vars(draft).items() if name not in told}
    products = known_products(draft.county_id)
    if known := products.filter(**same).first():
        raise ProductKnown(_("The catalogue knows this product already: number %(id)s.") % {"id": known.pk})
    if draft.barcode and (other := products.filter(barcode=draft.barcode).first()):
        message = _("This barcode belongs to product %(id)s of the catalogue.") % {"id": other.pk}
        raise BarcodeTaken(message, pointer="/barcode")
