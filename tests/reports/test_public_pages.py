"""The pages without an account: what they say, how light they are, and that they may be cached."""

import datetime
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from catalogue.models import Medicine
from core.receipt_codes import new_receipt_code
from donations.models import Campaign
from inventory.models import Priority
from organisation.models import Division, Place
from reports.files.words import local_moment
from reports.models import BulletinFile
from reports.models.questions import Question
from reports.pages.charts import Chart
from tests.reports.play import Play, edition
from tests.reports.test_bulletin_files import story
from tests.reports.test_bulletins import content_of, published
from tests.reports.test_corrections import corrected, new_phone
from tests.reports.test_public import PRIVATE, read, receipt
from tests.world import TODAY, World, item

__all__ = ["story"]
LIMIT = 100_000
ENDS = ("json", "csv", "names.json", "seal.json", "datapackage.json")


def page(path: str, **options: Any) -> Any:
    return Client().get(path, **options)


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_county_page_shows_the_latest_bulletin(story: Play) -> None:
    bulletin = published(story.world)

    said = words(page("/counties/522633/"))

    assert "<h1>从江县捐赠药品</h1>" in said
    assert "尚未公布）" not in said  # live figures only where the policy allows them
    assert '<tr><th scope="row">惠及人次</th><td>6</td><td>6</td></tr>' in said
    (line,) = re.findall(r"<tr><th scope=\"row\">布洛芬片 0.1g</th>.*?</tr>", said)
    (heads,) = re.findall(r"<thead><tr><th scope=\"col\">药品</th>.*?</tr></thead>", said)
    columns = re.findall(r">([^<]+)</th>", heads)[1:]
    figures = dict(zip(columns, re.findall(r"<td>([^<]*)", line), strict=True))
    usual = ("接收", "合格", "不合格", "分配", "发放", "期末结存")
    assert [figures[head] for head in usual] == ["40", "30", "8", "20", "12", "17"]
    assert re.search(r"<td>8<br><small>[^<]+ 8</small></td>", line)
    assert "从江县中医院北院药房" in said
    assert said.count("需冷藏药品") == said.count("不在本次征集范围") == 1
    assert "药品管理法第六十一条、第一百一十二条" in said
    assert (
        f"截至时刻 {local_moment(content_of(bulletin['id'])['as_of'], 'Asia/Shanghai'):%Y-%m-%d %H:%M}"
        in said
    )
    assert not [secret for secret in PRIVATE if secret in said]


def test_county_page_asks_for_nothing_when_no_campaign_takes_it(world: World) -> None:
    assert ("请勿送交药品" in words(page("/counties/522633/")), Campaign.objects.count()) == (False, 1)
    Campaign.objects.update(ends_on=TODAY - datetime.timedelta(days=1))

    said = words(page("/counties/522633/"))

    assert ("请勿送交药品" in said, 'id="points"' in said, "从江县中医院北院药房" in said) == (
        True,
        False,
        False,
    )
    running = Campaign.objects.get()
    running.pk, running.code = None, "C-522633-2023"
    running.starts_on, running.ends_on = TODAY - datetime.timedelta(days=90), TODAY
    running.save()
    assert "从江县中医院北院药房" in words(page("/counties/522633/"))


def test_charts_are_readable_without_sight(story: Play) -> None:
    published(story.world)

    said = words(page("/counties/522633/"))

    assert said.count('<svg class="bars" role="img" aria-labelledby="c1-1 d1-1"') == 1
    assert re.search(r'<desc id="d2-3">[^<]+ 1</desc>', said)
    assert said.count("<figure>") == 6
    assert said.count("<svg") == said.count("<desc")


def test_county_page_without_a_bulletin_says_so(world: World) -> None:
    assert "尚未公布公示" in words(page("/counties/522633/"))


def test_pages_say_in_words_that_there_is_nothing(world: World) -> None:
    for path in ("/counties/000000/", "/bulletins/999/", "/counties/x/bulletins/"):
        answer = page(path)
        assert (answer.status_code, "没有找到" in words(answer)) == (404, True)


@pytest.mark.parametrize(
    "path", ["/counties/522633/", "/counties/522633/bulletins/", "/bulletins/{pk}/", "/verify/"]
)
def test_page_is_light_cacheable_and_needs_no_script(story: Play, path: str) -> None:
    address = path.format(pk=edition(published(story.world)["id"]))
    with CaptureQueriesContext(connection) as asked:
        first = page(address)

    again = page(address, headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert "Cookie" not in first.headers.get("Vary", "")
    assert not first.cookies
    assert (again.status_code, again.content) == (304, b"")
    assert len(first.content) < LIMIT
    scripts = re.findall(rb'<script src="/static/([^"]+)" defer></script>', first.content)
    assert scripts == ([b"reports/verify.js"] if path == "/verify/" else [])
    assert not re.search(rb"<script(?! src=)|<style| style=| on\w+=", first.content)
    # Neither a lock nor a table that the ledger's writers use.
    statements = " ".join(query["sql"] for query in asked.captured_queries)
    assert not re.search(
        r"INSERT|UPDATE |FOR (NO KEY )?UPDATE|FOR (KEY )?SHARE|LOCK|advisory|inventory_|donations_item|custody",
        statements,
    )


def test_page_of_whoever_is_signed_in_is_not_kept(story: Play) -> None:
    client = Client()
    client.cookies["django_language"] = "en"

    assert client.get("/counties/522633/").headers["Cache-Control"] == "private, max-age=60"


def test_longest_county_page_stays_below_100_kb(play: Play) -> None:
    """With its style sheets, the only other things that it loads, and nothing packed."""
    for number in range(160):
        code = f"X{number:03}"
        play.world._medicine(code, f"复方氨酚烷胺维生素胶囊之{number}", "250mg+100mg+15mg", "paracetamol")
        Medicine.objects.filter(code=code).update(category=("cough", "TCM", "GI", "chronic")[number % 4])
    for first in range(0, 160, 80):
        play.register(*(item(medicine=f"X{number:03}") for number in range(first, first + 80)))
    for number in range(30):
        Place.objects.create(
            county=play.world.county, code=f"P-522633-D{number}", name=f"第{number}捐赠接收点（县直机关办公区）",
            kind="office", takes_donations=True, address="从江县丙妹镇江东南路", phone="0855-6412345",
            opening_hours="周一至周五 8:30—11:30，14:00—17:30",
        )  # fmt: skip
    published(play.world, period_end=str(TODAY))

    seen = page("/counties/522633/").content

    linked = re.findall(rb'<(?:link rel="stylesheet"|img|script)[^>]+(?:href|src)="/static/([^"]+)"', seen)
    assert linked == [b"core/site.css", b"core/public.css"]
    assert len(seen) + sum(Path(finders.find(name.decode())).stat().st_size for name in linked) < LIMIT


def test_county_page_costs_the_same_for_one_point_and_for_three(story: Play) -> None:
    published(story.world)
    page("/counties/522633/")
    story.world.office.delete()

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            page("/counties/522633/")
        return len(seen)

    few = cost()
    story.world.villages[0].takes_donations = True
    story.world.villages[0].save()

    assert cost() == few <= 8


def test_pages_speak_english_when_asked(story: Play) -> None:
    published(story.world)

    assert "Donated medicines in 从江县" in words(page("/counties/522633/?language=en"))
    assert '<html lang="en">' in words(page("/counties/522633/?language=en"))
    assert "从江县捐赠药品" in words(page("/counties/522633/?language=xx"))


CHINESE = re.compile(r"[\u4e00-\u9fff]+")


def test_charts_speak_the_language_of_their_page(story: Play) -> None:
    """All of a chart but the names of townships, which are Chinese in both."""
    published(story.world)
    townships = set(Division.objects.values_list("name", flat=True))

    chinese, english = (
        re.findall(r"<figure>.*?</figure>", words(page(f"/counties/522633/?language={language}")))
        for language in ("zh-hans", "en")
    )

    assert len(chinese) == len(english) == 6
    assert set(CHINESE.findall(" ".join(english))) <= townships
    labels = [re.sub(r"<[^>]*>|[\d,. :;；·()]", "", chart) for chart in chinese]
    assert [label for label in labels if re.search(r"[A-Za-z]", label)] == []
    assert "Fever and pain" in english[0]
    assert "解热镇痛药" in chinese[0]


def test_sums_by_township_say_how_they_are_to_be_read(story: Play) -> None:
    published(story.world)

    assert "各乡镇之和可以大于全县品种数" in words(page("/counties/522633/"))
    assert "may add up to more kinds" in words(page("/counties/522633/?language=en"))


def test_bulletin_page_offers_every_file_with_its_hash(story: Play) -> None:
    pk = published(story.world)["id"]

    said = words(page(f"/bulletins/{edition(pk)}/"))

    for file in BulletinFile.objects.filter(bulletin=pk):
        assert file.sha256 in said
    assert f'href="/api/v1/public/bulletins/{edition(pk)}.pdf"' in said


def test_corrected_bulletin_says_so_on_its_page(story: Play) -> None:
    old = published(story.world)
    new_phone(story.world)
    new = corrected(story.world, old["id"])

    assert f'href="/bulletins/{edition(new["id"])}/">监督电话有误</a>' in words(
        page(f"/bulletins/{edition(old['id'])}/")
    )
    assert "监督电话有误" in words(page(f"/bulletins/{edition(new['id'])}/"))
    assert "已更正" in words(page("/counties/522633/bulletins/"))


def test_printed_code_leads_to_the_bulletin(story: Play) -> None:
    bulletin = published(story.world)
    pdf = BulletinFile.objects.get(name="bulletin.pdf").sha256

    assert "bulletin.json" in words(page(f"/verify/{bulletin['sha256']}/"))
    assert "bulletin.pdf" in words(page(f"/verify/{pdf}/"))
    assert page("/verify/", data={"sha256": f" {pdf.upper()} "}).headers["Location"] == f"/verify/{pdf}/"


@pytest.mark.parametrize(
    ("typed", "status", "said"), [("abc", 400, "64"), ("0" * 64, 404, "没有"), ("<b>", 400, "&lt;b&gt;")]
)
def test_unknown_hash_gets_a_clear_answer(world: World, typed: str, status: int, said: str) -> None:
    answer = page("/verify/", data={"sha256": typed}, follow=True)

    assert (answer.status_code, said in words(answer)) == (status, True)


def test_receipt_page_says_where_it_went(play: Play) -> None:
    given, _refused = play.register(item(quantity=40), item(quantity=5, findings=["cold_chain"]))
    play.count(given, 40)
    play.accept(given, 40)
    batch, shipment = play.batch(given), play.shipment(play.world.centre)
    play.dispatch(shipment, batch, 30)
    play.receive(shipment, batch, 30)
    play.dispense(play.world.centre, batch, 6, recipients=3)

    answer = Client().post("/receipts/", {"code": receipt(given).lower()})

    said = words(answer)
    assert answer.status_code == 200
    assert "贯洞镇卫生院" in said
    assert "该批次惠及人次： 少于5人次" in said
    assert "同一批次" in said
    assert answer.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


@pytest.mark.parametrize(("code", "status"), [("ABC", 400), ("", 200)])
def test_receipt_page_with_a_mistyped_code(world: World, code: str, status: int) -> None:
    answer = Client().post("/receipts/", {"code": code})

    assert (answer.status_code, 'role="alert"' in words(answer)) == (status, status == 400)


def test_receipt_page_with_a_code_nobody_has(world: World) -> None:
    assert Client().post("/receipts/", {"code": new_receipt_code()}).status_code == 404


def test_first_page_leads_to_each_county(world: World) -> None:
    said = words(page("/"))

    assert 'href="/counties/522633/"' in said
    assert 'href="/counties/522622/"' in said


def test_bar_of_the_greatest_value_fills_the_room() -> None:
    rows = Chart("1-1", "x", "盒", [("甲", 10), ("名称很长很长的一类药", 5), ("零", 0)]).rows()

    assert [row["length"] for row in rows] == [184, 92, 1]
    assert rows[1]["name"] == "名称很长很长的…"


def test_label_has_room_for_twice_as_many_letters() -> None:
    rows = Chart("1-1", "x", "boxes", [("Antibacterials", 10), ("Chinese patent medicines", 5)]).rows()

    assert [row["name"] for row in rows] == ["Antibacterials", "Chinese patent …"]


def test_county_page_says_what_is_needed_where_the_policy_allows(world: World) -> None:
    """Names alone, the least covered first, of what the counter takes; by default nothing that is short is told."""
    refused_one = Medicine.objects.exclude(donation_default="accept").first()
    for rank, medicine in enumerate([world.paracetamol, world.ibuprofen, refused_one], start=1):
        if medicine:
            Priority.objects.create(county=world.county, medicine=medicine, rank=rank)
    silent = words(page("/counties/522633/"))
    told_before = read("public/counties/522633/summary/").json()["needed"]

    answer = world.signed("administrator").put("policies/", {"public_needs": True})
    said = words(page("/counties/522633/"))

    assert (answer.status_code, told_before) == (200, None)
    assert "需要哪些药品" in silent
    assert "目前最急需" not in silent
    assert "本县不公布目前急需的药品" in silent
    assert "本县不公布" not in said
    assert said.index("目前最急需") < said.index("<li>对乙酰氨基酚片</li>") < said.index("<li>布洛芬片</li>")
    assert read("public/counties/522633/summary/").json()["needed"] == ["对乙酰氨基酚片", "布洛芬片"]


def test_drop_off_points_say_when_they_are_open(world: World) -> None:
    world.office.opening_hours = "周一至周五 8:30—17:30"
    world.office.save(update_fields=["opening_hours"])

    assert "接收时间 周一至周五 8:30—17:30" in words(page("/counties/522633/"))


def test_many_drop_off_points_are_folded_by_township(world: World) -> None:
    county = world.county
    few = words(page("/counties/522633/"))
    for number in range(7):
        Place.objects.create(
            county=county, code=f"P-522633-D{number}", name=f"第{number}捐赠接收点", kind="office",
            takes_donations=True, township=world.centre.township,
        )  # fmt: skip
    many = words(page("/counties/522633/"))

    towns = re.compile(r"<details( open)?><summary>([^<]+) <small>(\d+)</small></summary>")
    assert {opened for opened, _name, _count in towns.findall(few)} == {" open"}
    assert towns.findall(many)[0][:2] == (" open", "县直机构")
    assert ("", "贯洞镇", "8") in towns.findall(many)


def test_county_page_says_what_is_collected(world: World) -> None:
    """Categories with examples; those that a pharmacist looks at and those that are out of scope by themselves."""
    world._medicine("X1", "奈玛特韦片", "0.15g", "nirmatrelvir")
    world._medicine("X2", "阿莫西林胶囊", "0.5g", "amoxicillin")
    Medicine.objects.filter(code="X1").update(category="antiviral", donation_default="pharmacist_review")
    Medicine.objects.filter(code="X2").update(category="chronic", donation_default="out_of_scope")

    said = words(page("/counties/522633/"))
    world.campaign.categories = ["antiviral"]
    world.campaign.save(update_fields=["categories"])
    narrow = words(page("/counties/522633/"))

    assert re.search(r"<li>解热镇痛药 <small>[^<]*布洛芬片[^<]*</small></li>", said)
    assert "须经药师审核后决定：抗病毒药。" in said
    assert "不在本次征集范围：慢性病用药。" in said
    assert "<li>解热镇痛药" not in narrow
    assert re.search("不在本次征集范围：[^。]*解热镇痛药", narrow)


def test_no_public_answer_holds_a_number_of_a_row(story: Play) -> None:
    """Two of them would tell how much the county wrote between. Numbers of its rows end in four digits of its own."""
    old = published(story.world)
    new_phone(story.world)
    new = corrected(story.world, old["id"])
    asked = {"county": "522633", "text": "药在哪里领？"}
    APIClient().post("/api/v1/public/questions/", asked, format="json")
    question = Question.objects.get()
    story.world.signed("publisher").post(f"questions/{question.pk}/answer/", {"answer": "卫生院。"})
    numbers = [edition(old["id"]), edition(new["id"])]
    of_editions = [f"/api/v1/public/bulletins/{number}.{end}" for number in numbers for end in ENDS]
    of_county = ["", "bulletins/", "questions/", "plans/"]

    for path in (
        *of_editions, *(f"/bulletins/{number}/{more}" for number in numbers for more in ("", "names/")),
        *(f"/counties/522633/{page}" for page in of_county),
        *(f"/api/v1/public/{name}/" for name in ("questions", "bulletins", "plans", "counties/522633/summary")),
        f"/api/v1/public/verify/{new['sha256']}/", "/api/v1/public/audit-checkpoints/",
    ):  # fmt: skip
        answer = APIClient().get(path)
        said = re.findall(r"(?<![0-9a-f.])[0-9]{1,8}(?![0-9a-f])", answer.content.decode())
        assert answer.status_code == 200, path
        assert [
            one for one in said if int(one) > 10_000 and one[-4:] == f"{question.pk % 10_000:04}"
        ] == [], path
        assert str(question.pk) not in answer.content.decode()


def test_worker_gives_a_page_again_to_strangers_without_asking_the_database(
    story: Play, settings: Any
) -> None:
    cache.clear()
    settings.PUBLIC_PAGE_SECONDS = 60
    first, english = page("/counties/522633/"), page("/counties/522633/", headers={"Accept-Language": "en"})
    published(story.world)

    with CaptureQueriesContext(connection) as asked:
        again = page("/counties/522633/")
        known = page("/counties/522633/", headers={"If-None-Match": first["ETag"]})
    mine = Client(headers={"Accept-Language": "zh-Hans"})
    mine.cookies[settings.SESSION_COOKIE_NAME] = "somebody"
    anew = mine.get("/counties/522633/")

    assert len(asked) == 0
    assert (again.content, {**again.headers, "X-Request-Id": ""}) == (
        first.content,
        {**first.headers, "X-Request-Id": ""},
    )
    assert (known.status_code, known["ETag"]) == (304, first["ETag"])
    assert (first["Content-Language"], english["Content-Language"]) == ("zh-hans", "en")
    assert "惠及人次" in words(anew)
    assert (anew.content == first.content, "private" in anew["Cache-Control"]) == (False, True)
