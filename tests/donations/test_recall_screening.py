"""Late arrivals of a recalled lot are caught: at the counter, while typing, on a roster and at the sorting table."""

from __future__ import annotations

from typing import Any

import pytest

from donations.models import Custody
from inventory.models import Movement
from tests.distribution.stock import stock
from tests.donations.rosters import HEAD, line, upload, xlsx
from tests.inventory.recalls import HOSPITAL, faults, lifted, raised, rows_written
from tests.inventory.stories import accept, counted, custody, doubt, reject, sort
from tests.world import TODAY, World, donation, item


def screened(answer: dict[str, Any]) -> tuple[str, list[str]]:
    screening = answer["screening"]
    return screening["outcome"], [reason["code"] for reason in screening["reasons"]]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ("refuse", ["recalled"])),
        ({"lot_number": "2203-051"}, ("refuse", ["recalled"])),
        ({"lot_number": "9999"}, ("accept", [])),
        ({"lot_number": "", "lot_state": "not_read"}, ("review", ["lot_not_read", "recall_possible"])),
        ({"medicine": "M001b"}, ("accept", [])),
    ],
)
def test_recalled_lot_is_refused_at_the_counter_and_while_typing(
    world: World, fields: dict[str, Any], expected: tuple[str, list[str]]
) -> None:
    raised(world, standing=True)
    clerk = world.signed("clerk")

    typed = clerk.post("screenings/", item(**fields)).json()
    registered = clerk.post("donations/", donation(items=[item(**fields)])).json()

    assert [screened(typed), screened(registered["items"][0])] == [expected, expected]


def test_counter_of_another_place_knows_nothing_of_a_place_s_own_recall(world: World) -> None:
    raised(world, standing=True, place=HOSPITAL)
    world.office.refresh_from_db()

    here, there = (
        world.signed("clerk", place).post("donations/", donation(place=place.code)).json()["items"][0]
        for place in (world.hospital, world.office)
    )

    assert (screened(here)[0], screened(there)[0]) == ("refuse", "accept")


def test_reaction_under_inquiry_is_for_review_at_the_counter(world: World) -> None:
    batch = stock(world, 20)
    body = {"place": HOSPITAL, "batch": batch.pk, "happened_on": str(TODAY), "description": "皮疹"}
    assert world.signed("pharmacist").post("adverse-reactions/", body).status_code == 201

    answer = world.signed("clerk").post("screenings/", item()).json()

    assert screened(answer) == ("review", ["recall_possible"])


def test_recalled_lot_is_caught_at_the_sorting_table(world: World) -> None:
    raised(world, standing=True)
    (item_id,) = counted(world, item(lot_number="", lot_state="not_read"))
    pharmacist = world.signed("pharmacist")
    before = rows_written()

    refused = sort(pharmacist, item_id, accept(20))

    assert (refused.status_code, faults(refused)) == (422, [("/decisions/0/outcome", "recalled")])
    assert (rows_written(), custody(item_id), Movement.objects.count()) == (before, {"counted": 20}, 0)
    assert sort(pharmacist, item_id, accept(20, lot_number="9999")).status_code == 201


def test_recalled_item_can_be_rejected_or_stay_in_doubt(world: World) -> None:
    first, second = counted(world, item(), item())
    raised(world)
    pharmacist = world.signed("pharmacist")

    rejected = sort(pharmacist, first, reject(20, "recalled"), state=Custody.IN_DOUBT)
    waiting = sort(pharmacist, second, doubt(20, "recalled"), state=Custody.IN_DOUBT)

    assert (rejected.status_code, waiting.status_code) == (201, 201)
    assert (custody(first), custody(second)) == ({"in_bin": 20}, {"in_doubt": 20})


def test_queue_shows_what_is_recalled(world: World) -> None:
    counted(world)
    recall = raised(world)["id"]
    pharmacist = world.signed("pharmacist")

    during = pharmacist.get("sorting-queue/").json()["results"][0]
    lifted(world, recall)
    after = pharmacist.get("sorting-queue/").json()["results"][0]

    assert (screened(during), screened(after)) == (("refuse", ["recalled"]), ("accept", []))


def test_roster_is_judged_by_the_recalls_in_force(world: World) -> None:
    raised(world, standing=True)

    answer = upload(world, xlsx(HEAD, line(), line(name="李四", 批号="9999"), line(name="王五", 批号=None)))

    assert answer.json()["outcomes"] == {"accept": 1, "refuse": 1, "review": 1}
