"""Reusable devices: kept in use, lent, given back, held and recalled while they are out."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from inventory.models.devices import DeviceUse
from tests.distribution.deeds_of_roads import CLINICS, Roads
from tests.distribution.deeds_of_shelves import REASON, UNITS, Shelves
from tests.distribution.deeds_of_sorting import INDEX
from tests.distribution.whole_county import (
    CENTRE,
    DEVICE,
    DEVICE_LOTS,
    FIRST,
    MOSTLY,
    Spot,
    dues,
    pick,
    usable_or_held,
)
from tests.inventory.test_devices import LOAN

AT = st.sampled_from([FIRST, FIRST, CENTRE])
OUT = {"kept": "in_use", "lent": "lent"}


class Devices(Shelves, Roads):
    def __init__(self) -> None:
        super().__init__()
        self.uses: dict[int, tuple[str, str]] = {}  # place, kind

    def shelf(self, place: str) -> Spot:
        return place, "clinic", "available", 0

    @rule(place=AT, kind=st.sampled_from(["kept", "lent"]), index=INDEX, named=st.booleans())
    def begin_use(self, place: str, kind: str, index: int, named: bool) -> None:
        shelf = self.shelf(place)
        batch = self.batch(index, shelf, DEVICE)
        good = [
            of
            for (spot, of), units in self.units.items()
            if spot == shelf and units and self.labels[of].medicine == DEVICE and self.usable(of, place)
        ]
        body: dict[str, Any] = {"place": place, "kind": kind, **(LOAN if kind == "lent" else {})}
        body |= {"batch": batch} if named else {"medicine": DEVICE}
        due = dues(batch not in good) if named else dues(not good)
        answer = self.send(CLINICS[place], "device-uses/", body, due)
        if answer:
            self.uses[answer["id"]] = place, kind
            self.move(answer["batch"], 1, shelf, (place, "clinic", OUT[kind], 0))

    @precondition(lambda self: self.uses)
    @rule(
        index=INDEX,
        condition=st.sampled_from(["works", "works", "broken", "lost"]),
        reason=st.sampled_from(["摔坏", ""]),
    )
    def take_a_device_back(self, index: int, condition: str, reason: str) -> None:
        """Whatever was held, recalled, relabelled or expired meanwhile: what comes back is booked."""
        out = sorted(DeviceUse.objects.filter(condition="").values_list("pk", flat=True))
        pk = pick(out if out and index < MOSTLY else sorted(self.uses), index)
        (place, kind), use = self.uses[pk], DeviceUse.objects.get(pk=pk)
        due = dues(bool(use.condition), condition != "works" and not reason)
        answer = self.send(
            CLINICS[place], f"device-uses/{pk}/give-back/", {"condition": condition, "reason": reason}, due
        )
        if answer is None:
            return
        source, shelf, batch = (place, "clinic", OUT[kind], 0), self.shelf(place), use.batch_id
        if condition == "lost":
            self.move(batch, 1, source, (place, "clinic", "lost", 0))
            return
        there = self.there(shelf, batch)
        self.move(batch, 1, source, shelf)
        self.adopt(usable_or_held)
        if condition == "broken" or not self.usable(batch, place):
            assert self.there(shelf, batch) == there, "what cannot be used came back to the shelf"

    @rule(place=AT, index=INDEX, units=st.one_of(st.none(), UNITS))
    def hold_devices(self, place: str, index: int, units: int | None) -> None:
        """The shelf's go first, then those in use there."""
        shelf = self.shelf(place)
        batch = self.batch(index, shelf, DEVICE)
        spots = [shelf, (place, "clinic", "in_use", 0)]
        there = [self.there(spot, batch) for spot in spots]
        wanted = sum(there) if units is None else units
        body = {"place": place, "batch": batch, "quantity": units, **REASON}
        answer = self.send("lead", "holds/", body, dues(not wanted or wanted > sum(there)))
        if answer is None:
            return
        self.holds[answer["id"]] = place
        for spot, available in zip(spots, there, strict=True):
            drawn = min(wanted, available)
            wanted -= drawn
            self.move(batch, drawn, spot, (place, "clinic", "held", 0))

    @rule(lot=st.sampled_from([*DEVICE_LOTS, None]), place=st.sampled_from(["", FIRST]))
    def recall_devices(self, lot: str | None, place: str) -> None:
        self.raise_recall(DEVICE, lot, place)

    @rule(index=INDEX, days=st.sampled_from([-1, 90, None]), lot=st.sampled_from(DEVICE_LOTS))
    def propose_a_device_label(self, index: int, days: int | None, lot: str) -> None:
        self.propose(self.batch(index, self.shelf(FIRST), DEVICE), lot if days is None else "", days)

    def teardown(self) -> None:
        """No use is open of which the model's books have no unit."""
        uses = DeviceUse.objects.filter(condition="").select_related("place")
        out = {(use.place.code, use.batch_id, OUT[use.kind]) for use in uses}
        books = {
            (spot[0], of, spot[2]) for (spot, of), n in self.units.items() if n and spot[2] in OUT.values()
        }
        super().teardown()
        assert out == books
