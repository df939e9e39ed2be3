"""Fields that several forms of the distribution room have: figures, and a medicine found as one types."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from core.pages import Field
from distribution.pages.words import medicines, written
from organisation.access import access_of
from organisation.queries import place_options

COUNT = {"inputmode": "numeric", "maxlength": "7", "autocomplete": "off"}
LISTED = {"list": "medicines", "maxlength": "120", "autocomplete": "off"}


def clinic_choice(request: HttpRequest, name: str = "place", label: Any = None) -> Field:
    """A list's choice of one of the clinics that the page's roles cover, those that were closed included."""
    clinics = access_of(request).places().filter(hands_out=True).order_by("code")
    return Field(name, label or _("Clinic"), "select", options=[("", _("all")), *place_options(clinics)])


def medicine_choice() -> Field:
    """A list's choice of one medicine; its page gives `medicines` to `distribution/found_by_medicine.html`."""
    return Field("medicine", _("Medicine"), hints={"list": "medicines", "autocomplete": "off"})


class NamesMedicines:
    """A form in which medicines are named in words, with `catalogue/medicine_list.html` in its template."""

    @cached_property
    def known(self) -> dict[str, str]:
        """How each medicine of the catalogue is written, by its code."""
        return written(medicines())

    @cached_property
    def codes(self) -> dict[str, str]:
        return {words: code for code, words in self.known.items()}

    def medicine(self, name: str, code: str = "", **options: Any) -> Field:
        """A field of this name for a medicine, filled with the one of this code."""
        return Field(name, _("Medicine"), value=self.known.get(code, ""), hints=LISTED, **options)

    def code_of(self, words: str) -> str:
        """The code of what was typed; what is no medicine stays for the API to refuse."""
        return self.codes.get(words.strip(), words.strip())
