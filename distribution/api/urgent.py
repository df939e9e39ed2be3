"""Urgent issues over HTTP."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalogue.queries import medicines_by_code
from core.api import StrictSerializer, command, valid
from core.commands import Act, Done
from core.errors import Fault, Invalid
from core.fields import Quantity, Text
from distribution.models.urgent import UrgentIssue
from distribution.serializers.fields import Number, code
from distribution.services.urgent import Agreement, Wanted, countersign, issue_urgently
from distribution.urgent_issues import not_countersigned, overdue, urgent_issue_of, urgent_issues_of
from organisation.access import Access, access_of
from organisation.lists import ScopedList
from organisation.queries import place_by_code


class UrgentLine(StrictSerializer):
    """Units of a medicine, first to expire first, or of one batch."""

    medicine = serializers.CharField(max_length=12, required=False)
    batch = Number(required=False)
    quantity = Quantity()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("medicine" in attrs) == ("batch" in attrs):
            raise serializers.ValidationError(_("Name a medicine or a batch."), code="medicine_or_batch")
        return attrs


class UrgentInput(StrictSerializer):
    from_place = code()
    to_place = code()
    agreed_by = Text(60)
    agreed_at = serializers.DateTimeField()
    reason = Text(200)
    lines = serializers.ListField(child=UrgentLine(), allow_empty=False, max_length=200)


class UrgentShape(serializers.ModelSerializer[UrgentIssue]):
    from_place = serializers.CharField(source="shipment.from_place.code")
    to_place = serializers.CharField(source="shipment.to_place.code")
    shipment = serializers.IntegerField(source="shipment_id")
    status = serializers.CharField(source="shipment.state")
    due_at = serializers.DateTimeField()
    overdue = serializers.SerializerMethodField()

    class Meta:
        model = UrgentIssue
        fields = [
            "id", "shipment", "from_place", "to_place", "status", "agreed_by", "agreed_at", "reason", "issued_by",
            "issued_at", "due_at", "countersigned_by", "countersigned_at", "overdue",
        ]  # fmt: skip

    def get_overdue(self, issue: UrgentIssue) -> bool:
        """Whether the countersignature is late: missing after its time, or put after it."""
        return (issue.countersigned_at or timezone.now()) > issue.due_at


class UrgentFilter(django_filters.FilterSet):
    from_place = django_filters.CharFilter("shipment__from_place__code")
    to_place = django_filters.CharFilter("shipment__to_place__code")
    open = django_filters.BooleanFilter(method="waiting", label=_("not countersigned"))
    overdue = django_filters.BooleanFilter(method="late", label=_("not countersigned in time"))

    class Meta:
        model = UrgentIssue
        fields = ["id"]

    def waiting(self, issues: QuerySet[UrgentIssue], name: str, wanted: bool) -> QuerySet[UrgentIssue]:
        return not_countersigned(issues) if wanted else issues.exclude(countersigned_at__isnull=True)

    def late(self, issues: QuerySet[UrgentIssue], name: str, wanted: bool) -> QuerySet[UrgentIssue]:
        late = overdue(issues, timezone.now())
        return late if wanted else issues.exclude(pk__in=late.order_by().values("pk"))


class UrgentList(ScopedList[UrgentIssue]):
    model = UrgentIssue
    serializer_class = UrgentShape
    filterset_class = UrgentFilter

    def rows(self, access: Access) -> QuerySet[UrgentIssue]:
        return urgent_issues_of(access.places())

    @extend_schema(request=UrgentInput, responses={201: UrgentShape})
    def post(self, request: Request) -> Response:
        """Send goods at once from a store to a clinic, naming the leader who agreed and when (紧急调拨).

        At most as much of a medicine in a day as the county lets go without a plan. An approver, as another person,
        countersigns within 24 hours.
        """
        fields = valid(UrgentInput, request)

        def work(act: Act) -> Done:
            access = access_of(request)
            issue = issue_urgently(
                act=act,
                from_place=access.place(fields["from_place"], pointer="/from_place"),
                to_place=place_by_code(act.county_id, fields["to_place"], pointer="/to_place"),
                wanted=_wanted(fields["lines"]),
                agreement=Agreement(fields["agreed_by"], fields["agreed_at"], fields["reason"]),
            )
            return Done(
                UrgentShape(urgent_issue_of(access.places(), issue.pk)).data, f"urgent issue {issue.pk}"
            )

        return command(request, work)


class UrgentCountersign(APIView):
    @extend_schema(request=None, responses=UrgentShape)
    def post(self, request: Request, pk: int) -> Response:
        """Countersign as an approver, and as another person than who sent the goods."""

        def work(act: Act) -> Done:
            issue = countersign(act=act, issue=urgent_issue_of(access_of(request).places(), pk))
            return Done(UrgentShape(issue).data, f"urgent issue {pk}", 200)

        return command(request, work)


def _wanted(lines: list[dict[str, Any]]) -> list[Wanted]:
    medicines = medicines_by_code(line["medicine"] for line in lines if "medicine" in line)
    seen: set[tuple[str, Any]] = set()
    wanted, faults = [], []
    for index, line in enumerate(lines):
        kind = "medicine" if "medicine" in line else "batch"
        pointer, medicine = f"/lines/{index}", medicines.get(line.get("medicine", ""))
        if kind == "medicine" and medicine is None:
            faults.append(
                Fault(f"{pointer}/medicine", "unknown_medicine", _("The catalogue does not know this."))
            )
        if (kind, line[kind]) in seen:
            faults.append(Fault(f"{pointer}/{kind}", "named_twice", _("This is named twice.")))
        seen.add((kind, line[kind]))
        wanted.append(Wanted(line["quantity"], medicine.pk if medicine else None, line.get("batch"), pointer))
    if faults:
        raise Invalid(faults=faults)
    return wanted
