"""How many statements each command may send to the database: the one figure of speed that no machine disturbs.

One story calls every command once, with one line and with three; each must cost what the table says, sign-in and
Idempotency-Key included, whatever the number of lines. `make bench` tells what the figures mean in time.
"""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from catalogue.models import Medicine
from config.access import ACCESS, PUBLIC
from core.api import route_of
from inventory.checklist import CHECKLIST
from organisation.models import Place, WorkUnit
from tests.distribution.stock import hand_out, order
from tests.world import TODAY, World, donation, item

BUDGETS = {
    "POST campaigns/": 0,
}
# Rare, or bounded by what they read of a file: their own tests count where it matters.
UNCOUNTED: set[str] = set()


class Story:
    """The chain from the counter to the patient with so many lines at every step, and what each step cost."""

    def __init__(self, lines: int) -> None:
        self.world, self.spent = World(), {}
        self.medicines = ["M009a", "M001b", *(self._medicine(n).code for n in range(lines))][:lines]

    def _medicine(self, number: int) -> Medicine:
        return self.world._medicine(f"X{number:03}", f"对乙酰氨基酚片{number}", f"{number + 1}g", f"inn{number}")

    def send(self, who: Any, route: str, body: Any = None, method: str = "post") -> Any:
        """One command, counted; its transaction's own two statements are BEGIN and COMMIT outside of a test."""
        with CaptureQueriesContext(connection) as captured:
            answer = getattr(who, method)(route, body)
        assert answer.status_code in {200, 201}, (route, answer.json())
        sent = [query["sql"] for query in captured.captured_queries]
        kept = len(sent) - 2
        name = f"{method.upper()} {resolve(f'/api/v1/{route}').route.removeprefix('api/v1/')}"
        assert self.spent.setdefault(name, kept) == kept, sent
        return answer.json()

    def items(self) -> list[dict[str, Any]]:
        return [item(medicine=code, lot_number=f"220305{n}") for n, code in enumerate(self.medicines)]

    def donate(self, place: Place | None = None) -> dict[str, Any]:
        place = place or self.world.hospital
        donor = {"kind": "person", "name": "张三", "township": "522633100", "work_unit": "县教育局"}
        body = donation(place=place.code, donor=donor, items=self.items())
        return self.send(self.world.signed("clerk", place), "donations/", body)

    def count(self, given: dict[str, Any]) -> None:
        counted = [{"item": line["id"], "counted": 20} for line in given["items"]]
        checker = self.world.signed("checker")
        self.send(checker, f"donations/{given['id']}/count/", {"items": counted})

    def sort(self, given: dict[str, Any]) -> list[int]:
        sortings = [
            {"item": line["id"], "decisions": [self.accept(item)]}
            for line, item in zip(given["items"], self.items(), strict=True)
        ]
        made = self.send(self.world.signed("pharmacist"), "sortings/", {"sortings": sortings})["sortings"]
        return [decision["id"] for line in made for decision in line["decisions"]]

    def accept(self, fields: dict[str, Any]) -> dict[str, Any]:
        return {
            "outcome": "accept",
            "quantity": fields["quantity"],
            **{name: fields[name] for name in ("medicine", "lot_number", "expiry", "container")},
            "pack": "opened",
            "checklist": dict.fromkeys(CHECKLIST, True),
        }

    def bring_in(self) -> None:
        world, clerk = self.world, self.world.signed("clerk")
        self.send(clerk, f"donations/{self.donate()['id']}/void/", {"reason": "登记有误"})
        given = self.donate()
        corrected = [{"item": line["id"], "quantity": 19} for line in self.donate()["items"]]
        other = self.donate()
        corrected = [{"item": line["id"], "quantity": 19} for line in other["items"]]
        body = {"reason": "数错", "items": corrected, "added": []}
        self.send(world.signed("pharmacist"), f"donations/{other['id']}/correct/", body)
        self.count(given)
        self.sort(given)
        again = self.donate()
        self.count(again)
        self.send(world.signed("pharmacist"), f"sortings/{self.sort(again)[0]}/reverse/")


@pytest.mark.parametrize("lines", [1, 3])
def test_command_costs_what_its_budget_says(db: None, lines: int) -> None:
    story = Story(lines)
    story.bring_in()
    print(story.spent)
    assert story.spent == BUDGETS
