"""How many statements each command sends to the database: the one figure of speed that no busy machine disturbs.

One story calls every command with one line and with three. Each costs what the table says, sign-in and
Idempotency-Key included, BEGIN and COMMIT aside, whatever the number of lines. `make bench` tells what that means
in time.
"""

from __future__ import annotations

import datetime
from itertools import cycle
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from config.access import ACCESS, BASE, PUBLIC
from inventory.checklist import CHECKLIST
from organisation.models import Place
from tests.config.statement_budgets import TOLD_BY_EXAMPLES
from tests.distribution.stock import FIRST, PERIOD, hand_out, order
from tests.world import TODAY, Signed, World, donation, item

BUDGETS = {
    "POST unit-categories/": 11,
    "POST work-units/": 12,
    "POST campaigns/": 6,
    "POST campaigns/<int:pk>/close/": 6,
    "POST donations/": 12,  # with a township and a work unit; a phone and codes on boxes are looked up too
    "POST donations/<int:pk>/void/": 7,
    "POST donations/<int:pk>/leave/": 8,
    "POST donations/<int:pk>/count/": 9,
    "POST donations/<int:pk>/correct/": 13,
    "POST donors/<int:pk>/consent/": 8,
    "POST handovers/": 15,
    "POST handovers/<int:pk>/void/": 10,
    "POST handovers/<int:pk>/receive/": 12,
    "POST sortings/": 10,
    "POST sortings/<int:pk>/reverse/": 10,
    "POST holds/": 12,
    "POST holds/<int:pk>/release/": 12,
    "POST recalls/": 21,
    "POST recalls/<int:pk>/acknowledge/": 9,
    "POST recalls/<int:pk>/lift/": 18,
    "POST adverse-reactions/": 24,
    # What changes the ranks of needs reads the county's groups of interchangeable medicines.
    "PUT needs/": 18,
    "PUT clinic-profiles/<str:place>/": 16,
    "POST plans/": 26,  # one for the county's groups of interchangeable medicines
    "PATCH plans/<int:pk>/lines/<int:line>/": 14,
    "POST plans/<int:pk>/recompute/": 29,
    "POST plans/<int:pk>/submit/": 9,
    "POST plans/<int:pk>/approve/": 25,
    "POST plans/<int:pk>/cancel/": 25,
    "POST shipments/<int:pk>/dispatch/": 13,
    "POST shipments/<int:pk>/receive/": 13,
    "POST returns/": 12,
    "POST returns/<int:pk>/receive/": 13,
    "POST local-uses/": 11,
    "POST dispensings/": 10,
    "POST dispensings/<int:pk>/reverse/": 16,
    "POST bulletins/": 9,
    "POST bulletins/<int:pk>/submit/": 9,
    "POST bulletins/<int:pk>/publish/": 46,
}

# In no story: files and what is rare, whose cost their own tests bound; sign-in, which is slow on purpose.
NOT_TOLD = {
    "POST auth/logout/",
    "POST work-units/import/",
    "POST work-units/read/",
    "POST rosters/",
    "POST rosters/<int:pk>/commit/",
    "POST donations/find/",
    "POST donors/find/",
    "POST donors/<int:pk>/erase/",
    "POST batches/<int:pk>/relabel/withdraw/",
    "POST destructions/<int:pk>/confirm/",
    "POST population-shifts/read/",
    "POST clinic-profiles/read/",
    "POST counts/<int:pk>/finish/",
    "POST counts/<int:pk>/reopen/",
    "POST counts/<int:pk>/approve/",
    "POST items/<int:pk>/photos/",
    "POST sortings/<int:pk>/confirm/",
    "POST auth/co-sign/",
    "POST auth/sign-ins/<int:pk>/end/",
    "POST auth/sign-ins/end-others/",
    "POST auth/sign-ins/end/",
    "POST auth/sign-ins/entry-code/",
    "POST people/<int:pk>/entry-code/",
    "POST confirmations/<int:pk>/confirm/",
    "POST people/read/",
    "POST holidays/<int:pk>/remove/",
    "POST people/<int:pk>/second-factor/end/",
    "POST plans/<int:pk>/publish/",
    "POST dispensing-registers/read/",
    "POST kit-templates/<int:pk>/retire/",
    "POST bulletins/<int:pk>/stamped/",
    "PUT daily-form/",
}
EACH = 20


class Story:
    """The chain from the counter to the patient with so many lines at every step, and what each step cost."""

    def __init__(self, lines: int) -> None:
        self.world = World()
        self.spent: dict[str, int] = {}
        self.batch = 0
        self.medicines = [
            code for code, _n in zip(cycle(["M009a", "M001b", "X001"]), range(lines), strict=False)
        ]
        self.world._medicine("X001", "阿莫西林胶囊", "0.25g", "amoxicillin")

    def send(self, who: Signed, route: str, body: Any = None, method: str = "post") -> Any:
        """One command, counted; within a test its transaction is a savepoint: two statements that are none."""
        with CaptureQueriesContext(connection) as captured:
            answer = getattr(who, method)(route, body)
        assert answer.status_code in {200, 201}, (route, answer.json())
        sent = [query["sql"].strip() for query in captured.captured_queries]
        own = sum(each.startswith(("SAVEPOINT", "RELEASE")) for each in sent)
        pattern = resolve(f"/{BASE}{route}").route.removeprefix(BASE)
        cost = self.spent.setdefault(f"{method.upper()} {pattern}", len(sent) - min(own, 2))
        assert cost == len(sent) - min(own, 2), sent
        return answer.json()

    def items(self) -> list[dict[str, Any]]:
        return [item(medicine=code, lot_number=f"220305{n}") for n, code in enumerate(self.medicines)]

    def donate(self, place: Place | None = None, **printed: str) -> dict[str, Any]:
        place = place or self.world.hospital
        items = [{**each, **printed} for each in self.items()]
        donor = {"kind": "person", "name": "张三", "township": "522633100", "work_unit": "县一中"}
        body = donation(place=place.code, donor=donor, items=items)
        return self.send(self.world.signed("clerk", place), "donations/", body)

    def counted(self) -> dict[str, Any]:
        given = self.donate()
        lines = [{"item": line["id"], "counted": EACH} for line in given["items"]]
        self.send(self.world.signed("checker"), f"donations/{given['id']}/count/", {"items": lines})
        return given

    def sort(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        sortings = [
            {"item": line["id"], "decisions": [accepting(fields)]}
            for line, fields in zip(given["items"], self.items(), strict=True)
        ]
        made = self.send(self.world.signed("pharmacist"), "sortings/", {"sortings": sortings})["sortings"]
        return [decision for line in made for decision in line["decisions"]]

    def set_up(self) -> None:
        administrator = self.world.signed("administrator")
        categories = {"name": "教育系统", "place": self.world.hospital.code}
        self.send(administrator, "unit-categories/", categories)
        self.send(administrator, "work-units/", {"name": "县一中", "category": "教育系统"})
        campaign = {
            "code": "C-522633-2",
            "name": "群众余药捐赠",
            "starts_on": str(TODAY),
            "ends_on": str(TODAY + datetime.timedelta(days=60)),
            "donee": self.world.hospital.code,
            "coordinator": "从江县卫生健康局",
        }
        made = self.send(administrator, "campaigns/", campaign)
        self.send(administrator, f"campaigns/{made['id']}/close/")

    def bring_in(self) -> None:
        world, clerk = self.world, self.world.signed("clerk", self.world.hospital)
        self.send(clerk, f"donations/{self.donate()['id']}/void/", {"reason": "登记有误"})
        self.send(clerk, f"donations/{self.donate(expiry='2020年1月')['id']}/leave/")
        other = self.donate()
        corrected = [{"item": line["id"], "quantity": EACH - 1} for line in other["items"]]
        body = {"reason": "数错", "items": corrected}
        self.send(world.signed("pharmacist"), f"donations/{other['id']}/correct/", body)
        donor = world.signed("security").post("donors/find/", {"name": "张三"}).json()[0]["id"]
        self.send(world.signed("security"), f"donors/{donor}/consent/", {"publish": "masked"})
        self.hand_over()

    def hand_over(self) -> None:
        office, hospital = self.world.office, self.world.hospital
        clerk = self.world.signed("clerk", office)
        handovers = []
        for _n in range(2):
            given = self.donate(office)
            body = {"from_place": office.code, "to_place": hospital.code, "donations": [given["id"]]}
            handovers.append(self.send(clerk, "handovers/", body))
        self.send(clerk, f"handovers/{handovers[0]['id']}/void/", {"reason": "装错袋"})
        pharmacist = self.world.signed("pharmacist")
        listed = pharmacist.get(f"handovers/{handovers[1]['id']}/").json()["lines"]
        kinds = [(name, line) for line in listed for name in ("item", "group") if line.get(name)]
        lines = [{name: line[name], "counted": line["declared"]} for name, line in kinds]
        self.send(pharmacist, f"handovers/{handovers[1]['id']}/receive/", {"items": lines})

    def sort_and_hold(self) -> None:
        pharmacist = self.world.signed("pharmacist")
        decision = self.sort(self.counted())[0]
        self.send(pharmacist, f"sortings/{decision['id']}/reverse/")
        self.batch = self.sort(self.counted())[0]["batch"]
        body = {"place": self.world.hospital.code, "batch": self.batch, "quantity": 3, "reason": "外观可疑"}
        held = self.send(pharmacist, "holds/", body)
        self.send(pharmacist, f"holds/{held['id']}/release/")

    def share(self) -> int:
        """One shipment to the first village clinic."""
        allocator, approver = self.world.signed("allocator"), self.world.signed("approver")
        figures = {"population": 700, "data_date": str(TODAY)}
        self.send(allocator, f"clinic-profiles/{FIRST}/", figures, "put")
        needs = [{"medicine": code, "requested": 10} for code in self.medicines]
        body = {"place": FIRST, "period": PERIOD, "lines": needs}
        self.send(self.world.signed("clinic", self.world.villages[0]), "needs/", body, "put")
        given_up = self.plan()
        self.send(approver, f"plans/{given_up}/approve/")
        self.send(allocator, f"plans/{given_up}/cancel/")
        (shipment,) = self.send(approver, f"plans/{self.plan()}/approve/")["shipments"]
        return shipment

    def plan(self) -> int:
        allocator = self.world.signed("allocator")
        plan = self.send(allocator, "plans/", order())["id"]
        line = allocator.get(f"plans/{plan}/lines/").json()["results"][0]
        changed = {"quantity": line["quantity"] - 1, "reason": "凑整"}
        self.send(allocator, f"plans/{plan}/lines/{line['id']}/", changed, "patch")
        self.send(allocator, f"plans/{plan}/recompute/")
        self.send(allocator, f"plans/{plan}/submit/")
        return plan

    def deliver(self, shipment: int) -> None:
        pharmacist, clinic = (
            self.world.signed("pharmacist"),
            self.world.signed("clinic", self.world.villages[0]),
        )
        self.send(pharmacist, f"shipments/{shipment}/dispatch/")
        listed = clinic.get(f"shipments/{shipment}/").json()["lines"]
        lines = [{"line": line["id"], "accepted": line["picked"]} for line in listed]
        self.send(clinic, f"shipments/{shipment}/receive/", {"lines": lines})

    def hand_out(self) -> None:
        clinic = self.world.signed("clinic", self.world.villages[0])
        lines = [{"medicine": code, "quantity": 2, "days_supply": 1} for code in self.medicines]
        given = self.send(clinic, "dispensings/", hand_out(lines=lines))
        self.send(clinic, f"dispensings/{given['id']}/reverse/")
        back = [{"batch": line["batch"], "quantity": 1} for line in given["lines"]]
        body = {"place": FIRST, "to_place": self.world.centre.code, "reason": "用量小", "lines": back}
        sent = self.send(clinic, "returns/", body)["id"]
        keeper = self.world.signed("pharmacist", self.world.centre)
        listed = keeper.get(f"shipments/{sent}/").json()["lines"]
        lines = [{"line": line["id"], "accepted": line["picked"]} for line in listed]
        self.send(keeper, f"returns/{sent}/receive/", {"lines": lines})
        self.send(keeper, "local-uses/", {"place": self.world.centre.code, "lines": back})

    def recall(self) -> None:
        lead, pharmacist = self.world.signed("lead_pharmacist"), self.world.signed("pharmacist")
        body = {
            "medicine": "M009a",
            "lot_number": None,
            "reason": "抽检不合格",
            "reference": "药监〔2022〕3号",
        }
        recall = self.send(lead, "recalls/", body)["id"]
        here = {"place": self.world.hospital.code}
        self.send(pharmacist, f"recalls/{recall}/acknowledge/", here)
        other = self.world.signed("lead_pharmacist", name="another lead pharmacist")
        self.send(other, f"recalls/{recall}/lift/", {"reason": "批号录入有误"})
        suspected = {"batch": self.batch, "happened_on": str(TODAY), "description": "服药后皮疹"}
        self.send(pharmacist, "adverse-reactions/", {**here, **suspected})

    def publish(self) -> None:
        publisher = self.world.signed("publisher")
        body = {"campaign": "C-522633-2022", "period_start": str(TODAY), "period_end": str(TODAY)}
        draft = self.send(publisher, "bulletins/", body)["id"]
        self.send(publisher, f"bulletins/{draft}/submit/")
        self.send(self.world.signed("signer"), f"bulletins/{draft}/publish/")


def accepting(fields: dict[str, Any]) -> dict[str, Any]:
    """The decision to accept an item of a donation whole."""
    return {
        "outcome": "accept",
        **{name: fields[name] for name in ("quantity", "medicine", "lot_number", "expiry", "container")},
        "pack": "opened",
        "checklist": dict.fromkeys(CHECKLIST, True),
    }


@pytest.mark.parametrize("lines", [1, 3])
def test_commands_cost_what_the_table_says(db: None, lines: int) -> None:
    story = Story(lines)

    story.set_up()
    story.bring_in()
    story.sort_and_hold()
    story.deliver(story.share())
    story.hand_out()
    story.recall()
    story.publish()

    assert story.spent == BUDGETS


@pytest.mark.parametrize("lines", [5, 100])
def test_many_lines_cost_no_more(db: None, lines: int) -> None:
    story = Story(lines)

    story.sort(story.counted())

    named = ("POST donations/", "POST donations/<int:pk>/count/", "POST sortings/")
    assert story.spent == {route: BUDGETS[route] for route in named}


def test_every_command_has_a_budget() -> None:
    commands = {
        f"{method} {route}"
        for route, methods in ACCESS.items()
        for method, roles in methods.items()
        if method != "GET" and roles != PUBLIC
    }

    assert commands <= set(BUDGETS) | set(TOLD_BY_EXAMPLES) | NOT_TOLD
    assert commands - set(BUDGETS) - set(TOLD_BY_EXAMPLES) >= NOT_TOLD
