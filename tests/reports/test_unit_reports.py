"""The internal report by unit (通报): what it says, that it balances, and that nobody outside the county has it."""

from __future__ import annotations

import base64
import copy
import csv
import io
import json
import random
from collections import Counter
from typing import Any

import pypdfium2
import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from rest_framework.test import APIClient

from catalogue.models import Product
from distribution.models import Shipment
from donations.models import DonorIdentity
from organisation.models import UnitCategory, WorkUnit
from organisation.unit_lists import unit_key
from reports import verify_bulletin
from reports.models import Bulletin, BulletinFile
from reports.queries import lacking_files
from reports.seal import Signer, canonical, fingerprint
from reports.unit_reports import unit_report_content
from tests.plain_sql import drop_guard, execute
from tests.reports.play import DAY, Play, edition
from tests.reports.test_bulletin_files import (
    TAMPERINGS,
    Files,
    changed,
    check,
    failures,
    leaves,
    public_key,
    sealed_again,
)
from tests.reports.test_bulletins import published
from tests.reports.test_desk_pages import fill
from tests.world import TODAY, World, item

NAMES = ("李四", "王五", "赵六", "13800138000", "乌有公司")


def unit(world: World, name: str, category: UnitCategory | None = None) -> WorkUnit:
    return WorkUnit.objects.create(
        county=world.county, name=name, name_key=unit_key(name), category=category, place=world.office
    )


def person(name: str, work_unit: str = "") -> dict[str, Any]:
    return {"kind": "person", "name": name, "phone": "13800138000", "work_unit": work_unit}


@pytest.fixture(scope="module")
def told(module_db: None) -> Play:
    """Units of the county's list and others give; a village clinic hands out, another waits for a shipment."""
    play = Play(World())
    world = play.world
    Product.objects.create(medicine=world.ibuprofen, pack_size=20, manufacturer="贵州百灵")
    unit(world, "县教育局")
    party = UnitCategory.objects.create(county=world.county, name="党群口", place=world.office)
    unit(world, "县委办", party)
    unit(world, "县妇联", party)
    earlier = play.at(-5)
    given = earlier.give(item(quantity=90))
    earlier.count(given, 90)
    earlier.accept(given, 90)
    batch = earlier.batch(given)
    village, centre = world.villages[0], world.centre
    late = earlier.shipment(centre)
    earlier.dispatch(late, batch, 10)
    Shipment.objects.filter(pk=late.pk).update(
        state="dispatched", dispatched_by=world.person("pharmacist").pk, dispatched_on=TODAY - 5 * DAY
    )
    shipment = earlier.shipment(village)
    earlier.dispatch(shipment, batch, 40)
    earlier.receive(shipment, batch, 38, missing=2)
    earlier.dispense(village, batch, 12, recipients=2)
    play.register(item(quantity=50), donor=person("李四", "县教育局"))
    play.register(item(quantity=30), donor={"kind": "work_unit", "name": "县委办"})
    play.register(item(medicine="M001b", quantity=7), donor=person("王五", "县委办 "))
    play.register(item(quantity=9), donor=person("赵六", "乌有公司"))
    play.register(item(quantity=5), donor=person("孙七"))
    play.dispense(village, batch, 6)
    return play


@pytest.fixture
def story(told: Play, db: None) -> Play:
    return copy.deepcopy(told)


@pytest.fixture
def world(story: Play) -> World:
    return story.world


def drafted(world: World, **fields: Any) -> Any:
    body = {"campaign": "C-522633-2022", "period_start": str(TODAY), "period_end": str(TODAY), **fields}
    return world.signed("publisher").post("bulletins/units/", body)


def signed(world: World, **fields: Any) -> dict[str, Any]:
    answer = drafted(world, **fields)
    assert answer.status_code == 201, answer.json()
    pk = answer.json()["id"]
    assert world.signed("publisher").post(f"bulletins/{pk}/submit/").status_code == 200
    done = world.signed("signer").post(f"bulletins/{pk}/publish/")
    assert done.status_code == 200, done.json()
    return done.json()


def content_of(pk: int) -> dict[str, Any]:
    return json.loads(bytes(Bulletin.objects.get(pk=pk).content))


def browser(world: World, role: str) -> Client:
    client = Client()
    client.force_login(world.person(role))
    return client


def file(world: World, pk: int, name: str, role: str = "auditor") -> bytes:
    answer = world.signed(role).get(f"bulletins/{pk}/files/{name}")
    assert answer.status_code == 200, answer.content
    return answer.content


def test_report_lists_units_in_official_order_and_nobody_by_name(story: Play) -> None:
    content = content_of(signed(story.world)["id"])

    told = [
        (
            row["name"] or row["group"],
            row["category"],
            *(row["this_period"][n] for n in ("donations", "people")),
        )
        for row in content["units"]
    ]
    assert told == [
        ("县委办", "党群口", 2, 1),
        ("县教育局", "", 1, 1),
        ("unlisted", "", 1, 1),
        ("no_unit", "", 1, 1),
        ("anonymous", "", 0, 0),
    ]
    by_name = {row["name"] or row["group"]: row for row in content["units"]}
    assert by_name["县委办"]["this_period"]["registered"] == {"M001b": 7, "M009a": 30}
    assert (
        by_name["县委办"]["this_period"]["registered_kinds"],
        by_name["县委办"]["this_period"]["registered_boxes"],
    ) == (2, 2)
    assert by_name["anonymous"]["cumulative"]["registered"] == {"M009a": 90}
    assert "县妇联" not in by_name  # gave nothing: nobody is urged to
    assert not [name for name in NAMES if name in json.dumps(content, ensure_ascii=False)]


def test_boxes_of_unknown_size_are_not_nothing(story: Play) -> None:
    """A unit that gave only what has no usual size has units and no number of boxes, in every form."""
    world = story.world
    story.register(item(medicine="M001b", quantity=7), donor=person("周八", "县妇联"))
    pk = signed(world)["id"]

    (row,) = [row for row in content_of(pk)["units"] if row["name"] == "县妇联"]
    now = row["this_period"]
    assert (now["registered"], now["registered_kinds"], now["registered_boxes"]) == ({"M001b": 7}, 1, None)
    table = csv.DictReader(io.StringIO(file(world, pk, "bulletin.csv").decode("utf-8-sig")))
    told = {line["figure"] for line in table if line["name"] == "县妇联"}
    assert told == {"donations", "people", "registered", "registered_kinds"}
    sheet = load_workbook(io.BytesIO(file(world, pk, "bulletin.xlsx")))["按单位"]
    (cells,) = [row for row in sheet.iter_rows(values_only=True) if row[1] == "县妇联"]
    assert cells[-2:] == ("—", "—")
    paper = printed(file(world, pk, "bulletin.pdf"))
    assert "县妇联111111——" in paper
    assert "折合盒数为“—”的，所涉药品每盒数量均不详" in paper
    page = browser(world, "publisher").get(f"/bulletins/{pk}/desk/", headers={"Accept": "text/html"})
    assert '<td class="number">—</td>' in page.content.decode()


def test_report_tells_of_a_health_centre_with_its_villages(story: Play) -> None:
    (centre,) = content_of(signed(story.world)["id"])["centres"]

    assert (centre["name"], centre["overdue"], centre["overdue_since"]) == (
        "贯洞镇卫生院",
        1,
        str(TODAY - 5 * DAY),
    )
    assert {name: centre["this_period"][name] for name in ("allotted", "received", "dispensed", "hand_outs")} == {
        "allotted": {}, "received": {}, "dispensed": {"M009a": 6}, "hand_outs": 1,
    }  # fmt: skip
    assert {name: centre["cumulative"][name] for name in ("allotted", "received", "dispensed", "hand_outs")} == {
        "allotted": {"M009a": 50}, "received": {"M009a": 38}, "dispensed": {"M009a": 18}, "hand_outs": 3,
    }  # fmt: skip
    assert (centre["cumulative"]["allotted_boxes"], centre["cumulative"]["received_boxes"]) == (3, 2)


def test_report_adds_up_to_the_county(story: Play) -> None:
    content = content_of(signed(story.world)["id"])

    assert all(each["holds"] for each in content["identities"])
    names = Counter(each["name"] for each in content["identities"])
    assert names["this_period.registered"] == names["cumulative.dispensed"] == 2
    assert names["cumulative.donations"] == names["cumulative.hand_outs"] == 1
    for period in ("this_period", "cumulative"):
        for medicine in content["medicines"]:
            given = sum(row[period]["registered"].get(medicine["medicine"], 0) for row in content["units"])
            assert given == medicine[period]["registered"]
        assert sum(row[period]["donations"] for row in content["units"]) == content["donations"][period]


def test_erased_donor_still_counts(story: Play) -> None:
    DonorIdentity.objects.all().delete()

    content = content_of(signed(story.world)["id"])

    assert [row["group"] for row in content["units"]] == ["no_unit", "anonymous"]
    assert all(each["holds"] for each in content["identities"])


def test_every_file_says_the_same(story: Play) -> None:
    pk = signed(story.world)["id"]
    content = content_of(pk)

    sealed = file(story.world, pk, "bulletin.json")
    seal = json.loads(file(story.world, pk, "bulletin.seal.json"))
    assert canonical(content) == sealed
    assert seal["sha256"] == fingerprint(sealed)
    table = file(story.world, pk, "bulletin.csv")
    assert {each["name"]: each["sha256"] for each in seal["files"]}["bulletin.csv"] == fingerprint(table)
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
    given = [
        r for r in rows if (r["table"], r["period"], r["figure"]) == ("units", "cumulative", "registered")
    ]
    assert {(r["name"] or r["group"], r["medicine"]): int(r["quantity"]) for r in given}[
        "县教育局", "M009a"
    ] == 50
    assert sum(int(r["quantity"]) for r in given if r["medicine"] == "M009a") == 90 + 50 + 30 + 9 + 5
    package = json.loads(file(story.world, pk, "datapackage.json"))
    assert [each["name"] for each in package["resources"][0]["schema"]["fields"]] == list(rows[0])
    book = load_workbook(io.BytesIO(file(story.world, pk, "bulletin.xlsx")))
    assert book.sheetnames == ["说明", "按单位", "按机构", "核对", "数据"]
    assert [cell.value for cell in book["按单位"][2]] == ["党群口", "县委办", 2, 2, 1, 1, 2, 2, 2, 2]
    assert book["数据"].max_row == len(rows) + 1
    text = printed(file(story.world, pk, "bulletin.pdf"))
    for words in ("捐赠药品工作情况通报", "（第1期）", "县教育局", "贯洞镇卫生院", "内部资料", "不作排名"):
        assert words in text
    assert not [name for name in NAMES if name in text + table.decode()]


def printed(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    pages = (document[at].get_textpage().get_text_range() for at in range(len(document)))
    return "".join("".join(pages).split())


FILES = (
    "bulletin.json",
    "bulletin.seal.json",
    "bulletin.csv",
    "bulletin.xlsx",
    "bulletin.pdf",
    "datapackage.json",
)


def downloaded(world: World, pk: int) -> Files:
    return {name: file(world, pk, name) for name in FILES}


def test_report_is_verified_by_the_stand_alone_program(story: Play) -> None:
    world = story.world
    first = signed(world, period_start=str(TODAY - 9 * DAY), period_end=str(TODAY - DAY))["id"]
    second = signed(world)["id"]
    files, key = downloaded(world, second), public_key(story)

    report = check({**files, "before.json": file(world, first, "bulletin.json")}, key)

    assert failures(report) == []
    assert "通报（内部）" in report.lines[0]
    assert sum("全部数字与 JSON 一致" in line for line in report.lines) == 2
    assert any("与上一期相连" in line for line in report.lines)
    assert failures(check(downloaded(world, first), key)) == []


def test_any_changed_byte_of_a_report_is_seen(story: Play) -> None:
    files, key = downloaded(story.world, signed(story.world)["id"]), public_key(story)
    draw, unseen = random.Random(6), []
    for name in FILES * (TAMPERINGS // 5):
        content = bytearray(files[name])
        place = draw.randrange(len(content))
        content[place] ^= draw.randrange(1, 256)
        if not check({**files, name: bytes(content)}, key).failed:
            unseen.append((name, place))

    assert unseen == []


def test_a_changed_figure_of_a_report_is_seen_even_if_its_signer_signs_it(story: Play) -> None:
    """Rows, sums, kinds, boxes and identities follow from each other; only what nothing follows from may change."""
    files = downloaded(story.world, signed(story.world)["id"])
    content = json.loads(files["bulletin.json"])
    signer = Signer.of(bytes(range(32)))
    key = base64.b64encode(signer.public).decode()
    free = {"people", "overdue", "year", "number"}
    figures = [
        path
        for path in leaves(content)
        if path[-1] not in free and path[0] != "packs" and "received" not in path
    ]

    assert not check(sealed_again(files, content, signer), key).failed
    unseen = [
        path for path in figures if not check(sealed_again(files, changed(content, path), signer), key).failed
    ]

    assert len(figures) > 60
    assert unseen == []


def test_verifier_says_that_a_daily_report_is_not_sealed(world: World) -> None:
    report = world.signed("publisher").get(f"daily-reports/{TODAY}/").content

    assert "✗ 日报不封存、不签名，无从核验 a daily report is neither sealed nor signed" in failures(
        verify_bulletin.verify({"daily.json": report}, {})
    )


def test_nothing_of_it_is_public(story: Play) -> None:
    world = story.world
    public = published(world, period_start=str(TODAY - 9 * DAY), period_end=str(TODAY - DAY))
    report = signed(world)
    pk, api, page = report["id"], APIClient(), Client()
    hashes = [report["sha256"], *BulletinFile.objects.filter(bulletin=pk).values_list("sha256", flat=True)]
    assert len(hashes) == 5

    for ending in (
        "json",
        "csv",
        "xlsx",
        "pdf",
        "datapackage.json",
        "seal.json",
        "names.json",
        "archive.zip",
    ):
        assert api.get(f"/api/v1/public/bulletins/{pk}.{ending}").status_code == 404, ending
    for sha256 in hashes:
        assert api.get(f"/api/v1/public/verify/{sha256}/").status_code == 404
        assert page.get(f"/verify/{sha256}/").status_code == 404
    assert page.get(f"/bulletins/{pk}/").status_code == page.get(f"/bulletins/{pk}/names/").status_code == 404
    assert [row["id"] for row in api.get("/api/v1/public/bulletins/").json()["results"]] == [
        edition(public["id"])
    ]
    assert f"/bulletins/{pk}/" not in page.get("/counties/522633/bulletins/").content.decode()
    summary = api.get("/api/v1/public/counties/522633/summary/").json()
    assert summary["bulletin"]["id"] == edition(public["id"])
    assert api.get(f"/api/v1/bulletins/{pk}/files/bulletin.pdf").status_code == 401


@pytest.mark.parametrize(
    ("role", "status"), [("auditor", 200), ("signer", 200), ("clerk", 403), ("clinic", 403)]
)
def test_files_are_for_those_who_may_read_bulletins(story: Play, role: str, status: int) -> None:
    pk = signed(story.world)["id"]

    answer = story.world.signed(role).get(f"bulletins/{pk}/files/bulletin.json")

    assert answer.status_code == status


def test_files_of_another_county_or_of_no_signed_edition_are_not_there(story: Play) -> None:
    world = story.world
    pk = signed(world)["id"]
    draft = drafted(world, period_start=str(TODAY + DAY), period_end=str(TODAY + DAY))
    assert draft.json()["code"] == "future_day"
    unsigned = world.signed("publisher").post(
        "bulletins/", {"campaign": "C-522633-2022", "period_start": str(TODAY), "period_end": str(TODAY)}
    )

    assert world.signed("auditor", foreign=True).get(f"bulletins/{pk}/files/bulletin.pdf").status_code == 404
    for name in ("bulletin.txt", "archive.zip", "..", "bulletin"):
        assert world.signed("auditor").get(f"bulletins/{pk}/files/{name}").status_code == 404
    number = unsigned.json()["id"]
    assert world.signed("auditor").get(f"bulletins/{number}/files/bulletin.json").status_code == 404


def test_numbers_periods_and_chain_are_its_own(story: Play) -> None:
    world = story.world
    first = signed(world, period_start=str(TODAY - 9 * DAY), period_end=str(TODAY - 2 * DAY))
    bulletin = published(world, period_start=str(TODAY - 9 * DAY), period_end=str(TODAY - DAY))
    second = signed(world, period_start=str(TODAY - DAY), period_end=str(TODAY))

    assert [each["number"] for each in (first, bulletin, second)] == [1, 1, 2]
    assert content_of(second["id"])["previous_sha256"] == first["sha256"]
    assert content_of(bulletin["id"])["previous_sha256"] is None
    assert drafted(world).json()["code"] == "periods_not_consecutive"
    assert not lacking_files(world.county.pk).exists()


def test_number_given_twice_is_refused_by_the_database(story: Play) -> None:
    """The last word, with the trigger that gives the next number out of the way."""
    world = story.world
    first = signed(world, period_start=str(TODAY - 9 * DAY), period_end=str(TODAY - DAY))
    second = signed(world)
    for rule in (
        "bulletin_frozen",
        "bulletin_state_forward",
        "bulletin_number_next",
        "bulletin_periods_consecutive",
    ):
        drop_guard(rule)
    again = f"UPDATE reports_bulletin SET number = 1 WHERE id = {second['id']}"

    with pytest.raises(IntegrityError, match="bulletin_units_number_once"), transaction.atomic():
        execute(again)
    drop_guard("bulletin_units_number_once")

    execute(again)
    assert Bulletin.objects.get(pk=first["id"]).number == Bulletin.objects.get(pk=second["id"]).number == 1


def test_correction_lists_what_changed(story: Play) -> None:
    world = story.world
    old = signed(world)
    world.campaign.contact = "0855-6412345"
    world.campaign.save(update_fields=["contact"])
    WorkUnit.objects.filter(name="县教育局").update(name="县教育和科技局")

    answer = world.signed("publisher").post(f"bulletins/{old['id']}/correct/", {"reason": "单位名称有误"})
    pk = answer.json()["id"]
    world.signed("publisher").post(f"bulletins/{pk}/submit/")
    assert world.signed("signer").post(f"bulletins/{pk}/publish/").status_code == 200

    content = content_of(pk)
    assert (content["number"], content["corrects"]["number"], content["corrects"]["reason"]) == (
        2,
        1,
        "单位名称有误",
    )
    assert content["changes"]["texts"] == [
        {"what": "campaign.contact", "before": "从江县卫生健康局办公室", "after": "0855-6412345"}
    ]
    assert {line["name"] for line in content["changes"]["figures"]} == {"县教育局", "县教育和科技局"}
    assert "更正通报" in printed(file(world, pk, "bulletin.pdf"))


def test_correction_without_a_reason_refused(story: Play) -> None:
    old = signed(story.world)

    for body in ({}, {"reason": ""}, {"reason": "  "}):
        answer = story.world.signed("publisher").post(f"bulletins/{old['id']}/correct/", body)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/reason")
    assert Bulletin.objects.count() == 1


def test_statements_do_not_grow_with_the_units(story: Play, django_assert_num_queries: Any) -> None:
    bulletin = Bulletin(
        county=story.world.county,
        campaign=story.world.campaign,
        kind="units",
        period_start=TODAY,
        period_end=TODAY,
    )
    for at in range(3):
        unit(story.world, f"县直{at}局")
        story.register(item(quantity=2), donor=person(f"周{at}", f"县直{at}局"))

    with django_assert_num_queries(24):
        content = unit_report_content(bulletin, previous=None, at=timezone.now())

    assert len(content["units"]) == 8


def test_screens_from_draft_to_file(story: Play) -> None:
    publisher, signer = (browser(story.world, role) for role in ("publisher", "signer"))
    days = {"period_start": str(TODAY), "period_end": str(TODAY)}
    assert "拟制通报" in publisher.get("/bulletins/").content.decode()

    made = fill(publisher, "/bulletins/units/", campaign="C-522633-2022", **days)
    pk = Bulletin.objects.get().pk
    draft = publisher.get(f"/bulletins/{pk}/desk/").content.decode()
    fill(publisher, f"/bulletins/{pk}/submit/")
    fill(signer, f"/bulletins/{pk}/publish/")
    shown = signer.get(f"/bulletins/{pk}/desk/").content.decode()

    assert made.headers["Location"] == f"/bulletins/{pk}/desk/"
    for page in (draft, shown):
        assert page.index("县委办") < page.index("县教育局") < page.index("未列入名录的单位")
        assert "贯洞镇卫生院" in page
        assert "不对外公布" in page
    assert f"/api/v1/bulletins/{pk}/files/bulletin.pdf" in shown
    assert "/api/v1/public/" not in shown
    assert not [name for name in NAMES if name in shown]
