"""Labels for boxes on the shelf and for bags of loose units (拆零)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.commands import Act
from core.errors import DomainError, Fault, NotFound
from core.short_codes import new_short_code
from inventory.errors import ExpiredStock, NotOnTheShelf, NotOpened
from inventory.models import INSIDE, Balance, Batch, Pack, State
from inventory.models.labels import BatchCode, LabelLine, LabelRun
from organisation.models import Place


@dataclass(frozen=True)
class Wanted:
    """So many labels of a batch; on bags also how many units are in each, and how they are taken."""

    batch_id: int
    copies: int
    quantity: int | None = None
    usage: str = ""
    pointer: str = ""


def print_labels(*, act: Act, place: Place, layout: str, lines: Sequence[Wanted]) -> LabelRun:
    """Have labels printed of batches at a place; a batch without a code gets one.

    Bags are for what may be given today: of an opened batch, available here and in date. Every line at fault is
    named. The number of statements does not depend on the number of lines.
    """
    batches = _batches_here(place, lines)
    _refuse_all(lines, batches, act, bags=layout == LabelRun.Layout.BAGS)
    _give_codes(act, sorted(batches))
    run = LabelRun.objects.create(
        county_id=act.county_id,
        place=place,
        layout=layout,
        printed_by=act.actor_id,
        printed_on=act.on,
        command=act.command,
    )
    _write_lines(run, lines)
    return run


def _write_lines(run: LabelRun, lines: Sequence[Wanted]) -> None:
    LabelLine.objects.bulk_create(
        [
            LabelLine(
                county_id=run.county_id,
                run=run,
                batch_id=line.batch_id,
                copies=line.copies,
                quantity=line.quantity,
                usage=line.usage,
            )
            for line in lines
        ]
    )


@dataclass(frozen=True)
class _Here:
    batch: Batch
    available: bool


def _batches_here(place: Place, lines: Sequence[Wanted]) -> dict[int, _Here]:
    """The batches that stand at the place, by id, and whether any unit may be given."""
    wanted = {line.batch_id for line in lines}
    rows = Balance.objects.filter(account__place=place, batch__in=wanted, state__in=INSIDE, quantity__gt=0)
    here: dict[int, _Here] = {}
    for row in rows.select_related("batch"):
        free = row.state == State.AVAILABLE or (row.batch_id in here and here[row.batch_id].available)
        here[row.batch_id] = _Here(row.batch, free)
    return here


def _refuse_all(lines: Sequence[Wanted], here: dict[int, _Here], act: Act, *, bags: bool) -> None:
    refusals: list[tuple[type[DomainError], Fault]] = []
    for line in lines:
        refusal = _refusal(line, here.get(line.batch_id), act, bags=bags)
        if refusal:
            fault = Fault(f"{line.pointer}/batch", refusal.code, refusal.message)
            refusals.append((refusal, fault))
    if refusals:
        raise refusals[0][0](faults=[fault for _refusal, fault in refusals])


def _refusal(line: Wanted, here: _Here | None, act: Act, *, bags: bool) -> type[DomainError] | None:
    if here is None:
        return NotFound
    if not bags:
        return None
    last_day = here.batch.last_usable_day
    if last_day is not None and last_day < act.on:
        return ExpiredStock
    if here.batch.pack != Pack.OPENED:
        return NotOpened
    return None if here.available else NotOnTheShelf


def _give_codes(act: Act, batches: Sequence[int]) -> None:
    """A code for each batch that has none; one given at the same moment stands, one that is taken is drawn again."""
    known = BatchCode.objects.filter(batch__in=batches)
    while known.count() < len(batches):
        BatchCode.objects.bulk_create(
            [BatchCode(county_id=act.county_id, batch_id=pk, code=new_short_code()) for pk in batches],
            ignore_conflicts=True,
        )
