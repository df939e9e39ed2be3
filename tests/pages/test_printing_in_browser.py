"""What of the public's pages comes on paper, printed by a real browser."""

from __future__ import annotations

import io
import re

import pypdfium2

from donations.models import Item
from reports.models import BulletinFile
from tests.pages.conftest import SHOTS, Site
from tests.reports.play import Play, edition
from tests.reports.test_bulletins import published
from tests.reports.test_public import receipt
from tests.world import TODAY, item

# What is for the hand alone: ways to other pages, forms, buttons.
NOT_ON_PAPER = ("English", "跳到正文", "查询", "同一数据的表格")
ON_PAPER = {
    # What is folded on the screen as well: the tables behind the charts, and the account by medicine.
    "county": (
        "从江县捐赠药品", "截至时刻", "惠及人次 6 6", "解热镇痛药 1 1 1 1 1 1", "布洛芬片 0.1g 片 40 30 8",
        "需冷藏药品 征集活动规定", "从江县中医院北院药房 接收时间",
    ),
    "bulletin": ("从江县 · ", "第1期公示", "捐赠笔数 1 1", "PDF", "CSV", "如何核验"),
    "receipt": ("布洛芬片 0.1g", "合格 30", "收到该批次的机构： 贯洞镇卫生院", "该批次惠及人次： 5人次以上"),
}  # fmt: skip
A4_WIDTH = 595  # points
WITHIN_MARGINS = 688  # of the same sheet, in the browser's own measure
CUT = "[...document.querySelectorAll('table')].filter((each) => each.scrollWidth > each.parentElement.clientWidth)"
CUT += ".map((each) => each.innerText)"

# Of each account how many columns it has, and whether all of them can be seen at once.
BESIDE = "[...document.querySelectorAll('.account')].map((each) => [each.querySelectorAll('th').length,"
BESIDE += " each.scrollWidth <= each.clientWidth])"


def test_public_pages_print_whole_and_without_navigation(site: Site) -> None:
    given = given_and_used(Play(site.world))
    pk = published(site.world, period_end=str(TODAY))["id"]
    screen = site.screen(1280)
    SHOTS.mkdir(exist_ok=True)
    said = {}
    for name, address in (
        ("county", "/counties/522633/"),
        ("bulletin", f"/bulletins/{edition(pk)}/"),
        ("receipt", "/receipts/"),
    ):
        screen.goto(address)
        if name == "receipt":
            screen.fill("#code", receipt(given))
            screen.keyboard.press("Enter")
            screen.wait_for_selector("h3")
        file = screen.pdf(format="A4")
        (SHOTS / f"print-{name}.pdf").write_bytes(file)
        said[name] = text_of(file)

    found = chosen_and_found(
        site, "bulletin.pdf", bytes(BulletinFile.objects.get(bulletin=pk, name="bulletin.pdf").content)
    )
    assert "bulletin.pdf" in found
    assert "没有" in chosen_and_found(site, "other.pdf", b"%PDF-1.7 another")
    assert site.errors.pop().endswith("404 (Not Found)")

    desk = site.signed_in(site.world.person("publisher"), 1280)
    desk.goto(f"/bulletins/{pk}/desk/")
    assert desk.evaluate(BESIDE) == [[22, True], [22, True]]
    screen.emulate_media(media="print")
    screen.set_viewport_size({"width": WITHIN_MARGINS, "height": 900})
    screen.goto("/counties/522633/?language=en")
    assert screen.evaluate(CUT) == []
    assert site.errors == []
    for name, words in ON_PAPER.items():
        assert [word for word in words if word not in said[name]] == [], name
        assert [word for word in NOT_ON_PAPER if word in said[name]] == [], name
    assert BulletinFile.objects.get(bulletin=pk, name="bulletin.pdf").sha256 in said["bulletin"]


def chosen_and_found(site: Site, name: str, content: bytes) -> str:
    """What a telephone says of a file that is chosen from its downloads; nothing but its hash is sent."""
    screen = site.screen(360)
    screen.goto("/verify/")
    screen.set_input_files("#file", {"name": name, "mimeType": "application/pdf", "buffer": content})
    screen.wait_for_url(re.compile("/verify/[0-9a-f]{64}/"))
    screen.wait_for_selector("[role=status].good, [role=alert]#fault")
    return screen.inner_text("main")


def given_and_used(play: Play) -> Item:
    """A gift of which something became of every kind, so that the account by medicine is wide."""
    (given,) = play.register(item(quantity=40))
    play.count(given, 40)
    play.accept(given, 30)
    play.reject(given, 8)
    batch, shipment = play.batch(given), play.shipment(play.world.centre)
    play.dispatch(shipment, batch, 20)
    play.receive(shipment, batch, 19, missing=1)
    play.dispense(play.world.centre, batch, 12, recipients=6)
    return given


def text_of(file: bytes) -> str:
    """The words on the sheets; none stands beyond the edge, and each sheet says something."""
    words = []
    with pypdfium2.PdfDocument(io.BytesIO(file)) as document:
        for page in document:
            text = page.get_textpage()
            words.append(text.get_text_range())
            boxes = [text.get_rect(number) for number in range(text.count_rects())]
            assert words[-1].strip()
            assert all(left >= 0 and right <= A4_WIDTH for left, _bottom, right, _top in boxes)
    return re.sub(r"\s+", " ", " ".join(words))
