"""A reader without an account stays in the language of the address, wherever the pages lead."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urljoin

import pytest
from django.test import Client

from config.access import PUBLIC_PAGES
from core.receipt_codes import new_receipt_code
from distribution.models import Plan
from organisation.models import Policy
from tests.reports.play import Play
from tests.reports.test_bulletins import published
from tests.reports.test_names import give
from tests.reports.test_public import receipt
from tests.reports.test_public_plans import published_plan
from tests.world import TODAY, item

LINK = re.compile(r'<a\b[^>]*\bhref="([^"#]+)')
# What has no language of its own: the API's answers, screens for staff, a telephone number.
ELSEWHERE = ("/api/", "/sign-in/", "tel:")
# A hash is typed or comes from paper; and what a device keeps is no page to be read.
UNLINKED = {"verify/<str:sha256>/", "intake/offline/", "intake/worker.js"}


@pytest.fixture
def everything(play: Play) -> Play:
    """A county with something to see on every kind of public page, and links to all of them."""
    world = play.world
    give(play, "吴阿桑", "full")
    (given,) = play.register(item(quantity=40))
    play.count(given, 40)
    play.accept(given, 40)
    batch, shipment = play.batch(given), play.shipment(world.centre)
    play.dispatch(shipment, batch, 30)
    play.receive(shipment, batch, 30)
    Policy.objects.create(county=world.county, public_clinic_stock=Policy.ClinicStock.TOWNSHIPS)
    published_plan(world)
    published(world, period_end=str(TODAY))
    return play


def get(address: str, **options: Any) -> Any:
    return Client().get(address, **options)


def links(html: str, at: str) -> Iterator[str]:
    for address in LINK.findall(html):
        if not address.startswith(ELSEWHERE):
            yield urljoin(at, unescape(address))


def test_english_reader_never_loses_the_language(everything: Play) -> None:
    """Every page that can be reached from the first one, by following every link; the switch alone leads back."""
    waiting, seen = {"/?language=en"}, {}
    while waiting:
        at = waiting.pop()
        seen[at] = answer = get(at)
        html = answer.content.decode()
        assert (answer.status_code, '<html lang="en">' in html) == (200, True), at
        assert answer.headers["Content-Language"] == "en"
        found = set(links(html, at))
        assert [address for address in found if "language=" not in address] == [], at
        waiting |= {address for address in found if "language=en" in address} - set(seen)

    assert {answer.resolver_match.route for answer in seen.values()} == {*PUBLIC_PAGES, ""} - UNLINKED


def test_forms_and_redirects_keep_the_language(everything: Play) -> None:
    code = receipt(everything.register(item())[0])

    looked_up = Client().post("/receipts/?language=en", {"code": code})
    unknown = Client().post("/receipts/?language=en", {"code": new_receipt_code()})
    asked = Client().post("/counties/522633/questions/ask/?language=en", {"text": "几时发放？"})
    form = get("/verify/?language=en").content.decode()
    checked = get("/verify/", data={"sha256": "0" * 64, "language": "en"})

    assert [answer.status_code for answer in (looked_up, unknown, asked)] == [200, 404, 201]
    for answer in (looked_up, unknown, asked):
        assert '<html lang="en">' in answer.content.decode()
    assert 'href="/counties/522633/questions/?language=en"' in asked.content.decode()
    assert '<form class="card" method="get" action="/verify/?language=en"><input type="hidden"' in form
    assert checked.headers["Location"] == f"/verify/{'0' * 64}/?language=en"


def test_link_to_the_other_language_keeps_what_is_shown(everything: Play) -> None:
    plan = Plan.objects.get().public_number

    chinese = get(f"/shares/{plan}/?medicine=M009a").content.decode()
    english = get(f"/shares/{plan}/?medicine=M009a&language=en").content.decode()

    assert 'href="?language=en&amp;medicine=M009a" lang="en"' in chinese
    assert 'href="?language=zh-hans&amp;medicine=M009a" lang="zh-Hans"' in english


def test_table_of_shares_is_downloaded_in_the_page_s_language(everything: Play) -> None:
    plan = Plan.objects.get().public_number
    heads = {}
    for language in ("en", "zh-hans"):
        html = get(f"/shares/{plan}/?language={language}").content.decode()
        (address,) = re.findall(r'href="(/api/[^"]+format=csv[^"]*)"', html)
        file = b"".join(get(unescape(address), headers={"Accept-Language": "fr"}).streaming_content)
        heads[language] = file.decode("utf-8-sig").splitlines()[0]

    assert heads["en"].isascii()
    assert "药品" in heads["zh-hans"]


def test_file_has_one_address_in_every_language(everything: Play) -> None:
    (number,) = set(re.findall(r"/bulletins/(\d+)/", get("/counties/522633/bulletins/").content.decode()))

    said = get(f"/bulletins/{number}/?language=en").content.decode()

    assert f'href="/api/v1/public/bulletins/{number}.pdf"' in said
    assert 'href="/api/v1/public/verify_bulletin.py"' in said
