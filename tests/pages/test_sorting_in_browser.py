"""The sorting table in a real browser, by its number keys, on a phone and on a desk; and the pharmacist's screens."""

from __future__ import annotations

import pytest

from deploy.browser import axe
from inventory.models import SortingDecision
from tests.inventory.recalls import raised
from tests.inventory.stories import counted, custody, stocked
from tests.pages.conftest import WIDTHS, Site
from tests.pages.test_in_browser import keep, look
from tests.world import item

# Of these the test at the end of this file takes pictures.
ROUTES = {
    "sorting-queue/", "sorting-queue/<int:item>/", "sortings/", "sortings/awaiting/", "stock/", "stock/summary/",
    "stock-card/", "expiry-calendar/", "movements/", "holds/", "holds/new/", "batches/<int:pk>/", "labels/new/",
    "relabellings/", "recalls/", "recalls/new/", "recalls/<int:pk>/", "recalls/<int:pk>/trace/", "adverse-reactions/",
    "counts/", "counts/<int:pk>/", "destructions/", "destructions/new/", "unfit-goods/", "donor-returns/",
}  # fmt: skip


@pytest.mark.parametrize("width", WIDTHS)
def test_three_items_are_sorted_by_number_keys(site: Site, width: int) -> None:
    first, second, third = counted(site.world, item(), item(quantity=8), item(quantity=6))
    screen = site.signed_in(site.world.person("pharmacist"), width)
    keys = screen.keyboard

    screen.goto("/sorting-queue/")
    screen.get_by_text("从第一件开始").focus()
    keys.press("Enter")
    screen.wait_for_url(f"**/sorting-queue/{first}/")
    screen.wait_for_function("document.activeElement.type === 'radio'")
    keys.press("1")
    keep(screen, "sorting-accept", width)
    keys.press("0")
    keys.press("Enter")

    screen.wait_for_url(f"**/sorting-queue/{second}/")
    screen.wait_for_function("document.activeElement.type === 'radio'")
    keys.press("2")
    screen.select_option("[name='/decisions/0/reason']", "damaged")
    keep(screen, "sorting-reject", width)
    keys.press("Enter")
    keys.press("Enter")

    screen.wait_for_url(f"**/sorting-queue/{third}/")
    screen.wait_for_function("document.activeElement.type === 'radio'")
    keys.press("3")
    screen.select_option("[name='/decisions/0/reason']", "lot_not_read")
    keys.press("Enter")
    keys.press("Enter")

    screen.wait_for_url("**/sorting-queue/")
    assert [custody(pk) for pk in (first, second, third)] == [
        {"accepted": 20},
        {"in_bin": 8},
        {"in_doubt": 6},
    ]
    assert SortingDecision.objects.count() == 3
    assert site.errors == []


def test_error_gets_the_focus_and_digits_may_be_typed(site: Site) -> None:
    """A number typed into a field is a number; without the checklist nothing is accepted."""
    (pk,) = counted(site.world)
    screen = site.signed_in(site.world.person("pharmacist"), 360)
    screen.goto(f"/sorting-queue/{pk}/")
    screen.keyboard.press("1")
    screen.fill("[name='/decisions/0/lot_number']", "")
    screen.focus("[name='/decisions/0/lot_number']")
    screen.keyboard.type("2130")
    screen.keyboard.press("Enter")

    screen.wait_for_selector(".fault.sum")
    keep(screen, "sorting-refused", 360)
    assert screen.input_value("[name='/decisions/0/lot_number']") == "2130"
    assert screen.evaluate("document.activeElement.type") == "checkbox"
    assert custody(pk) == {"counted": 20}


def test_pharmacists_screens_shut_nobody_out(site: Site) -> None:
    world = site.world
    batch = stocked(world)
    (waiting,) = counted(world)
    count = world.signed("checker").post("counts/", {"place": world.hospital.code}).json()["id"]
    recall = raised(world, lot_number="X-9", standing=True)["id"]
    sees = [
        "/sorting-queue/",
        f"/sorting-queue/{waiting}/",
        "/sortings/",
        "/sortings/awaiting/",
        "/stock/",
        "/stock/summary/",
        f"/stock-card/?place={world.hospital.code}&medicine=M009a",
        "/expiry-calendar/",
        "/movements/",
        "/holds/",
        f"/holds/new/?batch={batch}",
        f"/batches/{batch}/",
        f"/labels/new/?batch={batch}",
        "/relabellings/",
        "/recalls/",
        "/recalls/new/",
        f"/recalls/{recall}/",
        f"/recalls/{recall}/trace/",
        "/adverse-reactions/",
        "/counts/",
        f"/counts/{count}/",
        f"/counts/{count}/lines/",
        f"/counts/{count}/found/",
        "/destructions/",
        "/destructions/new/",
        "/unfit-goods/",
        "/donor-returns/",
    ]
    script, found = axe(), []

    screen = site.signed_in(world.person("pharmacist"), WIDTHS[0])
    for address in sees:
        found += look(screen, address, address.partition("?")[0].strip("/").replace("/", "-"), script)

    assert found == []
    assert site.errors == []
