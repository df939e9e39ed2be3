"""From stock and needs of one medicine to the draft of who gets what: the one door to the allocation engine."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from distribution.allocation import Allocation, Clinic, Cut, Lot, Options, Share, allocate
from distribution.known_needs import Known, Need, Safety

NO_PROFILE = "no_profile"
NO_PROFILE_ZH = "没有服务人群资料，无法估计需求量，本次不分配。"
NO_PROFILE_EN = (
    "There are no figures on the people you serve, so no need could be estimated and nothing was sent."
)


@dataclass(frozen=True, slots=True)
class ShelfLot:
    """Available units of one batch on the shelf of one supplying place."""

    place: str
    batch_id: int
    quantity: int
    last_usable_day: datetime.date | None
    box: int | None = None


@dataclass(frozen=True, slots=True)
class Want:
    """One receiving clinic: need over the horizon, what it has or has coming by day, what it handed out."""

    clinic: str
    need: int
    profiled: bool
    requested: int | None = None
    own_stock: tuple[tuple[datetime.date | None, int], ...] = ()
    handed_out: int = 0
    transit_days: int = 0
    route: int = 0
    tier: int = 0
    # From what the need is known and how fast it is used, and the same of each place it stands for; none: the need is
    # used evenly over the horizon.
    known: Need | None = None
    parts: tuple[Known, ...] = ()
    # Supplying places, the best first: its own township's, then the nearest; empty where it does not matter.
    sources: tuple[str, ...] = ()

    @property
    def on_hand(self) -> int:
        return self.handed_out + sum(quantity for _day, quantity in self.own_stock)


@dataclass(frozen=True, slots=True)
class Rules:
    """County policy for the draft; a course keeps its patient supplied for so many days.

    `bands`: rising percentages of need, each met for everybody before the next (20, 100: an emergency minimum first).
    """

    today: datetime.date
    horizon_days: int
    safety_percent: int
    safety_learned_percent: int
    course_days: int = 3
    bands: tuple[int, ...] = (100,)

    @property
    def safety(self) -> Safety:
        return Safety(self.safety_percent, self.safety_learned_percent)

    def published(self) -> dict[str, Any]:
        return {**asdict(self), "today": str(self.today), "bands": list(self.bands)}


@dataclass(frozen=True, slots=True)
class DraftLine:
    place: str
    clinic: str
    batch_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class DraftShare:
    want: Want
    allotted: int
    limited_by: str
    explanation_zh: str
    explanation_en: str


@dataclass(frozen=True, slots=True)
class MedicineDraft:
    """Lines, one share per clinic, and as JSON the published cuts and what nobody can use."""

    lines: list[DraftLine]
    shares: list[DraftShare]
    min_course: int
    cuts: list[dict[str, Any]]
    leftovers: list[dict[str, Any]]


def draft_medicine(
    medicine: str, wants: Sequence[Want], lots: Sequence[ShelfLot], rules: Rules, *, course: int = 0
) -> MedicineDraft:
    """Share out one medicine; nobody is sent less than a `course`.

    The exact shares stand wherever each is a course or more. Only where they would fall below one are courses
    given first, clinic by clinic, which costs some evenness. Raises AllocationInputError where a figure is beyond
    what can be shared out.
    """
    exact = _drafted(medicine, wants, lots, rules, min_course=0)
    if all(share.allotted >= course for share in exact.shares if share.allotted):
        return exact
    return _drafted(medicine, wants, lots, rules, min_course=course)


def _drafted(
    medicine: str, wants: Sequence[Want], lots: Sequence[ShelfLot], rules: Rules, *, min_course: int
) -> MedicineDraft:
    by_key = {f"{lot.place}/{lot.batch_id}": lot for lot in lots}
    by_clinic = {want.clinic: want for want in wants}
    allocation = allocate(
        [_clinic(want, rules) for want in wants],
        [_lot(key, lot, medicine) for key, lot in by_key.items()],
        Options(
            rules.today, rules.horizon_days, rules.safety_percent, min_course=min_course, bands=rules.bands
        ),
    )
    return MedicineDraft(
        lines=[
            DraftLine(
                by_key[str(line.lot)].place, str(line.clinic), by_key[str(line.lot)].batch_id, line.quantity
            )
            for line in allocation.lines
            if line.quantity
        ],
        shares=[_share(by_clinic[str(share.clinic)], share, rules) for share in allocation.shares],
        min_course=min_course,
        cuts=[published_cut(cut) for cut in allocation.cuts],
        leftovers=_leftovers(medicine, allocation, by_key),
    )


def _clinic(want: Want, rules: Rules) -> Clinic:
    return Clinic(
        key=want.clinic,
        need=want.need,
        daily_rate=want.known.daily_rate if want.known else None,
        safety_percent=want.known.safety_percent if want.known else None,
        on_hand=want.on_hand,
        requested=want.requested,
        own_stock=tuple((day, quantity) for day, quantity in want.own_stock if day),
        transit_days=want.transit_days,
        course_days=rules.course_days,
        route=want.route,
        tier=want.tier,
        sources=want.sources or None,
    )


def _lot(key: str, lot: ShelfLot, medicine: str) -> Lot:
    return Lot(key, lot.quantity, lot.last_usable_day, lot.box, medicine, lot.place)


def _share(want: Want, share: Share, rules: Rules) -> DraftShare:
    reason, zh, en = said_of(want, share)
    bands_zh, bands_en = band_words(rules.bands, want.need, want.on_hand + share.shipped)
    return DraftShare(want, share.shipped, reason, zh + bands_zh, en + bands_en)


def said_of(want: Want, share: Share) -> tuple[str, str, str]:
    """What limited a share, and the sentences about it and about from what its need is known, in both languages."""
    if not want.profiled:
        return NO_PROFILE, NO_PROFILE_ZH, NO_PROFILE_EN
    zh, en = want.known.words if want.known else ("", "")
    return str(share.limited_by), share.sentence_zh + zh, share.sentence_en + en


def band_words(bands: Sequence[int], need: int, had: int) -> tuple[str, str]:
    """Which of several need bands a clinic has reached with what it gets; nothing where there is one band."""
    if len(bands) == 1 or not need:
        return "", ""
    steps = [f"{percent}%" for percent in bands]
    reached = next((f"{percent}%" for percent in reversed(bands) if had >= need * percent // 100), "")
    zh = f"需求按{'、'.join(steps)}分档依次补足，" + (
        f"贵单位已补足至{reached}档。" if reached else "贵单位尚未补足第一档。"
    )
    en = f" Need is met in bands of {', '.join(steps)}, each for everybody before the next; " + (
        f"you have reached {reached}." if reached else "you have not reached the first."
    )
    return zh, en


def published_cut(cut: Cut) -> dict[str, Any]:
    return {
        "supplies": [sorted(list(pair) for pair in supply) for supply in cut.supplies],
        "after": [str(day) for day in cut.after],
        "until": [str(day) for day in cut.until],
        "mark": cut.mark and asdict(cut.mark),
    }


def _leftovers(medicine: str, allocation: Allocation, by_key: dict[str, ShelfLot]) -> list[dict[str, Any]]:
    return [
        {
            "medicine": medicine,
            "place": by_key[str(left.lot)].place,
            "batch": by_key[str(left.lot)].batch_id,
            "quantity": left.quantity,
            "last_usable_day": left.last_usable_day and str(left.last_usable_day),
            "reason": str(left.reason),
        }
        for left in allocation.leftovers
        if left.quantity
    ]
