"""Shapes of the inventory room's requests and lists."""

from __future__ import annotations

import datetime
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalogue.screening import FINDINGS
from core.api import StrictSerializer
from core.fields import Quantity, Text, Truth
from donations.models import Custody, Item
from donations.printed import unit_of
from inventory.answers import ScreeningAnswer, screening_answer
from inventory.judgement import Grounds, screen_as_registered, screening_record
from inventory.models import Account, Balance, Hold, Movement, Pack, Side, SortingDecision
from inventory.packs import in_packs, pack_size

ITEMS_LIMIT = 200
DECISIONS_LIMIT = 12
# The answers of so many decisions stay under what a command may answer (64 KB).
TOTAL_LIMIT = 360
ID_LIMIT = 2**63 - 1
PROPOSED = ["accept", "reject"]
WAITING = [(state.value, state.label) for state in (Custody.COUNTED, Custody.IN_DOUBT)]


class ChecklistInput(StrictSerializer):
    identity = Truth(default=False)
    label = Truth(default=False)  # type: ignore[assignment]
    integrity = Truth(default=False)
    storage = Truth(default=False)
    expiry = Truth(default=False)


class DecisionInput(StrictSerializer):
    outcome = serializers.ChoiceField(SortingDecision.Outcome.choices)
    quantity = Quantity()
    medicine = serializers.CharField(max_length=12, allow_null=True, default=None)
    product = serializers.IntegerField(min_value=1, max_value=ID_LIMIT, allow_null=True, default=None)
    lot_number = Text(40, allow_blank=True, allow_null=True, default="")
    expiry = Text(80, allow_blank=True, allow_null=True, default="")
    pack = serializers.ChoiceField(Pack.choices, allow_blank=True, allow_null=True, default="")
    container = serializers.ChoiceField(Item.Container.choices, allow_blank=True, default="")
    findings = serializers.ListField(child=serializers.ChoiceField(sorted(FINDINGS)), default=list)
    reason = Text(200, allow_blank=True, allow_null=True, default="")
    checklist = ChecklistInput(allow_null=True, default=None)
    proposed = serializers.ChoiceField(
        PROPOSED,
        allow_null=True,
        default=None,
        help_text="Of units left in doubt: what another pharmacist is asked to confirm.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["proposed"] and attrs["outcome"] != SortingDecision.Outcome.HOLD:
            words = serializers.ErrorDetail(_("Only for units that are left in doubt."), code="only_in_doubt")
            raise serializers.ValidationError({"proposed": words})
        return attrs


class SortingLine(StrictSerializer):
    item = serializers.IntegerField(min_value=1, max_value=ID_LIMIT)
    state = serializers.ChoiceField(WAITING, allow_null=True, default=None)
    decisions = serializers.ListField(child=DecisionInput(), allow_empty=False, max_length=DECISIONS_LIMIT)


class SortingInput(StrictSerializer):
    """One item with its decisions, or `sortings` with many of them."""

    item = serializers.IntegerField(min_value=1, max_value=ID_LIMIT, required=False)
    state = serializers.ChoiceField(WAITING, allow_null=True, default=None)
    decisions = serializers.ListField(
        child=DecisionInput(), allow_empty=False, max_length=DECISIONS_LIMIT, required=False
    )
    sortings = serializers.ListField(
        child=SortingLine(), allow_empty=False, max_length=ITEMS_LIMIT, required=False
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        one = "item" in attrs or "decisions" in attrs
        if one == ("sortings" in attrs):
            raise serializers.ValidationError(
                _("Name an item with decisions, or sortings."), code="one_or_many"
            )
        missing = [name for name in ("item", "decisions") if one and name not in attrs]
        if missing:
            raise serializers.ValidationError(
                {name: serializers.ErrorDetail(_("Needed here."), code="required") for name in missing}
            )
        if not one and attrs["state"] is not None:
            words = _("Unknown field here: name it beside each item.")
            raise serializers.ValidationError({"state": serializers.ErrorDetail(words, code="unknown_field")})
        if sum(len(line["decisions"]) for line in attrs.get("sortings", [])) > TOTAL_LIMIT:
            words = _("At most %(most)d decisions at a time.") % {"most": TOTAL_LIMIT}
            raise serializers.ValidationError(
                {"sortings": serializers.ErrorDetail(words, code="too_many_decisions")}
            )
        return attrs


class ReverseInput(StrictSerializer):
    reason = Text(200, allow_blank=True, allow_null=True, default="")


class HoldInput(StrictSerializer):
    """A batch at a place, whole or in part; or all of a place; or a batch wherever one's roles reach."""

    place = serializers.CharField(max_length=24, required=False)
    batch = serializers.IntegerField(min_value=1, max_value=ID_LIMIT, required=False)
    quantity = Quantity(allow_null=True, default=None)
    side = serializers.ChoiceField(Side.choices, allow_null=True, default=None)
    reason = Text(200)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        place, batch = attrs.setdefault("place", None), attrs.setdefault("batch", None)
        if place is None and batch is None:
            words = serializers.ErrorDetail(_("Name a place, a batch, or both."), code="place_or_batch")
            raise serializers.ValidationError({"place": words})
        both = place is not None and batch is not None
        parts = [name for name in ("quantity", "side") if attrs[name] is not None]
        if parts and not both:
            words = serializers.ErrorDetail(_("Only for one batch at one place."), code="one_batch_one_place")
            raise serializers.ValidationError(dict.fromkeys(parts, words))
        return attrs


class ReleaseInput(StrictSerializer):
    quantity = Quantity(allow_null=True, default=None)
    reason = Text(200, allow_blank=True, allow_null=True, default="")


class QueueRow(serializers.ModelSerializer[Item]):
    """An item in the queue; the context holds the county's policy, the day and what is known of each item."""

    item = serializers.IntegerField(source="pk")
    place = serializers.CharField(source="holdings.place.code")
    receipt_code = serializers.CharField(source="donation.receipt_code")
    medicine = serializers.CharField(source="medicine.code", default=None, allow_null=True)
    name = serializers.CharField(source="label")
    unit = serializers.SerializerMethodField()
    expiry = serializers.CharField(source="expiry_raw")
    broken_seal = serializers.CharField(
        allow_null=True, help_text="What was seen where the bag it came in had a broken seal."
    )
    counted = serializers.IntegerField(source="holdings.counted")
    in_doubt = serializers.IntegerField(source="holdings.in_doubt")
    waiting_since = serializers.DateField()
    priority = serializers.IntegerField(allow_null=True)
    photos = serializers.ListField(source="photo_ids", child=serializers.IntegerField())
    alone = serializers.BooleanField(
        help_text="Whether the reader, who registered and counted it, can only propose."
    )
    screening = serializers.SerializerMethodField()

    class Meta:
        model = Item
        fields = [
            "item", "place", "receipt_code", "medicine", "name", "specification", "manufacturer",
            "approval_number", "barcode", "trace_codes", "lot_number", "lot_state", "expiry", "expiry_state",
            "last_usable_day", "opened", "container", "findings", "unit", "counted", "in_doubt", "waiting_since",
            "priority", "photos", "alone", "broken_seal", "screening",
        ]  # fmt: skip

    def get_unit(self, item: Item) -> str:
        return unit_of(item)

    @extend_schema_field(ScreeningAnswer)
    def get_screening(self, item: Item) -> dict[str, Any]:
        context = self.context
        grounds = Grounds(context["policy"], context["on"], context["recalls"], context["known"][item.pk])
        return screening_answer(screening_record(screen_as_registered(item, grounds)))


class DecisionShape(serializers.ModelSerializer[SortingDecision]):
    place = serializers.CharField(source="place.code")
    receipt_code = serializers.CharField(source="item.donation.receipt_code")
    name = serializers.CharField(source="item.label")
    unit = serializers.SerializerMethodField(help_text="What `quantity` counts.")
    medicine = serializers.CharField(source="medicine.code", default=None, allow_null=True)
    batch = serializers.IntegerField(source="batch_id", allow_null=True)
    pack = serializers.CharField(
        source="batch.pack",
        default=None,
        allow_null=True,
        help_text="As the pharmacist found it; null for what was not accepted.",
    )
    taken_in_opened = serializers.BooleanField(
        source="item.opened", help_text="Whether the counter wrote it down as opened."
    )
    expiry = serializers.CharField(source="expiry_raw")
    item = serializers.IntegerField(source="item_id")
    reversed_on = serializers.DateField(allow_null=True)
    proposed = serializers.CharField(
        allow_null=True, help_text="What another pharmacist was asked to confirm."
    )
    confirmed_by = serializers.IntegerField(allow_null=True)
    screening = serializers.SerializerMethodField()

    class Meta:
        model = SortingDecision
        fields = [
            "id", "item", "receipt_code", "place", "name", "outcome", "quantity", "unit", "medicine", "batch",
            "pack", "taken_in_opened", "lot_number", "expiry", "last_usable_day", "reason", "note", "checklist",
            "checklist_version",
            "screening", "decided_by", "decided_on", "reversed_on", "proposed", "confirmed_by",
        ]  # fmt: skip

    def get_unit(self, decision: SortingDecision) -> str:
        return unit_of(decision.item)

    @extend_schema_field(ScreeningAnswer)
    def get_screening(self, decision: SortingDecision) -> dict[str, Any]:
        return screening_answer(decision.screening)


class BatchLabel(serializers.ModelSerializer[Any]):
    """What every row about a batch tells of it."""

    medicine = serializers.CharField(source="batch.medicine.code")
    name = serializers.CharField(source="batch.medicine")
    unit = serializers.CharField(source="batch.medicine.smallest_unit")
    batch = serializers.IntegerField(source="batch_id")
    lot_number = serializers.CharField(source="batch.lot_number")
    last_usable_day = serializers.DateField(source="batch.last_usable_day", allow_null=True)
    pack = serializers.CharField(source="batch.pack")


LABEL = ["medicine", "name", "unit", "batch", "lot_number", "last_usable_day", "pack"]


class StockRow(BatchLabel):
    place = serializers.CharField(source="account.place.code")
    side = serializers.CharField(source="account.side")
    shipment = serializers.IntegerField(source="account.shipment_id", allow_null=True)
    kit = serializers.IntegerField(source="account.kit_id", allow_null=True)
    pack_size = serializers.SerializerMethodField(help_text="Smallest units in a box, where that is known.")
    packs = serializers.SerializerMethodField(help_text="The quantity in boxes, to be read: 2 盒 + 4 片.")

    class Meta:
        model = Balance
        fields = ["place", "side", "state", "shipment", "kit", *LABEL, "quantity", "pack_size", "packs"]

    def get_pack_size(self, row: Balance) -> int | None:
        return pack_size(row.batch)

    def get_packs(self, row: Balance) -> str:
        return in_packs(row.quantity, row.batch)


class AccountShape(serializers.Serializer[Account]):
    place = serializers.CharField(source="place.code")
    side = serializers.CharField()
    state = serializers.CharField()


class MovementRow(BatchLabel):
    origin = AccountShape(source="from_account")
    target = AccountShape(source="to_account")
    reverses = serializers.IntegerField(source="reverses_id", allow_null=True)

    class Meta:
        model = Movement
        fields = [
            "id", "kind", *LABEL, "quantity", "origin", "target", "document_type", "document_id", "detail",
            "reverses", "actor", "business_day", "booked_on", "recorded_at",
        ]  # fmt: skip


class HoldRow(BatchLabel):
    place = serializers.CharField(source="place.code")
    still_held = serializers.IntegerField()

    class Meta:
        model = Hold
        fields = ["id", "place", *LABEL, "still_held", "reason", "placed_by", "placed_on"]


class SummaryRow(serializers.Serializer[dict[str, Any]]):
    """One medicine with its units in each state."""

    medicine = serializers.CharField(source="batch__medicine__code")
    name = serializers.CharField(source="batch__medicine__generic_name")
    strength = serializers.CharField(source="batch__medicine__strength")
    unit = serializers.CharField(source="batch__medicine__smallest_unit")
    available = serializers.IntegerField()
    held = serializers.IntegerField()
    reserved = serializers.IntegerField()
    in_transit = serializers.IntegerField()
    in_use = serializers.IntegerField(help_text="Devices that clinics keep in use.")
    lent = serializers.IntegerField(help_text="Devices that people took home.")


class CalendarRow(serializers.Serializer[dict[str, Any]]):
    """One medicine at one place, with what of it has expired or will. Units are never added across medicines."""

    place = serializers.CharField()
    medicine = serializers.CharField()
    name = serializers.CharField()
    strength = serializers.CharField()
    unit = serializers.CharField()
    passed_batches = serializers.IntegerField(help_text="Batches past their last usable day.")
    passed_units = serializers.IntegerField()
    within_30_batches = serializers.IntegerField(
        help_text="Batches with 30 days or less, those past left out."
    )
    within_30_units = serializers.IntegerField()
    within_60_batches = serializers.IntegerField(help_text="60 days or less: those of 30 included.")
    within_60_units = serializers.IntegerField()
    within_90_batches = serializers.IntegerField(help_text="90 days or less: those of 60 included.")
    within_90_units = serializers.IntegerField()
    link = serializers.SerializerMethodField(help_text="The stock of all these batches.")

    def get_link(self, row: dict[str, Any]) -> str:
        until = self.context["on"] + datetime.timedelta(days=91)
        query = {"place": row["place"], "medicine": row["medicine"], "expires_before": str(until)}
        return f"/api/v1/stock/?{urlencode(query)}"


class CardQuery(serializers.Serializer[Any]):
    """Which card: a place, and a medicine or one batch of it. Days are those of booking, both included."""

    place = serializers.CharField(max_length=24)
    medicine = serializers.CharField(max_length=12, required=False)
    batch = serializers.IntegerField(min_value=1, max_value=ID_LIMIT, required=False)
    side = serializers.ChoiceField(Side.choices, required=False)
    to = serializers.DateField(required=False, help_text="Today by default.")

    def get_fields(self) -> dict[str, Any]:
        first = serializers.DateField(required=False, help_text="30 days before the last day by default.")
        return {**super().get_fields(), "from": first}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "medicine" not in attrs and "batch" not in attrs:
            needed = serializers.ErrorDetail(_("Needed here."), code="required")
            raise serializers.ValidationError({"medicine": needed})
        return attrs


class CardRow(serializers.Serializer[dict[str, Any]]):
    """A movement, by how much it changed what is on the shelf, and what then stood there."""

    id = serializers.IntegerField()
    booked_on = serializers.DateField()
    business_day = serializers.DateField()
    recorded_at = serializers.DateTimeField()
    kind = serializers.CharField()
    from_place = serializers.CharField()
    from_state = serializers.CharField()
    to_place = serializers.CharField()
    to_state = serializers.CharField()
    batch = serializers.IntegerField(source="batch_id")
    lot_number = serializers.CharField()
    last_usable_day = serializers.DateField(allow_null=True)
    quantity = serializers.IntegerField()
    change = serializers.IntegerField(help_text="Of the balance; 0 where goods stay on the shelf.")
    balance = serializers.IntegerField(help_text="All but what is on the road.")
    available = serializers.IntegerField()
    held = serializers.IntegerField()
    reserved = serializers.IntegerField()
    in_use = serializers.IntegerField()
    lent = serializers.IntegerField()
    in_transit = serializers.IntegerField(help_text="Sent from here and still on the road.")
    document_type = serializers.CharField()
    document_id = serializers.IntegerField(allow_null=True)
    detail = serializers.CharField()
    actor = serializers.IntegerField(allow_null=True)
