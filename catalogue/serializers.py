"""Shapes of the catalogue's requests and lists."""

from __future__ import annotations

from typing import Any

from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalogue.at_the_counter import Way, medicine_facts, usual_verdicts
from catalogue.law_references import basis_words
from catalogue.lookups import Fit, Kind
from catalogue.models import Medicine, Product
from catalogue.queries import known_products
from catalogue.screening import Outcome
from catalogue.search import Hit
from core.api import StrictSerializer
from core.fields import Quantity, Text
from core.language import in_language


class ProductShape(serializers.ModelSerializer[Product]):
    """A product and the medicine it is: name, form and strength apart.

    `own`: read off a box in this county, and of this county alone. Where `retired_on` stands, the county goes by it
    no more.
    """

    medicine = serializers.CharField(source="medicine.code")
    generic_name = serializers.CharField(source="medicine.generic_name")
    dosage_form = serializers.CharField(source="medicine.dosage_form")
    strength = serializers.CharField(source="medicine.strength")
    own = serializers.SerializerMethodField()
    retired_on = serializers.DateField(default=None, allow_null=True)
    retired_by = serializers.IntegerField(default=None, allow_null=True)
    retired_reason = serializers.CharField(default=None, allow_null=True)

    class Meta:
        model = Product
        fields = [
            "id", "medicine", "generic_name", "dosage_form", "strength", "brand", "specification", "manufacturer",
            "approval_number", "barcode", "insurance_code", "pack_size", "own", "retired_on", "retired_by",
            "retired_reason",
        ]  # fmt: skip

    def get_own(self, product: Product) -> bool:
        return product.county_id is not None


class ProductHit(serializers.ModelSerializer[Product]):
    class Meta:
        model = Product
        fields = ["id", "brand", "specification", "manufacturer", "approval_number", "barcode", "pack_size"]


class MatchShape(serializers.Serializer[Any]):
    """Why a medicine was found: which of its names fits what was typed, and how well."""

    by = serializers.ChoiceField([kind.label for kind in Kind])
    name = serializers.CharField()
    fit = serializers.ChoiceField(
        [fit.name.lower() for fit in Fit], help_text="`sound` and `typo`: ask whether this is meant."
    )


class MedicineShape(serializers.ModelSerializer[Medicine]):
    """`match` and `products` only where something was searched for."""

    match = serializers.SerializerMethodField()
    products = serializers.SerializerMethodField(
        help_text="The first products meant, where a brand, a maker or a code was typed."
    )

    class Meta:
        model = Medicine
        fields = [
            "code", "generic_name", "inn", "category", "dosage_form", "strength", "smallest_unit", "rx_otc",
            "special_control", "paediatric", "storage", "loose_ok", "requires_lot", "requires_expiry",
            "donation_default", "not_for", "brands", "match", "products",
        ]  # fmt: skip

    @extend_schema_field(MatchShape(allow_null=True))
    def get_match(self, medicine: Medicine) -> dict[str, str] | None:
        hit: Hit | None = self.context.get("hits", {}).get(medicine.pk)
        if hit is None:
            return None
        return {"by": hit.kind.label, "name": hit.name, "fit": hit.fit.name.lower()}

    @extend_schema_field(ProductHit(many=True))
    def get_products(self, medicine: Medicine) -> Any:
        products: list[Product] = self.context.get("products", {}).get(medicine.pk, [])
        return [self._product.to_representation(product) for product in products]

    @cached_property
    def _product(self) -> ProductHit:
        """One shape for all rows of a page, for making one costs more than using it."""
        return ProductHit()


class ReasonShape(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    basis = serializers.CharField()


class VerdictShape(serializers.Serializer[Any]):
    """How a usual way in which it comes is judged at the counter, everything printed being read and in date."""

    way = serializers.ChoiceField([str(way) for way in Way])
    outcome = serializers.ChoiceField([str(outcome) for outcome in Outcome])
    reasons = ReasonShape(many=True)


class MedicineDetailShape(MedicineShape):
    """A medicine with what screening knows of it, by the county's policy of today."""

    match = None  # type: ignore[assignment]
    products = None  # type: ignore[assignment]
    ingredients = serializers.SerializerMethodField(help_text="Active ingredients by INN.")
    product_count = serializers.SerializerMethodField()
    verdicts = serializers.SerializerMethodField()

    class Meta(MedicineShape.Meta):
        fields = [
            *(name for name in MedicineShape.Meta.fields if name not in {"match", "products"}),
            "symptom_groups", "evidence", "notes", "ingredients", "product_count", "verdicts",
        ]  # fmt: skip

    def get_ingredients(self, medicine: Medicine) -> list[str]:
        return sorted(medicine_facts(medicine).ingredients)

    def get_product_count(self, medicine: Medicine) -> int:
        return known_products(self.context["policy"].county_id).filter(medicine=medicine).count()

    @extend_schema_field(VerdictShape(many=True))
    def get_verdicts(self, medicine: Medicine) -> list[dict[str, Any]]:
        judged = usual_verdicts(medicine, self.context["policy"], self.context["on"])
        return [
            {
                "way": str(way),
                "outcome": str(screening.outcome),
                "reasons": [
                    {
                        "code": reason.code,
                        "message": in_language(reason.message_zh, reason.message_en),
                        "basis": basis_words(reason.basis),
                    }
                    for reason in screening.reasons
                ],
            }
            for way, screening in judged
        ]


class ProductInput(StrictSerializer):
    """What stands on a box. At least one of brand, manufacturer, approval number and barcode."""

    medicine = serializers.CharField(max_length=12)
    brand = Text(80, allow_blank=True, default="")
    specification = Text(120, allow_blank=True, default="")
    manufacturer = Text(120, allow_blank=True, default="")
    approval_number = Text(40, allow_blank=True, default="")
    barcode = Text(40, allow_blank=True, default="")
    insurance_code = Text(40, allow_blank=True, default="")
    pack_size = Quantity(most=10_000, help_text="Smallest units in a pack.")


class RetireInput(StrictSerializer):
    reason = Text(200, help_text="What is wrong with it.")
