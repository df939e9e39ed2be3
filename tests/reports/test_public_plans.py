"""Published plans: anyone reads who got what and why, and nobody reads any other."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from distribution.models import Plan
from tests.distribution.stock import order, profile, stock
from tests.plain_sql import drop_guard, execute, refused_by
from tests.world import World


def approved_plan(world: World) -> int:
    """300 tablets for two villages that need 200 and 400; 60 more expire before anybody can take them."""
    stock(world, 300)
    stock(world, 60, lot="SOON", days=2)
    profile(world, world.villages[0], population=100)
    profile(world, world.villages[1], population=200)
    allocator = world.signed("allocator")
    plan: int = allocator.post("plans/", order()).json()["id"]
    assert allocator.post(f"plans/{plan}/submit/").status_code == 200
    assert world.signed("approver").post(f"plans/{plan}/approve/").status_code == 200
    return plan


def published_plan(world: World) -> int:
    """The number by which the public knows it."""
    plan = approved_plan(world)
    assert world.signed("approver").post(f"plans/{plan}/publish/").status_code == 200
    shown = world.signed("approver").get(f"plans/{plan}/").json()
    return int(shown["public_id"])


def public(path: str, **query: Any) -> Any:
    return Client().get(f"/api/v1/public/{path}", query)


def test_published_plan_says_who_got_what_and_why(world: World) -> None:
    plan = published_plan(world)

    rows = public(f"plans/{plan}/clinics/").json()["results"]

    got = [
        (row["clinic_name"], row["name"], row["need"], row["allotted"], row["level_after"]) for row in rows
    ]
    assert got[1:] == [
        ("干团村卫生室", "布洛芬片", 200, 100, 50),
        ("宰门村卫生室", "布洛芬片", 400, 200, 50),
    ]
    assert rows[1]["explanation_zh"] == (
        "本次各点均补足至14天需求的50%；贵单位受库存数量限制。需求据服务人群资料估算。"
    )
    assert "50" in rows[1]["explanation_en"]


def test_published_plan_carries_its_cuts_and_what_was_left(world: World) -> None:
    plan = published_plan(world)

    told = public(f"plans/{plan}/").json()

    assert told["cuts"]["medicines"]["M009a"]["cuts"]
    assert [(left["quantity"], left["reason"]) for left in told["leftovers"]] == [(60, "unusable")]
    assert told["published_on"] == told["approved_on"]
    assert not {"planned_by", "approved_by", "published_by"} & set(told)


@pytest.mark.parametrize("stage", ["draft", "approved"])
def test_plan_that_is_not_published_is_not_there(world: World, stage: str) -> None:
    plan = approved_plan(world)
    if stage == "draft":
        plan = world.signed("allocator").post("plans/", order()).json()["id"]

    hidden = Plan.objects.get(pk=plan).public_number
    paths = [
        path
        for number in (plan, hidden)
        for path in (
            f"/api/v1/public/plans/{number}/", f"/api/v1/public/plans/{number}/clinics/", f"/shares/{number}/",
        )
    ]  # fmt: skip

    assert [Client().get(path).status_code for path in paths] == [404] * 6
    assert public("plans/", county="522633").json()["results"] == []


def test_plan_is_published_once_and_by_who_may_approve(world: World) -> None:
    plan = approved_plan(world)

    assert world.signed("allocator").post(f"plans/{plan}/publish/").status_code == 403
    answers = [world.signed("approver").post(f"plans/{plan}/publish/") for _n in range(2)]

    assert [answer.status_code for answer in answers] == [200, 409]
    assert answers[1].json()["code"] == "already_published"


def test_draft_is_not_published(world: World) -> None:
    stock(world, 100)
    profile(world, world.villages[0])
    plan = world.signed("allocator").post("plans/", order()).json()["id"]

    answer = world.signed("approver").post(f"plans/{plan}/publish/")

    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_plan_state")
    assert Plan.objects.get(pk=plan).published_on is None


def test_plan_of_another_county_is_not_there(world: World) -> None:
    plan = approved_plan(world)

    assert world.signed("approver", foreign=True).post(f"plans/{plan}/publish/").status_code == 404


def test_plan_given_up_afterwards_stays_readable(world: World) -> None:
    plan = published_plan(world)
    pk = Plan.objects.get().pk

    assert world.signed("approver").post(f"plans/{pk}/cancel/").status_code == 200

    assert public(f"plans/{plan}/").status_code == 200


def test_lists_name_the_county_and_filter(world: World) -> None:
    plan = published_plan(world)

    assert [row["id"] for row in public("plans/", county="522633").json()["results"]] == [plan]
    assert public("plans/", county="522622").json()["results"] == []
    assert public("plans/", county="999999").status_code == 404
    assert public(f"plans/{plan}/clinics/", clinic="P-522633-11").json()["count"] == 1
    table = public(f"plans/{plan}/clinics/", format="csv")
    lines = list(csv.reader(io.StringIO(b"".join(table.streaming_content).decode("utf-8-sig"))))
    assert len(lines) == 1 + public(f"plans/{plan}/clinics/").json()["count"]


@pytest.mark.parametrize(
    ("language", "words"), [("zh-hans", "本县在有效期内用不完"), ("en", "Nobody can use in time")]
)
def test_page_says_it_in_words(world: World, language: str, words: str) -> None:
    plan = published_plan(world)

    listed = Client().get(f"/counties/522633/plans/?language={language}")
    shown = Client().get(f"/shares/{plan}/?language={language}")

    assert f'href="/shares/{plan}/?language={language}"' in listed.content.decode()
    said = shown.content.decode()
    assert words in said
    assert said.count("宰门村卫生室") == 1
    assert not shown.cookies
    assert "public" in shown["Cache-Control"]


def test_page_of_the_plan_offers_to_publish_it_once(world: World) -> None:
    plan = approved_plan(world)
    client = Client()
    client.force_login(world.person("approver"))
    path = f"/plans/{plan}/publish/"
    assert path in client.get(f"/plans/{plan}/").content.decode()

    assert client.post(path, {"key": "00000000-0000-4000-8000-000000000009"}).status_code == 302

    assert path not in client.get(f"/plans/{plan}/").content.decode()


def test_plan_nobody_approved_is_not_published_past_the_service(world: World) -> None:
    stock(world, 100)
    profile(world, world.villages[0])
    plan = world.signed("allocator").post("plans/", order()).json()["id"]
    breach = "UPDATE distribution_plan SET published_by = 1, published_on = planned_on WHERE id = %s"

    with refused_by("plan_published_once_approved"):
        execute(breach, [plan])
    with transaction.atomic():
        drop_guard("plan_published_once_approved")
    assert execute(breach, [plan]) == 1


def test_what_needs_are_met_without_is_not_offered_to_neighbours(world: World) -> None:
    stock(world, 700)
    plan = published_plan(world)
    assert {left["reason"] for left in public(f"plans/{plan}/").json()["leftovers"]} == {
        "unusable",
        "surplus",
    }

    shown = Client().get(f"/shares/{plan}/?language=en").content.decode()

    (offered,) = re.findall(r"neighbours are offered:(.*?)</p>", shown, re.S)
    assert " ".join(offered.split()).startswith("60 片")
    assert "、" not in offered
