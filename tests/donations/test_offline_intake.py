"""What a device gets for intake without a network: a page of nobody, a release with its hashes, and its kit."""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from base64 import b64encode
from pathlib import PurePosixPath

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalogue.services import load_medicines
from donations.pages import offline
from organisation.models import Role, RoleGrant
from tests.world import World

PAGES = [offline.ADDRESS, f"{offline.ADDRESS}?language=en"]
MANIFESTS = {"": "manifest.webmanifest", "?language=en": "manifest.en.webmanifest"}


def signed_in(world: World) -> Client:
    client = Client(headers={"Accept": "text/html"})
    client.force_login(world.person("clerk", world.office))
    return client


def released() -> dict[str, str]:
    """Addresses and hashes as the browser reads them."""
    script = Client().get("/intake/worker.js")
    assert script["Content-Type"] == "text/javascript; charset=utf-8"
    first = script.content.decode().split("\n")[0]
    return json.loads(first.removeprefix("const RELEASE = ").removesuffix(";"))["files"]


def content_of(address: str) -> bytes:
    """What the server gives under an address: a page, or a file."""
    if not address.startswith("/static/"):
        return Client().get(address).content
    with open(str(finders.find(address.removeprefix("/static/"))), "rb") as file:
        return file.read()


def test_page_is_the_same_for_everybody(world: World) -> None:
    for address in PAGES:
        strangers, clerks = Client().get(address), signed_in(world).get(address)

        assert strangers.content == clerks.content
        assert (len(strangers.cookies), len(clerks.cookies)) == (0, 0)
        assert b"csrf" not in clerks.content
        assert "从江县" not in clerks.content.decode()


def test_page_speaks_the_language_of_its_address() -> None:
    english = Client(headers={"Accept-Language": "en"})

    assert "未发送" in english.get(PAGES[0]).content.decode()
    assert "Unsent" in english.get(PAGES[1]).content.decode()


def test_release_names_all_that_the_page_is_made_of_with_its_hash() -> None:
    files = released()
    contents = {address: content_of(address) for address in files}
    wanted = set(PAGES)
    for address, content in contents.items():
        text = content.decode(errors="ignore")
        if address in PAGES:
            wanted |= set(re.findall(r'(?:href|src)="(/static/[^"]+)"', text))
        elif address.endswith(".js"):
            folder = PurePosixPath(address).parent
            found = re.findall(r'(?:from|import) "(\.[^"]+)"', text)
            wanted |= {posixpath.normpath(folder / name) for name in found}
        elif address.endswith(".webmanifest"):
            wanted |= {icon["src"] for icon in json.loads(text)["icons"]}

    assert {str(PurePosixPath(address)) for address in wanted} == {
        str(PurePosixPath(address)) for address in files
    }
    assert files == {
        address: f"sha256-{b64encode(hashlib.sha256(content).digest()).decode()}"
        for address, content in contents.items()
    }
    # All of it, pictures and both languages included, weighs less than one first view may.
    assert sum(map(len, contents.values())) < 150_000


@pytest.mark.parametrize("language", MANIFESTS)
def test_application_opens_the_page_in_its_language(language: str) -> None:
    manifest = json.loads(content_of(f"/static/donations/offline/{MANIFESTS[language]}"))

    assert manifest["start_url"] == offline.ADDRESS + language
    assert manifest["scope"] == "/intake/"
    assert MANIFESTS[language] in Client().get(offline.ADDRESS + language).content.decode()


def test_kit_says_who_and_what_may_be_chosen_without_any_name_of_a_person(world: World) -> None:
    clerk = world.signed("clerk", world.office)
    RoleGrant.objects.create(
        county=world.county,
        person=clerk.person,
        role=Role.CLERK,
        place=world.hospital,
        starts_on=world.campaign.starts_on,
    )
    answer = clerk.get("intake-kit/")

    told = answer.json()
    assert told == {
        "person": clerk.person.pk,
        "county": world.county.pk,
        "places": [{"code": each.code, "name": each.name} for each in (world.hospital, world.office)],
        "campaigns": [{"code": world.campaign.code, "name": world.campaign.name}],
        "townships": [{"code": world.township.code, "name": world.township.name}],
    }
    assert clerk.person.name not in answer.content.decode()


def test_kit_and_its_medicines_cost_the_same_however_many_there_are(world: World) -> None:
    clerk = world.signed("clerk", world.office)
    counted = []
    for _turn in range(2):
        with CaptureQueriesContext(
            connection,
        ) as kit:
            clerk.get("intake-kit/")
        with CaptureQueriesContext(connection) as list_:
            clerk.get("intake-kit/medicines/")
        counted.append((len(kit), len(list_)))
        load_medicines()

    assert counted[0] == counted[1]


def test_medicines_of_the_kit_are_found_by_initials_and_are_bounded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_medicines()
    clerk = world.signed("clerk", world.office)

    told = clerk.get("intake-kit/medicines/").json()
    (found,) = (each for each in told["medicines"] if each["code"] == "M010")
    assert told["complete"] is True
    assert {"blfhsjn", "芬必得"} <= set(found["search"].split())
    assert found["smallest_unit"] == "粒"

    monkeypatch.setattr("donations.intake_kit_api.MEDICINES_LIMIT", 3)
    few = clerk.get("intake-kit/medicines/").json()
    assert (few["complete"], len(few["medicines"])) == (False, 3)
