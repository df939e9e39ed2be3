"""The clinic's screens: receiving, handing out, taking back, asking for more and sending back."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from catalogue.models import Medicine
from distribution.models import Dispensing, NeedSheet, Shipment
from inventory.models import Side
from organisation.models import Person
from tests.distribution.stock import stock
from tests.distribution.stories import delivered, dispatched, only_line
from tests.world import TODAY, World


def page_of(person: Person) -> Client:
    client = Client(headers={"Accept": "text/html", "Accept-Language": "en"})
    client.force_login(person)
    return client


def village(world: World) -> Client:
    return page_of(world.person("clinic", world.villages[0]))


def key_in(answer: Any) -> str:
    return re.search(r'name="key" value="([^"]+)"', answer.content.decode())[1]


def hand_out(world: World, client: Client, **fields: Any) -> Any:
    form = {
        "/place": world.villages[0].code,
        "/dispensed_on": str(TODAY),
        "/age_band": "15-64",
        "/collected_by": "self",
        "/recipients": "1",
        "/lines/0/medicine": "M009a",
        "/lines/0/quantity": "6",
        "/lines/0/days_supply": "3",
        "key": key_in(client.get("/dispense/")),
        **fields,
    }
    return client.post("/dispense/", form)


def test_what_is_coming_and_what_stands_here(world: World) -> None:
    shipment = dispatched(world)
    shown = village(world).get("/clinic/").content.decode()

    assert f"/shipments/{shipment}/receive/" in shown
    assert "布洛芬片 0.1g × 100 片" in shown
    assert "Nothing stands at" in shown


def test_shipment_is_received_by_counting(world: World) -> None:
    shipment = dispatched(world)
    client, address = village(world), f"/shipments/{shipment}/receive/"
    line = {"/lines/0/line": only_line(world, shipment), "/lines/0/accepted": "90", "/lines/0/damaged": "4"}

    short = client.post(address, {**line, "/lines/0/missing": "1", "key": key_in(client.get(address))})
    done = client.post(
        address, {**line, "/lines/0/missing": "6", "/lines/0/reason": "纸箱破损", "key": key_in(short)}
    )

    assert short.status_code >= 400
    assert 'value="90"' in short.content.decode()
    assert (done.status_code, Shipment.objects.get().state) == (302, "received"), done.content.decode()


def test_medicine_is_handed_out_and_taken_back(world: World) -> None:
    delivered(world)
    client = village(world)

    done = hand_out(world, client)
    given = Dispensing.objects.get()
    shown = client.get(done["Location"]).content.decode()
    address = f"/dispensings/{given.pk}/reverse/"
    client.post(address, {"key": key_in(client.get(address))})

    assert done.status_code == 302, done.content.decode()
    assert [(row.batch.medicine.code, row.quantity) for row in given.lines.all()] == [("M009a", 6)]
    assert address in shown
    assert Dispensing.objects.get().reversed_by == world.person("clinic", world.villages[0]).pk
    assert "taken back" in client.get("/dispensings/").content.decode()


def test_rows_that_are_not_ticked_are_not_sent(world: World) -> None:
    delivered(world)
    stock(world, 40, place=world.villages[0], side=Side.CLINIC, medicine=world.paracetamol, lot="7")
    client = village(world)

    done = hand_out(
        world,
        client,
        **{
            "/lines/0/medicine": "",
            "/lines/1/medicine": "M009a",
            "/lines/1/quantity": "5",
            "/lines/1/days_supply": "2",
        },
    )

    assert done.status_code == 302, done.content.decode()
    assert [row.quantity for row in Dispensing.objects.get().lines.all()] == [5]


def test_refusal_stands_at_the_row_it_came_from(world: World) -> None:
    delivered(world)
    stock(world, 40, place=world.villages[0], side=Side.CLINIC, medicine=world.paracetamol, lot="7")
    client = village(world)

    wrong = {"/lines/0/medicine": "", "/lines/1/medicine": "M009a", "/lines/1/quantity": "5000"}
    answer = hand_out(world, client, **wrong, **{"/lines/1/days_supply": "2"})

    shown = answer.content.decode()
    field = re.search(r'<input[^>]*name="/lines/1/quantity"[^>]*>', shown)[0]
    assert (answer.status_code, 'value="5000"' in field, 'aria-invalid="true"' in field) == (409, True, True)
    assert Dispensing.objects.count() == 0


def test_prescriber_is_asked_only_where_needed(world: World) -> None:
    delivered(world)
    client = village(world)
    before = client.get("/dispense/").content.decode()
    Medicine.objects.filter(code="M009a").update(rx_otc="Rx")
    after = client.get("/dispense/").content.decode()

    assert ["/prescriber" in shown for shown in (before, after)] == [False, True]


def test_caution_is_shown_after_handing_out(world: World) -> None:
    delivered(world)
    Medicine.objects.filter(code="M009a").update(not_for="child")
    client = village(world)

    done = hand_out(world, client, **{"/age_band": "4-14"})

    assert "布洛芬片 0.1g is not for children." in client.get(done["Location"]).content.decode()
    assert "is not for children." not in client.get(done["Location"]).content.decode()


def test_hand_out_sent_twice_is_made_once(world: World) -> None:
    delivered(world)
    client = village(world)
    key = key_in(client.get("/dispense/"))

    for _n in range(2):
        hand_out(world, client, key=key)

    assert Dispensing.objects.count() == 1


def test_clinic_asks_for_more_and_changes_it(world: World) -> None:
    client = village(world)
    place = world.villages[0].code
    form = {
        "/place": place,
        "from": str(TODAY),
        "to": str(TODAY),
        "/lines/2/medicine": "布洛芬片 0.1g (M009a)",
        "/lines/2/requested": "300",
    }

    done = client.post("/needs/ask/", {**form, "key": key_in(client.get("/needs/ask/"))})
    again = client.get(f"/needs/ask/?place={place}&from={TODAY}&to={TODAY}").content.decode()
    wrong = client.post("/needs/ask/", {**form, "/lines/2/medicine": "布洛芬", "key": "k"})

    assert done.status_code == 302, done.content.decode()
    assert [line.requested for line in NeedSheet.objects.get().lines.all()] == [300]
    assert 'value="300"' in again
    assert wrong.status_code == 400
    field = re.search(r'<input[^>]*name="/lines/2/medicine"[^>]*>', wrong.content.decode())[0]
    assert 'aria-invalid="true"' in field


def test_what_is_not_used_is_sent_back(world: World) -> None:
    delivered(world)
    client = village(world)
    shown = client.get("/returns/")
    batch = re.search(r'name="/lines/0/batch" value="(\d+)"', shown.content.decode())[1]
    form = {
        "/place": world.villages[0].code,
        "/to_place": world.hospital.code,
        "/lines/0/batch": batch,
        "/lines/0/quantity": "30",
        "key": key_in(shown),
    }

    bare = client.post("/returns/", form)
    done = client.post("/returns/", {**form, "/reason": "用不完"})

    assert bare.status_code == 400
    assert done["Location"] == f"/shipments/{Shipment.objects.get(plan=None).pk}/"


def test_screens_ask_as_many_statements_for_more_rows(
    world: World, django_assert_max_num_queries: Any
) -> None:
    delivered(world)
    client = village(world)
    hand_out(world, client)
    counts: list[list[int]] = []
    for lot in ("", "8"):
        if lot:
            stock(world, 20, place=world.villages[0], side=Side.CLINIC, medicine=world.paracetamol, lot=lot)
            hand_out(world, client)
        counts.append([])
        for address in ("/clinic/", "/dispense/", "/dispensings/", "/shipments/", "/returns/"):
            client.get(address)
            with django_assert_max_num_queries(22) as asked:
                client.get(address)
            counts[-1].append(len(asked))

    assert counts[0] == counts[1]


def test_shipment_of_another_county_is_not_found(world: World) -> None:
    shipment = dispatched(world)
    foreign = page_of(world.person("pharmacist", foreign=True))

    for step in ("", "receive/", "dispatch/"):
        assert foreign.get(f"/shipments/{shipment}/{step}").status_code == 404


def test_lines_left_empty_arrive_whole_where_somebody_says_so(world: World) -> None:
    shipment = dispatched(world)
    client, address = village(world), f"/shipments/{shipment}/receive/"
    form = {
        "/lines/0/line": str(only_line(world, shipment)),
        "/lines/0/accepted": "",
        "key": key_in(client.get(address)),
    }

    refused = client.post(address, form)
    received = client.post(address, {**form, "whole": "true"})

    assert (refused.status_code, received.status_code) == (400, 302)
    assert Shipment.objects.get(pk=shipment).lines.get().accepted == 100


def test_centre_keeps_for_its_own_patients_what_came_into_its_store(world: World) -> None:
    batch = stock(world, 40, place=world.centre)
    client = page_of(world.person("pharmacist", world.centre))
    page = client.get("/local-uses/")
    assert "布洛芬片 0.1g" in page.content.decode()
    form = {
        "/place": world.centre.code, "/lines/0/batch": str(batch.pk), "/lines/0/quantity": "30", "key": key_in(page),
    }  # fmt: skip

    assert client.post("/local-uses/", form).status_code == 302

    there = world.signed("pharmacist", world.centre).get("stock/", place=world.centre.code).json()["results"]
    assert {(row["side"], row["quantity"]) for row in there} == {("store", 10), ("clinic", 30)}
