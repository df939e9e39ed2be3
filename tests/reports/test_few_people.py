"""Two editions side by side: in no form of them does what one says less what the other says tell of two people."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
from typing import Any

import pypdfium2
import pytest
from django.db import transaction
from django.test import Client
from openpyxl import load_workbook
from rest_framework.test import APIClient

from organisation.models import Place, Policy
from reports import verify_bulletin
from reports.content import bulletin_content
from reports.figures import Period
from reports.models import Bulletin, BulletinFile
from reports.public_figures import books
from reports.seal import canonical
from tests.reports.play import DAY, Play
from tests.reports.test_bulletin_files import check, downloads, failures, public_key
from tests.reports.test_bulletins import content_of, published
from tests.world import TODAY, item

UNITS = 3
# People by age and by who hands out: two young ones, and two at the hospital, in the second period.
EARLIER = {("centre", "15-64"): 8, ("hospital", "0-3"): 6}
LATER = {("centre", "0-3"): 2, ("centre", "15-64"): 9, ("hospital", "65-79"): 2}


def hand_out(play: Play, people: dict[tuple[str, str], int]) -> None:
    """Goods of one medicine, and who was handed three units each."""
    world = play.world
    given = play.give(item(quantity=100))
    play.count(given, 100)
    play.accept(given, 100)
    batch = play.batch(given)
    places: dict[str, Place] = {"centre": world.centre, "hospital": world.hospital}
    for name, place in places.items():
        shipment = play.shipment(place)
        play.dispatch(shipment, batch, 45)
        play.receive(shipment, batch, 45)
        for (at, age), count in people.items():
            if at == name:
                play.dispense(place, batch, UNITS * count, age=age, recipients=count)


def test_who_gets_a_medicine_from_two_lots_is_one(play: Play) -> None:
    """Three people and five entries of the ledger: too few to be told apart."""
    world = play.world
    lots = [play.give(item(quantity=40, lot_number=lot)) for lot in ("A", "B")]
    for given in lots:
        play.count(given, 40)
        play.accept(given, 40)
    batches, shipment = [play.batch(given) for given in lots], play.shipment(world.hospital)
    for batch in batches:
        play.dispatch(shipment, batch, 20)
        play.receive(shipment, batch, 20)
    first, *_more = (play.dispense(world.hospital, batches[0], 2, age="80+") for _person in range(3))
    second = play.dispense(world.hospital, batches[1], 2, age="80+", paper=first.document_id)
    play.dispense(world.hospital, batches[0], 12, age="15-64", recipients=6)

    told = books(world.county.pk, Period(TODAY, TODAY))
    play.take_back(first)
    play.take_back(second)
    less = books(world.county.pk, Period(TODAY, TODAY))

    assert told.found.rows[0].people == {"80+": 3, "15-64": 6}
    assert told.shown()["dispensed_by_age", "M009a"] == {"other": 20}
    assert less.found.rows[0].people == {"80+": 2, "15-64": 6}


def _two_medicines(play: Play, at_centre: int, at_hospital: int) -> dict[str, Any]:
    """One medicine went to one township alone, the other to the hospital; what a bulletin of that day says."""
    world = play.world
    for medicine, place, people in (
        ("M009a", world.centre, at_centre),
        ("M001b", world.hospital, at_hospital),
    ):
        given = play.give(item(quantity=40, medicine=medicine))
        play.count(given, 40)
        play.accept(given, 40)
        batch, shipment = play.batch(given), play.shipment(place)
        play.dispatch(shipment, batch, 30)
        play.receive(shipment, batch, 30)
        play.dispense(place, batch, 12, age="15-64", recipients=people)
    bulletin = Bulletin(
        county=world.county,
        campaign=world.campaign,
        period_start=TODAY,
        period_end=TODAY,
        number=1,
        year=2022,
    )
    return bulletin_content(
        bulletin, [], previous=None, at=datetime.datetime(2022, 12, 31, tzinfo=datetime.UTC)
    )


def test_people_of_a_township_that_alone_got_a_medicine_are_not_told(play: Play) -> None:
    """Two stories that differ in who was served say the same, byte for byte: so nobody can tell them apart. That the
    township's units stand in the account of the medicine follows from tables B and C, which are public by design."""
    told = []
    for people in ((2, 7), (3, 6)):
        with transaction.atomic():
            told.append(_two_medicines(play, *people))
            transaction.set_rollback(True)

    first, second = told
    assert canonical(first) == canonical(second)
    assert {row["clinic"] for row in first["allotted"] if row["medicine"] == "M009a"} == {"P-522633-10"}
    hidden = [row["township"] for row in first["townships"]["this_period"] if row["dispensed"] == 12]
    assert hidden == ["other", "other"]


def test_units_of_a_township_where_many_were_served_are_told(play: Play) -> None:
    """Seven at the centre got one medicine, two of them another, at the hospital eight and one."""
    world, units = play.world, {}
    served = (
        ("M009a", world.centre, 7), ("M001b", world.centre, 2),
        ("M009a", world.hospital, 8), ("M001b", world.hospital, 1),
    )  # fmt: skip
    for medicine, place, people in served:
        given = play.give(item(quantity=40, medicine=medicine))
        play.count(given, 40)
        play.accept(given, 40)
        batch, shipment = play.batch(given), play.shipment(place)
        play.dispatch(shipment, batch, 30)
        play.receive(shipment, batch, 30)
        play.dispense(place, batch, people, age="15-64", recipients=people)
        units[medicine, place.township_id or ""] = people

    shown = books(world.county.pk, Period(TODAY, TODAY)).shown()

    told = {code: cells for (of, code), cells in shown.items() if of == "townships"}
    assert {(code, at): n for code, cells in told.items() for at, n in cells.items()} == units


def test_two_receipts_of_one_batch_tell_of_no_few_people(play: Play) -> None:
    """Both say the same, on each day; what is told grows by whole steps, and a few are never a number."""
    world = play.world
    mine, theirs = (play.register(item(quantity=40))[0] for _donor in range(2))
    for given in (mine, theirs):
        play.count(given, 40)
        play.accept(given, 40)
    batch, shipment = play.batch(mine), play.shipment(world.centre)
    play.dispatch(shipment, batch, 60)
    play.receive(shipment, batch, 60)

    told = []
    for people in (0, 2, 1, 1, 1, 4, 2):
        if people:
            play.dispense(world.centre, batch, people, recipients=people)
        told.append([_hand_outs(given.donation.receipt_code) for given in (mine, theirs)])

    assert told == [[0, 0], [None, None], [None, None], [None, None], [5, 5], [5, 5], [10, 10]]
    page = Client().post("/receipts/", {"code": mine.donation.receipt_code}).content.decode()
    assert "10人次以上" in page


def _hand_outs(code: str) -> int | None:
    (told,) = APIClient().get(f"/api/v1/public/trace/{code}/").json()["items"]
    (batch,) = told["batches"]
    found: int | None = batch["hand_outs"]
    return found


@pytest.fixture
def editions(play: Play) -> tuple[int, int]:
    hand_out(play.at(-2), EARLIER)
    first = published(play.world)["id"]
    hand_out(play, LATER)
    return first, published(play.world, period_start=str(TODAY), period_end=str(TODAY))["id"]


def people(figures: dict[str, Any]) -> dict[str, int]:
    found: dict[str, int] = figures["counts"]["hand_outs_by_age"]
    return found


def units(figures: dict[str, Any]) -> dict[str, int]:
    (line,) = figures["medicines"]
    found: dict[str, int] = line["dispensed_by_age"]
    return found


def townships(content: dict[str, Any], period: str) -> dict[str, int]:
    return {row["township"]: row["dispensed"] for row in content["townships"][period] if row["dispensed"]}


def test_second_edition_adds_to_the_first_what_it_shows(play: Play, editions: tuple[int, int]) -> None:
    first, second = map(content_of, editions)

    assert people(first["cumulative"]) == {"0-3": 6, "15-64": 8}
    assert people(second["this_period"]) == {"other": 13}
    assert people(second["cumulative"]) == {"0-3": 6, "15-64": 8, "other": 13}
    assert units(second["cumulative"]) == {"0-3": 18, "15-64": 24, "other": 39}
    assert townships(first, "cumulative") == {"": 18, "522633100": 24}
    assert townships(second, "this_period") == {"other": 39}
    assert townships(second, "cumulative") == {"": 18, "522633100": 24, "other": 39}
    assert second["cumulative"]["counts"]["hand_outs"] == 27
    assert second["cumulative"]["medicines"][0]["stock"]["dispensed"] == 27 * UNITS


def test_every_form_says_the_same(play: Play, editions: tuple[int, int]) -> None:
    _first, second = editions
    files = downloads(play, second)

    rows = list(csv.DictReader(io.StringIO(files[f"bulletin-{second}.csv"].decode("utf-8-sig"))))
    assert {
        (row["period"], row["figure"].removeprefix("dispensed_by_age.")): int(row["quantity"])
        for row in rows
        if row["figure"].startswith("dispensed_by_age.")
    } == {
        ("this_period", "other"): 39,
        ("cumulative", "0-3"): 18,
        ("cumulative", "15-64"): 24,
        ("cumulative", "other"): 39,
    }
    sheet = load_workbook(io.BytesIO(files[f"bulletin-{second}.xlsx"]))["分乡镇（累计）"]
    by_township = {row[0]: row[-1] for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert by_township == {"县直机构": 18, "贯洞镇": 24, "其他乡镇（合并）": 39}
    printed = parts_of(bytes(BulletinFile.objects.get(bulletin=second, name="bulletin.pdf").content))
    assert printed == {"0—3岁": ["—", "18"], "15—64岁": ["—", "24"], "其他（合并）": ["39", "39"]}


def parts_of(pdf: bytes) -> dict[str, list[str]]:
    """本期 and 累计 of each row of the printed table by age."""
    document = pypdfium2.PdfDocument(pdf)
    text = "\n".join(document[at].get_textpage().get_text_range() for at in range(len(document)))
    table = text[text.index("（一）发放（按人群") : text.index("“—”表示无")]
    return {name: cells.split() for name, cells in re.findall(r"^(\S+) ([\d,— ]+)\r?$", table, re.MULTILINE)}


def test_pages_and_live_figures_say_the_same(play: Play, editions: tuple[int, int]) -> None:
    Policy.objects.create(county=play.world.county, public_live_figures=True)
    hand_out(play.at(1), {("centre", "80+"): 3})

    page = Client().get("/counties/522633/").content.decode()
    parts = re.findall(r"<small>(0—3岁|15—64岁|其他|80岁及以上) ([\d,]+)</small>", page)
    assert parts == [("0—3岁", "18"), ("15—64岁", "24"), ("其他", "39")]
    assert "不足5人次" in page
    assert "至今（实时数据，尚未公布）" in page
    assert '<tr><th scope="row">惠及人次</th><td>30</td></tr>' in page
    summary = APIClient().get("/api/v1/public/counties/522633/summary/").json()
    assert people(summary["cumulative"]) == {"0-3": 6, "15-64": 8, "other": 13}
    assert units(summary["this_period"]) == {"other": 39}
    assert people(summary["live"]) == {"0-3": 6, "15-64": 8, "other": 16}
    assert units(summary["live"]) == {"0-3": 18, "15-64": 24, "other": 48}


def test_verifier_checks_that_editions_give_nothing_back(play: Play, editions: tuple[int, int]) -> None:
    first, second = editions
    files = downloads(play, second)
    before = downloads(play, first)[f"bulletin-{first}.json"]

    report = check({**files, "before.json": before}, public_key(play))

    assert failures(report) == []
    assert any("上一期相连" in line for line in report.lines)
    content = json.loads(files[f"bulletin-{second}.json"])
    content["cumulative"]["counts"]["hand_outs_by_age"] = {"0-3": 8, "15-64": 17, "other": 2}
    with pytest.raises(verify_bulletin.Wrong, match="累计分项"):
        verify_bulletin.check_carried_on(content, json.loads(before))
    content["this_period"]["counts"]["hand_outs_by_age"] = {"0-3": 2, "other": 11}
    with pytest.raises(verify_bulletin.Wrong, match="0-3: 2"):
        verify_bulletin.check_few_people(content)


def test_closing_account_tells_people_apart_as_the_editions_did(
    play: Play, editions: tuple[int, int]
) -> None:
    world = play.world
    world.campaign.state = "closed"
    world.campaign.ends_on = TODAY - DAY
    world.campaign.save(update_fields=["state", "ends_on"])
    drafted = world.signed("publisher").post("bulletins/closing/", {"campaign": "C-522633-2022"}).json()
    world.signed("publisher").post(f"bulletins/{drafted['id']}/submit/")
    answer = world.signed("signer").post(f"bulletins/{drafted['id']}/publish/")
    assert answer.status_code == 200, answer.json()

    content = content_of(drafted["id"])

    assert content["this_period"] == content["cumulative"]
    assert people(content["cumulative"]) == {"0-3": 6, "15-64": 8, "other": 13}
    assert townships(content, "cumulative") == {"": 18, "522633100": 24, "other": 39}
    earlier = downloads(play, editions[1])[f"bulletin-{editions[1]}.json"]
    report = check({**downloads(play, drafted["id"]), "before.json": earlier}, public_key(play))
    assert failures(report) == []
