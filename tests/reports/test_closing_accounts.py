"""The closing account (总公示) of a campaign, and the archive of all its bulletins."""

from __future__ import annotations

import base64
import copy
import io
import json
import os
import random
import zipfile
from typing import Any

import pypdfium2
import pytest
from rest_framework.test import APIClient

from config.housekeeping import keep_house
from reports import verify_bulletin
from reports.files.archive import zip_bytes
from reports.ledger_days import seal_days
from reports.models import Bulletin, BulletinFile
from reports.queries import lacking_files
from reports.seal import Signer, canonical
from reports.signing import make_files
from tests.plain_sql import NOW, drop_guard, execute, refused_by
from tests.reports.play import DAY, Play, edition
from tests.reports.test_bulletin_files import check, failures, get, public_key, two_days
from tests.reports.test_bulletins import content_of, published
from tests.reports.test_content_schema import faults
from tests.reports.test_corrections import corrected, new_phone
from tests.reports.test_desk_pages import fill, page_of
from tests.reports.test_notice import together
from tests.world import TODAY, World

TAMPERINGS = 1000 if os.environ.get("LONG") else 100


def end(world: World) -> None:
    world.campaign.state = "closed"
    world.campaign.save(update_fields=["state"])


def closing(world: World, **fields: Any) -> Any:
    return world.signed("publisher").post("bulletins/closing/", {"campaign": world.campaign.code, **fields})


def closed(world: World) -> dict[str, Any]:
    """A campaign told to its end, and its closing account published."""
    end(world)
    pk = closing(world).json()["id"]
    world.signed("publisher").post(f"bulletins/{pk}/submit/")
    answer = world.signed("signer").post(f"bulletins/{pk}/publish/")
    assert answer.status_code == 200, answer.json()
    return dict(answer.json())


@pytest.fixture(scope="module")
def kept(module_db: None) -> Play:
    """Two bulletins and a correction of the first; nothing is left to publish."""
    story = two_days(Play(World()))
    first = published(story.world)
    published(story.world, period_start=str(TODAY), period_end=str(TODAY))
    new_phone(story.world)
    corrected(story.world, first["id"])
    return story


@pytest.fixture
def told(kept: Play, db: None) -> Play:
    return copy.deepcopy(kept)


def archive(pk: int) -> bytes:
    answer = get(f"public/bulletins/{edition(pk)}.archive.zip")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    return bytes(answer.content)


def test_closing_account_tells_the_whole_campaign(told: Play) -> None:
    last = content_of(Bulletin.objects.get(number=2).pk)

    bulletin = closed(told.world)

    content = content_of(bulletin["id"])
    assert (bulletin["kind"], bulletin["number"]) == ("closing", 4)
    assert content["this_period"] == content["cumulative"]
    assert content["cumulative"]["period"] == {"from": str(TODAY - 60 * DAY), "to": str(TODAY)}
    assert content["cumulative"]["medicines"] == last["cumulative"]["medicines"]
    assert sum(row["quantity"] for row in content["received"]) == 40
    assert faults(content) == []


def test_closing_account_names_what_is_not_closed(told: Play) -> None:
    content = content_of(closed(told.world)["id"])

    named = {(row["account"], row["state"]): row["quantity"] for row in content["not_closed"]}
    assert named == {("rejects", "in_bin"): 8, ("stock", "available"): 10 + 7}


def test_closing_account_is_printed_as_one_account_of_the_whole(told: Play) -> None:
    pk = closed(told.world)["id"]

    said = together(pypdfium2.PdfDocument(get(f"public/bulletins/{edition(pk)}.pdf").content))

    assert "接收使用情况的总公示（第4期）" in said
    assert "四、尚未办结情况" in said
    assert "布洛芬片0.1g不合格待处理8片" in said
    assert "本期" not in said


def test_closing_account_verifies_with_the_bulletin_before(told: Play) -> None:
    pk = closed(told.world)["id"]
    endings = ("json", "seal.json", "csv", "xlsx", "pdf")
    files = {f"{pk}.{ending}": get(f"public/bulletins/{edition(pk)}.{ending}").content for ending in endings}
    before = Bulletin.objects.get(number=3).pk

    report = check(
        {**files, "before.json": get(f"public/bulletins/{edition(before)}.json").content}, public_key(told)
    )

    assert failures(report) == []
    assert any("尚未办结的均已列明" in line for line in report.lines)


def test_closing_account_that_hides_what_stands_is_detected(told: Play) -> None:
    content = content_of(closed(told.world)["id"])
    del content["not_closed"][0]

    report = verify_bulletin.Report()
    verify_bulletin.check_bulletin(report, content, canonical(content))

    assert [line for line in failures(report) if "尚未办结" in line]


def test_archive_holds_every_edition_and_verifies(told: Play) -> None:
    seal_days(told.world.county.pk)
    pk = closed(told.world)["id"]

    data = archive(pk)

    with zipfile.ZipFile(io.BytesIO(data)) as book:
        names, readme = book.namelist(), book.read("README.zh.txt").decode()
        contents = json.loads(book.read("contents.json"))
    year = TODAY.year
    held = {
        f"editions/{year}-00{number}/bulletin-522633-{year}-{number}.{ending}"
        for number in range(1, 5)
        for ending in ("json", "seal.json", "csv", "datapackage.json", "xlsx", "pdf")
    }
    tables = {"README.zh.txt", "README.en.txt", "contents.json", "contents.seal.json"}
    assert set(names) == {*held, *tables, "keys.json", "ledger-days.json", "verify_bulletin.py"}
    assert {entry["name"] for entry in contents["files"]} == set(names) - {
        "contents.json",
        "contents.seal.json",
    }
    assert f"{year}年第3期 更正公示（更正{year}年第1期）" in readme
    report = check({"archive.zip": data}, public_key(told))
    assert failures(report) == []
    assert sum("全部数字与 JSON 一致" in line for line in report.lines) == 2 * 4


def test_archive_is_a_published_file(told: Play) -> None:
    pk = closed(told.world)["id"]
    kept = BulletinFile.objects.get(bulletin=pk, name="archive.zip")

    seal = get(f"public/bulletins/{edition(pk)}.seal.json").json()
    answer = get(f"public/verify/{kept.sha256}/").json()
    page = APIClient().get(f"/bulletins/{edition(pk)}/").content.decode()

    assert kept.sha256 in {file["sha256"] for file in seal["files"]}
    assert (answer["file"], answer["bulletin"]["id"]) == ("archive.zip", edition(pk))
    assert answer["bulletin"]["files"]["archive.zip"] == f"/api/v1/public/bulletins/{edition(pk)}.archive.zip"
    assert kept.sha256 in page


def test_same_files_make_the_same_archive(told: Play) -> None:
    pk = closed(told.world)["id"]
    before = archive(pk)
    drop_guard("reports_bulletinfile_append_only")
    BulletinFile.objects.filter(name="archive.zip").delete()

    make_files(Bulletin.objects.get(pk=pk), NOW)

    assert archive(pk) == before


def test_archive_that_is_missing_is_made_at_night(told: Play) -> None:
    pk = closed(told.world)["id"]
    drop_guard("reports_bulletinfile_append_only")
    BulletinFile.objects.filter(name="archive.zip").delete()
    assert [bulletin.pk for bulletin in lacking_files(told.world.county.pk)] == [pk]

    keep_house(told.world.county.pk, TODAY)

    assert not lacking_files(told.world.county.pk)


def test_ordinary_bulletin_has_no_archive(told: Play) -> None:
    pk = Bulletin.objects.get(number=1).pk

    assert "archive.zip" not in get("public/bulletins/").json()["results"][0]["files"]
    assert not BulletinFile.objects.filter(bulletin=pk, name="archive.zip").exists()


def repacked(data: bytes, name: str, part: bytes | None) -> bytes:
    """The same archive with one file changed, or left out."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        files = {entry: book.read(entry) for entry in book.namelist()}
    if part is None:
        del files[name]
    else:
        files[name] = part
    return zip_bytes(files)


def test_every_changed_byte_of_an_archive_is_detected(told: Play) -> None:
    data, key = archive(closed(told.world)["id"]), public_key(told)
    chance = random.Random(6)
    for _time in range(TAMPERINGS):
        at = chance.randrange(len(data))
        spoilt = bytearray(data)
        spoilt[at] ^= 1 << chance.randrange(8)
        report = check({"archive.zip": bytes(spoilt)}, key)
        assert report.failed, at


def test_archive_packed_anew_by_another_is_detected(told: Play) -> None:
    data, key = archive(closed(told.world)["id"]), public_key(told)
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        names = book.namelist()
    chosen = [name for name in names if "editions" not in name] + names[-6:]
    for at, name in enumerate(chosen):
        assert check({"a.zip": repacked(data, name, b"{}" if at % 2 else None)}, key).failed, name
    assert check({"a.zip": repacked(data, "editions/extra.txt", b"x")}, key).failed
    stranger = base64.b64encode(Signer.of(b"7" * 32).public).decode()
    assert check({"a.zip": data}, stranger).failed


def test_second_closing_account_refused(told: Play) -> None:
    end(told.world)
    assert closing(told.world).status_code == 201

    assert closing(told.world).json()["code"] == "closing_exists"


def test_closing_account_of_a_campaign_elsewhere_is_not_there(told: Play) -> None:
    body = {"campaign": told.world.campaign.code}

    assert told.world.signed("publisher", foreign=True).post("bulletins/closing/", body).status_code == 404
    assert closing(told.world, campaign="C-0").status_code == 404


def test_closing_account_is_corrected_like_any_edition(told: Play) -> None:
    old = closed(told.world)

    new_phone(told.world, "0855-54321")
    new = corrected(told.world, old["id"])

    assert (new["kind"], new["corrects"]) == ("closing", old["id"])
    assert failures(check({"a.zip": archive(new["id"])}, public_key(told))) == []


COPY = """
INSERT INTO reports_bulletin (county_id, campaign_id, kind, period_start, period_end, state, drafted_by,
    drafted_at, version)
SELECT county_id, campaign_id, 'closing', period_start, period_end, 'draft', 1, now(), 1
FROM reports_bulletin ORDER BY id DESC LIMIT 1
"""


def test_two_closing_accounts_refused_by_their_guard(told: Play) -> None:
    execute(COPY)
    drop_guard("bulletin_one_draft")

    with refused_by("bulletin_one_closing"):
        execute(COPY)

    drop_guard("bulletin_one_closing")
    assert execute(COPY) == 1


def test_screens_draft_a_closing_account(told: Play) -> None:
    end(told.world)
    publisher = page_of(told.world.person("publisher"))

    done = fill(publisher, "/bulletins/closing/", campaign=told.world.campaign.code)
    shown = publisher.get(done["Location"]).content.decode()
    again = fill(publisher, "/bulletins/closing/", campaign=told.world.campaign.code)

    assert "Not closed yet" in shown
    assert "不合格待处理" in shown
    assert again.status_code == 409
