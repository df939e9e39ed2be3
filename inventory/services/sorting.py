"""At the sorting table: a pharmacist decides on every unit of an item, or of many items in one action."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalogue.queries import medicines_by_code, open_recalls
from core.commands import Act
from core.errors import DomainError, Fault, Invalid, NotFound
from core.inserts import insert_linked
from donations.custody import Step, custody_entry
from donations.errors import NotAPharmacy
from donations.known import known_of_items
from donations.models import Custody, CustodyEntry, CustodyKind, Item, ItemHoldings
from inventory.checklist import CHECKLIST_VERSION
from inventory.errors import DecisionsDoNotAddUp, NoneSorted, NotToSort, OwnRegistration
from inventory.judgement import DecisionDraft, Grounds, Judged, judge_decision, screening_record
from inventory.ledger import Entry, Shelf, post
from inventory.models import Kind, Side, SortingDecision, State
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


@dataclass(frozen=True)
class Sorted:
    """What became of one item: the decisions made on it, or the refusal that left it untouched."""

    item_id: int
    decisions: list[SortingDecision] = field(default_factory=list)
    refusal: DomainError | None = None


def sort_item(*, act: Act, policy: Policy, places: QuerySet[Place], sorting: ItemSorting) -> Sorted:
    """Decide on one item that stands at one of the places; refused with whatever is wrong with it."""
    [done] = _sorted(act, policy, places, [sorting])
    if done.refusal:
        raise done.refusal
    return done


def sort_items(
    *, act: Act, policy: Policy, places: QuerySet[Place], sortings: Sequence[ItemSorting]
) -> list[Sorted]:
    """Decide on many items in one action, each judged on its own: what one is refused for stops no other.

    Answers each item in the order given; those at fault are left untouched. Refused as a whole: an item named twice,
    a medicine that the catalogue does not know, and NoneSorted, which names every item, where none can be sorted.
    The number of statements does not depend on the number of items or decisions.
    """
    done = _sorted(act, policy, places, sortings)
    faults = [fault for each in done if each.refusal for fault in each.refusal.faults]
    if all(each.refusal for each in done):
        raise NoneSorted(faults=faults)
    return done


def sort_all(
    *, act: Act, policy: Policy, places: QuerySet[Place], sortings: Sequence[ItemSorting]
) -> list[list[SortingDecision]]:
    """The same for a program that knows its items: the decisions of each; one at fault refuses all."""
    done = _sorted(act, policy, places, sortings)
    for each in done:
        if each.refusal:
            raise each.refusal
    return [each.decisions for each in done]


def _sorted(
    act: Act, policy: Policy, places: QuerySet[Place], sortings: Sequence[ItemSorting]
) -> list[Sorted]:
    """Nobody else sorts these items until the command ends."""
    _check_named_once(sortings)
    ids = [sorting.item_id for sorting in sortings]
    items, own = items_to_sort(act.county_id, places, ids, decider=act.actor_id)
    sortings = _with_medicines(sortings, items.values())
    recalls = open_recalls(act.county_id)
    known = known_of_items(act.county_id, items.values())
    decided: list[_Decided] = []
    refusals: dict[int, DomainError] = {}
    for sorting in sortings:
        pk = sorting.item_id
        try:
            if pk not in items:
                raise NotFound(pointer=f"{sorting.pointer}/item")
            grounds = Grounds(policy, act.on, recalls, known[pk])
            decided.append(_decide(sorting, items[pk], grounds, counted_own=pk in own))
        except DomainError as refusal:
            refusals[pk] = refusal
    written = _write(act, decided) if decided else []
    made = dict(zip((each.item_id for each in decided), written, strict=True))
    return [Sorted(pk, made.get(pk, []), refusals.get(pk)) for pk in ids]


def _check_named_once(sortings: Sequence[ItemSorting]) -> None:
    seen: set[int] = set()
    twice = []
    for sorting in sortings:
        if sorting.item_id in seen:
            twice.append(Fault(f"{sorting.pointer}/item", "sorted_twice", _("This item is named twice.")))
        seen.add(sorting.item_id)
    if twice:
        raise Invalid(faults=twice)


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


def _decide(sorting: ItemSorting, item: Item, grounds: Grounds, *, counted_own: bool) -> _Decided:
    held, place = item.holdings, item.holdings.place
    source = _source(sorting, held)
    if not place.sorts:
        raise NotAPharmacy(pointer=f"{sorting.pointer}/item")
    if counted_own and any(draft.outcome != Outcome.HOLD for draft in sorting.decisions):
        raise OwnRegistration(pointer=f"{sorting.pointer}/item")
    _check_sum(sorting, getattr(held, source))
    judged, refusals = [], []
    for index, draft in enumerate(sorting.decisions):
        try:
            judged.append(judge_decision(item, draft, grounds, f"{sorting.pointer}/decisions/{index}"))
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
