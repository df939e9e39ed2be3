"""Whether the program lives, whether it can serve, and the figures by which somebody watches it.

`health/live/` says that the process answers, and asks nobody; `health/` that it can do its work: the database answers
and has all the tables that this program knows. A proxy sends requests by the second, a supervisor restarts by the
first: a process is not restarted because the database is away.
"""

from __future__ import annotations

from functools import cache

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema, inline_serializer
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.figures_of_operation import operation
from config.observing import registry_of_all_workers
from core.replica import is_usable, lag_seconds
from reports.public_api import Public

NOT_STORED = {"Cache-Control": "no-store"}
APPLIED = "SELECT app, name FROM django_migrations"
Live = inline_serializer("Live", {"status": serializers.CharField()})
Health = inline_serializer(
    "Health", {name: serializers.CharField() for name in ("status", "database", "tables", "replica")}
)


class LiveView(Public, APIView):
    @extend_schema(responses=Live)
    def get(self, request: Request) -> Response:
        """The process answers; nothing else is asked."""
        return Response({"status": "ok"}, headers=NOT_STORED)


class HealthView(Public, APIView):
    @extend_schema(responses={200: Health, 503: Health})
    def get(self, request: Request) -> Response:
        """The program can serve: its database answers and has its tables; 503 if not."""
        with connection.cursor() as cursor:
            cursor.execute(APPLIED)
            applied = set(cursor.fetchall())
        behind = not last_steps() <= applied
        state = "behind" if behind else "ok"
        told = {"status": state, "database": "ok", "tables": state, "replica": _replica()}
        return Response(told, status=503 if behind else 200, headers=NOT_STORED)


def _replica() -> str:
    """Without it, or while it lags, the primary serves all: no reason to be called ill."""
    if lag_seconds() is None:
        return "none"
    return "serving" if is_usable() else "behind"


@cache
def last_steps() -> frozenset[tuple[str, str]]:
    """The last migration of each room that this program brings; a newer one in the database is no hindrance."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


class MetricsView(APIView):
    @extend_schema(responses={(200, "text/plain"): str})
    def get(self, request: Request) -> HttpResponse:
        """Figures for Prometheus: requests of all workers, and the state of log, backups and replica.

        Only for who shows `APP_METRICS_TOKEN` (`Authorization: Bearer …`).
        """
        content = generate_latest(registry_of_all_workers()) + generate_latest(operation())
        return HttpResponse(content, content_type=CONTENT_TYPE_LATEST, headers=NOT_STORED)
