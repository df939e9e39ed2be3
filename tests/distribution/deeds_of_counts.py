"""Counting a place blind while everything else goes on, and booking what was missing and found."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from inventory.models.counts import CountResult
from tests.distribution.deeds_of_sorting import INDEX
from tests.distribution.whole_county import (
    CENTRE,
    HOSPITAL,
    MOSTLY,
    WholeCounty,
    pick,
    refused_if,
    usable_or_held,
)

COUNTERS = {HOSPITAL: "checker", CENTRE: "checker of the centre"}
APPROVERS = {HOSPITAL: "pharmacist", CENTRE: "pharmacist of the centre"}
BOTH, SIDES = st.sampled_from([HOSPITAL, CENTRE]), st.sampled_from(["store", "clinic"])


class Counts(WholeCounty):
    def __init__(self) -> None:
        super().__init__()
        self.counts: dict[int, dict[str, Any]] = {}

    @rule(place=BOTH)
    def start_a_count(self, place: str) -> None:
        under_way = [row for row in self.counts.values() if row["place"] == place and row["state"] != "ended"]
        answer = self.send(COUNTERS[place], "counts/", {"place": place}, refused_if(under_way))
        if answer:
            self.counts[answer["id"]] = {"place": place, "state": "open"}

    def count_under_way(self, index: int) -> int:
        going = [pk for pk, row in self.counts.items() if row["state"] != "ended"]
        return int(pick(sorted(going if going and index < MOSTLY else self.counts), index))

    @precondition(lambda self: self.counts)
    @rule(index=INDEX, batch=INDEX, side=SIDES, spot=st.sampled_from(["shelf", "held"]),
          off=st.sampled_from([0, 0, -3, -1, 2]))  # fmt: skip
    def count_a_line(self, index: int, batch: int, side: str, spot: str, off: int) -> None:
        pk = self.count_under_way(index)
        row = self.counts[pk]
        of = self.batch(batch, (row["place"], side, "available" if spot == "shelf" else "held", 0))
        states = ("available", "reserved") if spot == "shelf" else ("held",)
        there = sum(n for (at, b), n in self.units.items()
                    if b == of and at[:2] == (row["place"], side) and at[2] in states)  # fmt: skip
        line = {"batch": of, "side": side, "spot": spot, "counted": max(0, there + off)}
        due = refused_if(row["state"] != "open")
        if self.send(COUNTERS[row["place"]], f"counts/{pk}/lines/", {"lines": [line]}, due):
            row["lines"] = True

    @precondition(lambda self: self.counts)
    @rule(index=INDEX, step=st.sampled_from(["finish", "finish", "reopen", "abandon"]))
    def step_on(self, index: int, step: str) -> None:
        pk = self.count_under_way(index)
        row = self.counts[pk]
        wrong = {
            "finish": row["state"] != "open" or not row.get("lines"),
            "reopen": row["state"] != "finished",
            "abandon": row["state"] == "ended",
        }[step]
        body = {"reason": "停电"} if step == "abandon" else None
        if self.send(COUNTERS[row["place"]], f"counts/{pk}/{step}/", body, refused_if(wrong)):
            row["state"] = {"finish": "finished", "reopen": "open", "abandon": "ended"}[step]

    @precondition(lambda self: self.counts)
    @rule(index=INDEX, by_another=st.sampled_from([True, True, True, False]))
    def approve_a_count(self, index: int, by_another: bool) -> None:
        pk = self.count_under_way(index)
        row = self.counts[pk]
        who = (APPROVERS if by_another else COUNTERS)[row["place"]]
        due = refused_if(row["state"] != "finished", not by_another)
        if self.send(who, f"counts/{pk}/approve/", None, due) is None:
            return
        row["state"] = "ended"
        for result in CountResult.objects.filter(line__count=pk).select_related("line"):
            self.book(row["place"], result)
        self.adopt(usable_or_held)

    def book(self, place: str, result: CountResult) -> None:
        """Losses are adjusted away, finds come back from them, and what is beyond is a donation to be sorted."""
        line = result.line
        here = (place, line.side)
        spot = (*here, "available" if line.spot == "shelf" else "held", 0)
        adjusted = (*here, "adjusted", 0)
        self.move(line.batch_id, result.lost, spot, adjusted)
        self.move(line.batch_id, result.regained, adjusted, spot)
        if result.donated:
            states = [state for (of, state) in self.custody() if of == result.item_id]
            self.move_item(result.item_id, result.donated, None, states[0])
            self.found(result.item_id, place, line.batch.lot_number)

    def found(self, item: int, place: str, lot: str) -> None:
        raise NotImplementedError
