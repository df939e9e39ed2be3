"""Steps of two persons that both may take on one device: the second one signs with a PIN."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from organisation.pages.pins import CoSignPage


class DestructionCoSignPage(CoSignPage):
    title = _("Confirm a destruction as the witness")
    about = "destructions/{pk}/"
    while_it_is = {"state": {"proposed"}}
    step, after = "destructions/{pk}/confirm/", "destruction"


class CountCoSignPage(CoSignPage):
    title = _("Approve a count as the second person")
    about = "counts/{pk}/"
    while_it_is = {"state": {"finished"}}
    step, after = "counts/{pk}/approve/", "count"
