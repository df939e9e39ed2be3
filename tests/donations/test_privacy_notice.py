"""What donors are told of their data: the county's words or the programme's, in public and in short."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from donations.models import PrivacyNotice
from organisation.models import Policy
from tests.donations.test_receipts import receipt, texts
from tests.plain_sql import drop_guard, execute, refused_by
from tests.world import World, donation

OWN = "本县自行告知：\n姓名仅用于出具凭证。"


def put(world: World, **fields: Any) -> Any:
    return world.signed("administrator").put("privacy-notice/", {"text": OWN, **fields})


def public(code: str = "522633", language: str = "zh-hans") -> Any:
    answer = Client().get(f"/counties/{code}/privacy/", {"language": language})
    return answer.status_code, answer.content.decode()


def test_programme_tells_all_that_the_law_asks_for(world: World) -> None:
    world.campaign.contact = "0855-6410000"
    world.campaign.save()

    told = world.signed("clerk").get("privacy-notice/").json()

    text = "\n".join(told["paragraphs"])
    assert (told["is_own"], told["number"], told["address"]) == (
        False, 0, "http://127.0.0.1:8000/counties/522633/privacy/",
    )  # fmt: skip
    for part in (
        "从江县卫生健康局",
        "0855-6410000",
        "第十三条",
        "召回",
        "单独同意",
        "1096 天",
        "撤回",
        "更正",
        "删除",
    ):
        assert part in text, part


def test_county_that_keeps_names_says_so(world: World) -> None:
    Policy.objects.create(county=world.county, identity_days=0)

    text = "\n".join(world.signed("clerk").get("privacy-notice/").json()["paragraphs"])

    assert "至您要求删除为止" in text
    assert "天" not in text.partition("保存多久")[2].partition("您的权利")[0]


def test_county_answers_where_its_campaign_names_nobody(world: World) -> None:
    Policy.objects.create(county=world.county, supervision_phone="0855-6419999")
    world.campaign.supervision_phone = ""
    world.campaign.save()

    text = "\n".join(world.signed("clerk").get("privacy-notice/").json()["paragraphs"])

    assert "0855-6419999" in text


def test_public_page_is_in_both_languages_and_of_its_county(world: World) -> None:
    status, chinese = public()

    assert (status, "从江县卫生健康局" in chinese, "您的权利" in chinese) == (200, True, True)
    assert "Your rights" in public(language="en")[1]
    assert "从江县" not in public(world.neighbour.pk)[1]
    assert public("000000")[0] == 404


def test_county_sets_its_own_words_and_takes_them_back(world: World) -> None:
    told = put(world, text_en="Our own words.", number=0).json()

    assert (told["number"], told["is_own"], told["paragraphs"]) == (1, True, OWN.split("\n"))
    assert "姓名仅用于出具凭证" in public()[1]
    assert "Our own words." in public(language="en")[1]
    assert "姓名仅用于出具凭证" not in public(world.neighbour.pk)[1]
    assert put(world, number=0).json()["code"] == "stale"
    assert put(world, text="", number=1).json()["is_own"] is False
    assert list(PrivacyNotice.objects.order_by("number").values_list("number", "text")) == [(1, OWN), (2, "")]


def test_own_words_are_shown_as_text(world: World) -> None:
    put(world, text="<script>alert(1)</script>")

    assert "<script>alert" not in public()[1]
    assert "<script>alert" not in public(language="en")[1]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"text": "字" * 6001}, "/text"),
        ({"text": "a\x00b"}, "/text"),
        ({"number": -1}, "/number"),
        ({"text": 5}, "/text"),
    ],
)
def test_words_that_do_not_fit_are_refused(world: World, fields: Any, pointer: str) -> None:
    answer = put(world, **fields)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)
    assert PrivacyNotice.objects.count() == 0


def test_counter_and_receipt_say_it_in_short_and_where_it_stands(world: World) -> None:
    client = Client()
    client.force_login(world.person("clerk"))
    page = client.get("/intake/").content.decode()
    made = world.signed("clerk").post("donations/", donation()).json()

    papers = ["".join("".join(texts(receipt(world, made, size))).split()) for size in ("a5", "80mm")]

    assert 'href="/counties/522633/privacy/"' in page
    assert "1096" in page
    for paper in papers:
        assert "隐私告知" in paper
        assert "期满自动匿名" in paper
        assert "/counties/522633/privacy/" in paper


def test_screens_show_and_change_it(world: World) -> None:
    client = Client()
    client.force_login(world.person("administrator"))

    sent = client.post("/privacy-notice/set/", {"/text": OWN, "/number": "0"})

    assert sent.status_code == 302
    assert "姓名仅用于出具凭证" in client.get("/privacy-notice/").content.decode()


GUARDED = {
    "UPDATE donations_privacynotice SET text = 'x'": "donations_privacynotice_append_only",
    "DELETE FROM donations_privacynotice": "donations_privacynotice_append_only",
    "INSERT INTO donations_privacynotice (county_id, number, text, text_en, set_by, set_on)"
    " SELECT county_id, number, text, text_en, set_by, set_on FROM donations_privacynotice"
    "": "privacy_notice_numbered_once",
    "INSERT INTO donations_privacynotice (county_id, number, text, text_en, set_by, set_on)"
    " SELECT county_id, number + 1, '', 'English', set_by, set_on FROM donations_privacynotice"
    "": "privacy_notice_chinese_first",
}


@pytest.mark.parametrize(("statement", "guard"), GUARDED.items())
def test_wordings_stay_as_they_were_written(world: World, statement: str, guard: str) -> None:
    put(world)

    with refused_by(guard):
        execute(statement)
    drop_guard(guard)
    assert execute(statement) == 1


def test_anonymous_reader_gets_no_form(world: World) -> None:
    assert APIClient().get("/api/v1/privacy-notice/").status_code == 401
    assert world.signed("clerk").put("privacy-notice/", {"text": OWN}).status_code == 403
