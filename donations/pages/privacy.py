"""The county's privacy notice: what it says now, and the administrator's form for words of the county's own."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.pages import Field, FormPage, Page, Reply
from donations.models.notices import NOTICE_LENGTH
from donations.privacy_api import NoticeInput

HELP = _(
    "What donors are told of their data (个人信息保护法 art. 17). It stands on a public page, at the counter and on"
    " every receipt in short with the page's address."
)


class PrivacyNoticePage(Page):
    template = "donations/privacy.html"
    title = _("Privacy notice")
    help = HELP

    def get(self, request: HttpRequest) -> HttpResponse:
        reply = self.ask("GET", "privacy-notice/")
        may_write = request.may_open(reverse("privacy-notice-set"))  # type: ignore[attr-defined]
        return self.page(notice=reply.data, may_write=may_write)


class PrivacyNoticeSetPage(FormPage):
    title = _("Privacy notice in the county's own words")
    help = _(
        "It must say who handles the data, what for, which, for how long, and what donors may ask. Without a text the"
        " programme's own notice holds."
    )
    button = _("Save")
    said = _("The privacy notice is changed.")
    shape = NoticeInput
    method = "PUT"

    def route(self) -> str:
        return "privacy-notice/"

    def fields(self) -> Sequence[Field]:
        notice = self.ask("GET", "privacy-notice/").data
        most = {"maxlength": str(NOTICE_LENGTH)}
        return [
            Field(
                "/text", _("Notice"), "area", value=notice["text"], hints=most,
                help=_("A line for each paragraph. Empty: the programme's own notice."),
            ),
            Field(
                "/text_en", _("The same in English"), "area", value=notice["text_en"], hints=most,
                help=_("Empty: readers of English see the text above."),
            ),
            Field("/number", "", "hidden", value=notice["number"]),
        ]  # fmt: skip

    def done(self, reply: Reply) -> str:
        return reverse("privacy-notice")
