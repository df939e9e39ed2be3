"""How much of a medicine each clinic can use up before a given day."""

import numpy as np

from .tables import ClinicTable, Ints


class Usability:
    """Expected use until a day, less the clinic's own stock that will be used by then.

    `before(t)` is C(t) = min over days s >= t of (use(s - today - transit - course) - own stock used by s),
    in whole grains, not below 0. Own stock goes first, earliest first, and counts only as far as it can still
    be used before its own last day: what is lost anyway does not keep other stock away.
    """

    def __init__(self, clinics: ClinicTable, today: int, grain: int) -> None:
        self.clinics, self.today, self.grain = clinics, today, grain
        self.delay = clinics.transit + clinics.course
        order = np.lexsort((clinics.own_day, clinics.own_row))
        row, day = clinics.own_row[order], clinics.own_day[order]
        place = np.arange(row.size) - np.searchsorted(row, row)
        used = self._own_use(row, day, clinics.own_quantity[order], place)
        by_day = np.argsort(day, kind="stable")
        self.own_row, self.own_day = row[by_day], day[by_day]
        self.own_used = (used - np.where(place > 0, np.roll(used, 1), 0))[by_day]
        self.own_room = (self._use(row, day - self.delay[row]) - used)[by_day]

    def _use(self, row: Ints | slice, until: Ints) -> Ints:
        days = np.maximum(until - self.today, 0)
        return self.clinics.rate[row] * days // self.clinics.rate_days[row]

    def _own_use(self, row: Ints, day: Ints, quantity: Ints, place: Ints) -> Ints:
        """Own stock used by each of its days; rows sorted by clinic, then day, `place` counts within one."""
        usable = self._use(row, day - self.clinics.course[row])
        used = np.zeros_like(quantity)
        for nth in range(int(place.max(initial=-1)) + 1):
            now = np.flatnonzero(place == nth)
            before = used[now - 1] if nth else 0
            used[now] = np.minimum(before + quantity[now], usable[now])
        return used

    def before(self, day: int) -> Ints:
        """C(day) of every clinic in grains, not yet capped by need or request; shape (n,)."""
        units = self._use(slice(None), day - self.delay)
        if self.own_row.size:
            known = int(np.searchsorted(self.own_day, day, side="right"))
            np.subtract.at(units, self.own_row[:known], self.own_used[:known])
            np.minimum.at(units, self.own_row[known:], self.own_room[known:])
        return np.maximum(units // self.grain, 0)


def short_days(usability: Usability, caps: Ints, days: Ints) -> tuple[Ints, Ints]:
    """The days before which somebody cannot use a whole cap, and the limits at those days.

    days: distinct last usable days of lots, rising. Returns (short, limits); limits has shape
    (len(short) + 2, n), first row 0, last row the caps, and never falls from row to row.
    """
    low, high, rows = 0, len(days), {}
    while low < high:
        middle = (low + high) // 2
        rows[middle] = usability.before(int(days[middle]))
        if (rows[middle] < caps).any():
            low = middle + 1
        else:
            high = middle
    limits = np.empty((low + 2, caps.size), dtype=np.int64)
    limits[0], limits[low + 1] = 0, caps
    for k in range(low):
        limit = rows[k] if k in rows else usability.before(int(days[k]))
        np.minimum(limit, caps, out=limits[k + 1])
    return days[:low], limits
