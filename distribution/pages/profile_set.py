"""The form for the figures of one clinic; the list and the table from a file stand in `distribution.pages.served`."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import quote

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.api import act_of
from core.headings import heading
from core.pages import Field, FormPage, Reply, not_there
from distribution.models import ClinicProfile
from distribution.pages.fields import COUNT
from distribution.serializers.needs import HEAD_COUNTS, ProfileInput
from organisation.access import access_of
from organisation.queries import place_options


class ProfileSetPage(FormPage):
    """The figures of one clinic: of the one in the address, filled with what is known, or of one to be chosen."""

    title = _("Who a clinic serves")
    help = _(
        "People as last counted, with the day. What is left empty counts as nobody; the next plan reckons with it."
    )
    button = _("Write it down")
    said = _("It is written down; plans drafted from now on reckon with it.")
    shape = ProfileInput
    method = "PUT"

    def route(self) -> str:
        return f"clinic-profiles/{quote(self.request.POST['place'], safe='')}/"

    def fields(self) -> Sequence[Field]:
        chosen = self.request.POST.get("place") or self.request.GET.get("place", "")
        reply = self.ask("GET", f"clinic-profiles/{quote(chosen, safe='')}/") if chosen else not_there()
        known = reply.data if reply.ok else {}
        return [
            Field("place", _("Clinic"), "select", options=self._clinics(chosen), required=True, value=chosen),
            *(Field(f"/{name}", heading(name), value=known.get(name, ""), hints=COUNT)
              for name in (*HEAD_COUNTS, "travel_minutes")),
            Field("/data_date", heading("data_date"), "date", required=True,
                  value=known.get("data_date", act_of(self.request).on.isoformat())),
            Field("/version", "", "hidden", value=known.get("version", "")),
        ]  # fmt: skip

    def _clinics(self, chosen: str) -> list[tuple[str, str]]:
        """The one that is changed, or those of which nothing is known: else figures would be lost unseen."""
        access = access_of(self.request)
        clinics = access.places().filter(hands_out=True, active=True).order_by("code")
        if chosen:
            return place_options(clinics.filter(code=chosen))
        known = ClinicProfile.objects.filter(county_id=access.county_id)
        return [("", "—"), *place_options(clinics.exclude(pk__in=known.values("place")))]

    def send(self) -> Reply:
        if self.request.POST.get("place"):
            return super().send()
        fault = {"pointer": "place", "code": "required", "message": gettext("Needed here.")}
        return Reply(HTTPStatus.BAD_REQUEST, {"detail": gettext("Choose the clinic."), "errors": [fault]})

    def done(self, reply: Reply) -> str:
        return reverse("profiles")
