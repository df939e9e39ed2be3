import hashlib
import json
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from reports.models import Bulletin
from tests.reports.play import DAY, Play
from tests.world import TODAY, Signed, World, item


def draft(publisher: Signed, **fields: Any) -> Any:
    body = {
        "campaign": "C-522633-2022",
        "period_start": str(TODAY - 10 * DAY),
        "period_end": str(TODAY - DAY),
        **fields,
    }
    return publisher.post("bulletins/", body)


def submitted(world: World, **fields: Any) -> int:
    publisher = world.signed("publisher")
    pk = draft(publisher, **fields).json()["id"]
    assert publisher.post(f"bulletins/{pk}/submit/").status_code == 200
    return pk


def published(world: World, **fields: Any) -> dict[str, Any]:
    answer = world.signed("signer").post(f"bulletins/{submitted(world, **fields)}/publish/")
    assert answer.status_code == 200, answer.json()
    return answer.json()


def content_of(pk: int) -> dict[str, Any]:
    return json.loads(bytes(Bulletin.objects.get(pk=pk).content))


def test_bulletin_drafted_submitted_and_published(play: Play) -> None:
    earlier = play.at(-2)
    given = earlier.give(item(quantity=40))
    earlier.count(given, 40)

    bulletin = published(play.world)

    row = Bulletin.objects.get(pk=bulletin["id"])
    assert (bulletin["state"], bulletin["number"], bulletin["year"]) == ("published", 1, TODAY.year)
    assert bulletin["sha256"] == hashlib.sha256(bytes(row.content)).hexdigest()
    play.world.county.refresh_from_db()
    assert play.world.county.closed_through == TODAY - DAY


def test_bulletin_content_adds_up(play: Play) -> None:
    play.register(item(quantity=40), item(medicine="M001b", quantity=7))

    content = content_of(published(play.world, period_end=str(TODAY))["id"])

    assert content["this_period"]["identities_hold"] is True
    assert [line["items"]["registered"] for line in content["this_period"]["medicines"]] == [7, 40]
    assert [row["quantity"] for row in content["received"]] == [7, 40]
    assert all(identity["holds"] for identity in content["table_identities"])
    assert len(content["table_identities"]) == 4


def test_bulletin_signed_by_its_drafter_refused(world: World) -> None:
    both = world.signed("publisher")
    world.grant(both.person, "signer")
    pk = draft(both).json()["id"]
    both.post(f"bulletins/{pk}/submit/")

    answer = both.post(f"bulletins/{pk}/publish/")

    assert (answer.status_code, answer.json()["code"]) == (403, "second_person_needed")
    assert Bulletin.objects.get(pk=pk).state == "submitted"
    world.county.refresh_from_db()
    assert world.county.closed_through is None


def test_bulletin_not_submitted_is_not_published(world: World) -> None:
    pk = draft(world.signed("publisher")).json()["id"]

    answer = world.signed("signer").post(f"bulletins/{pk}/publish/")

    assert (answer.status_code, answer.json()["code"]) == (409, "bulletin_state")


def test_bulletin_published_twice_with_one_key_is_one(world: World) -> None:
    pk, signer = submitted(world), world.signed("signer")
    key = world.act().command

    first = signer.post(f"bulletins/{pk}/publish/", key=key)
    second = signer.post(f"bulletins/{pk}/publish/", key=key)

    assert second.json() == first.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert signer.post(f"bulletins/{pk}/publish/").json()["code"] == "bulletin_state"


def test_second_bulletin_continues_the_first(play: Play) -> None:
    earlier = play.at(-3)
    given = earlier.give(item(quantity=40))
    earlier.count(given, 40)
    earlier.accept(given, 30)
    first = published(play.world)
    play.accept(given, 10)

    second = published(play.world, period_start=str(TODAY), period_end=str(TODAY))

    before, after = content_of(first["id"]), content_of(second["id"])
    assert (second["number"], after["previous_sha256"]) == (2, first["sha256"])
    for account in ("items", "rejects", "stock", "road"):
        closing = [line[account]["closing"] for line in before["this_period"]["medicines"]]
        assert closing == [line[account]["opening"] for line in after["this_period"]["medicines"]]
    assert after["this_period"]["medicines"][0]["stock"]["accepted"] == 10
    assert after["cumulative"]["medicines"][0]["stock"]["accepted"] == 40


@pytest.mark.parametrize("start", [TODAY - 5 * DAY, TODAY - DAY])
def test_bulletin_of_days_already_published_refused(world: World, start: Any) -> None:
    published(world)

    answer = draft(world.signed("publisher"), period_start=str(start), period_end=str(TODAY))

    assert (answer.status_code, answer.json()["code"]) == (409, "periods_not_consecutive")
    assert answer.json()["errors"][0]["pointer"] == "/period_start"


def test_bulletin_that_leaves_days_out_is_not_published(world: World) -> None:
    """Drafted behind another draft that was then given up."""
    published(world, period_end=str(TODAY - 3 * DAY))
    days = str(TODAY - 2 * DAY)
    between = draft(world.signed("publisher"), period_start=days, period_end=days).json()["id"]
    pk = submitted(world, period_start=str(TODAY - DAY), period_end=str(TODAY))
    world.signed("publisher").post(f"bulletins/{between}/withdraw/", {"reason": "日期有误"})

    answer = world.signed("signer").post(f"bulletins/{pk}/publish/")

    assert (answer.status_code, answer.json()["code"]) == (409, "periods_not_consecutive")
    world.county.refresh_from_db()
    assert world.county.closed_through == TODAY - 3 * DAY


def test_bulletin_of_today_moves_later_entries_to_tomorrow(play: Play) -> None:
    published(play.world, period_end=str(TODAY))

    (given,) = play.register(item())

    entry = given.custody_entries.get()
    assert (entry.business_day, entry.booked_on) == (TODAY, TODAY + DAY)
    reader = play.world.signed("auditor")
    days = {"from": str(TODAY), "to": str(TODAY + DAY)}
    assert reader.get("figures/", **days).json()["medicines"][0]["items"]["registered"] == 20


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"period_end": str(TODAY - 11 * DAY)}, 400, "days_reversed"),
        ({"period_end": str(TODAY + DAY)}, 422, "future_day"),
        ({"period_end": "2023-02-30"}, 400, "invalid"),
        ({"period_end": 20230101}, 400, "invalid"),
        ({"campaign": "C-0"}, 404, "not_found"),
        ({"number": 7}, 400, "invalid"),
        (
            {"period_start": str(TODAY - 99 * DAY), "period_end": str(TODAY - 90 * DAY)},
            422,
            "period_before_campaign",
        ),
    ],
)
def test_bulletin_with_bad_input_refused(
    world: World, fields: dict[str, Any], status: int, code: str
) -> None:
    answer = draft(world.signed("publisher"), **fields)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Bulletin.objects.count() == 0


def test_bulletin_of_another_county_is_not_there(world: World) -> None:
    pk = submitted(world)

    answer = world.signed("signer", foreign=True).post(f"bulletins/{pk}/publish/")

    assert answer.status_code == 404


def test_draft_shows_what_it_would_say(play: Play) -> None:
    play.register(item(quantity=5))
    publisher = play.world.signed("publisher")
    pk = draft(publisher, period_end=str(TODAY)).json()["id"]

    before = publisher.get(f"bulletins/{pk}/").json()

    assert before["content"]["this_period"]["medicines"][0]["items"]["registered"] == 5
    assert (before["content"]["number"], before["sha256"]) == (None, None)


FROZEN = "UPDATE reports_bulletin SET {} WHERE id = %s"


def refused(sql: str, *values: Any) -> str | None:
    """The rule by which the database refuses a statement."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
    return caught.value.__cause__.diag.constraint_name  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "change", ["content = ''", "number = 9", "state = 'draft'", "version = version + 1", "period_end = now()"]
)
def test_published_bulletin_refuses_update(world: World, change: str) -> None:
    pk = published(world)["id"]

    assert refused(FROZEN.format(change), pk) == "bulletin_frozen"


def test_published_bulletin_refuses_delete_and_truncate(world: World) -> None:
    pk = published(world)["id"]

    assert refused("DELETE FROM reports_bulletin WHERE id = %s", pk) == "bulletin_frozen"
    assert refused("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE reports_bulletin CASCADE") == "bulletin_frozen"


def test_bulletin_moves_forward_only(world: World) -> None:
    early = draft(world.signed("publisher"), period_end=str(TODAY)).json()["id"]
    pk = submitted(world)

    assert refused(FROZEN.format("state = 'published'"), early) == "bulletin_state_forward"
    assert refused(FROZEN.format("period_end = period_end - 1"), pk) == "bulletin_state_forward"
    assert refused(FROZEN.format("drafted_by = drafted_by + 1"), pk) == "bulletin_state_forward"


PUBLISH = (
    "state = 'published', signed_by = drafted_by + 1, published_at = now(), year = 2023, number = {number},"
    " content = 'x', sha256 = {sha256}"
)
RIGHT_HASH = "encode(sha256('x'), 'hex')"


@pytest.mark.parametrize(
    ("number", "sha256", "closed", "rule"),
    [
        (1, RIGHT_HASH, False, "bulletin_days_closed"),
        (2, RIGHT_HASH, True, "bulletin_number_next"),
        (1, "repeat('0', 64)", True, "bulletin_hash_of_content"),
    ],
)
def test_bulletin_published_around_the_service_refused(
    world: World, number: int, sha256: str, closed: bool, rule: str
) -> None:
    pk = submitted(world)
    if closed:
        world.county.closed_through = TODAY
        world.county.save(update_fields=["closed_through"])

    assert refused(FROZEN.format(PUBLISH.format(number=number, sha256=sha256)), pk) == rule


def test_bulletin_inserted_as_published_refused(world: World) -> None:
    pk = submitted(world)
    copy = (
        "INSERT INTO reports_bulletin (county_id, campaign_id, period_start, period_end, state, drafted_by,"
        " drafted_at, version, signed_by, published_at, year, number, content, sha256)"
        " SELECT county_id, campaign_id, period_start, period_end, 'published', 1, now(), 1, 2, now(), 2023, 1,"
        " 'x', encode(sha256('x'), 'hex') FROM reports_bulletin WHERE id = %s"
    )

    assert refused(copy, pk) == "bulletin_begins_as_draft"


def test_gap_before_a_period_is_told_when_it_is_drafted(world: World) -> None:
    """A draft that begins where another draft ends is none: the other may be signed first."""
    published(world, period_end=str(TODAY - 4 * DAY))
    publisher = world.signed("publisher")

    gap = draft(publisher, period_start=str(TODAY - 2 * DAY), period_end=str(TODAY - DAY))
    between = draft(publisher, period_start=str(TODAY - 3 * DAY), period_end=str(TODAY - 3 * DAY))
    again = draft(publisher, period_start=str(TODAY - 2 * DAY), period_end=str(TODAY - DAY))

    assert (gap.status_code, gap.json()["code"]) == (409, "periods_not_consecutive")
    assert gap.json()["errors"][0]["pointer"] == "/period_start"
    assert str(TODAY - 3 * DAY) in gap.json()["detail"]
    assert (between.status_code, again.status_code) == (201, 201)


def test_first_day_of_the_next_draft_is_the_day_after_the_last_period(world: World) -> None:
    """Not the day after the last closed one: every night closes a day."""
    published(world, period_end=str(TODAY - 4 * DAY))
    world.county.refresh_from_db()
    world.county.closed_through = TODAY - DAY
    world.county.save(update_fields=["closed_through"])
    browser = Client(headers={"Accept": "text/html"})
    browser.force_login(world.person("publisher"))

    page = browser.get("/bulletins/new/").content.decode()

    assert f'value="{TODAY - 3 * DAY}"' in page
