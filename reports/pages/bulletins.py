"""Published bulletins as pages: the list, one of them with its downloads, and the page its printed code leads to."""

from __future__ import annotations

import json
import re
from collections import Counter

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import NotFound
from reports.file_names import ENDINGS, stem_of
from reports.files.words import local_moment
from reports.models import Bulletin, BulletinFile
from reports.models.bulletins import edition_number
from reports.names import names_document
from reports.pages.answers import public_page, show
from reports.queries import county_by_code, published, published_edition
from reports.signing import public_keys

SHA256 = re.compile(r"[0-9a-f]{64}")
LISTED = 200
Name = BulletinFile.Name
# Files that are not called by their ending.
CALLED = {
    Name.PACKAGE: gettext_lazy("Description of the CSV (data package, JSON)"),
    Name.ARCHIVE: gettext_lazy("Archive of the campaign (ZIP)"),
    Name.STAMPED: gettext_lazy("Scan of the stamped paper (PDF)"),
}


@public_page
def bulletins_page(request: HttpRequest, code: str) -> HttpResponse:
    """A county's bulletins, the newest first."""
    county = county_by_code(code)
    bulletins = published().filter(county=county)[:LISTED]
    return show("reports/bulletins.html", {"county": county, "bulletins": bulletins})


@public_page
def bulletin_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One bulletin: its days, counts, note of a correction, downloads with their hashes."""
    return _bulletin(published_edition(pk).first())


@public_page
def verify_page(request: HttpRequest, sha256: str = "") -> HttpResponse:
    """Whether a hash is that of a published bulletin or one of its files; the code on paper leads here."""
    typed = "".join((sha256 or request.GET.get("sha256", "")).split()).lower()
    if not typed:
        return show("reports/verify.html")
    if not SHA256.fullmatch(typed):
        fault = _("A SHA-256 value has 64 hexadecimal characters.")
        return show("reports/verify.html", {"typed": typed[:200], "fault": fault}, status=400)
    if not sha256:
        return redirect(f"/verify/{typed}/")
    file = BulletinFile.objects.filter(sha256=typed).defer("content").first()
    bulletin = published().filter(Q(pk=file.bulletin_id) if file else Q(sha256=typed)).first()
    if bulletin is None:
        fault = _(
            "No published bulletin or file has this hash: what you hold was not published here, or was changed."
        )
        return show("reports/verify.html", {"typed": typed, "fault": fault}, status=404)
    return _bulletin(bulletin, verified=file.name if file else "bulletin.json")


@public_page
def names_page(request: HttpRequest, pk: int) -> HttpResponse:
    """爱心名单: who agreed to be named beside a bulletin, and has not withdrawn it."""
    bulletin = published_edition(pk).first()
    if bulletin is None:
        raise NotFound
    document = names_document(bulletin)
    named = Counter(entry["name"] for entry in document["entries"])
    shown = {
        "bulletin": bulletin,
        "county": bulletin.county,
        "names": sorted(named.items()),
        "count": len(document["entries"]),
        "withdrawn": document["withdrawn"],
    }
    return show("reports/names.html", shown)


def _bulletin(bulletin: Bulletin | None, verified: str = "") -> HttpResponse:
    if bulletin is None:
        raise NotFound
    content = json.loads(bytes(bulletin.content or b"{}"))
    note = bulletin.corrected_by  # type: ignore[attr-defined]
    files = {file.name: file for file in BulletinFile.objects.filter(bulletin=bulletin).defer("content")}
    old = published().filter(pk=bulletin.corrects_id).first() if bulletin.corrects_id else None
    previous = published().filter(sha256=content["previous_sha256"]).first()
    signed_by = {bulletin.key_id, *(file.key_id for file in files.values())}
    shown = {
        "bulletin": bulletin,
        "county": bulletin.county,
        "content": content,
        "as_of": local_moment(content["as_of"], bulletin.county.time_zone),
        "verified": verified,
        "newer": note and edition_number(bulletin.county_id, note["year"], note["number"]),
        "old": old,
        "previous": previous,
        "stem": stem_of(bulletin),
        "previous_stem": stem_of(previous) if previous else "",
        "old_stem": stem_of(old) if old else "",
        "keys": [key for key in public_keys() if key["key"] in signed_by],
        "files": [
            {"name": CALLED.get(Name(name)) or ending.upper(), "ending": ending, "sha256": files[name].sha256}
            for name, ending in ENDINGS.items()
            if name in files
        ],
        # In the command that checks it; an archive is checked by itself.
        "checked": [ending for name, ending in ENDINGS.items() if name in files and name != Name.ARCHIVE],
    }
    return show("reports/bulletin.html", shown)
