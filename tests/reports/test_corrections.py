"""Corrections (更正公示): a new edition that says what changed and why; the old one stays as it was signed."""

import base64
from typing import Any

import pypdfium2
import pytest
from rest_framework.test import APIClient

from organisation.models import Place
from reports.models import Bulletin
from reports.seal import Signer, canonical
from tests.plain_sql import drop_guard, execute, refused_by, value
from tests.reports.play import DAY, Play, edition
from tests.reports.test_bulletin_files import check, downloads, failures, public_key, sealed_again, story
from tests.reports.test_bulletins import content_of, draft, published
from tests.reports.test_notice import together
from tests.world import TODAY, World

__all__ = ["story"]
REASON = "监督电话有误"


def correct(world: World, pk: int, reason: Any = REASON) -> Any:
    return world.signed("publisher").post(f"bulletins/{pk}/correct/", {"reason": reason})


def corrected(world: World, pk: int) -> dict[str, Any]:
    """A correction drafted by one and signed by another."""
    new = correct(world, pk).json()["id"]
    assert world.signed("publisher").post(f"bulletins/{new}/submit/").status_code == 200
    answer = world.signed("signer").post(f"bulletins/{new}/publish/")
    assert answer.status_code == 200, answer.json()
    return answer.json()


def new_phone(world: World, phone: str = "0855-12345") -> None:
    world.campaign.supervision_phone = phone
    world.campaign.save(update_fields=["supervision_phone"])


def test_correction_is_a_new_edition_that_says_what_changed_and_why(story: Play) -> None:
    old = published(story.world)
    kept = Bulletin.objects.filter(pk=old["id"]).values().get()
    new_phone(story.world)

    new = corrected(story.world, old["id"])

    content = content_of(new["id"])
    assert (new["number"], content["previous_sha256"]) == (2, old["sha256"])
    assert (content["corrects"]["sha256"], content["corrects"]["reason"]) == (old["sha256"], REASON)
    assert content["changes"] == {
        "figures": [],
        "texts": [{"what": "campaign.supervision_phone", "before": "12345", "after": "0855-12345"}],
    }
    assert Bulletin.objects.filter(pk=old["id"]).values().get() == kept
    assert failures(check(downloads(story, old["id"]), public_key(story))) == []


def test_corrected_edition_bears_a_note(story: Play) -> None:
    old = published(story.world)
    new_phone(story.world)
    new = corrected(story.world, old["id"])

    seen = APIClient().get("/api/v1/public/bulletins/", {"county": "522633"}).json()["results"]

    assert [(each["id"], each["corrects"]) for each in seen] == [
        (edition(new["id"]), edition(old["id"])),
        (edition(old["id"]), None),
    ]
    assert seen[1]["corrected_by"] == {
        "id": edition(new["id"]),
        "year": TODAY.year,
        "number": 2,
        "reason": REASON,
    }
    assert seen[0]["corrected_by"] is None
    summary = APIClient().get("/api/v1/public/counties/522633/summary/").json()
    assert summary["bulletin"]["id"] == edition(new["id"])


def test_correction_of_figures_verifies_beside_the_old_edition(story: Play) -> None:
    old = published(story.world)
    Place.objects.filter(pk=story.world.hospital.pk).update(township=story.world.township)
    new = corrected(story.world, old["id"])
    content = content_of(new["id"])
    before = {"old.json": downloads(story, old["id"])[f"bulletin-{old['id']}.json"]}

    report = check({**downloads(story, new["id"]), **before}, public_key(story))

    moved = [
        (line["place"], line["figure"], line["before"], line["after"])
        for line in content["changes"]["figures"]
    ]
    assert ("", "received", 40, None) in moved
    assert ("522633100", "received", 0, 40) in moved
    assert failures(report) == []
    assert any("不同之处均已列明" in line for line in report.lines)


def test_correction_that_hides_a_change_is_seen(story: Play) -> None:
    old = published(story.world)
    Place.objects.filter(pk=story.world.hospital.pk).update(township=story.world.township)
    new = corrected(story.world, old["id"])
    files = downloads(story, new["id"])
    content = content_of(new["id"])
    content["changes"]["figures"].pop()
    signer = Signer.of(bytes(range(32)))
    forged = sealed_again(files, content, signer)
    forged["old.json"] = downloads(story, old["id"])[f"bulletin-{old['id']}.json"]

    report = check(forged, base64.b64encode(signer.public).decode())

    assert ["不同之处均已列明" in line for line in failures(report)] == [True]


def test_correction_of_an_older_period_leaves_the_chain_and_the_next_period(story: Play) -> None:
    first = published(story.world, period_end=str(TODAY - 2 * DAY))
    second = published(story.world, period_start=str(TODAY - DAY), period_end=str(TODAY - DAY))
    new_phone(story.world)
    third = corrected(story.world, first["id"])
    fourth = published(story.world, period_start=str(TODAY), period_end=str(TODAY))

    chain = [content_of(each["id"])["previous_sha256"] for each in (first, second, third, fourth)]

    assert chain == [None, first["sha256"], second["sha256"], third["sha256"]]
    assert [each["number"] for each in (first, second, third, fourth)] == [1, 2, 3, 4]
    before = {"third.json": downloads(story, third["id"])[f"bulletin-{third['id']}.json"]}
    assert failures(check({**downloads(story, fourth["id"]), **before}, public_key(story))) == []


def test_correction_is_itself_corrected(story: Play) -> None:
    first = published(story.world)
    new_phone(story.world)
    second = corrected(story.world, first["id"])
    new_phone(story.world, "0855-54321")

    third = corrected(story.world, second["id"])

    assert (third["number"], third["corrects"]) == (3, second["id"])
    assert correct(story.world, first["id"]).json()["code"] == "correction_open"


def test_printed_correction_says_what_and_why(story: Play) -> None:
    old = published(story.world)
    new_phone(story.world)
    new = corrected(story.world, old["id"])

    said = together(pypdfium2.PdfDocument(downloads(story, new["id"])[f"bulletin-{new['id']}.pdf"]))

    assert "更正公示（第2期）" in said
    assert f"更正{TODAY.year}年第1期公示（SHA-256：{old['sha256']}）。更正原因：{REASON}。" in said
    assert "附件5更正对照表项目原公示更正后监督电话123450855-12345" in said


@pytest.mark.parametrize("reason", ["", "   ", None, 7 * [1], "x" * 501])
def test_correction_without_a_reason_refused(story: Play, reason: Any) -> None:
    pk = published(story.world)["id"]

    answer = correct(story.world, pk, reason)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/reason")
    assert Bulletin.objects.count() == 1


def test_correction_of_a_draft_refused(world: World) -> None:
    pk = draft(world.signed("publisher")).json()["id"]

    answer = correct(world, pk)

    assert (answer.status_code, answer.json()["code"]) == (409, "bulletin_state")
    assert Bulletin.objects.count() == 1


def test_second_correction_of_an_edition_refused(world: World) -> None:
    pk = published(world)["id"]
    assert correct(world, pk).status_code == 201

    answer = correct(world, pk)

    assert (answer.status_code, answer.json()["code"]) == (409, "correction_open")
    assert Bulletin.objects.count() == 2


def test_correction_signed_by_its_drafter_refused(world: World) -> None:
    pk = published(world)["id"]
    both = world.signed("publisher")
    world.grant(both.person, "signer")
    new_phone(world)
    new = both.post(f"bulletins/{pk}/correct/", {"reason": REASON}).json()["id"]
    both.post(f"bulletins/{new}/submit/")

    answer = both.post(f"bulletins/{new}/publish/")

    assert (answer.status_code, answer.json()["code"]) == (403, "second_person_needed")


def test_correction_that_changes_nothing_is_neither_submitted_nor_signed(world: World) -> None:
    publisher, pk = world.signed("publisher"), published(world)["id"]
    new = correct(world, pk).json()["id"]
    refused = publisher.post(f"bulletins/{new}/submit/")
    new_phone(world)
    assert publisher.post(f"bulletins/{new}/submit/").status_code == 200
    new_phone(world, "12345")  # and back again, before it is signed

    answer = world.signed("signer").post(f"bulletins/{new}/publish/")

    for each in (refused, answer):
        assert (each.status_code, each.json()["code"]) == (409, "correction_changes_nothing")
    row = Bulletin.objects.get(pk=new)
    assert (row.state, row.number, row.content) == ("submitted", None, None)


def test_sealed_correction_without_a_change_refused_by_its_guard(world: World) -> None:
    old = published(world)["id"]
    new_phone(world)
    new, guard = corrected(world, old)["id"], "bulletin_correction_changes"
    empty = canonical({**content_of(new), "changes": {"figures": [], "texts": []}})
    change = f"UPDATE reports_bulletin SET content = '\\x{empty.hex()}' WHERE id = {new}"
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute("ALTER TABLE reports_bulletin DISABLE TRIGGER USER")

    with refused_by(guard):
        execute(change)

    drop_guard(guard)
    assert execute(change) == 1


def test_correction_of_another_county_is_not_there(world: World) -> None:
    pk = published(world)["id"]

    answer = world.signed("publisher", foreign=True).post(f"bulletins/{pk}/correct/", {"reason": REASON})

    assert answer.status_code == 404


def test_second_draft_for_the_same_days_refused(world: World) -> None:
    assert draft(world.signed("publisher")).status_code == 201

    answer = draft(world.signed("publisher"))

    assert (answer.status_code, answer.json()["code"]) == (409, "draft_open")
    assert answer.json()["errors"][0]["pointer"] == "/period_start"
    assert Bulletin.objects.count() == 1


COPY = """
INSERT INTO reports_bulletin (county_id, campaign_id, period_start, period_end, state, drafted_by, drafted_at,
    version, corrects_id, reason)
SELECT county_id, campaign_id, period_start, period_end, 'draft', 1, now(), 1, {corrects}, {reason}
FROM reports_bulletin WHERE state = '{state}' ORDER BY id LIMIT 1
"""
BREACHES = {
    "bulletin_one_draft": COPY.format(corrects="NULL", reason="''", state="draft"),
    "bulletin_correction_has_reason": COPY.format(corrects="id", reason="''", state="published"),
    "bulletin_corrected_once": COPY.format(corrects="id", reason="'twice'", state="published"),
    "bulletin_correction_of_published": COPY.format(corrects="id", reason="'early'", state="draft"),
}


@pytest.mark.parametrize("guard", BREACHES)
def test_breach_of_corrections_refused_by_its_guard(world: World, guard: str) -> None:
    published(world)
    draft(world.signed("publisher"), period_start=str(TODAY), period_end=str(TODAY))
    if guard == "bulletin_corrected_once":
        execute(BREACHES[guard])
    before = value("SELECT count(*) FROM reports_bulletin")

    with refused_by(guard):
        execute(BREACHES[guard])

    assert value("SELECT count(*) FROM reports_bulletin") == before
    drop_guard(guard)
    assert execute(BREACHES[guard]) == 1


def test_correction_of_a_bulletin_elsewhere_refused_by_its_guard(world: World) -> None:
    published(world)
    drop_guard("bulletin_correction_of_published")
    stray = COPY.format(corrects="-1", reason="'stray'", state="published")

    with refused_by("bulletin_corrects_same_county"):
        execute(stray)
        execute("SET CONSTRAINTS ALL IMMEDIATE")

    drop_guard("bulletin_corrects_same_county")
    assert execute(stray) == 1


def test_reason_of_a_draft_stays(world: World) -> None:
    new = correct(world, published(world)["id"]).json()["id"]
    change = f"UPDATE reports_bulletin SET reason = 'other' WHERE id = {new}"

    with refused_by("bulletin_state_forward"):
        execute(change)

    drop_guard("bulletin_state_forward")
    assert execute(change) == 1
