"""Intake without a network: none lost, none doubled, none under another account; the page opens with no server."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from playwright.sync_api import Page, expect

from core.receipt_codes import new_receipt_code, unguessable_receipt_code
from deploy.browser import axe
from donations.models import Donation
from donations.pages import offline
from tests.pages.conftest import WIDTHS, Site
from tests.pages.flaky import Flaky
from tests.pages.test_in_browser import LATER, keep, serious_faults, type_in
from tests.world import PASSWORD

PAGE = "/intake/offline/"
# What a browser itself says of a request that failed, beside what the page says of it.
UNREACHED = "Failed to load resource"
# The page's own modules put a draft into the outbox as its form does, many at once.
FILL = """async ([from, to]) => {
  const codes = [];
  const { putDraft, kept } = await import("/static/donations/offline/store.js");
  const { newReceiptCode } = await import("/static/donations/offline/receipts.js");
  const { newKey } = await import("/static/donations/intake/page.js");
  const kit = await kept("kit");
  const read = { lot_number: "2403051", lot_state: "read", expiry: "2029年5月", expiry_state: "read" };
  const item = { medicine: "M010", quantity: 24, ...read };
  const day = document.getElementById("received").value;
  for (let n = from; n < to; n += 1) {
    const donor = { kind: "person", name: `捐赠人${n}` };
    const place = kit.places[0].code;
    const said = { received_on: day, unfit: "destroy", source_confirmed: true, receipt_code: newReceiptCode() };
    const body = { place, campaign: kit.campaigns[0].code, donor, items: [item], ...said };
    const made_at = new Date().toISOString();
    await putDraft({ key: newKey(), person: kit.person, place, made_at, body, state: "waiting", tried: false });
    codes.push(body.receipt_code);
  }
  return codes;
}"""

# Somebody signs in at the form, in another tab.
SIGN_IN = """async ([username, password]) => {
  const page = new DOMParser().parseFromString(await (await fetch("/sign-in/")).text(), "text/html");
  const form = new FormData(page.querySelector("#username").form);
  form.set("username", username);
  form.set("password", password);
  await fetch("/sign-in/", { method: "POST", body: form });
}"""
# The same in the instant between the question whose sign-in it is and the draft.
SLIP_IN = f"""(who) => {{
  const real = window.fetch;
  window.fetch = async (address, options) => {{
    if (options.method === "POST" && address.endsWith("/donations/")) {{
      window.fetch = real;
      await ({SIGN_IN})(who);
    }}
    return real(address, options);
  }};
}}"""
# What lies in the browser's stores once nothing is unsent.
STORED = """async () => {
  const { drafts, kept } = await import("/static/donations/offline/store.js");
  if ((await drafts()).length) return ["drafts"];
  const kit = await kept("kit");
  const own = Object.keys(kit).filter((name) => !["county", "places", "campaigns", "townships"].includes(name));
  return [...own, ...Object.keys(localStorage), ...Object.keys(sessionStorage)].sort().reverse();
}"""
CODES = """async (given) => {
  const { isReceiptCode, newReceiptCode } = await import("/static/donations/offline/receipts.js");
  return { made: Array.from({ length: 200 }, newReceiptCode), known: given.filter(isReceiptCode).length };
}"""

MEDICINES = """() => import("/static/donations/offline/store.js")
  .then(({ kept }) => kept("medicines")).then((list) => Boolean(list && list.medicines.length))"""
UPDATE = """async () => {
  const registration = await navigator.serviceWorker.getRegistration("/intake/");
  await registration.update().catch(() => {});
  const installing = registration.installing;
  if (installing) await new Promise((done) => {
    installing.onstatechange = () => installing.state === "installing" || done();
  });
  return [Boolean(registration.waiting), (await caches.keys()).length];
}"""


@pytest.fixture
def flaky(site: Site) -> Iterator[Flaky]:
    line = Flaky()
    site.address = line.address
    yield line
    line.stop()


def ready(site: Site, width: int = 360) -> Page:
    """A clerk's device that has opened the page once with a network and keeps it from now on."""
    client = Client()
    client.force_login(site.world.person("clerk", site.world.office))
    screen = site.screen(width)
    session = client.cookies["sessionid"].value
    screen.context.add_cookies([{"name": "sessionid", "value": session, "url": site.address}])
    screen.goto(PAGE)
    screen.wait_for_selector("[data-state='ready']:not([hidden])")
    screen.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    screen.reload()
    screen.wait_for_selector("[data-state='ready']:not([hidden])")
    return screen


def again(screen: Page) -> Page:
    """The tab is closed, and another one opened."""
    window = screen.context.new_page()
    screen.close()
    window.set_default_timeout(15_000)
    window.goto(PAGE)
    return window


def take_in(screen: Page, name: str, words: str = "blf", expiry: str = LATER) -> str:
    """One donor by keyboard; the code that the donor was told."""
    expect(screen.locator("[name='/donor/name']")).to_be_focused()
    type_in(screen, name, "13800138000", "", "", "")
    screen.keyboard.press("Space")
    screen.keyboard.press("Enter")
    screen.keyboard.type(words)
    screen.wait_for_selector("#found li[aria-selected='true'] small")
    screen.keyboard.press("Enter")
    type_in(screen, "1", "24", "", "2403051", expiry)
    expect(screen.locator("#lines .verdict")).to_have_text("判断待联网后进行")
    screen.check("[name='/unfit'][value='return']")
    screen.click("#register")
    screen.wait_for_selector("#saved:not([hidden])")
    return screen.locator("#saved [data-out='receipt-code']").inner_text()


def unsent(screen: Page, count: int) -> None:
    expect(screen.locator("#unsent")).to_have_text(str(count))


def send(screen: Page, until: str, patience: float = 120) -> None:
    """Again and again, as the page would by itself with longer waits between."""
    begun = time.monotonic()
    while not screen.locator(until).count():
        assert time.monotonic() - begun < patience, screen.locator("#unsent-bar").inner_text()
        screen.evaluate("document.getElementById('send').click()")
        screen.wait_for_timeout(60)


def sign_in(screen: Page, username: str) -> None:
    screen.goto("/sign-in/")
    screen.fill("#username", username)
    screen.fill("#password", PASSWORD)
    screen.keyboard.press("Enter")
    screen.wait_for_selector(".who")


@pytest.mark.parametrize("count", [30, pytest.param(500, marks=pytest.mark.long)])
def test_drafts_over_a_failing_line_arrive_once_each_and_in_order(
    site: Site, flaky: Flaky, count: int
) -> None:
    """Taken in with the server gone, sent over a line that fails, the tab closed and the sign-in ended meanwhile."""
    screen = ready(site)
    flaky.stop()
    screen.reload()
    screen.context.set_offline(True)
    codes = [take_in(screen, "张三")]
    keep(screen, "offline-kept", 360)
    screen.click("#next-donor")
    codes.append(take_in(screen, "李四"))
    codes += screen.evaluate(FILL, [2, count // 2])
    screen = again(screen)
    codes += screen.evaluate(FILL, [count // 2, count])
    screen.context.set_offline(False)
    screen = again(screen)
    unsent(screen, count)
    keep(screen, "offline-away", 360)

    flaky.follow("lost", "fine", "cut", "racing", "fine", "busy", "fine", "fine")
    flaky.start()
    send(screen, f"#sent li:nth-child({count // 5})")
    screen = again(screen)
    Session.objects.all().delete()
    send(screen, "[data-state='signed-out']:not([hidden])")
    assert 0 < Donation.objects.count() < count
    expect(screen.locator("#drafts > li")).to_have_count(0)
    keep(screen, "offline-signed-out", 360)
    clerk = site.world.person("clerk", site.world.office)
    clerk.set_password(PASSWORD)
    clerk.save()
    sign_in(screen, clerk.username)
    screen.goto(PAGE)
    send(screen, "#sent li")
    flaky.is_down = True
    send(screen, "[data-state='away']:not([hidden])")
    flaky.is_down = False
    send(screen, "#unsent-bar.none", patience=60 + count)

    made = list(Donation.objects.order_by("id").values_list("receipt_code", flat=True))
    assert made == [code.replace("-", "") for code in codes]
    assert (len(set(flaky.keys)), len(flaky.keys) > count) == (count, True)
    assert [said for said in site.errors if not said.startswith(UNREACHED)] == []


def test_draft_is_never_sent_under_another_account(site: Site, flaky: Flaky) -> None:
    """Another person on the same device sees a number, sends nothing, and cannot slip in while something is sent."""
    world = site.world
    first, second = world.person("clerk", world.office), world.person("clerk", world.hospital)
    screen = ready(site)
    flaky.is_down = True
    code = take_in(screen, "张三丰")
    screen.goto("about:blank")  # its page would send it as soon as the line is there again
    flaky.is_down = False
    for person in (first, second):
        person.set_password(PASSWORD)
        person.save()
    sign_in(screen, second.username)
    screen.goto("/intake/")
    expect(screen.locator("#unsent-bar")).to_contain_text("1")
    screen.goto(PAGE)

    expect(screen.locator("#others")).to_contain_text("1")
    expect(screen.locator("#account")).to_contain_text(str(second.pk))
    unsent(screen, 1)
    assert "张三丰" not in screen.locator("body").inner_text()
    own = screen.evaluate(FILL, [0, 1])
    send(screen, "#sent li")
    assert list(Donation.objects.values_list("registered_by", flat=True)) == [second.pk]
    keep(screen, "offline-others", 360)

    sign_in(screen, first.username)
    screen.add_init_script(f"({SLIP_IN})({json.dumps([second.username, PASSWORD])})")
    with screen.expect_response(lambda answer: answer.status == 403):
        screen.goto(PAGE)
    expect(screen.locator("#account")).to_contain_text(str(first.pk))
    expect(screen.locator("#account")).to_contain_text(str(second.pk))
    assert Donation.objects.count() == 1

    sign_in(screen, first.username)
    again(screen).wait_for_selector("#sent li")
    made = Donation.objects.order_by("id").values_list("receipt_code", "registered_by")
    assert list(made) == [
        (each.replace("-", ""), person.pk) for each, person in ((own[0], second), (code, first))
    ]


def test_refused_draft_stays_to_be_mended_and_holds_nobody_up(site: Site, flaky: Flaky) -> None:
    screen = ready(site)
    flaky.is_down = True
    code = take_in(screen, "张三", expiry="2022年13月")
    behind = screen.evaluate(FILL, [1, 3])
    flaky.is_down = False
    send(screen, "#sent li:nth-child(2)")
    unsent(screen, 1)
    assert Donation.objects.count() == len(behind)
    expect(screen.locator("#drafts .fault")).to_contain_text("没有这一天")
    keep(screen, "offline-refused", 360)
    with screen.expect_download() as download:
        screen.click("#export")
    (exported,) = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert (exported["body"]["receipt_code"], exported["body"]["donor"]["name"]) == (code, "张三")

    screen = again(screen)
    screen.get_by_role("button", name="修改").click()
    wrong = screen.locator("[data-field='expiry'][aria-invalid='true']")
    expect(wrong).to_have_value("2022年13月")
    expect(screen.locator("#intake [data-out='receipt-code']")).to_have_text(code)
    keep(screen, "offline-mended", 360)
    wrong.fill("2022-05")
    screen.click("#register")
    screen.wait_for_selector("#sent li")

    kept = Donation.objects.get(receipt_code=code.replace("-", ""))
    assert (kept.items.get().quantity, len(set(flaky.keys))) == (24, 3)
    screen.click("#sent button")
    expect(screen.locator("#sent .warn")).to_contain_text("封闭箱")
    assert kept.items.get().custody_entries.latest("id").to_state == "in_bin"
    assert screen.evaluate(f"({STORED})()") == ["place", "person"]


def test_lost_answer_at_the_counter_can_wait_on_the_device(site: Site, flaky: Flaky) -> None:
    """A sign-in that was renewed in another tab goes on, another account's does not. What was sent in vain waits
    under the same key; without a network the address still opens."""
    world, screen = site.world, ready(site)
    screen.goto("/intake/")
    expect(screen.locator("[name='/donor/name']")).to_be_focused()
    type_in(screen, "王五", "13800138000", "", "", "")
    screen.keyboard.press("Space")
    screen.keyboard.press("Enter")
    screen.keyboard.type("blf")
    screen.wait_for_selector("#found li[aria-selected='true'] small")
    screen.keyboard.press("Enter")
    type_in(screen, "1", "24", "", "2403051", LATER)
    first, second = world.person("clerk", world.office), world.person("clerk", world.hospital)
    for person in (first, second):
        person.set_password(PASSWORD)
        person.save()
    screen.evaluate(SIGN_IN, [second.username, PASSWORD])
    screen.click("#register")
    expect(screen.locator("#refusal")).to_be_visible()
    assert Donation.objects.count() == 0
    screen.evaluate(SIGN_IN, [first.username, PASSWORD])
    flaky.follow("fine", "lost", *["cut"] * 20)  # a browser tries again by itself
    screen.click("#register")
    expect(screen.locator("#keep")).to_be_visible()
    keep(screen, "intake-keep", 360)
    flaky.is_down = True
    screen.click("#keep")
    screen.wait_for_selector("#drafts .draft")
    screen.goto("/intake/")
    assert screen.url.endswith(PAGE)
    assert Donation.objects.count() == 1

    flaky.is_down = False
    flaky.follow("fine")
    send(screen, "#unsent-bar.none")
    assert (Donation.objects.count(), len(set(flaky.keys))) == (1, 1)


def test_counter_makes_the_device_ready_for_the_hour_without_a_network(site: Site, flaky: Flaky) -> None:
    screen = site.signed_in(site.world.person("clerk", site.world.office), 360)
    screen.goto("/intake/")
    begun = time.monotonic()
    while not screen.evaluate(MEDICINES):
        assert time.monotonic() - begun < 15
        screen.wait_for_timeout(100)
    screen.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    flaky.is_down = True
    screen.goto("/intake/")
    take_in(screen, "张三")

    unsent(screen, 1)
    assert screen.url.endswith(PAGE)


def test_page_shuts_nobody_out_and_wipes(site: Site, flaky: Flaky) -> None:
    screen = ready(site)
    flaky.is_down = True
    take_in(screen, "张三")
    screen.click("#next-donor")
    screen.evaluate(FILL, [0, 2])
    screen.goto(f"{PAGE}?language=en")
    screen.wait_for_selector("[data-state='away']:not([hidden])")
    keep(screen, "offline-en", 360)
    screen = again(screen)
    screen.wait_for_selector("[data-state='away']:not([hidden])")
    script, found = axe(), []
    for width in WIDTHS:
        screen.set_viewport_size({"width": width, "height": 780})
        keep(screen, "offline", width)
        found += serious_faults(screen, script)

    assert found == []
    assert [said for said in site.errors if not said.startswith(UNREACHED)] == []
    codes = screen.evaluate(CODES, [new_receipt_code() for _n in range(200)])
    assert codes["known"] == 200
    assert [unguessable_receipt_code(code) for code in codes["made"]] == codes["made"]

    screen.click("#wipe summary")
    screen.check("#wipe-sure")
    screen.click("#wipe-now")
    screen.wait_for_selector("#unprepared:not([hidden])")
    unsent(screen, 0)


def test_new_release_is_kept_whole_or_not_at_all(
    site: Site, flaky: Flaky, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = ready(site)
    old, shown = offline.release(), offline.page_in
    mixed = {**old["files"], "/static/donations/intake/lines.js": "sha256-" + "A" * 43 + "="}
    with monkeypatch.context() as served:
        served.setattr(offline, "release", lambda: {"name": "mixed", "files": mixed})
        assert screen.evaluate(UPDATE) == [False, 1]

    new = "离线登记新版"
    with monkeypatch.context() as served:
        served.setattr(
            offline, "page_in", lambda name: shown(name).replace("离线登记".encode(), new.encode())
        )
        offline.release.cache_clear()
        screen.fill("[name='/donor/name']", "张三")
        assert screen.evaluate(UPDATE) == [True, 2]
        expect(screen.locator("h1")).to_have_text("离线登记")
        expect(screen.locator("[name='/donor/name']")).to_have_value("张三")
        screen.fill("[name='/donor/name']", "")
        screen.reload()
        expect(screen.locator("h1")).to_have_text(new, timeout=15_000)
        assert screen.evaluate("caches.keys().then((names) => names.length)") == 1
        screen.close()
    offline.release.cache_clear()
