"""What anyone may read without an account: figures, drop-off points, bulletins, where a gift went, verification.

Nothing here names a donor, a recipient or a member of staff.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_cache_control
from django.utils.http import quote_etag
from django.views.decorators.http import condition
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.days import local_day
from core.errors import NotFound
from core.files import FileView, file_response
from core.lists import Listing
from organisation.models import Place
from organisation.queries import policy_of
from reports.clinic_stock import clinic_stock
from reports.content import live_figures
from reports.content_schema import REFERENCE
from reports.errors import FileBeingMade, HashInvalid
from reports.file_names import CONTENT, ENDINGS, NAMES, SEAL, file_name
from reports.file_types import FILE_TYPES
from reports.guesses import traced
from reports.models import Bulletin, BulletinFile, LedgerDay
from reports.names import names_document
from reports.needs import needed_most
from reports.queries import (
    county_by_code,
    current_campaign,
    drop_off_points,
    last_published,
    ledger_days,
    published,
    published_edition,
)
from reports.seal import canonical
from reports.serializers import DropOffPointShape, LedgerDayShape, PublicBulletinShape
from reports.signing import VERIFIER, public_keys, seal_of
from reports.snapshot import snapshot

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
        """The figures of the county's latest bulletin; where policy allows it, live ones and what is needed most.

        `clinic_stock`, by policy too, names what can be handed out `by` townships or clinics, with a level (`some`,
        `few`, `unknown`) and no quantities.
        """
        county = county_by_code(code)
        policy, on = policy_of(county.pk), local_day(county.time_zone)
        with snapshot():
            campaign = current_campaign(county.pk, on)
            bulletin = last_published(county.pk)
            live = live_figures(county, campaign, on) if policy.public_live_figures else None
            needed = needed_most(policy, campaign) if policy.public_needs else None
            stock = clinic_stock(policy, on)
        content = json.loads(bytes(bulletin.content or b"{}")) if bulletin else {}
        return Response(
            {
                "county": {"code": county.pk, "name": county.name},
                "bulletin": PublicBulletinShape(bulletin).data if bulletin else None,
                "as_of": content.get("as_of"),
                "this_period": content.get("this_period"),
                "cumulative": content.get("cumulative"),
                "live": live,
                "needed": needed,
                "clinic_stock": stock,
            }
        )


class DropOffPoints(Public, Listing[Place]):
    """Where medicines may be brought, with opening hours."""

    serializer_class = DropOffPointShape
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[Place]:
        if getattr(self, "swagger_fake_view", False):
            return Place.objects.none()
        return drop_off_points(county_by_code(self.kwargs["code"]))


class PublicBulletins(Public, Listing[Bulletin]):
    """Published bulletins, the newest first."""

    serializer_class = PublicBulletinShape
    filter_backends: list[Any] = []
    parameters = ("county",)

    def get_queryset(self) -> QuerySet[Bulletin]:
        code = self.request.query_params.get("county", "")
        return published().filter(county=county_by_code(code, pointer="/county")) if code else published()

    @extend_schema(parameters=[COUNTY])
    def get(self, request: Request) -> Response:
        return self.list(request)


def _etag(request: HttpRequest, pk: int) -> str | None:
    sha256 = published_edition(pk).values_list("sha256", flat=True).first()
    return quote_etag(sha256) if sha256 else None


class BulletinBytes(Public, APIView):
    @extend_schema(responses={(200, "application/json"): REFERENCE})
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """The sealed bytes of a published bulletin; the ETag is their SHA-256."""
        return _sealed(request._request, pk)


@condition(etag_func=_etag)
def _sealed(request: HttpRequest, pk: int) -> HttpResponse:
    bulletin = _published(pk, with_bytes=True)
    return _named(bulletin, CONTENT, bytes(bulletin.content or b""))


def _published(pk: int, *, with_bytes: bool = False) -> Bulletin:
    """An edition by its public number."""
    editions = published_edition(pk)
    bulletin = (editions.defer(None) if with_bytes else editions).first()
    if bulletin is None:
        raise NotFound
    return bulletin


def _named(bulletin: Bulletin, ending: str, content: bytes) -> HttpResponse:
    """A file under the edition's name; caches may keep it."""
    media_type = FILE_TYPES[ending.rpartition(".")[2]]
    response = file_response(content, media_type, file_name(bulletin, ending))
    del response["Cache-Control"]
    return response


def _public_files(pk: int, name: str) -> QuerySet[BulletinFile]:
    return BulletinFile.objects.filter(bulletin__in=published_edition(pk).order_by().values("pk"), name=name)


def _file_etag(request: HttpRequest, pk: int, name: str) -> str | None:
    sha256 = _public_files(pk, name).values_list("sha256", flat=True).first()
    return quote_etag(sha256) if sha256 else None


@condition(etag_func=_file_etag)
def _file(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    bulletin = _published(pk)
    content = _public_files(pk, name).values_list("content", flat=True).first()
    if content is None:
        raise NotFound if name == BulletinFile.Name.STAMPED else FileBeingMade
    return _named(bulletin, ENDINGS[name], bytes(content))


class FileBytes(Public, FileView):
    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int, name: str) -> HttpResponseBase:
        """A published bulletin as a file, made from its sealed JSON when it was published; the ETag is its SHA-256.

        404 `file_being_made` in the moments after publishing.
        """
        return _file(request._request, pk, name)


class SealView(Public, APIView):
    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> HttpResponse:
        """Hashes and Ed25519 signatures of the bulletin and its files; `verify_bulletin.py` checks them.

        In canonical form, the one in which the program takes it, so that no byte of it can be another.
        """
        bulletin = _published(pk, with_bytes=True)
        return _named(bulletin, SEAL, canonical(seal_of(bulletin)))


class NamesView(Public, APIView):
    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> HttpResponse:
        """爱心名单: the donors who agreed to be named beside this bulletin, each with the salt of its commitment.

        A donor who withdraws the consent disappears from here; the bulletin's hash still verifies.
        """
        bulletin = _published(pk)
        return _named(bulletin, NAMES, canonical(names_document(bulletin)))


class LedgerDays(Public, Listing[LedgerDay]):
    """The daily checkpoints over the county's ledger, the newest first.

    Each holds the hash of the day's movements and of the day before; whoever keeps one can tell later whether a
    booked day was altered.
    """

    serializer_class = LedgerDayShape
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[LedgerDay]:
        if getattr(self, "swagger_fake_view", False):
            return LedgerDay.objects.none()
        return ledger_days(county_by_code(self.kwargs["code"]).pk)


class KeysView(Public, APIView):
    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """The public half of every key that has signed."""
        return Response({"keys": public_keys()})


class VerifierFile(Public, FileView):
    @extend_schema(responses={(200, "text/x-python"): OpenApiTypes.BINARY})
    def get(self, request: Request) -> HttpResponseBase:
        """The program that checks downloaded bulletins by itself, without this service."""
        response = file_response(VERIFIER.read_bytes(), "text/x-python; charset=utf-8", VERIFIER.name)
        del response["Cache-Control"]
        return response


class TraceView(Public, APIView):
    def get(self, request: Request, receipt_code: str) -> Response:
        """Where the medicines of a receipt went: accepted, refused and why, waiting; which clinics had the batches.

        `hand_outs` of a batch are people in steps of five: at least so many; null is fewer than five, 0 nobody yet.

        400 `receipt_code_invalid` if the code is mistyped, 404 if it was never given out; 429 `too_many_guesses` for
        a quarter of an hour after ten of those, unless it was given out.
        """
        answer = traced(receipt_code, request.META)
        return Response(answer, headers={"Cache-Control": "private, no-store"})


class VerifyView(Public, APIView):
    def get(self, request: Request, sha256: str) -> Response:
        """Whether a file with this SHA-256 is a published bulletin, and which; 404 if it is none."""
        if not SHA256.fullmatch(sha256.lower()):
            raise HashInvalid
        file = BulletinFile.objects.filter(sha256=sha256.lower()).defer("content").first()
        named = Q(pk=file.bulletin_id) if file else Q(sha256=sha256.lower())
        bulletin = published().filter(named).first()
        if bulletin is None:
            raise NotFound
        name = file.name if file else "bulletin.json"
        return Response({"published": True, "file": name, "bulletin": PublicBulletinShape(bulletin).data})
