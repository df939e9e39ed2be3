"""What commands of the intake room answer: brief, and without anybody's identity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import get_language

from donations.intake import Judgement
from donations.models import Donation, Item


def donation_answer(donation: Donation, judged: Sequence[tuple[Item, Judgement]]) -> dict[str, Any]:
    return {
        "id": donation.pk,
        "receipt_code": donation.receipt_code,
        "items": [{"id": item.pk, **judgement_answer(judgement)} for item, judgement in judged],
    }


def judgement_answer(judgement: Judgement) -> dict[str, Any]:
    """The expiry as it was read, and the outcome of screening with every reason."""
    expiry, screening = judgement.expiry, judgement.screening
    english = (get_language() or "").startswith("en")
    return {
        "expiry": expiry
        and {
            "raw": expiry.raw,
            "last_usable_day": str(expiry.last_usable_day),
            "precision": expiry.precision,
        },
        "screening": {
            "outcome": str(screening.outcome),
            "reasons": [
                {
                    "code": reason.code,
                    "message": reason.message_en if english else reason.message_zh,
                    "basis": reason.basis,
                }
                for reason in screening.reasons
            ],
            "flags": [
                {"code": flag.code, "message": flag.message_en if english else flag.message_zh}
                for flag in screening.flags
            ],
        },
    }
