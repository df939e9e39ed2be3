"""紧急调拨: sent at once because a leader agreed, capped, countersigned by another person within a day."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.utils import timezone

from core.commands import Act
from distribution.models import Shipment
from distribution.models.urgent import UrgentIssue
from distribution.services.urgent import Agreement, Wanted, issue_urgently
from inventory.models import State
from organisation.models import Policy
from tests.cloned import cloned_db
from tests.distribution.stock import CENTRE, FIRST, HOSPITAL, SECOND, book, stock
from tests.distribution.stories import statements
from tests.plain_sql import NOW, Books, drop_guard, execute, insert, refused_by
from tests.world import TODAY, Signed, World

__all__ = ["cloned_db"]
HOUR = datetime.timedelta(hours=1)


def wanted(units: int = 30, **fields: Any) -> dict[str, Any]:
    return {
        "from_place": HOSPITAL,
        "to_place": FIRST,
        "agreed_by": "分管副局长",
        "agreed_at": (timezone.now() - HOUR).isoformat(),
        "reason": "多名老人同时发热",
        "lines": [{"medicine": "M009a", "quantity": units}],
        **fields,
    }


def issued(world: World, hours_ago: int = 0) -> UrgentIssue:
    """Thirty tablets sent to the first village clinic by the hospital's pharmacist some hours ago."""
    act = world.act()
    act = Act(act.actor_id, act.county_id, act.on, at=timezone.now() - hours_ago * HOUR)
    return issue_urgently(
        act=act,
        from_place=world.hospital,
        to_place=world.villages[0],
        wanted=[Wanted(30, medicine_id=world.ibuprofen.pk)],
        agreement=Agreement("分管副局长", act.at - HOUR, "多名老人同时发热"),
    )


def late(signed: Signed, code: str = "countersign_late") -> int:
    (duty,) = [duty for duty in signed.get("todo/").json()["duties"] if duty["code"] == code]
    return duty["count"]


def test_urgent_issue_leaves_at_once_and_is_received_like_any_shipment(world: World) -> None:
    stock(world, 50, lot="LATER", days=300)
    first = stock(world, 10, lot="SOON", days=40)

    answer = world.signed("pharmacist").post("urgent-issues/", wanted()).json()

    assert (answer["status"], answer["agreed_by"], answer["countersigned_by"]) == (
        "dispatched",
        "分管副局长",
        None,
    )
    issued_at, due_at = (datetime.datetime.fromisoformat(answer[name]) for name in ("issued_at", "due_at"))
    assert due_at - issued_at == 24 * HOUR
    shipment = Shipment.objects.get(pk=answer["shipment"])
    picked = dict(shipment.lines.values_list("batch", "picked"))
    assert (len(picked), picked[first.pk], sum(picked.values())) == (2, 10, 30)
    assert book(world)[HOSPITAL, "store", "in_transit"] == 30
    lines = [{"line": line.pk, "accepted": line.picked} for line in shipment.lines.all()]
    taken = world.signed("clinic", world.villages[0]).post(
        f"shipments/{shipment.pk}/receive/", {"lines": lines}
    )
    assert taken.json()["status"] == "received"
    assert book(world)[FIRST, "clinic", "available"] == 30


def test_urgent_issue_counts_as_allotted(world: World) -> None:
    stock(world, 50)
    world.signed("pharmacist").post("urgent-issues/", wanted())

    period = {"county": "522633", "from": str(TODAY), "to": str(TODAY)}
    figures = world.signed("auditor").get("figures/", **period).json()

    assert [row["allotted"] for row in figures["medicines"]] == [30]
    assert figures["identities_hold"] is True


def test_urgent_issue_is_countersigned_by_another_person_once(world: World) -> None:
    stock(world, 50)
    both = world.person("approver", name="both")
    world.grant(both, "allocator")
    pk = Signed(both).post("urgent-issues/", wanted()).json()["id"]
    approver = world.signed("approver")
    assert (late(Signed(both), "countersign"), late(approver, "countersign")) == (0, 1)

    same = Signed(both).post(f"urgent-issues/{pk}/countersign/")
    done = approver.post(f"urgent-issues/{pk}/countersign/")
    again = world.signed("approver", name="third").post(f"urgent-issues/{pk}/countersign/")

    assert (same.status_code, same.json()["code"]) == (403, "second_person_needed")
    assert (done.status_code, done.json()["countersigned_by"]) == (200, world.person("approver").pk)
    assert done.json()["overdue"] is False
    assert (again.status_code, again.json()["code"]) == (409, "already_countersigned")
    assert late(approver, "countersign") == 0


def test_urgent_issue_without_countersignature_is_overdue_after_a_day(world: World) -> None:
    stock(world, 60)
    issued(world, hours_ago=25)
    issued(world, hours_ago=23)
    approver, auditor = world.signed("approver"), world.signed("auditor")

    shown = approver.get("urgent-issues/", overdue="true").json()["results"]

    assert [late(person) for person in (approver, auditor, world.signed("allocator"))] == [1, 1, 1]
    assert [(row["overdue"], row["countersigned_at"]) for row in shown] == [(True, None)]
    assert len(approver.get("urgent-issues/", open="true").json()["results"]) == 2
    approver.post(f"urgent-issues/{shown[0]['id']}/countersign/")
    assert late(approver) == 0
    assert approver.get("urgent-issues/?open=false").json()["results"][0]["overdue"] is True


def test_urgent_issue_is_refused_with_nothing_written(world: World) -> None:
    batch = stock(world, 900)
    old = stock(world, 50, lot="OLD", days=-1)
    recalled = stock(world, 50, lot="BAD")
    held = stock(world, 50, lot="HELD", state=State.HELD)
    notice = {
        "medicine": "M009a",
        "lot_number": "BAD",
        "reason": "溶出度不合格",
        "reference": "药监召回〔2022〕7号",
    }
    assert world.signed("lead_pharmacist").post("recalls/", notice).status_code == 201
    world.signed("pharmacist").post("urgent-issues/", wanted(300))
    before = book(world)
    future, old_word = (timezone.now() + HOUR).isoformat(), (timezone.now() - 25 * HOUR).isoformat()

    def named(pk: int) -> list[dict[str, int]]:
        return [{"batch": pk, "quantity": 5}]

    bodies = [
        wanted(201),
        wanted(5, lines=[{"batch": batch.pk, "quantity": 150}, {"medicine": "M009a", "quantity": 51}]),
        wanted(5, lines=named(old.pk)),
        wanted(5, lines=named(recalled.pk)),
        wanted(5, lines=named(held.pk)),
        wanted(5, lines=[{"medicine": "M001b", "quantity": 5}]),
        wanted(5, lines=[{"medicine": "NONE", "quantity": 5}]),
        wanted(5, lines=[*named(batch.pk), *named(batch.pk)]),
        wanted(5, lines=[{"quantity": 5}]),
        wanted(5, agreed_at=future),
        wanted(5, agreed_at=old_word),
        wanted(5, agreed_by=""),
        wanted(5, reason=" "),
        wanted(5, to_place=HOSPITAL),
        wanted(5, to_place="P-522622-01"),
        wanted(5, from_place=FIRST),
    ]
    refusals = [world.signed("lead_pharmacist").post("urgent-issues/", body).json() for body in bodies]

    assert [(refusal["code"], refusal["errors"][0]["pointer"]) for refusal in refusals] == [
        ("more_than_urgent", "/lines/0/quantity"),
        ("more_than_urgent", "/lines/0/quantity"),
        ("expired_meanwhile", "/lines/0/batch"),
        ("recalled", "/lines/0/batch"),
        ("short_stock", "/lines/0/quantity"),
        ("short_stock", "/lines/0/quantity"),
        ("invalid", "/lines/0/medicine"),
        ("invalid", "/lines/1/batch"),
        ("invalid", "/lines/0"),
        ("agreed_out_of_time", "/agreed_at"),
        ("agreed_out_of_time", "/agreed_at"),
        ("invalid", "/agreed_by"),
        ("invalid", "/reason"),
        ("hands_nothing_out", "/to_place"),
        ("not_found", "/to_place"),
        ("not_a_pharmacy", "/from_place"),
    ]
    assert book(world) == before
    assert (UrgentIssue.objects.count(), Shipment.objects.count()) == (1, 1)


def test_urgent_issue_within_one_place_is_refused(world: World) -> None:
    stock(world, 50, place=world.centre)

    answer = world.signed("pharmacist", world.centre).post(
        "urgent-issues/", wanted(from_place=CENTRE, to_place=CENTRE)
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "within_one_place")


def test_cap_is_for_each_clinic_and_the_county_sets_it(world: World) -> None:
    stock(world, 900)
    Policy.objects.create(county=world.county, urgent_units=40)
    pharmacist = world.signed("pharmacist")

    answers = [
        pharmacist.post("urgent-issues/", body).status_code
        for body in (wanted(40), wanted(1), wanted(40, to_place=SECOND), wanted(41, to_place=CENTRE))
    ]

    assert answers == [201, 409, 201, 409]


def test_urgent_issue_of_a_foreign_place_is_not_found(world: World) -> None:
    stock(world, 50)
    pk = world.signed("pharmacist").post("urgent-issues/", wanted()).json()["id"]

    abroad = world.signed("approver", foreign=True)
    stranger = world.signed("pharmacist", world.centre).post("urgent-issues/", wanted())

    assert abroad.post(f"urgent-issues/{pk}/countersign/").status_code == 404
    assert abroad.get("urgent-issues/").json()["results"] == []
    assert (stranger.status_code, stranger.json()["errors"][0]["pointer"]) == (404, "/from_place")


def test_urgent_issue_costs_the_same_for_any_number_of_lines(world: World) -> None:
    batches = [stock(world, 50, lot=f"L{n}") for n in range(4)]
    pharmacist = world.signed("pharmacist")

    def send(some: list[Any], to_place: str) -> None:
        lines = [{"batch": batch.pk, "quantity": 5} for batch in some]
        assert pharmacist.post("urgent-issues/", wanted(lines=lines, to_place=to_place)).status_code == 201

    one = statements(lambda: send(batches[:1], FIRST))
    assert statements(lambda: send(batches, SECOND)) == one


BREACHES = {
    "urgent_issue_countersigned_by_another": {"countersigned_by": 1, "countersigned_at": NOW},
    "urgent_issue_countersigned_whole": {"countersigned_by": 2},
    "urgent_issue_agreed_in_time": {"agreed_at": NOW + HOUR},
    "urgent_issue_says_why": {"agreed_by": ""},
    "urgent_issue_of_sent_goods": {"issued_by": 7},
}


def row(books: Books, **columns: Any) -> int:
    shipment = books.shipment(state="dispatched", dispatched_by=1, dispatched_on=TODAY)
    whole = {
        "county_id": books.county,
        "shipment_id": shipment,
        "agreed_by": "分管副局长",
        "agreed_at": NOW - HOUR,
        "reason": "急",
        "issued_by": 1,
        "issued_at": NOW,
    }
    return insert("distribution_urgentissue", **{**whole, **columns})


@pytest.mark.parametrize("guard", BREACHES)
def test_database_refuses_an_urgent_issue_that_breaks_its_rules(world: World, guard: str) -> None:
    books = Books(world)
    with refused_by(guard):
        row(books, **BREACHES[guard])

    drop_guard(guard)
    assert row(books, **BREACHES[guard])


def test_database_takes_one_countersignature_and_no_other_change(world: World) -> None:
    books = Books(world)
    pk = row(books)
    table = "distribution_urgentissue"
    with refused_by("urgent_issue_stands"):
        execute(f"UPDATE {table} SET reason = '别的' WHERE id = %s", [pk])
    with refused_by("urgent_issue_stands"):
        execute(f"DELETE FROM {table} WHERE id = %s", [pk])
    sign = f"UPDATE {table} SET countersigned_by = %s, countersigned_at = %s WHERE id = %s"
    assert execute(sign, [2, NOW + HOUR, pk]) == 1
    with refused_by("urgent_issue_stands"):
        execute(sign, [3, NOW + HOUR, pk])
    with refused_by("urgent_issue_once"):
        shipment = UrgentIssue.objects.get(pk=pk).shipment_id
        row(books, shipment_id=shipment)

    drop_guard("urgent_issue_stands")
    assert execute(sign, [3, NOW + HOUR, pk]) == 1
