"""The daily checkpoint over the ledger, and that no booked day is altered without its being seen."""

import datetime
import json

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from reports.ledger_days import seal_days, verify_days
from reports.models import LedgerDay
from reports.seal import fingerprint
from tests.plain_sql import drop_guard, execute, refused_by
from tests.reports.play import DAY, Play
from tests.world import TODAY, item


@pytest.fixture
def booked(play: Play) -> Play:
    """Accepted three days ago, handed out yesterday, and more today."""
    earlier, yesterday = play.at(-3), play.at(-1)
    given = earlier.give(item(quantity=40))
    earlier.count(given, 40)
    earlier.accept(given, 30)
    yesterday.accept(given, 4)
    play.accept(given, 6)
    return play


def days() -> list[datetime.date]:
    return list(LedgerDay.objects.order_by("day").values_list("day", flat=True))


def test_every_day_that_has_passed_is_sealed_once(booked: Play) -> None:
    county = booked.world.county

    assert (seal_days(county.pk), seal_days(county.pk)) == (3, 0)

    assert days() == [TODAY - 3 * DAY, TODAY - 2 * DAY, TODAY - DAY]
    county.refresh_from_db()
    assert county.closed_through == TODAY - DAY
    contents = [json.loads(bytes(day.content)) for day in LedgerDay.objects.order_by("day")]
    assert [content["movements"] for content in contents] == [1, 0, 1]
    assert contents[1]["previous_sha256"] == LedgerDay.objects.order_by("day")[0].sha256


def test_county_without_books_has_nothing_to_seal(play: Play) -> None:
    assert seal_days(play.world.county.pk) == 0


def test_today_goes_on_after_sealing(booked: Play) -> None:
    seal_days(booked.world.county.pk)

    later = booked.give(item(quantity=5))

    assert later.donation.booked_on == TODAY
    assert verify_days(booked.world.county.pk) == []


def test_sealed_day_takes_no_entries(booked: Play) -> None:
    seal_days(booked.world.county.pk)

    with refused_by("booking_day_open"):
        execute("SELECT book_open(%s, %s)", [booked.world.county.pk, TODAY - DAY])


ALTERATIONS = {
    "quantity": "UPDATE inventory_movement SET quantity = quantity - 1 WHERE booked_on < current_date - 1",
    "actor": "UPDATE inventory_movement SET actor = actor + 1 WHERE booked_on = '{yesterday}'",
    "label": "UPDATE inventory_batch SET lot_number = 'OTHER'",
    "gone": "DELETE FROM inventory_movement WHERE booked_on = '{yesterday}'",
}


@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_altered_day_is_named(booked: Play, alteration: str) -> None:
    """By somebody who may take the guards away."""
    seal_days(booked.world.county.pk)
    drop_guard("inventory_movement_append_only")
    drop_guard("inventory_batch_append_only")
    execute("SET session_replication_role = replica")
    assert execute(ALTERATIONS[alteration].format(yesterday=TODAY - DAY)) > 0
    execute("SET session_replication_role = DEFAULT")

    broken = verify_days(booked.world.county.pk)

    assert {each.what for each in broken} == {"the movements of this day are not those that were sealed"}
    with pytest.raises(CommandError, match="do not agree"):
        call_command("verify_days")


def test_day_sealed_anew_breaks_the_chain(booked: Play) -> None:
    seal_days(booked.world.county.pk)
    drop_guard("reports_ledgerday_append_only")
    execute("DELETE FROM reports_ledgerday WHERE day = %s", [TODAY - 2 * DAY])

    broken = verify_days(booked.world.county.pk)

    assert [(each.day, each.what) for each in broken] == [
        (TODAY - DAY, "the day before is not the one that was sealed")
    ]


def test_forged_signature_is_seen(booked: Play) -> None:
    seal_days(booked.world.county.pk)
    drop_guard("reports_ledgerday_append_only")
    execute("UPDATE reports_ledgerday SET signature = sha512('x') WHERE day = %s", [TODAY - DAY])

    assert [each.what for each in verify_days(booked.world.county.pk)] == ["the signature is not valid"]


def test_sealed_days_stay(booked: Play) -> None:
    seal_days(booked.world.county.pk)

    for statement in ("UPDATE reports_ledgerday SET day = day", "DELETE FROM reports_ledgerday"):
        with refused_by("reports_ledgerday_append_only"):
            execute(statement)


def test_sealed_days_are_public(booked: Play) -> None:
    call_command("seal_days")

    answer = APIClient().get(f"/api/v1/public/counties/{booked.world.county.pk}/ledger-days/").json()

    assert [row["day"] for row in answer["results"]] == [str(day) for day in reversed(days())]
    assert all(fingerprint(row["content"].encode()) == row["sha256"] for row in answer["results"])


def test_night_s_work_seals_the_days_where_it_is_told_to(booked: Play) -> None:
    """As the trial does when it starts."""
    call_command("housekeeping", verbosity=0)
    assert not LedgerDay.objects.exists()

    call_command("housekeeping", "--seal-days", verbosity=0)

    assert LedgerDay.objects.count() == 3
    assert verify_days(booked.world.county.pk) == []
