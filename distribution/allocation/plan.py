"""From clinics and lots to a published plan."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import numpy as np

from .engine import Plan, allocate_tables
from .inputs import Columns, columns
from .leftovers import leftovers
from .levels import Level
from .model import Allocation, Clinic, Cut, Leftover, LimitedBy, Line, Lot, Mark, Options, Share
from .recompute import ceiling, latest_after, standing, wanted
from .sentences import Reason, sentences


def allocate(clinics: Sequence[Clinic], lots: Sequence[Lot], options: Options) -> Allocation:
    """Share out one medicine, or one group of interchangeable ones, over clinics.

    Among all plans that ship nothing which cannot be used before it expires, the result raises the lowest
    level of need covered as high as possible, then the next lowest, and so on, band by band and tier by
    tier; among those it ships most, and of the lots that expire first. Model and proof:
    docs/allocation.md. The result depends on keys, ties and routes only, not on the order of the input.
    Raises AllocationInputError.
    """
    given = columns(clinics, lots, options)
    plan = allocate_tables(given.clinic_table, given.lot_table, given.policy)
    cuts = _cuts(given, plan)
    left = leftovers(plan, given.clinic_table, given.lot_table, given.policy)
    return Allocation(
        lines=_lines(given, plan, options),
        shares=_shares(given, plan, options, cuts),
        cuts=cuts,
        leftovers=tuple(
            Leftover(given.lots[lot].key, units, given.lots[lot].last_usable_day, reason)
            for lot, units, reason in left
        ),
        boxes_opened=plan.boxes_opened,
    )


def _lines(given: Columns, plan: Plan, options: Options) -> tuple[Line, ...]:
    lines = plan.lines
    order = np.lexsort((lines.lot, lines.row))
    return tuple(
        Line(given.clinics[row].key, given.lots[lot].key, grains * options.grain)
        for row, lot, grains in zip(
            lines.row[order].tolist(), lines.lot[order].tolist(), lines.grains[order].tolist(), strict=True
        )
    )


def _cuts(given: Columns, plan: Plan) -> tuple[Cut, ...]:
    days = (date.min, *(date.fromordinal(day) for day in plan.short.tolist()), date.max)
    supplies = tuple(
        frozenset(given.piles[pile] for pile, its in enumerate(plan.market.supply) if its == supply)
        for supply in range(len(plan.totals.network.after))
    )
    choices = plan.totals.network.choices
    return tuple(
        Cut(
            supplies=supplies,
            after=tuple(days[k] for k in choices[:, segment.after]),
            until=tuple(days[k] for k in choices[:, segment.until]),
            mark=None if segment.level is None else _mark(given, plan, segment.level),
        )
        for segment in plan.totals.segments
    )


def _mark(given: Columns, plan: Plan, level: Level) -> Mark:
    band, tier, later = plan.totals.rows.ranks[level.rank]
    if level.row < 0:
        return Mark(band, tier, later, -1, 0, 0, given.clinics[0].key, 0)
    clinic = given.clinics[level.row % len(given.clinics)]
    reference = clinic.need * clinic.weight
    return Mark(band, tier, later, level.level, reference, clinic.tie, clinic.key, level.unit)


def _shares(given: Columns, plan: Plan, options: Options, cuts: tuple[Cut, ...]) -> tuple[Share, ...]:
    grains, dropped = plan.totals.grains.tolist(), plan.totals.dropped.tolist()
    shipped = plan.lines.given[-1].tolist()
    reasons = [
        _reason(*row, options, cuts) for row in zip(given.clinics, grains, dropped, _spans(plan), strict=True)
    ]
    levels = [
        Fraction(clinic.on_hand + count * options.grain, max(clinic.need * clinic.weight, 1))
        for clinic, count in zip(given.clinics, grains, strict=True)
    ]
    reached: dict[Mark, Fraction] = {}
    for reason, level in zip(reasons, levels, strict=True):
        if reason.code is LimitedBy.STOCK and reason.same_rank and reason.general:
            reached[reason.general] = min(level, reached.get(reason.general, level))
    return tuple(
        _share(clinic, options, count * options.grain, sent * options.grain, reason, reached)
        for clinic, count, sent, reason in zip(given.clinics, grains, shipped, reasons, strict=True)
    )


def _share(
    clinic: Clinic, options: Options, units: int, shipped: int, reason: Reason, reached: dict[Mark, Fraction]
) -> Share:
    common = reached.get(reason.general) if reason.general else None
    zh, en = sentences(clinic, options, units, reason, common)
    reference = clinic.need * clinic.weight
    return Share(
        clinic=clinic.key,
        share=units,
        shipped=shipped,
        level_before=(clinic.on_hand, reference),
        level_after=(clinic.on_hand + shipped, reference),
        limited_by=reason.code,
        limiting_day=reason.day,
        sentence_zh=zh,
        sentence_en=en,
    )


def _spans(plan: Plan) -> list[tuple[tuple[int, int], ...]]:
    """For each clinic the grains (above, up to) that each cut is about."""
    network = plan.totals.network
    columns = [
        zip(network.thresholds(cut.after).tolist(), network.thresholds(cut.until).tolist(), strict=True)
        for cut in plan.totals.segments
    ]
    return list(zip(*columns, strict=True))


def _reason(
    clinic: Clinic,
    grains: int,
    dropped: bool,
    spans: tuple[tuple[int, int], ...],
    options: Options,
    cuts: tuple[Cut, ...],
) -> Reason:
    """What kept the clinic from one grain more."""
    most = ceiling(clinic, options)
    asked = most if clinic.requested is None else min(most, clinic.requested)
    if most <= 0:
        return Reason(LimitedBy.NO_NEED)
    if grains == asked // options.grain:
        if grains == most // options.grain or not grains:
            return Reason(LimitedBy.NEED if grains == most // options.grain else LimitedBy.REQUEST)
        first = next(cut for cut, (_, high) in zip(cuts, spans, strict=True) if high)
        return Reason(LimitedBy.REQUEST, None, first.mark, standing(clinic, options, grains))
    if dropped or not wanted(clinic, options):
        return Reason(LimitedBy.NO_COURSE)
    return _stopped_by_a_cut(clinic, grains, spans, options, cuts)


def _stopped_by_a_cut(
    clinic: Clinic, grains: int, spans: tuple[tuple[int, int], ...], options: Options, cuts: tuple[Cut, ...]
) -> Reason:
    """Expiry if a cut for earlier stock would have let it have its next grain, else plain lack of stock."""
    following = standing(clinic, options, grains + 1)
    concerned = [(cut, *span) for cut, span in zip(cuts, spans, strict=True) if span[0] < span[1]]
    general = concerned[0][0].mark if concerned else None
    admitted = False
    for cut, low, high in concerned:
        if low <= grains < high:
            if admitted:
                return Reason(LimitedBy.EXPIRY, latest_after(cut, clinic), general, following)
            return Reason(LimitedBy.STOCK, None, general, following)
        admitted = admitted or cut.mark is None or following.order <= cut.mark.order
    return Reason(LimitedBy.STOCK)
