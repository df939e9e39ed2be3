import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from donations.models import CustodyEntry, Donation, GroupHoldings, Handover
from inventory.verification import verify
from reports.figures import Period, figures
from tests.donations.holdings import rows_written, standing
from tests.inventory.stories import accept, sort
from tests.world import TODAY, Signed, World, donation, item


def give(world: World, **fields: Any) -> dict[str, Any]:
    """A donation at the bureau's point, which has no pharmacy."""
    clerk = world.signed("clerk", world.office)
    return clerk.post("donations/", donation(place=world.office.code, **fields)).json()


def send(world: World, *donations: dict[str, Any], **fields: Any) -> dict[str, Any]:
    body = {
        "from_place": world.office.code,
        "to_place": world.hospital.code,
        "donations": [each["id"] for each in donations],
        **fields,
    }
    made = world.signed("clerk", world.office).post("handovers/", body)
    assert made.status_code == 201, made.json()
    return made.json()


def receive(who: Signed, handover: dict[str, Any], lines: list[dict[str, Any]], **fields: Any) -> Any:
    return who.post(f"handovers/{handover['id']}/receive/", {"items": lines, **fields})


def read(world: World, handover: dict[str, Any]) -> dict[str, Any]:
    """The handover as the receiving pharmacist sees it."""
    return world.signed("pharmacist").get(f"handovers/{handover['id']}/").json()


def test_handover_received_in_full(world: World) -> None:
    made = give(world)
    handover = send(world, made)
    one = made["items"][0]["id"]

    answer = receive(world.signed("pharmacist"), handover, [{"item": one, "counted": 20}])

    assert answer.status_code == 200
    assert standing(one) == {"counted": 20}


@pytest.mark.parametrize(
    ("counted", "reason", "expected", "told"),
    [
        (20, "", {"counted": 20}, (20, 20, 0, 0, "")),
        (17, "lost", {"counted": 17, "missing": 3}, (20, 17, 3, 0, "lost")),
        (0, "unknown", {"missing": 20}, (20, 0, 20, 0, "unknown")),
        (22, "not_listed", {"counted": 22}, (20, 22, 0, 2, "not_listed")),
    ],
)
def test_difference_is_kept_beside_what_was_declared(
    world: World, counted: int, reason: str, expected: dict[str, int], told: tuple[Any, ...]
) -> None:
    made = give(world)
    one, handover = made["items"][0]["id"], send(world, made)

    answer = receive(
        world.signed("pharmacist"), handover, [{"item": one, "counted": counted, "reason": reason}]
    )

    (line,) = read(world, handover)["lines"]
    assert (answer.status_code, standing(one)) == (200, expected)
    assert tuple(line[name] for name in ("declared", "counted", "missing", "surplus", "reason")) == told


def test_nothing_is_counted_while_it_is_on_the_way(world: World) -> None:
    (line,) = read(world, send(world, give(world)))["lines"]

    assert (line["declared"], line["counted"], line["missing"], line["surplus"]) == (20, None, None, None)


def test_shortage_of_a_group_stays_on_no_named_donor(world: World) -> None:
    first, second = give(world), give(world)
    handover = send(world, first, second)
    group = GroupHoldings.objects.get()

    receive(
        world.signed("pharmacist"), handover, [{"group": group.group_id, "counted": 35, "reason": "lost"}]
    )

    assert standing(first["items"][0]["id"]) == {"counted": 20}
    assert standing(second["items"][0]["id"]) == {"counted": 15}
    group.refresh_from_db()
    assert (group.on_the_way, group.missing) == (0, 5)


def test_surplus_of_a_group_is_credited_to_no_named_donor(world: World) -> None:
    first, second = give(world), give(world)
    handover = send(world, first, second)
    group = GroupHoldings.objects.get().group_id
    line = {"group": group, "counted": 41, "reason": "miscounted"}

    answer = receive(world.signed("checker"), handover, [line])

    entry = CustodyEntry.objects.get(kind="surplus")
    found = entry.item
    assert (answer.status_code, answer.json()["lines_over"]) == (200, 1)
    assert [standing(each["items"][0]["id"]) for each in (first, second)] == [{"counted": 20}] * 2
    assert (entry.group_id, entry.quantity, entry.reason) == (group, 1, "miscounted")
    assert found is not None
    assert standing(found.pk) == {"counted": 1}
    assert (found.donation.donor.kind, found.donation.found_in_id) == ("anonymous", handover["id"])
    told = read(world, handover)["lines"][0]
    assert (told["declared"], told["counted"], told["missing"], told["surplus"]) == (40, 41, 0, 1)


def test_surplus_of_groups_is_one_anonymous_donation(world: World) -> None:
    both = [item(), item(lot_number="7")]
    handover = send(world, give(world, items=both), give(world, items=both))
    groups = [row.group_id for row in GroupHoldings.objects.order_by("group_id")]
    before = Donation.objects.count()

    receive(
        world.signed("checker"),
        handover,
        [{"group": group, "counted": 45, "reason": "miscounted"} for group in groups],
    )

    found = Donation.objects.get(found_in=handover["id"])
    assert Donation.objects.count() == before + 1
    assert sorted(each.lot_number for each in found.items.all()) == ["2203051", "7"]
    assert found.place_id == world.hospital.pk


def test_surplus_of_a_group_is_sorted_by_another_than_who_found_it(world: World) -> None:
    handover = send(world, give(world), give(world))
    group = GroupHoldings.objects.get().group_id
    line = {"group": group, "counted": 45, "reason": "miscounted"}
    finder = world.signed("pharmacist")
    assert receive(finder, handover, [line]).status_code == 200
    found = Donation.objects.get(found_in=handover["id"]).items.get().pk

    own = sort(finder, found, accept(5))
    other = sort(world.signed("pharmacist", name="second"), found, accept(5))

    assert (own.status_code, own.json()["code"]) == (403, "second_person_needed")
    assert other.status_code == 201, other.json()
    assert standing(found) == {"accepted": 5}
    assert verify(world.county.pk) == []


def test_what_was_found_is_no_donation_of_the_figures(world: World) -> None:
    handover = send(world, give(world), give(world))
    group = GroupHoldings.objects.get().group_id
    receive(world.signed("checker"), handover, [{"group": group, "counted": 45, "reason": "miscounted"}])

    table = figures(world.county.pk, Period(TODAY, TODAY))

    assert table.counts.donations == 2
    assert {name: table.rows[0].items[name] for name in ("registered", "surplus", "missing")} == {
        "registered": 40, "surplus": 5, "missing": 0,
    }  # fmt: skip
    assert all(identity.holds for identity in table.identities)


def test_what_was_found_has_no_receipt_and_is_not_corrected(world: World) -> None:
    handover = send(world, give(world), give(world))
    group = GroupHoldings.objects.get().group_id
    receive(world.signed("checker"), handover, [{"group": group, "counted": 45, "reason": "miscounted"}])
    found = Donation.objects.get(found_in=handover["id"])
    pharmacist = world.signed("pharmacist")

    corrected = pharmacist.post(
        f"donations/{found.pk}/correct/",
        {"reason": "更正", "items": [{"item": found.items.get().pk, "quantity": 500}]},
    )

    assert (corrected.status_code, corrected.json()["code"]) == (409, "found_in_handover")
    assert pharmacist.get(f"donations/{found.pk}/receipt.pdf").status_code == 404
    assert APIClient().get(f"/api/v1/public/trace/{found.receipt_code}/").status_code == 404
    assert pharmacist.get(f"donations/{found.pk}/").json()["found_in"] == handover["id"]


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
    assert [fault["pointer"] for fault in again.json()["errors"]] == ["/donations/0"]
    assert rows_written() == before


def test_every_donation_that_cannot_be_sent_is_named(world: World) -> None:
    here, gone = give(world), give(world)
    send(world, gone)
    elsewhere = world.signed("clerk").post("donations/", donation()).json()
    body = {"from_place": world.office.code, "to_place": world.hospital.code}
    clerk = world.signed("clerk", world.office)

    left = clerk.post("handovers/", {**body, "donations": [here["id"], gone["id"]]}).json()
    strange = clerk.post("handovers/", {**body, "donations": [here["id"], elsewhere["id"]]}).json()
    twice = clerk.post("handovers/", {**body, "donations": [here["id"], here["id"]]}).json()
    home = {"from_place": world.office.code, "to_place": world.office.code, "donations": [here["id"]]}

    assert (left["code"], left["errors"][0]["pointer"]) == ("not_at_point", "/donations/1")
    assert (strange["code"], strange["errors"][0]["pointer"]) == ("not_found", "/donations/1")
    assert (twice["errors"][0]["code"], twice["errors"][0]["pointer"]) == ("named_twice", "/donations")
    assert clerk.post("handovers/", home).json()["code"] == "not_a_pharmacy"
    assert Handover.objects.count() == 1


def test_list_longer_than_one_count_can_answer_for_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("donations.services.handovers.LINES_LIMIT", 1)
    made = give(world, items=[item(), item(lot_number="7")])
    body = {"from_place": world.office.code, "to_place": world.hospital.code, "donations": [made["id"]]}

    answer = world.signed("clerk", world.office).post("handovers/", body)

    assert (answer.status_code, answer.json()["code"]) == (422, "handover_too_long")


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
    line = {"items": [{"item": made["items"][0]["id"], "counted": 19, "reason": "miscounted"}]}

    answer = world.signed("checker").post(f"donations/{made['id']}/count/", line)

    assert answer.status_code == 200
    assert standing(made["items"][0]["id"]) == {"counted": 19, "missing": 1}


def test_registrar_cannot_count_the_own_registration(world: World) -> None:
    person = world.person("pharmacist")
    made = Signed(person).post("donations/", donation()).json()
    line = {"items": [{"item": made["items"][0]["id"], "counted": 20}]}

    answer = Signed(person).post(f"donations/{made['id']}/count/", line)

    assert answer.json()["code"] == "second_person_needed"


def test_list_is_filtered(world: World) -> None:
    open_one, done = send(world, give(world)), give(world)
    received = send(world, done, seal_number="A12")
    line = {"item": done["items"][0]["id"], "counted": 20}
    receive(world.signed("pharmacist"), received, [line], seal_intact=False, seal_note="撕裂")
    clerk = world.signed("clerk", world.office)

    def found(**query: Any) -> list[int]:
        return [row["id"] for row in clerk.get("handovers/", **query).json()["results"]]

    assert found() == [received["id"], open_one["id"]]
    assert found(state="open") == [open_one["id"]]
    assert found(state="received", to_place=world.hospital.code) == [received["id"]]
    assert found(to_place=world.centre.code) == []
    assert found(from_place=world.office.code, handed_over_from=str(TODAY), state="open") == [open_one["id"]]
    assert found(handed_over_to=str(TODAY - datetime.timedelta(days=1))) == []
    assert found(seal_intact="false") == [received["id"]]


@pytest.mark.parametrize("group", [False, True])
def test_statements_do_not_grow_with_the_list(world: World, group: bool) -> None:
    """Of sending, reading, receiving with differences in every line, and listing: 1, 3 and 300 items."""
    clerk, pharmacist, counts = world.signed("clerk", world.office), world.signed("checker"), []
    for number in (1, 3, 300):
        lots = [item(lot_number=f"{number}-{n}") for n in range(number)]
        parts = [lots[start : start + 100] for start in range(0, number, 100)] * (2 if group else 1)
        made = [give(world, items=part) for part in parts]
        with CaptureQueriesContext(connection) as sending:
            handover = send(world, *made)
        with CaptureQueriesContext(connection) as reading:
            lines = clerk.get(f"handovers/{handover['id']}/").json()["lines"]
        kind = "group" if group else "item"
        counted = [
            {kind: line[kind], "counted": line["declared"] + 3, "reason": "miscounted"} for line in lines
        ]
        with CaptureQueriesContext(connection) as receiving:
            assert receive(pharmacist, handover, counted).status_code == 200
        with CaptureQueriesContext(connection) as listing:
            assert len(clerk.get("handovers/").json()["results"][0]["lines"]) == number
        counts.append([len(each) for each in (sending, reading, receiving, listing)])

    assert counts[0] == counts[1] == counts[2]
