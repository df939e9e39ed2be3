from typing import Any

import pytest
from rest_framework.test import APIClient

from core.models import AuditEntry
from tests.distribution.stock import order, profile
from tests.reports.play import DAY, Play
from tests.world import TODAY, World, item

DAYS = {"from": str(TODAY - 5 * DAY), "to": str(TODAY)}


@pytest.mark.parametrize(
    ("query", "status", "code", "pointer"),
    [
        ({**DAYS, "from": str(TODAY + DAY)}, 400, "days_reversed", "/to"),
        ({**DAYS, "to": str(TODAY + DAY)}, 422, "future_day", "/to"),
        ({**DAYS, "county": "522622"}, 404, "not_found", "/county"),
        ({**DAYS, "county": "000000"}, 404, "not_found", "/county"),
        ({"to": str(TODAY)}, 400, "invalid", "/from"),
        ({"from": str(TODAY)}, 400, "invalid", "/to"),
        ({**DAYS, "to": "2023-02-30"}, 400, "invalid", "/to"),
        ({**DAYS, "from": "yesterday"}, 400, "invalid", "/from"),
    ],
)
@pytest.mark.parametrize("route", ["figures/", "figures/received/", "figures/allotted/"])
def test_figures_with_bad_input_refused(
    world: World, route: str, query: dict[str, str], status: int, code: str, pointer: str
) -> None:
    answer = world.signed("auditor").get(route, **query)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["errors"] == [] or answer.json()["errors"][0]["pointer"] == pointer


def test_figures_of_a_county_without_data_are_empty(world: World) -> None:
    answer = world.signed("publisher").get("figures/", county="522633", **DAYS).json()

    assert (answer["medicines"], answer["identities"], answer["identities_hold"]) == ([], [], True)
    assert answer["period"] == DAYS


def test_figures_need_a_sign_in(world: World) -> None:
    assert APIClient().get("/api/v1/figures/", DAYS).status_code == 401


def test_figures_print_their_identities(play: Play) -> None:
    play.register(item(quantity=40))

    answer = play.world.signed("auditor").get("figures/", **DAYS).json()

    printed = {each["name"]: each for each in answer["identities"]}
    assert set(printed) >= {"items", "rejects", "stock", "road"}
    assert printed["items"] == {
        "name": "items", "medicine": "M009a", "left": 40, "right": 40, "holds": True,
    }  # fmt: skip
    assert answer["identities_hold"] is True


def test_figures_of_the_neighbour_stay_there(play: Play) -> None:
    play.register(item(quantity=40))

    answer = play.world.signed("auditor", foreign=True).get("figures/", **DAYS).json()

    assert (answer["county"], answer["medicines"]) == ("522622", [])


def stocked(play: Play, items: int) -> None:
    medicines = ["M009a", "M001b", None]
    given = play.register(
        *[item(medicine=code, description="药", unit="" if code else "片") for code in medicines[:items]]
    )
    for each in given:
        play.count(each, 20)
        play.accept(each, 12, medicine_id=each.medicine_id or play.world.ibuprofen.pk)
        play.reject(each, 3)


@pytest.mark.parametrize("items", [1, 3])
def test_figures_cost_the_same_for_any_number_of_medicines(
    play: Play, django_assert_num_queries: Any, items: int
) -> None:
    stocked(play, items)
    reader = play.world.signed("auditor")

    with django_assert_num_queries(8):
        answer = reader.get("figures/", **DAYS)

    assert len(answer.json()["medicines"]) == items


@pytest.mark.parametrize("items", [1, 3])
def test_publishing_costs_the_same_for_any_number_of_medicines(
    play: Play, django_assert_num_queries: Any, items: int
) -> None:
    stocked(play, items)
    publisher, signer = play.world.signed("publisher"), play.world.signed("signer")
    body = {"campaign": "C-522633-2022", "period_start": str(TODAY), "period_end": str(TODAY)}
    pk = publisher.post("bulletins/", body).json()["id"]
    publisher.post(f"bulletins/{pk}/submit/")

    with django_assert_num_queries(48):
        answer = signer.post(f"bulletins/{pk}/publish/")

    assert answer.status_code == 200


def duties(world: World, role: str, place: Any = None) -> dict[str, int]:
    """What waits for somebody of this role."""
    found = world.signed(role, place).get("todo/").json()["duties"]
    return {duty["code"]: duty["count"] for duty in found if duty["count"]}


def test_todo_follows_a_donation_from_hand_to_hand(play: Play) -> None:
    world = play.world
    (given,) = play.register(item(quantity=40), place=world.office)
    assert duties(world, "clerk", world.office) == {"hand_over": 1}
    assert duties(world, "pharmacist") == {}

    body = {"from_place": "P-522633-02", "to_place": "P-522633-01", "donations": [given.donation_id]}
    handover = world.signed("clerk", world.office).post("handovers/", body).json()["id"]
    assert duties(world, "clerk", world.office) == {"under_way": 1}
    assert duties(world, "pharmacist") == {"receive": 1}

    counts = {"items": [{"item": given.pk, "counted": 40}]}
    world.signed("pharmacist").post(f"handovers/{handover}/receive/", counts)
    assert duties(world, "clerk", world.office) == {}
    assert duties(world, "pharmacist") == {"sort": 1}
    assert duties(world, "pharmacist", world.centre) == {}

    play.step(given, "in_doubt", "counted", "in_doubt", 5)
    play.accept(given, 35, last_usable_day=TODAY + 30 * DAY)
    assert duties(world, "pharmacist") == {"in_doubt": 1, "expiring": 1}


def test_todo_of_planning_shipping_and_signing(play: Play) -> None:
    world = play.world
    (given,) = play.register(item(quantity=40))
    play.count(given, 40)
    play.accept(given, 40)
    profile(world, world.centre, population=100)
    allocator = world.signed("allocator")
    plan = allocator.post("plans/", order()).json()["id"]
    allocator.post(f"plans/{plan}/submit/")
    assert duties(world, "approver") == {"approve": 1}

    (shipment,) = world.signed("approver").post(f"plans/{plan}/approve/").json()["shipments"]
    assert (duties(world, "approver"), duties(world, "pharmacist")) == ({}, {"dispatch": 1})

    world.signed("pharmacist").post(f"shipments/{shipment}/dispatch/")
    assert duties(world, "pharmacist") == {}
    assert duties(world, "clinic") == {"arrivals": 1, "below_reserve": 1}

    body = {"campaign": "C-522633-2022", "period_start": str(TODAY), "period_end": str(TODAY)}
    pk = world.signed("publisher").post("bulletins/", body).json()["id"]
    late = {"publish_late": 1}  # the campaign began two months ago
    assert (duties(world, "publisher"), duties(world, "signer")) == ({"submit": 1, **late}, late)
    world.signed("publisher").post(f"bulletins/{pk}/submit/")
    assert (duties(world, "publisher"), duties(world, "signer")) == (late, {"sign": 1, **late})


def test_todo_counts_straight_intake_and_expired_stock(play: Play) -> None:
    world = play.world
    play.register(item())
    earlier = play.at(-2)
    given = earlier.give(item())
    earlier.count(given, 20)
    earlier.accept(given, 20, last_usable_day=TODAY - DAY)

    assert duties(world, "pharmacist") == {"count": 1, "expired": 1}
    assert duties(world, "checker") == {"count": 1}
    assert duties(world, "auditor") == {}


@pytest.mark.parametrize("donations", [1, 3])
def test_todo_costs_the_same_however_much_waits(
    play: Play, django_assert_num_queries: Any, donations: int
) -> None:
    for _time in range(donations):
        play.register(item(), item(lot_number="X2"))
    pharmacist = play.world.signed("pharmacist")

    with django_assert_num_queries(34):
        answer = pharmacist.get("todo/")

    counted = {duty["code"]: duty for duty in answer.json()["duties"]}["count"]
    assert (counted["count"], counted["link"]) == (donations, "/api/v1/donations/?standing=count")
    assert pharmacist.get("donations/?standing=count").json()["count"] == donations
    assert pharmacist.get("donations/?standing=hand_over").json()["count"] == 0


def test_todo_links_lead_to_lists(play: Play) -> None:
    answers = {}
    for role in (
        "pharmacist",
        "lead_pharmacist",
        "checker",
        "clinic",
        "approver",
        "publisher",
        "signer",
        "clerk",
    ):
        signed = play.world.signed(role)
        for duty in signed.get("todo/").json()["duties"]:
            answers[role, duty["code"]] = signed.client.get(duty["link"]).status_code

    assert len(answers) == 75
    assert set(answers.values()) == {200}


def test_audit_tells_deeds_and_refusals_newest_first(play: Play) -> None:
    play.register(item())
    clerk = play.world.signed("clerk", play.world.hospital)
    clerk.post("donations/999/void/", {"reason": "登记有误"})

    log = play.world.signed("security").get("audit/").json()["results"]

    assert [(row["result"], row["code"], row["action"]) for row in log] == [
        ("refused", "not_found", "POST api/v1/donations/<int:pk>/void/"),
        ("done", "", "POST api/v1/donations/"),
    ]
    assert log[0]["username"] == clerk.person.username


def test_audit_is_filtered(play: Play) -> None:
    play.register(item())
    auditor = play.world.signed("auditor")

    assert len(auditor.get("audit/", result="refused").json()["results"]) == 0
    assert len(auditor.get("audit/", action="donations").json()["results"]) == 1
    assert auditor.get("audit/", since="yesterday").status_code == 400


def test_audit_pages_by_cursor_without_gaps(world: World) -> None:
    act = world.act()
    AuditEntry.objects.bulk_create(
        AuditEntry(county="522633", at=act.at, command=act.command, action=str(n), result="done")
        for n in range(5)
    )
    auditor = world.signed("auditor")

    page, seen = auditor.get("audit/", page_size=2).json(), []
    while page:
        seen += [row["action"] for row in page["results"]]
        page = page["next"] and auditor.client.get(page["next"]).json()

    assert seen == ["4", "3", "2", "1", "0"]


def test_audit_of_another_county_is_not_shown(play: Play) -> None:
    play.register(item())

    assert play.world.signed("auditor", foreign=True).get("audit/").json()["results"] == []


def test_audit_is_for_auditor_and_security(world: World) -> None:
    assert world.signed("publisher").get("audit/").status_code == 403


def test_health_answers_without_a_sign_in(db: None) -> None:
    answer = APIClient().get("/api/v1/health/")

    told = {"status": "ok", "database": "ok", "tables": "ok", "replica": "none"}
    assert (answer.status_code, answer.json()) == (200, told)
