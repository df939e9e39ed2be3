"""What a pharmacist's decision cannot say of an item, because the label or the count says otherwise."""

from __future__ import annotations

import datetime

from django.utils.translation import gettext as _

from catalogue.models import Medicine
from core.errors import Fault
from core.quantities import is_same_unit
from donations.models import Item
from inventory.errors import ReasonContradicted
from organisation.models import Policy


def check_not_contradicted(
    reason: str,
    usable_until: datetime.date | None,
    *,
    unread: bool,
    policy: Policy,
    on: datetime.date,
    pointer: str,
) -> None:
    """Goods in date are not rejected as expired, nor as too short of life what has the days that are asked for.

    `usable_until` is the last usable day as this decision reads it, or as it was registered where it says nothing or
    what it says is `unread`; without one nothing is certain. Raises ReasonContradicted, which says the day and what
    to do.
    """
    if usable_until is None or reason not in {"expired", "short_life"}:
        return
    asked_for = policy.min_days if reason == "short_life" else 0
    if (usable_until - on).days < asked_for:
        return
    if unread:
        words = _(
            "It was registered as usable until %(day)s, and the expiry entered here cannot be read. Enter it as"
            " printed; if it cannot be read on the label either, choose the reason “No legible expiry”."
        )
    else:
        words = _(
            "By its label it is usable until %(day)s. If the label says otherwise, enter the expiry as printed."
        )
    fault = Fault(f"{pointer}/reason", ReasonContradicted.code, words % {"day": usable_until})
    raise ReasonContradicted(faults=[fault])


def counted_otherwise(item: Item, medicine: Medicine) -> str:
    """What is wrong where the counter, before anybody knew the medicine, counted other units than the catalogue:
    three boxes are not three tablets. Empty where nothing is."""
    if item.medicine or not item.unit or is_same_unit(item.unit, medicine.smallest_unit):
        return ""
    words = _(
        "Counted in %(counted)s, yet this medicine is counted in %(unit)s: correct the donation first, take this"
        " line out and enter it anew in %(unit)s."
    )
    return words % {"counted": item.unit, "unit": medicine.smallest_unit}
