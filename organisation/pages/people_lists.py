"""People from a file: the list is looked at first, then its accounts are made, and their slips printed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.pages import Field, Form, FormPage, Page, Reply, spreadsheet_field
from core.pages.forms import KEY
from organisation.models import Role
from organisation.pages.people import scopes
from organisation.people_import import PEOPLE_LIMIT
from organisation.people_lists_api import PeopleFile


def _roles(person: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    whole = gettext("the whole county")
    return [
        f"{Role(role['role']).label} · {names.get(role['place'] or role['township'] or '', whole)}"
        for role in person["roles"]
    ]


class PeopleReadPage(FormPage):
    template = "organisation/people_read.html"
    title = _("People from a file")
    help = _("It is looked at first; no account is made before you say so.")
    button = _("Look at it")
    shape = PeopleFile

    def route(self) -> str:
        return "people/read/"

    def fields(self) -> Sequence[Field]:
        return [spreadsheet_field(_("List of people"))]

    def context(self) -> Mapping[str, Any]:
        return {"is_upload": True, "roles": [role.label for role in Role], "most": PEOPLE_LIMIT}

    def post(self, request: HttpRequest, **ids: Any) -> HttpResponse:
        reply = self.send()
        if not reply.ok:
            return self.again(reply)
        names = scopes(request)
        people = [{**person, "words": _roles(person, names)} for person in reply.data["people"]]
        content = json.dumps({"people": reply.data["people"]}, ensure_ascii=False)
        return self.page(
            template="organisation/people_preview.html", read=reply.data, people=people, content=content,
            key=Form([]).key,
        )  # fmt: skip


class PeopleEnterPage(Page):
    """Accounts of what the preview showed, all of them or none, and a slip for each to be cut off and given away."""

    template = "organisation/account_slips.html"
    title = _("Account slips")
    help = _("Print them now: each first password is shown this once and kept nowhere.")

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            body = json.loads(request.POST.get("content", ""))
        except ValueError:
            body = None
        body = body if isinstance(body, dict) else {}
        reply = self.ask("PUT", "people/", body, key=request.POST.get(KEY, ""))
        if not reply.ok:
            return self._refused(reply)
        names, asked = scopes(request), body["people"]
        made = zip(asked, reply.data["people"], strict=True)
        people = [{**account, "words": _roles(person, names)} for person, account in made]
        return self.page(people=people, address=request.build_absolute_uri("/"))

    def _refused(self, reply: Reply) -> HttpResponse:
        shown = {"title": gettext("People from a file"), "help": gettext("No account was made.")}
        return self.page(
            reply.status,
            "organisation/people_refused.html",
            detail=reply.detail,
            faults=reply.faults,
            **shown,
        )
