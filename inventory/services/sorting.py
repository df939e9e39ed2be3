"""At the sorting table: a pharmacist decides on every unit of an item, and may take it back the same day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalogue.queries import medicines_by_code, open_recalls
from catalogue.recalls import OpenRecalls
from core.commands import Act
from core.errors import DomainError, Fault, Invalid, NotFound
from core.inserts import insert_linked
from donations.custody import Step, custody_entry, write_custody
from donations.errors import NotAPharmacy
from donations.intake import Known
from donations.known import known_of_items
from donations.models import Custody, CustodyEntry, CustodyKind, Item, ItemHoldings
from inventory.checklist import CHECKLIST_VERSION
from inventory.errors import (
    AlreadyReversed,
    DecisionsDoNotAddUp,
    MovedOn,
    NothingToReverse,
    NotToday,
    NotToSort,
    OwnRegistration,
    ShortStock,
)
from inventory.judgement import DecisionDraft, Judged, judge_decision, screening_record
from inventory.ledger import Entry, Shelf, post
from inventory.models import Kind, Movement, Side, SortingDecision, State
from inventory.queries.sorting import decides_alone, items_to_sort
from inventory.services.batches import Label, find_or_make_batches
from inventory.services.proposing import write_proposals
from organisation.models import Place, Policy

Outcome = SortingDecision.Outcome
DOCUMENT = "sorting"

# What a decision writes into the custody journal; units in doubt that stay in doubt need no entry.
STEPS = {
    (Custody.COUNTED, Outcome.ACCEPT): (CustodyKind.ACCEPTED, Custody.ACCEPTED),
    (Custody.COUNTED, Outcome.REJECT): (CustodyKind.REJECTED, Custody.IN_BIN),
    (Custody.COUNTED, Outcome.HOLD): (CustodyKind.IN_DOUBT, Custody.IN_DOUBT),
    (Custody.IN_DOUBT, Outcome.ACCEPT): (CustodyKind.ACCEPTED, Custody.ACCEPTED),
    (Custody.IN_DOUBT, Outcome.REJECT): (CustodyKind.REJECTED, Custody.IN_BIN),
}


@dataclass(frozen=True)
class ItemSorting:
    """One item with the decisions on its units.

    `state` says which units are meant, the counted ones or those in doubt; None means the counted ones while there
    are any. `pointer` says where in the request it stands.
    """

    item_id: int
    decisions: Sequence[DecisionDraft]
    state: Custody | None = None
    pointer: str = ""


@dataclass(frozen=True)
class _Decided:
    """Decisions that passed every rule, with the place and the state their units stand in."""

    item_id: int
    place_id: int
    source: Custody
    decisions: list[Judged]


def sort_items(
    *, act: Act, policy: Policy, places: QuerySet[Place], sortings: Sequence[ItemSorting]
) -> list[list[SortingDecision]]:
    """Decide on items that stand at `places`, each judged on its own; all are carried out, or none.

    Answers the decisions of each item in the order given. A refusal names every item and decision at fault.
    The number of statements does not depend on the number of items or decisions.
    """
    items, own = _locked_items(act, places, sortings)
    sortings = _with_medicines(sortings, items.values())
    recalls = open_recalls(act.county_id)
    known = known_of_items(act.county_id, items.values())
    decided, refusals = [], []
    for sorting in sortings:
        pk = sorting.item_id
        try:
            item = items[pk]
            decided.append(_decide(act, policy, sorting, item, recalls, known[pk], counted_own=pk in own))
        except DomainError as refusal:
            refusals.append(refusal)
    if refusals:
        raise type(refusals[0])(faults=[fault for refusal in refusals for fault in refusal.faults])
    return _write(act, decided)


def _locked_items(
    act: Act, places: QuerySet[Place], sortings: Sequence[ItemSorting]
) -> tuple[dict[int, Item], set[int]]:
    """The items with where their units stand at this moment, and those that this person would decide on alone.

    Nobody else sorts them until the command ends.
    """
    ids = [sorting.item_id for sorting in sortings]
    twice = [sorting for index, sorting in enumerate(sortings) if sorting.item_id in ids[:index]]
    if twice:
        raise Invalid(
            faults=[Fault(f"{s.pointer}/item", "sorted_twice", _("This item is named twice.")) for s in twice]
        )
    items, own = items_to_sort(act.county_id, places, ids, decider=act.actor_id)
    strangers = [sorting for sorting in sortings if sorting.item_id not in items]
    if strangers:
        raise NotFound(
            faults=[Fault(f"{s.pointer}/item", NotFound.code, NotFound.message) for s in strangers]
        )
    return items, own


def _with_medicines(sortings: Sequence[ItemSorting], items: Iterable[Item]) -> list[ItemSorting]:
    """The sortings with the medicines that they name by code: mostly the items' own, which are at hand."""
    medicines = {item.medicine.code: item.medicine for item in items if item.medicine}
    named = {
        draft.medicine_code for sorting in sortings for draft in sorting.decisions if draft.medicine_code
    }
    if others := named - medicines.keys():
        medicines |= medicines_by_code(others)
    unknown = [
        Fault(
            f"{sorting.pointer}/decisions/{index}/medicine",
            "unknown_medicine",
            _("The catalogue does not know this."),
        )
        for sorting in sortings
        for index, draft in enumerate(sorting.decisions)
        if draft.medicine_code and draft.medicine_code not in medicines
    ]
    if unknown:
        raise Invalid(faults=unknown)
    return [
        replace(
            sorting,
            decisions=[
                replace(draft, medicine=medicines.get(draft.medicine_code, draft.medicine))
                for draft in sorting.decisions
            ],
        )
        for sorting in sortings
    ]


def decided_alone(act: Act, items: Sequence[Item]) -> set[int]:
    """The items of which this person would decide alone (queries.sorting.decides_alone)."""
    rows = Item.objects.filter(decides_alone(act.actor_id), pk__in=[item.pk for item in items])
    return set(rows.values_list("pk", flat=True))


def _decide(
    act: Act,
    policy: Policy,
    sorting: ItemSorting,
    item: Item,
    recalls: OpenRecalls,
    known: Known,
    *,
    counted_own: bool,
) -> _Decided:
    held, place = item.holdings, item.holdings.place
    source = _source(sorting, held)
    if not place.sorts:
        raise NotAPharmacy(pointer=f"{sorting.pointer}/item")
    if counted_own and any(draft.outcome != Outcome.HOLD for draft in sorting.decisions):
        raise OwnRegistration(pointer=f"{sorting.pointer}/item")
    _check_sum(sorting, getattr(held, source))
    judged, refusals = [], []
    for index, draft in enumerate(sorting.decisions):
        pointer = f"{sorting.pointer}/decisions/{index}"
        try:
            judged.append(
                judge_decision(
                    item,
                    draft,
                    policy=policy,
                    on=act.on,
                    recalls=recalls,
                    known=known,
                    pointer=pointer,
                )
            )
        except DomainError as refusal:
            refusals.append(refusal)
    if refusals:
        raise type(refusals[0])(faults=[fault for refusal in refusals for fault in refusal.faults])
    return _Decided(item.pk, place.pk, source, judged)


def _source(sorting: ItemSorting, held: ItemHoldings) -> Custody:
    source = sorting.state or (Custody.COUNTED if held.counted else Custody.IN_DOUBT)
    if not getattr(held, source):
        raise NotToSort(pointer=f"{sorting.pointer}/item")
    return source


def _check_sum(sorting: ItemSorting, there: int) -> None:
    decided = sum(draft.quantity for draft in sorting.decisions)
    if decided != there:
        words = _("%(decided)d decided, %(there)d there.") % {"decided": decided, "there": there}
        raise DecisionsDoNotAddUp(
            faults=[Fault(f"{sorting.pointer}/decisions", DecisionsDoNotAddUp.code, words)]
        )


def write_judged(
    act: Act, *, item_id: int, place_id: int, source: Custody, judged: Judged
) -> SortingDecision:
    """Write down one decision on units in this state that passed every rule."""
    [[decision]] = _write(act, [_Decided(item_id, place_id, source, [judged])])
    return decision


def _write(act: Act, decided: Sequence[_Decided]) -> list[list[SortingDecision]]:
    """Both journals and the decisions between them: custody first, for the ledger looks up what it accepted."""
    lines = [(item, judged) for item in decided for judged in item.decisions]
    batches = find_or_make_batches(
        (_label(judged) for _item, judged in lines if judged.accepted), county_id=act.county_id
    )
    steps = [_step(item, judged) for item, judged in lines]
    entries = [custody_entry(step, act=act) if step else None for step in steps]
    rows = [
        _row(act, item, judged, entry, batches) for (item, judged), entry in zip(lines, entries, strict=True)
    ]
    insert_linked([entry for entry in entries if entry], rows, "custody")
    accepted = [
        _accept(row, row.batch_id, judged)
        for row, (_item, judged) in zip(rows, lines, strict=True)
        if row.batch_id
    ]
    post(accepted, act=act)
    write_proposals(act, [(row, judged.draft) for row, (_item, judged) in zip(rows, lines, strict=True)])
    remaining = iter(rows)
    return [[next(remaining) for _judged in item.decisions] for item in decided]


def _label(judged: Judged) -> Label:
    draft = judged.draft
    return Label(
        medicine_id=draft.medicine.pk if draft.medicine else 0,
        lot_number=judged.lot_number,
        last_usable_day=judged.last_usable_day,
        pack=str(draft.pack),
        product_id=draft.product.pk if draft.product else None,
    )


def _step(item: _Decided, judged: Judged) -> Step | None:
    written = STEPS.get((item.source, Outcome(judged.draft.outcome)))
    if written is None:
        return None
    kind, target = written
    return Step(
        kind,
        item.source,
        target,
        judged.draft.quantity,
        item.place_id,
        item_id=item.item_id,
        reason=judged.reason,
        note=judged.note,
    )


def _row(
    act: Act, item: _Decided, judged: Judged, custody: CustodyEntry | None, batches: dict[Label, int]
) -> SortingDecision:
    draft = judged.draft
    return SortingDecision(
        county_id=act.county_id,
        item_id=item.item_id,
        place_id=item.place_id,
        outcome=draft.outcome,
        quantity=draft.quantity,
        custody=custody,
        medicine=judged.medicine,
        batch_id=batches[_label(judged)] if judged.accepted else None,
        lot_number=judged.lot_number,
        expiry_raw=draft.expiry,
        last_usable_day=judged.last_usable_day,
        reason=judged.reason,
        note=judged.note,
        checklist=dict(draft.checklist),
        checklist_version=CHECKLIST_VERSION,
        screening=screening_record(judged.screening),
        decided_by=act.actor_id,
        decided_on=act.on,
        command=act.command,
    )


def _accept(row: SortingDecision, batch_id: int, judged: Judged) -> Entry:
    return Entry(
        Kind.ACCEPT,
        batch_id,
        row.quantity,
        Shelf(row.place_id, Side.STORE, State.DONATED),
        Shelf(row.place_id, Side.STORE, State.AVAILABLE),
        DOCUMENT,
        row.pk,
        decision_id=row.pk,
        pointer=judged.pointer,
    )


def reverse_sorting(*, act: Act, decision: SortingDecision, reason: str = "") -> None:
    """Take a decision back on the day it was made, as long as its units have not moved on.

    The units count as counted again. Refused: NotToday, AlreadyReversed, MovedOn, NothingToReverse.
    """
    if decision.decided_on != act.on:
        raise NotToday
    held = ItemHoldings.objects.select_for_update().get(item_id=decision.item_id)
    entry = decision.custody
    if entry is None:
        raise NothingToReverse
    if CustodyEntry.objects.filter(reverses=entry).exists():
        raise AlreadyReversed
    if getattr(held, entry.to_state) < entry.quantity or _confirmed_since(decision):
        raise MovedOn
    _take_out_of_stock(act, decision)
    step = Step(
        CustodyKind.REVERSED,
        Custody(entry.to_state),
        Custody.COUNTED,
        entry.quantity,
        entry.place_id,
        item_id=entry.item_id,
        reverses_id=entry.pk,
        reason=entry.reason,
        note=reason,
    )
    write_custody([step], act=act)


def _confirmed_since(decision: SortingDecision) -> bool:
    """Units left in doubt that another pharmacist has decided on since, even while others are still in doubt."""
    doubted = decision.outcome == Outcome.HOLD
    return doubted and decision.proposals.filter(confirmed_by__isnull=False).exists()


def _take_out_of_stock(act: Act, decision: SortingDecision) -> None:
    accepted = Movement.objects.filter(decision=decision, kind=Kind.ACCEPT).first()
    if accepted is None:
        return
    entry = Entry(
        Kind.REVERSAL,
        accepted.batch_id,
        accepted.quantity,
        Shelf(decision.place_id, Side.STORE, State.AVAILABLE),
        Shelf(decision.place_id, Side.STORE, State.DONATED),
        DOCUMENT,
        decision.pk,
        decision_id=decision.pk,
        reverses_id=accepted.pk,
    )
    try:
        post([entry], act=act)
    except ShortStock:
        raise MovedOn from None
