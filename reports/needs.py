"""What a county needs most, as anyone may read it where the county's policy allows: names, no quantities."""

from __future__ import annotations

from catalogue.models import Medicine
from donations.models import Campaign
from inventory.models import Priority
from organisation.models import Policy

TOLD = 10


def needed_most(policy: Policy, campaign: Campaign | None) -> list[str]:
    """Generic names of the medicines whose stock covers least of the need, the least covered first.

    Only what the counter takes and the campaign asks for; nothing where the policy does not allow it.
    """
    if not policy.public_needs:
        return []
    ranked = Priority.objects.filter(
        county=policy.county_id, medicine__donation_default=Medicine.Default.ACCEPT
    ).order_by("rank", "medicine__code")
    if campaign and campaign.categories:
        ranked = ranked.filter(medicine__category__in=campaign.categories)
    names = ranked.values_list("medicine__generic_name", flat=True)[: 4 * TOLD]
    return list(dict.fromkeys(names))[:TOLD]
