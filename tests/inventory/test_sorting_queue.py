"""What waits at the sorting table, the most urgent first."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import Priority
from tests.inventory.stories import LATER, accept, counted, doubt, printed, sort
from tests.world import TODAY, World, item


def queue(world: World, **query: str) -> list[dict]:
    answer = world.signed("pharmacist").get("sorting-queue/", **query)
    assert answer.status_code == 200, answer.json()
    return answer.json()["results"]


def test_queue_holds_counted_items_and_those_in_doubt(world: World) -> None:
    waiting, doubted, done = counted(world, item(), item(), item())
    pharmacist = world.signed("pharmacist")
    sort(pharmacist, doubted, doubt(20))
    sort(pharmacist, done, accept(20))

    rows = queue(world)

    assert [(row["item"], row["counted"], row["in_doubt"]) for row in rows] == [
        (waiting, 20, 0),
        (doubted, 0, 20),
    ]


def test_earliest_expiry_comes_first_and_unread_last(world: World) -> None:
    soon = printed(TODAY + datetime.timedelta(days=40))
    unread, late, early = counted(world, item(expiry="", expiry_state="not_read"), item(), item(expiry=soon))

    rows = queue(world)

    assert [row["item"] for row in rows] == [early, late, unread]


def test_needed_most_comes_first_among_equals(world: World) -> None:
    plain, needed = counted(world, item(), item(medicine="M001b"))
    Priority.objects.create(county=world.county, medicine=world.paracetamol, rank=1)

    rows = queue(world)

    assert [(row["item"], row["priority"]) for row in rows] == [(needed, 1), (plain, None)]


def test_row_tells_what_the_pharmacist_needs(world: World) -> None:
    (item_id,) = counted(world, item(lot_number="", lot_state="not_read", specification="0.1g*20片"))

    (row,) = queue(world)

    assert row["item"] == item_id
    assert (row["place"], row["medicine"], row["name"]) == ("P-522633-01", "M009a", "布洛芬片 0.1g")
    assert (row["lot_state"], row["last_usable_day"]) == ("not_read", str(LATER))
    assert row["waiting_since"] == str(TODAY)
    assert row["screening"] == {
        "outcome": "review",
        "reasons": [{"code": "lot_not_read", "message": "批号待核对", "basis": "药品管理法 art. 70, 98"}],
    }
    assert len(row["receipt_code"]) >= 8
    assert not {"donor", "phone"} & set(row)


def test_queue_is_of_the_own_places(world: World) -> None:
    at_hospital = counted(world, place=world.hospital)
    at_centre = counted(world, place=world.centre)

    seen = {
        name: [row["item"] for row in world.signed(*who).get("sorting-queue/").json()["results"]]
        for name, who in {
            "hospital": ("pharmacist", world.hospital),
            "centre": ("pharmacist", world.centre),
            "lead": ("lead_pharmacist",),
        }.items()
    }
    foreign = world.signed("lead_pharmacist", foreign=True).get("sorting-queue/").json()["results"]

    assert seen == {"hospital": at_hospital, "centre": at_centre, "lead": at_hospital + at_centre}
    assert foreign == []


def test_queue_of_one_place(world: World) -> None:
    counted(world, place=world.hospital)
    at_centre = counted(world, place=world.centre)

    answer = world.signed("lead_pharmacist").get("sorting-queue/", place="P-522633-10")

    assert [row["item"] for row in answer.json()["results"]] == at_centre


@pytest.mark.parametrize("role", ["clerk", "checker", "clinic", "publisher"])
def test_queue_is_not_for_every_role(world: World, role: str) -> None:
    assert world.signed(role).get("sorting-queue/").status_code == 403


def test_statements_do_not_grow_with_the_queue(world: World) -> None:
    pharmacist, counts = world.signed("pharmacist"), []
    for more in (1, 2, 27):
        counted(world, *(item() for _n in range(more)))
        with CaptureQueriesContext(connection) as queries:
            answer = pharmacist.get("sorting-queue/")
        counts.append((answer.json()["count"], len(queries)))

    assert [count for count, _queries in counts] == [1, 3, 30]
    assert len({queries for _count, queries in counts}) == 1


def test_what_nobody_has_read_yet_is_not_called_refused(world: World) -> None:
    """The sorting table refuses what cannot be read; in the queue the pharmacist has still to try."""
    unknown = item(medicine=None, description="奶奶的草药丸", unit="丸", expiry="", expiry_state="not_read")
    [pk] = counted(world, unknown)

    [row] = [row for row in queue(world) if row["item"] == pk]

    assert row["screening"]["outcome"] == "review"
    refused = sort(world.signed("pharmacist"), pk, accept(20, expiry=""))
    assert refused.status_code in {400, 422}
