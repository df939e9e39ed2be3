"""What a pharmacist alone would decide, kept for another to confirm."""

from __future__ import annotations

from collections.abc import Sequence

from core.commands import Act
from inventory.judgement import DecisionDraft
from inventory.models import SortingDecision
from inventory.models.proposals import SortingProposal


def write_proposals(act: Act, lines: Sequence[tuple[SortingDecision, DecisionDraft]]) -> None:
    """Keep what is proposed for units left in doubt, with the decision that leaves them so."""
    SortingProposal.objects.bulk_create(
        [
            SortingProposal(
                county_id=act.county_id,
                decision=row,
                outcome=draft.proposed,
                medicine=draft.medicine,
                product=draft.product,
                lot_number=draft.lot_number,
                expiry=draft.expiry,
                pack=draft.pack,
                container=draft.container,
                findings=list(draft.findings),
                reason=draft.reason,
                checklist=dict(draft.checklist),
                proposed_by=act.actor_id,
            )
            for row, draft in lines
            if draft.proposed
        ]
    )
