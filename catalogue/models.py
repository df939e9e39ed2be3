from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.constraints import CountyKey, SameCounty, county_fk
from organisation.models import County, Place


class Medicine(models.Model):
    """Generic name, dosage form and strength: 0.3 g and 0.5 g are two medicines and never pooled.

    One row per line of `data/medicines.csv`; the catalogue is common to all counties.
    """

    class LooseOk(models.TextChoices):
        YES = "y"
        NO = "n"
        BLISTER_ONLY = "dep"

    class Default(models.TextChoices):
        ACCEPT = "accept"
        REVIEW = "pharmacist_review"
        REFUSE = "refuse"
        OUT_OF_SCOPE = "out_of_scope"

    code = models.CharField(max_length=12, unique=True)
    generic_name = models.CharField(max_length=120)
    inn = models.CharField(max_length=200, blank=True)
    category = models.CharField(max_length=40)
    dosage_form = models.CharField(max_length=40, blank=True)
    strength = models.CharField(max_length=120, blank=True)
    smallest_unit = models.CharField(max_length=8)
    rx_otc = models.CharField(max_length=8, blank=True)
    special_control = models.CharField(max_length=40, default="none")
    paediatric = models.BooleanField(default=False)
    storage = models.CharField(max_length=20, blank=True)
    symptom_groups = models.CharField(max_length=120, blank=True)
    loose_ok = models.CharField(max_length=4, choices=LooseOk, blank=True)
    requires_lot = models.BooleanField(default=True)
    requires_expiry = models.BooleanField(default=True)
    donation_default = models.CharField(max_length=20, choices=Default)
    not_for = models.CharField(max_length=120, blank=True)
    brands = models.CharField(max_length=200, blank=True)
    evidence = models.CharField(max_length=2, blank=True)
    notes = models.CharField(max_length=400, blank=True)
    # Names, brands and INN with pinyin in full and as initials: what the search at the counter reads.
    search_text = models.TextField(blank=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.generic_name} {self.strength}".strip()

    @property
    def is_device(self) -> bool:
        return self.category == "device"

    @property
    def by_prescription(self) -> bool:
        return self.rx_otc == "Rx"


class Product(models.Model):
    """One maker's pack of a medicine, as its approval number, specification and codes name it."""

    medicine = models.ForeignKey(Medicine, models.PROTECT, related_name="products")
    brand = models.CharField(max_length=80, blank=True)
    specification = models.CharField(max_length=120, blank=True)
    manufacturer = models.CharField(max_length=120, blank=True)
    approval_number = models.CharField(max_length=40, blank=True)
    barcode = models.CharField(max_length=14, blank=True)
    pack_size = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pack_size__gte=1), name="product_pack_size_positive"),
            models.UniqueConstraint(
                fields=["barcode"], condition=~Q(barcode=""), name="product_barcode_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.brand} {self.medicine} {self.specification}".strip()


class Recall(models.Model):
    """A notice that a lot, or every lot, of a medicine or product is not to be used. Append-only.

    In force until it is lifted. Of one place it holds there only; a suspected adverse reaction (不良反应) stops the
    lot in the same way until the lead pharmacist has judged it.
    """

    class Kind(models.TextChoices):
        RECALL = "recall"
        REACTION = "reaction"

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    place = county_fk(Place, null=True)
    medicine = models.ForeignKey(Medicine, models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey(Product, models.PROTECT, null=True, related_name="+", db_index=False)
    # As printed, and as it is compared; both empty for any lot.
    lot_number = models.CharField(max_length=40, blank=True)
    lot_key = models.TextField(blank=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.RECALL)
    reason = models.CharField(max_length=200)
    reference = models.CharField(max_length=120, blank=True)
    raised_by = models.BigIntegerField()
    raised_on = models.DateField()
    command = models.UUIDField()

    class Meta:
        constraints = [
            CountyKey(name="recall_key"),
            SameCounty(field="place", name="recall_place_same_county"),
            models.CheckConstraint(condition=Q(kind__in=["recall", "reaction"]), name="recall_kind_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="recall_has_reason"),
        ]
        indexes = [models.Index(fields=["county", "medicine"], name="recall_by_medicine")]


class RecallLift(models.Model):
    """Somebody's word that a recall was raised by mistake or is over: another person's than who raised it."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    recall = county_fk(Recall, related_name="lifts")
    reason = models.CharField(max_length=200)
    lifted_by = models.BigIntegerField()
    lifted_on = models.DateField()
    command = models.UUIDField()

    class Meta:
        constraints = [
            SameCounty(field="recall", name="lift_recall_same_county"),
            models.UniqueConstraint(fields=["recall"], name="recall_lifted_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="lift_has_reason"),
        ]
