"""The shelves, recalls, counts and destructions as screens: what they show, and that their forms are commands."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest

from catalogue.models import Recall
from core.errors import DomainError
from core.models import AuditEntry
from inventory.models import AdverseReaction, Hold
from inventory.models.conversions import Relabelling
from inventory.models.counts import CountLine, StockCount
from inventory.models.destructions import Destruction
from inventory.services.destructions import _witness
from organisation.models import Deputy, Person, RoleGrant
from tests.inventory.counting import units
from tests.inventory.recalls import LOT, raised
from tests.inventory.screens import Screen, words, wrong_fields
from tests.inventory.stories import book, counted, custody, reject, sort, stocked, written
from tests.world import TODAY, World, item

HERE = "P-522633-01"


def of(world: World, role: str) -> Screen:
    return Screen(world.person(role))


@pytest.mark.parametrize(
    "address",
    [
        "/stock/",
        "/stock/summary/",
        f"/stock-card/?place={HERE}&medicine=M009a",
        "/movements/",
        "/batches/{batch}/",
        "/holds/",
    ],
)
def test_screen_of_the_shelves_shows_the_goods_in_few_statements(
    world: World, django_assert_max_num_queries: Any, address: str
) -> None:
    batch = stocked(world)
    world.signed("pharmacist").post(
        "holds/", {"place": HERE, "batch": batch, "quantity": 4, "reason": "复查"}
    )
    screen, asked = of(world, "pharmacist"), []
    for more in (0, 2):
        for number in range(more):
            extra = stocked(world, lot_number=f"L{more}{number}")
            world.signed("pharmacist").post(
                "holds/", {"place": HERE, "batch": extra, "quantity": 4, "reason": "复查"}
            )
        with django_assert_max_num_queries(30) as statements:
            shown = screen.shown(address.format(batch=batch))
        asked.append(len(statements))
        assert "布洛芬片" in shown or "2203051" in shown

    assert asked[0] == asked[1]


def test_state_and_nearness_are_said_in_words(world: World) -> None:
    stocked(world, expiry=f"有效期至{TODAY:%Y年%m月%d日}", reason="今日急用")

    assert "0 days left" in of(world, "pharmacist").shown("/stock/")
    assert "20 片 in 1 batches" in of(world, "auditor").shown("/expiry-calendar/")


def test_to_do_list_leads_to_the_screens(world: World) -> None:
    counted(world)

    assert 'href="/sorting-queue/"' in of(world, "pharmacist").shown("/")


def test_card_asks_for_place_and_medicine(world: World) -> None:
    page = of(world, "pharmacist").get("/stock-card/")

    assert page.status_code == 200
    assert "Choose a place and a medicine" in page.content.decode()


def test_batch_is_held_and_released(world: World) -> None:
    batch = stocked(world)
    screen, form = (
        of(world, "pharmacist"),
        {"/batch": batch, "/place": HERE, "/side": "store", "/quantity": ""},
    )

    bare = screen.send(f"/holds/new/?batch={batch}", {**form, "/reason": ""})
    held = screen.send(f"/holds/new/?batch={batch}", {**form, "/reason": "受潮"})
    shown = screen.shown("/holds/")
    released = screen.send(f"/holds/{Hold.objects.get().pk}/release/", {"/quantity": 5, "/reason": ""})

    assert wrong_fields(bare) == ["/reason"]
    assert (held.status_code, released.status_code) == (302, 302)
    assert "受潮" in shown
    assert (units(batch), units(batch, "held")) == (5, 15)


def test_checker_sees_the_batch_and_holds_nothing(world: World) -> None:
    """What a page leaves out for somebody is not asked for, so that no refusal of theirs stands in the log."""
    batch = stocked(world)
    checker = of(world, "checker")

    shown = checker.shown(f"/batches/{batch}/")

    assert not AuditEntry.objects.filter(result="refused").exists()
    assert "/holds/new/" not in shown
    assert checker.get(f"/holds/new/?batch={batch}").status_code == 403


def test_label_is_corrected_by_two(world: World) -> None:
    batch = stocked(world)
    of(world, "lead_pharmacist").send(
        f"/batches/{batch}/relabel/", {"/lot_number": "2203057", "/expiry": "", "/reason": "看错"}
    )
    pharmacist = of(world, "pharmacist")

    shown = pharmacist.shown(f"/batches/{batch}/")
    done = pharmacist.send(f"/batches/{batch}/relabel/confirm/", {})

    assert "lot 2203057" in shown
    assert done.status_code == 302
    assert Relabelling.objects.get().state == Relabelling.State.CONFIRMED


def test_boxes_are_opened_and_labels_made(world: World) -> None:
    batch = stocked(world)
    screen = of(world, "pharmacist")

    opened = screen.send(
        f"/batches/{batch}/open/",
        {"/place": HERE, "/side": "store", "/quantity": 10, "/container": "blister"},
    )
    made = screen.send(
        f"/labels/new/?batch={batch}",
        {"/lines/0/batch": batch, "/place": HERE, "/layout": "sheet", "/lines/0/copies": 3},
    )

    assert opened.status_code == 302
    assert made["Location"].endswith(".pdf")
    assert screen.get(made["Location"])["Content-Type"] == "application/pdf"


ORDER = {"/medicine": "M009a", "/lot_number": LOT, "/place": "", "/reason": "溶出度不合格", "/reference": ""}


def test_recall_shows_its_reach_before_anything_is_held(world: World) -> None:
    stocked(world, 200)
    (unsorted,) = counted(world, item(quantity=8))
    before, screen = written(), of(world, "lead_pharmacist")

    reach = screen.send("/recalls/new/", ORDER)

    assert "available 200" in words(reach)
    assert "1 items, 8 units" in words(reach)
    assert (written(), Recall.objects.count()) == (before, 0)

    done = screen.send("/recalls/new/", {**ORDER, "sure": "1"})

    assert done["Location"] == f"/recalls/{Recall.objects.get().pk}/"
    assert {state for (_place, _side, state, _lot), units in book().items() if units > 0} == {"held"}
    assert custody(unsorted) == {"in_doubt": 8}


@pytest.mark.parametrize(
    ("change", "wrong"), [({"/reason": ""}, ["/reason"]), ({"/medicine": "M99999"}, ["/medicine"])]
)
def test_recall_that_is_not_filled_in_shows_no_reach(
    world: World, change: dict[str, str], wrong: list[str]
) -> None:
    stocked(world)

    answer = of(world, "lead_pharmacist").send("/recalls/new/", {**ORDER, **change})

    assert wrong_fields(answer) == wrong
    assert 'name="sure"' not in words(answer)
    assert Recall.objects.count() == 0


def test_recall_is_acknowledged_traced_and_lifted_by_another(world: World) -> None:
    stocked(world)
    pk, screen = raised(world)["id"], of(world, "pharmacist")

    waiting = screen.shown(f"/recalls/{pk}/")
    screen.send(f"/recalls/{pk}/acknowledge/", {"/place": HERE, "/note": ""})
    own = of(world, "lead_pharmacist").send(f"/recalls/{pk}/lift/", {"/reason": "复检合格"})
    world.grant(world.person("pharmacist"), "lead_pharmacist")
    lifted = screen.send(f"/recalls/{pk}/lift/", {"/reason": "复检合格"})

    assert f"/recalls/{pk}/acknowledge/?place={HERE}" in waiting
    assert "20" in screen.shown(f"/recalls/{pk}/trace/")
    assert (own.status_code, lifted.status_code) == (403, 302)
    assert "lifted" in screen.shown("/recalls/")


def test_reaction_holds_the_lot(world: World) -> None:
    batch = stocked(world)
    form = {
        "/batch": batch,
        "/place": HERE,
        "/happened_on": str(TODAY),
        "/description": "皮疹",
        "/register_ref": "",
    }
    screen = of(world, "pharmacist")

    done = screen.send(f"/adverse-reactions/new/?batch={batch}", form)

    assert done.status_code == 302
    assert "皮疹" in screen.shown("/adverse-reactions/")
    assert (AdverseReaction.objects.count(), units(batch, "held")) == (1, 20)


def test_count_is_blind_until_another_approves(world: World) -> None:
    batch = stocked(world, 73)
    checker = of(world, "checker")
    begun = checker.send("/counts/new/", {"/place": HERE})["Location"]
    lines = {"/lines/0/batch": batch, "/lines/0/side": "store", "/lines/0/spot": "shelf"}

    blind = [checker.shown(begun), checker.shown(f"{begun}lines/")]
    wrong = checker.send(f"{begun}lines/", {**lines, "/lines/0/counted": "many"})
    checker.send(f"{begun}lines/", {**lines, "/lines/0/counted": 70})
    blind.append(checker.shown(begun))
    checker.client.post(begun, {"deed": "finish", "key": "6f9b3c60-0000-4000-8000-000000000002"})
    own = checker.client.post(begun, {"deed": "approve", "key": "6f9b3c60-0000-4000-8000-000000000003"})
    pharmacist = of(world, "pharmacist")
    told = pharmacist.shown(begun)
    pharmacist.client.post(begun, {"deed": "approve", "key": "6f9b3c60-0000-4000-8000-000000000004"})

    assert not any(re.search(r"(?<![\w-])73(?![\w-])", page) for page in blind)
    assert wrong_fields(wrong) == ["/lines/0/counted"]
    assert own.status_code == 403
    assert "short -3" in told
    assert (StockCount.objects.get().state, units(batch)) == ("approved", 70)


def test_count_takes_what_the_books_do_not_know(world: World) -> None:
    checker = of(world, "checker")
    begun = checker.send("/counts/new/", {"/place": HERE})["Location"]
    found = {
        "/lines/0/medicine": "M009a",
        "/lines/0/lot_number": "X-1",
        "/lines/0/pack": "sealed",
        "/lines/0/counted": 6,
    }

    checker.send(f"{begun}found/", found)

    assert CountLine.objects.values_list("lot_number", "counted").get() == ("X-1", 6)


def test_destruction_waits_for_its_witness(world: World) -> None:
    batch = stocked(world)
    (rejected,) = counted(world, item(quantity=9))
    sort(world.signed("pharmacist"), rejected, reject(9))
    screen, witness = of(world, "pharmacist"), world.person("checker")
    screen.send(
        f"/holds/new/?batch={batch}",
        {"/batch": batch, "/place": HERE, "/side": "store", "/quantity": "", "/reason": "受潮"},
    )
    form = {"/place": HERE, "/method": "交有资质单位焚烧", "goods": f"batch {batch} store 20"}

    shown = screen.shown("/destructions/new/")
    bare = screen.send("/destructions/new/", {**form, "/witness": ""})
    listed = screen.send("/destructions/new/", {**form, "/witness": witness.username})["Location"]
    own = screen.send(f"{listed}confirm/", {})
    done = Screen(witness).send(f"{listed}confirm/", {})

    assert f'value="batch {batch} store 20">' in shown
    assert f'value="item {rejected}">' in shown
    assert [shown.count(f"· {amount} 片<") for amount in (20, 9)] == [1, 1]
    assert wrong_fields(bare) == ["/witness"]
    assert (own.status_code, done.status_code) == (403, 302)
    assert (Destruction.objects.get().state, units(batch, "held")) == ("confirmed", 0)


def test_form_offers_all_who_may_witness_there_and_nobody_else(world: World) -> None:
    """The form asks with one statement what the command asks of one person."""
    held = {"place": HERE, "batch": stocked(world), "reason": "受潮"}
    assert world.signed("pharmacist").post("holds/", held).status_code == 201
    me, away = world.person("pharmacist"), world.person("clerk", world.office)
    lead, auditor = world.person("lead_pharmacist"), world.person("auditor")
    for place, more in ((world.centre, {}), (None, {}), (None, {"foreign": True}), (None, {"name": "gone"})):
        world.person("checker", place, **more)
    Person.objects.filter(pk=world.person("checker", name="gone").pk).update(is_active=False)
    county = {"county_id": world.county.pk, "appointed_by": 0}
    for days, (deputy, colleague) in {0: (away, me), -1: (auditor, lead)}.items():
        until = TODAY + datetime.timedelta(days=days)
        grant = colleague.grants.get()
        Deputy.objects.create(
            grant=grant, deputy=deputy, starts_on=until, ends_on=until, appointed_on=until, **county
        )
    RoleGrant.objects.filter(person=lead).update(ends_on=TODAY)
    RoleGrant.objects.filter(person=world.person("checker", name="unconfirmed")).update(waits=True)

    shown = Screen(me).shown("/destructions/new/")
    offered = re.findall(r'<option value="([^"]+)"', shown.split('name="/witness"')[1].split("</select>")[0])

    judged = []
    for person in Person.objects.all():
        try:
            judged.append(_witness(world.act(), world.hospital, person.username).username)
        except DomainError:
            continue
    assert sorted(offered) == sorted(judged)
    assert {away.username, lead.username, world.person("checker").username} < set(judged)
    assert f"{lead.name} · {lead.username}<" in shown


def test_rejected_goods_go_back_to_their_donor(world: World) -> None:
    (pk,) = counted(world)
    sort(world.signed("pharmacist"), pk, reject())
    screen = of(world, "pharmacist")
    [row] = world.signed("pharmacist").get("unfit-goods/").json()["results"]
    address = f"/donor-returns/new/?donation={row['donation']}&place={HERE}"
    form = {
        "/donation": row["donation"],
        "/place": HERE,
        "/items/0/item": pk,
        "/items/0/quantity": 20,
        "/collector": "",
    }

    listed = screen.shown("/unfit-goods/")
    unsigned = screen.send(address, form)
    done = screen.send(address, {**form, "/signed": "true"})

    assert f'href="{address}"' in listed
    assert done.status_code == 302
    assert wrong_fields(unsigned) == ["/signed"]
    assert custody(pk) == {"returned": 20}
    assert "slip.pdf" in screen.shown("/donor-returns/")
