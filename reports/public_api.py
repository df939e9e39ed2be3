"""What anyone may read without an account: figures, drop-off points, bulletins, where a gift went, verification.

Nothing here names a donor, a recipient or a member of staff.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_cache_control
from django.utils.http import quote_etag
from django.views.decorators.http import condition
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.days import local_day
from core.errors import NotFound
from organisation.models import County, Place
from organisation.queries import policy_of
from reports.content import live_figures
from reports.errors import HashInvalid
from reports.models import Bulletin
from reports.queries import county_by_code, current_campaign, drop_off_points, last_published, published
from reports.serializers import DropOffPointShape, PublicBulletinShape
from reports.snapshot import snapshot
from reports.trace import trace

CACHED_SECONDS = 60
SHA256 = re.compile(r"[0-9a-f]{64}")
COUNTY = OpenApiParameter("county", description="Code of the county.")


class Public:
    """No sign-in is asked for, and one that is sent along is not looked at."""

    authentication_classes: Sequence[type[BaseAuthentication]] = []

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        if request.method == "GET" and answer.status_code == 200 and not answer.has_header("Cache-Control"):
            patch_cache_control(answer, public=True, max_age=CACHED_SECONDS)
        return answer


class SummaryView(Public, APIView):
    def get(self, request: Request, code: str) -> Response:
        """The figures of the county's latest bulletin; live ones only where the county's policy allows it."""
        county = county_by_code(code)
        with snapshot():
            bulletin = last_published(county.pk)
            live = _live(county) if policy_of(county.pk).public_live_figures else None
        content = json.loads(bytes(bulletin.content or b"{}")) if bulletin else {}
        return Response(
            {
                "county": {"code": county.pk, "name": county.name},
                "bulletin": PublicBulletinShape(bulletin).data if bulletin else None,
                "as_of": content.get("as_of"),
                "this_period": content.get("this_period"),
                "cumulative": content.get("cumulative"),
                "live": live,
            }
        )


def _live(county: County) -> dict[str, Any] | None:
    on = local_day(county.time_zone)
    return live_figures(county, current_campaign(county.pk, on), on)


class DropOffPoints(Public, ListAPIView[Place]):
    """Where medicines may be brought, with opening hours."""

    serializer_class = DropOffPointShape
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[Place]:
        if getattr(self, "swagger_fake_view", False):
            return Place.objects.none()
        return drop_off_points(county_by_code(self.kwargs["code"]))


class PublicBulletins(Public, ListAPIView[Bulletin]):
    """Published bulletins, the newest first."""

    serializer_class = PublicBulletinShape
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[Bulletin]:
        code = self.request.query_params.get("county", "")
        return published().filter(county=county_by_code(code, pointer="/county")) if code else published()

    @extend_schema(parameters=[COUNTY])
    def get(self, request: Request) -> Response:
        return self.list(request)


def _etag(request: HttpRequest, pk: int) -> str | None:
    sha256 = published().filter(pk=pk).values_list("sha256", flat=True).first()
    return quote_etag(sha256) if sha256 else None


class BulletinBytes(Public, APIView):
    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """The sealed bytes of a published bulletin; the ETag is their SHA-256."""
        return _sealed(request._request, pk)


@condition(etag_func=_etag)
def _sealed(request: HttpRequest, pk: int) -> HttpResponse:
    content = published().filter(pk=pk).values_list("content", flat=True).first()
    if content is None:
        raise NotFound
    return HttpResponse(bytes(content), content_type="application/json; charset=utf-8")


class TraceView(Public, APIView):
    def get(self, request: Request, receipt_code: str) -> Response:
        """Where the medicines of a receipt went: accepted, refused and why, waiting; which clinics had the batches.

        400 `receipt_code_invalid` if the code is mistyped, 404 if it was never given out.
        """
        with snapshot():
            answer = trace(receipt_code)
        return Response(answer, headers={"Cache-Control": "private, no-store"})


class VerifyView(Public, APIView):
    def get(self, request: Request, sha256: str) -> Response:
        """Whether a file with this SHA-256 is a published bulletin, and which; 404 if it is none."""
        if not SHA256.fullmatch(sha256.lower()):
            raise HashInvalid
        bulletin = published().filter(sha256=sha256.lower()).first()
        if bulletin is None:
            raise NotFound
        return Response({"published": True, "bulletin": PublicBulletinShape(bulletin).data})


class HealthView(Public, APIView):
    def get(self, request: Request) -> Response:
        """The program answers, and so does its database; 503 if that does not."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return Response({"status": "ok", "database": "ok"}, headers={"Cache-Control": "no-store"})
