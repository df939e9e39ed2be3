"""Handing out in a real browser: by keyboard alone, on a phone, in Chinese."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from catalogue.models import Medicine
from deploy.browser import axe
from distribution.models import Dispensing
from inventory.models import Side
from tests.distribution.stock import stock
from tests.pages.conftest import WIDTHS, Site
from tests.pages.test_in_browser import keep_all, look

ADDRESSES = ["/clinic/", "/dispense/", "/dispensings/", "/returns/", "/needs/", "/needs/ask/", "/shipments/"]


def tab_to(screen: Page, selector: str) -> None:
    """Press Tab until what is wanted has the focus."""
    for _n in range(30):
        if screen.evaluate(f"document.activeElement.matches({selector!r})"):
            return
        screen.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {selector}.")


def test_medicine_is_handed_out_by_keyboard(site: Site) -> None:
    world = site.world
    here = world.villages[0]
    Medicine.objects.filter(code="M009a").update(not_for="child")
    stock(world, 40, place=here, side=Side.CLINIC, days=12)
    stock(world, 20, place=here, side=Side.CLINIC, medicine=world.paracetamol, lot="7")
    screen = site.signed_in(world.person("clinic", here), WIDTHS[0])

    screen.goto("/dispense/")
    tab_to(screen, ".skip")
    screen.keyboard.press("Enter")
    tab_to(screen, "[value='M009a']")
    screen.keyboard.press("Space")
    tab_to(screen, "[name='/age_band']")
    screen.keyboard.press("Space")
    screen.keyboard.press("ArrowRight")
    keep_all(screen, "dispense-chosen")
    tab_to(screen, "main button.whole")
    screen.keyboard.press("Enter")
    screen.wait_for_selector(".handed")
    keep_all(screen, "dispense-handed")

    given = Dispensing.objects.get()
    assert (given.age_band, [line.quantity for line in given.lines.all()]) == ("4-14", [6])
    assert "不适用于儿童" in screen.inner_text(".handed")
    script, found = axe(), []
    for address in ADDRESSES:
        found += look(screen, address, address.strip("/").replace("/", "-"), script)
    assert found == []

    screen.goto("/needs/ask/")
    asked = screen.locator("[name='/lines/0/medicine']")
    asked.focus()
    screen.keyboard.type("fbd")
    screen.wait_for_selector("#medicines-1 li[aria-selected='true']")
    keep_all(screen, "needs-ask-found")
    screen.keyboard.press("Enter")
    expect(asked).to_have_value("布洛芬缓释胶囊 0.3g (M010)")
    screen.keyboard.press("Tab")
    screen.keyboard.type("48")
    screen.focus("main button.whole")
    screen.keyboard.press("Enter")
    screen.wait_for_url("**/needs/")
    expect(screen.locator("main")).to_contain_text("布洛芬缓释胶囊 0.3g × 48 粒")
    assert site.errors == []
