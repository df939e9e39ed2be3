"""Approving a count: a second person books what is missing, and what was found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.commands import Act
from core.errors import Fault
from donations.intake import ItemDraft
from donations.models import Item
from donations.services.found import register_found
from inventory.errors import OwnCount, RecountNeeded
from inventory.ledger import Entry, Shelf, lock_balances, open_book, post
from inventory.models import Hold, Kind, Pack, Side, State
from inventory.models.counts import CountLine, CountResult, Spot, StockCount
from inventory.queries.counts import expected_units, last_lines
from inventory.queries.holds import DOCUMENT as HOLD
from inventory.queries.recalls import recalled_batches
from inventory.services.counts import SPOT_STATES, Label, draft_of, locked_count
from inventory.services.holds import new_hold
from inventory.services.spending import lock_holds, spend_holds
from organisation.models import Policy

DOCUMENT = "count"
Books = Mapping[tuple[Shelf, int], int]


@dataclass(frozen=True)
class Outcome:
    """What becomes of a line, in smallest units; see CountResult."""

    line: CountLine
    expected: int
    lost: int = 0
    regained: int = 0
    donated: int = 0


def approve_count(*, act: Act, policy: Policy, count: StockCount) -> StockCount:
    """Book the differences of a finished count, as somebody who counted nothing of it.

    What is missing is adjusted away. What was found comes back from what was adjusted away of the batch at this side
    of the place, before or in this count; beyond that it is registered as an anonymous donation and sorted. The
    differences stand against the books of the moments of counting and are applied to those of now; where a loss is
    greater than what is there now, the line must be counted again (RecountNeeded), and nothing is booked. A hand-out
    of before the counting that is entered only after the approval was counted as missing, and the next count finds
    its units again among the earlier losses.

    What comes back of a batch that is recalled or expired, or of which units are held here, comes back held: nobody
    can tell whether the units found are those that were put aside, and counting must not be a way around a hold.
    """
    open_book(act)
    count = locked_count(count, StockCount.State.FINISHED)
    if count.finished_by_id == act.actor_id or count.lines.filter(counted_by=act.actor_id).exists():
        raise OwnCount
    lines = list(last_lines(count))
    lock_holds(count.place, {line.batch_id or 0 for line in lines if line.spot == Spot.HELD})
    books = lock_balances({pair for line in lines for pair in _pairs(count, line)}, act=act)
    outcomes = _outcomes(count, lines, expected_units(count, lines), books)
    _check_losses(count, outcomes, books)
    items = _donate(act, policy, count, [outcome for outcome in outcomes if outcome.donated])
    _adjust(act, count, outcomes, books)
    CountResult.objects.bulk_create(_result(act, outcome, items.get(outcome.line.pk)) for outcome in outcomes)
    count.state, count.ended_by_id, count.ended_on = StockCount.State.APPROVED, act.actor_id, act.on
    count.save(update_fields=["state", "ended_by", "ended_on", "donation"])
    return count


def _pairs(count: StockCount, line: CountLine) -> list[tuple[Shelf, int]]:
    if line.batch_id is None:
        return []
    states = (SPOT_STATES[Spot(line.spot)], State.HELD, State.ADJUSTED)
    return [(_shelf(count, line, state), line.batch_id) for state in states]


def _shelf(count: StockCount, line: CountLine, state: State) -> Shelf:
    return Shelf(count.place_id, Side(line.side), state)


def _outcomes(
    count: StockCount, lines: Sequence[CountLine], expected: Mapping[int, int], books: Books
) -> list[Outcome]:
    """Losses first, for what is missing at one spot may be what was found at another of the same side."""
    outcomes, finds = [], []
    earlier: defaultdict[tuple[int | None, str], int] = defaultdict(int)
    for line in lines:
        if line.batch_id:
            earlier[line.batch_id, line.side] = books[_shelf(count, line, State.ADJUSTED), line.batch_id]
    for line in lines:
        units = expected.get(line.pk, 0)
        if line.counted > units:
            finds.append(line)
            continue
        earlier[line.batch_id, line.side] += units - line.counted
        outcomes.append(Outcome(line, units, lost=units - line.counted))
    for line in finds:
        units = expected.get(line.pk, 0)
        regained = min(line.counted - units, earlier[line.batch_id, line.side]) if line.batch_id else 0
        earlier[line.batch_id, line.side] -= regained
        donated = line.counted - units - regained
        outcomes.append(Outcome(line, units, regained=regained, donated=donated))
    return outcomes


def _check_losses(count: StockCount, outcomes: Sequence[Outcome], books: Books) -> None:
    faults = []
    for outcome in outcomes:
        line = outcome.line
        spot = _shelf(count, line, SPOT_STATES[Spot(line.spot)]) if line.batch_id else None
        there = books[spot, line.batch_id] if spot and line.batch_id else 0
        if outcome.lost > there:
            words = _("%(goods)s: %(lost)d missing, %(there)d free to adjust; count this again.") % {
                "goods": f"{line.batch.medicine} {line.batch.lot_number}" if line.batch else "",
                "lost": outcome.lost,
                "there": there,
            }
            faults.append(Fault(f"/lines/{line.pk}", RecountNeeded.code, words))
    if faults:
        raise RecountNeeded(faults=faults)


def _donate(act: Act, policy: Policy, count: StockCount, finds: Sequence[Outcome]) -> dict[int, Item]:
    """The items registered for what nobody can explain, by line."""
    if not finds:
        return {}
    drafts = [_draft(outcome) for outcome in finds]
    donation, items = register_found(
        act=act, place=count.place, policy=policy, found=drafts, found_by=count.finished_by_id or 0
    )
    count.donation = donation
    return {outcome.line.pk: item for outcome, item in zip(finds, items, strict=True)}


def _draft(outcome: Outcome) -> ItemDraft:
    line = outcome.line
    if line.batch is None:
        label = Label(
            line.medicine, line.description, line.lot_number, line.expiry_raw, line.pack, line.container
        )
        return draft_of(label, outcome.donated)
    batch, day = line.batch, line.batch.last_usable_day
    expiry = f"有效期至{day:%Y年%m月%d日}" if day else ""
    # Of medicines that are opened by the blister only, an opened batch was accepted as blisters.
    blister = batch.pack == Pack.OPENED and batch.medicine.loose_ok == "dep"
    container = Item.Container.BLISTER if blister else ""
    return draft_of(
        Label(batch.medicine, "", batch.lot_number, expiry, batch.pack, container), outcome.donated
    )


def _adjust(act: Act, count: StockCount, outcomes: Sequence[Outcome], books: Books) -> None:
    """Post what is missing and what came back, with the holds of both."""
    missed = {
        (o.line.batch_id or 0, o.line.side): o.lost for o in outcomes if o.lost and o.line.spot == Spot.HELD
    }
    spend_holds(act=act, place=count.place, taken=missed, document=(DOCUMENT, count.pk))
    holds = _hold_doubtful(act, count, outcomes, books)
    post([entry for each in outcomes for entry in _entries(count, each, holds.get(each.line.pk))], act=act)


def _hold_doubtful(act: Act, count: StockCount, outcomes: Sequence[Outcome], books: Books) -> dict[int, Hold]:
    """The holds under which units come back, by line: of those found among the held, and of doubtful batches."""
    back = [outcome for outcome in outcomes if outcome.regained]
    recalled = recalled_batches(act.county_id, {o.line.batch_id or 0 for o in back}).at(count.place_id)
    missed = {(o.line.batch_id, o.line.side) for o in outcomes if o.lost and o.line.spot == Spot.HELD}
    holds = {}
    for line in (outcome.line for outcome in back):
        batch = line.batch_id or 0
        put_aside = books[_shelf(count, line, State.HELD), batch] or (batch, line.side) in missed
        if line.spot == Spot.HELD or batch in recalled or put_aside or _expired(act, line):
            holds[line.pk] = new_hold(act, count.place_id, batch, _("Found again at a count."))
            holds[line.pk].recall_id = recalled.get(batch)
    Hold.objects.bulk_create(holds.values())
    return holds


def _expired(act: Act, line: CountLine) -> bool:
    day = line.batch.last_usable_day if line.batch else None
    return day is not None and day < act.on


def _entries(count: StockCount, outcome: Outcome, hold: Hold | None) -> list[Entry]:
    line = outcome.line
    if line.batch_id is None:
        return []
    spot, adjusted, available, held = (
        _shelf(count, line, state)
        for state in (SPOT_STATES[Spot(line.spot)], State.ADJUSTED, State.AVAILABLE, State.HELD)
    )
    batch, pointer, back = line.batch_id, f"/lines/{line.pk}", outcome.regained
    lost = Entry(Kind.ADJUST, batch, outcome.lost, spot, adjusted, DOCUMENT, count.pk, pointer=pointer)
    found = Entry(Kind.ADJUST, batch, back, adjusted, available, DOCUMENT, count.pk, pointer=pointer)
    if hold is None:
        return [lost, found]
    return [lost, found, Entry(Kind.HOLD, batch, back, available, held, HOLD, hold.pk, pointer=pointer)]


def _result(act: Act, outcome: Outcome, item: Item | None) -> CountResult:
    return CountResult(
        county_id=act.county_id,
        line=outcome.line,
        expected=outcome.expected,
        lost=outcome.lost,
        regained=outcome.regained,
        donated=outcome.donated,
        item=item,
    )
