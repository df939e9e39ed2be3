"""The second pharmacist's word on what somebody alone at their place proposed, from photos."""

from __future__ import annotations

from catalogue.errors import ProductRetired
from catalogue.queries import known_products, open_recalls
from core.commands import Act
from donations.errors import NotAPharmacy
from donations.known import known_of_items
from donations.models import Custody, Item, ItemHoldings, ItemPhoto
from inventory.errors import (
    AlreadyConfirmed,
    DoubtMovedOn,
    NothingToConfirm,
    OwnProposal,
    OwnRegistration,
    PhotoNeeded,
)
from inventory.judgement import DecisionDraft, Grounds, judge_decision
from inventory.models import SortingDecision
from inventory.models.proposals import SortingProposal
from inventory.queries.proposals import awaiting_confirmation, proposal_with
from inventory.services.sorting import decided_alone, write_judged
from organisation.models import Policy


def confirm_sorting(*, act: Act, policy: Policy, decision: int) -> SortingDecision:
    """Carry out what a colleague proposed with this decision, judged anew by today's rules and recalls.

    Answers the decision made, which is the confirmer's. Refused: NothingToConfirm, OwnProposal, AlreadyConfirmed,
    PhotoNeeded, DoubtMovedOn, OwnRegistration, ProductRetired, and whatever refuses such a
    decision at the sorting table.
    """
    proposal = proposal_with(act.county_id, decision)
    if proposal is None:
        raise NothingToConfirm
    item = _locked_item(proposal)
    proposal.refresh_from_db(fields=["confirmed_by"])
    _check_second_person(act, proposal, item)
    if not ItemPhoto.objects.filter(county_id=act.county_id, item=item).exists():
        raise PhotoNeeded
    if not awaiting_confirmation(act.county_id).filter(pk=proposal.pk).exists():
        raise DoubtMovedOn
    made = _carry_out(act, policy, proposal, item)
    proposal.confirmed_by, proposal.confirmed_on, proposal.into = act.actor_id, act.on, made
    proposal.save(update_fields=["confirmed_by", "confirmed_on", "into"])
    return made


def _locked_item(proposal: SortingProposal) -> Item:
    """The item with what its screening needs; nobody else decides on it until the command ends."""
    pk = SortingDecision.objects.values_list("item_id", flat=True).get(pk=proposal.decision_id)
    ItemHoldings.objects.select_for_update().get(item_id=pk)
    return Item.objects.select_related("medicine", "donation__campaign", "holdings__place").get(pk=pk)


def _check_second_person(act: Act, proposal: SortingProposal, item: Item) -> None:
    if proposal.confirmed_by is not None:
        raise AlreadyConfirmed
    if proposal.proposed_by == act.actor_id:
        raise OwnProposal
    if decided_alone(act, [item]):
        raise OwnRegistration


def _carry_out(act: Act, policy: Policy, proposal: SortingProposal, item: Item) -> SortingDecision:
    place = item.holdings.place
    if not place.sorts:
        raise NotAPharmacy
    if proposal.product_id and not known_products(act.county_id).filter(pk=proposal.product_id).exists():
        raise ProductRetired
    known = known_of_items(act.county_id, [item])[item.pk]
    grounds = Grounds(policy, act.on, open_recalls(act.county_id), known)
    judged = judge_decision(item, _draft(proposal), grounds)
    return write_judged(act, item_id=item.pk, place_id=place.pk, source=Custody.IN_DOUBT, judged=judged)


def _draft(proposal: SortingProposal) -> DecisionDraft:
    return DecisionDraft(
        outcome=proposal.outcome,
        quantity=proposal.decision.quantity,
        medicine=proposal.medicine,
        product=proposal.product,
        lot_number=proposal.lot_number,
        expiry=proposal.expiry,
        pack=proposal.pack,
        container=proposal.container,
        findings=proposal.findings,
        reason=proposal.reason,
        checklist=proposal.checklist,
    )
