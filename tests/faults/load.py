"""A load of mixed commands: what goes on in a county on a busy day, from many clients at once.

Clients share a desk on which lies what waits for the next step, so that every chain (given, handed over, counted,
sorted, planned, approved, sent, received, handed out) is carried on by whoever comes to it.
"""

from __future__ import annotations

import random
import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from tests.distribution.stock import FIRST, HOSPITAL, SECOND, hand_out, order
from tests.faults.client import Client
from tests.faults.stage import LOTS
from tests.inventory.stories import accept
from tests.world import donation, item

OFFICE = "P-522633-02"
RARE_LOT = "Z9"
KINDS = {
    "register", "hand over", "receive handover", "count", "sort", "dispense", "plan", "submit", "approve", "dispatch",
    "receive", "recall", "lift", "start stock count", "count lines", "finish stock count", "approve stock count",
}  # fmt: skip


class Desk:
    """What waits for the next step, by the name of the step."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[Any]] = defaultdict(list)
        self._lock = threading.Lock()

    def put(self, step: str, *things: Any) -> None:
        with self._lock:
            self._waiting[step].extend(things)

    def take(self, step: str, chance: random.Random) -> Any:
        with self._lock:
            waiting = self._waiting[step]
            if not waiting:
                return None
            return waiting.pop(chance.randrange(len(waiting)))


class Worker:
    """One client at work: `step` does one thing, or one step of a thing that waits."""

    def __init__(self, client: Client, desk: Desk) -> None:
        self.client, self.desk, self.chance = client, desk, client.chance
        # What begins something, by how often it does; what carries it on comes at once where anything waits.
        self.steps: list[tuple[int, Callable[[], None]]] = [
            (20, self.register), (10, self.register_at_office), (24, self.dispense), (3, self.plan),
            (2, self.recall), (2, self.start_stock_count), (30, self.count), (30, self.sort), (20, self.hand_over),
            (20, self.receive_handover), (20, self.submit), (20, self.approve), (20, self.dispatch),
            (20, self.receive), (10, self.lift), (20, self.go_on_with_stock_count),
        ]  # fmt: skip

    def step(self) -> None:
        weights = [weight for weight, _work in self.steps]
        ((_weight, work),) = self.chance.choices(self.steps, weights)
        work()

    def waiting(self, step: str) -> Any:
        return self.desk.take(step, self.chance)

    # Goods come in

    def _given(self, place: str) -> dict[str, Any]:
        among = [*LOTS * 8, RARE_LOT]
        lots = self.chance.choices(among, k=self.chance.choice([1, 1, 2]))
        items = [item(lot_number=lot, quantity=self.chance.randint(6, 24)) for lot in lots]
        donor = {"kind": "person", "name": "捐赠人", "phone": f"139{self.chance.randrange(10**8):08}"}
        return donation(place=place, items=items, donor=donor)

    def register(self) -> None:
        body = self._given(HOSPITAL)
        if made := self.client.command("register", "clerk", "donations/", body):
            self.desk.put("count", (made["id"], _lines(made, body)))

    def register_at_office(self) -> None:
        body = self._given(OFFICE)
        if made := self.client.command("register", "office", "donations/", body):
            self.desk.put("hand over", (made["id"], _lines(made, body)))

    def hand_over(self) -> None:
        bag = [thing for _n in range(3) if (thing := self.waiting("hand over"))]
        if not bag:
            return
        body = {"from_place": OFFICE, "to_place": HOSPITAL, "donations": [pk for pk, _items in bag]}
        if made := self.client.command("hand over", "office", "handovers/", body):
            self.desk.put("receive handover", made["id"])

    def receive_handover(self) -> None:
        handover = self.waiting("receive handover")
        read = handover and self.client.read("pharmacist", f"handovers/{handover}/")
        if not read:
            return
        lines = [
            {kind: line[kind], "counted": line["declared"]}
            for line in read["lines"]
            for kind in ("item", "group")
            if kind in line
        ]
        units = sum(line["declared"] for line in read["lines"])
        path = f"handovers/{handover}/receive/"
        self.client.command(
            "receive handover", "checker", path, {"items": lines}, handover=handover, units=units
        )

    def count(self) -> None:
        if thing := self.waiting("count"):
            pk, items = thing
            lines = [{"item": each["id"], "counted": each["quantity"]} for each in items]
            if self.client.command("count", "checker", f"donations/{pk}/count/", {"items": lines}):
                self.desk.put("sort", *items)

    def sort(self) -> None:
        if each := self.waiting("sort"):
            decision = accept(each["quantity"], lot_number=each["lot"], reason="核对无误")
            body = {"item": each["id"], "decisions": [decision]}
            if made := self.client.command("sort", "pharmacist", "sortings/", body):
                self.desk.put("batch", made["decisions"][0]["batch"])

    # Goods go out

    def dispense(self) -> None:
        place, units = self.chance.choice([FIRST, SECOND]), self.chance.randint(1, 9)
        lines = [{"medicine": "M009a", "quantity": units, "days_supply": 3}]
        self.client.command("dispense", "clinic", "dispensings/", hand_out(place=place, lines=lines))

    def plan(self) -> None:
        if made := self.client.command("plan", "allocator", "plans/", order()):
            self.desk.put("submit", made["id"])

    def submit(self) -> None:
        plan = self.waiting("submit")
        if plan and self.client.command("submit", "allocator", f"plans/{plan}/submit/", plan=plan):
            self.desk.put("approve", plan)

    def approve(self) -> None:
        plan = self.waiting("approve")
        made = plan and self.client.command("approve", "approver", f"plans/{plan}/approve/", plan=plan)
        if made:
            self.desk.put("dispatch", *made["shipments"])

    def dispatch(self) -> None:
        shipment = self.waiting("dispatch")
        read = shipment and self.client.read("pharmacist", f"shipments/{shipment}/")
        if not read:
            return
        units = sum(line["promised"] for line in read["lines"])
        path = f"shipments/{shipment}/dispatch/"
        if self.client.command("dispatch", "pharmacist", path, shipment=shipment, units=units):
            self.desk.put("receive", shipment)

    def receive(self) -> None:
        shipment = self.waiting("receive")
        read = shipment and self.client.read("clinic", f"shipments/{shipment}/")
        if not read:
            return
        lines = [{"line": line["id"], "accepted": line["picked"]} for line in read["lines"] if line["picked"]]
        path = f"shipments/{shipment}/receive/"
        self.client.command("receive", "clinic", path, {"lines": lines}, shipment=shipment)

    # What stops goods, and what counts them

    def recall(self) -> None:
        body = {"medicine": "M009a", "lot_number": RARE_LOT, "reason": "溶出度不合格", "standing": True}
        if made := self.client.command("recall", "lead_pharmacist", "recalls/", body):
            self.desk.put("lift", made["id"])

    def lift(self) -> None:
        if recall := self.waiting("lift"):
            body = {"reason": "批号录入有误"}
            self.client.command("lift", "second lead", f"recalls/{recall}/lift/", body, recall=recall)

    def start_stock_count(self) -> None:
        if made := self.client.command("start stock count", "checker", "counts/", {"place": HOSPITAL}):
            self.desk.put("stock count", (made["id"], "lines"))

    def go_on_with_stock_count(self) -> None:
        count, step = self.waiting("stock count") or (None, "")
        if step == "lines":
            self._count_lines(count)
        elif step:
            self._take_further(count, step)

    def _take_further(self, count: int, step: str) -> None:
        """Finish, approve, or give up a count; one whose goods have gone meanwhile would else stand in the way."""
        who = "pharmacist" if step == "approve" else "checker"
        body = {"reason": "盘点期间已调拨"} if step == "abandon" else {}
        path = f"counts/{count}/{step}/"
        done = self.client.command(f"{step} stock count", who, path, body, stock_count=count)
        if step == "finish":
            self.desk.put("stock count", (count, "approve" if done else "abandon"))
        elif step == "approve" and not done:
            self.desk.put("stock count", (count, "abandon"))

    def _count_lines(self, count: int) -> None:
        batch = self.waiting("batch")
        if not batch:
            self.desk.put("stock count", (count, "lines"))
            return
        line = {"batch": batch, "side": "store", "spot": "shelf", "counted": self.chance.randint(0, 3)}
        path = f"counts/{count}/lines/"
        done = self.client.command("count lines", "checker", path, {"lines": [line]}, stock_count=count)
        self.desk.put("stock count", (count, "finish" if done else "abandon"))


def _lines(made: dict[str, Any], body: dict[str, Any]) -> list[dict[str, Any]]:
    """The items of a donation as the next step needs them."""
    return [
        {"id": told["id"], "quantity": sent["quantity"], "lot": sent["lot_number"]}
        for told, sent in zip(made["items"], body["items"], strict=True)
    ]
