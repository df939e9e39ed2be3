"""Check what came in, name what is wrong with it, and put it into columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

import numpy as np

from .model import MAX_QUANTITY, AllocationInputError, Clinic, Key, Lot, Options, Rounding
from .tables import NEVER, ClinicTable, Ints, LotTable, Policy

MIXED = "keys must all be texts or all be numbers"
MAX_DAYS, MAX_WEIGHT, MAX_GRAIN, MAX_TIER = 36_500, 1_000, 1_000_000, 1_000_000


@dataclass(frozen=True)
class Columns:
    """Clinics in delivery order, lots in key order, piles as (medicine, pharmacy), and their tables."""

    clinics: tuple[Clinic, ...]
    lots: tuple[Lot, ...]
    piles: tuple[tuple[Key, Key], ...]
    clinic_table: ClinicTable
    lot_table: LotTable
    policy: Policy


def columns(clinics: Sequence[Clinic], lots: Sequence[Lot], options: Options) -> Columns:
    """The input as tables; raises AllocationInputError at the first figure that cannot be."""
    _check_options(options)
    for place, clinic in enumerate(clinics):
        _check_clinic(clinic, f"clinics[{place}]", options)
    for place, lot in enumerate(lots):
        _check_lot(lot, f"lots[{place}]")
    _check_keys([clinic.key for clinic in clinics], "clinics")
    _check_keys([lot.key for lot in lots], "lots")
    clinics = sorted(clinics, key=lambda clinic: (clinic.route, clinic.key))
    lots = sorted(lots, key=lambda lot: lot.key)
    piles = _piles(clinics, lots)
    return Columns(
        tuple(clinics),
        tuple(lots),
        piles,
        _clinic_table(clinics, piles, options),
        _lot_table(lots, piles),
        _policy(options),
    )


def _whole(value: object, field: str, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise AllocationInputError("not_whole", field, f"{value!r} is not a whole number")
    if value < low:
        raise AllocationInputError("too_small", field, f"{value} is less than {low}")
    if value > high:
        raise AllocationInputError("too_large", field, f"{value} is more than {high}")


def _day(value: object, field: str) -> None:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise AllocationInputError("not_a_day", field, f"{value!r} is not a calendar day")


def _check_keys(keys: list[Key], field: str) -> None:
    if any(type(key) is not type(keys[0]) for key in keys):
        raise AllocationInputError("mixed_keys", field, MIXED)
    seen: set[Key] = set()
    for place, key in enumerate(keys):
        if key in seen:
            raise AllocationInputError("duplicate", f"{field}[{place}].key", f"{key!r} is listed twice")
        seen.add(key)


def _check_options(options: Options) -> None:
    _day(options.today, "options.today")
    _whole(options.horizon_days, "options.horizon_days", 1, MAX_DAYS)
    _whole(options.safety_percent, "options.safety_percent", 0, 100)
    _whole(options.grain, "options.grain", 1, MAX_GRAIN)
    _whole(options.box_tolerance_percent, "options.box_tolerance_percent", 0, 100)
    _whole(options.min_course, "options.min_course", 0, MAX_GRAIN)
    if options.rounding not in tuple(Rounding):
        raise AllocationInputError(
            "unknown_rounding", "options.rounding", f"{options.rounding!r} is not known"
        )
    for percent in options.bands:
        _whole(percent, "options.bands", 1, 1_000)
    if not options.bands or any(a >= b for a, b in zip(options.bands, options.bands[1:], strict=False)):
        raise AllocationInputError("bands_not_rising", "options.bands", "bands must be rising percentages")


def _check_clinic(clinic: Clinic, field: str, options: Options) -> None:
    _whole(clinic.weight, f"{field}.weight", 1, MAX_WEIGHT)
    most = MAX_QUANTITY * 100 // (clinic.weight * max(100, options.bands[-1]))
    _whole(clinic.need, f"{field}.need", 0, most)
    _whole(clinic.on_hand, f"{field}.on_hand", 0, MAX_QUANTITY)
    if clinic.requested is not None:
        _whole(clinic.requested, f"{field}.requested", 0, MAX_QUANTITY)
    _whole(clinic.tier, f"{field}.tier", -MAX_TIER, MAX_TIER)
    _whole(clinic.transit_days, f"{field}.transit_days", 0, MAX_DAYS)
    _whole(clinic.course_days, f"{field}.course_days", 0, MAX_DAYS)
    _whole(clinic.tie, f"{field}.tie", -MAX_QUANTITY, MAX_QUANTITY)
    _whole(clinic.route, f"{field}.route", -MAX_QUANTITY, MAX_QUANTITY)
    if clinic.safety_percent is not None:
        _whole(clinic.safety_percent, f"{field}.safety_percent", 0, 100)
    if clinic.daily_rate is not None:
        _check_rate(clinic.daily_rate, f"{field}.daily_rate")
    for place, (day, quantity) in enumerate(clinic.own_stock):
        _day(day, f"{field}.own_stock[{place}]")
        _whole(quantity, f"{field}.own_stock[{place}]", 0, MAX_QUANTITY)


def _check_rate(rate: object, field: str) -> None:
    if not isinstance(rate, int | Fraction) or isinstance(rate, bool):
        raise AllocationInputError("not_whole", field, f"{rate!r} is neither a whole number nor a Fraction")
    _whole(rate.numerator, field, 0, MAX_QUANTITY)
    _whole(rate.denominator, field, 1, MAX_QUANTITY)


def _check_lot(lot: Lot, field: str) -> None:
    _whole(lot.quantity, f"{field}.quantity", 0, MAX_QUANTITY)
    if lot.last_usable_day is not None:
        _day(lot.last_usable_day, f"{field}.last_usable_day")
    if lot.box is not None:
        _whole(lot.box, f"{field}.box", 1, MAX_QUANTITY)


def _piles(clinics: Sequence[Clinic], lots: Sequence[Lot]) -> tuple[tuple[Key, Key], ...]:
    medicines = [lot.medicine for lot in lots] + [key for clinic in clinics for key in clinic.accepts or ()]
    sources = [lot.source for lot in lots] + [key for clinic in clinics for key in clinic.sources or ()]
    for keys, field in ((medicines, "medicine"), (sources, "source")):
        if any(type(key) is not type(keys[0]) for key in keys):
            raise AllocationInputError(
                "mixed_keys", f"lots.{field}", "keys must all be texts or all be numbers"
            )
    return tuple(sorted({(lot.medicine, lot.source) for lot in lots}))


def _accepted(clinic: Clinic, piles: tuple[tuple[Key, Key], ...]) -> tuple[int, ...]:
    """Piles this clinic may get: best medicine first, then nearest pharmacy."""
    medicines, sources = clinic.accepts, clinic.sources
    ranked = [
        (medicines.index(medicine) if medicines else 0, sources.index(source) if sources else 0, number)
        for number, (medicine, source) in enumerate(piles)
        if (medicines is None or medicine in medicines) and (sources is None or source in sources)
    ]
    return tuple(number for _, _, number in sorted(ranked))


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def _clinic_table(
    clinics: Sequence[Clinic], piles: tuple[tuple[Key, Key], ...], options: Options
) -> ClinicTable:
    references = [clinic.need * clinic.weight for clinic in clinics]
    order = sorted(range(len(clinics)), key=lambda i: (references[i], clinics[i].tie, clinics[i].key))
    tie = np.empty(len(clinics), dtype=np.int64)
    tie[order] = np.arange(len(clinics))
    rates = [usable_rate(clinic, options) for clinic in clinics]
    kinds: dict[tuple[int, ...], int] = {}
    wishes: dict[tuple[object, object], int] = {}
    for clinic in clinics:
        wish = (clinic.accepts, clinic.sources)
        if wish not in wishes:
            wishes[wish] = kinds.setdefault(_accepted(clinic, piles), len(kinds))
    own = [(i, day.toordinal(), q) for i, clinic in enumerate(clinics) for day, q in clinic.own_stock]
    own_row, own_day, own_quantity = _ints([v for entry in own for v in entry]).reshape(-1, 3).T
    return ClinicTable(
        need=_ints([clinic.need for clinic in clinics]),
        on_hand=_ints([clinic.on_hand for clinic in clinics]),
        limit=_ints([MAX_QUANTITY if c.requested is None else c.requested for c in clinics]),
        reference=_ints(references),
        tier=_ints([clinic.tier for clinic in clinics]),
        tie=tie,
        rate=_ints([numerator for numerator, _ in rates]),
        rate_days=_ints([denominator for _, denominator in rates]),
        transit=_ints([clinic.transit_days for clinic in clinics]),
        course=_ints([clinic.course_days for clinic in clinics]),
        choice=_ints([wishes[clinic.accepts, clinic.sources] for clinic in clinics]),
        choices=tuple(kinds),
        own_row=own_row,
        own_day=own_day,
        own_quantity=own_quantity,
    )


def usable_rate(clinic: Clinic, options: Options) -> tuple[int, int]:
    """Units that may be counted on per day, as numerator and denominator, safety factor included."""
    safety = options.safety_percent if clinic.safety_percent is None else clinic.safety_percent
    if clinic.daily_rate is None:
        return clinic.need * safety, options.horizon_days * 100
    return clinic.daily_rate.numerator * safety, clinic.daily_rate.denominator * 100


def _lot_table(lots: Sequence[Lot], piles: tuple[tuple[Key, Key], ...]) -> LotTable:
    number = {pile: place for place, pile in enumerate(piles)}
    return LotTable(
        day=_ints([lot.last_usable_day.toordinal() if lot.last_usable_day else NEVER for lot in lots]),
        quantity=_ints([lot.quantity for lot in lots]),
        box=_ints([lot.box or 0 for lot in lots]),
        pile=_ints([number[lot.medicine, lot.source] for lot in lots]),
    )


def _policy(options: Options) -> Policy:
    return Policy(
        today=options.today.toordinal(),
        grain=options.grain,
        half=options.rounding is Rounding.WEBSTER,
        tolerance_percent=options.box_tolerance_percent,
        min_course=options.min_course,
        bands=options.bands,
    )
