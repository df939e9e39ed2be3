"""The screens of days of stock, of swaps, and of hand-outs to look at."""

from __future__ import annotations

import re

from distribution.models import Shipment
from tests.distribution.stock import FIRST, SECOND
from tests.distribution.test_clinic_pages import page_of
from tests.distribution.test_outlook import gave, shelf
from tests.distribution.test_stand_ins import grouped, on_shelf
from tests.distribution.test_swaps import slow_and_lacking
from tests.world import TODAY, World


def test_swap_is_proposed_on_a_screen_and_sent_by_who_gives(world: World) -> None:
    batch = slow_and_lacking(world)
    giver, taker = (page_of(world.person("clinic", place)) for place in world.villages)
    address = f"/swaps/send/?from={FIRST}&to={SECOND}&batch={batch.pk}"
    link = address.replace("&", "&amp;")
    listed = giver.get("/swaps/").content.decode()
    assert "will not use 98 of lot 2203051" in listed
    assert link in listed
    assert link not in taker.get("/swaps/").content.decode()

    form = giver.get(address)
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form.content.decode()))
    more = giver.post(address, {**hidden, "/lines/0/quantity": "99"})
    sent = giver.post(address, {**hidden, "/lines/0/quantity": "98"})

    assert more.status_code == 409
    assert re.search(r'name="/lines/0/quantity" value="99"[^>]*aria-invalid', more.content.decode())
    shipment = Shipment.objects.get()
    assert (sent["Location"], shipment.state) == (f"/shipments/{shipment.pk}/", "dispatched")
    gone = giver.get(address, follow=True)
    assert gone.redirect_chain == [("/swaps/", 302)]
    assert "no longer proposed" in gone.content.decode()


def test_days_of_stock_waste_and_the_formula_stand_on_a_screen(world: World) -> None:
    slow_and_lacking(world)
    shelf(world, 20, days=300, lot="LATE")
    allocator = page_of(world.person("allocator"))

    shown = allocator.get("/clinic-outlook/").content.decode()
    wasting = allocator.get("/clinic-outlook/?wasting=true&medicine=M009a").content.decode()
    none = allocator.get("/clinic-outlook/?below_reserve=true").content.decode()

    assert "1 handed out on" in shown
    assert "learned from 28 days" in shown
    assert "98, from" in wasting
    assert "干团村卫生室" in wasting
    assert "干团村卫生室</td>" not in none


def test_unusual_hand_outs_stand_on_a_screen_of_the_auditor(world: World) -> None:
    shelf(world, 400, days=300)
    for day in (6, 5, 4, 3, 2):
        gave(world, 2, day)
    gave(world, 120, 1)
    auditor = page_of(world.person("auditor"))

    shown = auditor.get("/unusual-hand-outs/").content.decode()
    elsewhere = auditor.get(f"/unusual-hand-outs/?from={TODAY}&to={TODAY}&why=far_above").content.decode()

    assert "120 (usually 2)" in shown
    assert "/spot-checks/new/" in shown
    assert "120 (usually 2)" not in elsewhere


def test_stand_ins_are_named_and_counted_on_the_screen(world: World) -> None:
    grouped(world)
    shelf(world, 60)
    on_shelf(world, 30, "M001b")
    for day in range(8, 1, -1):
        gave(world, 6, day)

    shown = page_of(world.person("allocator")).get("/clinic-outlook/?medicine=M009a").content.decode()

    assert "counts with 对乙酰氨基酚片 0.5g" in shown
    # Eighteen tablets and five courses of the other, eight courses; seven of 28 days gave one course each.
    assert "48 with its stand-ins" in shown
    assert "learned with its stand-ins" in shown
    assert "learned from 28 days" in shown
    assert '<option value="M001b">对乙酰氨基酚片 0.5g</option>' in shown
