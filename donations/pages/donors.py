"""A donor who asks about their own data: found, told what is held, and served in each of their rights.

Names and phones travel in bodies, never in addresses. Every search and every look at who it is stands in the log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.pages import Field, Form, FormPage, Page, Reply
from core.pages.tables import Row
from core.receipt_codes import grouped
from donations.models import Donor
from donations.pages.words import item_line
from donations.serializers import ConsentInput, DonorSearch, EraseInput
from organisation.access import access_of
from organisation.queries import place_names, townships_of

NOT_ASKED = _("not asked")
FORGOTTEN = _("This donor has been forgotten: nothing is held any more by which they could be known.")


def _published(row: Row) -> Any:
    return Donor.Publish(row["publish"]).label if row["publish"] else NOT_ASKED


def _is_forgotten(donor: Row) -> bool:
    """Everybody but the anonymous is registered with a name."""
    return donor["kind"] != Donor.Kind.ANONYMOUS and not donor["name"]


class DonorsPage(FormPage):
    """The search. What it finds stands on the answer itself: an address would hold what was typed."""

    template = "donations/donors.html"
    title = _("Donors' rights")
    help = _(
        "For a donor who asks what is held about them, how they are named in public, to be put right or to be"
        " forgotten. Compare an identity card or the receipt first."
    )
    button = _("Find the donor")
    shape = DonorSearch

    def route(self) -> str:
        return "donors/find/"

    def fields(self) -> Sequence[Field]:
        off = {"autocomplete": "off"}
        return [
            Field("/receipt_code", _("Receipt code"), hints={**off, "maxlength": "40"}),
            Field(
                "/name", pgettext_lazy("person", "Name"), hints={**off, "maxlength": "80"},
                help=_("Exactly as it was given; with a phone, both must fit."),
            ),
            Field("/phone", _("Phone"), "tel", hints={**off, "maxlength": "30"}),
        ]  # fmt: skip

    def post(self, request: HttpRequest, **ids: Any) -> HttpResponse:
        reply = self.send()
        if not reply.ok:
            return self.again(reply)
        found = [
            {
                **row,
                "codes": [grouped(code) for code in row["receipt_codes"]],
                "kind_words": Donor.Kind(row["kind"]).label,
                "publish_words": _published(row),
            }
            for row in reply.data
        ]
        return self.page(
            form=Form(self.fields(), request.POST), button=self.button, found=found, is_asked=True
        )


class DonorPage(Page):
    """All that is held about one donor, which is the copy they may have, and what may be done about it."""

    template = "donations/donor.html"
    title = _("What is held about a donor")
    help = _(
        "It can be printed as the donor's copy. Who it is, is shown here because the donor asks; that you looked"
        " stands in the audit log."
    )

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        reply = self.ask("GET", f"donors/{pk}/export/")
        if not reply.ok:
            return self.refused(reply)
        donor = reply.data
        county = access_of(request).county_id
        places = place_names(county)
        townships = {each.pk: each.name for each in townships_of(county)}
        given = [
            {
                **donation,
                "code": grouped(donation["receipt_code"]),
                "place_name": places.get(donation["place"], donation["place"]),
                "lines": [item_line(item) for item in donation["items"]],
            }
            for donation in donor["donations"]
        ]
        return self.page(
            donor=donor,
            given=given,
            kind=Donor.Kind(donor["kind"]).label,
            township=townships.get(donor["township"], ""),
            publish=_published(donor),
            is_forgotten=_is_forgotten(donor),
        )


class DonorRightPage(FormPage):
    """One right: the page says whose it is, so that it is done for nobody else."""

    template = "donations/donor_right.html"
    does: Sequence[Any] = ()

    def missing(self) -> Reply | None:
        reply = self.ask("GET", f"donors/{self.kwargs['pk']}/export/")
        self.donor = reply.data
        if reply.ok and _is_forgotten(reply.data):
            return Reply(HTTPStatus.CONFLICT, {"detail": str(FORGOTTEN), "errors": []})
        return None if reply.ok else reply

    def again(self, reply: Reply) -> HttpResponse:
        gone = self.missing()
        return self.refused(gone) if gone else super().again(reply)

    def context(self) -> Mapping[str, Any]:
        return {
            "donor": self.donor,
            "kind": Donor.Kind(self.donor["kind"]).label,
            "publish": _published(self.donor),
            "codes": [grouped(donation["receipt_code"]) for donation in self.donor["donations"]],
            "does": self.does,
        }

    def done(self, reply: Reply) -> str:
        return reverse("donor", args=[self.kwargs["pk"]])


class DonorConsentPage(DonorRightPage):
    title = _("How the donor is named in public")
    help = _("Note what the donor says now. A consent may be given, narrowed or withdrawn at any time.")
    button = _("Note it")
    said = _("What the donor said is noted.")
    shape = ConsentInput
    does = (
        _("It counts from this moment, for the roster on the wall and the lists of donors."),
        _("Narrowed or withdrawn, the name leaves every list that was published already, at once."),
        _("A name given back later stands in lists that are published from then on."),
        _("No figure changes."),
    )

    def route(self) -> str:
        return f"donors/{self.kwargs['pk']}/consent/"

    def fields(self) -> Sequence[Field]:
        now = getattr(self, "donor", {}).get("publish") or ""
        options = [("", NOT_ASKED), *Donor.Publish.choices]
        return [Field("/publish", _("Name in public"), "radio", options=options, value=now)]

    def body(self) -> dict[str, Any]:
        return {"publish": self.request.POST.get("/publish") or None}


class DonorErasePage(DonorRightPage):
    title = _("Forget who the donor is")
    help = _("Only where the donor asks for it. It cannot be undone.")
    button = _("Forget who it is")
    said = _("The donor is forgotten. The books keep the goods.")
    shape = EraseInput
    does = (
        _("Name, phone, work unit and township are deleted, and who fetched goods for the donor."),
        _("The name leaves every list of donors that was published."),
        _(
            "The books do not change: the donations stay, given by nobody, and no bulletin changes its figures."
        ),
        _(
            "The donor can no longer be reached in a recall; the receipt code still shows where the goods went."
        ),
    )

    def route(self) -> str:
        return f"donors/{self.kwargs['pk']}/erase/"

    def fields(self) -> Sequence[Field]:
        return [Field("/confirm", _("The donor was told this and still wants it"), "check", required=True)]
