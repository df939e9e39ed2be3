"""The printed bulletin: what stands on it, that it copies as text, and that its tables add up to its totals."""

import copy
import io
import json
import re
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from openpyxl import load_workbook
from rest_framework.test import APIClient

from benchmarks.bench_notice import content as long_content
from catalogue.models import Medicine, Product
from catalogue.queries import usual_packs
from organisation.models import Policy
from reports.figures import Period
from reports.files.boxes import Weights, shown
from reports.files.notice import notice_bytes
from reports.files.summary import summaries
from reports.files.tables import ALLOTTED, RECEIVED
from reports.files.words import MERGED_NOTE
from reports.models import Bulletin, BulletinFile
from reports.public_figures import books
from reports.townships import townships
from tests.reports.play import DAY, Play, edition
from tests.reports.test_bulletin_files import check, downloads, failures, public_key, story
from tests.reports.test_bulletins import published
from tests.world import TODAY, World, item

__all__ = ["story"]
SEAL, ADDRESS = "ab" * 32, "https://tracker.example/verify/" + "ab" * 32
GIVEN = re.compile(r"^(\d{1,4}) \S+[镇乡]卫生院 ", re.M)
DATED = re.compile(r"\d{7} \d{4}-\d\d-\d\d \d+ \S+ \d{4}-\d\d-\d\d")
ROW = re.compile(r"^(\d{1,4}) (\d{4}-\d\d-\d\d) ", re.M)


def opened(content: dict[str, Any]) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(notice_bytes(content, SEAL, ADDRESS))


def texts(document: pypdfium2.PdfDocument) -> list[str]:
    return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]


def together(document: pypdfium2.PdfDocument) -> str:
    return re.sub(r"\s", "", "".join(texts(document)))


def annex(pages: list[str], number: int) -> str:
    """The pages of one annex."""
    starts = [at for at, text in enumerate(pages) if re.match(r"附件\d$", text.split("\n")[0])]
    ends = [*starts[1:], len(pages)]
    return "\n".join(pages[starts[number - 1] : ends[number - 1]])


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    return long_content(60)


def test_notice_of_a_bulletin_is_published_and_verifies(story: Play) -> None:
    Policy.objects.create(county=story.world.county, objection_days=7)
    pk = published(story.world)["id"]

    answer = APIClient().get(f"/api/v1/public/bulletins/{edition(pk)}.pdf")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert bytes(BulletinFile.objects.get(bulletin=pk, name="bulletin.pdf").content) == answer.content
    assert failures(check(downloads(story, pk), public_key(story))) == []
    said = together(pypdfium2.PdfDocument(answer.content))
    assert "从江县卫生健康局关于群众捐赠药品接收使用情况的公示（第1期）" in said
    assert "公示期自公布之日起7个工作日" in said
    assert str(Bulletin.objects.get(pk=pk).sha256) in said


@pytest.mark.parametrize("kind", ["bulletins/", "bulletins/units/"])
def test_draft_on_paper_is_never_taken_for_what_is_published(story: Play, kind: str) -> None:
    """On every page it says what it is; it has no number, nothing that verifies, and nobody's name below it."""
    publisher, signer = story.world.signed("publisher"), story.world.signed("signer")
    period = {"period_start": str(TODAY - 10 * DAY), "period_end": str(TODAY - DAY)}
    pk = publisher.post(kind, {"campaign": story.world.campaign.code, **period}).json()["id"]

    answer = publisher.get(f"bulletins/{pk}/draft.pdf")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"].startswith("inline;")
    paper = pypdfium2.PdfDocument(answer.content)
    pages = texts(paper)
    assert all("草稿（DRAFT）：未签发、未编号、未封存" in page for page in pages)
    whole = together(paper)
    assert "（草稿，未编号）" in whole
    assert not re.search(r"第\d+期|None|封存数据的SHA-256|核验", whole)
    assert zxingcpp.read_barcodes(paper[len(pages) - 1].render(scale=2).to_pil()) == []
    assert not BulletinFile.objects.filter(bulletin=pk).exists()
    publisher.post(f"bulletins/{pk}/submit/")
    assert signer.get(f"bulletins/{pk}/draft.pdf").status_code == 200
    assert signer.post(f"bulletins/{pk}/publish/").status_code == 200
    assert publisher.get(f"bulletins/{pk}/draft.pdf").status_code == 404
    signed = pypdfium2.PdfDocument(publisher.get(f"bulletins/{pk}/files/bulletin.pdf").content)
    assert "草稿" not in together(signed)


def test_notice_is_set_from_frozen_content_alone(story: Play, django_assert_num_queries: Any) -> None:
    content = json.loads(bytes(Bulletin.objects.get(pk=published(story.world)["id"]).content))

    with django_assert_num_queries(0):
        assert notice_bytes(content, SEAL, ADDRESS) == notice_bytes(content, SEAL, ADDRESS)


def test_notice_says_period_moment_phones_signer_and_day(example: dict[str, Any]) -> None:
    said = together(opened(example))

    for words in (
        "本期：2023年1月1日至2023年1月10日", "累计：2022年12月20日至2023年1月10日",
        "截至时刻：2023年1月11日9时30分", "联系方式：0855-6410000；监督电话：0855-12345",
        "公示期自公布之日起5个工作日", "从江县卫生健康局2023年1月11日", "附件：1.接收明细表2.分配明细表3.收支表",
    ):  # fmt: skip
        assert words in said


def test_rows_of_the_printed_tables_add_up_to_their_totals(example: dict[str, Any]) -> None:
    """Read back from the text of the PDF: what is copied from it is what was counted."""
    pages = texts(opened(example))

    rows = ROW.findall(annex(pages, 1))
    assert [int(index) for index, _day in rows] == list(range(1, len(example["received"]) + 1))
    rows = GIVEN.findall(annex(pages, 2))
    assert [int(index) for index in rows] == list(range(1, len(example["allotted"]) + 1))
    assert len(DATED.findall(annex(pages, 2))) == len(rows)
    for row in example["received"]:
        line = re.search(rf"{row['lot_number']} {row['last_usable_day']} (\d+) ", annex(pages, 1))
        assert int(line[1] if line else -1) == row["quantity"]
    account = re.sub(r"\s", " ", annex(pages, 3))
    moved = [each["items"] for each in example["cumulative"]["medicines"] if any(each["items"].values())]
    assert f"各栏均为零的{len(example['cumulative']['medicines']) - len(moved)}种药品不列入本表。" in account
    for items in moved:
        assert f"0 {items['registered']} 0 {items['accepted']} {items['rejected']} 0 0 0" in account


def test_printed_quantities_add_up_to_what_was_registered(example: dict[str, Any]) -> None:
    pages = texts(opened(example))
    printed = re.findall(r"\d{7} \d{4}-\d\d-\d\d (\d+) ", annex(pages, 1))

    total = sum(line["items"]["registered"] for line in example["this_period"]["medicines"])

    assert sum(map(int, printed)) == total > 0


def test_heads_stand_on_every_page_of_a_table() -> None:
    pages = texts(opened(long_content(300)))
    first, second = (next(at for at, text in enumerate(pages) if text.startswith(f"附件{n}")) for n in (1, 2))

    assert second - first > 5
    assert all("有效期至 数量 单位" in page for page in pages[first:second])


def test_lines_of_a_medicine_stay_on_one_page(example: dict[str, Any]) -> None:
    pages = texts(opened(example))
    account = annex(pages, 3)

    assert account.count("本期") > 60
    assert "（续）" not in account


def test_what_is_merged_stands_below_what_is_not(example: dict[str, Any]) -> None:
    """However much it is."""
    content = copy.deepcopy(example)
    for rows in content["townships"].values():
        for row in rows[: len(rows) // 2]:
            row.update(township="other", township_name="")
    for line in content["this_period"]["medicines"][::2]:
        line["category"] = "other"

    names = [summary.names for summary in summaries(content)]

    assert [each[-1] for each in names] == ["其他", "其他乡镇（合并）"]
    assert all(len(each) > 2 for each in names)


def test_nothing_that_may_be_merged_is_not_told_as_nothing(example: dict[str, Any]) -> None:
    content = copy.deepcopy(example)
    first, *others = content["townships"]["cumulative"]
    first.update(township="other", township_name="", received=0, allotted=0, dispensed=10_000)
    for row in others:
        row["dispensed"] = 0

    towns = summaries(content)[1]

    *rows, merged = [towns.row(name) for name in towns.names]
    assert {row[-1] for row in rows} == {"*"}
    assert merged[-1] not in (0, "*")
    assert "*" not in {cell for row in rows for cell in row[:4]}
    assert MERGED_NOTE in together(opened(content))


def test_words_that_lead_to_the_code_stand_above_it() -> None:
    """On whichever line of a page they come to stand."""
    content = long_content(2)
    for lines in range(22):
        content["campaign"]["contact"] = "县" * 28 * lines
        page = next(text for text in texts(opened(content)) if "扫描二维码" in text)

        assert "封存数据的SHA-256" in page, lines


def test_pages_are_numbered_outside(example: dict[str, Any]) -> None:
    document = opened(example)
    for number, page in enumerate(document, start=1):
        text = page.get_textpage()
        said = text.get_text_range()
        at = said.rindex(f"— {number} —")
        left, right = text.get_charbox(at)[0], page.get_width()
        assert (left > right / 2) == (number % 2 == 1)


def test_title_language_and_fonts_are_in_the_file(example: dict[str, Any]) -> None:
    raw = notice_bytes(example, SEAL, ADDRESS)

    assert pypdfium2.PdfDocument(raw).get_metadata_dict()["Title"] == (
        "从江县卫生健康局关于群众捐赠药品接收使用情况的公示（第3期）"
    )
    assert b"/Lang (zh-CN)" in raw
    assert raw.count(b"/FontFile2") == raw.count(b"/Type /FontDescriptor") > 0


def test_code_leads_to_the_verification_page(example: dict[str, Any]) -> None:
    document = opened(example)
    found = [
        code.text
        for page in list(document)[:8]
        for code in zxingcpp.read_barcodes(page.render(scale=3).to_pil())
    ]

    assert found == [ADDRESS]


def test_rare_and_unknown_characters_are_printed(example: dict[str, Any]) -> None:
    content = copy.deepcopy(example)
    content["campaign"]["donee"] = "𠮷田堃龘医院😀"

    said = together(opened(content))

    assert "𠮷田堃龘医院[U+1F600]" in said


def test_wide_figures_are_set_smaller_not_broken(example: dict[str, Any]) -> None:
    content = copy.deepcopy(example)
    line = content["cumulative"]["medicines"][0]
    line["stock"]["closing"] = 123_456_789

    assert "123456789" in annex(texts(opened(content)), 3)


def test_bulletin_of_an_empty_period_prints(world: World) -> None:
    pk = published(world)["id"]

    said = together(
        pypdfium2.PdfDocument(APIClient().get(f"/api/v1/public/bulletins/{edition(pk)}.pdf").content)
    )

    assert "登记捐赠0笔（作废0笔），涉及药品0种" in said
    assert "附件1接收明细表本期无，累计数见附件3。—" in said
    assert "附件2分配明细表本期无，累计数见附件3。—" in said
    book = load_workbook(io.BytesIO(APIClient().get(f"/api/v1/public/bulletins/{edition(pk)}.xlsx").content))
    assert [book[name]["A2"].value for name in (RECEIVED.title, ALLOTTED.title, "收支（本期）")] == ["无"] * 3


def test_boxes_are_rounded_once_and_unknown_sizes_left_out() -> None:
    weights = Weights({"a": 24, "b": 10})
    rows = [{"medicine": code, "n": n} for code, n in (("a", 6), ("b", 3), ("c", 900), ("a", 6))]

    sums = weights.sums(rows, lambda row: "all", lambda row: row["n"])

    assert (sums, weights.unknown(rows, lambda row: row["n"])) == ({"all": 1}, 1)
    assert (weights.boxes("a", 36), weights.boxes("c", 36)) == (2, None)


def test_something_of_no_known_size_is_not_nothing() -> None:
    weights = Weights({"a": 24})
    rows = [{"medicine": code, "n": n} for code, n in (("c", 900), ("a", 0), (None, 3))]

    assert weights.sums(rows, lambda row: row["medicine"] or "?", lambda row: row["n"]) == {
        "c": None, "a": 0, "?": None,
    }  # fmt: skip
    assert weights.sums(rows, lambda row: "all", lambda row: row["n"]) == {"all": None}
    assert weights.sums([{"medicine": "c", "n": 0}], lambda row: "all", lambda row: row["n"]) == {"all": 0}
    assert (shown(None), shown(0)) == ("—", 0)


def test_kinds_are_counted_where_no_box_is_known() -> None:
    rows = [{"medicine": code, "n": n} for code, n in (("a", 6), ("b", 0), ("c", 9))]

    assert Weights({}).sums(rows, lambda row: "all", lambda row: row["n"]) == {"all": 2}


def test_usual_pack_is_what_most_products_have(world: World) -> None:
    for size in (20, 24, 24, 1, 1, 1):
        Product.objects.create(
            medicine=world.ibuprofen, pack_size=size, manufacturer=f"厂{Product.objects.count()}"
        )

    bottle = world._medicine("M004", "对乙酰氨基酚混悬液", "100ml:3.2g", "paracetamol")
    Medicine.objects.filter(pk=bottle.pk).update(smallest_unit="瓶")
    Product.objects.create(medicine=bottle, pack_size=1, manufacturer="厂")

    assert usual_packs(world.county.pk, ["M009a", "M001b", "M004"]) == {"M004": 1, "M009a": 24}


def test_townships_add_up_and_merge_few_hand_outs(play: Play) -> None:
    world = play.world
    given = play.give(item(quantity=100))
    play.count(given, 100)
    play.accept(given, 100)
    batch = play.batch(given)
    for place in (world.centre, world.hospital):
        shipment = play.shipment(place)
        play.dispatch(shipment, batch, 40)
        play.receive(shipment, batch, 40)
    for _time in range(6):
        play.dispense(world.centre, batch, 2)
    play.dispense(world.hospital, batch, 3)

    told = books(world.county.pk, Period(TODAY - DAY, TODAY))
    rows = told.townships_as(told.shown())

    figures = {row["township"]: (row["received"], row["allotted"], row["dispensed"]) for row in rows}
    assert figures == {"": (100, 40, 0), "522633100": (0, 40, 0), "other": (0, 0, 15)}


def test_townships_cost_a_fixed_number_of_statements(play: Play, django_assert_num_queries: Any) -> None:
    for medicine in ("M009a", "M001b"):
        play.register(item(medicine=medicine))

    with django_assert_num_queries(5):
        townships(play.world.county.pk, Period(TODAY, TODAY)).rows({})
