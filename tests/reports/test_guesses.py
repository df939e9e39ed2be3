"""Receipt codes that somebody guesses."""

from __future__ import annotations

import datetime
from collections import Counter
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from core.errors import NotFound
from core.receipt_codes import check_character, new_receipt_code
from reports.guesses import FLOOD, MISSES, WINDOW, tidy_guesses, traced
from reports.models import ReceiptGuesses
from tests.cloned import together
from tests.plain_sql import drop_guard, execute, refused_by
from tests.reports.play import Play
from tests.reports.test_public import receipt
from tests.world import World, item

HERE, THERE = "192.0.2.7", "192.0.2.8"


def ask(code: str, address: str = HERE) -> Any:
    return APIClient().get(f"/api/v1/public/trace/{code}/", REMOTE_ADDR=address)


def guess(times: int, address: str = HERE) -> list[int]:
    return [ask(new_receipt_code(), address).status_code for _time in range(times)]


def test_guesser_waits_and_others_do_not(play: Play) -> None:
    (given,) = play.register(item())
    code = receipt(given)

    assert guess(MISSES) == [404] * MISSES

    told = ask(new_receipt_code())
    assert (told.status_code, told.json()["code"]) == (429, "too_many_guesses")
    page = Client().post("/receipts/", {"code": new_receipt_code()}, REMOTE_ADDR=HERE)
    assert (page.status_code, "一刻钟" in page.content.decode()) == (429, True)
    # Whoever shares the address with a guesser is answered all the same, and it counts for nothing.
    assert [ask(code).status_code for _time in range(3)] == [200] * 3
    assert ReceiptGuesses.objects.get().misses == MISSES + 2
    assert guess(1, THERE) == [404]


def test_flood_is_not_looked_up_at_all(play: Play) -> None:
    (given,) = play.register(item())
    guess(1)
    ReceiptGuesses.objects.update(misses=FLOOD - 1)

    assert guess(1) == [429]
    assert (ask(receipt(given)).status_code, ask(receipt(given), THERE).status_code) == (429, 200)
    assert ReceiptGuesses.objects.earliest("began_at").misses == FLOOD


def test_network_of_one_household_is_one_guesser(world: World) -> None:
    """Whoever has one address of IPv6 has 2**64 of them."""
    guess(MISSES, "2001:db8:1:2::1")

    assert guess(1, "2001:db8:1:2:ffff::9") == [429]
    assert guess(1, "2001:db8:1:3::1") == [404]


def test_guesses_at_the_same_moment_are_told_up_to_the_bound(cloned_db: str) -> None:
    """Forty at once, each of which has taken its place before it is looked up."""
    told = together([lambda: ask(new_receipt_code()).status_code] * 40)

    assert Counter(told) == {404: MISSES, 429: 40 - MISSES}
    assert ReceiptGuesses.objects.get().misses == 40


def test_guesser_is_heard_again_after_the_window(play: Play) -> None:
    (given,) = play.register(item())
    guess(MISSES)
    ReceiptGuesses.objects.update(began_at=datetime.datetime.now(datetime.UTC) - WINDOW)

    assert ask(receipt(given)).status_code == 200
    assert guess(1) == [404]
    assert ReceiptGuesses.objects.get().misses == 1


def test_guess_read_from_a_replica_is_counted_on_the_primary_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as aside:
        aside.setattr(connections["default"], "alias", "replica")
        with pytest.raises(NotFound):
            traced(new_receipt_code(), {"REMOTE_ADDR": HERE})

    assert not ReceiptGuesses.objects.exists()


def test_mistyped_codes_count_for_nothing(world: World) -> None:
    code = new_receipt_code().replace("-", "")
    wrong = next(each for each in "0123456789" if each != code[-1])

    assert {ask(code[:-1] + wrong).status_code for _time in range(MISSES + 1)} == {400}
    assert not ReceiptGuesses.objects.exists()


def test_near_guess_is_looked_up_as_a_far_one(play: Play) -> None:
    """The same statements, so that nothing tells how near a guess was; and a flood is not looked up at all."""
    (given,) = play.register(item())
    code = receipt(given)
    payload = code[:-2] + ("0" if code[-2] != "0" else "1")
    near = payload + check_character(payload)

    def statements(asked: str) -> list[str]:
        with CaptureQueriesContext(connection) as seen:
            ask(asked)
        return [query["sql"].split("WHERE")[0].split("VALUES")[0] for query in seen.captured_queries]

    assert statements(near) == statements(new_receipt_code())
    guess(MISSES)
    assert statements(near) == statements(new_receipt_code())
    ReceiptGuesses.objects.update(misses=FLOOD)
    assert statements(code) == statements(near) == statements(new_receipt_code())
    assert len(statements(code)) == 1


def test_night_forgets_who_guessed(world: World) -> None:
    guess(1)
    guess(1, THERE)
    ReceiptGuesses.objects.filter(pk=ReceiptGuesses.objects.first().pk).update(
        began_at=datetime.datetime.now(datetime.UTC) - 2 * WINDOW
    )

    tidy_guesses()

    assert ReceiptGuesses.objects.count() == 1
    assert HERE.encode() not in bytes(ReceiptGuesses.objects.get().address_key)


def test_count_beyond_the_flood_refused_by_its_guard(world: World) -> None:
    guess(1)

    with refused_by("receipt_guesses_bounded"):
        execute(f"UPDATE reports_receiptguesses SET misses = {FLOOD} + 1")
    drop_guard("receipt_guesses_bounded")

    assert execute(f"UPDATE reports_receiptguesses SET misses = {FLOOD} + 1") == 1
