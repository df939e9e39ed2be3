"""The clerk's job in a real browser: by keyboard, on a phone and on a desk, in Chinese."""

from __future__ import annotations

import time
import uuid
from typing import Any

from playwright.sync_api import Page, Route, expect

from deploy.browser import axe
from donations.models import Donation
from tests.pages.conftest import SHOTS, WIDTHS, Site
from tests.world import donation

LATER = "2029年5月"
SCANNED = "(01)06901234567892(17)290531(10)A2405(21)K77"


def keep(screen: Page, name: str, width: int) -> None:
    """A picture to look at; nothing on it stands beyond the window."""
    SHOTS.mkdir(exist_ok=True)
    screen.screenshot(path=SHOTS / f"{name}-{width}.png", full_page=True)
    widest = screen.evaluate("document.documentElement.scrollWidth")
    assert widest <= width, f"{name} is {widest} wide"


def serious_faults(screen: Page, script: str) -> list[tuple[str, str]]:
    """What axe-core, whose source is `script`, finds on this page that shuts somebody out."""
    screen.evaluate(script)
    faults = screen.evaluate("axe.run({ resultTypes: ['violations'] }).then((said) => said.violations)")
    return [
        (fault["id"], fault["nodes"][0]["html"][:120])
        for fault in faults
        if fault["impact"] in {"serious", "critical"}
    ]


def keep_all(screen: Page, name: str) -> None:
    """Keep the page's picture at every width; the window is then as wide as before."""
    before = screen.viewport_size
    for width in WIDTHS:
        screen.set_viewport_size({"width": width, "height": 780})
        keep(screen, name, width)
    if before is not None:
        screen.set_viewport_size(before)


def look(screen: Page, address: str, name: str, script: str) -> list[tuple[str, ...]]:
    """Keep the page's pictures; what axe-core finds on it."""
    screen.goto(address)
    keep_all(screen, name)
    return [(address, *fault) for fault in serious_faults(screen, script)]


def type_in(screen: Page, *texts: str) -> None:
    for text in texts:
        screen.keyboard.type(text)
        screen.keyboard.press("Enter")


def donor(screen: Page, name: str = "张三") -> None:
    """The donor's line; Enter passes the township and the consent, Space gives the promise."""
    expect(screen.locator("[name='/donor/name']")).to_be_focused()
    type_in(screen, name, "13800138000", "县教育局", "", "")
    screen.keyboard.press("Space")
    screen.keyboard.press("Enter")


def medicine(screen: Page, words: str, *cells: str) -> None:
    """One line by its pinyin: wait for what is found as a person would, then Enter."""
    lines = screen.locator("#lines > li").count()
    screen.keyboard.type(words)
    screen.wait_for_selector("#found li[aria-selected='true'] small")
    screen.keyboard.press("Enter")
    expect(screen.locator("#lines > li")).to_have_count(lines + 1)
    type_in(screen, *cells)


def register(screen: Page) -> None:
    """Enter on the empty search goes to the button, and Enter there registers."""
    expect(screen.locator("#find")).to_be_focused()
    screen.keyboard.press("Enter")
    screen.keyboard.press("Enter")


def test_five_medicines_by_keyboard_in_under_a_minute(site: Site) -> None:
    screen = site.signed_in(site.world.person("clerk", site.world.office), WIDTHS[1])
    keep_all(screen, "home")
    screen.goto("/intake/")
    keep_all(screen, "intake-empty")
    begun = time.monotonic()

    donor(screen)
    type_in(screen, SCANNED)
    screen.wait_for_selector("#lines > li")
    type_in(screen, "2", "")
    medicine(screen, "blf", "2", "24", "", "2403051", LATER)
    medicine(screen, "duiyixiananjifen", "1", "10", "", "240101", LATER)
    medicine(screen, "lhqw", "1", "24", "", "B240611", LATER)
    medicine(screen, "banlangen", "1", "10", "", "231201", "2022-05")
    expect(screen.locator(".verdict .badge")).to_have_count(5)
    keep_all(screen, "intake-full")
    register(screen)
    screen.wait_for_selector("#saved:not([hidden])")

    assert time.monotonic() - begun < 60
    keep_all(screen, "intake-saved")
    kept = Donation.objects.get()
    assert [item.quantity for item in kept.items.order_by("line")] == [40, 48, 10, 24, 10]
    assert kept.items.get(line=1).lot_number == "A2405"
    receipt = screen.request.get(str(screen.get_attribute("[data-receipt='80mm']", "href")))
    assert receipt.headers["content-type"] == "application/pdf"
    assert site.errors == []


def test_error_stands_at_its_field_and_the_typing_stays(site: Site) -> None:
    screen = site.signed_in(site.world.person("clerk", site.world.office), 360)
    screen.goto("/intake/")
    donor(screen)
    medicine(screen, "blf", "2", "24", "", "2403051", "2022年13月")
    register(screen)

    screen.wait_for_selector("#refusal:not([hidden])")
    wrong = screen.locator("[aria-invalid='true']")
    assert (wrong.count(), wrong.input_value()) == (1, "2022年13月")
    assert wrong.evaluate("one => one === document.activeElement")
    assert Donation.objects.count() == 0
    keep(screen, "intake-refused", 360)

    type_in(screen, LATER)
    register(screen)
    screen.wait_for_selector("#saved:not([hidden])")
    assert Donation.objects.count() == 1


def test_answer_that_was_lost_is_asked_for_again_and_registers_once(site: Site) -> None:
    screen = site.signed_in(site.world.person("clerk", site.world.office), 360)
    screen.goto("/intake/")
    lost: list[Any] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch())
            route.abort()
        else:
            route.continue_()

    screen.route("**/api/v1/donations/", lose)
    donor(screen)
    medicine(screen, "blf", "2", "24", "", "2403051", LATER)
    register(screen)
    screen.wait_for_selector("#refusal:not([hidden])")
    screen.focus("#register")
    screen.keyboard.press("Enter")
    screen.wait_for_selector("#saved:not([hidden])")

    assert (len(lost), Donation.objects.count()) == (1, 1)


def test_screens_shut_nobody_out(site: Site) -> None:
    """axe-core finds nothing serious, the console nothing at all, and nothing stands beyond a phone's window."""
    world = site.world
    clerk = world.signed("clerk", world.office)
    brought = [clerk.post("donations/", donation(place=world.office.code)).json()["id"] for _n in range(2)]
    sent = {"from_place": world.office.code, "to_place": world.hospital.code, "donations": brought[:1]}
    handover = clerk.post("handovers/", sent, key=uuid.uuid4()).json()["id"]
    clerk_sees = [
        "/",
        "/intake/",
        "/donations/",
        f"/donations/{brought[1]}/",
        f"/donations/{brought[1]}/void/",
    ]
    clerk_sees += ["/handovers/", "/handovers/new/", f"/handovers/{handover}/", "/rosters/"]
    counter_sees = [f"/handovers/{handover}/receive/", "/"]
    script, found = axe(), []

    for person, addresses in ((clerk.person, clerk_sees), (world.person("pharmacist"), counter_sees)):
        screen = site.signed_in(person, WIDTHS[0])
        for address in addresses:
            name = address.strip("/").replace("/", "-") or f"home-{person.name}"
            found += look(screen, address, name, script)

    assert found == []
    assert site.errors == []


def test_sign_in_and_errors_are_pages(site: Site) -> None:
    for width in WIDTHS:
        screen = site.screen(width)
        for name, address in (("welcome", "/"), ("sign-in", "/sign-in/"), ("password", "/password/")):
            screen.goto(address)
            keep(screen, name, width)
        answer = screen.goto("/nothing/")
        keep(screen, "not-found", width)
        assert answer is not None
        assert answer.status == 404
