"""What a county asks for, and what it needs most where its policy lets anyone read that: names, no quantities."""

from __future__ import annotations

from dataclasses import dataclass, field

from catalogue.models import Medicine
from core.language import in_language
from donations.models import Campaign
from inventory.models import Priority
from organisation.models import Policy

TOLD, EXAMPLES = 10, 4
# What stands in no category of its own is refused one by one; as a category it tells nobody anything.
UNTOLD = "other"


@dataclass
class Asked:
    """Categories by what the counter does with their medicines: takes them (with examples), shows them to a
    pharmacist first, or does not collect them."""

    taken: dict[str, list[str]] = field(default_factory=dict)
    looked_at: list[str] = field(default_factory=list)
    not_collected: list[str] = field(default_factory=list)


def asked_for(campaign: Campaign | None) -> Asked:
    """What the campaign asks for, in the order of the programme's list."""
    scope = set(campaign.categories) if campaign else set()
    examples: dict[str, dict[str, None]] = {}
    found: dict[str, set[str]] = {}
    rows = Medicine.objects.exclude(category=UNTOLD).order_by("code")
    for category, default, name, inn in rows.values_list(
        "category", "donation_default", "generic_name", "inn"
    ):
        found.setdefault(category, set()).add(default)
        if default == Medicine.Default.ACCEPT:
            examples.setdefault(category, {})[in_language(name, inn or name)] = None
    asked = Asked()
    for category, defaults in found.items():
        if scope and category not in scope:
            asked.not_collected.append(category)
        elif Medicine.Default.ACCEPT in defaults:
            asked.taken[category] = list(examples[category])[:EXAMPLES]
        elif Medicine.Default.REVIEW in defaults:
            asked.looked_at.append(category)
        else:
            asked.not_collected.append(category)
    return asked


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
