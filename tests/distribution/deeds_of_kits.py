"""What is done with health kits: packed, handed out whole, taken apart."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from inventory.models.kits import Kit
from inventory.queries.kits import contents_of
from tests.distribution.deeds_of_roads import CLINICS, Roads
from tests.distribution.deeds_of_sorting import INDEX
from tests.distribution.whole_county import CENTRE, FIRST, MOSTLY, YESTERDAY, Spot, dues, pick
from tests.world import TODAY

# Two tablets of ibuprofen in every kit, taken in a day, that may expire on the day of packing.
PART = 2


class Kits(Roads):
    def __init__(self) -> None:
        super().__init__()
        self.kits: dict[int, str] = {}
        self.ended: set[int] = set()
        self.template, self.retired = self.stage.template, 0

    @rule(place=st.sampled_from([FIRST, FIRST, CENTRE]), number=st.sampled_from([1, 1, 2, 3, 90]))
    def pack(self, place: str, number: int) -> None:
        shelf = (place, "clinic", "available", 0)
        there = sum(
            units
            for (spot, batch), units in self.units.items()
            if spot == shelf and self.labels[batch].medicine == "M009a" and not self.expired(batch)
        )
        body = {"place": place, "template": self.template, "number": number}
        answer = self.send(CLINICS[place], "kits/", body, dues(there < PART * number))
        for kit in (answer or {"kits": []})["kits"]:
            self.kits[kit["id"]] = place
            inside = list(contents_of([kit["id"]]))
            assert sum(row.quantity for row in inside) == PART
            assert not any(self.expired(row.batch_id) for row in inside)
            for row in inside:
                self.move(row.batch_id, row.quantity, shelf, self.spot(kit["id"]))

    @rule(again=st.booleans(), who=st.sampled_from(["lead", "lead", "village"]))
    def replace_the_template(self, again: bool, who: str) -> None:
        """One of a name is in use at a time; of a retired one nothing is packed."""
        body = {
            "name": "健康包",
            "shelf_days": 0,
            "lines": [{"medicine": "M009a", "quantity": PART, "days_supply": 1}],
        }
        self.send(who, "kit-templates/", body, "refused")
        template = self.retired if again and self.retired else self.template
        if self.send(
            who, f"kit-templates/{template}/retire/", None, dues(template == self.retired, who != "lead")
        ):
            pack = {"place": FIRST, "template": template, "number": 1}
            self.send(CLINICS[FIRST], "kits/", pack, "refused")
            self.retired, self.template = template, self.send("lead", "kit-templates/", body, "ok")["id"]

    def spot(self, kit: int) -> Spot:
        return self.kits[kit], "clinic", "reserved", -kit

    def inside(self, kit: int) -> dict[int, int]:
        return {batch: n for (spot, batch), n in self.units.items() if spot == self.spot(kit) and n}

    def some_kit(self, index: int) -> int:
        packed = sorted(self.kits.keys() - self.ended)
        return int(pick(packed if packed and index < MOSTLY else sorted(self.kits), index))

    @precondition(lambda self: self.kits)
    @rule(index=INDEX, late=st.sampled_from([False, False, False, True]))
    def give_a_kit(self, index: int, late: bool) -> None:
        kit = self.some_kit(index)
        inside, place = self.inside(kit), self.kits[kit]
        body = {
            "dispensed_on": str(YESTERDAY if late else TODAY),
            "age_band": "65-79",
            "collected_by": "self",
        }
        spoilt = sum(inside.values()) != PART or any(self.expired(batch) for batch in inside)
        due = dues(kit in self.ended, spoilt, late)
        answer = self.send(CLINICS[place], f"kits/{kit}/dispense/", body, due)
        if answer is None:
            return
        self.ended.add(kit)
        self.given[answer["id"]] = place
        for batch, units in inside.items():
            self.move(batch, units, self.spot(kit), (place, "clinic", "dispensed", 0))

    @precondition(lambda self: self.kits)
    @rule(index=INDEX)
    def unpack(self, index: int) -> None:
        kit = self.some_kit(index)
        inside, place = self.inside(kit), self.kits[kit]
        if self.send(CLINICS[place], f"kits/{kit}/unpack/", {}, dues(kit in self.ended)) is None:
            return
        self.ended.add(kit)
        for batch, units in inside.items():
            state = "held" if self.expired(batch) else "available"
            self.move(batch, units, self.spot(kit), (place, "clinic", state, 0))

    def teardown(self) -> None:
        """No kit that ended holds anything, and none that the model does not know of is there."""
        states = dict(Kit.objects.values_list("pk", "state"))
        assert {kit for kit, state in states.items() if state != "packed"} == self.ended
        super().teardown()
