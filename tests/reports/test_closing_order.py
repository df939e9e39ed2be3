"""When a closing account may be drafted and signed, and what may follow it."""

from __future__ import annotations

import pytest

from reports.models import Bulletin
from tests.plain_sql import drop_guard, execute, refused_by, value
from tests.reports.play import DAY, Play
from tests.reports.test_bulletins import content_of, draft, published
from tests.reports.test_closing_accounts import closed, closing, end
from tests.world import TODAY, World


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [("open", 409, "campaign_goes_on"), ("closed", 409, "campaign_not_told")],
)
def test_closing_account_too_early_refused(world: World, state: str, status: int, code: str) -> None:
    published(world, period_end=str(TODAY - 3 * DAY))
    world.campaign.state = state
    world.campaign.save(update_fields=["state"])

    answer = closing(world)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Bulletin.objects.count() == 1


def test_closing_account_drafted_before_the_last_bulletin_is_not_signed(play: Play) -> None:
    world = play.world
    published(world)
    end(world)
    pk = closing(world).json()["id"]
    world.signed("publisher").post(f"bulletins/{pk}/submit/")
    published(world, period_start=str(TODAY), period_end=str(TODAY))

    answer = world.signed("signer").post(f"bulletins/{pk}/publish/")

    assert (answer.status_code, answer.json()["code"]) == (409, "closing_days")


def test_bulletin_after_a_closing_account_continues_the_periods(play: Play) -> None:
    world = play.world
    published(world)
    first = closed(world)

    second = published(world, period_start=str(TODAY), period_end=str(TODAY))

    content = content_of(second["id"])
    assert (second["number"], content["previous_sha256"]) == (3, first["sha256"])


def test_closing_account_of_other_days_refused_by_its_guard(play: Play) -> None:
    published(play.world)
    end(play.world)
    pk = closing(play.world).json()["id"]
    execute(
        "UPDATE reports_bulletin SET period_end = period_end - 1, state = 'submitted' WHERE id = %s", [pk]
    )
    sign = (
        "UPDATE reports_bulletin SET state = 'published', signed_by = drafted_by + 1, published_at = now(),"
        " year = %s, number = 2, content = 'x', sha256 = encode(sha256('x'), 'hex'), signature = 'x',"
        " key_id = (SELECT key_id FROM reports_signingkey) WHERE id = %s"
    )

    with refused_by("bulletin_closing_ends_with_periods"):
        execute(sign, [TODAY.year, pk])

    drop_guard("bulletin_closing_ends_with_periods")
    assert execute(sign, [TODAY.year, pk]) == 1


def test_kind_of_a_bulletin_stays(world: World) -> None:
    pk = draft(world.signed("publisher")).json()["id"]

    with refused_by("bulletin_state_forward"):
        execute("UPDATE reports_bulletin SET kind = 'closing' WHERE id = %s", [pk])

    drop_guard("bulletin_state_forward")
    execute("UPDATE reports_bulletin SET kind = 'closing' WHERE id = %s", [pk])
    assert value("SELECT kind FROM reports_bulletin") == "closing"
