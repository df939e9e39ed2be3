"""How the flows of the two journals fold into accounts, and the identities that the accounts must keep.

Pure: no Django, no database. A flow is units of one medicine that passed from one state to another, summed before
a period and within it. An account is a set of states seen from outside: what it opened with, what came in and went
out by name, what it closes with. The account closes by counting what stands in its states, not by adding up its
columns, so an unknown step would show as an identity that does not hold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

TAKEN_BACK = {"reversed", "reversal"}
OTHER = "other"


@dataclass(frozen=True)
class Flow:
    """Units of one medicine from `source` to `target`; `detail` is a reason or an age band."""

    kind: str
    source: str
    target: str
    detail: str = ""
    before: int = 0
    during: int = 0

    @property
    def netted(self) -> Flow:
        """A reversal as what it is: less of the step it takes back."""
        if self.kind not in TAKEN_BACK:
            return self
        return Flow("", self.target, self.source, self.detail, -self.before, -self.during)


@dataclass(frozen=True)
class Account:
    """One medicine's account of one period, in smallest units; `standing` is the closing by state."""

    opening: int
    gains: dict[str, int]
    losses: dict[str, int]
    closing: int
    standing: dict[str, int]

    @property
    def left(self) -> int:
        return self.opening + sum(self.gains.values())

    @property
    def right(self) -> int:
        return sum(self.losses.values()) + self.closing

    def __getitem__(self, column: str) -> int:
        return self.gains[column] if column in self.gains else self.losses[column]

    def content(self) -> dict[str, int]:
        standing = {f"closing_{state}": units for state, units in self.standing.items()}
        return {"opening": self.opening, **self.gains, **self.losses, "closing": self.closing, **standing}


@dataclass(frozen=True)
class Book:
    """Which states an account holds, and by which name units come in from, or leave for, each state around it.

    What returns by a way that has no name of its own is less of the column it went by.
    """

    inside: tuple[str, ...]
    gains: Mapping[str, str]
    losses: Mapping[str, str]
    by_kind: Mapping[str, str] = field(default_factory=dict)

    def account(self, flows: Iterable[Flow]) -> Account:
        flows = list(flows)
        opening = _standing(flows, before_only=True)
        standing = _standing(flows, before_only=False)
        sums = self._columns(flow.netted for flow in flows)
        gains = [*dict.fromkeys([*self.gains.values(), *self.by_kind.values()])]
        return Account(
            opening=sum(opening[state] for state in self.inside),
            gains={column: sums[column] for column in gains},
            losses={column: sums[column] for column in dict.fromkeys(self.losses.values())},
            closing=sum(standing[state] for state in self.inside),
            standing={state: standing[state] for state in self.inside},
        )

    def _columns(self, flows: Iterable[Flow]) -> dict[str, int]:
        sums: dict[str, int] = defaultdict(int)
        for flow in flows:
            comes, goes = flow.target in self.inside, flow.source in self.inside
            if comes and not goes:
                self._add(sums, flow, flow.source, self.gains, self.losses)
            elif goes and not comes:
                self._add(sums, flow, flow.target, self.losses, self.gains)
        return sums

    def _add(
        self,
        sums: dict[str, int],
        flow: Flow,
        other: str,
        forward: Mapping[str, str],
        backward: Mapping[str, str],
    ) -> None:
        if flow.kind in self.by_kind and forward is self.gains:
            sums[self.by_kind[flow.kind]] += flow.during
        elif other in forward:
            sums[forward[other]] += flow.during
        elif other in backward:
            sums[backward[other]] -= flow.during


def _standing(flows: Iterable[Flow], *, before_only: bool) -> dict[str, int]:
    """Units in each state before the period, or at its end."""
    standing: dict[str, int] = defaultdict(int)
    for flow in flows:
        units = flow.before if before_only else flow.before + flow.during
        standing[flow.source] -= units
        standing[flow.target] += units
    return standing


def split(flows: Iterable[Flow], *, target: str, known: Collection[str]) -> dict[str, int]:
    """Units that reached `target` in the period, by their detail.

    A detail that is not a known word counts as `other`: it can be typed text, which must not reach a published
    table.
    """
    parts: dict[str, int] = defaultdict(int)
    for flow in (flow.netted for flow in flows):
        if flow.target == target and flow.during:
            detail = flow.detail if flow.detail in known else OTHER
            parts[detail] += flow.during
    return {detail: units for detail, units in sorted(parts.items()) if units}


# Before stock: everything registered until it is accepted, rejected, missing or taken back.
ITEMS = Book(
    inside=("at_point", "on_the_way", "counted", "in_doubt"),
    gains={"outside": "registered"},
    losses={"voided": "voided", "accepted": "accepted", "in_bin": "rejected", "missing": "missing"},
    by_kind={"surplus": "surplus"},
)
# The sealed bin: what was rejected, and what was refused at the counter and left there.
REJECTS = Book(
    inside=("in_bin",),
    gains={
        "refused": "refused_and_left",
        "counted": "rejected",
        "in_doubt": "rejected",
    },
    losses={"returned": "returned_to_donor", "destroyed": "destroyed"},
)
# What is converted comes back to the same account as the same medicine, so it has no column.
STOCK = Book(
    inside=("available", "held", "reserved", "in_use", "lent"),
    gains={"donated": "accepted", "in_transit": "arrived", "adjusted": "found"},
    losses={
        "in_transit": "left",
        "dispensed": "dispensed",
        "destroyed": "destroyed",
        "lost": "lost",
        "adjusted": "adjusted",
    },
)
ROAD = Book(
    inside=("in_transit",),
    gains={
        "available": "dispatched",
        "held": "dispatched",
        "reserved": "dispatched",
    },
    losses={"available": "received", "held": "received", "reserved": "received", "lost": "lost"},
)

# The same of some places. What passes between places has lines of its own: handed over and handed in before stock,
# left and arrived in stock; goods on the way between two places belong to neither, goods on the road to the sender.
ITEMS_AT = Book(
    inside=("at_point", "counted", "in_doubt"),
    gains={**ITEMS.gains, "on_the_way": "handed_in"},
    losses={**ITEMS.losses, "on_the_way": "handed_over"},
    by_kind=ITEMS.by_kind,
)
STOCK_AT = Book(STOCK.inside, {**STOCK.gains, "elsewhere": "arrived"}, STOCK.losses)
ROAD_AT = Book(ROAD.inside, ROAD.gains, {**ROAD.losses, "elsewhere": "received"})


def seen_at_places(custody: Iterable[Flow]) -> Iterator[Flow]:
    """What a place finds missing on a list was handed in by the list and is missing there."""
    for flow in custody:
        if flow.source == "on_the_way" and flow.target == "missing":
            yield replace(flow, target="counted")
            yield replace(flow, source="counted")
        else:
            yield flow


@dataclass(frozen=True)
class Identity:
    """Two sums that must be equal, for one medicine (None: units whose medicine nobody has named yet)."""

    name: str
    medicine: str | None
    left: int
    right: int

    @property
    def holds(self) -> bool:
        return self.left == self.right

    def content(self) -> dict[str, str | int | bool | None]:
        return {
            "name": self.name,
            "medicine": self.medicine,
            "left": self.left,
            "right": self.right,
            "holds": self.holds,
        }
