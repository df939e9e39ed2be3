"""Handing out in a real browser: by keyboard alone, on a phone and on a desk, in Chinese."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from catalogue.models import Medicine
from deploy.browser import axe
from distribution.models import Dispensing
from inventory.models import Side
from tests.distribution.stock import stock
from tests.pages.conftest import WIDTHS, Site
from tests.pages.test_in_browser import keep

ADDRESSES = ["/clinic/", "/dispense/", "/dispensings/", "/returns/", "/needs/", "/needs/ask/", "/shipments/"]


def tab_to(screen: Page, selector: str) -> None:
    """Press Tab until what is wanted has the focus."""
    for _n in range(30):
        if screen.evaluate(f"document.activeElement.matches({selector!r})"):
            return
        screen.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {selector}.")


@pytest.mark.parametrize("width", WIDTHS)
def test_medicine_is_handed_out_by_keyboard(site: Site, width: int) -> None:
    world = site.world
    here = world.villages[0]
    Medicine.objects.filter(code="M009a").update(not_for="child")
    stock(world, 40, place=here, side=Side.CLINIC, days=12)
    stock(world, 20, place=here, side=Side.CLINIC, medicine=world.paracetamol, lot="7")
    screen = site.signed_in(world.person("clinic", here), width)

    screen.goto("/dispense/")
    tab_to(screen, ".skip")
    screen.keyboard.press("Enter")
    tab_to(screen, "[value='M009a']")
    screen.keyboard.press("Space")
    tab_to(screen, "[name='/age_band']")
    screen.keyboard.press("Space")
    screen.keyboard.press("ArrowRight")
    keep(screen, "dispense-chosen", width)
    tab_to(screen, "main button.whole")
    screen.keyboard.press("Enter")
    screen.wait_for_selector(".handed")
    keep(screen, "dispense-handed", width)

    given = Dispensing.objects.get()
    assert (given.age_band, [line.quantity for line in given.lines.all()]) == ("4-14", [6])
    assert "不适用于儿童" in screen.inner_text(".handed")
    found = []
    for address in ADDRESSES:
        screen.goto(address)
        keep(screen, address.strip("/").replace("/", "-"), width)
        screen.evaluate(axe())
        found += [
            (address, fault["id"], fault["nodes"][0]["html"][:120])
            for fault in screen.evaluate(
                "axe.run({ resultTypes: ['violations'] }).then((said) => said.violations)"
            )
            if fault["impact"] in {"serious", "critical"}
        ]
    assert found == []

    screen.goto("/needs/ask/")
    asked = screen.locator("[name='/lines/0/medicine']")
    asked.focus()
    screen.keyboard.type("fbd")
    screen.wait_for_selector("#medicines-1 li[aria-selected='true']")
    keep(screen, "needs-ask-found", width)
    screen.keyboard.press("Enter")
    expect(asked).to_have_value("布洛芬缓释胶囊 0.3g (M010)")
    screen.keyboard.press("Tab")
    screen.keyboard.type("48")
    screen.focus("main button.whole")
    screen.keyboard.press("Enter")
    screen.wait_for_url("**/needs/")
    expect(screen.locator("main")).to_contain_text("布洛芬缓释胶囊 0.3g × 48 粒")
    assert site.errors == []
