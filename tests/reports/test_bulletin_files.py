"""Published bulletins as files, their signatures, and the program that checks them without this one."""

import base64
import datetime
import io
import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import load_workbook
from rest_framework.test import APIClient

from config.housekeeping import keep_house
from donations.models import Custody as C
from donations.models import CustodyKind as K
from reports import verify_bulletin
from reports.models import Bulletin, BulletinFile
from reports.queries import lacking_files
from reports.seal import Signer, canonical, fingerprint
from reports.signing import installed_signer, key_in_use, make_files
from tests.plain_sql import drop_guard, execute, refused_by, value
from tests.reports.play import Play, edition
from tests.reports.test_bulletins import draft, published
from tests.world import TODAY, item

ENDINGS = ("json", "seal.json", "csv", "xlsx", "pdf", "datapackage.json")
Files = dict[str, bytes]


TAMPERINGS = 1000 if os.environ.get("LONG") else 100


def get(route: str) -> Any:
    return APIClient().get(f"/api/v1/{route}")


def two_days(play: Play) -> Play:
    """Two days of the chain: given, counted, sorted, sent, handed out."""
    earlier = play.at(-2)
    given = earlier.give(item(quantity=40, lot_number="=1+1"))
    earlier.step(given, K.RECEIVED, C.AT_POINT, C.COUNTED, 38)
    earlier.step(given, K.MISSING, C.AT_POINT, C.MISSING, 2)
    earlier.accept(given, 30)
    earlier.reject(given, 8)
    clinic, batch = earlier.world.centre, earlier.batch(given)
    shipment = earlier.shipment(clinic)
    earlier.dispatch(shipment, batch, 20)
    earlier.receive(shipment, batch, 19, missing=1)
    earlier.dispense(clinic, batch, 12, recipients=6)
    return play


@pytest.fixture
def story(play: Play) -> Play:
    return two_days(play)


def saved_as(route: str) -> tuple[str, bytes]:
    """The name under which a browser saves it, and what it saves."""
    answer = get(route)
    assert answer.status_code == 200, (route, answer.content)
    name = answer.headers["Content-Disposition"].partition("filename*=UTF-8''")[2]
    return str(name), answer.content


def downloads(play: Play, pk: int) -> Files:
    """What anyone gets from the public addresses, by file name."""
    files = {}
    for ending in ENDINGS:
        answer = get(f"public/bulletins/{edition(pk)}.{ending}")
        assert answer.status_code == 200, (ending, answer.content)
        files[f"bulletin-{pk}.{ending}"] = answer.content
    return files


def public_key(play: Play) -> str:
    return str(get("public/keys/").json()["keys"][0]["public_key"])


def check(files: Files, key: str) -> verify_bulletin.Report:
    return verify_bulletin.verify(files, verify_bulletin.read_keys([key]))


def failures(report: verify_bulletin.Report) -> list[str]:
    return [line for line in report.lines if line.startswith("✗")]


def leaves(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of every whole number."""
    if isinstance(tree, dict):
        for name, inner in tree.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(tree, list):
        for index, inner in enumerate(tree):
            yield from leaves(inner, (*path, index))
    elif type(tree) is int:
        yield path


def changed(content: dict[str, Any], path: tuple[Any, ...], by: int = 1) -> dict[str, Any]:
    copy = json.loads(json.dumps(content))
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] += by
    return dict(copy)


def sealed_again(files: Files, content: dict[str, Any], signer: Signer) -> Files:
    """The same downloads with another content, hashed and signed anew by whoever holds `signer`."""
    seal_name = next(name for name in files if name.endswith("seal.json"))
    json_name = seal_name.replace("seal.json", "json")
    sealed, seal = canonical(content), json.loads(files[seal_name])
    seal |= {
        "sha256": fingerprint(sealed),
        "key": signer.key_id,
        "signature": base64.b64encode(signer.sign(sealed)).decode(),
        "files": [],
    }
    return {json_name: sealed, seal_name: canonical(seal)}


def test_downloads_of_a_bulletin_verify(story: Play) -> None:
    bulletin = published(story.world)
    files = downloads(story, bulletin["id"])

    report = check(files, public_key(story))

    assert failures(report) == []
    assert sum("全部数字与 JSON 一致" in line for line in report.lines) == 2
    assert sum("描述的是本期的 CSV" in line for line in report.lines) == 1
    assert bulletin["sha256"] == fingerprint(files[f"bulletin-{bulletin['id']}.json"])


def test_verifier_runs_without_the_project(story: Play, tmp_path: Path) -> None:
    """By the command that stands on the page, in a folder of what the links beside it save."""
    published(story.world)
    pk = published(story.world, period_start=str(TODAY), period_end=str(TODAY))["id"]
    page = APIClient().get(f"/bulletins/{edition(pk)}/").content.decode()
    links = set(re.findall(r'href="/api/v1/(public/(?:bulletins/|verify_bulletin)[^"]+)"', page))
    for name, content in map(saved_as, links):
        (tmp_path / name).write_bytes(content)
    _python, *command = re.search(r"<pre>(python verify_bulletin.py [^<]+)</pre>", page)[1].split()

    def run() -> Any:
        program = [sys.executable, "-I", *command]
        return subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=False)

    whole = run()
    stem = f"bulletin-522633-{TODAY.year}-2"
    table = tmp_path / f"{stem}.csv"
    table.write_bytes(table.read_bytes()[:-3])
    broken = run()

    assert (whole.returncode, whole.stdout.splitlines()[-1]) == (0, "✓ 核验通过 everything checked holds"), (
        whole
    )
    assert f"<pre>{whole.stdout.splitlines()[-1]}</pre>" in page
    assert "与上一期相连" in whole.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [f"{stem}.{ending}" for ending in ENDINGS]
        + [f"bulletin-522633-{TODAY.year}-1.json", "verify_bulletin.py"]
    )
    resource = json.loads((tmp_path / f"{stem}.datapackage.json").read_text())["resources"][0]
    assert resource["path"] == table.name
    assert (broken.returncode, broken.stdout.splitlines()[-1]) == (1, "✗ 核验未通过 does NOT hold")


def test_key_is_dated_by_what_it_signed_first(story: Play) -> None:
    """Also where something signed later was written first."""
    key_in_use(installed_signer(), timezone.now() + datetime.timedelta(days=3))
    pk = published(story.world)["id"]

    [key] = get("public/keys/").json()["keys"]

    assert key["first_used_at"] == f"{Bulletin.objects.get(pk=pk).published_at:%Y-%m-%dT%H:%M:%SZ}"


def test_second_bulletin_verifies_with_the_first(story: Play) -> None:
    first = published(story.world)
    second = published(story.world, period_start=str(TODAY), period_end=str(TODAY))
    files = downloads(story, second["id"])
    before = {"before.json": downloads(story, first["id"])[f"bulletin-{first['id']}.json"]}

    report = check({**files, **before}, public_key(story))

    assert failures(report) == []
    assert any("与上一期相连" in line for line in report.lines)


def test_another_bulletin_before_is_seen(story: Play) -> None:
    first = published(story.world)
    second = published(story.world, period_start=str(TODAY), period_end=str(TODAY))
    content = json.loads(downloads(story, first["id"])[f"bulletin-{first['id']}.json"])
    forged = {"before.json": canonical({**content, "as_of": "2020-01-01T00:00:00Z"})}

    report = check({**downloads(story, second["id"]), **forged}, public_key(story))

    assert failures(report)


@pytest.mark.parametrize("ending", ENDINGS)
def test_any_changed_byte_is_seen(story: Play, ending: str) -> None:
    files, key = downloads(story, pk := published(story.world)["id"]), public_key(story)
    name, draw = f"bulletin-{pk}.{ending}", random.Random(ending)
    unseen = []
    for _round in range(TAMPERINGS):
        content = bytearray(files[name])
        place = draw.randrange(len(content))
        content[place] ^= draw.randrange(1, 256)
        tampered = {**files, name: bytes(content)}
        if not check(tampered, key).failed:
            unseen.append(place)

    assert unseen == []


def test_any_changed_figure_is_seen_without_the_key(story: Play) -> None:
    files, key = downloads(story, pk := published(story.world)["id"]), public_key(story)
    content = json.loads(files[f"bulletin-{pk}.json"])
    stranger = Signer.of(bytes(range(32)))

    unseen = [
        path
        for path in leaves(content)
        if not check(sealed_again(files, changed(content, path), stranger), key).failed
    ]

    assert unseen == []


def test_a_changed_account_is_seen_even_if_the_publisher_signs_it(story: Play) -> None:
    """Whoever holds the key may sign what he likes, but not accounts that do not add up."""
    files = downloads(story, pk := published(story.world)["id"])
    content = json.loads(files[f"bulletin-{pk}.json"])
    signer = Signer.of(bytes(range(32)))
    key = base64.b64encode(signer.public).decode()
    accounts = [
        path
        for path in leaves(content)
        if "medicines" in path or path[0] in ("received", "allotted", "townships")
    ]

    assert not check(sealed_again(files, content, signer), key).failed
    unseen = [
        path
        for path in accounts
        if not check(sealed_again(files, changed(content, path), signer), key).failed
    ]

    assert len(accounts) > 80
    assert unseen == []


def test_old_signatures_hold_after_the_key_was_changed(story: Play, settings: Any) -> None:
    """The public half of every key that has signed stays; a signature is checked by its own key alone."""
    first = published(story.world)
    settings.SIGNING_KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()
    second = published(story.world, period_start=str(TODAY), period_end=str(TODAY))
    old, new = downloads(story, first["id"]), downloads(story, second["id"])
    keys = [each["public_key"] for each in get("public/keys/").json()["keys"]]
    before = {"before.json": old[f"bulletin-{first['id']}.json"]}

    def failed(files: Files, *with_keys: str) -> bool:
        return verify_bulletin.verify(files, verify_bulletin.read_keys(list(with_keys))).failed

    assert len(keys) == 2
    assert not failed(old, *keys)
    assert not failed({**new, **before}, *keys)
    assert [failed(old, key) for key in keys] != [failed(new, key) for key in keys]
    assert sorted(failed(old, key) for key in keys) == [False, True]


def test_file_of_another_bulletin_is_seen(story: Play) -> None:
    first = published(story.world)
    second = published(story.world, period_start=str(TODAY), period_end=str(TODAY))
    files, key = downloads(story, second["id"]), public_key(story)
    files[f"bulletin-{second['id']}.csv"] = downloads(story, first["id"])[f"bulletin-{first['id']}.csv"]

    assert failures(check(files, key)) == [
        f"✗ bulletin-{second['id']}.csv：与已公布的任何文件都不相同 is none of the published files"
    ]


@pytest.mark.parametrize(
    "junk", [b"", b"{}", b"[]", b"\xff\xfe", b'{"schema":"donated-medicine-bulletin/1"}']
)
def test_junk_gets_an_answer(junk: bytes) -> None:
    assert verify_bulletin.verify({"junk.json": junk}, {}).failed


def test_spreadsheet_shows_the_totals(story: Play) -> None:
    files = downloads(story, pk := published(story.world)["id"])

    book = load_workbook(io.BytesIO(files[f"bulletin-{pk}.xlsx"]))

    assert book.sheetnames == [
        "说明", "收支（本期）", "收支（累计）", "接收明细", "分配明细", "分乡镇（本期）", "分乡镇（累计）", "核对",
        "数据",
    ]  # fmt: skip
    heads, line = (list(row) for row in book["收支（本期）"].iter_rows(max_row=2, values_only=True))
    shown = dict(zip(heads, line, strict=True))
    assert (shown["接收"], shown["短少"], shown["合格"], shown["不合格"], shown["分配"]) == (40, 2, 30, 8, 20)
    assert (shown["发放"], shown["遗失"], shown["期末结存"]) == (12, 1, 17)
    assert book["接收明细"]["F2"].value == "'=1+1"


def test_data_package_describes_the_csv(story: Play) -> None:
    files = downloads(story, pk := published(story.world)["id"])

    package = json.loads(files[f"bulletin-{pk}.datapackage.json"])

    (resource,) = package["resources"]
    table = files[f"bulletin-{pk}.csv"]
    assert (resource["bytes"], resource["hash"]) == (len(table), f"sha256:{fingerprint(table)}")
    head = table.decode("utf-8-sig").splitlines()[0]
    assert head.split(",") == [field["name"] for field in resource["schema"]["fields"]]


def test_verify_address_knows_every_file(story: Play) -> None:
    files = downloads(story, pk := published(story.world)["id"])
    for ending, name in (("json", "bulletin.json"), ("csv", "bulletin.csv"), ("pdf", "bulletin.pdf")):
        sha256 = fingerprint(files[f"bulletin-{pk}.{ending}"])
        answer = get(f"public/verify/{sha256}/").json()
        assert (answer["file"], answer["bulletin"]["id"]) == (name, edition(pk))


def test_file_answers_not_modified(story: Play) -> None:
    pk = published(story.world)["id"]
    first = get(f"public/bulletins/{edition(pk)}.csv")

    again = APIClient().get(
        f"/api/v1/public/bulletins/{edition(pk)}.csv", headers={"If-None-Match": first.headers["ETag"]}
    )

    assert (again.status_code, again.content) == (304, b"")


def test_files_are_made_up_by_a_repeat(story: Play) -> None:
    """The server died between publishing and making the files: the client's repeat makes them."""
    pk = published(story.world)["id"]
    drop_guard("reports_bulletinfile_append_only")
    execute("DELETE FROM reports_bulletinfile")
    gone = get(f"public/bulletins/{edition(pk)}.csv")

    make_files(Bulletin.objects.get(pk=pk), story.act().at)
    make_files(Bulletin.objects.get(pk=pk), story.act().at)

    assert (gone.status_code, gone.json()["code"]) == (404, "file_being_made")
    assert BulletinFile.objects.filter(bulletin=pk).count() == 4
    assert failures(check(downloads(story, pk), public_key(story))) == []


def test_files_are_made_up_at_night(story: Play) -> None:
    first = published(story.world)["id"]
    published(story.world, period_start=str(TODAY), period_end=str(TODAY))
    drop_guard("reports_bulletinfile_append_only")
    execute(f"DELETE FROM reports_bulletinfile WHERE name = 'bulletin.pdf' AND bulletin_id = {first}")
    lacking = [bulletin.pk for bulletin in lacking_files(story.world.county.pk)]

    keep_house(story.world.county.pk, TODAY)

    assert lacking == [first]
    assert get(f"public/bulletins/{edition(first)}.pdf").status_code == 200
    assert not lacking_files(story.world.county.pk)


def test_draft_has_no_files(story: Play) -> None:
    assert get("public/bulletins/999999.csv").json()["code"] == "not_found"


COPY_FILE = """
INSERT INTO reports_bulletinfile (county_id, bulletin_id, name, content, sha256, key_id, signature, made_at)
SELECT county_id, {bulletin}, '{name}', {content}, sha256, key_id, signature, made_at
FROM reports_bulletinfile WHERE name = 'bulletin.csv'
"""
BREACHES = {
    "bulletin_file_once": COPY_FILE.format(bulletin="bulletin_id", name="bulletin.csv", content="content"),
    "bulletin_file_hash_of_content": COPY_FILE.format(
        bulletin="bulletin_id", name="other", content="'forged'::bytea"
    ),
    "bulletin_file_of_published": COPY_FILE.format(
        bulletin="(SELECT max(id) FROM reports_bulletin WHERE state = 'draft')", name="x", content="content"
    ),
    "reports_bulletinfile_append_only": "UPDATE reports_bulletinfile SET name = name",
    "reports_signingkey_append_only": "UPDATE reports_signingkey SET public = public",
}


@pytest.mark.parametrize("guard", BREACHES)
def test_breach_of_files_refused_by_its_guard(story: Play, guard: str) -> None:
    published(story.world)
    draft(story.world.signed("publisher"), period_start=str(TODAY), period_end=str(TODAY))
    before = value("SELECT count(*) FROM reports_bulletinfile")

    with refused_by(guard):
        execute(BREACHES[guard])

    assert value("SELECT count(*) FROM reports_bulletinfile") == before
    drop_guard(guard)
    assert execute(BREACHES[guard]) > 0


def test_publishing_unsigned_refused_by_its_guard(story: Play) -> None:
    pk = published(story.world)["id"]
    drop_guard("bulletin_frozen")
    drop_guard("bulletin_state_forward")
    unsigned = f"UPDATE reports_bulletin SET signature = NULL WHERE id = {pk}"

    with refused_by("bulletin_signed_when_published"):
        execute(unsigned)

    drop_guard("bulletin_signed_when_published")
    assert execute(unsigned) == 1
