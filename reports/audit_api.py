"""The audit log over HTTP, the state of its chain, and its checkpoints, whose hashes anybody may keep."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.lists import Listing
from core.models import AuditEntry
from core.ordering import Ordering
from core.paging import CountedPages
from organisation.access import Access, access_of
from organisation.lists import ScopedList
from reports.audit_actions import stored_alike
from reports.audit_queries import audit_checkpoints, audit_entries, chain_state
from reports.models.audit import AuditCheckpoint
from reports.public_api import Public
from reports.serializers import AuditChainShape, AuditShape, CheckpointHashShape


class AuditFilter(django_filters.FilterSet):
    since = django_filters.IsoDateTimeFilter("at", "gte")
    until = django_filters.IsoDateTimeFilter("at", "lt")
    action = django_filters.CharFilter(lookup_expr="icontains")
    action_is = django_filters.CharFilter(
        "action",
        method="called",
        help_text="An action as the log holds it, and all that are called the same.",
    )

    class Meta:
        model = AuditEntry
        fields = ["actor", "result", "code", "command", "subject"]

    def called(self, rows: QuerySet[AuditEntry], _name: str, action: str) -> QuerySet[AuditEntry]:
        return rows.filter(action__in=stored_alike(action))


class AuditList(ScopedList[AuditEntry]):
    """Who did or tried what in the county, newest first, with refusals; pages by cursor."""

    model = AuditEntry
    serializer_class = AuditShape
    filterset_class = AuditFilter
    pagination_class = CountedPages
    orderings = {"at": "number"}

    def rows(self, access: Access) -> QuerySet[AuditEntry]:
        return audit_entries(access.county_id)


class AuditChainView(APIView):
    @extend_schema(responses=AuditChainShape)
    def get(self, request: Request) -> Response:
        """What of the county's log is not sealed yet, and what its last checkpoint and verification say."""
        return Response(AuditChainShape(chain_state(access_of(request).county_id)).data)


class AuditCheckpoints(ScopedList[AuditCheckpoint]):
    """Hash and signature of the daily checkpoints over the audit log, the newest first, as anybody reads them.

    Whoever keeps them can have told later whether the log that they cover was altered (`manage.py verify_audit`).
    What a checkpoint says is of all counties together: whoever runs the installation keeps it.
    """

    model = AuditCheckpoint
    serializer_class = CheckpointHashShape
    filter_backends = (Ordering,)

    def rows(self, access: Access) -> QuerySet[AuditCheckpoint]:
        return audit_checkpoints()


class PublicCheckpoints(Public, Listing[AuditCheckpoint]):
    """Hash and signature of the daily checkpoints over the audit log, the newest first.

    Whoever keeps them can tell later whether a checkpoint was replaced, and with it the log that it covers. What a
    checkpoint says is for whoever runs the installation.
    """

    serializer_class = CheckpointHashShape
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[AuditCheckpoint]:
        return audit_checkpoints()
