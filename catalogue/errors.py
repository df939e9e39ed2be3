from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class ProductKnown(DomainError):
    code = "product_known"
    status = 409
    message = _("The catalogue knows this product already.")
    guards = ("product_once",)


class BarcodeTaken(DomainError):
    code = "barcode_taken"
    status = 409
    message = _("This barcode belongs to another product of the catalogue.")
    guards = ("product_barcode_once",)


class ProductRetired(DomainError):
    code = "product_retired"
    status = 409
    message = _("This product was retired: nothing goes by it any more.")
    guards = ("product_retired_once",)


class ReasonNeeded(DomainError):
    code = "reason_needed"
    message = _("Say why this product is wrong.")
    guards = ("retirement_has_reason",)
