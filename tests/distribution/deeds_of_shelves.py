"""What is done to stock where it stands: held, released, recalled, opened, relabelled, destroyed, moved at night."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from catalogue.models import Recall
from config.housekeeping import keep_house
from inventory.models import Hold
from inventory.queries.holds import still_holding
from tests.distribution.deeds_of_sorting import DESKS, INDEX
from tests.distribution.whole_county import (
    CENTRE,
    FIRST,
    HOSPITAL,
    LOTS,
    MEDICINE,
    MOSTLY,
    TOO_MANY,
    Spot,
    WholeCounty,
    dues,
    pick,
    refused_if,
    usable_or_held,
)
from tests.inventory.stories import printed
from tests.world import TODAY

UNITS = st.sampled_from([1, 2, 3, 4, 5, 6, 1, 2, 12, TOO_MANY])
SIDES = st.sampled_from(["store", "clinic"])
PHARMACISTS = {HOSPITAL: "pharmacist", CENTRE: "pharmacist of the centre", FIRST: "lead"}
PLACES = st.sampled_from([HOSPITAL, CENTRE, FIRST])
REASON = {"reason": "外观可疑"}


class Shelves(WholeCounty):
    def __init__(self) -> None:
        super().__init__()
        self.holds: dict[int, str] = {}
        self.inquiries: set[int] = set()
        self.relabelled: dict[int, tuple[str, bool]] = {}  # batch that waits -> who proposed
        self.lists: dict[int, dict[str, Any]] = {}

    # Holding

    @rule(place=PLACES, index=INDEX, units=st.one_of(st.none(), UNITS), side=st.one_of(st.none(), SIDES))
    def hold(self, place: str, index: int, units: int | None, side: str | None) -> None:
        batch = self.batch(index, (place, side or "clinic", "available", 0))
        there = {
            s: self.there((place, s, "available", 0), batch)
            for s in ([side] if side else ["store", "clinic"])
        }
        wanted = sum(there.values()) if units is None else units
        # All of a batch at a place is also what is in its kits.
        kits = [
            spot for spot in self.kits_at(place) if units is None and side is None and self.units[spot, batch]
        ]
        body = {"place": place, "batch": batch, "quantity": units, "side": side, **REASON}
        refused = wanted > sum(there.values()) or (not wanted and not kits)
        answer = self.send(PHARMACISTS[place], "holds/", body, dues(refused))
        if answer is None:
            return
        self.holds[answer["id"]] = place
        self.put_aside((spot, batch) for spot in kits)
        for s, available in there.items():
            drawn = min(wanted, available)
            wanted -= drawn
            self.move(batch, drawn, (place, s, "available", 0), (place, s, "held", 0))

    def kits_at(self, place: str) -> list[Spot]:
        packed = (
            spot for spot, _of in self.units if spot[:3] == (place, "clinic", "reserved") and spot[3] < 0
        )
        return list(dict.fromkeys(packed))

    def put_aside(self, stands: Iterable[tuple[Spot, int]]) -> None:
        """All that stands at these spots of these batches is held where it is."""
        for spot, batch in stands:
            self.move(batch, self.units[spot, batch], spot, (spot[0], spot[1], "held", 0))

    @rule(place=st.one_of(st.none(), PLACES), index=INDEX)
    def hold_widely(self, place: str | None, index: int) -> None:
        """All stock of a place, or all of a batch wherever the lead pharmacist reaches, promised or not."""
        batch = self.batch(index)
        here = [(spot, of) for (spot, of), units in self.units.items()
                if units and spot[2] in USABLE and (spot[0] == place if place else of == batch)]  # fmt: skip
        body = {**({"place": place} if place else {"batch": batch}), **REASON}
        answer = self.send("lead", "holds/", body, dues(not here))
        if answer:
            assert answer["units"] == sum(self.units[key] for key in here)
            self.put_aside(here)

    @precondition(lambda self: self.holds or self.recalls)
    @rule(index=INDEX, units=st.one_of(st.none(), UNITS))
    def release(self, index: int, units: int | None) -> None:
        holds = list(still_holding(Hold.objects.select_related("place")))
        if not holds:
            return  # the recall reached nothing
        hold = pick([each for each in holds if each.still_held and index < MOSTLY] or holds, index)
        place, batch = hold.place.code, hold.batch_id
        due = dues(not hold.still_held, (units or 0) > hold.still_held, not self.usable(batch, place))
        answer = self.send("lead", f"holds/{hold.pk}/release/", {"quantity": units, **REASON}, due)
        for line in (answer or {"lines": []})["lines"]:
            self.move(batch, line["quantity"], (place, line["side"], "held", 0),
                      (place, line["side"], "available", 0))  # fmt: skip

    # Recalling

    @rule(
        lot=st.sampled_from([*LOTS, *LOTS, *LOTS, "NEVER SEEN", None]),
        place=st.sampled_from(["", "", HOSPITAL, FIRST]),
    )
    def recall(self, lot: str | None, place: str) -> None:
        self.raise_recall(MEDICINE, lot, place)

    def raise_recall(self, medicine: str, lot: str | None, place: str) -> None:
        body = {"medicine": medicine, "lot_number": lot, "place": place or None, "reason": "溶出度不合格"}
        same = [(medicine, lot or "", ""), (medicine, lot or "", place)]
        twice = any(
            self.recalls[pk] in same for pk in self.recalls.keys() - self.recalls_lifted - self.inquiries
        )
        answer = self.send("lead", "recalls/", body, refused_if(lot == "NEVER SEEN", twice))
        if answer:
            self.stopped(answer["id"], medicine, lot or "", place)

    @precondition(lambda self: not self.recalls)
    @rule(index=INDEX)
    def report_a_reaction(self, index: int) -> None:
        batch = self.batch(index)
        body = {"place": FIRST, "batch": batch, "happened_on": str(TODAY), "description": "皮疹"}
        answer = self.send("village", "adverse-reactions/", body)
        if answer and answer["recall"] not in self.recalls:
            self.inquiries.add(answer["recall"])
            lot = Recall.objects.get(pk=answer["recall"]).lot_number
            self.stopped(answer["recall"], self.labels[batch].medicine, lot, "")

    def stopped(self, pk: int, medicine: str, lot: str, place: str) -> None:
        """All of a lot is held where it stands, and what nobody has sorted is in doubt."""
        self.recalls[pk] = (medicine, lot, place)
        self.put_aside(
            key for key in list(self.units) if key[0][2] in USABLE and self.recalled(key[1], key[0][0])
        )
        for item, (at, label) in self.unsorted().items():
            if self.recalled_lot("M009a", label, at):
                self.move_item(item, self.items[item, "counted"], "counted", "in_doubt")

    def unsorted(self) -> dict[int, tuple[str, str]]:
        raise NotImplementedError

    @precondition(lambda self: self.recalls.keys() - self.recalls_lifted)
    @rule(index=INDEX, who=st.sampled_from(["lead", "second lead", "second lead"]))
    def lift(self, index: int, who: str) -> None:
        pk = pick(
            sorted(self.recalls.keys() - self.recalls_lifted if index < MOSTLY else self.recalls), index
        )
        raised_by = Recall.objects.get(pk=pk).raised_by
        wrong = pk in self.recalls_lifted, raised_by == self.stage.people[who].person.pk
        answer = self.send(who, f"recalls/{pk}/lift/", {"reason": "批号录入有误"}, dues(*wrong))
        if answer is None:
            return
        self.recalls_lifted.add(pk)
        before = self.units.copy()
        self.adopt(usable_or_held)
        freed = {
            key: n - before[key]
            for key, n in self.units.items()
            if key[0][2] == "available" and n > before[key]
        }
        assert sum(freed.values()) == answer["released"]
        assert all(self.usable(batch, spot[0]) for spot, batch in freed)

    @precondition(lambda self: self.recalls)
    @rule(index=INDEX, place=PLACES)
    def acknowledge(self, index: int, place: str) -> None:
        pk = pick(sorted(self.recalls), index)
        self.send(PHARMACISTS[place], f"recalls/{pk}/acknowledge/", {"place": place})

    # Converting

    @rule(place=st.sampled_from([HOSPITAL, CENTRE]), side=SIDES, index=INDEX, units=UNITS)
    def open(self, place: str, side: str, index: int, units: int) -> None:
        spot = (place, side, "available", 0)
        batch = self.batch(index, spot)
        sealed = self.labels[batch].pack == "sealed"
        body = {"place": place, "side": side, "quantity": units}
        due = dues(units > self.there(spot, batch), not self.usable(batch, place), not sealed)
        answer = self.send(PHARMACISTS[place], f"batches/{batch}/open/", body, due)
        if answer:
            self.units[spot, batch] -= units
            self.move(answer["batch"], units, None, spot)

    @rule(index=INDEX, lot=st.sampled_from([*LOTS, "D4"]))
    def propose_a_label(self, index: int, lot: str) -> None:
        self.propose(self.batch(index), lot)

    @rule(index=INDEX, days=st.sampled_from([-1, 0, 60]))
    def propose_an_expiry(self, index: int, days: int) -> None:
        self.propose(self.batch(index), days=days)

    def propose(self, batch: int, lot: str = "", days: int | None = None) -> None:
        """A label that reads another lot, or another last usable day so many days from today."""
        label, body = self.labels[batch], {"reason": "看错一位"}
        day = label.last_day if days is None else TODAY + datetime.timedelta(days=days)
        if lot:
            body["lot_number"] = lot
        if days is not None:
            body["expiry"] = printed(day)
        due = refused_if(batch in self.relabelled, (lot or label.lot, day) == (label.lot, label.last_day))
        if self.send("lead", f"batches/{batch}/relabel/", body, due):
            self.relabelled[batch] = (lot, True)

    @precondition(lambda self: self.relabelled)
    @rule(index=INDEX)
    def withdraw_a_label(self, index: int) -> None:
        batch = pick(sorted(self.relabelled if index < MOSTLY else self.labels), index)
        due = refused_if(batch not in self.relabelled)
        if self.send("lead", f"batches/{batch}/relabel/withdraw/", None, due):
            del self.relabelled[batch]

    @precondition(lambda self: self.relabelled)
    @rule(index=INDEX, who=st.sampled_from(["second lead", "second lead", "lead"]))
    def confirm_a_label(self, index: int, who: str) -> None:
        batch = pick(sorted(self.relabelled if index < MOSTLY else self.labels), index)
        due = refused_if(batch not in self.relabelled, who == "lead")
        answer = self.send(who, f"batches/{batch}/relabel/confirm/", None, due)
        if answer is None:
            return
        del self.relabelled[batch]
        into = answer["into"]
        self.learn_labels()
        assert sum(answer["units"].values()) == sum(
            units for (spot, of), units in self.units.items() if of == batch and spot[2] in INSIDE
        )
        for spot, of in list(self.units):
            if of == batch and spot[2] in INSIDE:
                self.relabel(spot, batch, into)

    def relabel(self, spot: tuple[str, str, str, int], batch: int, into: int) -> None:
        """What may not be used under its true label is held; what is on the road waits for its arrival."""
        place, side, state, _shipment = spot
        units = self.units.pop((spot, batch))
        kept = state in ("held", "in_transit", "lent") or self.usable(into, place)
        self.move(into, units, None, spot if kept else (place, side, "held", 0))

    @rule(place=st.sampled_from([HOSPITAL, CENTRE]), index=INDEX, bags=st.booleans())
    def print_labels(self, place: str, index: int, bags: bool) -> None:
        """Nothing moves; bags are filled of what is opened, in date and on the shelf."""
        batch = self.batch(index)
        here = [spot for (spot, of), n in self.units.items() if n and of == batch and spot[0] == place]
        inside = [spot for spot in here if spot[2] in INSIDE]
        shelf = [spot for spot in inside if spot[2] == "available"]
        line = {"batch": batch, "copies": 1, **({"quantity": 2, "usage": "一次一片"} if bags else {})}
        body = {"place": place, "layout": "bags" if bags else "sheet", "lines": [line]}
        fillable = shelf and self.labels[batch].pack == "opened" and self.usable(batch, place)
        self.send(PHARMACISTS[place], "labels/", body, dues(not inside, bags and not fillable))

    # Destroying

    def has_unfit_goods(self) -> bool:
        held = any(units and spot[2] == "held" for (spot, _batch), units in self.units.items())
        return held or any(units and state == "in_bin" for (_item, state), units in self.items.items())

    @precondition(lambda self: self.has_unfit_goods())
    @rule(place=st.sampled_from([HOSPITAL, CENTRE]), side=SIDES, index=INDEX, units=UNITS,
          witness=st.sampled_from([1, 1, 2, 0]))  # fmt: skip
    def list_for_destruction(self, place: str, side: str, index: int, units: int, witness: int) -> None:
        batch, desk = self.batch(index, (place, side, "held", 0)), DESKS[place]
        lines = [{"batch": batch, "side": side, "quantity": units}]
        items = [item for (item, state), n in self.items.items() if state == "in_bin" and n]
        here = [item for item in sorted(items) if self.unsorted_place(item) == place]
        if here and index % 2:
            lines = [{"item": here[0]}]
        held = self.there((place, side, "held", 0), batch)
        body = {"place": place, "method": "焚烧", "lines": lines,
                "witness": self.stage.people[desk[witness]].person.username}  # fmt: skip
        due = refused_if("batch" in lines[0] and units > held, witness == 2)
        answer = self.send(desk[2], "destructions/", body, due)
        if answer:
            line = (
                lines[0]
                if "batch" in lines[0]
                else {"item": here[0], "quantity": self.items[here[0], "in_bin"]}
            )
            self.lists[answer["id"]] = {"place": place, "witness": desk[witness], "open": True, **line}

    def unsorted_place(self, item: int) -> str:
        raise NotImplementedError

    @precondition(lambda self: self.lists)
    @rule(index=INDEX, by_witness=st.sampled_from([True, True, False]))
    def confirm_destruction(self, index: int, by_witness: bool) -> None:
        pk = pick(sorted(self.lists), index)
        row = self.lists[pk]
        gone = (
            "batch" in row
            and self.there((row["place"], row["side"], "held", 0), row["batch"]) < row["quantity"]
        )
        gone = gone or ("item" in row and self.items[row["item"], "in_bin"] < row["quantity"])
        who = row["witness"] if by_witness else DESKS[row["place"]][2]
        due = dues(not row["open"], not by_witness, gone)
        if self.send(who, f"destructions/{pk}/confirm/", None, due) is None:
            return
        row["open"] = False
        if "item" in row:
            self.move_item(row["item"], row["quantity"], "in_bin", "destroyed")
        else:
            here = (row["place"], row["side"])
            self.move(row["batch"], row["quantity"], (*here, "held", 0), (*here, "destroyed", 0))

    @precondition(lambda self: self.lists)
    @rule(index=INDEX)
    def withdraw_destruction(self, index: int) -> None:
        pk = pick(sorted(self.lists), index)
        row = self.lists[pk]
        who = DESKS[row["place"]][2]
        if self.send(who, f"destructions/{pk}/withdraw/", {"reason": "改期"}, dues(not row["open"])):
            row["open"] = False

    # The night

    @rule()
    def housekeeping(self) -> None:
        keep_house(self.world.county.pk, TODAY)
        self.changed()
        for spot, batch in list(self.units):
            if spot[2] in ("available", "reserved") and self.expired(batch):
                self.move(batch, self.units[spot, batch], spot, (spot[0], spot[1], "held", 0))


# Where units are that somebody could use or has promised, and all that is the programme's.
USABLE = ("available", "reserved", "in_use")
INSIDE = (*USABLE, "held", "in_transit", "lent")
