"""When campaigns have to publish, by their rhythm or the county's; what is late is told to the publisher."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django.test import Client

from donations.models import Campaign
from organisation.models import Policy, Rhythm
from reports.calendar import due_days, months_after, next_day
from reports.models import Bulletin
from tests.plain_sql import drop_guard, execute, refused_by
from tests.reports.play import DAY
from tests.reports.test_api import duties
from tests.reports.test_bulletins import published
from tests.reports.test_closing_accounts import closed
from tests.reports.test_desk_pages import page_of
from tests.reports.test_unit_reports import signed as units_signed
from tests.world import TODAY, World

D = datetime.date


@pytest.mark.parametrize(
    ("rhythm", "after", "due"),
    [
        ("five_days", D(2022, 12, 28), D(2023, 1, 2)),
        ("monthly", D(2023, 1, 31), D(2023, 2, 28)),
        ("monthly", D(2022, 12, 7), D(2023, 1, 7)),
        ("quarterly", D(2022, 11, 30), D(2023, 2, 28)),
        ("quarterly", D(2023, 1, 7), D(2023, 4, 7)),
    ],
)
def test_next_day_of_publishing(rhythm: str, after: D, due: D) -> None:
    assert next_day(Rhythm(rhythm), after) == due


def test_months_end_on_the_corresponding_day() -> None:
    assert months_after(D(2023, 11, 30), 3) == D(2024, 2, 29)
    assert months_after(D(2023, 12, 31), 12) == D(2024, 12, 31)


def begun(world: World, days_ago: int, **fields: Any) -> Campaign:
    """The world's campaign as one that began some days ago."""
    world.campaign.starts_on = TODAY - days_ago * DAY
    for name, value in fields.items():
        setattr(world.campaign, name, value)
    world.campaign.save()
    return world.campaign


def calendar(world: World, **query: Any) -> list[dict[str, Any]]:
    return list(world.signed("publisher").get("bulletin-calendar/", **query).json()["results"])


def test_campaign_publishes_five_days_after_it_began(world: World) -> None:
    begun(world, 3, rhythm="five_days")

    [row] = calendar(world)

    assert row == {
        "campaign": world.campaign.code, "name": "余药捐赠", "kind": "period", "rhythm": "five_days",
        "told_through": None, "due_on": str(TODAY + 2 * DAY), "days_left": 2, "overdue": False,
    }  # fmt: skip


def test_campaign_publishes_five_days_after_its_last_bulletin(world: World) -> None:
    begun(world, 20, rhythm="five_days")
    assert duties(world, "publisher") == {"publish_late": 1}

    published(world)

    [row] = calendar(world)
    assert (row["told_through"], row["due_on"]) == (str(TODAY - DAY), str(TODAY + 5 * DAY))
    assert duties(world, "publisher") == {}


def test_campaign_that_says_nothing_follows_the_policy(world: World) -> None:
    campaign = begun(world, 40)
    Policy.objects.create(county=world.county, bulletin_rhythm="quarterly")

    [row] = calendar(world)

    assert (row["rhythm"], row["due_on"]) == ("quarterly", str(months_after(campaign.starts_on, 3)))


def test_what_is_late_is_told_to_publisher_and_signer(world: World) -> None:
    begun(world, 6, rhythm="five_days")

    assert duties(world, "publisher") == {"publish_late": 1}
    assert duties(world, "signer") == {"publish_late": 1}
    assert [row["days_left"] for row in calendar(world, overdue="true")] == [-1]
    assert calendar(world, overdue="false") == []


def test_what_is_soon_due_is_told_to_the_publisher(world: World) -> None:
    begun(world, 3, rhythm="five_days")

    assert duties(world, "publisher") == {"publish": 1}
    assert duties(world, "signer") == {}


def test_campaign_that_is_over_closes_within_three_months(world: World) -> None:
    published(world, period_end=str(TODAY))
    answer = world.signed("administrator").post(f"campaigns/{world.campaign.pk}/close/")

    [row] = calendar(world)

    assert answer.json()["closed_on"] == str(TODAY)
    assert (row["kind"], row["due_on"]) == ("closing", str(months_after(TODAY, 3)))


def test_campaign_that_is_over_tells_its_days_first(world: World) -> None:
    begun(world, 60, ends_on=TODAY - 20 * DAY, rhythm="quarterly")
    published(world, period_end=str(TODAY - 30 * DAY), period_start=str(TODAY - 60 * DAY))

    [row] = calendar(world)

    assert (row["kind"], row["told_through"]) == ("period", str(TODAY - 30 * DAY))


def test_campaign_with_a_closing_account_has_nothing_to_publish(world: World) -> None:
    published(world, period_end=str(TODAY))
    closed(world)

    assert calendar(world) == []


def test_report_by_unit_is_due_by_the_same_rhythm_once_there_was_one(world: World) -> None:
    """It is warned of like a bulletin, on its own days; who never had one is not asked for it."""
    begun(world, 20, rhythm="five_days")
    published(world)
    assert [row["kind"] for row in calendar(world)] == ["period"]
    pk = units_signed(world, period_start=str(TODAY - 20 * DAY), period_end=str(TODAY - DAY))["id"]

    bulletin, units = calendar(world)

    assert (bulletin["kind"], bulletin["due_on"]) == ("period", str(TODAY + 5 * DAY))
    assert (units["kind"], units["told_through"], units["due_on"]) == (
        "units", str(TODAY - DAY), str(TODAY + 5 * DAY),
    )  # fmt: skip
    late = due_days(world.county, Policy(county=world.county), TODAY + 6 * DAY)
    assert [(due.kind, due.overdue) for due in late] == [("period", True), ("units", True)]
    assert Bulletin.objects.get(pk=pk).number == 1


def test_report_by_unit_is_done_when_the_campaign_s_last_day_is_told(world: World) -> None:
    begun(world, 20, ends_on=TODAY - DAY)
    published(world)
    units_signed(world, period_start=str(TODAY - 20 * DAY), period_end=str(TODAY - DAY))

    assert [row["kind"] for row in calendar(world)] == ["closing"]


def test_calendar_is_the_countys_own(world: World) -> None:
    assert world.signed("publisher", foreign=True).get("bulletin-calendar/").json()["results"] == []


@pytest.mark.parametrize("campaigns", [1, 3])
def test_calendar_costs_the_same_for_any_number(
    world: World, django_assert_num_queries: Any, campaigns: int
) -> None:
    for number in range(1, campaigns):
        Campaign.objects.create(
            county=world.county, code=f"C-{number}", name="余药", starts_on=TODAY, ends_on=TODAY,
            donee=world.hospital, coordinator="局",
        )  # fmt: skip
    published(world)

    with django_assert_num_queries(2):
        found = due_days(world.county, Policy(county=world.county), TODAY)

    assert len(found) == campaigns


def test_rhythm_is_set_by_the_administrator(world: World) -> None:
    route, administrator = f"campaigns/{world.campaign.pk}/rhythm/", world.signed("administrator")

    assert administrator.put(route, {"rhythm": "five_days"}).json()["rhythm"] == "five_days"
    assert administrator.put(route, {"rhythm": ""}).json()["rhythm"] == ""
    assert administrator.put(route, {"rhythm": "daily"}).json()["errors"][0]["pointer"] == "/rhythm"
    assert world.signed("publisher").put(route, {"rhythm": ""}).status_code == 403
    assert world.signed("administrator", foreign=True).put(route, {"rhythm": ""}).status_code == 404


def test_rhythm_is_changed_on_the_campaign_s_screen(world: World) -> None:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(world.person("administrator"))
    address = f"/campaigns/{world.campaign.pk}/rhythm/"
    shown = client.get(address).content.decode()
    key = re.search(r'name="key" value="([^"]+)"', shown)[1]

    answer = client.post(address, {"/rhythm": "five_days", "key": key})

    assert (answer.status_code, answer["Location"]) == (302, "/campaigns/")
    world.campaign.refresh_from_db()
    assert world.campaign.rhythm == "five_days"
    assert f'href="{address}"' in client.get("/campaigns/").content.decode()
    assert 'value="five_days" selected' in client.get(address).content.decode()
    assert client.post(address, {"/rhythm": "daily", "key": key}).status_code == 400


def test_rhythm_of_the_county_is_policy(world: World) -> None:
    administrator = world.signed("administrator")

    assert administrator.get("policies/").json()["bulletin_rhythm"] == "monthly"
    assert administrator.put("policies/", {"bulletin_rhythm": "five_days"}).status_code == 200
    assert administrator.get("policies/").json()["bulletin_rhythm"] == "five_days"
    assert administrator.put("policies/", {"bulletin_rhythm": "never"}).status_code == 400


BREACHES = {
    "campaign_rhythm_known": "UPDATE donations_campaign SET rhythm = 'daily'",
    "campaign_closed_on_when_closed": "UPDATE donations_campaign SET closed_on = starts_on",
    "policy_bulletin_rhythm": "UPDATE organisation_policy SET bulletin_rhythm = 'daily'",
}


@pytest.mark.parametrize("guard", BREACHES)
def test_breach_of_the_calendar_refused_by_its_guard(world: World, guard: str) -> None:
    Policy.objects.create(county=world.county)

    with refused_by(guard):
        execute(BREACHES[guard])

    drop_guard(guard)
    assert execute(BREACHES[guard]) == 1


def test_screen_shows_what_is_late(world: World) -> None:
    begun(world, 7, rhythm="five_days")

    shown = page_of(world.person("publisher")).get("/bulletin-calendar/").content.decode()

    assert "2 days late" in shown
    assert Bulletin.objects.count() == 0
