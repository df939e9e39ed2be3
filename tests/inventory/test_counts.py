"""Counting: blind, line by line, while goods keep moving; a second person books what came of it."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.days import local_day
from donations.models import Campaign, Donation
from inventory.ledger import Entry, Shelf, post
from inventory.models import Batch, Kind, Movement, Side, State
from inventory.models.counts import CountLine, StockCount
from inventory.verification import verify
from tests.distribution.stock import order, profile, stock
from tests.inventory.counting import (
    HOSPITAL,
    approve,
    code,
    faults,
    finished,
    of,
    record,
    results,
    rows,
    settled,
    started,
    units,
    unknown,
)
from tests.inventory.stories import accept, counted, custody, printed, sort, stocked
from tests.world import TODAY, World, item

FIRST = "P-522633-11"
DAY = datetime.timedelta(days=1)


def states() -> list[str]:
    return list(StockCount.objects.order_by("pk").values_list("state", flat=True))


def move(world: World, kind: Kind, batch: int, quantity: int, source: State, target: State) -> None:
    here = (world.hospital.pk, Side.STORE)
    post([Entry(kind, batch, quantity, Shelf(*here, source), Shelf(*here, target), "test")], act=world.act())


# What comes of a count


def test_count_that_agrees_changes_nothing(world: World) -> None:
    batch = stocked(world)
    before = Movement.objects.count()

    settled(world, of(batch, 20))

    assert (results(), Movement.objects.count(), units(batch)) == ([(20, 0, 0, 0)], before, 20)


def test_missing_units_are_adjusted_away(world: World) -> None:
    batch = stocked(world)

    pk = settled(world, of(batch, 17))

    assert (results(), units(batch), units(batch, "adjusted")) == ([(20, 3, 0, 0)], 17, 3)
    adjusted = Movement.objects.get(kind="adjust")
    assert (adjusted.document_type, adjusted.document_id, adjusted.actor) == (
        "count", pk, world.person("pharmacist").pk,
    )  # fmt: skip
    call_command("verify_ledger")


def test_what_was_not_counted_stays_and_is_listed(world: World) -> None:
    first, second = stocked(world), stocked(world, lot_number="L2")
    pk = finished(world.signed("checker"), of(first, 20))

    listed = world.signed("pharmacist").get(f"counts/{pk}/uncounted/").json()["results"]
    detail = world.signed("pharmacist").get(f"counts/{pk}/").json()
    approve(world, pk)

    assert [(row["batch"], row["side"], row["spot"]) for row in listed] == [(second, "store", "shelf")]
    assert (detail["counted"], detail["uncounted"]) == (1, 1)
    assert "quantity" not in listed[0]
    assert (units(first), units(second)) == (20, 20)


def test_found_units_come_back_from_earlier_losses(world: World) -> None:
    batch = stocked(world)
    settled(world, of(batch, 15))

    settled(world, of(batch, 19))

    assert results() == [(20, 5, 0, 0), (15, 0, 4, 0)]
    assert (units(batch), units(batch, "adjusted"), Donation.objects.count()) == (19, 1, 1)
    call_command("verify_ledger")


def test_found_beyond_earlier_losses_becomes_an_anonymous_donation_to_sort(world: World) -> None:
    batch = stocked(world)
    settled(world, of(batch, 18))

    pk = settled(world, of(batch, 25))

    donation = Donation.objects.latest("pk")
    (found,) = donation.items.all()
    assert (results()[-1], units(batch), units(batch, "adjusted")) == ((18, 0, 2, 5), 20, 0)
    assert (donation.donor.kind, donation.registered_by) == ("anonymous", world.person("checker").pk)
    assert (found.lot_number, found.last_usable_day, found.quantity, custody(found.pk)) == (
        "2203051", Batch.objects.get(pk=batch).last_usable_day, 5, {"counted": 5},
    )  # fmt: skip
    queue = world.signed("pharmacist").get("sorting-queue/").json()["results"]
    assert [row["item"] for row in queue] == [found.pk]
    detail = world.signed("pharmacist").get(f"counts/{pk}/").json()
    assert detail["receipt_code"] == donation.receipt_code
    answer = sort(world.signed("pharmacist"), found.pk, accept(5))
    assert answer.status_code == 201, answer.json()
    assert units(batch) == 25
    call_command("verify_ledger")


def test_opened_blisters_that_were_found_are_sorted_and_not_binned(world: World) -> None:
    batch = stocked(world, pack="opened", container="blister")

    settled(world, of(batch, 23))

    found = Donation.objects.latest("pk").items.get()
    assert (found.opened, found.outcome, custody(found.pk)) == (True, "accept", {"counted": 3})


def test_lot_that_the_books_do_not_know_is_donated(world: World) -> None:
    later = TODAY + 200 * DAY

    settled(
        world,
        unknown(7, lot_number="X-9", expiry=printed(later)),
        unknown(3, medicine=None, description="药水"),
    )

    first, second = Donation.objects.get().items.order_by("line")
    assert (first.lot_number, first.last_usable_day, first.lot_state, custody(first.pk)) == (
        "X-9", later, "read", {"counted": 7},
    )  # fmt: skip
    assert (second.medicine, second.description, second.outcome, custody(second.pk)) == (
        None, "药水", "review", {"counted": 3},
    )  # fmt: skip
    call_command("verify_ledger")


def test_found_past_its_last_day_goes_into_the_bin(world: World) -> None:
    settled(world, unknown(7, expiry=printed(TODAY - DAY)))

    (found,) = Donation.objects.get().items.all()
    assert (found.outcome, custody(found.pk)) == ("refuse", {"in_bin": 7})
    call_command("verify_ledger")


def test_village_clinic_that_takes_no_donations_finds_units_to_hand_over(world: World) -> None:
    village = world.villages[0]
    counter = world.signed("clinic", village)
    pk = finished(counter, unknown(4), place=FIRST)

    answer = world.signed("pharmacist", world.centre).post(f"counts/{pk}/approve/")

    donation = Donation.objects.get()
    assert (answer.status_code, donation.place) == (200, village)
    assert custody(donation.items.get().pk) == {"at_point": 4}
    sent = world.signed("pharmacist", world.centre).post(
        "handovers/", {"from_place": FIRST, "to_place": "P-522633-10", "donations": [donation.pk]}
    )
    assert sent.status_code == 201


def test_held_and_available_are_counted_apart(world: World) -> None:
    batch = stocked(world)
    body = {"place": HOSPITAL, "batch": batch, "quantity": 8, "reason": "受潮"}
    hold = world.signed("pharmacist").post("holds/", body).json()["id"]

    settled(world, of(batch, 12), of(batch, 5, spot="held"))

    assert (units(batch), units(batch, "held"), units(batch, "adjusted")) == (12, 5, 3)
    listed = world.signed("pharmacist").get("holds/").json()["results"]
    assert [(row["id"], row["still_held"]) for row in listed] == [(hold, 5)]
    call_command("verify_ledger")


def test_units_missing_on_the_shelf_may_be_found_among_the_held(world: World) -> None:
    batch = stocked(world)
    move(world, Kind.HOLD, batch, 8, State.AVAILABLE, State.HELD)

    settled(world, of(batch, 10), of(batch, 10, spot="held"))

    assert (units(batch), units(batch, "held"), units(batch, "adjusted")) == (10, 10, 0)
    assert results() == [(12, 2, 0, 0), (8, 0, 2, 0)]
    assert Donation.objects.count() == 1


def test_held_units_found_on_the_shelf_come_back_held(world: World) -> None:
    batch = stocked(world)
    body = {"place": HOSPITAL, "batch": batch, "quantity": 8, "reason": "受潮"}
    first = world.signed("pharmacist").post("holds/", body).json()["id"]

    settled(world, of(batch, 15), of(batch, 5, spot="held"))

    assert (units(batch), units(batch, "held"), units(batch, "adjusted")) == (12, 8, 0)
    listed = world.signed("pharmacist").get("holds/").json()["results"]
    assert [(row["id"] == first, row["reason"], row["still_held"]) for row in listed] == [
        (False, "盘点时找回。", 3), (True, "受潮", 5),
    ]  # fmt: skip
    released = world.signed("pharmacist").post(f"holds/{listed[0]['id']}/release/")
    assert (released.status_code, units(batch), units(batch, "held")) == (200, 15, 5)
    call_command("verify_ledger")


def test_recalled_units_that_are_found_again_come_back_held(world: World) -> None:
    batch = stocked(world)
    settled(world, of(batch, 0))
    body = {
        "medicine": "M009a",
        "lot_number": "2203051",
        "reason": "质量抽检不合格",
        "reference": "国药监〔2022〕1号",
    }
    assert world.signed("lead_pharmacist").post("recalls/", body).status_code == 201

    settled(world, of(batch, 4))

    assert (units(batch), units(batch, "held"), units(batch, "adjusted")) == (0, 4, 16)
    (hold,) = world.signed("pharmacist").get("holds/").json()["results"]
    refused = world.signed("pharmacist").post(f"holds/{hold['id']}/release/")
    assert (hold["still_held"], refused.json()["code"]) == (4, "recalled")
    call_command("verify_ledger")


def test_recalled_lot_found_beyond_the_books_goes_into_the_bin(world: World) -> None:
    body = {"medicine": "M009a", "lot_number": "X-1", "reason": "质量抽检不合格", "standing": True}
    answer = world.signed("lead_pharmacist").post("recalls/", body)
    assert answer.status_code == 201, answer.json()

    settled(world, unknown(4))

    assert custody(Donation.objects.get().items.get().pk) == {"in_bin": 4}


def test_promised_goods_are_counted_with_the_shelf(world: World) -> None:

    batch = stocked(world, 100)
    profile(world, world.centre, population=100)
    plan = world.signed("allocator").post("plans/", order()).json()["id"]
    world.signed("allocator").post(f"plans/{plan}/submit/")
    world.signed("approver").post(f"plans/{plan}/approve/")
    promised = units(batch, "reserved")

    settled(world, of(batch, 98 if promised < 98 else promised))

    assert promised > 0
    assert results()[0][0] == 100
    assert units(batch) + units(batch, "reserved") == (98 if promised < 98 else promised)


# Goods keep moving


def test_movements_after_the_line_change_neither_difference(world: World) -> None:
    batch = stocked(world, 50)
    pk = finished(world.signed("checker"), of(batch, 47))
    move(world, Kind.HOLD, batch, 30, State.AVAILABLE, State.HELD)
    stocked(world, 5)

    shown = world.signed("pharmacist").get(f"counts/{pk}/lines/").json()["results"][0]
    approve(world, pk)

    assert (shown["expected"], shown["difference"]) == (50, -3)
    assert (units(batch), units(batch, "held"), units(batch, "adjusted")) == (22, 30, 3)


def test_sheet_entered_later_is_held_against_its_own_moment(world: World) -> None:
    batch = stocked(world, 50)
    checker = world.signed("checker")
    pk = started(checker)
    moment = timezone.now()
    move(world, Kind.HOLD, batch, 6, State.AVAILABLE, State.HELD)

    record(checker, pk, of(batch, 50, counted_at=moment.isoformat()))

    assert CountLine.objects.get().book == 50
    checker.post(f"counts/{pk}/finish/")
    approve(world, pk)
    assert (units(batch), units(batch, "adjusted")) == (44, 0)


def clinic(world: World, quantity: int = 50, days: int = 3) -> Batch:
    """Units at the health centre's counter since some days."""
    return stock(world, quantity, place=world.centre, side=Side.CLINIC, since=TODAY - days * DAY)


def hand_out(world: World, quantity: int, day: datetime.date) -> int:
    lines = [{"medicine": "M009a", "quantity": quantity, "days_supply": 3}]
    body = {"place": "P-522633-10", "dispensed_on": str(day), "recipients": 1, "age_band": "65-79",
            "collected_by": "self", "lines": lines}  # fmt: skip
    answer = world.signed("clinic").post("dispensings/", body)
    assert answer.status_code == 201, answer.json()
    return int(answer.json()["id"])


def test_hand_out_of_before_that_is_entered_later_is_no_loss(world: World) -> None:
    batch = clinic(world).pk
    counter, place = world.signed("clinic"), "P-522633-10"
    pk = finished(counter, of(batch, 44, side="clinic"), place=place)
    hand_out(world, 6, TODAY - DAY)

    answer = world.signed("pharmacist", world.centre).post(f"counts/{pk}/approve/")

    assert (answer.status_code, results()) == (200, [(44, 0, 0, 0)])
    assert (units(batch, side="clinic"), units(batch, "adjusted", "clinic")) == (44, 0)


def test_hand_out_of_after_is_no_part_of_the_count(world: World) -> None:
    batch = clinic(world).pk
    pk = finished(world.signed("clinic"), of(batch, 49, side="clinic"), place="P-522633-10")
    hand_out(world, 6, TODAY)

    world.signed("pharmacist", world.centre).post(f"counts/{pk}/approve/")

    assert (results(), units(batch, side="clinic")) == ([(50, 1, 0, 0)], 43)


def test_hand_out_that_never_was_is_no_find(world: World) -> None:
    batch = clinic(world).pk
    wrong = hand_out(world, 6, TODAY)
    pk = finished(world.signed("clinic"), of(batch, 50, side="clinic"), place="P-522633-10")
    world.signed("clinic").post(f"dispensings/{wrong}/reverse/")

    world.signed("pharmacist", world.centre).post(f"counts/{pk}/approve/")

    assert (results(), units(batch, side="clinic")) == ([(50, 0, 0, 0)], 50)
    assert Donation.objects.count() == 1


def test_loss_beyond_what_is_there_now_must_be_counted_again(world: World) -> None:
    batch, other = stocked(world), stocked(world, lot_number="L2")
    checker = world.signed("checker")
    pk = finished(checker, of(batch, 15), of(other, 19))
    move(world, Kind.HOLD, batch, 18, State.AVAILABLE, State.HELD)
    line = CountLine.objects.get(batch=batch).pk
    before = rows()

    answer = approve(world, pk)

    assert faults(answer) == (409, [(f"/lines/{line}", "recount_needed")])
    assert "2203051" in answer.json()["errors"][0]["message"]
    assert (rows(), states(), units(batch), units(other)) == (before, ["finished"], 2, 20)

    checker.post(f"counts/{pk}/reopen/")
    record(checker, pk, of(batch, 2), of(batch, 13, spot="held"))
    checker.post(f"counts/{pk}/finish/")
    assert approve(world, pk).status_code == 200
    assert (units(batch), units(batch, "held"), units(other)) == (2, 13, 19)
    call_command("verify_ledger")


def test_last_word_on_a_batch_counts(world: World) -> None:
    batch, checker = stocked(world), world.signed("checker")
    pk = started(checker)
    for counted_units in (3, 20):
        record(checker, pk, of(batch, counted_units), unknown(counted_units))
    record(checker, pk, unknown(0))
    checker.post(f"counts/{pk}/finish/")

    approve(world, pk)

    assert (results(), units(batch), Donation.objects.count()) == ([(20, 0, 0, 0), (0, 0, 0, 0)], 20, 1)


# Blind, and by two people


def test_nobody_reads_the_books_from_an_open_count(world: World) -> None:
    batch, checker = stocked(world), world.signed("checker")
    pk = started(checker)
    record(checker, pk, of(batch, 17))

    (line,) = checker.get(f"counts/{pk}/lines/").json()["results"]

    assert (line["counted"], line["expected"], line["difference"]) == (17, None, None)


def test_results_are_listed_when_approved(world: World) -> None:
    batch = stocked(world)
    pk = settled(world, of(batch, 22), unknown(4))

    known, strange = world.signed("auditor").get(f"counts/{pk}/lines/").json()["results"]

    told = ("name", "counted", "expected", "difference", "lost", "regained", "donated")
    assert [known[name] for name in told] == ["布洛芬片 0.1g", 22, 20, 2, 0, 0, 2]
    assert [strange[name] for name in told] == ["布洛芬片 0.1g", 4, 0, 4, 0, 0, 4]
    assert (known["item"] is not None, strange["lot_number"]) == (True, "X-1")


def test_who_counted_does_not_approve(world: World) -> None:
    batch, pharmacist = stocked(world), world.signed("pharmacist")
    pk = started(pharmacist)
    record(pharmacist, pk, of(batch, 17))
    world.signed("checker").post(f"counts/{pk}/finish/")
    before = rows()

    answers = [signed.post(f"counts/{pk}/approve/") for signed in (pharmacist, world.signed("checker"))]

    assert [code(answer) for answer in answers] == [(403, "second_person_needed")] * 2
    assert (rows(), states(), units(batch)) == (before, ["finished"], 20)
    assert world.signed("lead_pharmacist").post(f"counts/{pk}/approve/").status_code == 200


def test_one_count_of_a_place_at_a_time(world: World) -> None:
    pk = finished(world.signed("checker"), of(stocked(world), 20))
    before = rows()

    answer = world.signed("checker").post("counts/", {"place": HOSPITAL})

    assert (faults(answer), rows()) == ((409, [("/place", "count_under_way")]), before)
    approve(world, pk)
    assert started(world.signed("checker")) > pk


def test_abandoned_count_has_no_consequence(world: World) -> None:
    batch = stocked(world)
    pk = finished(world.signed("checker"), of(batch, 3))

    answer = world.signed("pharmacist").post(f"counts/{pk}/abandon/", {"reason": "盘点中断"})

    assert (answer.status_code, states(), units(batch)) == (200, ["abandoned"], 20)
    assert code(approve(world, pk)) == (409, "not_at_this_stage")


def test_steps_out_of_turn_refused(world: World) -> None:
    batch, checker = stocked(world), world.signed("checker")
    pk = started(checker)
    before = rows()

    early = [checker.post(f"counts/{pk}/finish/"), approve(world, pk), checker.post(f"counts/{pk}/reopen/")]

    assert [code(answer) for answer in early] == [
        (422, "nothing_counted"), (409, "not_at_this_stage"), (409, "not_at_this_stage"),
    ]  # fmt: skip
    assert rows() == before
    record(checker, pk, of(batch, 20))
    checker.post(f"counts/{pk}/finish/")
    approve(world, pk)
    before = rows()
    late = [
        record(checker, pk, of(batch, 19)), checker.post(f"counts/{pk}/finish/"), approve(world, pk),
        checker.post(f"counts/{pk}/abandon/", {"reason": "盘点中断"}),
    ]  # fmt: skip
    assert [code(answer) for answer in late] == [(409, "not_at_this_stage")] * 4
    assert (rows(), units(batch)) == (before, 20)


# Bad input


@pytest.mark.parametrize(
    ("line", "status", "expected"),
    [
        ({"counted": -1}, 400, [("/lines/0/counted", "min_value")]),
        ({"counted": 1_000_001}, 400, [("/lines/0/counted", "max_value")]),
        ({"counted": 1.5}, 400, [("/lines/0/counted", "not_whole")]),
        ({"side": None}, 400, [("/lines/0/side", "null")]),
        ({"spot": "cellar"}, 400, [("/lines/0/spot", "invalid_choice")]),
        ({"batch": 999999}, 404, [("/lines/0/batch", "not_found")]),
        ({"lot_number": "X"}, 400, [("/lines/0/lot_number", "not_here")]),
        ({"counted_at": "yesterday"}, 400, [("/lines/0/counted_at", "invalid")]),
        ({"book": 3}, 400, [("/lines/0/book", "unknown_field")]),
    ],
)
def test_line_of_a_batch_that_makes_no_sense_refused(
    world: World, line: dict[str, Any], status: int, expected: Any
) -> None:
    batch, checker = stocked(world), world.signed("checker")
    pk = started(checker)
    before = rows()

    answer = record(checker, pk, {**of(batch, 20), **line})

    assert (faults(answer), rows()) == ((status, expected), before)


@pytest.mark.parametrize(
    ("line", "status", "expected"),
    [
        ({"medicine": None}, 400, [("/lines/0/description", "required")]),
        ({"medicine": "M999z"}, 400, [("/lines/0/medicine", "unknown_medicine")]),
        ({"expiry": "不知道"}, 400, [("/lines/0/expiry", "unreadable")]),
        ({"pack": "torn"}, 400, [("/lines/0/pack", "invalid_choice")]),
        ({"side": "store"}, 400, [("/lines/0/side", "not_here")]),
        ({"lot_number": "2203051"}, 422, [("/lines/0/lot_number", "known_batch")]),
    ],
)
def test_unknown_label_that_makes_no_sense_refused(
    world: World, line: dict[str, Any], status: int, expected: Any
) -> None:
    stocked(world)
    checker = world.signed("checker")
    pk = started(checker)
    before = rows()

    answer = record(checker, pk, unknown(5, **line))

    assert answer.status_code == status
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer for pointer, _code in expected]
    assert rows() == before


def test_moment_before_the_count_or_to_come_refused(world: World) -> None:
    batch, checker = stocked(world), world.signed("checker")
    early, pk = timezone.now().isoformat(), started(checker)
    late = (timezone.now() + datetime.timedelta(minutes=5)).isoformat()
    before = rows()

    answer = record(
        checker, pk, of(batch, 20, counted_at=early), of(batch, 20, counted_at=late), of(batch, 20)
    )

    assert faults(answer) == (422, [("/lines/0/counted_at", "moment_outside_count"),
                                    ("/lines/1/counted_at", "moment_outside_count")])  # fmt: skip
    assert rows() == before


def test_finds_need_an_open_campaign(world: World) -> None:
    batch = stocked(world)
    pk = finished(world.signed("checker"), of(batch, 19), unknown(2))
    Campaign.objects.update(state="closed")
    before = rows()

    answer = approve(world, pk)

    assert (code(answer), rows(), units(batch)) == ((422, "campaign_closed"), before, 20)


def test_counts_of_other_places_do_not_exist(world: World) -> None:
    pk = finished(world.signed("checker"), of(stocked(world), 20))
    elsewhere, abroad = world.signed("checker", world.centre), world.signed("checker", foreign=True)
    before = rows()

    for signed in (elsewhere, abroad):
        assert signed.get("counts/").json()["results"] == []
        for route in ("", "lines/", "uncounted/", "sheet.pdf", "sheet.xlsx"):
            assert signed.get(f"counts/{pk}/{route}").status_code == 404
        for deed in ("finish", "reopen", "approve"):
            assert signed.post(f"counts/{pk}/{deed}/").status_code == 404
        assert signed.post("counts/", {"place": HOSPITAL}).status_code == 404
    assert rows() == before


def test_finished_count_waits_for_who_counted_nothing_of_it(world: World) -> None:
    pk = finished(world.signed("checker"), of(stocked(world), 20))

    def waiting(role: str) -> int:
        duties = world.signed(role).get("todo/").json()["duties"]
        return next(duty["count"] for duty in duties if duty["code"] == "counts")

    before = waiting("pharmacist"), waiting("checker")
    approve(world, pk)

    assert (before, waiting("pharmacist")) == ((1, 0), 0)


def test_day_of_a_line_is_the_day_of_its_moment(world: World) -> None:
    batch, checker = stocked(world), world.signed("checker")
    pk = started(checker)
    moment = timezone.now()

    record(checker, pk, of(batch, 20, counted_at=moment.isoformat()))

    line = CountLine.objects.get()
    assert (line.counted_at, line.counted_on) == (moment, local_day("Asia/Shanghai", moment))


# What it costs


def statements(world: World, lines: int, lot: str) -> list[int]:
    """How many statements entering, finishing, approving and listing so many lines of each kind takes."""
    pharmacist, checker, wanted = world.signed("pharmacist"), world.signed("checker"), []
    ids = counted(world, *(item() for _n in range(lines)))
    decided = [
        {"item": pk, "decisions": [accept(lot_number=f"{lot}{n}", reason="已核对")]}
        for n, pk in enumerate(ids)
    ]
    for start in range(0, lines, 200):
        made = pharmacist.post("sortings/", {"sortings": decided[start : start + 200]}).json()["sortings"]
        wanted += [row["decisions"][0]["batch"] for row in made]
    third = [of(batch, (19, 21, 20)[number % 3]) for number, batch in enumerate(wanted)]
    pk = started(checker)
    found = [unknown(1, lot_number=f"U{lot}{n}") for n in range(lines)]
    with CaptureQueriesContext(connection) as entering:
        assert record(checker, pk, of(wanted[0], 19), of(wanted[0], 1, spot="held"), *third[1:], *found[:100],
                      unknown(1)).status_code == 201  # fmt: skip
    with CaptureQueriesContext(connection) as finishing:
        checker.post(f"counts/{pk}/finish/")
    with CaptureQueriesContext(connection) as listing:
        assert pharmacist.get(f"counts/{pk}/lines/", page_size=200).status_code == 200
    with CaptureQueriesContext(connection) as approving:
        assert approve(world, pk).status_code == 200
    return [len(queries) for queries in (entering, finishing, listing, approving)]


def test_statements_do_not_grow_with_lines(world: World) -> None:
    statements(world, 1, "W")  # whoever acts first is looked up once more

    one, three, many = statements(world, 1, "A"), statements(world, 3, "B"), statements(world, 200, "C")

    assert one == three[:2] + one[2:]
    assert three == many


def test_expired_units_found_again_go_to_held_at_once(world: World) -> None:
    """Twenty of a batch that expired yesterday; five are missed, and turn up under the counter."""
    batch = stock(world, 20, days=-1, since=TODAY - 3 * DAY, booked=TODAY - 3 * DAY).pk
    settled(world, of(batch, 15))

    settled(world, of(batch, 20))

    assert results()[-1] == (15, 0, 5, 0)
    assert (units(batch), units(batch, "held")) == (15, 5)
    assert verify() == []
