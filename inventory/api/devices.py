"""Reusable devices over HTTP: kept in use at a clinic, lent, and given back."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalogue.models import Medicine
from core.api import StrictSerializer, act_of, command, valid
from core.commands import Act, Done
from core.errors import Fault, Invalid
from core.fields import Day, Quantity, Text
from inventory.models import Batch
from inventory.models.devices import DeviceUse
from inventory.queries.devices import device_use_at, device_uses_at, overdue_loans, still_out, to_call_back
from inventory.queries.stock import batch_at
from inventory.services.devices import Loan, begin_use, give_back
from organisation.access import Access, access_of
from organisation.lists import ScopedList
from organisation.models import Place

ENDS = [choice for choice in DeviceUse.Condition.choices if choice[0] != DeviceUse.Condition.HELD]
OF_LOAN = ("register_ref", "due_on")


class DeviceUseInput(StrictSerializer):
    """One device of a medicine (any batch on the shelf), or of a batch; a loan names the register and the day."""

    place = serializers.CharField(max_length=24)
    kind = serializers.ChoiceField(DeviceUse.Kind.choices)
    medicine = serializers.CharField(max_length=12, required=False)
    batch = Quantity(most=2**63 - 1, required=False)
    register_ref = Text(40, required=False, help_text="Of the clinic's own register; no name.")
    due_on = Day(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        lent = attrs["kind"] == DeviceUse.Kind.LENT
        faults = {}
        for name in OF_LOAN:
            if lent and name not in attrs:
                faults[name] = serializers.ErrorDetail(_("Needed here."), code="required")
            if not lent and name in attrs:
                faults[name] = serializers.ErrorDetail(_("Only of a device that is lent."), code="not_here")
        if ("medicine" in attrs) == ("batch" in attrs):
            faults["medicine"] = serializers.ErrorDetail(
                _("Either a medicine or a batch is needed."), code="medicine_or_batch"
            )
        if faults:
            raise serializers.ValidationError(faults)
        return attrs


class GiveBackInput(StrictSerializer):
    condition = serializers.ChoiceField(ENDS)
    reason = Text(200, allow_blank=True, default="", help_text="Needed unless it works.")


class DeviceUseShape(serializers.ModelSerializer[DeviceUse]):
    place = serializers.CharField(source="place.code")
    medicine = serializers.CharField(source="batch.medicine.code")
    name = serializers.CharField(source="batch.medicine.generic_name")
    batch = serializers.IntegerField(source="batch_id")
    lot_number = serializers.CharField(source="batch.lot_number")
    recalled = serializers.BooleanField(help_text="To be called back, where it is lent.")

    class Meta:
        model = DeviceUse
        fields = [
            "id", "place", "kind", "medicine", "name", "batch", "lot_number", "register_ref", "started_on",
            "due_on", "recalled", "condition", "reason", "ended_on",
        ]  # fmt: skip


class DeviceUseFilter(django_filters.FilterSet):
    place = django_filters.CharFilter("place__code")
    medicine = django_filters.CharFilter("batch__medicine__code")
    register_ref = django_filters.CharFilter("register_ref")
    open = django_filters.BooleanFilter(method="only_open")
    overdue = django_filters.BooleanFilter(method="only_overdue")
    call_back = django_filters.BooleanFilter(method="only_to_call_back")

    class Meta:
        model = DeviceUse
        fields = ["id", "kind"]

    def only_open(self, rows: QuerySet[DeviceUse], name: str, wanted: bool) -> QuerySet[DeviceUse]:
        return still_out(rows) if wanted else rows.exclude(condition="")

    def only_overdue(self, rows: QuerySet[DeviceUse], name: str, wanted: bool) -> QuerySet[DeviceUse]:
        late = overdue_loans(rows, act_of(self.request).on)
        return late if wanted else rows.exclude(pk__in=late.values("pk"))

    def only_to_call_back(self, rows: QuerySet[DeviceUse], name: str, wanted: bool) -> QuerySet[DeviceUse]:
        called = to_call_back(rows)
        return called if wanted else rows.exclude(pk__in=called.values("pk"))


class DeviceUseList(ScopedList[DeviceUse]):
    """Devices in use and lent, newest first, those that came back included."""

    model = DeviceUse
    serializer_class = DeviceUseShape
    filterset_class = DeviceUseFilter

    def rows(self, access: Access) -> QuerySet[DeviceUse]:
        return device_uses_at(access.places())

    @extend_schema(request=DeviceUseInput, responses={201: DeviceUseShape})
    def post(self, request: Request) -> Response:
        """Keep one device in use at the clinic, or lend it until a day. It is no hand-out: it comes back."""
        fields = valid(DeviceUseInput, request)

        def work(act: Act) -> Done:
            access = access_of(request)
            place = access.place(fields["place"])
            medicine, batch = _device(place, fields)
            loan = Loan(fields["register_ref"], fields["due_on"]) if "due_on" in fields else None
            use = begin_use(act=act, place=place, medicine=medicine, batch=batch, loan=loan)
            return _done(access, use.pk, 201)

        return command(request, work)


class DeviceUseGiveBack(APIView):
    @extend_schema(request=GiveBackInput, responses=DeviceUseShape)
    def post(self, request: Request, pk: int) -> Response:
        """Take a device back: it works and is available again, is broken and held, or is lost.

        What was recalled meanwhile, held here, or is past the last usable day of its label comes back into hold.
        """
        fields = valid(GiveBackInput, request)

        def work(act: Act) -> Done:
            access = access_of(request)
            use = device_use_at(access.places(), pk)
            give_back(act=act, use=use, condition=fields["condition"], reason=fields["reason"])
            return _done(access, pk, 200)

        return command(request, work)


def _device(place: Place, fields: dict[str, Any]) -> tuple[Medicine, Batch | None]:
    if "batch" in fields:
        batch = batch_at(Place.objects.filter(pk=place.pk), fields["batch"], pointer="/batch")
        return batch.medicine, batch
    medicine = Medicine.objects.filter(code=fields["medicine"]).first()
    if medicine is None:
        words = _("The catalogue does not know this.")
        raise Invalid(faults=[Fault("/medicine", "unknown_medicine", words)])
    return medicine, None


def _done(access: Access, pk: int, status: int) -> Done:
    use = device_use_at(access.places(), pk)
    return Done(DeviceUseShape(use).data, f"device use {pk}", status=status)
