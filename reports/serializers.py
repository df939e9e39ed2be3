"""Shapes of the reports room's requests and answers."""

from __future__ import annotations

import base64
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api import StrictSerializer
from core.fields import Day
from core.models import AuditEntry
from organisation.models import Place
from reports.answering import lacking
from reports.files.words import CATEGORIES
from reports.models import Bulletin, BulletinFile, LedgerDay
from reports.models.audit import AuditCheckpoint
from reports.models.bulletins import edition_number


class FiguresQuery(serializers.Serializer[Any]):
    county = serializers.CharField(required=False, help_text="Code of the county; one's own by default.")
    to = Day(help_text="Last day, included; today at the latest.")
    place = serializers.CharField(
        required=False, allow_blank=True, help_text="Code of a place of the county."
    )
    township = serializers.CharField(
        required=False, allow_blank=True, help_text="Code of a township: all places in it, as one."
    )
    medicine = serializers.CharField(required=False, allow_blank=True, help_text="Code of a medicine.")
    category = serializers.ChoiceField(
        [*CATEGORIES], required=False, allow_blank=True, help_text="A category of medicines."
    )

    def get_fields(self) -> dict[str, Any]:
        return {"from": Day(help_text="First day, included."), **super().get_fields()}


class BulletinInput(StrictSerializer):
    campaign = serializers.CharField(max_length=24)
    period_start = Day()
    period_end = Day()


class ClosingInput(StrictSerializer):
    campaign = serializers.CharField(max_length=24)


class NewEditionInput(StrictSerializer):
    reason = serializers.CharField(
        max_length=500, help_text="What is wrong in the published edition, and why."
    )


class TakenBackInput(StrictSerializer):
    reason = serializers.CharField(max_length=500, help_text="What is to be changed, or why it is given up.")


class CorrectedBy(serializers.Serializer[Any]):
    """The note beside an edition that has been corrected."""

    id = serializers.IntegerField()
    year = serializers.IntegerField()
    number = serializers.IntegerField()
    reason = serializers.CharField()


class BulletinShape(serializers.ModelSerializer[Bulletin]):
    campaign = serializers.CharField(source="campaign.code")
    county = serializers.CharField(source="county_id")
    corrects = serializers.IntegerField(
        source="corrects_id", allow_null=True, read_only=True, help_text="The edition that this one corrects."
    )
    corrected_by = serializers.SerializerMethodField()

    class Meta:
        model = Bulletin
        fields = [
            "id", "county", "campaign", "kind", "period_start", "period_end", "state", "year", "number",
            "published_at", "sha256", "version", "corrects", "reason", "corrected_by", "remark",
        ]  # fmt: skip

    @extend_schema_field(CorrectedBy(allow_null=True))
    def get_corrected_by(self, bulletin: Bulletin) -> dict[str, Any] | None:
        """The newer edition; None where this one stands."""
        return getattr(bulletin, "corrected_by", None)


class Lacking(serializers.Serializer[Any]):
    """What has to be set before a bulletin can be signed."""

    setting = serializers.CharField()
    code = serializers.CharField(help_text="With which signing is refused until then.")
    message = serializers.CharField()


class BulletinAtWorkShape(BulletinShape):
    public_id = serializers.IntegerField(
        source="public_number",
        allow_null=True,
        help_text="Under which the public finds it, once it is published.",
    )
    lacking = serializers.SerializerMethodField()
    stamped = serializers.SerializerMethodField()

    class Meta(BulletinShape.Meta):
        fields = [*BulletinShape.Meta.fields, "public_id", "lacking", "stamped"]

    def get_stamped(self, bulletin: Bulletin) -> bool:
        """Whether the scan of the stamped paper is attached."""
        signed = bulletin.state == Bulletin.State.PUBLISHED
        return signed and bulletin.files.filter(name=BulletinFile.Name.STAMPED).exists()

    @extend_schema_field(Lacking(many=True))
    def get_lacking(self, bulletin: Bulletin) -> list[dict[str, Any]]:
        """Empty once it is signed, and where nothing is missing."""
        return [
            {"setting": each.pointer.removeprefix("/"), "code": each.code, "message": str(each.message)}
            for each in lacking(bulletin)
        ]


class PublicBulletinShape(BulletinShape):
    """An edition as the public knows it: by county, year and number, never by a row's own number."""

    id = serializers.IntegerField(source="public_number")
    corrects = serializers.SerializerMethodField(help_text="The edition that this one corrects.")  # type: ignore[assignment]
    json = serializers.SerializerMethodField()
    files = serializers.SerializerMethodField()

    class Meta(BulletinShape.Meta):
        fields = [
            *(name for name in BulletinShape.Meta.fields if name not in {"state", "version", "remark"}),
            "json", "files",
        ]  # fmt: skip

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_corrects(self, bulletin: Bulletin) -> int | None:
        return bulletin.corrects.public_number if bulletin.corrects else None

    @extend_schema_field(CorrectedBy(allow_null=True))
    def get_corrected_by(self, bulletin: Bulletin) -> dict[str, Any] | None:
        note = getattr(bulletin, "corrected_by", None)
        return note and {**note, "id": edition_number(bulletin.county_id, note["year"], note["number"])}

    def get_json(self, bulletin: Bulletin) -> str:
        """Where the sealed bytes are; their SHA-256 is `sha256`."""
        return f"/api/v1/public/bulletins/{bulletin.public_number}.json"

    def get_files(self, bulletin: Bulletin) -> dict[str, str]:
        """Where its other files are, and the hashes and signatures of all."""
        endings = ["pdf", "csv", "xlsx", "datapackage.json", "seal.json", "names.json"]
        if bulletin.kind == Bulletin.Kind.CLOSING:
            endings.append("archive.zip")
        return {ending: f"/api/v1/public/bulletins/{bulletin.public_number}.{ending}" for ending in endings}


class _SignedDayShape(serializers.ModelSerializer[Any]):
    content = serializers.SerializerMethodField(
        help_text="The sealed bytes: `sha256` is their hash. Null where they are no text, so were not sealed here."
    )
    signature = serializers.SerializerMethodField(help_text="Ed25519 over the sealed bytes, base64.")
    key = serializers.CharField(source="key_id")

    def get_content(self, sealed: LedgerDay | AuditCheckpoint) -> str | None:
        try:
            return bytes(sealed.content).decode()
        except UnicodeDecodeError:
            return None

    def get_signature(self, sealed: LedgerDay | AuditCheckpoint) -> str:
        return base64.b64encode(bytes(sealed.signature)).decode()


SIGNED_DAY = ["day", "sha256", "content", "key", "signature"]


class LedgerDayShape(_SignedDayShape):
    class Meta:
        model = LedgerDay
        fields = SIGNED_DAY


class CheckpointHashShape(_SignedDayShape):
    """Without the content: it says how much all counties together have written, which `manage.py audit_checkpoints`
    tells whoever runs the installation."""

    class Meta:
        model = AuditCheckpoint
        fields = [name for name in SIGNED_DAY if name != "content"]


class AuditChainShape(serializers.Serializer[Any]):
    waiting = serializers.IntegerField(help_text="Entries of the county that are not sealed yet.")
    waiting_since = serializers.DateTimeField(allow_null=True)
    checkpoint = serializers.DateField(allow_null=True, help_text="Day of the last signed checkpoint.")
    verified_at = serializers.DateTimeField(
        allow_null=True, help_text="When the whole log was last verified."
    )
    faults = serializers.IntegerField(
        allow_null=True, help_text="How many of the county's entries that run found at fault."
    )
    first_entry = serializers.IntegerField(
        allow_null=True, help_text="The first of them, by its `id` in the log."
    )
    chain_whole = serializers.BooleanField(
        allow_null=True,
        help_text="False where the chain itself was cut or altered, whose entries ever it held.",
    )


class DropOffPointShape(serializers.ModelSerializer[Place]):
    kind = serializers.CharField()
    township = serializers.CharField(source="township.name", default=None, allow_null=True)

    class Meta:
        model = Place
        fields = ["code", "name", "kind", "township", "address", "phone", "opening_hours"]


class _MedicineRow(serializers.Serializer[Any]):
    day = serializers.DateField()
    medicine = serializers.CharField(allow_null=True)
    generic_name = serializers.CharField(allow_null=True)
    dosage_form = serializers.CharField(allow_null=True)
    strength = serializers.CharField(allow_null=True)
    unit = serializers.CharField(allow_null=True)
    lot_number = serializers.CharField()
    last_usable_day = serializers.DateField(allow_null=True)
    quantity = serializers.IntegerField(source="units")


class ReceivedRow(_MedicineRow):
    manufacturer = serializers.CharField()
    drop_off_point = serializers.CharField()
    drop_off_point_name = serializers.CharField()


class AllottedRow(_MedicineRow):
    clinic = serializers.CharField()
    clinic_name = serializers.CharField()


class AccountRow(serializers.Serializer[Any]):
    """Table C as a row; `handed_in`, `handed_over` and `allotted_to` are told of places only."""

    span = serializers.ChoiceField(["this_period", "cumulative"])
    from_day = serializers.DateField()
    to_day = serializers.DateField()
    as_of = serializers.DateTimeField()
    medicine = serializers.CharField(allow_null=True)
    generic_name = serializers.CharField(allow_null=True)
    dosage_form = serializers.CharField(allow_null=True)
    strength = serializers.CharField(allow_null=True)
    category = serializers.CharField(allow_null=True)
    unit = serializers.CharField(allow_null=True)
    unsorted_opening = serializers.IntegerField()
    registered_units = serializers.IntegerField()
    surplus_units = serializers.IntegerField()
    handed_in = serializers.IntegerField(allow_null=True)
    accepted_units = serializers.IntegerField()
    rejected_units = serializers.IntegerField()
    missing_units = serializers.IntegerField()
    voided_units = serializers.IntegerField()
    handed_over = serializers.IntegerField(allow_null=True)
    unsorted_closing = serializers.IntegerField()
    stock_opening = serializers.IntegerField()
    into_stock = serializers.IntegerField()
    arrived = serializers.IntegerField()
    sent_off = serializers.IntegerField()
    allotted = serializers.IntegerField()
    allotted_to = serializers.IntegerField(allow_null=True)
    dispensed_units = serializers.IntegerField()
    sent_back = serializers.IntegerField()
    destroyed_units = serializers.IntegerField()
    lost_units = serializers.IntegerField()
    adjusted_units = serializers.IntegerField()
    stock_closing = serializers.IntegerField()
    in_use = serializers.IntegerField()
    road_opening = serializers.IntegerField()
    road_closing = serializers.IntegerField()
    identities_hold = serializers.BooleanField()


class AuditShape(serializers.ModelSerializer[AuditEntry]):
    at = serializers.DateTimeField(
        source="moment",
        allow_null=True,
        help_text="None where what stands there cannot be read: see `verify_audit`.",
    )
    username = serializers.CharField(allow_null=True)
    address = serializers.CharField(
        source="kept_address", allow_null=True, help_text="Kept for 180 days at least."
    )
    id = serializers.IntegerField(
        source="number", help_text="The county's entries are counted by themselves."
    )
    sealed = serializers.BooleanField(help_text="Whether the chain holds it, as it does within a minute.")

    class Meta:
        model = AuditEntry
        fields = [
            "id", "at", "actor", "username", "action", "subject", "result", "code", "address", "request_id",
            "command", "sealed",
        ]  # fmt: skip
