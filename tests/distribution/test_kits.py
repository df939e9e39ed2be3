"""Health kits: packed batch by batch, reached by every rule that reaches reserved goods, handed out whole."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from catalogue.models import Medicine
from config.housekeeping import keep_stock
from core.commands import Act
from core.errors import DomainError
from distribution.models import Dispensing, DispensingLine
from distribution.services.hand_outs import HandOut
from distribution.services.kits import hand_out_kit
from inventory.models import Movement, Side
from inventory.models.kits import Kit
from inventory.services.kits import unpack_kit
from inventory.verification import verify
from tests.distribution.stock import FIRST, book, stock
from tests.world import TODAY, World

DAY = datetime.timedelta(days=1)
SHELF, PROMISED = (FIRST, "clinic", "available"), (FIRST, "clinic", "reserved")
HELD, GIVEN = (FIRST, "clinic", "held"), (FIRST, "clinic", "dispensed")
TO: dict[str, Any] = {"dispensed_on": str(TODAY), "age_band": "65-79", "collected_by": "self"}
PARTS = [
    {"medicine": "M009a", "quantity": 6, "days_supply": 3},
    {"medicine": "M001b", "quantity": 4, "days_supply": 2},
]


class Table:
    """A village clinic with 20 tablets of each medicine of the kit, and the people who pack and hand out."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.village = world.villages[0]
        self.lead = world.signed("lead_pharmacist")
        self.clinic = world.signed("clinic", self.village)
        self.ibuprofen = self.stock(20)
        self.paracetamol = self.stock(20, world.paracetamol)

    def stock(self, units: int, medicine: Medicine | None = None, **given: Any) -> Any:
        return stock(self.world, units, medicine=medicine, place=self.village, side=Side.CLINIC, **given)

    def template(self, **fields: Any) -> int:
        body = {"name": "防疫健康包", "shelf_days": 30, "lines": PARTS, **fields}
        answer = self.lead.post("kit-templates/", body)
        assert answer.status_code == 201, answer.json()
        return answer.json()["id"]

    def packed(self, number: int = 1, **fields: Any) -> list[int]:
        body = {"place": FIRST, "template": self.template(**fields), "number": number}
        answer = self.clinic.post("kits/", body)
        assert answer.status_code == 201, answer.json()
        return [kit["id"] for kit in answer.json()["kits"]]

    def kit(self, pk: int) -> dict[str, Any]:
        return self.clinic.get(f"kits/{pk}/").json()

    def dispense(self, pk: int, **fields: Any) -> Any:
        return self.clinic.post(f"kits/{pk}/dispense/", {**TO, **fields})


@pytest.fixture
def table(world: World) -> Table:
    return Table(world)


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def rows() -> list[int]:
    return [model.objects.count() for model in (Movement, Kit, Dispensing, DispensingLine)]


def refused(deed: Any, status: int, code: str) -> Any:
    """The deed is refused by this code, and no table has a row more."""
    before = rows()
    answer = deed()
    assert code_of(answer) == (status, code)
    assert rows() == before
    return answer.json()


def test_kits_are_packed_first_to_expire_first_and_keep_their_batches(table: Table) -> None:
    soon = table.stock(8, lot="SOON", days=60)

    first, second = table.packed(2)

    contents = [(row["batch"], row["quantity"]) for row in table.kit(first)["contents"]]
    assert contents == [(table.paracetamol.pk, 4), (soon.pk, 6)]
    contents = [(row["batch"], row["quantity"]) for row in table.kit(second)["contents"]]
    assert contents == [(table.paracetamol.pk, 4), (soon.pk, 2), (table.ibuprofen.pk, 4)]
    assert (book(table.world)[SHELF], book(table.world)[PROMISED]) == (28, 20)
    assert verify() == []


def test_kit_is_not_packed_of_what_expires_too_soon(table: Table) -> None:
    """30 shelf days and three days of taking: the day after in 32 days is the first on which it is good enough."""
    short = table.stock(6, lot="SHORT", days=31)
    long = table.stock(6, lot="LONG", days=32)

    [kit] = table.packed()

    batches = {row["batch"] for row in table.kit(kit)["contents"]}
    assert long.pk in batches
    assert short.pk not in batches


def test_too_few_units_refuse_all_kits_and_name_every_medicine(table: Table) -> None:
    body = {"place": FIRST, "template": table.template(), "number": 6}

    told = refused(lambda: table.clinic.post("kits/", body), 409, "short_stock")

    assert [(fault["pointer"], fault["code"]) for fault in told["errors"]] == [("/number", "short_stock")] * 2
    assert "20" in told["errors"][0]["message"]


def test_kit_is_handed_out_whole_as_one_hand_out(table: Table) -> None:
    [kit] = table.packed()

    given = table.dispense(kit, register_ref="12", marks=["living_alone"])

    assert given.status_code == 201, given.json()
    assert given.json()["kit"] == kit
    lines = [(row["medicine"], row["quantity"], row["days_supply"]) for row in given.json()["lines"]]
    assert lines == [("M001b", 4, 2), ("M009a", 6, 3)]
    assert (book(table.world)[SHELF], book(table.world)[GIVEN]) == (30, 10)
    assert PROMISED not in book(table.world)
    assert table.kit(kit)["state"] == "handed_out"
    assert verify() == []


def test_kit_is_handed_out_once(table: Table) -> None:
    [kit] = table.packed()
    table.dispense(kit)

    refused(lambda: table.dispense(kit), 409, "kit_ended")
    refused(lambda: table.clinic.post(f"kits/{kit}/unpack/", {}), 409, "kit_ended")


def test_loose_units_in_a_kit_cannot_be_handed_out_otherwise(table: Table) -> None:
    table.packed(3)
    lines = [{"medicine": "M009a", "quantity": 3, "days_supply": 1}]

    refused(
        lambda: table.clinic.post("dispensings/", {**TO, "place": FIRST, "lines": lines}), 409, "short_stock"
    )


def test_unpacked_kit_gives_its_batches_back(table: Table) -> None:
    [kit] = table.packed()

    answer = table.clinic.post(f"kits/{kit}/unpack/", {"reason": "包装破损"})

    assert answer.json() == {"id": kit, "state": "unpacked"}
    assert book(table.world)[SHELF] == 40
    assert PROMISED not in book(table.world)
    refused(lambda: table.dispense(kit), 409, "kit_ended")
    assert verify() == []


def test_hand_out_taken_back_leaves_loose_units_and_no_kit(table: Table) -> None:
    [kit] = table.packed()
    given = table.dispense(kit).json()["id"]

    table.clinic.post(f"dispensings/{given}/reverse/")

    assert book(table.world)[SHELF] == 40
    assert table.kit(kit)["state"] == "unpacked"
    assert verify() == []


# Rules of every hand-out


def test_recall_reaches_into_kits_and_the_rest_is_unpacked(table: Table) -> None:
    [kit] = table.packed()
    body = {
        "medicine": "M009a",
        "lot_number": "2203051",
        "reason": "药监部门通知",
        "reference": "召回〔2022〕1号",
    }
    assert table.lead.post("recalls/", body).status_code == 201

    assert table.kit(kit)["fit"] is False
    refused(lambda: table.dispense(kit), 409, "kit_unfit")
    table.clinic.post(f"kits/{kit}/unpack/", {})

    assert (book(table.world)[SHELF], book(table.world)[HELD]) == (20, 20)
    assert verify() == []


def test_hold_of_a_batch_at_its_place_reaches_into_kits(table: Table) -> None:
    kit = table.packed()[0]

    held = table.lead.post("holds/", {"place": FIRST, "batch": table.ibuprofen.pk, "reason": "破损"})

    assert held.status_code == 201, held.json()
    assert sum(line["quantity"] for line in held.json()["lines"]) == 20
    assert table.kit(kit)["fit"] is False
    assert code_of(table.dispense(kit)) == (409, "kit_unfit")


def test_hold_of_everything_reaches_into_kits(table: Table) -> None:
    [kit] = table.packed()

    table.lead.post("holds/", {"place": FIRST, "reason": "屋顶漏水"})

    assert table.kit(kit)["contents"] == []
    refused(lambda: table.dispense(kit), 409, "kit_unfit")


def test_kit_that_expired_is_refused_though_no_night_job_ran(table: Table) -> None:
    table.stock(6, lot="SOON", days=1)
    [kit] = table.packed(shelf_days=0, lines=[{**PARTS[0], "days_supply": 1}])
    later = TODAY + 2 * DAY

    act = Act(table.clinic.person.pk, table.world.county.pk, later)
    with pytest.raises(DomainError) as caught, transaction.atomic():
        hand_out_kit(act=act, kit=Kit.objects.get(pk=kit), hand_out=HandOut(later, "65-79", "self", []))

    assert caught.value.code == "expires_during_course"


def test_night_job_takes_what_expired_out_of_kits(table: Table) -> None:
    table.stock(6, lot="SOON", days=1)
    [kit] = table.packed(shelf_days=0, lines=[{**PARTS[0], "days_supply": 1}])

    keep_stock(table.world.county.pk, TODAY + 2 * DAY)

    assert table.kit(kit)["contents"] == []
    assert table.kit(kit)["fit"] is False
    assert book(table.world)[HELD] == 6
    assert verify() == []


def test_kit_unpacked_after_it_expired_goes_to_held(table: Table) -> None:
    table.stock(6, lot="SOON", days=1)
    [kit] = table.packed(shelf_days=0, lines=[{**PARTS[0], "days_supply": 1}])
    act = Act(table.clinic.person.pk, table.world.county.pk, TODAY + 2 * DAY)

    unpack_kit(act=act, kit=Kit.objects.get(pk=kit))

    assert (book(table.world)[SHELF], book(table.world)[HELD]) == (40, 6)


def test_limits_of_hand_outs_bind_kits(table: Table) -> None:
    rules = [{"medicine": "M009a", "per_hand_out": 5, "per_fever": 5, "fever_days": 7}]
    assert table.world.signed("administrator").put("dispensing-limits/", {"rules": rules}).status_code == 200
    [kit] = table.packed()

    refused(lambda: table.dispense(kit), 409, "more_than_limit")


def test_fever_limit_counts_kits_and_loose_units_together(table: Table) -> None:
    rules = [{"medicine": "M009a", "per_hand_out": 6, "per_fever": 6, "fever_days": 7}]
    table.world.signed("administrator").put("dispensing-limits/", {"rules": rules})
    [kit] = table.packed()
    lines = [{"medicine": "M009a", "quantity": 1, "days_supply": 1}]
    loose = table.clinic.post("dispensings/", {**TO, "place": FIRST, "register_ref": "7", "lines": lines})
    assert loose.status_code == 201, loose.json()

    refused(lambda: table.dispense(kit, register_ref="7"), 409, "more_than_limit")


def test_prescriber_is_named_for_a_kit_with_such_a_medicine(table: Table) -> None:
    Medicine.objects.filter(code="M001b").update(rx_otc="Rx")
    [kit] = table.packed()

    told = refused(lambda: table.dispense(kit), 422, "prescriber_needed")
    assert {fault["pointer"] for fault in told["errors"]} == {"/prescriber"}
    assert table.dispense(kit, prescriber="杨医生").status_code == 201


def test_caution_is_told_where_a_medicine_is_not_for_the_recipient(table: Table) -> None:
    Medicine.objects.filter(code="M009a").update(not_for="child|pregnant")
    [kit] = table.packed()

    told = table.dispense(kit, age_band="4-14").json()["cautions"]

    assert told == [{"code": "not_for", "medicine": "M009a", "group": "child"}]


@pytest.mark.parametrize(("days", "code"), [(1, "future_day"), (-1, "before_packed")])
def test_kit_is_handed_out_between_packing_and_today(table: Table, days: int, code: str) -> None:
    [kit] = table.packed()

    refused(lambda: table.dispense(kit, dispensed_on=str(TODAY + days * DAY)), 422, code)


def test_corrected_label_follows_into_the_kit(table: Table) -> None:
    [kit] = table.packed()
    second = table.world.signed("lead_pharmacist", name="second lead")
    route = f"batches/{table.ibuprofen.pk}/relabel/"
    proposed = table.lead.post(route, {"lot_number": "2203061", "reason": "批号误读"})
    assert proposed.status_code == 201, proposed.json()
    assert second.post(f"{route}confirm/").status_code == 200

    lots = {row["lot_number"] for row in table.kit(kit)["contents"] if row["medicine"] == "M009a"}
    assert lots == {"2203061"}
    assert table.dispense(kit).status_code == 201
    assert verify() == []


# Templates


def test_template_is_retired_to_be_replaced_by_one_of_its_name(table: Table) -> None:
    old = table.template()
    again = {"name": "防疫健康包", "lines": PARTS}
    refused(lambda: table.lead.post("kit-templates/", again), 409, "kit_template_taken")

    assert table.lead.post(f"kit-templates/{old}/retire/").status_code == 200

    assert table.lead.post("kit-templates/", again).status_code == 201
    refused(
        lambda: table.clinic.post("kits/", {"place": FIRST, "template": old}), 409, "kit_template_retired"
    )
    refused(lambda: table.lead.post(f"kit-templates/{old}/retire/"), 409, "kit_template_retired")


@pytest.mark.parametrize(
    ("lines", "pointer", "code"),
    [
        ([PARTS[0], PARTS[0]], "/lines/1/medicine", "twice"),
        ([{**PARTS[0], "medicine": "M999z"}], "/lines/0/medicine", "unknown_medicine"),
        ([{**PARTS[0], "quantity": 0}], "/lines/0/quantity", "min_value"),
        ([], "/lines", "empty"),
    ],
)
def test_template_of_bad_lines_is_refused_by_line_and_field(
    table: Table, lines: list[Any], pointer: str, code: str
) -> None:
    answer = table.lead.post("kit-templates/", {"name": "健康包", "lines": lines})

    assert answer.status_code in {400, 422}
    assert (pointer, code) in [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]]


# Reading


def test_stock_shows_what_is_in_kits(table: Table) -> None:
    [kit] = table.packed()

    rows = table.clinic.get("stock/", place=FIRST, state="reserved").json()["results"]

    assert {(row["kit"], row["shipment"], row["quantity"]) for row in rows} == {
        (kit, None, 6),
        (kit, None, 4),
    }


def test_kit_is_found_by_the_code_on_its_label(table: Table) -> None:
    first, second = table.packed(2)
    code = table.kit(second)["code"]

    found = table.clinic.get("kits/", code=code.lower()).json()["results"]

    assert [kit["id"] for kit in found] == [second]
    assert table.clinic.get("kits/", code="nonsense").json()["results"] == []
    assert first != second


def test_labels_are_of_all_kits_packed_in_one_go(table: Table) -> None:
    first, _second = table.packed(2)

    answer = table.clinic.get(f"kits/{first}/labels.pdf")

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")


def test_labels_of_the_fullest_kit_with_the_longest_names_are_printed(table: Table) -> None:
    long = [
        table.world._medicine(f"Z{n:03}", "复方氨酚烷胺那敏伪麻美沙芬特长通用名称胶囊" * 2, "0.25g", "x")
        for n in range(20)
    ]
    for medicine in long:
        table.stock(1_000_000, medicine, lot="L" * 40)
    lines = [{"medicine": each.code, "quantity": 1_000_000, "days_supply": 1} for each in long]
    [kit] = table.packed(name="防" * 40, lines=lines)

    assert table.clinic.get(f"kits/{kit}/labels.pdf").status_code == 200


def test_packing_costs_the_same_however_many_kits(table: Table) -> None:
    template = table.template()
    costs = []
    for number in (1, 2):
        with CaptureQueriesContext(connection) as spent:
            table.clinic.post("kits/", {"place": FIRST, "template": template, "number": number})
        costs.append(len(spent))

    assert costs[0] == costs[1]
