"""Who answers to the public for a notice: without a contact and a supervision phone none is signed.

公示 names both (notices of GB/T 9704-2012 and the programme's rule); the objection period always has a value. The
internal report by unit is not public and names nobody.
"""

from __future__ import annotations

from core.errors import DomainError
from donations.queries import answering_for
from organisation.queries import policy_of
from reports.errors import ContactMissing, SupervisionPhoneMissing
from reports.models import Bulletin

REFUSALS: dict[str, type[DomainError]] = {
    "contact": ContactMissing,
    "supervision_phone": SupervisionPhoneMissing,
}


def lacking(bulletin: Bulletin) -> list[DomainError]:
    """What has to be set before the bulletin can be signed; nothing of what is signed, withdrawn or internal."""
    if bulletin.state not in Bulletin.OPEN or not bulletin.public:
        return []
    answering = answering_for(bulletin.campaign, policy_of(bulletin.county_id))
    return [refusal() for setting, refusal in REFUSALS.items() if not answering[setting]]
