"""The scan of the stamped paper beside a bulletin."""

from __future__ import annotations

import json
import uuid
import zlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from reports import verify_bulletin
from reports.models import BulletinFile
from reports.seal import fingerprint
from reports.stamped import is_scan
from tests.reports.play import Play, edition
from tests.reports.test_bulletin_files import check, downloads, failures, public_key, story
from tests.reports.test_bulletins import draft, published
from tests.reports.test_desk_pages import key_in
from tests.reports.test_unit_reports import browser, signed
from tests.world import TODAY, World

__all__ = ["story"]
SCAN = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj 2 0 obj<</Type/Page>>endobj\n"
    b"3 0 obj<</Length 9>>stream\nx/JS ~~ y\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
ACTION = b"<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>"


def packed(objects: bytes) -> bytes:
    """The scan with more objects in a packed stream, as PDF 1.5 writes them."""
    stream = b"4 0 obj<</Type/ObjStm/Filter/FlateDecode>>stream\n" + objects + b"\nendstream endobj\ntrailer"
    return SCAN.replace(b"trailer", stream)


def attach(world: World, pk: int, content: bytes = SCAN, role: str = "publisher", **who: Any) -> Any:
    file = SimpleUploadedFile("scan.pdf", content)
    return world.signed(role, **who).client.post(
        f"/api/v1/bulletins/{pk}/stamped/",
        {"file": file},
        format="multipart",
        headers={"Idempotency-Key": str(uuid.uuid4())},
    )


def public(pk: int) -> Any:
    return APIClient().get(f"/api/v1/public/bulletins/{edition(pk)}.stamped.pdf")


def test_scan_is_public_with_its_hash_and_signature(story: Play) -> None:
    pk = published(story.world)["id"]
    before = public(pk)

    answer = attach(story.world, pk)

    assert (before.status_code, before.json()["code"]) == (404, "not_found")
    assert (answer.status_code, answer.json()["sha256"]) == (201, fingerprint(SCAN))
    assert public(pk).content == SCAN
    assert fingerprint(SCAN) in Client().get(f"/bulletins/{edition(pk)}/").content.decode()
    assert APIClient().get(f"/api/v1/public/verify/{fingerprint(SCAN)}/").json()["file"] == "stamped.pdf"
    files = downloads(story, pk)
    assert failures(check({**files, "stamped.pdf": SCAN}, public_key(story))) == []
    assert failures(check({**files, "stamped.pdf": SCAN.replace(b"1.4", b"1.5")}, public_key(story))) != []


def test_scan_goes_into_the_archive_of_the_campaign(story: Play) -> None:
    world = story.world
    pk = published(world, period_end=str(TODAY))["id"]
    attach(world, pk)
    world.campaign.state = "closed"
    world.campaign.save(update_fields=["state"])
    closing = (
        world.signed("publisher").post("bulletins/closing/", {"campaign": world.campaign.code}).json()["id"]
    )
    world.signed("publisher").post(f"bulletins/{closing}/submit/")
    assert world.signed("signer").post(f"bulletins/{closing}/publish/").status_code == 200

    archive = bytes(BulletinFile.objects.get(bulletin=closing, name="archive.zip").content)

    files: dict[str, bytes] = {}
    verify_bulletin.unpack(archive, files)
    assert [name for name, data in files.items() if data == SCAN] == [
        f"editions/{TODAY.year}-001/bulletin-522633-{TODAY.year}-1.stamped.pdf"
    ]
    assert failures(check({"archive.zip": archive}, public_key(story))) == []


def test_scan_is_attached_once(story: Play) -> None:
    pk = published(story.world)["id"]
    attach(story.world, pk)

    again = attach(story.world, pk, SCAN + b"%%EOF", role="signer")

    assert (again.status_code, again.json()["code"]) == (409, "scan_attached")
    assert public(pk).content == SCAN


def test_objects_may_be_packed() -> None:
    assert is_scan(packed(zlib.compress(b"<</Type/Catalog/Lang(zh)>>")))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.4 cut off",
        b"\xff\xd8\xff\xe0 a photo",
        b"%PDF-1.4 hello\n%%EOF",
        SCAN.replace(b"/Catalog", b"/Catalog/JavaScript"),
        SCAN.replace(b"/Catalog", b"/Catalog/OpenAction<</S/JavaScr#69pt/J#53(app.alert(1))>>"),
        SCAN.replace(b"trailer<<", b"trailer<</Encrypt 9 0 R"),
        packed(zlib.compress(ACTION)),
        packed(zlib.compress(ACTION)).replace(b"/ObjStm", b"/Obj#53tm"),
        packed(zlib.compress(b" " * (40 << 20))),
        packed(ACTION.hex().encode()),
    ],
)
def test_file_that_is_no_scan_refused(story: Play, content: bytes) -> None:
    pk = published(story.world)["id"]

    answer = attach(story.world, pk, content)

    assert (answer.status_code, answer.json()["code"]) == (400, "scan_unfit")
    assert answer.json()["errors"][0]["pointer"] == "/file"
    assert not BulletinFile.objects.filter(name="stamped.pdf").exists()


def test_scan_of_a_draft_or_of_another_county_refused(story: Play) -> None:
    unsigned = draft(story.world.signed("publisher"), period_end=str(TODAY)).json()["id"]
    pk = published(story.world)["id"]

    assert attach(story.world, unsigned).json()["code"] == "bulletin_state"
    assert attach(story.world, pk, foreign=True).status_code == 404
    assert attach(story.world, pk, role="auditor").status_code == 403


def test_scan_of_an_internal_report_stays_internal(story: Play) -> None:
    pk = signed(story.world)["id"]

    assert attach(story.world, pk).status_code == 201

    assert public(pk).status_code == 404
    assert APIClient().get(f"/api/v1/public/verify/{fingerprint(SCAN)}/").status_code == 404
    kept = story.world.signed("auditor").get(f"bulletins/{pk}/files/stamped.pdf")
    assert kept.content == SCAN
    seal = json.loads(story.world.signed("auditor").get(f"bulletins/{pk}/files/bulletin.seal.json").content)
    assert [each["name"] for each in seal["files"]][-1] == "stamped.pdf"


def test_scan_attached_on_the_screen(story: Play) -> None:
    pk = published(story.world)["id"]
    publisher, address = browser(story.world, "publisher"), f"/bulletins/{pk}/stamped/"
    assert address in publisher.get(f"/bulletins/{pk}/desk/").content.decode()

    form = {"/file": SimpleUploadedFile("scan.pdf", SCAN), "key": key_in(publisher.get(address))}
    done = publisher.post(address, form)

    assert (done.status_code, done.headers["Location"]) == (302, f"/bulletins/{pk}/desk/")
    assert public(pk).content == SCAN


def test_screen_offers_the_scan_only_while_it_can_be_attached(story: Play) -> None:
    """Neither before the signature nor once one is attached; who keeps the page of the step is told so."""
    waiting = draft(story.world.signed("publisher")).json()["id"]
    publisher = browser(story.world, "publisher")
    too_early = publisher.get(f"/bulletins/{waiting}/stamped/").content.decode()
    assert (
        f"/bulletins/{waiting}/stamped/" not in publisher.get(f"/bulletins/{waiting}/desk/").content.decode()
    )
    assert 'type="file"' not in too_early
    pk = published(story.world, period_end=str(TODAY))["id"]
    address = f"/bulletins/{pk}/stamped/"
    assert 'type="file"' in publisher.get(address).content.decode()

    assert attach(story.world, pk).status_code == 201

    assert address not in publisher.get(f"/bulletins/{pk}/desk/").content.decode()
    too_late = publisher.get(address).content.decode()
    assert 'type="file"' not in too_late
    again = publisher.post(
        address, {"/file": SimpleUploadedFile("scan.pdf", SCAN), "key": str(uuid.uuid4())}
    ).content.decode()
    assert 'role="alert"' in again
    assert BulletinFile.objects.filter(name="stamped.pdf").count() == 1
