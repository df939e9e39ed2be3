"""Published accounts of a period, their files, and the keys that signed them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.constraints import CountyKey, SameCounty, county_fk
from donations.models import Campaign
from organisation.models import County


class SigningKey(models.Model):
    """The public half of a key that has signed; kept for good, so that what it signed can be checked."""

    key_id = models.CharField(max_length=16, primary_key=True)
    public = models.BinaryField()
    first_used_at = models.DateTimeField()


class Bulletin(models.Model):
    """A published account of a period: numbered per county and year, frozen as published bytes.

    A closing account (总公示) is of a whole campaign: its last day is that of the last period published. A report by
    unit (通报) is for people who are signed in alone: it has numbers, periods and a chain of its own, so that the
    public ones have no gap.

    A correction (更正公示) is an edition of its own that names the one it `corrects` and the reason; the old one
    stays as it was signed. What is not signed yet may go back to its drafter or be withdrawn, with a `remark` that
    says why; it has no number, so none is missing.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("awaiting signature")
        PUBLISHED = "published", _("published")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class Kind(models.TextChoices):
        PERIOD = "period", _("bulletin of a period")
        CLOSING = "closing", _("closing account")
        UNITS = "units", _("internal report by unit")

    OPEN = (State.DRAFT, State.SUBMITTED)
    # Kinds that anyone may read.
    PUBLIC = (Kind.PERIOD, Kind.CLOSING)

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    campaign = county_fk(Campaign)
    kind = models.CharField(max_length=7, choices=Kind, default=Kind.PERIOD, db_default=Kind.PERIOD)
    period_start = models.DateField()
    period_end = models.DateField()
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT)
    drafted_by = models.BigIntegerField()
    drafted_at = models.DateTimeField()
    signed_by = models.BigIntegerField(null=True)
    published_at = models.DateTimeField(null=True)
    year = models.PositiveSmallIntegerField(null=True)
    number = models.PositiveIntegerField(null=True)
    content = models.BinaryField(null=True)
    sha256 = models.CharField(max_length=64, null=True)
    key = models.ForeignKey(SigningKey, models.PROTECT, null=True, related_name="+", db_index=False)
    signature = models.BinaryField(null=True)
    version = models.PositiveIntegerField(default=1)
    corrects = county_fk("self", null=True, related_name="corrections")
    reason = models.CharField(max_length=500, blank=True, db_default="")
    remark = models.CharField(max_length=500, blank=True, db_default="")

    class Meta:
        constraints = [
            CountyKey(name="bulletin_key"),
            SameCounty(field="campaign", name="bulletin_campaign_same_county"),
            SameCounty(field="corrects", name="bulletin_corrects_same_county"),
            models.UniqueConstraint(
                fields=["county", "corrects"],
                condition=~Q(state="withdrawn"),
                name="bulletin_corrected_once",
            ),
            models.CheckConstraint(
                condition=Q(corrects__isnull=True, reason="") | Q(corrects__isnull=False) & ~Q(reason=""),
                name="bulletin_correction_has_reason",
            ),
            models.UniqueConstraint(
                fields=["county", "campaign", "kind", "period_start", "period_end"],
                condition=Q(corrects__isnull=True, state__in=["draft", "submitted"]),
                name="bulletin_one_draft",
            ),
            models.UniqueConstraint(
                fields=["county", "campaign"],
                condition=Q(kind="closing", corrects__isnull=True) & ~Q(state="withdrawn"),
                name="bulletin_one_closing",
            ),
            models.CheckConstraint(
                condition=Q(period_end__gte=F("period_start")), name="bulletin_days_in_order"
            ),
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True) | ~Q(signed_by=F("drafted_by")),
                name="bulletin_signed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="published",
                    signed_by__isnull=False,
                    published_at__isnull=False,
                    number__isnull=False,
                    content__isnull=False,
                    sha256__isnull=False,
                )
                | (~Q(state="published") & Q(number__isnull=True, content__isnull=True, sha256__isnull=True)),
                name="bulletin_whole_when_published",
            ),
            models.CheckConstraint(
                condition=Q(state="published", key__isnull=False, signature__isnull=False)
                | (~Q(state="published") & Q(key__isnull=True, signature__isnull=True)),
                name="bulletin_signed_when_published",
            ),
            models.UniqueConstraint(
                fields=["county", "year", "number"],
                condition=Q(kind__in=["period", "closing"]),
                name="bulletin_number_once",
            ),
            models.UniqueConstraint(
                fields=["county", "year", "number"],
                condition=Q(kind="units"),
                name="bulletin_units_number_once",
            ),
            models.UniqueConstraint(fields=["sha256"], name="bulletin_hash_once"),
        ]

    @property
    def series(self) -> tuple[Kind, ...]:
        """The kinds that are numbered and chained together with this one."""
        return series_of(self.Kind(self.kind))

    @property
    def public(self) -> bool:
        return self.kind in self.PUBLIC

    @property
    def public_number(self) -> int | None:
        """County, year and number in one, by which everybody knows a published edition: 52263320260003.

        Nothing follows from it but how many were published. None for what is not published or not public.
        """
        if self.year is None or self.number is None or not self.public:
            return None
        return edition_number(self.county_id, self.year, self.number)


def edition_number(county_id: str, year: int, number: int) -> int:
    return (int(county_id) * 10**4 + year) * 10**4 + number


def edition_numbered(public_number: int) -> Q:
    """The edition that everybody knows by this number, as a condition on bulletins."""
    county_and_year, number = divmod(public_number, 10**4)
    county, year = divmod(county_and_year, 10**4)
    return Q(county=f"{county:06}", year=year, number=number)


def series_of(kind: Bulletin.Kind) -> tuple[Bulletin.Kind, ...]:
    return Bulletin.PUBLIC if kind in Bulletin.PUBLIC else (kind,)


class BulletinFile(models.Model):
    """A published bulletin as a file, kept as it was made, with its own signature.

    Made from its frozen content, but for the scan of the stamped paper, which somebody attaches.
    """

    class Name(models.TextChoices):
        CSV = "bulletin.csv"
        PACKAGE = "datapackage.json"
        XLSX = "bulletin.xlsx"
        PDF = "bulletin.pdf"
        ARCHIVE = "archive.zip"
        STAMPED = "stamped.pdf"

    # What every bulletin has; an archive is of a closing account only, a scan of stamped paper where one was given.
    USUAL = (Name.CSV, Name.PACKAGE, Name.XLSX, Name.PDF)

    county = models.ForeignKey(County, models.PROTECT, related_name="+", db_index=False)
    bulletin = county_fk(Bulletin, related_name="files")
    name = models.CharField(max_length=24, choices=Name)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    key = models.ForeignKey(SigningKey, models.PROTECT, related_name="+", db_index=False)
    signature = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            CountyKey(name="bulletin_file_key"),
            SameCounty(field="bulletin", name="bulletin_file_same_county"),
            models.UniqueConstraint(fields=["county", "bulletin", "name"], name="bulletin_file_once"),
        ]
        indexes = [models.Index(fields=["sha256"], name="bulletin_file_hash")]
