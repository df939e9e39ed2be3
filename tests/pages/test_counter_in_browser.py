"""What the counter's page does with codes, with what cannot be taken, and with what is typed by hand."""

from __future__ import annotations

from playwright.sync_api import expect

from core.receipt_codes import new_receipt_code
from donations.models import Box, CustodyEntry, Donation
from tests.pages.conftest import Site
from tests.pages.test_in_browser import LATER, donor, keep, medicine, register, type_in

TRACE = "81234567890123456789"
# Without separators the lot may hold the serial number; the product is of nobody's list.
RUN_ON = "010690000000008317290531102203051" + "21ABC12"


def test_codes_of_unknown_products_keep_what_they_said(site: Site) -> None:
    """By keyboard but for the click on a reading: a slip, a box seen before, a string without separators."""
    world, slip = site.world, new_receipt_code()
    before = {"trace_codes": [TRACE], "medicine": "M009a", "quantity": 20}
    body = {
        "campaign": world.campaign.code,
        "place": world.office.code,
        "received_on": str(world.campaign.starts_on),
    }
    body |= {"source_confirmed": True, "donor": {"kind": "anonymous"}, "items": [before]}
    assert world.signed("clerk", world.office).post("donations/", body).status_code == 201
    screen = site.signed_in(world.person("clerk", world.office), 360)
    sizes: list[int] = []
    screen.on("response", lambda answer: sizes.append(len(answer.body())) if answer.ok else None)
    screen.goto("/intake/", wait_until="networkidle")
    # For a cheap phone on a patchy network: everything of the first view, uncompressed.
    assert 10_000 < sum(sizes) < 150_000

    donor(screen)
    type_in(screen, slip)
    expect(screen.locator("#slip [data-out='code']")).to_have_text(slip)
    type_in(screen, TRACE)
    line = screen.locator("#lines > li").nth(0)
    expect(line.locator(".reasons")).to_contain_text("追溯码曾登记")
    expect(screen.locator("#find")).to_be_focused()
    medicine(screen, "blf", "1", "24", "", "2403051", LATER)
    expect(line.locator("[data-out='name']")).to_have_text(f"未知药品 {TRACE}")
    keep(screen, "intake-unknown", 360)
    line.get_by_role("button", name="再加一盒").click()
    expect(screen.locator("#lines > li")).to_have_count(1)
    expect(line.locator("[data-out='name']")).to_contain_text("布洛芬")

    type_in(screen, RUN_ON)
    other = screen.locator("#lines > li").nth(1)
    expect(other.locator(".said-of .choice-of")).to_have_count(2)
    assert other.locator(".said-of").inner_text().count("分隔符") == 1
    keep(screen, "intake-choices", 360)
    other.locator(".said-of .choice-of", has_text="序列号").click()
    expect(other.locator("[data-field='lot_number']")).to_have_value("2203051")
    expect(other.locator("[data-out='read']")).to_have_text(
        "批号 2203051 · 序列号 ABC12 · 有效期至 2029-05-31"
    )
    screen.focus("#find")
    register(screen)

    name, unit = other.locator("[data-field='description']"), other.locator("[data-field='unit']")
    expect(name).to_be_focused()
    expect(name).to_have_attribute("aria-invalid", "true")
    screen.keyboard.type("没有的药")
    expect(other.locator(".found li[aria-selected='true']")).to_contain_text("由药师定名")
    type_in(screen, "")
    expect(unit).to_be_focused()
    type_in(screen, "", "1", "12", "")
    register(screen)
    expect(unit).to_be_focused()
    expect(unit).to_have_attribute("aria-invalid", "true")
    unit.select_option("粒")
    screen.focus("#find")
    register(screen)
    screen.wait_for_selector("#saved:not([hidden])")
    kept = Donation.objects.get(receipt_code=slip.replace("-", ""))
    first, second = kept.items.order_by("line")
    assert (first.trace_codes, first.quantity, first.lot_number, "trace_repeated" in first.reasons) == (
        [TRACE],
        24,
        "2403051",
        True,
    )
    assert (second.description, second.unit, second.lot_number) == ("没有的药", "粒", "2203051")
    assert (second.medicine, second.outcome, second.quantity) == (None, "review", 12)
    assert Box.objects.get(item=second).code == "(01)06900000000083(21)ABC12"
    assert str(second.last_usable_day) == "2029-05-31"


def test_bag_of_which_nothing_can_be_taken_and_one_for_a_pharmacist(site: Site) -> None:
    world = site.world
    screen = site.signed_in(world.person("clerk", world.office), 360)
    screen.goto("/intake/")
    donor(screen)
    screen.uncheck("#source")
    screen.focus("#find")
    medicine(screen, "banlangen", "1", "10", "", "231201", "2022-05")
    expect(screen.locator("#unfit")).to_be_visible()
    expect(screen.locator("#register")).to_have_text("登记不予接收")
    register(screen)

    expect(screen.locator("#source")).to_be_focused()
    assert screen.locator("#intake").inner_text().count("须由捐赠人确认药品来自正规渠道") == 1
    screen.keyboard.press("Space")
    screen.focus("#find")
    register(screen)
    screen.wait_for_selector("#saved:not([hidden])")
    expect(screen.locator("#saved [data-extent='nothing']")).to_be_visible()
    assert "未接收任何药品" in screen.locator("#saved h2").inner_text()
    assert "已登记" not in screen.locator("#saved").inner_text()
    expect(screen.locator("[data-out='handed-back']")).to_be_visible()
    assert CustodyEntry.objects.get().to_state == "refused"

    screen.click("#leave")
    expect(screen.locator("[data-out='left']")).to_be_visible()
    expect(screen.locator("#next-donor")).to_be_focused()
    assert CustodyEntry.objects.latest("id").to_state == "in_bin"
    keep(screen, "intake-left", 360)

    world.campaign.categories = ["antipyretic"]
    world.campaign.save(update_fields=["categories"])
    screen.click("#next-donor")
    donor(screen)
    medicine(screen, "banlangen", "1", "10", "", "231201", LATER)
    line = screen.locator("#lines > li").first
    expect(line.locator(".verdict")).to_contain_text("不予接收")
    line.get_by_label("交药师审核").check()
    expect(line.locator(".verdict")).to_contain_text("待药师审核")
    expect(line.locator(".reasons")).to_contain_text("不在本次征集范围")
    screen.focus("#find")
    register(screen)
    expect(screen.locator("#saved [data-extent='whole']")).to_be_visible()

    assert Donation.objects.latest("id").items.get().outcome == "review"
