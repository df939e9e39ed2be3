"""Unfit goods: back to the donor against a signature, or destroyed once nobody fetched them; both are recorded."""

from __future__ import annotations

import datetime
import io
import threading
import uuid
from typing import Any

import pypdfium2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.commands import Act
from core.errors import DomainError
from donations.models import CustodyEntry, DonorReturn, Item, ReturnCollector
from donations.services.unfit import UnfitUnits, destroy_unfit
from organisation.models import Policy
from organisation.queries import policy_of
from tests.cloned import together
from tests.donations.holdings import standing
from tests.inventory.stories import accept, counted, reject, sort
from tests.plain_sql import Books, drop_guard, execute, insert, refused_by
from tests.world import TODAY, World, donation, item

EXPIRED = {"expiry": "2020.01", "expiry_state": "read"}
DAY = datetime.timedelta(days=1)


def rejected(world: World, *, units: int = 20) -> int:
    """An item of which `units` were rejected at sorting; its id."""
    [pk] = counted(world)
    decisions = [reject(units)] + ([accept(20 - units)] if units < 20 else [])
    assert sort(world.signed("pharmacist"), pk, *decisions).status_code == 201
    return pk


def left(world: World) -> int:
    """An item that was refused and left for disposal."""
    body = donation(unfit="destroy", items=[item(**EXPIRED)])
    return world.signed("clerk").post("donations/", body).json()["items"][0]["id"]


def give_back(world: World, pk: int, quantity: int = 20, role: str = "clerk", **fields: Any) -> Any:
    body = {
        "place": "P-522633-01",
        "donation": Item.objects.get(pk=pk).donation_id,
        "items": [{"item": pk, "quantity": quantity}],
        "signed": True,
        **fields,
    }
    return world.signed(role).post("donor-returns/", body)


def written() -> tuple[int, int, int]:
    return CustodyEntry.objects.count(), DonorReturn.objects.count(), ReturnCollector.objects.count()


# Back to the donor


@pytest.mark.parametrize("make", [rejected, left])
def test_unfit_goods_go_back_against_a_signature(world: World, make: Any) -> None:
    pk = make(world)

    answer = give_back(world, pk)

    assert answer.status_code == 201
    assert answer.json()["lines"] == [{"item": pk, "quantity": 20}]
    assert (answer.json()["collected_by"], answer.json()["returned_on"]) == ("donor", str(TODAY))
    assert standing(pk) == {"returned": 20}
    assert CustodyEntry.objects.latest("id").kind == "returned_to_donor"


def test_part_goes_back_and_the_rest_stays_in_the_bin(world: World) -> None:
    pk = rejected(world, units=8)

    give_back(world, pk, 5)

    assert standing(pk) == {"accepted": 12, "in_bin": 3, "returned": 5}


def test_name_of_a_proxy_is_sealed_and_goes_with_the_donor(world: World) -> None:
    pk = rejected(world)

    answer = give_back(world, pk, collector="欧阳娜娜")

    row = ReturnCollector.objects.get()
    assert answer.json()["collected_by"] == "proxy"
    assert "欧阳" not in str(answer.json())
    assert "欧阳".encode() not in bytes(row.sealed)
    donor = Item.objects.get(pk=pk).donation.donor_id
    world.signed("security").post(f"donors/{donor}/erase/", {"confirm": True})
    assert (ReturnCollector.objects.count(), DonorReturn.objects.count()) == (0, 1)


def test_same_goods_do_not_go_back_twice(world: World) -> None:
    pk = rejected(world)
    give_back(world, pk)
    before = written()

    again = give_back(world, pk)

    assert (again.status_code, again.json()["code"]) == (409, "not_in_bin")
    assert again.json()["errors"][0]["pointer"] == "/items/0/quantity"
    assert written() == before


def test_repeated_key_gives_back_once(world: World) -> None:
    pk, key = rejected(world), uuid.uuid4()
    body = {
        "place": "P-522633-01",
        "donation": Item.objects.get(pk=pk).donation_id,
        "items": [{"item": pk, "quantity": 20}],
        "signed": True,
    }
    clerk = world.signed("clerk")

    first, second = (clerk.post("donor-returns/", body, key=key) for _n in range(2))

    assert (second.json(), second.headers["Idempotency-Replayed"]) == (first.json(), "true")
    assert DonorReturn.objects.count() == 1


@pytest.mark.parametrize("quantity", [21, 1_000_000])
def test_more_than_lies_in_the_bin_does_not_go_back(world: World, quantity: int) -> None:
    answer = give_back(world, rejected(world), quantity)

    assert (answer.status_code, answer.json()["code"]) == (409, "not_in_bin")


def test_goods_that_are_fit_do_not_go_back(world: World) -> None:
    [pk] = counted(world)

    assert give_back(world, pk).json()["code"] == "not_in_bin"


def test_goods_given_back_at_the_counter_do_not_go_back_again(world: World) -> None:
    made = world.signed("clerk").post("donations/", donation(items=[item(**EXPIRED)])).json()

    assert give_back(world, made["items"][0]["id"]).json()["code"] == "not_in_bin"


def test_sorting_is_not_taken_back_under_goods_that_went_back(world: World) -> None:
    pk = rejected(world)
    give_back(world, pk)
    pharmacist = world.signed("pharmacist")
    [decision] = pharmacist.get("sortings/", item=pk).json()["results"]

    answer = pharmacist.post(f"sortings/{decision['id']}/reverse/", {"reason": "看错了"})

    assert (answer.status_code, answer.json()["code"]) == (409, "moved_on")


@pytest.mark.parametrize(
    ("change", "status", "pointer"),
    [
        ({"signed": False}, 400, "/signed"),
        ({"items": []}, 400, "/items"),
        ({"items": [{"item": 1, "quantity": 0}]}, 400, "/items/0/quantity"),
        ({"items": [{"item": 1, "quantity": 1}] * 2}, 400, "/items"),
        ({"place": "P-522622-01"}, 404, "/place"),
        ({"place": "P-522633-10"}, 404, "/place"),
        ({"donation": 2**40}, 404, "/donation"),
        ({"items": [{"item": 2**40, "quantity": 1}]}, 404, "/items/0/item"),
    ],
)
def test_return_that_cannot_be_is_refused(
    world: World, change: dict[str, Any], status: int, pointer: str
) -> None:
    pk = rejected(world)
    before = written()

    answer = give_back(world, pk, **change)

    assert (answer.status_code, [f["pointer"] for f in answer.json()["errors"]]) == (status, [pointer])
    assert written() == before


def test_item_of_another_donation_is_unknown(world: World) -> None:
    pk, other = rejected(world), rejected(world)

    answer = give_back(world, pk, items=[{"item": other, "quantity": 1}])

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (404, "/items/0/item")


def test_foreign_county_finds_nothing(world: World) -> None:
    pk = rejected(world)
    made = give_back(world, pk, 5).json()
    stranger = world.signed("pharmacist", foreign=True)

    answer = stranger.post(
        "donor-returns/",
        {
            "place": "P-522622-01",
            "donation": made["donation"],
            "items": [{"item": pk, "quantity": 1}],
            "signed": True,
        },
    )

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (404, "/donation")
    assert stranger.get(f"donor-returns/{made['id']}/slip.pdf").status_code == 404
    assert stranger.get("donor-returns/").json()["results"] == []
    assert stranger.get("unfit-goods/").json()["results"] == []


def test_slip_names_who_fetched_the_goods(world: World) -> None:
    made = give_back(world, rejected(world), collector="李四").json()

    answer = world.signed("clerk").get(f"donor-returns/{made['id']}/slip.pdf")

    words = pypdfium2.PdfDocument(io.BytesIO(answer.content))[0].get_textpage().get_text_range()
    assert answer.status_code == 200
    assert all(
        word in words for word in ("不合格药品退还签收单", "张三", "李四", "布洛芬片", "领取人（签字）")
    )


def test_two_clerks_give_one_bin_back_once(cloned_db: str) -> None:
    world = World()
    pk = rejected(world)
    clerks = [world.signed("clerk", name=f"clerk {n}") for n in range(2)]
    ready = threading.Barrier(2)
    body = {
        "place": "P-522633-01",
        "donation": Item.objects.get(pk=pk).donation_id,
        "items": [{"item": pk, "quantity": 15}],
        "signed": True,
    }

    def work(clerk: Any) -> int:
        ready.wait(timeout=20)
        return clerk.post("donor-returns/", body).status_code

    statuses = together([lambda clerk=clerk: work(clerk) for clerk in clerks])

    assert sorted(statuses) == [201, 409]
    assert standing(pk) == {"in_bin": 5, "returned": 15}


def test_list_and_bins_take_the_same_statements_for_one_and_for_three(world: World) -> None:
    clerk, counts = world.signed("clerk"), []
    for _n in range(3):
        give_back(world, rejected(world), 5)
        with CaptureQueriesContext(connection) as statements:
            returns = clerk.get("donor-returns/").json()
            bins = clerk.get("unfit-goods/").json()
        counts.append(len(statements))

    assert (returns["count"], bins["count"]) == (3, 3)
    assert counts[0] == counts[2]


def test_statements_of_a_return_do_not_grow_with_its_items(world: World) -> None:
    clerk, counts = world.signed("clerk"), []
    for number in (1, 8):
        body = donation(unfit="destroy", items=[item(**EXPIRED) for _n in range(number)])
        made = clerk.post("donations/", body).json()
        items = [{"item": row["id"], "quantity": 20} for row in made["items"]]
        with CaptureQueriesContext(connection) as statements:
            answer = give_back(world, items[0]["item"], items=items)
        assert answer.status_code == 201
        counts.append(len(statements))

    assert counts[0] == counts[1]


# Destroyed


def destroy(world: World, pk: int, quantity: int = 20, *, after: int = 0, **fields: Any) -> int:
    act: Act = world.act(on=TODAY + after * DAY)
    policy = policy_of(world.county.pk)
    entries = destroy_unfit(
        act=act,
        policy=policy,
        place=fields.get("place", world.hospital),
        goods=[UnfitUnits(pk, quantity, "/lines/0")],
    )
    return len(entries)


def test_goods_left_for_disposal_are_destroyed_at_once(world: World) -> None:
    pk = left(world)

    destroy(world, pk)

    assert standing(pk) == {"destroyed": 20}


@pytest.mark.parametrize(("days", "policy", "allowed"), [(30, 30, False), (31, 30, True), (8, 7, True)])
def test_rejected_goods_are_destroyed_once_nobody_fetched_them(
    world: World, days: int, policy: int, allowed: bool
) -> None:
    Policy.objects.create(county=world.county, unclaimed_days=policy)
    pk = rejected(world)

    if allowed:
        destroy(world, pk, after=days)
        assert standing(pk) == {"destroyed": 20}
        return
    with pytest.raises(DomainError) as caught:
        destroy(world, pk, after=days)
    assert (caught.value.code, caught.value.faults[0].pointer) == ("still_claimable", "/lines/0/quantity")
    assert standing(pk) == {"in_bin": 20}


@pytest.mark.parametrize(("quantity", "code"), [(21, "not_in_bin"), (6, "not_in_bin")])
def test_no_more_is_destroyed_than_lies_in_the_bin(world: World, quantity: int, code: str) -> None:
    pk = rejected(world)
    give_back(world, pk, 15)

    with pytest.raises(DomainError) as caught:
        destroy(world, pk, quantity, after=60)

    assert caught.value.code == code


def test_bin_of_another_place_is_unknown(world: World) -> None:
    pk = left(world)

    with pytest.raises(DomainError) as caught:
        destroy(world, pk, place=world.centre)

    assert (caught.value.code, caught.value.faults[0].pointer) == ("not_found", "/lines/0/item")


def test_one_item_in_two_lines_counts_together(world: World) -> None:
    pk = left(world)

    with pytest.raises(DomainError) as caught:
        destroy_unfit(
            act=world.act(),
            policy=policy_of(world.county.pk),
            place=world.hospital,
            goods=[UnfitUnits(pk, 11, "/lines/0"), UnfitUnits(pk, 10, "/lines/1")],
        )

    assert [fault.pointer for fault in caught.value.faults] == ["/lines/0/quantity", "/lines/1/quantity"]


# What waits


def todo(world: World, role: str = "clerk") -> int:
    duties = world.signed(role).get("todo/").json()["duties"]
    return next(duty["count"] for duty in duties if duty["code"] == "unclaimed")


def test_bins_show_what_was_left_and_until_when_the_rest_is_kept(world: World) -> None:
    thrown, spoiled = left(world), rejected(world)

    rows = world.signed("clerk").get("unfit-goods/").json()["results"]

    assert [(row["item"], row["left"], row["in_bin"]) for row in rows] == [
        (thrown, True, 20),
        (spoiled, False, 20),
    ]
    assert rows[1]["claimable_until"] == str(TODAY + 30 * DAY)


def test_goods_that_nobody_fetched_are_on_the_list(world: World) -> None:
    Policy.objects.create(county=world.county, unclaimed_days=30)
    books = Books(world)
    for days in (30, 31):
        pk = books.item(10, outcome="refuse")
        day = TODAY - days * DAY
        columns = {"item_id": pk, "business_day": day, "booked_on": day}
        books.entry("refused", "outside", "refused", 10, **columns)
        books.entry("left_for_disposal", "refused", "in_bin", 10, **columns)

    overdue = world.signed("clerk").get("unfit-goods/", unclaimed="1").json()["results"]

    assert [row["item"] for row in overdue] == [pk]
    assert (todo(world), todo(world, "pharmacist"), todo(world, "lead_pharmacist")) == (1, 1, 1)
    destroy(world, pk, 10)
    assert todo(world) == 0


def test_rejection_that_was_taken_back_does_not_wait(world: World) -> None:
    books = Books(world)
    pk, day = books.item(10), TODAY - 40 * DAY
    columns = {"item_id": pk, "business_day": day, "booked_on": day}
    books.entry("registered", "outside", "at_point", 10, **columns)
    books.entry("received", "at_point", "counted", 10, **columns)
    mistaken = books.entry("rejected", "counted", "in_bin", 10, **columns)
    books.entry("reversed", "in_bin", "counted", 10, reverses_id=mistaken, **columns)
    books.entry("rejected", "counted", "in_bin", 10, item_id=pk)

    assert todo(world) == 0
    with pytest.raises(DomainError) as caught:
        destroy(world, pk, 10)
    assert caught.value.code == "still_claimable"


# The database's own guards


def test_goods_in_no_bin_do_not_go_back_past_the_service(world: World) -> None:
    books = Books(world)
    pk = books.item(10, outcome="refuse")
    books.entry("refused", "outside", "refused", 10, item_id=pk)

    with refused_by("custody_step_known"):
        books.entry("returned_to_donor", "refused", "returned", 10, item_id=pk)
    with refused_by("itemholdings_never_negative"):
        books.entry("returned_to_donor", "in_bin", "returned", 10, item_id=pk)


class Paper(Books):
    """A return on paper, written row by row."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.pk = self.item(10, outcome="refuse")
        self.entry("refused", "outside", "refused", 10, item_id=self.pk)
        self.thrown = self.entry("left_for_disposal", "refused", "in_bin", 10, item_id=self.pk)
        self.returned = self.paper()

    def paper(self, **columns: Any) -> int:
        return insert(
            "donations_donorreturn",
            **{
                "county_id": self.county,
                "place_id": self.here,
                "donation_id": Item.objects.get(pk=self.pk).donation_id,
                "collected_by": "donor",
                "returned_on": TODAY,
                "returned_by": 1,
                **columns,
            },
        )

    def line(self, **columns: Any) -> int:
        return insert(
            "donations_donorreturnline",
            **{
                "county_id": self.county,
                "donor_return_id": self.returned,
                "entry_id": self.thrown,
                **columns,
            },
        )


@pytest.mark.parametrize(
    ("guard", "attempt"),
    [
        ("returned_in_one_line", lambda paper: (paper.line(), paper.line())),
        ("return_line_same_county", lambda paper: paper.line(county_id="522622")),
        ("donor_return_collector_known", lambda paper: paper.paper(collected_by="other")),
        ("donor_return_place_same_county", lambda paper: paper.paper(place_id=paper.world.foreign_place.pk)),
        ("donations_donorreturn_append_only", lambda paper: execute("DELETE FROM donations_donorreturn")),
        (
            "donations_donorreturnline_append_only",
            lambda paper: execute("UPDATE donations_donorreturnline SET entry_id = 0"),
        ),
    ],
)
def test_database_refuses_and_without_its_guard_would_not(world: World, guard: str, attempt: Any) -> None:
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    paper = Paper(world)
    with refused_by(guard):
        attempt(paper)

    drop_guard(guard)
    for also in {"return_line_same_county": ["return_line_entry_same_county"]}.get(guard, []):
        drop_guard(also)

    attempt(paper)
