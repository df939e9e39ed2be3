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
    # Names, brands and INN with pinyin in full and as initials: what filters on the shelves read. The search of
    # the catalogue itself reads SearchKey.
    search_text = models.TextField(blank=True)

    class Meta:
        ordering = ["code"]

    # The columns that its name is made of, in their order, for lists that read columns alone.
    WORDS = ("generic_name", "strength")

    def __str__(self) -> str:
        return " ".join(getattr(self, column) for column in self.WORDS).strip()

    @property
    def is_device(self) -> bool:
        return self.category == "device"

    @property
    def is_reusable(self) -> bool:
        """A device that is kept in use or lent and given back: it needs no lot and no expiry."""
        return self.is_device and not self.requires_lot and not self.requires_expiry

    @property
    def by_prescription(self) -> bool:
        return self.rx_otc == "Rx"


class Product(models.Model):
    """One maker's pack of a medicine, as its approval number, specification and codes name it.

    What a county's pharmacist read off a box is that county's: no other sees it or goes by it. Without a county it
    is everybody's, and came with the catalogue. Rows are never rewritten; a wrong one is retired. Codes are kept in
    their one spelling (catalogue.codes); a barcode is an EAN-13, or a GTIN-14 that does not begin with 0.
    """

    county = models.ForeignKey(County, models.PROTECT, null=True, related_name="+", db_index=False)
    medicine = models.ForeignKey(Medicine, models.PROTECT, related_name="products")
    brand = models.CharField(max_length=80, blank=True)
    specification = models.CharField(max_length=120, blank=True)
    manufacturer = models.CharField(max_length=120, blank=True)
    approval_number = models.CharField(max_length=40, blank=True)
    barcode = models.CharField(max_length=14, blank=True)
    insurance_code = models.CharField(max_length=23, blank=True)
    pack_size = models.PositiveIntegerField(default=1)
    # By its own county: set by the trigger of ProductRetirement, so that the barcode is free for the right medicine.
    retired = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pack_size__gte=1), name="product_pack_size_positive"),
            models.CheckConstraint(
                condition=Q(barcode="") | Q(barcode__regex="^([0-9]{8}|[0-9]{12,14})$"),
                name="product_barcode_digits",
            ),
            models.CheckConstraint(
                condition=Q(insurance_code="") | Q(insurance_code__regex="^[A-Z0-9]{23}$"),
                name="product_insurance_code_form",
            ),
            models.UniqueConstraint(
                fields=["barcode", "county"],
                condition=~Q(barcode="") & Q(retired=False),
                name="product_barcode_once",
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                fields=[
                    "medicine",
                    "manufacturer",
                    "brand",
                    "specification",
                    "approval_number",
                    "barcode",
                    "county",
                ],
                condition=Q(retired=False),
                name="product_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(fields=["medicine", "brand", "id"], name="product_medicine_brand"),
            models.Index(fields=["manufacturer", "medicine"], name="product_manufacturer"),
            models.Index(
                fields=["approval_number"], name="product_approval_number", opclasses=["varchar_pattern_ops"]
            ),
            models.Index(fields=["insurance_code"], name="product_insurance_code"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.brand} {self.medicine} {self.specification}".strip()


class ProductRetirement(models.Model):
    """A county's word that a product is not what it was taken for: it goes by it no more. Append-only.

    Of its own product or of one that everybody has; no other county is touched.
    """

    county = models.ForeignKey(County, models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey(Product, models.PROTECT, related_name="retirements", db_index=False)
    reason = models.CharField(max_length=200)
    retired_by = models.BigIntegerField()
    retired_on = models.DateField()
    command = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["county", "product"], name="product_retired_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="retirement_has_reason"),
        ]


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


class SearchName(models.Model):
    """A name that people may type, and the medicines it stands for; a maker's name stands for its products.

    With SearchKey and SearchGram this is the index of the search, kept by `catalogue.search_index` and made
    from Medicine and Product at any time. No extension of PostgreSQL and no locale has a part in it.
    """

    class Kind(models.IntegerChoices):
        """What a name is, the surest first."""

        CODE = 0, "code"
        GENERIC = 1, "generic_name"
        ALIAS = 2, "alias"
        INN = 3, "inn"
        STRENGTH = 4, "strength"
        BRAND = 5, "brand"
        MAKER = 6, "manufacturer"

    # Whose products bear it; empty where it is everybody's.
    county = models.CharField(max_length=6, blank=True, db_default="")
    kind = models.SmallIntegerField(choices=Kind)
    text = models.CharField(max_length=200)
    medicines = models.ManyToManyField(Medicine, related_name="search_names")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["text", "kind", "county"], name="search_name_once")]


class SearchKey(models.Model):
    """What a name begins with when it is typed from its beginning or from inside: characters, pinyin, initials."""

    pk = models.CompositePrimaryKey("county", "inside", "kind", "key", "name")
    county = models.CharField(max_length=6, blank=True, db_default="", db_collation="C")
    key = models.CharField(max_length=60, db_collation="C")
    inside = models.BooleanField()
    kind = models.SmallIntegerField()
    name = models.ForeignKey(SearchName, models.CASCADE, related_name="+", db_index=False)


class SearchGram(models.Model):
    """A syllable, or three letters in a row, of a name: how misspelt names are found."""

    pk = models.CompositePrimaryKey("gram", "county", "name")
    county = models.CharField(max_length=6, blank=True, db_default="", db_collation="C")
    gram = models.CharField(max_length=12, db_collation="C")
    name = models.ForeignKey(SearchName, models.CASCADE, related_name="+", db_index=False)
