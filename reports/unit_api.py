"""The report by unit over HTTP, the files of one's own county, drafts on paper, and the scan of the stamped paper."""

from __future__ import annotations

import hashlib

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import StrictSerializer, act_of, command, valid
from core.commands import Act, Done
from core.errors import NotFound
from core.files import FileView, UploadParser, file_response
from organisation.access import access_of
from reports.editions import preview
from reports.errors import FileBeingMade
from reports.file_names import ENDINGS, file_name
from reports.file_types import FILE_TYPES
from reports.files.notice import notice_bytes
from reports.files.unit_notice import unit_notice_bytes
from reports.models import Bulletin, BulletinFile
from reports.queries import bulletin_of, campaign_of
from reports.seal import canonical
from reports.serializers import BulletinInput, BulletinShape
from reports.services import draft_bulletin
from reports.signing import seal_of
from reports.snapshot import snapshot
from reports.stamped import attach_scan

JSON, SEAL = "bulletin.json", "bulletin.seal.json"
OWN_ENDINGS = {JSON: "json", SEAL: "seal.json"}


class UnitReports(APIView):
    @extend_schema(request=BulletinInput, responses={201: BulletinShape})
    def post(self, request: Request) -> Response:
        """Draft the internal report by unit (通报) of a period; it is submitted, signed, corrected like a bulletin.

        Its periods follow each other as those of the public bulletins do, and its numbers are its own. It is never
        public.
        """
        fields = valid(BulletinInput, request)

        def work(act: Act) -> Done:
            campaign = campaign_of(act.county_id, fields["campaign"])
            given = {**fields, "campaign": campaign, "kind": Bulletin.Kind.UNITS}
            drafted = draft_bulletin(act=act, **given)
            return Done(dict(BulletinShape(drafted).data), f"bulletin {drafted.pk}", 201)

        return command(request, work)


class BulletinFiles(FileView):
    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int, name: str) -> HttpResponse:
        """A signed edition of one's own county as a file, the internal ones too.

        `name` is bulletin.json (the sealed bytes), bulletin.seal.json, bulletin.pdf, bulletin.xlsx, bulletin.csv,
        datapackage.json or stamped.pdf. 404 `file_being_made` in the moments after signing.
        """
        bulletin = bulletin_of(access_of(request).county_id, pk)
        if bulletin.state != Bulletin.State.PUBLISHED:
            raise NotFound
        content = _bytes(bulletin, name)
        ending = OWN_ENDINGS.get(name) or ENDINGS[name]
        return file_response(content, FILE_TYPES[ending.rpartition(".")[2]], file_name(bulletin, ending))


class BulletinDraft(FileView):
    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """What is not signed yet as the paper it would become, with 草稿 on every page.

        It bears no number and no hash, and is kept nowhere. 404 once it is signed or given up.
        """
        with snapshot():
            bulletin = bulletin_of(access_of(request).county_id, pk)
            if bulletin.state not in (Bulletin.State.DRAFT, Bulletin.State.SUBMITTED):
                raise NotFound
            content = preview(bulletin, at=act_of(request).at)
        drawn = notice_bytes(content, "", "") if bulletin.public else unit_notice_bytes(content, "")
        return file_response(drawn, FILE_TYPES["pdf"], f"draft-{pk}.pdf")


class ScanUpload(StrictSerializer):
    file = serializers.FileField(allow_empty_file=True, max_length=255)


class ScanParser(UploadParser):
    limit = 20_000_000


class StampedScan(APIView):
    parser_classes = [ScanParser]

    @extend_schema(request={"multipart/form-data": ScanUpload}, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request, pk: int) -> Response:
        """Attach the scan of the stamped paper (PDF) to a signed edition, once; it gets a hash and a signature."""
        content = valid(ScanUpload, request)["file"].read()

        def work(act: Act) -> Done:
            bulletin = bulletin_of(act.county_id, pk)
            kept = attach_scan(act=act, bulletin=bulletin, content=content)
            answer = {"id": pk, "name": kept.name, "sha256": kept.sha256}
            return Done(answer, f"bulletin {pk}", 201)

        return command(request, work, body=hashlib.sha256(content).hexdigest())


def _bytes(bulletin: Bulletin, name: str) -> bytes:
    if name == JSON:
        return bytes(bulletin.content or b"")
    if name == SEAL:
        return canonical(seal_of(bulletin))
    if name not in BulletinFile.Name.values:
        raise NotFound
    kept = BulletinFile.objects.filter(bulletin=bulletin, name=name).first()
    if kept is None:
        raise FileBeingMade
    return bytes(kept.content)
