"""The screens of health kits: a template, packing, handing out, unpacking."""

from __future__ import annotations

import re
from typing import Any

from distribution.models import Dispensing
from inventory.models import Side
from inventory.models.kits import Kit, KitTemplate
from tests.distribution.stock import FIRST, stock
from tests.distribution.test_clinic_pages import key_in, page_of
from tests.world import TODAY, World


def made(world: World) -> KitTemplate:
    """A template made on its screen."""
    lead = page_of(world.person("lead_pharmacist"))
    form = {
        "/name": "防疫健康包",
        "/shelf_days": "30",
        "/lines/0/medicine": "布洛芬片 0.1g (M009a)",
        "/lines/0/quantity": "6",
        "/lines/0/days_supply": "3",
        "/lines/1/medicine": "",
        "key": key_in(lead.get("/kit-templates/new/")),
    }
    answer = lead.post("/kit-templates/new/", form)
    assert answer.status_code == 302, answer.content.decode()
    return KitTemplate.objects.get()


def packed(world: World) -> tuple[Any, list[Kit]]:
    """Two kits packed on the clinic's screen."""
    stock(world, 20, place=world.villages[0], side=Side.CLINIC)
    template = made(world)
    clinic = page_of(world.person("clinic", world.villages[0]))
    form = {
        "/place": FIRST,
        "/template": template.pk,
        "/number": "2",
        "key": key_in(clinic.get("/kits/new/")),
    }
    assert clinic.post("/kits/new/", form).status_code == 302
    return clinic, list(Kit.objects.order_by("pk"))


def test_kit_is_packed_handed_out_and_unpacked_on_screens(world: World) -> None:
    clinic, (first, second) = packed(world)
    shown = clinic.get("/kits/").content.decode()
    assert shown.count("fit to hand out") == 2
    assert f"/kits/{first.pk}/dispense/" in shown

    give = f"/kits/{first.pk}/dispense/"
    form = {"/age_band": "65-79", "/collected_by": "self", "/recipients": "1", "/dispensed_on": str(TODAY),
            "/marks": "living_alone", "key": key_in(clinic.get(give))}  # fmt: skip
    given = clinic.post(give, form)
    tear = f"/kits/{second.pk}/unpack/"
    torn = clinic.post(tear, {"/reason": "包装破损", "key": key_in(clinic.get(tear))})

    assert (given.status_code, torn.status_code) == (302, 302), given.content.decode()
    assert Dispensing.objects.get().marks == ["living_alone"]
    assert [kit.state for kit in Kit.objects.order_by("pk")] == ["handed_out", "unpacked"]


def test_unfit_kit_offers_to_be_unpacked_only(world: World) -> None:
    clinic, _kits = packed(world)
    world.signed("lead_pharmacist").post("holds/", {"place": FIRST, "reason": "受潮"})

    shown = clinic.get("/kits/").content.decode()

    assert "not fit" in shown
    assert not re.search(r"/kits/\d+/dispense/", shown)
    assert len(re.findall(r"/kits/\d+/unpack/", shown)) == 2


def test_stock_page_says_what_is_in_kits(world: World) -> None:
    clinic, _kits = packed(world)

    assert "in a health kit" in clinic.get("/stock/").content.decode()


def test_template_is_retired_on_its_screen(world: World) -> None:
    template = made(world)
    lead, address = page_of(world.person("lead_pharmacist")), f"/kit-templates/{template.pk}/retire/"

    answer = lead.post(address, {"key": key_in(lead.get(address))})

    assert answer.status_code == 302
    template.refresh_from_db()
    assert template.retired_on == TODAY
