"""Campaigns: a code that is the county's own, days that can be reckoned with."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from donations.models import Campaign
from tests.plain_sql import drop_guard, execute, insert, refused_by
from tests.world import TODAY, World

NEXT_YEAR = TODAY + datetime.timedelta(days=365)


def campaign(**fields: Any) -> dict[str, Any]:
    """A campaign as the API takes it."""
    return {
        "code": "C-SPRING",
        "name": "春节余药捐赠",
        "starts_on": str(TODAY),
        "ends_on": str(NEXT_YEAR),
        "donee": "P-522633-01",
        "coordinator": "从江县卫生健康局",
        **fields,
    }


def test_code_is_taken_once_in_a_county(world: World) -> None:
    administrator = world.signed("administrator")
    assert administrator.post("campaigns/", campaign()).status_code == 201

    again = administrator.post("campaigns/", campaign(name="另一次"))

    assert (again.status_code, again.json()["code"]) == (409, "campaign_code_taken")
    assert [fault["pointer"] for fault in again.json()["errors"]] == ["/code"]
    assert Campaign.objects.filter(code="C-SPRING").count() == 1


def test_code_of_another_county_is_free_and_stays_unknown(world: World) -> None:
    world.signed("administrator").post("campaigns/", campaign())

    neighbour = world.signed("administrator", foreign=True).post(
        "campaigns/", campaign(donee="P-522622-01", coordinator="黄平县卫生健康局")
    )

    assert neighbour.status_code == 201
    assert Campaign.objects.filter(code="C-SPRING").values("county").distinct().count() == 2


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"starts_on": "0001-01-01"}, "/starts_on", "day_out_of_range"),
        ({"starts_on": "1999-12-31"}, "/starts_on", "day_out_of_range"),
        ({"ends_on": "9999-12-31"}, "/ends_on", "day_out_of_range"),
        ({"ends_on": "2100-01-02"}, "/ends_on", "day_out_of_range"),
        ({"ends_on": "2023-02-30"}, "/ends_on", "impossible_day"),
        ({"ends_on": str(TODAY - datetime.timedelta(days=1))}, "/ends_on", "days_reversed"),
    ],
)
def test_absurd_days_are_refused_by_field(
    world: World, change: dict[str, str], pointer: str, code: str
) -> None:
    answer = world.signed("administrator").post("campaigns/", campaign(**change))

    faults = [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]]
    assert (answer.status_code, faults) == (400, [(pointer, code)])
    assert not Campaign.objects.filter(code="C-SPRING").exists()


@pytest.mark.parametrize("period", ["0001-01-01/0001-01-07", "9999-12-25/9999-12-31"])
def test_needs_of_an_absurd_period_are_refused(world: World, period: str) -> None:
    body = {"place": "P-522633-10", "period": period, "lines": []}

    answer = world.signed("clinic").put("needs/", body)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "day_out_of_range")
    assert answer.json()["errors"][0]["pointer"] == "/period"


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_profile_of_an_absurd_day_is_refused(world: World, day: str) -> None:
    answer = world.signed("allocator").put("clinic-profiles/P-522633-10/", {"data_date": day})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/data_date")


def row(world: World, **columns: Any) -> int:
    return insert(
        "donations_campaign",
        **{
            "county_id": world.county.pk,
            "code": "C-522633-2022",
            "name": "",
            "starts_on": TODAY,
            "ends_on": TODAY,
            "donee_id": world.hospital.pk,
            "coordinator": "",
            "contact": "",
            "supervision_phone": "",
            "categories": "[]",
            "rhythm": "",
            "state": "open",
            "version": 1,
            **columns,
        },
    )


@pytest.mark.parametrize(
    ("guard", "columns"),
    [
        ("campaign_code_once", {}),
        ("campaign_days_of_this_century", {"code": "X", "starts_on": "0001-01-01"}),
        ("campaign_days_of_this_century", {"code": "X", "ends_on": "9999-12-31"}),
    ],
)
def test_database_refuses_and_without_its_guard_would_not(
    world: World, guard: str, columns: dict[str, Any]
) -> None:
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    with refused_by(guard):
        row(world, **columns)

    drop_guard(guard)

    assert row(world, **columns)
