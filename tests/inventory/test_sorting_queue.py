"""What waits at the sorting table, the most urgent first."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from donations.models import CustodyEntry
from inventory.models import Priority
from tests.inventory.stories import LATER, accept, counted, doubt, printed, sort
from tests.plain_sql import drop_guard
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


# Each item of the queue: the days to its expiry (None: not read), the days that it has waited, and whether it is of
# the medicine needed most. In each pair the first comes first, by the first key in which they differ; what the keys
# behind it say is against it.
BEFORE = {
    "earlier expiry, though later counted and needed less": ((30, 0, False), (40, 5, True)),
    "an expiry that was read, though later counted and needed less": ((300, 0, False), (None, 5, True)),
    "longer waiting of the same expiry, though needed less": ((30, 5, False), (30, 0, True)),
    "longer waiting where neither expiry was read, though needed less": ((None, 5, False), (None, 0, True)),
    "needed most of the same expiry, counted the same day": ((30, 3, True), (30, 3, False)),
}
Waiting = tuple[int | None, int, bool]


def waiting_item(world: World, waiting: Waiting) -> int:
    expires, waited, needed = waiting
    label = {"expiry": printed(TODAY + datetime.timedelta(days=expires))} if expires else {}
    unread = {} if expires else {"expiry": "", "expiry_state": "not_read"}
    (pk,) = counted(world, item(medicine="M001b" if needed else "M009a", **label, **unread))
    day = TODAY - datetime.timedelta(days=waited)
    CustodyEntry.objects.filter(item=pk, kind="received").update(business_day=day)
    return pk


@pytest.mark.parametrize("turned", [False, True], ids=["as counted", "counted the other way round"])
@pytest.mark.parametrize("pair", BEFORE.values(), ids=BEFORE)
def test_queue_is_ordered_by_expiry_then_waiting_then_need(
    world: World, pair: tuple[Waiting, Waiting], turned: bool
) -> None:
    Priority.objects.create(county=world.county, medicine=world.paracetamol, rank=1)
    drop_guard("donations_custodyentry_append_only")
    made = {each: waiting_item(world, each) for each in (reversed(pair) if turned else pair)}

    assert [row["item"] for row in queue(world)] == [made[each] for each in pair]


def test_of_two_needed_medicines_the_one_needed_more_comes_first(world: World) -> None:
    plain, needed = counted(world, item(), item(medicine="M001b"))
    for medicine, rank in ((world.ibuprofen, 2), (world.paracetamol, 1)):
        Priority.objects.create(county=world.county, medicine=medicine, rank=rank)

    assert [row["item"] for row in queue(world)] == [needed, plain]


def test_row_tells_what_the_pharmacist_needs(world: World) -> None:
    (item_id,) = counted(world, item(lot_number="", lot_state="not_read", specification="0.1g*20片"))

    (row,) = queue(world)

    assert row["item"] == item_id
    assert (row["place"], row["medicine"], row["name"]) == ("P-522633-01", "M009a", "布洛芬片 0.1g")
    assert (row["lot_state"], row["last_usable_day"]) == ("not_read", str(LATER))
    assert row["waiting_since"] == str(TODAY)
    assert row["screening"] == {
        "outcome": "review",
        "reasons": [
            {"code": "lot_not_read", "message": "批号待核对", "basis": "药品管理法第七十条、第九十八条"}
        ],
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
