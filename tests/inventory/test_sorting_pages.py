"""The sorting table and the counting before it, as screens: each form is the API's command."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override

from donations.models import ItemPhoto
from inventory.checklist import CHECKLIST
from inventory.models import SortingDecision
from inventory.models.proposals import SortingProposal
from inventory.pages.words import reason_words, reasons_to_reject
from tests.inventory.screens import Screen, words, wrong_fields
from tests.inventory.stories import LATER, counted, custody, doubt, printed, sort, written
from tests.inventory.test_confirming import picture
from tests.inventory.test_sorting_refusals import registered_and_counted_alone
from tests.world import World, donation, item


def decision(number: int = 0, **fields: Any) -> dict[str, Any]:
    at = f"/decisions/{number}"
    usual = {
        "quantity": 20, "medicine": "M009a", "lot_number": "2203051", "expiry": printed(LATER), "pack": "sealed",
        "container": "blister", "reason": "", "note": "",
    }  # fmt: skip
    return {f"{at}/{name}": value for name, value in {**usual, **fields}.items()}


def checked(number: int = 0) -> dict[str, Any]:
    return {f"/decisions/{number}/checklist/{point}": "true" for point in CHECKLIST}


def one(item_id: int, *parts: dict[str, Any], **fields: Any) -> dict[str, Any]:
    form = {"/item": item_id, "/state": "counted", "parts": len(parts), **fields}
    for part in parts:
        form |= part
    return form


def pharmacist(world: World) -> Screen:
    return Screen(world.person("pharmacist"))


def test_accepted_item_leads_to_the_next(world: World) -> None:
    first, second = counted(world, item(), item(quantity=8))
    screen = pharmacist(world)
    shown = screen.shown(f"/sorting-queue/{first}/")

    form = one(first, {**decision(outcome="accept"), **checked()}, next=second)
    done = screen.send(f"/sorting-queue/{first}/", form)

    assert f'name="next" value="{second}"' in shown
    assert (done.status_code, done["Location"]) == (302, f"/sorting-queue/{second}/")
    assert custody(first) == {"accepted": 20}
    assert "Booked: accept 20" in screen.shown(done["Location"])


def test_item_says_as_what_the_counter_took_it_in(world: World) -> None:
    whole, opened = counted(world, item(container=""), item(opened=True))
    screen = pharmacist(world)

    said = [
        re.sub(r"<[^>]+>", " ", screen.shown(f"/sorting-queue/{pk}/").split("Taken in as")[1][:80]).split()
        for pk in (whole, opened)
    ]

    assert [each[:1] for each in said] == [["sealed"], ["opened"]]
    assert said[1][:3] == ["opened", "·", "blister"]


def test_queue_leads_to_its_items(world: World) -> None:
    first, _second = counted(world, item(), item(quantity=8))

    shown = pharmacist(world).shown("/sorting-queue/")

    assert f'href="/sorting-queue/{first}/"' in shown
    assert "Sort the first" in shown


def test_verdict_comes_with_its_law(world: World) -> None:
    (unread,) = counted(world, item(lot_number="", lot_state="not_read"))

    shown = pharmacist(world).shown(f"/sorting-queue/{unread}/")

    assert "Lot number not yet read" in shown
    assert "药品管理法 art. 70, 98" in shown


def test_item_is_divided_without_a_script(world: World) -> None:
    (pk,) = counted(world)
    screen, address = pharmacist(world), f"/sorting-queue/{pk}/"

    divided = screen.send(
        address, one(pk, decision(outcome="reject", quantity=5, reason="damaged"), more="1")
    )
    form = one(
        pk,
        decision(outcome="reject", quantity=5, reason="damaged"),
        {**decision(1, outcome="accept", quantity=15), **checked(1)},
    )
    done = screen.send(address, form)

    assert 'name="/decisions/1/quantity"' in words(divided)
    assert 'value="5"' in words(divided)
    assert done.status_code == 302
    assert custody(pk) == {"accepted": 15, "in_bin": 5}


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        (decision(outcome="accept"), [f"/decisions/0/checklist/{point}" for point in CHECKLIST]),
        (decision(outcome="reject"), ["/decisions/0/reason"]),
        (decision(outcome="reject", reason="damaged", quantity="x"), ["/decisions/0/quantity"]),
        ({**decision(outcome="accept", lot_number=""), **checked()}, ["/decisions/0/lot_number"]),
    ],
)
def test_error_stands_at_its_field(world: World, part: dict[str, Any], wrong: list[str]) -> None:
    (pk,) = counted(world)
    before = written()

    answer = pharmacist(world).send(f"/sorting-queue/{pk}/", one(pk, part))

    assert answer.status_code >= 400
    assert sorted(wrong_fields(answer)) == sorted(wrong)
    assert written() == before


def test_parts_that_do_not_add_up_are_refused_whole(world: World) -> None:
    (pk,) = counted(world)

    answer = pharmacist(world).send(
        f"/sorting-queue/{pk}/", one(pk, decision(outcome="reject", quantity=7, reason="damaged"))
    )

    assert "7 decided, 20 there" in words(answer)
    assert custody(pk) == {"counted": 20}


def test_ones_own_words_are_a_reason_too(world: World) -> None:
    (pk,) = counted(world)

    pharmacist(world).send(
        f"/sorting-queue/{pk}/", one(pk, decision(outcome="hold", reason="other", note="外盒与说明书不符"))
    )

    assert SortingDecision.objects.values_list("reason", "note").get() == ("other", "外盒与说明书不符")


def test_form_sent_twice_decides_once(world: World) -> None:
    (pk,) = counted(world)
    screen, address = pharmacist(world), f"/sorting-queue/{pk}/"
    form = one(pk, decision(outcome="reject", reason="damaged"), key="6f9b3c60-0000-4000-8000-000000000001")

    answers = [screen.client.post(address, form) for _n in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert SortingDecision.objects.count() == 1


def test_sorted_meanwhile_leads_back_to_the_queue(world: World) -> None:
    (pk,) = counted(world)
    sort(world.signed("pharmacist"), pk, {"outcome": "reject", "quantity": 20, "reason": "damaged"})

    answer = pharmacist(world).get(f"/sorting-queue/{pk}/")

    assert (answer.status_code, answer["Location"]) == (302, "/sorting-queue/")


def test_who_is_alone_proposes_and_another_confirms_from_photos(world: World) -> None:
    alone, screen = registered_and_counted_alone(world), pharmacist(world)
    address, photo = f"/sorting-queue/{alone}/", SimpleUploadedFile("photo.jpg", picture())

    kept = screen.send(f"{address}photos/", {"/photo": photo})
    shown = screen.shown(address)
    screen.send(address, one(alone, {**decision(outcome="accept"), **checked()}))
    confirming = f"/sortings/{SortingProposal.objects.get().decision_id}/confirm/"
    second = Screen(world.person("pharmacist", name="second"))
    listed, looked_at = second.shown("/sortings/awaiting/"), second.shown(confirming)
    own, done = screen.send(confirming, {}), second.send(confirming, {})

    assert kept.status_code == 302
    assert "another pharmacist confirms from photos" in shown
    assert f'href="{confirming}"' in listed
    assert f"/api/v1/photos/{ItemPhoto.objects.get().pk}.jpg" in looked_at
    assert (own.status_code, done.status_code) == (403, 302)
    assert custody(alone) == {"accepted": 20}


def test_decision_of_today_is_taken_back(world: World) -> None:
    (pk,) = counted(world)
    made = sort(world.signed("pharmacist"), pk, doubt()).json()["decisions"][0]["id"]
    screen = pharmacist(world)

    shown = screen.shown("/sortings/")
    done = screen.send(f"/sortings/{made}/reverse/", {"/reason": "看错"})

    assert f"/sortings/{made}/reverse/" in shown
    assert done.status_code == 302
    assert custody(pk) == {"counted": 20}


def equal_boxes(world: World) -> tuple[Screen, list[int], list[str]]:
    """Three equal boxes and another one; the ticks that the first one's page offers."""
    ids = counted(world, item(), item(quantity=8), item(), item(lot_number="2203052"))
    screen = pharmacist(world)
    shown = screen.shown(f"/sorting-queue/{ids[0]}/")
    return screen, ids, re.findall(r'name="equal" value="([^"]+)"', shown)


def test_equal_items_are_booked_together_and_each_has_its_result(world: World) -> None:
    screen, ids, ticks = equal_boxes(world)
    sort(world.signed("pharmacist", name="colleague"), ids[2], doubt())
    form = one(ids[0], {**decision(outcome="accept"), **checked()}, equal=ticks, next=ids[3], there=20)
    key = "6f9b3c60-0000-4000-8000-000000000002"

    done = screen.send(f"/sorting-queue/{ids[0]}/", form, key=key)
    again = screen.send(f"/sorting-queue/{ids[0]}/", form, key=key)

    assert [tick.split(":")[:2] for tick in ticks] == [[str(ids[1]), "8"], [str(ids[2]), "20"]]
    assert [custody(pk) for pk in ids] == [
        {"accepted": 20},
        {"accepted": 8},
        {"in_doubt": 20},
        {"counted": 20},
    ]
    said = words(done)
    assert "2 of 3 items booked." in said
    assert said.count("This item is not waiting to be sorted here.") == 1
    assert (f'href="/sorting-queue/{ids[2]}/"' in said, f'href="/sorting-queue/{ids[3]}/"' in said) == (
        True,
        True,
    )
    assert "2 of 3 items booked." in words(again)
    assert SortingDecision.objects.count() == 3


def test_equal_items_that_all_are_at_fault_leave_the_form_as_it_was(world: World) -> None:
    screen, ids, ticks = equal_boxes(world)
    before = written()
    form = one(ids[0], decision(outcome="reject"), equal=ticks, there=20)

    answer = screen.send(f"/sorting-queue/{ids[0]}/", form)

    assert (answer.status_code, wrong_fields(answer), written()) == (422, ["/decisions/0/reason"], before)
    assert words(answer).count(' checked> <span class="code">') == 2


def test_part_of_an_item_is_not_taken_for_the_whole_of_the_others(world: World) -> None:
    screen, ids, ticks = equal_boxes(world)
    form = one(ids[0], {**decision(outcome="accept", quantity=19), **checked()}, equal=ticks, there=20)

    answer = screen.send(f"/sorting-queue/{ids[0]}/", form)

    assert answer.status_code == 422
    assert [custody(pk) for pk in ids[:3]] == [{"counted": 20}, {"counted": 8}, {"counted": 20}]


def test_auditor_reads_the_queue_and_sorts_nothing(world: World) -> None:
    (pk,) = counted(world)
    auditor = Screen(world.person("auditor"))

    assert f'href="/sorting-queue/{pk}/"' not in auditor.shown("/sorting-queue/")
    assert auditor.get(f"/sorting-queue/{pk}/").status_code == 403


@pytest.mark.parametrize("address", ["/sorting-queue/", "/sorting-queue/{item}/", "/sortings/"])
def test_screen_asks_as_many_statements_for_three_as_for_one(
    world: World, django_assert_max_num_queries: Any, address: str
) -> None:
    (first,) = counted(world)
    (sorted_one,) = counted(world)
    sort(world.signed("pharmacist"), sorted_one, doubt())
    screen, asked = pharmacist(world), []
    for more in (0, 2):
        for _n in range(more):
            (pk,) = counted(world)
            sort(world.signed("pharmacist"), pk, doubt())
        with django_assert_max_num_queries(40) as statements:
            screen.shown(address.format(item=first))
        asked.append(len(statements))

    assert asked[0] == asked[1]


def test_what_was_brought_is_counted_on_a_screen(world: World) -> None:
    brought = world.signed("clerk").post("donations/", donation()).json()
    pk, (line,) = brought["id"], brought["items"]
    checker = Screen(world.person("checker"))
    short = {"/items/0/item": line["id"], "/items/0/counted": 18, "/items/0/reason": "", "/items/0/note": ""}

    shown = checker.shown(f"/donations/{pk}/")
    bare = checker.send(f"/donations/{pk}/count/", short)
    done = checker.send(f"/donations/{pk}/count/", {**short, "/items/0/reason": "lost"})

    assert f'href="/donations/{pk}/count/"' in shown
    assert wrong_fields(bare) == ["/items/0/reason"]
    assert done.status_code == 302
    assert custody(line["id"]) == {"counted": 18, "missing": 2}


def test_reason_that_waits_is_called_otherwise_once_it_is_decided() -> None:
    with override("zh-hans"):
        assert ("lot_not_read", "批号待核对") in reasons_to_reject()
        assert reason_words("lot_not_read", 30, waits=True) == "批号待核对"
        assert reason_words("lot_not_read", 30) == "无批号或无法辨认"
        assert reason_words("受潮结块", 30) == "受潮结块"
