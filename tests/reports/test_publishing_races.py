"""Publishing among others, on real transactions: numbers without gaps, days that are closed before they are read."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from core.commands import Act, violated_guard
from donations.models import CustodyEntry
from reports.errors import PeriodsOverlap
from reports.models import Bulletin
from reports.services import draft_bulletin, publish_bulletin, submit_bulletin
from reports.signing import installed_signer, key_in_use
from reports.snapshot import snapshot
from tests.cloned import together
from tests.plain_sql import drop_guard, execute, refused_by
from tests.reports.play import DAY, Play
from tests.world import TODAY, World, item


def submitted(world: World, start: Any = TODAY, end: Any = TODAY) -> Bulletin:
    act = world.act("publisher")
    with transaction.atomic():
        draft = draft_bulletin(act=act, campaign=world.campaign, period_start=start, period_end=end)
        return submit_bulletin(act=act, bulletin=draft)


def publish(bulletin: Bulletin, act: Act, *, before_commit: Callable[[], Any] = bool) -> Bulletin:
    with transaction.atomic():
        done = publish_bulletin(act=act, bulletin=bulletin)
        before_commit()
        return done


def somebody_waits() -> None:
    """Come back once another session of this database waits for a lock."""
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    for _try in range(1000):
        with connection.cursor() as cursor:
            cursor.execute(waiting)
            if cursor.fetchone():
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits")


def rivalry(world: World) -> list[Any]:
    """Two publish the same days; the second begins when the first has written but not committed."""
    signer, written = world.act("signer"), threading.Event()
    key_in_use(installed_signer(), signer.at)
    first, second = submitted(world), submitted(world, TODAY - DAY)

    def hold() -> None:
        written.set()
        somebody_waits()

    def follow() -> Bulletin:
        written.wait(timeout=30)
        return publish(second, signer)

    return together([lambda: publish(first, signer, before_commit=hold), follow])


@pytest.mark.usefixtures("cloned_db")
def test_second_publisher_waits_and_learns_that_the_days_are_published() -> None:
    world = World()

    first, second = rivalry(world)

    assert first.number == 1
    assert isinstance(second, PeriodsOverlap)


@pytest.mark.usefixtures("cloned_db")
def test_publishing_waits_for_entries_under_way_and_refuses_later_ones() -> None:
    play = Play(World())
    signer, clerk = play.world.act("signer"), play.act("clerk")
    bulletin, written = submitted(play.world), threading.Event()

    def under_way() -> None:
        with transaction.atomic():
            play.give(item(quantity=7))
            written.set()
            somebody_waits()

    def follow() -> Bulletin:
        written.wait(timeout=30)
        return publish(bulletin, signer)

    _given, done = together([under_way, follow])

    assert clerk.booked == TODAY
    (line,) = json.loads(bytes(done.content))["this_period"]["medicines"]
    assert line["items"]["registered"] == 7
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        play.give(item(), act=clerk)
    assert violated_guard(caught.value) == "booking_day_open"


@pytest.mark.usefixtures("cloned_db")
def test_snapshot_sees_one_moment_and_writes_nothing() -> None:
    play = Play(World())
    play.act("clerk")

    with snapshot():
        before = CustodyEntry.objects.count()
        together([lambda: play.give(item())])
        during = CustodyEntry.objects.count()
        with connection.cursor() as cursor:
            cursor.execute("SHOW transaction_read_only")
            (read_only,) = cursor.fetchone()

    assert (before, during, CustodyEntry.objects.count(), read_only) == (0, 0, 1, "on")


@pytest.mark.usefixtures("cloned_db")
def test_older_snapshot_closes_no_days() -> None:
    """It would not see what was booked since, and the totals of the closed days would lack it for good."""
    county = World().county.pk
    statement = f"UPDATE organisation_county SET closed_through = '{TODAY}' WHERE code = '{county}'"

    with refused_by("book_read_committed"):
        execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        execute(statement)

    drop_guard("book_read_committed")
    with transaction.atomic():
        execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        assert execute(statement) == 1
