"""Shapes of the intake room's requests and answers."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from catalogue.codes import CodeError, trace_code
from catalogue.codes.spelling import GROUP_SEPARATOR, lot_as_read
from catalogue.screening import FINDINGS
from core.api import StrictSerializer
from core.fields import Day, Quantity, Text, Truth
from core.language import in_language
from core.receipt_codes import ReceiptCodeError, parse_receipt_code
from donations.models import UNITS, Campaign, Donation, Donor, Item, Seen
from donations.printed import unit_of
from donations.specifications import pack_of
from organisation.models import Rhythm

ITEMS_LIMIT = 200


class CodeText(Text):
    """A code as a scanner types it: the separator between GS1 fields (ASCII 29) is kept by its name, `<GS>`."""

    def to_internal_value(self, data: Any) -> str:
        named = data.replace(GROUP_SEPARATOR, "<GS>") if isinstance(data, str) else data
        return super().to_internal_value(named)


class TraceText(CodeText):
    """A traceability code; a number of a spreadsheet has lost its last digits and is refused (`excel_number`)."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        code = trace_code(text)
        if isinstance(code, CodeError) and code.code == "excel_number":
            raise serializers.ValidationError(in_language(code.zh, code.en), code=code.code)
        return text


class ItemInput(StrictSerializer):
    medicine = serializers.CharField(max_length=12, allow_null=True, required=False, default=None)
    description = Text(200, allow_blank=True, default="")
    specification = Text(120, allow_blank=True, default="")
    manufacturer = Text(120, allow_blank=True, default="")
    approval_number = Text(40, allow_blank=True, default="")
    lot_number = Text(40, allow_blank=True, default="")
    lot_state = serializers.ChoiceField(Seen.choices, default=Seen.NOT_READ)
    expiry = Text(80, allow_blank=True, default="")
    expiry_state = serializers.ChoiceField(Seen.choices, default=Seen.NOT_READ)
    produced_on = Text(40, allow_blank=True, allow_null=True, default="")
    shelf_life_months = serializers.IntegerField(min_value=1, max_value=120, allow_null=True, default=None)
    quantity = Quantity()
    opened = Truth(default=False)
    container = serializers.ChoiceField(Item.Container.choices, allow_blank=True, default="")
    findings = serializers.ListField(
        child=serializers.ChoiceField(sorted(FINDINGS)), default=list, max_length=len(FINDINGS)
    )
    trace_codes = serializers.ListField(child=TraceText(64), max_length=200, default=list)
    barcode = CodeText(128, allow_blank=True, allow_null=True, default="")
    unit = serializers.ChoiceField(
        UNITS,
        allow_blank=True,
        default="",
        help_text="What `quantity` counts, where the catalogue does not know the medicine.",
    )
    for_pharmacist = Truth(
        default=False,
        help_text="Put before a pharmacist what is refused for nothing but the campaign's scope.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs["medicine"] and not attrs["description"]:
            raise serializers.ValidationError(
                {"description": serializers.ErrorDetail(_("Needed here."), code="required")}
            )
        if attrs["lot_state"] == Seen.READ and not lot_as_read(attrs["lot_number"]):
            raise serializers.ValidationError(
                {"lot_number": serializers.ErrorDetail(_("Needed here."), code="required")}
            )
        return attrs


class GivenItem(ItemInput):
    """An item that is written down: of what the catalogue does not know it is said what its quantity counts."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        pack = pack_of(attrs["specification"])
        if not (attrs["medicine"] or attrs["unit"] or (pack and pack.unit)):
            raise serializers.ValidationError(
                {
                    "unit": serializers.ErrorDetail(
                        _("Say what is counted: tablets, sachets, …"), code="required"
                    )
                }
            )
        return attrs


class ScreeningInput(ItemInput):
    """An item that is being typed; `campaign` says of which campaign the scope counts."""

    campaign = serializers.CharField(max_length=24, allow_null=True, default=None)


class DonorInput(StrictSerializer):
    kind = serializers.ChoiceField(Donor.Kind.choices)
    name = Text(80, allow_blank=True, default="")
    phone = Text(30, allow_blank=True, default="")
    township = serializers.CharField(max_length=12, allow_blank=True, allow_null=True, default="")
    work_unit = Text(80, allow_blank=True, default="")
    publish = serializers.ChoiceField(Donor.Publish.choices, allow_null=True, default=None)


class DonationInput(StrictSerializer):
    campaign = serializers.CharField(max_length=24)
    place = serializers.CharField(max_length=24)
    received_on = Day()
    unfit = serializers.ChoiceField(Donation.Unfit.choices, default=Donation.Unfit.RETURN)
    receipt_code = Text(40, allow_null=True, default=None)
    source_confirmed = Truth()
    donor = DonorInput()
    items = serializers.ListField(child=GivenItem(), allow_empty=False, max_length=ITEMS_LIMIT)


class VoidInput(StrictSerializer):
    reason = Text(200)


class CampaignInput(StrictSerializer):
    code = serializers.SlugField(max_length=24)
    name = Text(80)
    starts_on = Day()
    ends_on = Day()
    donee = serializers.CharField(max_length=24)
    coordinator = Text(80)
    contact = Text(80, allow_blank=True, default="")
    supervision_phone = Text(40, allow_blank=True, default="")
    categories = serializers.ListField(child=Text(40), max_length=40, default=list)
    rhythm = serializers.ChoiceField(
        Rhythm.choices,
        allow_blank=True,
        default="",
        help_text="How often it publishes; empty: the county's policy.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["ends_on"] < attrs["starts_on"]:
            raise serializers.ValidationError(
                {
                    "ends_on": serializers.ErrorDetail(
                        _("The last day comes before the first."), code="days_reversed"
                    )
                }
            )
        return attrs


class RhythmInput(StrictSerializer):
    rhythm = serializers.ChoiceField(Rhythm.choices, allow_blank=True)


class CampaignShape(serializers.ModelSerializer[Campaign]):
    donee = serializers.CharField(source="donee.code")

    class Meta:
        model = Campaign
        fields = [
            "id", "code", "name", "starts_on", "ends_on", "donee", "coordinator", "contact",
            "supervision_phone", "categories", "state", "rhythm", "closed_on", "version",
        ]  # fmt: skip


HOLDINGS = [
    "at_point", "on_the_way", "counted", "in_doubt", "accepted", "in_bin",
    "refused", "voided", "missing", "returned", "destroyed",
]  # fmt: skip


class ItemShape(serializers.ModelSerializer[Item]):
    medicine = serializers.CharField(source="medicine.code", default=None, allow_null=True)
    name = serializers.CharField(source="label")
    unit = serializers.SerializerMethodField(help_text="What `quantity` counts.")
    holdings = serializers.SerializerMethodField()

    class Meta:
        model = Item
        fields = [
            "id", "line", "medicine", "name", "specification", "manufacturer", "approval_number", "lot_number",
            "lot_state", "last_usable_day", "expiry_state", "quantity", "unit", "opened", "container", "outcome",
            "reasons", "holdings",
        ]  # fmt: skip

    def get_unit(self, item: Item) -> str:
        return unit_of(item)

    def get_holdings(self, item: Item) -> dict[str, int]:
        """Units by where they stand; states without units are left out."""
        return {state: units for state in HOLDINGS if (units := getattr(item.holdings, state))}


class DonationShape(serializers.ModelSerializer[Donation]):
    place = serializers.CharField(source="place.code")
    campaign = serializers.CharField(source="campaign.code")
    donor = serializers.IntegerField(source="donor_id")
    donor_kind = serializers.CharField(source="donor.kind")
    found_in = serializers.IntegerField(
        source="found_in_id", allow_null=True, help_text="The handover that held this beyond its list."
    )
    items = ItemShape(many=True)

    class Meta:
        model = Donation
        fields = [
            "id", "receipt_code", "place", "campaign", "donor", "donor_kind", "received_on", "unfit", "found_in",
            "items",
        ]  # fmt: skip


class CorrectedItem(StrictSerializer):
    item = serializers.IntegerField(min_value=1)
    quantity = Quantity(least=0)


class CorrectedDonor(StrictSerializer):
    name = Text(80)
    phone = Text(30, allow_blank=True, default="")
    work_unit = Text(80, allow_blank=True, default="")


class CorrectionInput(StrictSerializer):
    """What was really given; `quantity` is what the item should have been registered with, 0 takes it out."""

    reason = Text(200)
    items = serializers.ListField(child=CorrectedItem(), max_length=ITEMS_LIMIT, default=list)
    added = serializers.ListField(child=GivenItem(), max_length=ITEMS_LIMIT, default=list)
    donor = CorrectedDonor(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        named = [line["item"] for line in attrs["items"]]
        if len(named) != len(set(named)):
            raise serializers.ValidationError(
                {"items": serializers.ErrorDetail(_("An item is named twice."), code="named_twice")}
            )
        if not (named or attrs["added"] or attrs.get("donor")):
            raise serializers.ValidationError(_("Nothing is corrected."), code="nothing_corrected")
        return attrs


class ConsentInput(StrictSerializer):
    publish = serializers.ChoiceField(Donor.Publish.choices, allow_null=True)


class EraseInput(StrictSerializer):
    confirm = Truth(help_text="true: what is erased cannot be brought back.")

    def validate_confirm(self, confirm: bool) -> bool:
        if not confirm:
            raise serializers.ValidationError(_("Erasing has to be confirmed."), code="not_confirmed")
        return confirm


class GivenBy(StrictSerializer):
    donor = Text(80, help_text="Exactly the name or the phone that the donor gave.")


class DonorSearch(StrictSerializer):
    receipt_code = Text(40, allow_blank=True, default="", help_text="Of something that the donor gave.")
    name = Text(80, allow_blank=True, default="")
    phone = Text(30, allow_blank=True, default="")

    def validate_receipt_code(self, text: str) -> str:
        """Without its dashes, as the books keep it."""
        try:
            return parse_receipt_code(text).replace("-", "") if text else ""
        except ReceiptCodeError as error:
            raise serializers.ValidationError(
                in_language(error.message, error.message_en), code=f"receipt_{error.code}"
            ) from error

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not (attrs["receipt_code"] or attrs["name"] or attrs["phone"]):
            raise serializers.ValidationError(
                {"name": serializers.ErrorDetail(_("Needed here."), code="required")}
            )
        return attrs
