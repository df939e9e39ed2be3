"""What is not signed yet may go back to its drafter or be given up; no number is missing afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from reports.models import Bulletin
from tests.plain_sql import drop_guard, execute, refused_by, value
from tests.reports.test_bulletins import draft, published, submitted
from tests.reports.test_corrections import correct
from tests.reports.test_desk_pages import draft as draft_on_screen
from tests.reports.test_desk_pages import fill, page_of
from tests.world import TODAY, World

REASON = "联系方式待核对"


def step(world: World, role: str, pk: int, word: str, reason: Any = REASON, **fields: Any) -> Any:
    return world.signed(role, **fields).post(f"bulletins/{pk}/{word}/", {"reason": reason})


def test_bulletin_sent_back_is_signed_after_its_changes(world: World) -> None:
    pk = submitted(world)

    back = step(world, "signer", pk, "send-back").json()
    again = world.signed("publisher").post(f"bulletins/{pk}/submit/").json()
    signed = world.signed("signer").post(f"bulletins/{pk}/publish/").json()

    assert (back["state"], back["remark"], again["state"]) == ("draft", REASON, "submitted")
    assert (signed["state"], signed["number"]) == ("published", 1)


@pytest.mark.parametrize("laid_before", [False, True])
def test_withdrawn_bulletin_leaves_no_gap_in_the_numbers(world: World, laid_before: bool) -> None:
    pk = submitted(world) if laid_before else draft(world.signed("publisher")).json()["id"]

    gone = step(world, "publisher", pk, "withdraw").json()
    new = published(world)

    assert (gone["state"], gone["number"], gone["remark"]) == ("withdrawn", None, REASON)
    assert (new["id"] != pk, new["number"]) == (True, 1)


def test_withdrawn_correction_may_be_drafted_anew(world: World) -> None:
    old = published(world)["id"]
    first = correct(world, old).json()["id"]
    step(world, "publisher", first, "withdraw")

    again = correct(world, old)

    assert again.status_code == 201
    assert correct(world, old).json()["code"] == "correction_open"


@pytest.mark.parametrize(("word", "role"), [("send-back", "signer"), ("withdraw", "publisher")])
def test_published_bulletin_is_not_taken_back(world: World, word: str, role: str) -> None:
    pk = published(world)["id"]

    answer = step(world, role, pk, word)

    assert (answer.status_code, answer.json()["code"]) == (409, "bulletin_state")
    assert Bulletin.objects.get().state == "published"


def test_draft_has_nowhere_to_be_sent_back_to(world: World) -> None:
    pk = draft(world.signed("publisher")).json()["id"]

    assert step(world, "publisher", pk, "send-back").json()["code"] == "bulletin_state"


def test_withdrawn_bulletin_stays_withdrawn(world: World) -> None:
    pk = draft(world.signed("publisher")).json()["id"]
    step(world, "publisher", pk, "withdraw")

    answers = [
        world.signed("publisher").post(f"bulletins/{pk}/submit/"),
        step(world, "publisher", pk, "withdraw"),
    ]

    assert [answer.json()["code"] for answer in answers] == ["bulletin_state", "bulletin_state"]
    assert world.signed("publisher").get("bulletins/", state="withdrawn").json()["results"][0]["id"] == pk


@pytest.mark.parametrize("reason", ["", "  ", None, [7], "x" * 501])
@pytest.mark.parametrize("word", ["send-back", "withdraw"])
def test_bulletin_is_not_taken_back_without_a_reason(world: World, word: str, reason: Any) -> None:
    pk = submitted(world)

    answer = step(world, "publisher", pk, word, reason)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/reason")
    assert Bulletin.objects.get().state == "submitted"


@pytest.mark.parametrize(("word", "role"), [("send-back", "signer"), ("withdraw", "publisher")])
def test_bulletin_of_another_county_is_not_taken_back(world: World, word: str, role: str) -> None:
    pk = submitted(world)

    assert step(world, role, pk, word, foreign=True).status_code == 404
    assert Bulletin.objects.get().state == "submitted"


def test_signer_does_not_withdraw(world: World) -> None:
    assert step(world, "signer", submitted(world), "withdraw").status_code == 403


CHANGE = "UPDATE reports_bulletin SET {} WHERE id = %s"


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_bulletin_taken_back_in_silence_refused_by_its_guard(world: World, state: str) -> None:
    pk = submitted(world)
    change = CHANGE.format(f"state = '{state}'")

    with refused_by("bulletin_back_has_remark"):
        execute(change, [pk])

    drop_guard("bulletin_back_has_remark")
    assert execute(change, [pk]) == 1


@pytest.mark.parametrize("change", ["state = 'draft'", "state = 'withdrawn', remark = 'other'"])
def test_withdrawn_bulletin_changed_refused_by_its_guard(world: World, change: str) -> None:
    pk = submitted(world)
    step(world, "publisher", pk, "withdraw")

    with refused_by("bulletin_state_forward"):
        execute(CHANGE.format(change), [pk])
    with refused_by("bulletin_state_forward"):
        execute("DELETE FROM reports_bulletin WHERE id = %s", [pk])

    drop_guard("bulletin_state_forward")
    assert execute(CHANGE.format(change), [pk]) == 1
    assert value("SELECT count(*) FROM reports_bulletin") == 1


def test_screens_send_back_and_withdraw(world: World) -> None:
    publisher, desk = draft_on_screen(world)
    signer = page_of(world.person("signer"))
    steps = desk.removesuffix("desk/")
    fill(publisher, f"{steps}submit/")
    offered = signer.get(desk).content.decode()
    laid_before = publisher.get(f"{steps}withdraw/").content.decode()

    fill(signer, f"{steps}send-back/", reason=REASON)
    told = publisher.get(desk).content.decode()
    fill(publisher, f"{steps}withdraw/", reason="另行拟稿")
    gone = publisher.get(desk).content.decode()

    assert f"{steps}send-back/" in offered
    assert f"{steps}withdraw/" not in offered
    assert "<textarea" in laid_before
    assert REASON in told
    assert "given up" in gone
    assert f"{steps}submit/" not in gone
    assert draft(world.signed("publisher"), period_start=str(TODAY), period_end=str(TODAY)).status_code == 201
