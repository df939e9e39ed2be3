"""Recompute a clinic's share from the published cuts, with nothing but whole-number arithmetic.

This is written for the reader of a bulletin, apart from the engine: any clinic can check its figure from
its own data and the few cuts, without knowing anybody else's.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from .inputs import usable_rate
from .model import Clinic, Cut, Key, Mark, Options, Rounding

PARTS = 1_000_000_000


def recompute_share(
    cuts: Iterable[Cut], clinic: Clinic, options: Options, no_course: Iterable[Key] = ()
) -> int:
    """Units the clinic gets; `no_course` lists the clinics published as left without a minimum course."""
    if clinic.key in set(no_course):
        return 0
    grains = 0
    for cut in cuts:
        low, high = span(cut, clinic, options)
        bottom = low
        while low < high:
            middle = (low + high + 1) // 2
            if admitted(cut, clinic, options, middle):
                low = middle
            else:
                high = middle - 1
        grains += low - bottom
    return grains * options.grain


def span(cut: Cut, clinic: Clinic, options: Options) -> tuple[int, int]:
    """The grains of this clinic the cut is about: above the first, up to the second."""
    accepted = _accepted(cut, clinic)
    if not accepted:
        return 0, 0
    until = max(cut.until[supply] for supply in accepted)
    return usable_until(latest_after(cut, clinic), clinic, options), usable_until(until, clinic, options)


def latest_after(cut: Cut, clinic: Clinic) -> date:
    """The day after which the cut's stock expires, the latest among the supplies the clinic accepts."""
    return max(cut.after[supply] for supply in _accepted(cut, clinic))


def _accepted(cut: Cut, clinic: Clinic) -> list[int]:
    return [n for n, supply in enumerate(cut.supplies) if any(accepts(clinic, *pile) for pile in supply)]


def accepts(clinic: Clinic, medicine: Key, source: Key) -> bool:
    """Whether this clinic may get this medicine from this pharmacy."""
    return (clinic.accepts is None or medicine in clinic.accepts) and (
        clinic.sources is None or source in clinic.sources
    )


def wanted(clinic: Clinic, options: Options) -> int:
    """Grains the clinic lacks up to the top band, or requests if that is less."""
    units = ceiling(clinic, options)
    if clinic.requested is not None:
        units = min(units, clinic.requested)
    grains = max(units // options.grain, 0)
    return 0 if grains * options.grain < options.min_course else grains


def ceiling(clinic: Clinic, options: Options) -> int:
    """Units the clinic lacks up to the top band."""
    return clinic.need * options.bands[-1] // 100 - clinic.on_hand


def usable_until(day: date, clinic: Clinic, options: Options) -> int:
    """Grains of stock expiring by `day` that the clinic can use up, at most what it wants; C(day)."""
    if day == date.min:
        return 0
    if day == date.max:
        return wanted(clinic, options)
    delay = timedelta(clinic.transit_days)
    rooms, used = [], 0
    room = _use(day, clinic, options, delay)
    for own_day, quantity in sorted(clinic.own_stock):
        used = min(used + quantity, _use(own_day, clinic, options, timedelta(0)))
        if own_day <= day:
            room = _use(day, clinic, options, delay) - used
        else:
            rooms.append(_use(own_day, clinic, options, delay) - used)
    return max(min(min([room, *rooms]) // options.grain, wanted(clinic, options)), 0)


def _use(day: date, clinic: Clinic, options: Options, delay: timedelta) -> int:
    days = (day - options.today - delay).days - clinic.course_days
    rate, rate_days = usable_rate(clinic, options)
    return rate * max(days, 0) // rate_days


def admitted(cut: Cut, clinic: Clinic, options: Options, grain: int) -> bool:
    """Whether the cut lets this clinic have its `grain`-th grain."""
    return cut.mark is None or standing(clinic, options, grain).order <= cut.mark.order


def standing(clinic: Clinic, options: Options, grain: int) -> Mark:
    """Where in the order the clinic's `grain`-th grain stands."""
    course = -(-options.min_course // options.grain)
    later = course <= 1 or grain > course
    counted = grain if later else 1
    before = clinic.on_hand + options.grain * (counted - 1)
    reference = clinic.need * clinic.weight
    if options.rounding is Rounding.WEBSTER:
        level = PARTS * (2 * before + options.grain) // (2 * reference)
    else:
        level = PARTS * before // reference
    band = next(b for b, _ in enumerate(options.bands) if counted <= _band_end(clinic, options, b))
    return Mark(band, clinic.tier, later, level, reference, clinic.tie, clinic.key, grain)


def _band_end(clinic: Clinic, options: Options, band: int) -> int:
    if band == len(options.bands) - 1:
        return wanted(clinic, options)
    return (clinic.need * options.bands[band] // 100 - clinic.on_hand) // options.grain
