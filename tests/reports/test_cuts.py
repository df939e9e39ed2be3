"""Figures of some places or medicines: each account closes, and the places together are the county."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from donations.models import Custody as C
from donations.models import CustodyKind as K
from donations.models import Handover
from inventory.verification import verify
from organisation.models import County
from reports.details import allotted_rows, received_rows
from reports.figures import Figures, Period, figures
from reports.flows import Cut
from reports.migrations._filling import filled_from
from reports.models.flows import FlowTotal
from tests.plain_sql import execute
from tests.reports.play import DAY, Play
from tests.world import TODAY, item

ALL = Period(TODAY - 9 * DAY, TODAY)


@pytest.fixture
def told(play: Play) -> Play:
    """Goods of two medicines that come in at the hospital and go to the centre, some of them back."""
    for days, code in ((-6, "M009a"), (-3, "M001b"), (0, "M009a")):
        then = play.at(days)
        given = then.give(item(medicine=code, quantity=40))
        then.count(given, 40)
        then.reject(given, 3)
        then.accept(given, 30)
        shipment, batch = then.shipment(then.world.centre), then.batch(given)
        then.dispatch(shipment, batch, 20)
        then.receive(shipment, batch, 15, missing=2)
        then.dispense(then.world.centre, batch, 2)
        then.take_back(then.dispense(then.world.centre, batch, 1, age="80+"))
    return play


def at(play: Play, *names: str, period: Period = ALL) -> Figures:
    places = frozenset(getattr(play.world, name).pk for name in names)
    return figures(play.world.county.pk, period, Cut(places=places))


def broken(found: Figures) -> list[Any]:
    return [identity for identity in found.identities if not identity.holds]


def close(play: Play, day: datetime.date) -> None:
    County.objects.filter(pk=play.world.county.pk).update(closed_through=day)


def sums(*found: Figures) -> dict[tuple[str | None, str], int]:
    """The columns that add up over places, by medicine."""
    added: dict[tuple[str | None, str], int] = {}
    for row in (row for each in found for row in each.rows):
        columns = {
            "registered": row.items["registered"],
            "rejected": row.items["rejected"],
            "unsorted": row.items.closing,
            "bin": row.rejects.closing,
            "accepted": row.stock["accepted"],
            "arrived": row.stock["arrived"],
            "left": row.stock["left"],
            "dispensed": row.stock["dispensed"],
            "stock": row.stock.closing,
            "road": row.road.closing,
            "lost": row.road["lost"],
            "allotted": row.allotted,
        }
        for name, units in columns.items():
            added[row.code, name] = added.get((row.code, name), 0) + units
    return {key: units for key, units in added.items() if units}


@pytest.mark.parametrize("closed", [None, 3, 0])
def test_account_of_each_place_closes_and_they_add_up(told: Play, closed: int | None) -> None:
    if closed is not None:
        close(told, TODAY - closed * DAY)

    for period in (ALL, Period(TODAY - 4 * DAY, TODAY - DAY), Period(TODAY, TODAY)):
        whole = figures(told.world.county.pk, period)
        hospital, centre = (at(told, name, period=period) for name in ("hospital", "centre"))
        assert (
            broken(hospital) == broken(centre) == broken(at(told, "hospital", "centre", period=period)) == []
        )
        assert sums(hospital, centre) == sums(whole) != {}


def test_what_passes_between_places_has_its_own_lines(told: Play) -> None:
    [_other, sender] = at(told, "hospital").rows
    [_too, receiver] = at(told, "centre").rows

    assert sender.code == receiver.code == "M009a"
    assert (sender.stock["left"], sender.stock["arrived"]) == (40, 0)
    assert sender.road.content() == {
        "opening": 0, "dispatched": 40, "received": 30, "lost": 4, "closing": 6, "closing_in_transit": 6,
    }  # fmt: skip
    assert (receiver.stock["arrived"], receiver.stock["dispensed"], receiver.stock.closing) == (30, 4, 26)
    assert (sender.allotted, sender.allotted_to) == (40, 0)
    assert (receiver.allotted, receiver.allotted_to) == (0, 40)


def test_handover_shows_at_both_ends_and_its_shortage_at_the_receiver(play: Play) -> None:
    world, given = play.world, play.give(item(quantity=40))
    handover = Handover.objects.create(
        county=world.county, from_place=world.hospital, to_place=world.centre, handed_over_on=TODAY,
        handed_over_by=play.act().actor_id,
    )  # fmt: skip
    play.step(given, K.HANDED_OVER, C.AT_POINT, C.ON_THE_WAY, 40, handover_id=handover.pk)
    away = {"handover_id": handover.pk, "place_id": world.centre.pk}
    play.step(given, K.RECEIVED, C.ON_THE_WAY, C.COUNTED, 35, **away)
    play.step(given, K.MISSING, C.ON_THE_WAY, C.MISSING, 3, **away)

    [sender], [receiver] = at(play, "hospital").rows, at(play, "centre").rows

    assert (sender.items["registered"], sender.items["handed_over"], sender.items.closing) == (40, 40, 0)
    assert (receiver.items["handed_in"], receiver.items["missing"], receiver.items.closing) == (38, 3, 35)
    assert [each for row in (sender, receiver) for each in row.identities() if not each.holds] == []


def test_cut_by_medicine_is_that_line_of_the_county(told: Play) -> None:
    county = told.world.county.pk
    whole = {row.code: row.content() for row in figures(county, ALL).rows}

    found = figures(county, ALL, Cut(medicines=frozenset({told.world.ibuprofen.pk})))

    assert [row.content() for row in found.rows] == [whole["M009a"]]
    counts = found.content()["counts"]
    assert (counts["donations"], counts["hand_outs"], counts["kinds_accepted"]) == (None, None, 1)


def test_counts_of_places_add_up(told: Play) -> None:
    whole = figures(told.world.county.pk, ALL).counts

    assert at(told, "hospital").counts.donations == whole.donations == 3
    assert at(told, "centre").counts.hand_outs_by_age == whole.hand_outs_by_age == {"65-79": 3}
    assert (at(told, "centre").counts.donations, at(told, "hospital").counts.hand_outs_by_age) == (0, {})


@pytest.mark.parametrize("name", ["hospital", "centre"])
def test_rows_of_a_cut_add_up_to_its_totals(told: Play, name: str) -> None:
    county, medicine = told.world.county.pk, told.world.ibuprofen
    cut = Cut(frozenset({getattr(told.world, name).pk}), frozenset({medicine.pk}))

    received = sum(row["units"] for row in received_rows(county, ALL, cut))
    allotted = sum(row["units"] for row in allotted_rows(county, ALL, cut))

    rows = figures(county, ALL, cut).rows
    assert received == sum(row.items["registered"] for row in rows)
    assert allotted == sum(row.allotted_to or 0 for row in rows)
    assert (received, allotted) == ((80, 0) if name == "hospital" else (0, 40))


def test_cut_takes_the_same_statements_for_any_age(told: Play, django_assert_num_queries: Any) -> None:
    for day in (TODAY - 5 * DAY, TODAY - DAY, TODAY):
        close(told, day)
        with django_assert_num_queries(3):
            at(told, "hospital", "centre")


def test_cut_of_closed_days_reads_no_day_rollup(told: Play) -> None:
    close(told, TODAY - DAY)
    period = Period(TODAY - 6 * DAY, TODAY - DAY)
    before = at(told, "centre", period=period).content()
    execute("SET LOCAL session_replication_role = replica")
    for table in ("inventory_stockday", "donations_custodyday", "reports_transferday"):
        assert execute(f"DELETE FROM {table} WHERE booked_on < '{TODAY}'") > 0
    execute("SET LOCAL session_replication_role = origin")

    assert at(told, "centre", period=period).content() == before


@pytest.mark.parametrize(("measures", "view"), [("%_at", "place_flows"), ("served", "people_flows")])
def test_books_that_closed_days_before_are_told_anew(told: Play, measures: str, view: str) -> None:
    """The migrations' step fills what closed days came to, as closing them now would have."""
    close(told, TODAY - DAY)
    kept = list(FlowTotal.objects.order_by("flow", "day").values_list("flow__measure", "day", "quantity"))
    execute("SET LOCAL session_replication_role = replica")
    execute(
        "DELETE FROM reports_flowtotal USING reports_measuredflow f WHERE f.id = flow_id"
        f" AND measure LIKE '{measures}'"
    )
    assert execute(f"DELETE FROM reports_measuredflow WHERE measure LIKE '{measures}'") > 0
    execute("SET LOCAL session_replication_role = origin")
    assert verify() != []

    with connection.cursor() as cursor:
        cursor.execute(filled_from(view))

    told_again = FlowTotal.objects.values_list("flow__measure", "day", "quantity")
    assert sorted(told_again) == sorted(kept)
    assert verify() == []


DAYS = {"from": str(ALL.start), "to": str(ALL.end)}


def test_api_tells_a_cut_for_the_period_and_since_the_campaign_began(told: Play) -> None:
    centre, reader = told.world.centre, told.world.signed("auditor")
    today = {"from": str(TODAY), "to": str(TODAY), "place": centre.code, "medicine": "M009a"}

    answer = reader.get("figures/", **today).json()

    assert answer["cut"] == {"place": centre.code, "township": None, "medicine": "M009a", "category": None}
    assert (answer["identities_hold"], answer["cumulative"]["identities_hold"]) == (True, True)
    [line], [since] = answer["medicines"], answer["cumulative"]["medicines"]
    assert (line["stock"]["arrived"], since["stock"]["arrived"]) == (15, 30)
    assert (line["stock"]["opening"], since["stock"]["opening"]) == (13, 0)
    assert (line["stock"]["closing"], since["stock"]["closing"]) == (26, 26)
    assert answer["as_of"]


def test_api_tells_a_township_and_a_category(told: Play) -> None:
    reader, centre = told.world.signed("auditor"), told.world.centre
    place = reader.get("figures/", **DAYS, place=centre.code).json()

    township = reader.get("figures/", **DAYS, township=centre.township_id).json()
    category = reader.get("figures/", **DAYS, category="antipyretic").json()

    assert township["medicines"] == place["medicines"] != []
    assert {line["category"] for line in category["medicines"]} == {"antipyretic"}


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"place": "P-000000-99"}, 404, "not_found"),
        ({"township": "999999999"}, 404, "not_found"),
        ({"medicine": "M999z"}, 404, "not_found"),
        ({"category": "sweets"}, 400, "invalid"),
    ],
    ids=lambda value: str(value),
)
@pytest.mark.parametrize("route", ["figures/", "figures/accounts/", "figures/received/", "figures/allotted/"])
def test_cut_that_is_not_there_is_refused_at_its_name(
    world: Any, route: str, asked: dict[str, str], status: int, code: str
) -> None:
    answer = world.signed("auditor").get(route, **DAYS, **asked)

    [name] = asked
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [f"/{name}"]


def test_place_of_the_neighbour_is_not_there(told: Play) -> None:
    answer = told.world.signed("auditor", foreign=True).get("figures/", **DAYS, place=told.world.centre.code)

    assert answer.status_code == 404


def test_rows_to_take_away_are_those_of_the_figures(told: Play) -> None:
    reader, centre = told.world.signed("auditor"), told.world.centre
    figure = reader.get("figures/", **DAYS, place=centre.code).json()

    rows = reader.get("figures/accounts/", **DAYS, place=centre.code).json()["results"]

    assert [row["span"] for row in rows] == ["this_period"] * 2 + ["cumulative"] * 2
    for row, line in zip(rows, figure["medicines"] + figure["cumulative"]["medicines"], strict=True):
        assert (row["arrived"], row["stock_closing"]) == (line["stock"]["arrived"], line["stock"]["closing"])
        assert (row["allotted_to"], row["handed_in"], row["identities_hold"]) == (
            line["allotted_to"],
            0,
            True,
        )


def test_screen_shows_a_place_with_what_came_from_elsewhere(told: Play) -> None:
    client = Client(headers={"Accept": "text/html", "Accept-Language": "en"})
    client.force_login(told.world.person("auditor"))

    shown = client.get("/figures/", {**DAYS, "place": told.world.centre.code}).content.decode()
    whole = client.get("/figures/", DAYS).content.decode()

    assert re.findall(r'data-head="Arrived from elsewhere">(\d+)', shown) == ["15", "30"] * 2
    assert "Arrived from elsewhere" not in whole
    assert f"/api/v1/figures/accounts/?from={ALL.start}&amp;to={ALL.end}&amp;format=csv" in whole
    assert "handed out = sum by age band: equal for 2 medicines" in shown
