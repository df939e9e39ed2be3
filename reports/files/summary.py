"""A bulletin's figures by category and by township, as its charts show them: one reading for paper and page. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from reports.files.boxes import Weights, shown
from reports.files.tables import township_word
from reports.files.words import MERGED_ELSEWHERE, PERIODS, TOWNSHIPS_MERGED, category_word

Content = dict[str, Any]
Units = Callable[[Any], int]
# What is charted, and how it is read from a line of table C and from a row of the townships.
CHARTED: tuple[tuple[str, Units, Units], ...] = (
    ("接收", lambda line: line["items"]["registered"], lambda row: row["received"]),
    ("分配", lambda line: line["allotted"], lambda row: row["allotted"]),
    ("发放", lambda line: line["stock"]["dispensed"], lambda row: row["dispensed"]),
)


# What is not one thing stands below those that are, however much it is.
LAST = {category_word("other"), category_word(None), TOWNSHIPS_MERGED}


@dataclass(frozen=True)
class Summary:
    """`names` in their order, and by period and figure what each has; None where that is not known in boxes."""

    head: str
    names: list[str]
    sums: dict[str, list[dict[str, int | None]]]

    def row(self, name: str, periods: tuple[tuple[str, str], ...] = PERIODS) -> list[int | str]:
        """接收本期、接收累计、分配本期……"""
        return [
            MERGED_ELSEWHERE
            if self._may_be_merged(name, period, each)
            else shown(self.sums[period][each].get(name, 0))
            for each in range(len(CHARTED))
            for _word, period in periods
        ]

    @property
    def merges(self) -> bool:
        """Whether townships of few people stand together, so that a township's nothing may be something."""
        return TOWNSHIPS_MERGED in self.names

    def _may_be_merged(self, name: str, period: str, each: int) -> bool:
        found = self.sums[period][each]
        return found.get(TOWNSHIPS_MERGED, 0) != 0 and name != TOWNSHIPS_MERGED and found.get(name, 0) == 0

    def bars(self, period: str, each: int) -> list[tuple[str, int]]:
        """What is known and more than nothing, in the order of the names."""
        found = self.sums[period][each]
        return [(name, value) for name in self.names if (value := found.get(name))]


def summaries(content: Content) -> list[Summary]:
    """By category, and by township where the content says so."""
    weights = Weights.of(content)

    def summed(
        head: str, lines: Callable[[str], Iterable[Any]], key: Callable[[Any], str], at: int
    ) -> Summary:
        sums = {
            period: [weights.sums(lines(period), key, charted[at]) for charted in CHARTED]  # type: ignore[arg-type]
            for _word, period in PERIODS
        }
        names = {name for figures in sums.values() for found in figures for name in found}
        received = sums["cumulative"][0]
        order = sorted(names, key=lambda name: (name in LAST, -(received.get(name) or 0), name))
        return Summary(head, order, sums)

    found = [
        summed(
            "类别",
            lambda period: content[period]["medicines"],
            lambda line: category_word(line["category"]),
            1,
        )
    ]
    if "townships" in content:
        found.append(summed("乡镇", lambda period: content["townships"][period], township_word, 2))
    return found
