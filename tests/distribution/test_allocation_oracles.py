"""Slow, obvious ways to compute and to check an allocation, for the other tests; and tests of these.

Nothing here uses the engine's arithmetic: limits, keys, feasibility and optimality are written down from
their definitions (docs/allocation.md), with Python integers and fractions.
"""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from heapq import heapify, heappop, heappush
from itertools import product

from hypothesis import settings
from hypothesis import strategies as st

from distribution.allocation import Allocation, Clinic, Lot, Options, Rounding

TODAY = date(2022, 12, 20)
many = settings(max_examples=int(os.environ.get("ALLOCATION_EXAMPLES", "50")), deadline=None)
"""ALLOCATION_EXAMPLES=6000 runs the long version."""


def day(offset: int) -> date:
    return TODAY + timedelta(days=offset)


def ceiling(clinic: Clinic, options: Options) -> int:
    """Grains the clinic may get by need and request."""
    units = clinic.need * options.bands[-1] // 100 - clinic.on_hand
    if clinic.requested is not None:
        units = min(units, clinic.requested)
    return max(units, 0) // options.grain


def use(clinic: Clinic, options: Options, days: int) -> int:
    """Units whose use within so many days may be counted on."""
    rate = Fraction(clinic.need, options.horizon_days) if clinic.daily_rate is None else clinic.daily_rate
    safety = options.safety_percent if clinic.safety_percent is None else clinic.safety_percent
    return int(rate * safety * max(days, 0) / 100)


def usable(clinic: Clinic, options: Options, last: date | None) -> int:
    """C(t): grains expiring by `last` that the clinic can use, whatever else it gets; None = never."""
    most = ceiling(clinic, options)
    if last is None:
        return most
    days = {last, *(own for own, _ in clinic.own_stock if own > last)}
    delay = clinic.transit_days + clinic.course_days
    rooms = [use(clinic, options, (s - TODAY).days - delay) - own_use(clinic, options, s) for s in days]
    return max(min(most, min(rooms) // options.grain), 0)


def own_use(clinic: Clinic, options: Options, until: date) -> int:
    """Units of the clinic's own stock used by a day, what expires first going first."""
    used = 0
    for last, quantity in sorted(clinic.own_stock):
        if last <= until:
            used = min(used + quantity, use(clinic, options, (last - TODAY).days - clinic.course_days))
    return used


def accepts(clinic: Clinic, lot: Lot) -> bool:
    return (clinic.accepts is None or lot.medicine in clinic.accepts) and (
        clinic.sources is None or lot.source in clinic.sources
    )


def key(clinic: Clinic, options: Options, grain: int) -> tuple[object, ...]:
    """Where a clinic's n-th grain stands in the order of handing out."""
    units = clinic.on_hand + options.grain * (grain - 1)
    half = options.grain if options.rounding is Rounding.WEBSTER else 0
    reference = clinic.need * clinic.weight
    upto = [(clinic.need * p // 100 - clinic.on_hand) // options.grain for p in options.bands[:-1]]
    band = sum(grain > end for end in upto)
    level = 10**9 * (2 * units + half) // (2 * reference)
    return band, clinic.tier, level, reference, clinic.tie, clinic.key


def in_date(lots: Sequence[Lot]) -> list[Lot]:
    return [lot for lot in lots if lot.last_usable_day is None or lot.last_usable_day >= TODAY]


def shippable(
    totals: Sequence[int], clinics: Sequence[Clinic], lots: Sequence[Lot], options: Options
) -> bool:
    """Whether lots can make up these totals with nothing expiring unused."""
    return most_shippable(totals, clinics, lots, options) == sum(totals)


def most_shippable(
    totals: Sequence[int], clinics: Sequence[Clinic], lots: Sequence[Lot], options: Options
) -> int:
    """Grains of these totals that lots can make up with nothing expiring unused: a maximum flow."""
    stock = in_date(lots)
    days = sorted({lot.last_usable_day or date.max for lot in stock})
    capacity: dict[tuple[object, object], int] = {}
    for number, lot in enumerate(stock):
        capacity["source", ("lot", number)] = lot.quantity // options.grain
        for i, clinic in enumerate(clinics):
            if accepts(clinic, lot):
                capacity[("lot", number), (i, days.index(lot.last_usable_day or date.max))] = 10**12
    for i, clinic in enumerate(clinics):
        for place, last in enumerate(days):
            follow: object = (i, place + 1) if place + 1 < len(days) else ("clinic", i)
            limit = usable(clinic, options, None if last == date.max else last)
            capacity[(i, place), follow] = limit
        capacity[("clinic", i), "sink"] = totals[i]
    return max_flow(capacity)


def max_flow(capacity: dict[tuple[object, object], int]) -> int:
    """Edmonds and Karp (JACM 19, 1972) on a dictionary of arcs from "source" to "sink"."""
    rest = dict(capacity)
    out: dict[object, set[object]] = {}
    for tail, head in capacity:
        rest.setdefault((head, tail), 0)
        out.setdefault(tail, set()).add(head)
        out.setdefault(head, set()).add(tail)
    flow = 0
    while path := _path(rest, out):
        most = min(rest[arc] for arc in path)
        for tail, head in path:
            rest[tail, head] -= most
            rest[head, tail] += most
        flow += most
    return flow


def _path(
    rest: dict[tuple[object, object], int], out: dict[object, set[object]]
) -> list[tuple[object, object]]:
    came: dict[object, object] = {"source": None}
    queue = deque(["source"])
    while queue and "sink" not in came:
        tail: object = queue.popleft()
        for head in out.get(tail, ()):
            if head not in came and rest[tail, head] > 0:
                came[head] = tail
                queue.append(head)
    path = []
    node: object = "sink" if "sink" in came else "source"
    while node != "source":
        path.append((came[node], node))
        node = came[node]
    return path


def greedy_by_flow(clinics: Sequence[Clinic], lots: Sequence[Lot], options: Options) -> list[int]:
    """Grain after grain in order of keys, each kept if all kept so far can be shipped (matroid greedy)."""
    order = sorted(
        (key(clinic, options, grain), i)
        for i, clinic in enumerate(clinics)
        for grain in range(1, ceiling(clinic, options) + 1)
    )
    totals, closed = [0] * len(clinics), set()
    for _, i in order:
        if i in closed:
            continue
        totals[i] += 1
        if not shippable(totals, clinics, lots, options):
            totals[i] -= 1
            closed.add(i)
    return totals


def forward_fefo(clinics: Sequence[Clinic], lots: Sequence[Lot], options: Options) -> list[int]:
    """Lots by expiry, each topping up whoever stands lowest and can still use it. For one supply only."""
    totals = [0] * len(clinics)
    for lot in sorted(in_date(lots), key=lambda lot: lot.last_usable_day or date.max):
        most = [usable(clinic, options, lot.last_usable_day) for clinic in clinics]
        heap = [(key(c, options, totals[i] + 1), i) for i, c in enumerate(clinics) if totals[i] < most[i]]
        heapify(heap)
        for _ in range(lot.quantity // options.grain):
            if not heap:
                break
            _, i = heappop(heap)
            totals[i] += 1
            if totals[i] < most[i]:
                heappush(heap, (key(clinics[i], options, totals[i] + 1), i))
    return totals


def levels(totals: Sequence[int], clinics: Sequence[Clinic], options: Options) -> list[list[Fraction]]:
    """Levels after, lowest first, tier by tier; clinics without need left out."""
    tiers = sorted({clinic.tier for clinic in clinics})
    return [
        sorted(
            Fraction(clinic.on_hand + options.grain * total, clinic.need * clinic.weight)
            for clinic, total in zip(clinics, totals, strict=True)
            if clinic.tier == tier and clinic.need
        )
        for tier in tiers
    ]


def best_levels(clinics: Sequence[Clinic], lots: Sequence[Lot], options: Options) -> list[list[Fraction]]:
    """The leximin over every single vector of totals that can be shipped."""
    every = product(*(range(ceiling(clinic, options) + 1) for clinic in clinics))
    return max(levels(t, clinics, options) for t in every if shippable(t, clinics, lots, options))


def grains(allocation: Allocation, clinics: Sequence[Clinic], options: Options) -> list[int]:
    """Fair totals in the order of `clinics`."""
    share = {share.clinic: share.share for share in allocation.shares}
    return [share[clinic.key] // options.grain for clinic in clinics]


def faults(
    allocation: Allocation, clinics: Sequence[Clinic], lots: Sequence[Lot], options: Options
) -> Iterator[str]:
    """Everything wrong with the books of a plan: units, limits, dates, tolerance."""
    lot_of = {lot.key: lot for lot in lots}
    for lot in lots:
        sent = sum(line.quantity for line in allocation.lines if line.lot == lot.key)
        kept = sum(rest.quantity for rest in allocation.leftovers if rest.lot == lot.key)
        if sent + kept != lot.quantity:
            yield f"lot {lot.key}: {sent} sent and {kept} kept of {lot.quantity}"
    share_of = {share.clinic: share for share in allocation.shares}
    for clinic in clinics:
        lines = [line for line in allocation.lines if line.clinic == clinic.key]
        share = share_of[clinic.key]
        if sum(line.quantity for line in lines) != share.shipped:
            yield f"clinic {clinic.key}: lines do not add up to {share.shipped}"
        if abs(share.shipped - share.share) > clinic.need * options.box_tolerance_percent // 100:
            yield f"clinic {clinic.key}: {share.shipped} is too far from {share.share}"
        for last in [None, *(lot.last_usable_day for lot in lots)]:
            got = sum(
                line.quantity
                for line in lines
                if last is None or (lot_of[line.lot].last_usable_day or date.max) <= last
            )
            if got > usable(clinic, options, last) * options.grain:
                yield f"clinic {clinic.key}: cannot use {got} by {last}"
        for line in lines:
            if line.quantity <= 0 or line.quantity % options.grain or not accepts(clinic, lot_of[line.lot]):
                yield f"bad line {line}"


def waste(
    totals: Sequence[int], clinics: Sequence[Clinic], lots: Sequence[Lot], options: Options
) -> list[int]:
    """Clinics that could still take one more grain of what is left."""
    return [
        i
        for i, clinic in enumerate(clinics)
        if totals[i] < ceiling(clinic, options)
        and shippable([t + (i == j) for j, t in enumerate(totals)], clinics, lots, options)
    ]


def complaints(
    totals: Sequence[int], clinics: Sequence[Clinic], lots: Sequence[Lot], options: Options
) -> list[tuple[int, int]]:
    """(i, j): i stands lower and could have had j's last grain."""
    return [
        (i, j)
        for i, low in enumerate(clinics)
        for j, high in enumerate(clinics)
        if i != j
        and totals[j]
        and totals[i] < ceiling(low, options)
        and key(low, options, totals[i] + 1) < key(high, options, totals[j])
        and shippable([t + (n == i) - (n == j) for n, t in enumerate(totals)], clinics, lots, options)
    ]


offsets = st.integers(-2, 30)


@st.composite
def clinic_lists(draw: st.DrawFn, most: int = 4, need: int = 12, groups: bool = False) -> list[Clinic]:
    """Few small clinics of every kind: slow and fast, far and near, stocked and empty."""
    count = draw(st.integers(0, most))
    return [
        Clinic(
            key=f"clinic {number}",
            need=draw(st.integers(0, need)),
            on_hand=draw(st.integers(0, need // 2)),
            requested=draw(st.none() | st.integers(0, need)),
            tier=draw(st.sampled_from([0, 0, 0, 1])),
            weight=draw(st.sampled_from([1, 1, 1, 2, 3])),
            daily_rate=draw(st.none() | st.fractions(0, 3, max_denominator=4)),
            safety_percent=draw(st.none() | st.integers(0, 100)),
            own_stock=tuple(draw(st.lists(st.tuples(offsets.map(day), st.integers(0, 9)), max_size=2))),
            transit_days=draw(st.integers(0, 3)),
            course_days=draw(st.integers(0, 4)),
            tie=draw(st.integers(0, 2)),
            route=draw(st.integers(0, 2)),
            accepts=draw(st.none() | st.lists(st.integers(0, 2), unique=True).map(tuple)) if groups else None,
            sources=draw(st.none() | st.lists(st.integers(0, 1), unique=True).map(tuple)) if groups else None,
        )
        for number in range(count)
    ]


@st.composite
def lot_lists(draw: st.DrawFn, most: int = 4, quantity: int = 12, groups: bool = False) -> list[Lot]:
    """Few lots, many of them expiring within the month, some expired, some without a day."""
    return [
        Lot(
            key=number,
            quantity=draw(st.integers(0, quantity)),
            last_usable_day=draw(st.none() | offsets.map(day)),
            box=draw(st.none() | st.integers(1, 8)),
            medicine=draw(st.integers(0, 2)) if groups else 0,
            source=draw(st.integers(0, 1)) if groups else 0,
        )
        for number in range(draw(st.integers(0, most)))
    ]


@st.composite
def options_of(draw: st.DrawFn, tolerance: bool = False, bands: bool = True) -> Options:
    """Every policy without minimum course."""
    return Options(
        today=TODAY,
        horizon_days=draw(st.sampled_from([7, 14])),
        safety_percent=draw(st.sampled_from([40, 60, 100])),
        grain=draw(st.sampled_from([1, 1, 2, 3])),
        rounding=draw(st.sampled_from(list(Rounding))),
        box_tolerance_percent=draw(st.integers(0, 60)) if tolerance else 0,
        bands=draw(st.sampled_from([(100,), (100,), (20, 100), (50, 100, 130), (120,)])) if bands else (100,),
    )


def test_max_flow_of_a_textbook_network() -> None:
    # Cormen et al., Introduction to Algorithms, fig. 26.1: maximum flow 23
    arcs = {
        ("source", 1): 16, ("source", 2): 13, (1, 3): 12, (2, 1): 4, (2, 4): 14,
        (3, 2): 9, (3, "sink"): 20, (4, 3): 7, (4, "sink"): 4,
    }  # fmt: skip

    assert max_flow(arcs) == 23


def test_shippable_counts_what_can_be_used_before_it_expires() -> None:
    clinics = [Clinic("slow", need=10, daily_rate=1)]
    lots = [Lot(1, 10, day(4))]
    options = Options(TODAY, safety_percent=100)

    assert shippable([4], clinics, lots, options)
    assert not shippable([5], clinics, lots, options)
