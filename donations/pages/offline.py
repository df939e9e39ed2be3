"""Intake without a network: the page that a device keeps, and the program that keeps it there.

The page is the same for everybody and holds nobody's data, so that it may lie in a browser's store; whose device it
is, and what may be chosen, its script asks the API (donations/intake_kit_api.py). A release is everything the page is
made of, each file with its hash: the browser keeps all of one release or nothing of it.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import translation
from django.utils.translation import gettext as _
from django.views import View

from catalogue.screening import Outcome
from core.pages import Form
from donations.models import UNITS
from donations.pages.intake import CODE_FIELDS, CONTAINERS, ONE_BY_ONE, donor_fields, finding_words
from donations.pages.words import TONES, outcome_words

ADDRESS = "/intake/offline/"
LANGUAGES = {"zh-hans": ADDRESS, "en": f"{ADDRESS}?language=en"}
SHARED = ["core/site.css", "donations/intake.css", "catalogue/finding.js"]
FOLDERS = ["donations/intake", "donations/offline"]
# Not part of the page: the program that keeps it, and what the page with a network has for itself.
APART = {"donations/offline/worker.js", "donations/offline/unsent.js"}
APART |= {"donations/intake/main.js", "donations/intake/registering.js"}


class OfflinePage(View):
    """The page, in the language that its address names."""

    def get(self, request: HttpRequest) -> HttpResponse:
        language = "en" if request.GET.get("language") == "en" else "zh-hans"
        return HttpResponse(page_in(language), headers={"Cache-Control": "no-cache"})


class WorkerScript(View):
    """The program, led by the release that it keeps; its address lies above the pages that it may serve."""

    def get(self, request: HttpRequest) -> HttpResponse:
        script = (
            f"const RELEASE = {json.dumps(release())};\n{_found('donations/offline/worker.js').read_text()}"
        )
        return HttpResponse(
            script, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"}
        )


@cache
def page_in(language: str) -> bytes:
    with translation.override(language):
        fields = donor_fields([], unfit="")
        shown = {
            "title": _("Take in without a network"),
            "form": Form(fields),
            "containers": CONTAINERS.items(),
            "findings": finding_words(),
            "units": UNITS,
            "known": {
                "points": {},
                "outcomes": {str(each): outcome_words(each) for each in Outcome},
                "tones": TONES,
                "one_by_one": ONE_BY_ONE,
                "fields": CODE_FIELDS,
            },
        }
        return render_to_string("donations/offline.html", shown).encode()


@cache
def release() -> dict[str, Any]:
    """Addresses and SHA-256 of all that the page is made of, and a name that changes with any of it."""
    parts = {address: page_in(language) for language, address in LANGUAGES.items()}
    parts |= {static(name): _found(name).read_bytes() for name in sorted([*SHARED, *_files()])}
    hashes = {address: f"sha256-{_base64(content)}" for address, content in parts.items()}
    return {"name": hashlib.sha256(json.dumps(hashes).encode()).hexdigest()[:16], "files": hashes}


def _files() -> list[str]:
    found = (f"{folder}/{path.name}" for folder in FOLDERS for path in _found(folder).iterdir())
    return [name for name in found if name not in APART]


def _found(name: str) -> Path:
    place = finders.find(name)
    if place is None:
        raise FileNotFoundError(name)
    return Path(place)


def _base64(content: bytes) -> str:
    return b64encode(hashlib.sha256(content).digest()).decode()
