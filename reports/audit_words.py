"""What entries of the audit log are about, and why something was refused, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.utils.translation import pgettext_lazy
from rest_framework.exceptions import APIException

from core.errors import DomainError
from reports.audit_actions import key_of

# What commands say of themselves: a kind and its number.
KINDS: dict[str, Any] = {
    "donation": pgettext_lazy("log", "donation"),
    "donor": pgettext_lazy("log", "donor"),
    "donor return": pgettext_lazy("log", "return to donor"),
    "item": pgettext_lazy("log", "donated line"),
    "roster": pgettext_lazy("log", "roster"),
    "collector of roster": pgettext_lazy("log", "collector of roster"),
    "campaign": pgettext_lazy("log", "campaign"),
    "handover": pgettext_lazy("log", "handover"),
    "sorting": pgettext_lazy("log", "sorting"),
    "batch": pgettext_lazy("log", "batch"),
    "hold": pgettext_lazy("log", "hold"),
    "relabelling": pgettext_lazy("log", "label correction"),
    "opening": pgettext_lazy("log", "opening of boxes"),
    "labels": pgettext_lazy("log", "labels"),
    "recall": pgettext_lazy("log", "recall"),
    "reaction": pgettext_lazy("log", "adverse reaction"),
    "destruction": pgettext_lazy("log", "destruction"),
    "device use": pgettext_lazy("log", "device"),
    "count": pgettext_lazy("log", "count"),
    "kit template": pgettext_lazy("log", "kit template"),
    "kits": pgettext_lazy("log", "kits"),
    "kit": pgettext_lazy("log", "kit"),
    "needs": pgettext_lazy("log", "request"),
    "profile": pgettext_lazy("log", "clinic profile"),
    "population shift": pgettext_lazy("log", "population shift"),
    "plan": pgettext_lazy("log", "plan"),
    "shipment": pgettext_lazy("log", "shipment"),
    "urgent issue": pgettext_lazy("log", "urgent issue"),
    "local use at": pgettext_lazy("log", "local use at"),
    "local use rules": pgettext_lazy("log", "rules of local use"),
    "limits of hand-outs": pgettext_lazy("log", "limits of hand-outs"),
    "interchangeable": pgettext_lazy("log", "interchangeable medicines"),
    "dispensing": pgettext_lazy("log", "hand-out"),
    "spot check": pgettext_lazy("log", "spot check"),
    "bulletin": pgettext_lazy("log", "bulletin"),
    "question": pgettext_lazy("log", "question"),
    "daily form": pgettext_lazy("log", "form of the daily report"),
    "person": pgettext_lazy("log", "person"),
    "people": pgettext_lazy("log", "people"),
    "holiday": pgettext_lazy("log", "holiday"),
    "holidays": pgettext_lazy("log", "holidays"),
    "sign-in": pgettext_lazy("log", "sign-in"),
    "confirmation": pgettext_lazy("log", "confirmation"),
    "deputy": pgettext_lazy("log", "deputy"),
    "place": pgettext_lazy("log", "place"),
    "county": pgettext_lazy("log", "county"),
    "policy": pgettext_lazy("log", "policy"),
    "privacy notice": pgettext_lazy("log", "privacy notice"),
    "record of processing": pgettext_lazy("log", "record of processing"),
    "unit category": pgettext_lazy("log", "category of units"),
    "work unit": pgettext_lazy("log", "work unit"),
    "work units": pgettext_lazy("log", "work units"),
    "product": pgettext_lazy("log", "product"),
    "priorities": pgettext_lazy("log", "priorities"),
}
# How many were written at once, and parts of one thing.
PHRASES = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"(\d+) donors found", pgettext_lazy("log", "%(count)s donors found")),
        (r"(\d+) donations found by donor", pgettext_lazy("log", "%(count)s donations found by donor")),
        (r"(\d+) of (\d+) items", pgettext_lazy("log", "%(count)s of %(all)s lines")),
        (r"(\d+) holds", pgettext_lazy("log", "%(count)s holds")),
        (r"(\d+) holds at (\S+)", pgettext_lazy("log", "%(count)s holds at %(all)s")),
        (r"(\d+) hand-outs from registers", pgettext_lazy("log", "%(count)s hand-outs from registers")),
        (r"(\d+) profiles", pgettext_lazy("log", "%(count)s clinic profiles")),
        (r"(\d+) population shifts", pgettext_lazy("log", "%(count)s population shifts")),
        (r"reservations expired: (\d+)", pgettext_lazy("log", "%(count)s reservations expired")),
        (r"sealed anew: (\d+)", pgettext_lazy("log", "%(count)s values sealed anew")),
        (r"donors anonymised: (\d+)", pgettext_lazy("log", "%(count)s donors anonymised")),
        (r"collectors anonymised: (\d+)", pgettext_lazy("log", "%(count)s collectors of rosters anonymised")),
        (r"expired: (\d+)", pgettext_lazy("log", "%(count)s lots expired")),
        (r"plan (\d+) line (\d+)", pgettext_lazy("log", "plan %(count)s, line %(all)s")),
    )
)
# A refusal names what stands in the address; what that is, its first part says.
OF_ROUTES = {
    "adverse-reactions": "reaction", "batches": "batch", "bulletins": "bulletin", "campaigns": "campaign",
    "clinic-profiles": "profile", "counts": "count", "deputies": "deputy", "destructions": "destruction",
    "device-uses": "device use", "dispensings": "dispensing", "donations": "donation",
    "donor-returns": "donor return", "donors": "donor", "handovers": "handover", "holds": "hold",
    "items": "item", "kit-templates": "kit template", "kits": "kit", "people": "person", "places": "place",
    "holidays": "holiday", "products": "product", "confirmations": "confirmation",
    "plans": "plan", "population-shifts": "population shift", "questions": "question", "recalls": "recall",
    "returns": "shipment", "rosters": "roster", "shipments": "shipment", "sign-ins": "sign-in",
    "sorting-queue": "item", "sortings": "sorting", "spot-checks": "spot check", "urgent-issues": "urgent issue",
}  # fmt: skip
# Codes that several rules share, each with words of its own for who is refused.
SHARED: dict[str, Any] = {
    "password_change_required": pgettext_lazy("log", "The password has to be changed before signing in."),
    "second_person_needed": pgettext_lazy("log", "Another person has to do this."),
    "reason_needed": pgettext_lazy("log", "A reason is needed."),
    "moved_on": pgettext_lazy("log", "The goods have moved on since."),
    "place_code_unfit": pgettext_lazy("log", "The code of a place does not fit its county."),
    "method_not_allowed": pgettext_lazy("log", "This is not done at this address."),
}
_KIND = re.compile(rf"({'|'.join(sorted(KINDS, key=len, reverse=True))})(?: (.+))?")
_ABOUT = re.compile(r"(?:pk|code|place|item) (\S+)(?: .*)?")


def subject_words(subject: str, action: str) -> str:
    """What an entry is about: "捐赠登记 17"; "" where its kind is not known. `action` is as the log holds it."""
    for pattern, words in PHRASES:
        if found := pattern.fullmatch(subject):
            return str(words % dict(zip(("count", "all"), found.groups(), strict=False)))
    if found := _ABOUT.fullmatch(subject):
        kind = OF_ROUTES.get(key_of(action).partition(" ")[2].partition("/")[0], "")
        if kind and "<" in action:
            return f"{KINDS[kind]} {found[1]}"
    parts = [_KIND.fullmatch(part) for part in subject.split(", ")]
    return " · ".join(_named(part) for part in parts if part) if all(parts) else ""


def _named(part: re.Match[str]) -> str:
    return " ".join([str(KINDS[part[1]]), *([part[2]] if part[2] else [])])


def refusal_words(code: str) -> Any:
    """Why something was refused, as its rule says it; "" for a code without words that hold for all its rules."""
    return SHARED.get(code) or _messages().get(code, "")


@cache
def _messages() -> dict[str, Any]:
    """One message by each code: the rules' own, and those of the framework that no rule has replaced."""
    said: dict[str, Any] = {}
    for refusal in _kinds(APIException):
        said[str(refusal.default_code)] = refusal.default_detail
    for refusal in _kinds(DomainError):
        said[refusal.code] = refusal.message
    return said


def _kinds(kind: Any) -> Iterator[Any]:
    for narrower in kind.__subclasses__():
        yield narrower
        yield from _kinds(narrower)
