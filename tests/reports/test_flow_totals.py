"""Totals of closed days: the database carries them at each closing, and figures read through them say the same."""

from __future__ import annotations

import copy
import datetime
from typing import Any

import pytest

from inventory.verification import verify
from organisation.models import County
from reports.figures import Period, figures
from reports.flows import flows_between
from reports.models.flows import FlowTotal, MeasuredFlow
from reports.public_figures import books
from tests.plain_sql import drop_guard, execute, refused_by
from tests.reports.play import DAY, Play
from tests.world import TODAY, World, item


@pytest.fixture(scope="module")
def week(module_db: None) -> Play:
    """A week of giving, sending, handing out and taking back, nothing closed yet."""
    play = Play(World())
    for days in (-6, -3, -1, 0):
        then = play.at(days)
        given = then.give(item(quantity=40))
        then.count(given, 40)
        then.reject(given, 3)
        then.accept(given, 30)
        shipment = then.shipment(then.world.centre)
        batch = then.batch(given)
        then.dispatch(shipment, batch, 20)
        then.receive(shipment, batch, 18, missing=2)
        for age in ("65-79", "65-79", "80+"):
            then.dispense(then.world.centre, batch, 2, age=age)
        then.take_back(then.dispense(then.world.centre, batch, 1, age="80+"))
    return play


@pytest.fixture
def told(week: Play, db: None) -> Play:
    return copy.deepcopy(week)


def close(play: Play, day: datetime.date) -> None:
    County.objects.filter(pk=play.world.county.pk).update(closed_through=day)


def everything(play: Play, period: Period) -> Any:
    county = play.world.county.pk
    told = books(county, period)
    return told.found, told.townships


PERIODS = [
    Period(TODAY - a * DAY, TODAY - b * DAY)
    for a, b in [(9, 0), (9, 7), (6, 6), (6, 3), (5, 4), (3, 1), (2, 0), (0, 0)]
]
CLOSINGS = [[7], [6], [5], [1], [0], [6, 5, 4, 3, 2, 1], [5, 5, 0]]


@pytest.mark.parametrize("closings", CLOSINGS, ids=str)
def test_figures_are_the_same_whatever_is_closed(told: Play, closings: list[int]) -> None:
    before = [everything(told, period) for period in PERIODS]

    for days in closings:
        close(told, TODAY - days * DAY)

    assert [everything(told, period) for period in PERIODS] == before
    assert [found for found in verify() if found.check == "totals of closed days"] == []


def test_entries_after_a_closing_are_added_to_it(told: Play) -> None:
    close(told, TODAY - DAY)
    county, period = told.world.county.pk, Period(TODAY - 9 * DAY, TODAY)
    before = figures(county, period).counts

    given = told.give(item(quantity=7))
    close(told, TODAY)

    found = figures(county, period)
    assert found.counts.donations == before.donations + 1
    assert given.quantity == 7
    assert sum(row.items["registered"] for row in found.rows) == 4 * 40 + 7
    assert verify() == []


def test_days_told_already_are_not_told_again(told: Play) -> None:
    close(told, TODAY - DAY)
    rows = list(FlowTotal.objects.order_by("pk").values())

    close(told, TODAY - DAY)

    assert list(FlowTotal.objects.order_by("pk").values()) == rows != []


def test_figures_of_closed_days_read_no_day_rollup(told: Play) -> None:
    """However many days are closed: their rollups could be empty and the figures would be the same."""
    close(told, TODAY - DAY)
    period = Period(TODAY - 6 * DAY, TODAY - DAY)
    before = everything(told, period)
    execute("SET LOCAL session_replication_role = replica")
    for table in (
        "inventory_stockday",
        "donations_custodyday",
        "reports_transferday",
        "distribution_dispensing",
    ):
        assert execute(f"DELETE FROM {table} WHERE booked_on < '{TODAY}'") > 0
    execute("SET LOCAL session_replication_role = origin")

    assert everything(told, period) == before
    assert {found.check for found in verify()} >= {"totals of closed days", "transfers by day"}


def test_reading_takes_the_same_statements_for_any_age(told: Play, django_assert_num_queries: Any) -> None:
    for day in (TODAY - 5 * DAY, TODAY - DAY, TODAY):
        close(told, day)
        with django_assert_num_queries(3):
            figures(told.world.county.pk, Period(TODAY - 9 * DAY, TODAY))


def test_flows_of_another_county_are_not_read(told: Play) -> None:
    close(told, TODAY)
    measures = [flow.measure for flow in MeasuredFlow.objects.all()]

    assert flows_between("522622", TODAY - 9 * DAY, TODAY, measures) == []


ADDED = """INSERT INTO reports_flowtotal (county_id, flow_id, day, quantity, entries)
SELECT county_id, flow_id, day + 1, 1, 1 FROM reports_flowtotal"""
BREACHES = {
    "reports_flowtotal_kept_by_journal": [
        "UPDATE reports_flowtotal SET quantity = quantity + 1",
        "DELETE FROM reports_flowtotal",
        "TRUNCATE reports_flowtotal",
        ADDED,
    ],
    "reports_measuredflow_kept_by_journal": [
        "UPDATE reports_measuredflow SET detail = detail || '!'",
        "DELETE FROM reports_measuredflow WHERE id NOT IN (SELECT flow_id FROM reports_flowtotal)",
        "TRUNCATE reports_measuredflow CASCADE",
    ],
}


@pytest.mark.parametrize(("guard", "statement"), [(g, s) for g in BREACHES for s in BREACHES[g]])
def test_totals_are_written_by_the_closing_of_days_alone(told: Play, guard: str, statement: str) -> None:
    close(told, TODAY - DAY)
    execute("SET CONSTRAINTS ALL IMMEDIATE")

    with refused_by(guard):
        execute(statement)

    drop_guard(guard)
    drop_guard("reports_flowtotal_kept_by_journal")
    execute(statement)


TWICE = "SELECT county_id, flow_id, day, 1, 1 FROM reports_flowtotal LIMIT 1"
ROWS = {
    "flow_total_once": f"INSERT INTO reports_flowtotal (county_id, flow_id, day, quantity, entries) {TWICE}",
    "flow_total_same_county": "UPDATE reports_flowtotal SET flow_id = -id",
    "flow_place_same_county": "UPDATE reports_measuredflow SET place_id = -1 WHERE place_id IS NOT NULL",
    "flow_once": "INSERT INTO reports_measuredflow (county_id, measure, kind, source, target, detail)"
    " SELECT county_id, measure, kind, source, target, detail FROM reports_measuredflow"
    " WHERE measure = 'donation'",
}


@pytest.mark.parametrize("guard", ROWS)
def test_breach_of_totals_refused_by_its_guard(told: Play, guard: str) -> None:
    close(told, TODAY - DAY)
    drop_guard("reports_flowtotal_kept_by_journal")
    drop_guard("reports_measuredflow_kept_by_journal")

    with refused_by(guard):
        execute(ROWS[guard])

    drop_guard(guard)
    assert execute(ROWS[guard]) > 0


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE reports_flowtotal SET quantity = quantity + 1",
        "UPDATE reports_flowtotal SET entries = entries + 1",
        "DELETE FROM reports_flowtotal WHERE day = (SELECT max(day) FROM reports_flowtotal)",
        "UPDATE reports_measuredflow SET target = 'x' WHERE target = 'dispensed'",
    ],
)
def test_damaged_total_is_found_by_the_verification(told: Play, damage: str) -> None:
    close(told, TODAY - DAY)
    drop_guard("reports_flowtotal_kept_by_journal")
    drop_guard("reports_measuredflow_kept_by_journal")
    assert execute(damage) > 0

    assert {found.check for found in verify()} == {"totals of closed days"}
