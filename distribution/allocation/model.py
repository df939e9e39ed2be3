"""What goes into an allocation of one medicine (or one group of interchangeable medicines) and what comes
out.

All quantities are whole smallest units (tablets, sachets, bottles), all days are calendar days. Nothing here
is a float: levels are pairs (numerator, denominator), water levels are whole billionths.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

Key = int | str
"""Stable name of a clinic, lot, medicine or pharmacy; all keys of one kind are of one type."""

MAX_QUANTITY = 4_600_000_000
"""Largest need x weight x top band, stock, request or lot: 2 x 10^9 x this still fits in 64 bits."""


class AllocationInputError(ValueError):
    """Refused input: `code` for programs, `field` (like "clinics[3].need") and `message` for people."""

    def __init__(self, code: str, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.code, self.field, self.message = code, field, message


class Rounding(StrEnum):
    """Which of several clinics at almost one level gets the next grain (Balinski-Young divisor rules)."""

    ADAMS = "adams"  # exact max-min: nobody stays empty while others are topped up
    WEBSTER = "webster"  # neutral between small and large clinics


class LimitedBy(StrEnum):
    """Why a clinic did not get one grain more."""

    NO_NEED = "no_need"
    NEED = "need"
    REQUEST = "request"
    EXPIRY = "expiry"
    STOCK = "stock"
    NO_COURSE = "no_course"


class Unused(StrEnum):
    """Why stock stays where it is."""

    EXPIRED = "expired"  # past its last usable day already
    UNUSABLE = "unusable"  # no clinic can use it up before its last usable day: offer it to neighbours
    SURPLUS = "surplus"  # needs and requests are met without it
    REMAINDER = "remainder"  # less than one grain


@dataclass(frozen=True, slots=True)
class Clinic:
    """One receiving clinic and what is known of its need for this medicine.

    need: reference need over the horizon, estimated by the bureau, never by the clinic itself.
    on_hand: usable stock there + on the way + handed out this period, each unit once.
    requested: caps the share, never weights it; None = no cap by request.
    tier: strict priority, smaller first. weight: levels are counted in need x weight (1.5 : 1 is 3 : 2).
    daily_rate: units used per day; None = need / horizon. safety_percent: None = that of the options.
    own_stock: (last usable day, quantity) of the dated part of the stock already there.
    tie: published rotation, smaller first. route: place in the delivery round.
    accepts: medicines it may get, best first; sources: pharmacies that may supply it, nearest first; None
    = all.
    """

    key: Key
    need: int
    on_hand: int = 0
    requested: int | None = None
    tier: int = 0
    weight: int = 1
    daily_rate: Fraction | int | None = None
    safety_percent: int | None = None
    own_stock: tuple[tuple[date, int], ...] = ()
    transit_days: int = 0
    course_days: int = 0
    tie: int = 0
    route: int = 0
    accepts: tuple[Key, ...] | None = None
    sources: tuple[Key, ...] | None = None


@dataclass(frozen=True, slots=True)
class Lot:
    """Stock of one batch in one pharmacy; `last_usable_day` None = never expires, `box` = units in a
    sealed box.

    In a group of interchangeable medicines quantities are whole course equivalents.
    """

    key: Key
    quantity: int
    last_usable_day: date | None = None
    box: int | None = None
    medicine: Key = 0
    source: Key = 0


@dataclass(frozen=True, slots=True)
class Options:
    """County policy for one medicine.

    safety_percent: share of the expected use that may be counted on before a lot expires.
    grain: smallest quantity sent (a strip of g units; 1 for bottles and sachets).
    box_tolerance_percent: points of need a share may move so that a sealed box stays sealed.
    min_course: fewer units than this are not sent to anybody.
    bands: rising percentages of need, each band filled for all tiers before the next; (20, 100) guarantees
        everybody an emergency minimum of 20 %, (100, 130) adds a buffer when there is plenty.
    """

    today: date
    horizon_days: int = 14
    safety_percent: int = 60
    grain: int = 1
    rounding: Rounding = Rounding.ADAMS
    box_tolerance_percent: int = 0
    min_course: int = 0
    bands: tuple[int, ...] = (100,)


@dataclass(frozen=True, slots=True)
class Line:
    """Send `quantity` units of one lot to one clinic."""

    clinic: Key
    lot: Key
    quantity: int


@dataclass(frozen=True, slots=True)
class Share:
    """What one clinic gets and why not more.

    share: fair total; shipped: sum of its lines, which differs from the share only by box tolerance.
    level_before, level_after: (units, need x weight), after = with what is shipped.
    limiting_day: for `expiry`, the day after which stock would have to expire to be of more use there.
    """

    clinic: Key
    share: int
    shipped: int
    level_before: tuple[int, int]
    level_after: tuple[int, int]
    limited_by: LimitedBy
    limiting_day: date | None
    sentence_zh: str
    sentence_en: str


@dataclass(frozen=True, slots=True)
class Mark:
    """The last unit admitted. A unit is admitted if its own tuple, in this order of fields, is not greater.

    level: whole billionths of (stock before this unit [+ half a grain for Webster]) / (need x weight).
    reference, tie, clinic: tie order (smaller need x weight, rotation, key). grain: which of that clinic's
    grains.
    """

    band: int
    tier: int
    later: bool  # False: grains of a minimum course
    level: int
    reference: int
    tie: int
    clinic: Key
    grain: int

    @property
    def rank(self) -> tuple[int, int, bool]:
        """Strict order before any level counts."""
        return self.band, self.tier, self.later

    @property
    def order(self) -> tuple[int, int, bool, int, int, int, Key, int]:
        """The fields as a tuple that sorts in the order units are handed out."""
        return (*self.rank, self.level, self.reference, self.tie, self.clinic, self.grain)


@dataclass(frozen=True, slots=True)
class Cut:
    """One published figure: how far clinics were filled with the stock that expires in a span of days.

    It concerns, for each clinic, the grains above what it can use before `after` and up to what it can use
    before `until`: of those it gets the ones admitted by `mark` (None = all). `supplies` names the groups of
    (medicine, pharmacy) that clinics may or may not accept; `after` and `until` hold one day for each, and a
    clinic counts the latest of those it accepts. date.min stands for "from the first grain", date.max for
    "to the last grain it asked for".
    """

    supplies: tuple[frozenset[tuple[Key, Key]], ...]
    after: tuple[date, ...]
    until: tuple[date, ...]
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class Leftover:
    """Stock that stays in the pharmacy, and why."""

    lot: Key
    quantity: int
    last_usable_day: date | None
    reason: Unused


@dataclass(frozen=True, slots=True)
class Allocation:
    """A plan for one medicine: lines by (clinic order, lot order), one share per clinic, cuts, leftovers.

    Units of lines and leftovers together are exactly the units put in.
    """

    lines: tuple[Line, ...]
    shares: tuple[Share, ...]
    cuts: tuple[Cut, ...]
    leftovers: tuple[Leftover, ...]
    boxes_opened: int
