from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from donations.models import CustodyEntry, GroupHoldings
from tests.donations.holdings import rows_written, standing
from tests.world import Signed, World, donation, item


def give(world: World, **fields: Any) -> dict[str, Any]:
    """A donation at the bureau's point, which has no pharmacy."""
    clerk = world.signed("clerk", world.office)
    return clerk.post("donations/", donation(place=world.office.code, **fields)).json()


def send(world: World, *donations: dict[str, Any]) -> dict[str, Any]:
    body = {
        "from_place": world.office.code,
        "to_place": world.hospital.code,
        "donations": [each["id"] for each in donations],
    }
    made = world.signed("clerk", world.office).post("handovers/", body)
    assert made.status_code == 201, made.json()
    return made.json()


def receive(who: Signed, handover: dict[str, Any], lines: list[dict[str, int]]) -> Any:
    return who.post(f"handovers/{handover['id']}/receive/", {"items": lines})


def test_handover_received_in_full(world: World) -> None:
    made = give(world)
    handover = send(world, made)
    one = made["items"][0]["id"]

    answer = receive(world.signed("pharmacist"), handover, [{"item": one, "counted": 20}])

    assert answer.status_code == 200
    assert standing(one) == {"counted": 20}


@pytest.mark.parametrize(
    ("counted", "expected"),
    [(17, {"counted": 17, "missing": 3}), (0, {"missing": 20}), (22, {"counted": 22})],
)
def test_difference_is_kept_beside_what_was_declared(
    world: World, counted: int, expected: dict[str, int]
) -> None:
    made = give(world)
    one = made["items"][0]["id"]

    receive(world.signed("pharmacist"), send(world, made), [{"item": one, "counted": counted}])

    assert standing(one) == expected


def test_shortage_of_a_group_stays_on_no_named_donor(world: World) -> None:
    first, second = give(world), give(world)
    handover = send(world, first, second)
    group = GroupHoldings.objects.get()

    receive(world.signed("pharmacist"), handover, [{"group": group.group_id, "counted": 35}])

    assert standing(first["items"][0]["id"]) == {"counted": 20}
    assert standing(second["items"][0]["id"]) == {"counted": 15}
    group.refresh_from_db()
    assert (group.on_the_way, group.missing) == (0, 5)


def test_surplus_of_a_group_is_counted(world: World) -> None:
    first, second = give(world), give(world)
    handover = send(world, first, second)
    group = GroupHoldings.objects.get()

    receive(world.signed("pharmacist"), handover, [{"group": group.group_id, "counted": 41}])

    counted = [standing(each["items"][0]["id"])["counted"] for each in (first, second)]
    assert sum(counted) == 41
    assert CustodyEntry.objects.filter(kind="surplus").count() == 1


def test_unlike_items_are_lines_of_their_own(world: World) -> None:
    first = give(world)
    second = give(world, items=[item(lot_number="999")])

    send(world, first, second)

    lines = world.signed("clerk", world.office).get("handovers/").json()["results"][0]["lines"]
    assert [line["declared"] for line in lines] == [20, 20]
    assert GroupHoldings.objects.count() == 0


def test_sender_cannot_receive(world: World) -> None:
    made = give(world)
    handover = send(world, made)
    sender = world.person("clerk", world.office)
    world.grant(sender, "pharmacist", world.hospital)

    answer = receive(Signed(sender), handover, [{"item": made["items"][0]["id"], "counted": 20}])

    assert (answer.status_code, answer.json()["code"]) == (403, "second_person_needed")


def test_donation_is_on_one_open_list_only(world: World) -> None:
    made = give(world)
    send(world, made)
    body = {"from_place": world.office.code, "to_place": world.hospital.code, "donations": [made["id"]]}
    before = rows_written()

    again = world.signed("clerk", world.office).post("handovers/", body)

    assert (again.status_code, again.json()["code"]) == (409, "not_at_point")
    assert rows_written() == before


def test_handover_is_received_once(world: World) -> None:
    made = give(world)
    handover = send(world, made)
    line = [{"item": made["items"][0]["id"], "counted": 20}]
    receive(world.signed("pharmacist"), handover, line)

    again = receive(world.signed("pharmacist"), handover, line)

    assert (again.status_code, again.json()["code"]) == (409, "handover_closed")


@pytest.mark.parametrize(
    ("lines", "code", "pointer"),
    [
        ([{"item": 999999, "counted": 1}], "not_found", "/items/0"),
        ([{"counted": 1}], "invalid", "/items/0"),
        ([{"item": 1, "group": 1, "counted": 1}], "invalid", "/items/0"),
        ([{"item": 1, "counted": -1}], "invalid", "/items/0/counted"),
    ],
)
def test_wrong_count_is_refused_and_writes_nothing(
    world: World, lines: list[dict[str, int]], code: str, pointer: str
) -> None:
    handover = send(world, give(world))
    before = rows_written()

    answer = receive(world.signed("pharmacist"), handover, lines)

    assert answer.json()["code"] == code
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert rows_written() == before


def test_line_left_out_is_refused(world: World) -> None:
    made = give(world, items=[item(), item(lot_number="7")])
    handover = send(world, made)

    answer = receive(world.signed("pharmacist"), handover, [{"item": made["items"][0]["id"], "counted": 20}])

    assert answer.json()["code"] == "not_the_whole_list"


def test_pharmacist_of_another_place_cannot_receive(world: World) -> None:
    made = give(world)
    handover = send(world, made)

    other = world.signed("pharmacist", world.centre)

    answer = receive(other, handover, [{"item": made["items"][0]["id"], "counted": 20}])
    assert answer.status_code == 404


def test_donation_at_a_pharmacy_is_counted_by_another_person(world: World) -> None:
    made = world.signed("clerk").post("donations/", donation()).json()
    line = {"items": [{"item": made["items"][0]["id"], "counted": 19}]}

    answer = world.signed("checker").post(f"donations/{made['id']}/count/", line)

    assert answer.status_code == 200
    assert standing(made["items"][0]["id"]) == {"counted": 19, "missing": 1}


def test_registrar_cannot_count_the_own_registration(world: World) -> None:
    person = world.person("pharmacist")
    made = Signed(person).post("donations/", donation()).json()
    line = {"items": [{"item": made["items"][0]["id"], "counted": 20}]}

    answer = Signed(person).post(f"donations/{made['id']}/count/", line)

    assert answer.json()["code"] == "second_person_needed"


def test_statements_do_not_grow_with_the_list(world: World) -> None:
    pharmacist, counts = world.signed("pharmacist"), []
    for number in (1, 12):
        made = give(world, items=[item(lot_number=str(n)) for n in range(number)])
        handover = send(world, made)
        lines = [{"item": each["id"], "counted": 20} for each in made["items"]]
        with CaptureQueriesContext(connection) as statements:
            assert receive(pharmacist, handover, lines).status_code == 200
        counts.append(len(statements))

    assert counts[0] == counts[1]
