"""Search over everything: each kind by its own words, within one's own reach, a donor's name never in an address."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalogue.search_index import rebuild_index
from core.models import AuditEntry
from core.receipt_codes import grouped
from inventory.models.labels import BatchCode
from organisation.models import Person
from tests.inventory.stories import stocked
from tests.inventory.test_labels import wanted
from tests.world import World, donation

HELD = {"place": "P-522633-01", "side": "store", "quantity": 2, "reason": "受潮"}
DONOR = {"kind": "person", "name": "欧阳娜娜", "phone": "138 0013 8000"}


def search(person: Person, words: str) -> str:
    client = Client(headers={"Accept": "text/html", "Accept-Language": "en"})
    client.force_login(person)
    return client.post("/search/", {"q": words}).content.decode()


@pytest.fixture
def given(world: World) -> dict[str, Any]:
    return world.signed("clerk").post("donations/", donation(donor=DONOR)).json()


@pytest.mark.parametrize("words", ["欧阳娜娜", "13800138000", "138 0013 8000", "code"])
def test_donation_is_found_by_its_code_or_its_donor(world: World, given: Any, words: str) -> None:
    shown = search(world.person("clerk"), given["receipt_code"].lower() if words == "code" else words)

    assert f'href="/donations/{given["id"]}/">{grouped(given["receipt_code"])} · ' in shown


@pytest.mark.parametrize("words", ["欧阳", "1380013", "娜娜", "欧阳 娜娜娜"])
def test_part_of_a_donor_finds_nothing(world: World, given: Any, words: str) -> None:
    assert "Nothing was found" in search(world.person("clerk"), words)


def test_each_search_for_a_donor_is_logged_without_the_name(world: World, given: Any) -> None:
    clerk = world.person("clerk")
    search(clerk, "欧阳娜娜")

    entry = AuditEntry.objects.filter(actor=clerk.pk, action__contains="donations/find").get()
    assert (entry.result, entry.subject) == ("done", "1 donations found by donor")


def test_who_may_not_know_donors_finds_none(world: World, given: Any) -> None:
    checker, elsewhere = world.person("checker"), world.person("clerk", world.office)

    assert f'href="/donations/{given["id"]}/"' not in search(checker, "欧阳娜娜")
    assert not AuditEntry.objects.filter(actor=checker.pk).exists()
    assert f'href="/donations/{given["id"]}/"' not in search(elsewhere, "欧阳娜娜")
    assert f'href="/donations/{given["id"]}/"' in search(checker, given["receipt_code"])


def test_stock_is_found_by_lot_medicine_and_label(world: World) -> None:
    batch = stocked(world, lot_number="K-771")
    rebuild_index()
    pharmacist = world.signed("pharmacist")
    assert pharmacist.post("labels/", wanted(batch)).status_code == 201
    code = BatchCode.objects.get().code
    assert pharmacist.post("holds/", {**HELD, "batch": batch}).status_code == 201

    for words in ("K-771", "布洛芬", code):
        assert search(pharmacist.person, words).count(f'href="/batches/{batch}/"') == 1
    assert re.search(r"K-771 · [0-9-]{10} · sealed", search(pharmacist.person, "K-771"))
    assert 'href="/medicines/M009a/"' in search(pharmacist.person, "blfp")
    assert "/batches/" not in search(world.person("clerk"), "K-771")


def test_another_county_finds_nothing(world: World, given: Any) -> None:
    foreigner = world.person("auditor", foreign=True)

    for words in (given["receipt_code"], "欧阳娜娜", world.hospital.code):
        assert "Nothing was found" in search(foreigner, words)


def test_places_people_and_odd_words(world: World) -> None:
    security = world.person("security")

    assert world.hospital.name in search(security, "中医院")
    assert f'href="/people/{security.pk}/"' in search(security, security.username)
    for words in ("", "\x00", "<script>alert(1)</script>", "' OR 1=1 --", "x" * 5000, "\u202e\ufeff"):
        assert "<script>alert" not in search(security, words)


def test_search_sends_the_same_statements_however_much_is_found(world: World) -> None:
    clerk, sent = world.signed("clerk"), []
    for _n in range(2):
        clerk.post("donations/", donation(donor=DONOR))
        with CaptureQueriesContext(connection) as statements:
            search(clerk.person, "欧阳娜娜")
        sent.append(len(statements))

    assert sent[0] == sent[1]
