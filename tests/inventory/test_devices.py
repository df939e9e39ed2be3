"""Reusable devices that a clinic keeps in use, or lends and takes back."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from catalogue.models import Medicine
from inventory.ledger import Entry, Shelf, post
from inventory.models import Batch, Hold, Kind, Movement, Side, State
from inventory.models.devices import DeviceUse
from inventory.services.devices import give_back
from inventory.verification import verify
from reports.figures import Period, figures
from tests.cloned import together
from tests.distribution.stock import book, order, profile, stock
from tests.distribution.stories import statements
from tests.inventory.screens import Screen
from tests.inventory.stories import printed
from tests.plain_sql import drop_guard, execute, insert, refused_by, value
from tests.world import TODAY, World

FIRST = "P-522633-11"
NEXT_WEEK = TODAY + datetime.timedelta(days=7)
LOAN = {"register_ref": "2023-018", "due_on": str(NEXT_WEEK)}


def oximeter(world: World) -> Medicine:
    return Medicine.objects.get_or_create(
        code="M187", generic_name="指夹式脉搏血氧仪", category="device", smallest_unit="台",
        requires_lot=False, requires_expiry=False, donation_default="accept", loose_ok="n",
    )[0]  # fmt: skip


class Clinic:
    """The first village clinic with three oximeters on its shelf."""

    def __init__(self, world: World, units: int = 3) -> None:
        self.world, self.place = world, world.villages[0]
        self.batch = stock(world, units, place=self.place, medicine=oximeter(world), side=Side.CLINIC)
        self.staff = world.signed("clinic", self.place)

    def begin(self, kind: str = "kept", **fields: Any) -> Any:
        loan = LOAN if kind == "lent" else {}
        body = {"place": FIRST, "kind": kind, "medicine": "M187", **loan, **fields}
        return self.staff.post("device-uses/", body)

    def back(self, pk: int, condition: str = "works", **fields: Any) -> Any:
        return self.staff.post(f"device-uses/{pk}/give-back/", {"condition": condition, **fields})

    def shelf(self) -> dict[str, int]:
        return {
            state: n
            for (_place, _side, state), n in book(self.world).items()
            if state not in {"donated", "converted"}
        }

    def recall(self) -> Any:
        body = {"medicine": "M187", "lot_number": self.batch.lot_number, "reason": "读数偏差"}
        return self.world.signed("lead_pharmacist").post("recalls/", body)


@pytest.fixture
def clinic(world: World) -> Clinic:
    return Clinic(world)


def test_device_is_kept_in_use_and_given_back(clinic: Clinic) -> None:
    answer = clinic.begin()
    use = answer.json()

    assert (answer.status_code, use["kind"], use["condition"], use["recalled"]) == (201, "kept", "", False)
    assert clinic.shelf() == {"available": 2, "in_use": 1}
    assert clinic.back(use["id"]).status_code == 200
    assert clinic.shelf() == {"available": 3}
    assert [m.kind for m in Movement.objects.order_by("id")][1:] == ["put_in_use", "take_back"]
    assert verify() == []


def test_device_is_lent_without_a_name(clinic: Clinic) -> None:
    use = clinic.begin("lent").json()

    assert (use["register_ref"], use["due_on"]) == ("2023-018", str(NEXT_WEEK))
    assert clinic.shelf() == {"available": 2, "lent": 1}
    assert verify() == []


def test_broken_device_is_held(clinic: Clinic) -> None:
    use = clinic.begin("lent").json()["id"]

    answer = clinic.back(use, "broken", reason="屏幕不显示")

    assert (answer.status_code, answer.json()["condition"]) == (200, "broken")
    assert clinic.shelf() == {"available": 2, "held": 1}
    assert Hold.objects.get().reason == "屏幕不显示"


def test_another_device_comes_back_to_the_shelf_after_a_broken_one(clinic: Clinic) -> None:
    first, second = (clinic.begin("lent").json()["id"] for _ in range(2))
    clinic.back(first, "broken", reason="摔坏")

    clinic.back(second)

    assert clinic.shelf() == {"available": 2, "held": 1}


def test_lost_device_leaves_the_books(clinic: Clinic) -> None:
    use = clinic.begin("lent").json()["id"]

    clinic.back(use, "lost", reason="借用人迁走")

    assert clinic.shelf() == {"available": 2, "lost": 1}
    assert verify() == []


@pytest.mark.parametrize("condition", ["broken", "lost"])
def test_end_without_a_reason_refused(clinic: Clinic, condition: str) -> None:
    use = clinic.begin().json()["id"]

    answer = clinic.back(use, condition)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/reason")
    assert clinic.shelf() == {"available": 2, "in_use": 1}


def test_device_comes_back_once(clinic: Clinic) -> None:
    use = clinic.begin().json()["id"]
    clinic.back(use)

    answer = clinic.back(use)

    assert (answer.status_code, answer.json()["code"]) == (409, "device_back")


WRONG: list[tuple[dict[str, Any], int, str, str]] = [
    ({"kind": "lent"}, 400, "required", "/register_ref"),
    ({"register_ref": "7"}, 400, "not_here", "/register_ref"),
    ({"medicine": None}, 400, "null", "/medicine"),
    ({"batch": 1}, 400, "medicine_or_batch", "/medicine"),
    ({"medicine": "M999"}, 400, "unknown_medicine", "/medicine"),
    ({"medicine": "M009a"}, 422, "not_a_device", "/medicine"),
    ({"kind": "sold"}, 400, "invalid_choice", "/kind"),
    ({"kind": "lent", **LOAN, "due_on": str(TODAY - datetime.timedelta(days=1))}, 422, "due_too_late", "/due_on"),
    ({"kind": "lent", **LOAN, "due_on": str(TODAY + datetime.timedelta(days=93))}, 422, "due_too_late", "/due_on"),
    ({"place": "P-522633-10"}, 404, "not_found", "/place"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "status", "code", "pointer"), WRONG)
def test_bad_input_refused(
    clinic: Clinic, fields: dict[str, Any], status: int, code: str, pointer: str
) -> None:
    body = {"place": FIRST, "kind": "kept", "medicine": "M187", **fields}

    answer = clinic.staff.post("device-uses/", body)

    assert answer.status_code == status
    assert (code, pointer) in {(error["code"], error["pointer"]) for error in answer.json()["errors"]}
    assert (DeviceUse.objects.count(), clinic.shelf()) == (0, {"available": 3})


def test_no_more_than_stand_on_the_shelf(world: World) -> None:
    clinic = Clinic(world, units=1)
    clinic.begin()

    answer = clinic.begin("lent")

    assert (answer.status_code, answer.json()["code"]) == (409, "short_stock")
    assert DeviceUse.objects.count() == 1


def test_medicine_of_no_device_stays_on_the_shelf(world: World) -> None:
    batch = stock(world, 20, place=world.villages[0], side=Side.CLINIC)
    staff = world.signed("clinic", world.villages[0])

    answer = staff.post("device-uses/", {"place": FIRST, "kind": "kept", "batch": batch.pk})

    assert (answer.status_code, answer.json()["code"]) == (422, "not_a_device")


def test_recall_puts_aside_what_is_in_use_and_calls_back_what_is_lent(clinic: Clinic) -> None:
    clinic.begin()
    lent = clinic.begin("lent").json()["id"]

    recall = clinic.recall().json()

    assert (recall["reach"]["units"]["in_use"], recall["reach"]["units"]["lent"]) == (1, 1)
    assert clinic.shelf() == {"held": 2, "lent": 1}
    called = clinic.staff.get("device-uses/", call_back="true").json()["results"]
    assert [(row["id"], row["recalled"]) for row in called] == [(lent, True)]
    trace = clinic.world.signed("lead_pharmacist").get(f"recalls/{recall['id']}/trace/").json()
    assert [(loan["device_use"], loan["register_ref"]) for loan in trace["loans"]] == [(lent, "2023-018")]
    assert verify() == []

    clinic.back(lent)

    assert clinic.shelf() == {"held": 3}
    assert clinic.begin().json()["code"] == "short_stock"
    assert verify() == []


def test_hold_takes_the_shelf_first_and_then_what_is_in_use(clinic: Clinic) -> None:
    clinic.begin()
    hold = {"place": FIRST, "batch": clinic.batch.pk, "reason": "读数异常"}
    pharmacist = clinic.world.signed("lead_pharmacist")

    assert pharmacist.post("holds/", {**hold, "quantity": 1}).status_code == 201
    assert clinic.shelf() == {"available": 1, "in_use": 1, "held": 1}
    pharmacist.post("holds/", hold)

    assert clinic.shelf() == {"held": 3}
    assert DeviceUse.objects.get().condition == "held"
    assert verify() == []


def test_what_was_held_meanwhile_comes_back_held(clinic: Clinic) -> None:
    use = clinic.begin("lent").json()["id"]
    clinic.world.signed("lead_pharmacist").post(
        "holds/", {"place": FIRST, "batch": clinic.batch.pk, "reason": "读数异常"}
    )

    clinic.back(use)

    assert clinic.shelf() == {"held": 3}


def test_hold_of_everything_at_a_clinic_reaches_what_is_in_use(clinic: Clinic) -> None:
    clinic.begin()

    answer = clinic.world.signed("lead_pharmacist").post("holds/", {"place": FIRST, "reason": "进水"})

    assert (answer.status_code, answer.json()["units"], clinic.shelf()) == (201, 3, {"held": 3})


def relabel(clinic: Clinic, **label: str) -> None:
    lead, other = (
        clinic.world.signed("lead_pharmacist"),
        clinic.world.signed("pharmacist", clinic.world.centre),
    )
    asked = lead.post(f"batches/{clinic.batch.pk}/relabel/", {"reason": "看错", **label})
    assert asked.status_code == 201, asked.json()
    done = other.post(f"batches/{clinic.batch.pk}/relabel/confirm/")
    assert done.status_code == 200, done.json()


def test_corrected_label_follows_devices_that_are_out(clinic: Clinic) -> None:
    uses = [clinic.begin(kind).json()["id"] for kind in ("kept", "lent")]

    relabel(clinic, lot_number="OX-2")

    assert clinic.shelf() == {"available": 1, "in_use": 1, "lent": 1}
    assert {use.batch.lot_number for use in DeviceUse.objects.select_related("batch")} == {"OX-2"}
    assert verify() == []
    assert [clinic.back(use).status_code for use in uses] == [200, 200]


def test_hold_follows_a_device_that_is_out_under_its_true_label(clinic: Clinic) -> None:
    use = clinic.begin("lent").json()["id"]
    hold = {"place": FIRST, "batch": clinic.batch.pk, "quantity": 1, "reason": "读数异常"}
    clinic.world.signed("lead_pharmacist").post("holds/", hold)
    relabel(clinic, lot_number="OX-2")
    clinic.batch = Batch.objects.get(lot_number="OX-2")
    relabel(clinic, lot_number="OX-3")

    clinic.back(use)

    assert clinic.shelf() == {"available": 1, "held": 2}
    assert verify() == []


def test_hold_from_before_and_a_broken_device_say_nothing_of_another_under_its_true_label(
    clinic: Clinic,
) -> None:
    hold = {"place": FIRST, "batch": clinic.batch.pk, "quantity": 1, "reason": "读数异常"}
    clinic.world.signed("lead_pharmacist").post("holds/", hold)
    first, second = (clinic.begin("lent").json()["id"] for _ in range(2))
    clinic.back(first, "broken", reason="摔坏")
    relabel(clinic, lot_number="OX-2")

    clinic.back(second)

    assert clinic.shelf() == {"available": 1, "held": 2}


def test_label_that_turns_out_recalled_calls_lent_devices_back(clinic: Clinic) -> None:
    clinic.begin()
    lent = clinic.begin("lent").json()["id"]
    clinic.world.signed("lead_pharmacist").post(
        "recalls/", {"medicine": "M187", "lot_number": "OX-2", "reason": "读数偏差", "standing": True}
    )

    relabel(clinic, lot_number="OX-2")

    assert clinic.shelf() == {"held": 2, "lent": 1}
    clinic.back(lent)
    assert clinic.shelf() == {"held": 3}
    assert verify() == []


@pytest.mark.parametrize("kind", ["kept", "lent"])
def test_device_that_expired_meanwhile_comes_back_into_hold(world: World, kind: str) -> None:
    """No rule keeps what a person brings back from being booked; the shelf takes nothing expired."""
    clinic = Clinic(world)
    use = DeviceUse.objects.get(pk=clinic.begin(kind).json()["id"])
    later = world.act("clinic", on=TODAY + datetime.timedelta(days=401))

    give_back(act=later, use=use, condition="works")

    assert clinic.shelf() == {"available": 2, "held": 1}
    assert verify() == []


def test_lent_device_of_which_the_true_label_is_expired_comes_back_and_is_freed_by_the_right_one(
    clinic: Clinic,
) -> None:
    lent = clinic.begin("lent").json()["id"]
    relabel(clinic, expiry=printed(TODAY - datetime.timedelta(days=1)))
    assert clinic.shelf() == {"held": 2, "lent": 1}

    answer = clinic.back(lent)

    assert (answer.status_code, clinic.shelf()) == (200, {"held": 3})
    assert clinic.begin().json()["code"] == "short_stock"
    clinic.batch = Batch.objects.latest("pk")
    relabel(clinic, expiry=printed(NEXT_WEEK))
    lead = clinic.world.signed("lead_pharmacist")
    released = [
        lead.post(f"holds/{hold.pk}/release/").status_code
        for hold in Hold.objects.filter(batch=Batch.objects.latest("pk"))
    ]
    assert (set(released), clinic.shelf()) == ({200}, {"available": 3})
    assert verify() == []


def test_expired_device_is_neither_kept_nor_lent(world: World) -> None:
    """The night job has not run; of two batches on the shelf only the one in date is taken."""
    device = oximeter(world)
    place = {"place": world.villages[0], "medicine": device, "side": Side.CLINIC}
    old = stock(world, 1, lot="OLD", days=-1, **place)
    staff = world.signed("clinic", world.villages[0])
    body = {"place": FIRST, "kind": "lent", **LOAN}

    named = staff.post("device-uses/", {**body, "batch": old.pk})
    alone = staff.post("device-uses/", {**body, "medicine": "M187"})
    good = stock(world, 1, lot="NEW", **place)
    chosen = staff.post("device-uses/", {**body, "medicine": "M187"})

    assert (named.json()["code"], alone.json()["code"]) == ("expired_stock", "short_stock")
    assert (chosen.status_code, chosen.json()["batch"]) == (201, good.pk)


def test_overdue_loans_are_on_the_to_do_list(clinic: Clinic) -> None:
    use = clinic.begin("lent").json()["id"]
    drop_guard("device_use_ends_once")
    yesterday = TODAY - datetime.timedelta(days=1)
    DeviceUse.objects.filter(pk=use).update(started_on=yesterday, due_on=yesterday)

    waiting = {duty["code"]: duty["count"] for duty in clinic.staff.get("todo/").json()["duties"]}

    assert (waiting["loans_overdue"], waiting["call_back"]) == (1, 0)
    assert len(clinic.staff.get("device-uses/", overdue="true").json()["results"]) == 1


def test_blind_count_knows_what_is_out(clinic: Clinic) -> None:
    clinic.begin()
    clinic.begin("lent")
    count = clinic.staff.post("counts/", {"place": FIRST}).json()["id"]

    (row,) = clinic.staff.get(f"counts/{count}/").json()["out"]

    assert (row["medicine"], row["kept"], row["lent"]) == ("M187", 1, 1)
    line = {"batch": clinic.batch.pk, "side": "clinic", "spot": "shelf", "counted": 1}
    clinic.staff.post(f"counts/{count}/lines/", {"lines": [line]})
    clinic.staff.post(f"counts/{count}/finish/")
    (line,) = clinic.staff.get(f"counts/{count}/lines/").json()["results"]
    assert (line["expected"], line["difference"]) == (1, 0)


def test_devices_in_use_are_part_of_the_closing_and_no_hand_out(clinic: Clinic) -> None:
    clinic.begin()
    clinic.begin("lent")

    found = figures(clinic.world.county.pk, Period(TODAY, TODAY))

    (row,) = [row for row in found.rows if row.code == "M187"]
    assert (row.stock["dispensed"], row.stock.closing) == (0, 3)
    assert {name: units for name, units in row.stock.standing.items() if units} == {
        "available": 1, "in_use": 1, "lent": 1,
    }  # fmt: skip
    assert all(identity.holds for identity in found.identities)


def test_stock_page_and_card_show_what_is_out(clinic: Clinic) -> None:
    clinic.begin()
    clinic.begin("lent")

    (row,) = clinic.staff.get("stock/summary/").json()["results"]
    card = clinic.staff.get("stock-card/", place=FIRST, medicine="M187").json()

    assert (row["available"], row["in_use"], row["lent"]) == (1, 1, 1)
    assert (card["closing"]["balance"], card["closing"]["in_use"], card["closing"]["lent"]) == (3, 1, 1)
    trace = clinic.world.signed("lead_pharmacist").get(f"batches/{clinic.batch.pk}/trace/").json()
    assert trace["stops"][0]["units"] == {"available": 1, "in_use": 1, "lent": 1}


def test_device_in_use_counts_as_had_when_a_plan_is_drafted(clinic: Clinic) -> None:
    clinic.begin()
    clinic.begin("lent")
    stock(clinic.world, 9, medicine=oximeter(clinic.world))
    profile(clinic.world, clinic.place)

    plan = clinic.world.signed("allocator").post("plans/", order(medicines=["M187"])).json()

    shares = clinic.world.signed("allocator").get(f"plans/{plan['id']}/clinics/").json()["results"]
    (share,) = [row for row in shares if row["clinic"] == FIRST]
    assert share["on_hand"] == 3


def test_list_takes_the_same_statements_for_one_and_many(clinic: Clinic) -> None:
    clinic.begin()
    few = statements(lambda: clinic.staff.get("device-uses/"))
    clinic.begin("lent")
    clinic.begin("lent")

    assert statements(lambda: clinic.staff.get("device-uses/")) == few


# The guards of the database, tried with plain SQL.


def use_row(clinic: Clinic, **columns: Any) -> int:
    return insert("inventory_deviceuse", **{
        "county_id": clinic.world.county.pk, "place_id": clinic.place.pk, "batch_id": clinic.batch.pk,
        "kind": "kept", "register_ref": "", "started_by": 1, "started_on": TODAY, "condition": "", "reason": "",
        "command": "00000000-0000-0000-0000-000000000007", **columns,
    })  # fmt: skip


def of_a_medicine(clinic: Clinic) -> int:
    batch = stock(clinic.world, 5, place=clinic.place, side=Side.CLINIC)
    return use_row(clinic, batch_id=batch.pk)


def lent_for_ever(clinic: Clinic) -> int:
    return use_row(clinic, kind="lent", register_ref="7")


def lent_to_nobody(clinic: Clinic) -> int:
    return use_row(clinic, kind="lent", due_on=NEXT_WEEK)


def begun_twice_and_ended(clinic: Clinic) -> int:
    pk = clinic.begin().json()["id"]
    clinic.back(pk)
    return execute("UPDATE inventory_deviceuse SET reason = '' WHERE id = %s", [pk])


def ended_by_nobody(clinic: Clinic) -> int:
    pk = clinic.begin().json()["id"]
    return execute("UPDATE inventory_deviceuse SET condition = 'works' WHERE id = %s", [pk])


def ended(condition: str, reason: str) -> str:
    return (
        f"UPDATE inventory_deviceuse SET condition = '{condition}', reason = '{reason}', ended_by = 1,"
        " ended_on = started_on, ended_command = command WHERE id = %s"
    )


def lost_without_a_word(clinic: Clinic) -> int:
    return execute(ended("lost", ""), [clinic.begin().json()["id"]])


def held_at_home(clinic: Clinic) -> int:
    return execute(ended("held", "召回"), [clinic.begin("lent").json()["id"]])


def moved_without_a_use(clinic: Clinic) -> int:
    clinic.begin()
    shelf, in_use = (
        value("SELECT id FROM inventory_account WHERE place_id = %s AND state = %s", [clinic.place.pk, state])
        for state in ("available", "in_use")
    )
    return insert(
        "inventory_movement", county_id=clinic.world.county.pk, batch_id=clinic.batch.pk, quantity=1,
        from_account_id=shelf, to_account_id=in_use, kind="put_in_use", document_type="device_use", detail="",
        business_day=TODAY, booked_on=TODAY, recorded_at=datetime.datetime.now(datetime.UTC),
        command="00000000-0000-0000-0000-000000000007",
    )  # fmt: skip


def in_use_at_a_store(clinic: Clinic) -> int:
    return insert(
        "inventory_account", county_id=clinic.world.county.pk, place_id=clinic.world.hospital.pk, side="store",
        state="in_use",
    )  # fmt: skip


def lent_when_expired(clinic: Clinic) -> int:
    """Around the service, which refuses it too: a use is written down, and its unit moved, after the last day."""
    later = clinic.world.act("clinic", on=TODAY + datetime.timedelta(days=401))
    here = (clinic.place.pk, Side.CLINIC)
    use = DeviceUse.objects.create(
        county=clinic.world.county, place=clinic.place, batch=clinic.batch, kind="kept", started_by=1,
        started_on=later.on, command=later.command,
    )  # fmt: skip
    entry = Entry(
        Kind.PUT_IN_USE, clinic.batch.pk, 1, Shelf(*here, State.AVAILABLE), Shelf(*here, State.IN_USE),
        "device_use", use.pk,
    )  # fmt: skip
    return post([entry], act=later)[0]


BREACHES = [
    ("device_use_of_a_device", of_a_medicine),
    ("device_use_lent_until", lent_for_ever),
    ("device_use_lent_until", lent_to_nobody),
    ("device_use_ends_once", begun_twice_and_ended),
    ("device_use_ended_or_not", ended_by_nobody),
    ("device_use_end_has_reason", lost_without_a_word),
    ("device_use_held_at_the_clinic", held_at_home),
    ("movement_in_use_papered", moved_without_a_use),
    ("movement_not_expired", lent_when_expired),
    ("account_in_use_at_clinic", in_use_at_a_store),
]


@pytest.mark.parametrize(("guard", "attempt"), BREACHES)
def test_breach_refused_by_its_guard_and_goes_in_without_it(clinic: Clinic, guard: str, attempt: Any) -> None:
    with refused_by(guard):
        attempt(clinic)

    drop_guard(guard)

    assert attempt(clinic)


def test_use_is_not_deleted(clinic: Clinic) -> None:
    clinic.begin()

    with refused_by("device_use_ends_once"):
        execute("DELETE FROM inventory_deviceuse")


def test_verification_finds_a_use_that_no_unit_stands_for(clinic: Clinic) -> None:
    use_row(clinic)

    (found,) = verify()

    assert (found.check, found.kept, found.recomputed) == ("devices in use", 0, 1)


def test_one_device_given_back_by_two_at_once_comes_back_once(cloned_db: str) -> None:
    clinic = Clinic(World())
    use = clinic.begin().json()["id"]

    answers = together([lambda: clinic.back(use)] * 2)

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert clinic.shelf() == {"available": 3}
    assert verify() == []


def test_last_device_is_lent_to_one_of_two_at_once(cloned_db: str) -> None:
    clinic = Clinic(World(), units=1)

    answers = together([lambda: clinic.begin("lent")] * 2)

    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert clinic.shelf() == {"lent": 1}
    assert verify() == []


def test_screens_show_and_take_back(clinic: Clinic) -> None:
    screens = Screen(clinic.staff.person)
    new = {"/place": FIRST, "/medicine": "M187", "/kind": "kept"}

    assert screens.send("/device-uses/new/", new).status_code == 302
    use = DeviceUse.objects.get()
    address = f"/device-uses/{use.pk}/give-back/"
    assert address in screens.shown("/device-uses/?open=true")
    assert screens.send(address, {"/condition": "works"}).status_code == 302
    assert DeviceUse.objects.get().condition == "works"
