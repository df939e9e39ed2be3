"""Goods come in, are counted, sorted, left in doubt, confirmed by a second person, and taken back."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from donations.models import Item
from tests.distribution.whole_county import (
    CENTRE,
    HOSPITAL,
    LOTS,
    MEDICINE,
    WholeCounty,
    dues,
    pick,
    refused_if,
    split,
)
from tests.inventory.stories import accept, doubt, reject
from tests.inventory.test_confirming import photographed, proposed
from tests.inventory.test_sorting_refusals import registered_and_counted_alone
from tests.world import donation, item

INDEX = st.integers(0, 11)
STORY_LOT = "2203051"
DESKS = {HOSPITAL: ("clerk", "checker", "pharmacist"),
         CENTRE: ("clerk of the centre", "checker of the centre", "pharmacist of the centre")}  # fmt: skip
OUTCOMES = {"accept": ("accepted", accept), "reject": ("in_bin", reject), "hold": ("in_doubt", doubt)}


class Sorting(WholeCounty):
    def __init__(self) -> None:
        super().__init__()
        self.queue: dict[int, tuple[str, str]] = {}  # item -> place, lot
        self.decisions: dict[int, dict[str, Any]] = {}
        self.reversed: set[int] = set()
        self.proposals: dict[
            int, tuple[int, int, str, bool]
        ] = {}  # decision -> item, quantity, outcome, photo
        self.confirmed: set[int] = set()

    @rule(place=st.sampled_from([HOSPITAL, CENTRE]), lot=st.sampled_from(LOTS), quantity=st.integers(1, 9),
          difference=st.sampled_from([0, 0, 0, -1, 2]), reason=st.sampled_from([True, True, False]))  # fmt: skip
    def bring_and_count(self, place: str, lot: str, quantity: int, difference: int, reason: bool) -> None:
        clerk, checker, _pharmacist = DESKS[place]
        given = item(lot_number=lot, quantity=quantity)
        made = self.send(clerk, "donations/", donation(place=place, items=[given]))
        if made is None:
            return
        pk = made["items"][0]["id"]
        there = {state for (of, state) in self.custody() if of == pk}
        self.move_item(pk, quantity, None, there.pop())
        self.queue[pk] = (place, lot)
        line: dict[str, Any] = {"item": pk, "counted": max(0, quantity + difference)}
        difference = line["counted"] - quantity
        if difference and reason:
            line["reason"] = "miscounted"
        route = f"donations/{made['id']}/count/"
        refused = (difference and not reason) or not self.items[pk, "at_point"]
        if self.send(checker, route, {"items": [line]}, refused_if(refused)) is None:
            return
        arrived = min(quantity, line["counted"])
        self.move_item(pk, arrived, "at_point", "counted")
        self.move_item(pk, quantity - arrived, "at_point", "missing")
        self.move_item(pk, line["counted"] - arrived, None, "counted")

    @precondition(lambda self: self.queue)
    @rule(index=INDEX, outcomes=st.lists(st.sampled_from(list(OUTCOMES)), min_size=1, max_size=3),
          off=st.sampled_from([0, 0, 0, 0, 1, -1]), at_home=st.sampled_from([True, True, True, False]))  # fmt: skip
    def sort(self, index: int, outcomes: list[str], off: int, at_home: bool) -> None:
        pk = pick(sorted(self.queue), index)
        place, lot = self.queue[pk]
        source = "counted" if self.items[pk, "counted"] else "in_doubt"
        there = self.items[pk, source]
        outcomes = outcomes[: max(1, there)]
        parts = split(there, len(outcomes))
        parts[0] += off
        decisions = [
            OUTCOMES[name][1](part, **_label(name, lot)) for name, part in zip(outcomes, parts, strict=True)
        ]
        elsewhere = HOSPITAL if place == CENTRE else CENTRE
        who = DESKS[place if at_home else elsewhere][2]
        recalled = "accept" in outcomes and self.recalled_lot("M009a", lot, place)
        due = dues(off, not there, not at_home, recalled)
        answer = self.send(who, "sortings/", {"item": pk, "decisions": decisions}, due)
        for made in (answer or {"decisions": []})["decisions"]:
            self.decided(pk, place, source, made)

    @precondition(lambda self: self.queue)
    @rule(place=st.sampled_from([HOSPITAL, HOSPITAL, CENTRE]), outcome=st.sampled_from(list(OUTCOMES)),
          chosen=st.lists(st.tuples(INDEX, st.sampled_from([0, 0, 0, 1])), min_size=2, max_size=4))  # fmt: skip
    def sort_together(self, place: str, outcome: str, chosen: list[tuple[int, int]]) -> None:
        """Several items in one action: those that can be are sorted, and only those."""
        items = {pick(sorted(self.queue), index): off for index, off in chosen}
        lines, right = [], []
        for pk, more in items.items():
            home, lot = self.queue[pk]
            there = self.items[pk, "counted"]
            units = max(1, there + more)
            decision = OUTCOMES[outcome][1](units, **_label(outcome, lot))
            lines.append({"item": pk, "state": "counted", "decisions": [decision]})
            recalled = outcome == "accept" and self.recalled_lot(MEDICINE, lot, home)
            right.append(units == there and home == place and not recalled)
        answer = self.send(DESKS[place][2], "sortings/", {"sortings": lines}, dues(not any(right)))
        if answer is None:
            return
        assert [row["result"] == "sorted" for row in answer["sortings"]] == right
        for row in answer["sortings"]:
            for made in row["decisions"]:
                self.decided(row["item"], place, "counted", made)

    def decided(self, pk: int, place: str, source: str, made: dict[str, Any]) -> None:
        target = OUTCOMES[made["outcome"]][0]
        self.decisions[made["id"]] = {"item": pk, "place": place, "from": source, "to": target, **made}
        self.move_item(pk, made["quantity"], source, target)
        if made["batch"]:
            self.move(made["batch"], made["quantity"], None, (place, "store", "available", 0))

    @precondition(lambda self: self.decisions)
    @rule(index=INDEX)
    def reverse_a_decision(self, index: int) -> None:
        pk = pick(sorted(self.decisions), index)
        made = self.decisions[pk]
        place, units = made["place"], made["quantity"]
        shelf = (place, "store", "available", 0)
        gone = made["batch"] and self.there(shelf, made["batch"]) < units
        stays = made["from"] == made["to"]
        moved_on = self.items[made["item"], made["to"]] < units
        due = refused_if(pk in self.reversed, gone, stays, moved_on)
        if self.send(DESKS[place][2], f"sortings/{pk}/reverse/", {"reason": "看错"}, due) is None:
            return
        self.reversed.add(pk)
        self.move_item(made["item"], units, made["to"], "counted")
        if made["batch"]:
            self.units[shelf, made["batch"]] -= units

    @rule(outcome=st.sampled_from(["accept", "reject"]), photo=st.sampled_from([True, True, False]))
    def propose_alone(self, outcome: str, photo: bool) -> None:
        """The hospital's pharmacist registered and counted the goods, and may leave them in doubt only."""
        if self.recalled_lot("M009a", STORY_LOT, HOSPITAL):
            return
        pk = registered_and_counted_alone(self.world)
        self.changed()
        units = Item.objects.get(pk=pk).quantity
        self.move_item(pk, units, None, "counted")
        alone = {"item": pk, "decisions": [OUTCOMES[outcome][1](units)]}
        self.send("pharmacist", "sortings/", alone, "refused")
        answer = self.send("pharmacist", "sortings/", {"item": pk, "decisions": [proposed(units, outcome)]})
        if answer is None:
            return
        self.move_item(pk, units, "counted", "in_doubt")
        if photo:
            assert photographed(self.stage.people["pharmacist"], pk).status_code == 201
            self.changed()
        (made,) = answer["decisions"]
        self.proposals[made["id"]] = (pk, units, outcome, photo)

    @precondition(lambda self: self.proposals)
    @rule(index=INDEX, who=st.sampled_from(["pharmacist of the centre", "second pharmacist", "pharmacist"]))
    def confirm_a_proposal(self, index: int, who: str) -> None:
        decision = pick(sorted(self.proposals), index)
        pk, _units, outcome, photo = self.proposals[decision]
        recalled = outcome == "accept" and self.recalled_lot("M009a", STORY_LOT, HOSPITAL)
        wrong = (who == "pharmacist", decision in self.confirmed, not photo, recalled)
        answer = self.send(who, f"sortings/{decision}/confirm/", None, refused_if(*wrong))
        if answer is None:
            return
        self.confirmed.add(decision)
        self.decided(pk, HOSPITAL, "in_doubt", answer)


def _label(outcome: str, lot: str) -> dict[str, Any]:
    return {"lot_number": lot, "reason": "核对无误"} if outcome == "accept" else {}
