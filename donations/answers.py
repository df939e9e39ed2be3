"""What commands of the intake room answer: brief, and without anybody's identity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from catalogue.law_references import basis_words
from core.language import reads_english
from donations.intake import Judgement
from donations.models import Donation, Item
from organisation.models import Place


def donation_answer(
    donation: Donation, judged: Sequence[tuple[Item, Judgement]], elsewhere: Place | None = None
) -> dict[str, Any]:
    """`elsewhere`: the drop-off point at which the donor's work unit hands in, where that is another one."""
    return {
        "id": donation.pk,
        "receipt_code": donation.receipt_code,
        "items": [{"id": item.pk, **judgement_answer(judgement)} for item, judgement in judged],
        "warnings": [wrong_counter(elsewhere)] if elsewhere else [],
    }


def wrong_counter(elsewhere: Place) -> dict[str, Any]:
    where = f"{elsewhere.name} {elsewhere.address}".strip()
    return {
        "code": "wrong_counter",
        "message": _("This work unit hands in at %(where)s.") % {"where": where},
        "place": elsewhere.code,
    }


def judgement_answer(judgement: Judgement) -> dict[str, Any]:
    """The expiry as it was read, and the outcome of screening with every reason; `for_pharmacist` says that it is
    refused for nothing but what a pharmacist may decide otherwise."""
    expiry, screening = judgement.expiry, judgement.screening
    english = reads_english()
    return {
        "expiry": expiry
        and {
            "raw": expiry.raw,
            "last_usable_day": str(expiry.last_usable_day),
            "precision": expiry.precision,
        },
        "screening": {
            "outcome": str(screening.outcome),
            "for_pharmacist": screening.may_be_put_before_a_pharmacist,
            "reasons": [
                {
                    "code": reason.code,
                    "message": reason.message_en if english else reason.message_zh,
                    "basis": basis_words(reason.basis),
                }
                for reason in screening.reasons
            ],
            "flags": [
                {"code": flag.code, "message": flag.message_en if english else flag.message_zh}
                for flag in screening.flags
            ],
        },
    }
