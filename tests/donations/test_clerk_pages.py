"""The clerk's and the counter's screens: what they show, and that their forms are the API's commands."""

from __future__ import annotations

import io
import re
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.models import AuditEntry
from donations.models import Donation, Handover, Item, RosterFile
from donations.pages.intake import donor_fields
from organisation.models import Person
from tests.donations.rosters import HEAD, line, xlsx
from tests.inventory.test_confirming import picture
from tests.world import World, donation, item


def page_of(person: Person) -> Client:
    client = Client(headers={"Accept": "text/html", "Accept-Language": "en"})
    client.force_login(person)
    return client


def at_office(world: World) -> tuple[Client, dict[str, Any]]:
    """A clerk at the office, and a donation that waits there."""
    brought = world.signed("clerk", world.office).post("donations/", donation(place=world.office.code)).json()
    return page_of(world.person("clerk", world.office)), brought


def test_consent_presumes_nothing_and_offers_the_surname_first() -> None:
    consent = next(field for field in donor_fields([]) if field.name == "/donor/publish")

    assert (consent.value, [value for value, _words in consent.options]) == (
        "",
        ["", "masked", "full", "anonymous"],
    )


def key_in(answer: Any) -> str:
    return re.search(r'name="key" value="([^"]+)"', answer.content.decode())[1]


def sent(world: World) -> tuple[Client, int]:
    """A handover on the way from the office to the hospital."""
    clerk, brought = at_office(world)
    form = {"/from_place": world.office.code, "/to_place": world.hospital.code, "/donations": brought["id"]}
    answer = clerk.post(
        "/handovers/new/", {**form, "/seal_number": "8841", "key": key_in(clerk.get("/handovers/new/"))}
    )
    assert answer.status_code == 302
    return clerk, Handover.objects.get().pk


def test_intake_knows_place_and_campaign(world: World) -> None:
    shown = page_of(world.person("clerk", world.office)).get("/intake/").content.decode()

    assert f'data-place="{world.office.code}"' in shown
    assert f'name="/campaign" value="{world.campaign.code}"' in shown


def test_intake_without_a_campaign_says_what_to_do(world: World) -> None:
    world.signed("administrator").post(f"campaigns/{world.campaign.pk}/close/")

    assert "The administrator opens one" in page_of(world.person("clerk")).get("/intake/").content.decode()


def test_list_shows_what_was_registered(world: World) -> None:
    clerk, brought = at_office(world)

    shown = clerk.get("/donations/").content.decode()

    assert f"/donations/{brought['id']}/" in shown
    assert "布洛芬片" in shown


def test_donation_shows_who_gave_it_why_it_was_refused_and_every_receipt(world: World) -> None:
    refused = item(expiry="2020.01", findings=["damaged"])
    body = donation(place=world.office.code, items=[refused], donor={"kind": "person", "name": "张😀"})
    made = world.signed("clerk", world.office).post("donations/", body).json()
    address = f"/donations/{made['id']}/"

    shown = page_of(world.person("clerk", world.office)).get(address).content.decode()
    counted = page_of(world.person("checker", world.office)).get(address).content.decode()

    for words in ("张😀", "Past its expiry", "Pack damaged, damp or spoiled", "receipt.pdf?size=a4"):
        assert words in shown
    assert ("张😀" in counted, "Past its expiry" in counted) == (False, True)


def test_slips_are_printed_from_the_clerks_pages(world: World) -> None:
    clerk = page_of(world.person("clerk", world.office))
    checker = page_of(world.person("checker", world.office))

    listed, intake = (clerk.get(address).content.decode() for address in ("/donations/", "/intake/"))
    link = re.search(r'href="(/api/v1/receipt-slips.pdf[^"]+)"', intake)[1].replace("&amp;", "&")

    assert 'formaction="/api/v1/receipt-slips.pdf"' in listed
    assert clerk.get(link)["Content-Type"] == "application/pdf"
    assert "receipt-slips.pdf" not in checker.get("/donations/").content.decode()


def test_left_goods_are_not_called_rejected(world: World) -> None:
    body = donation(place=world.office.code, items=[item(expiry="2020.01")], unfit="destroy")
    made = world.signed("clerk", world.office).post("donations/", body).json()
    clerk = page_of(world.person("clerk", world.office))

    shown = [clerk.get(address).content.decode() for address in ("/donations/", f"/donations/{made['id']}/")]

    assert ["left for disposal" in page and "rejected" not in page for page in shown] == [True, True]


def test_refused_goods_are_left_and_goods_photographed_on_the_donations_page(world: World) -> None:
    body = donation(place=world.office.code, items=[item(expiry="2020.01")])
    made = world.signed("clerk", world.office).post("donations/", body).json()
    clerk, address = page_of(world.person("clerk", world.office)), f"/donations/{made['id']}/"
    row = Item.objects.get()
    photo = f"{address}items/{row.pk}/photos/"
    before = clerk.get(address).content.decode()

    file = SimpleUploadedFile("photo.jpg", picture())
    kept = clerk.post(photo, {"key": key_in(clerk.get(photo)), "/photo": file})
    left = clerk.post(f"{address}leave/", {"key": key_in(clerk.get(f"{address}leave/"))})

    assert (photo in before, f"{address}leave/" in before) == (True, True)
    assert (kept.status_code, row.photos.count(), left.status_code) == (302, 1, 302)
    row.refresh_from_db()
    assert (row.holdings.refused, row.holdings.in_bin) == (0, 20)
    assert f"{address}leave/" not in clerk.get(address).content.decode()
    assert clerk.get(f"{address}items/{row.pk + 1}/photos/").status_code == 404


def test_list_asks_as_many_statements_for_three_as_for_one(
    world: World, django_assert_max_num_queries: Any
) -> None:
    clerk, _brought = at_office(world)
    counts = []
    for more in (0, 2):
        for _n in range(more):
            world.signed("clerk", world.office).post("donations/", donation(place=world.office.code))
        with django_assert_max_num_queries(20) as asked:
            clerk.get("/donations/")
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_list_says_which_filter_is_wrong(world: World) -> None:
    answer = page_of(world.person("clerk")).get("/donations/?received_from=yesterday")

    assert (answer.status_code, "Enter a valid date" in answer.content.decode()) == (400, True)


def test_table_alone_answers_htmx(world: World) -> None:
    answer = page_of(world.person("clerk")).get(
        "/donations/", headers={"HX-Request": "true", "HX-Target": "table"}
    )

    assert answer.content.decode().lstrip().startswith("<section")


def test_registration_is_taken_back_with_a_reason(world: World) -> None:
    clerk, brought = at_office(world)
    address = f"/donations/{brought['id']}/void/"

    bare = clerk.post(address, {"/reason": "", "key": key_in(clerk.get(address))})
    done = clerk.post(address, {"/reason": "登记重复", "key": key_in(bare)})

    assert (bare.status_code, done.status_code) == (400, 302)
    assert 'aria-invalid="true"' in bare.content.decode()
    assert "voided" in clerk.get(f"/donations/{brought['id']}/").content.decode()


def test_handover_sent_twice_is_made_once(world: World) -> None:
    clerk, brought = at_office(world)
    form = {
        "/from_place": world.office.code,
        "/to_place": world.hospital.code,
        "/donations": brought["id"],
        "/carrier": "王敏",
        "key": key_in(clerk.get("/handovers/new/")),
    }

    answers = [clerk.post("/handovers/new/", form) for _n in range(2)]

    assert {answer["Location"] for answer in answers} == {f"/handovers/{Handover.objects.get().pk}/"}


def test_refused_handover_keeps_what_was_typed(world: World) -> None:
    clerk, brought = at_office(world)
    form = {"/from_place": world.office.code, "/to_place": world.hospital.code, "/donations": brought["id"]}

    answer = clerk.post(
        "/handovers/new/", {**form, "/vehicle": "贵H<12>", "key": key_in(clerk.get("/handovers/new/"))}
    )

    assert answer.status_code == 400
    assert 'value="贵H&lt;12&gt;"' in answer.content.decode()
    assert Handover.objects.count() == 0


def test_handover_is_received_by_counting(world: World) -> None:
    _clerk, pk = sent(world)
    counter = page_of(world.person("pharmacist"))
    address = f"/handovers/{pk}/receive/"
    shown = counter.get(address)
    [line] = re.findall(r'name="/items/0/item" value="(\d+)"', shown.content.decode())
    form = {"/items/0/item": line, "/items/0/counted": "18", "/seal_intact": "true", "key": key_in(shown)}

    unexplained = counter.post(address, form)
    done = counter.post(address, {**form, "/items/0/reason": "lost"})

    assert unexplained.status_code in {400, 422}
    assert 'value="18"' in unexplained.content.decode()
    assert (done.status_code, Handover.objects.get().state) == (302, "received"), done.content.decode()


def test_handover_shows_what_is_missing_line_by_line_and_the_broken_seal(world: World) -> None:
    clerk, pk = sent(world)
    [line] = world.signed("clerk", world.office).get(f"handovers/{pk}/").json()["lines"]
    counts = [{"item": line["item"], "counted": 18, "reason": "lost"}]
    body = {"items": counts, "seal_intact": False, "seal_note": "封条断开"}
    assert world.signed("pharmacist").post(f"handovers/{pk}/receive/", body).status_code == 200

    shown = clerk.get(f"/handovers/{pk}/").content.decode()

    assert "missing 2" in shown
    assert "封条断开" in shown
    assert "张三" not in shown


def test_group_that_fell_short_is_shown_as_nobodys(world: World) -> None:
    given = [
        world.signed("clerk", world.office).post("donations/", donation(place=world.office.code)).json()
        for _n in range(2)
    ]
    body = {"from_place": world.office.code, "to_place": world.hospital.code}
    office = world.signed("clerk", world.office)
    pk = office.post("handovers/", {**body, "donations": [each["id"] for each in given]}).json()["id"]
    [line] = office.get(f"handovers/{pk}/").json()["lines"]
    counts = {"items": [{"group": line["group"], "counted": 38, "reason": "lost"}]}
    assert world.signed("pharmacist").post(f"handovers/{pk}/receive/", counts).status_code == 200
    clerk = page_of(world.person("clerk", world.office))

    shown = clerk.get(f"/handovers/{pk}/").content.decode()
    named = [clerk.get(f"/donations/{each['id']}/").content.decode() for each in given]

    assert (
        "missing 2" in shown,
        "nobody&#x27;s in particular" in shown or "nobody's in particular" in shown,
    ) == (
        True,
        True,
    )
    assert [">missing" in page for page in named] == [False, False]


def test_who_sent_it_finds_no_button_to_receive_it(world: World) -> None:
    clerk, pk = sent(world)

    assert f"/handovers/{pk}/receive/" not in clerk.get(f"/handovers/{pk}/").content.decode()


def test_handover_that_never_left_is_taken_back(world: World) -> None:
    clerk, pk = sent(world)
    address = f"/handovers/{pk}/void/"

    clerk.post(address, {"/reason": "车没来", "key": key_in(clerk.get(address))})

    assert Handover.objects.get().state == "voided"


@pytest.mark.parametrize("address", ["/donations/{}/", "/donations/{}/void/"])
def test_donation_of_another_county_is_not_found(world: World, address: str) -> None:
    _clerk, brought = at_office(world)
    foreign = page_of(world.person("clerk", foreign=True))

    shown = foreign.post if "void" in address else foreign.get

    assert shown(address.format(brought["id"]), {"/reason": "x", "key": "1" * 32}).status_code == 404
    assert not AuditEntry.objects.filter(subject="donation", result="done", county=world.neighbour).exists()


def roster_file(quantity: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("roster.xlsx", xlsx(HEAD, line(quantity=quantity)))


def test_roster_is_looked_at_and_then_registered(world: World) -> None:
    clerk = page_of(world.person("clerk", world.office))
    form = {"/place": world.office.code, "key": key_in(clerk.get("/rosters/"))}

    looked = clerk.post("/rosters/", {**form, "/file": roster_file("20片")})
    before = Donation.objects.count()
    done = clerk.post(f"/rosters/{RosterFile.objects.get().pk}/commit/", {"key": key_in(looked)})

    assert (looked.status_code, before, Donation.objects.count()) == (200, 0, 1), looked.content.decode()
    assert "The roster is registered." in done.content.decode()
    again = clerk.post("/rosters/", {**form, "key": str(uuid.uuid4()), "/file": roster_file("20片")})
    assert "There is nothing to register." in again.content.decode()
    assert "/commit/" not in again.content.decode()


def test_what_a_long_roster_brought_leaves_and_arrives_list_by_list(world: World) -> None:
    """More donations than one list takes, and more lines than a usual form has fields."""
    clerk, checker = page_of(world.person("clerk", world.office)), page_of(world.person("checker"))
    rows = [line(name=f"捐赠人{n}", phone=f"138{n:08}", 批号=f"L{n}") for n in range(502)]
    form = {"/place": world.office.code, "key": key_in(clerk.get("/rosters/"))}
    clerk.post("/rosters/", {**form, "/file": SimpleUploadedFile("roster.xlsx", xlsx(HEAD, *rows))})
    clerk.post(f"/rosters/{RosterFile.objects.get().pk}/commit/", {"key": str(uuid.uuid4())})

    shown = clerk.get("/handovers/new/")
    ticked = re.findall(r'name="/donations" value="([0-9]+)" checked', shown.content.decode())
    ends = {"/from_place": world.office.code, "/to_place": world.hospital.code, "key": key_in(shown)}
    sent = clerk.post("/handovers/new/", {**ends, "/donations": ticked})
    items = Item.objects.filter(donation_id__in=ticked).order_by("pk").values_list("pk", flat=True)
    lines = checker.get(f"{sent['Location']}receive/").content.decode()
    count = {"key": str(uuid.uuid4()), "/seal_intact": "true"}
    for row, kind, pk in re.findall(r'name="/items/([0-9]+)/(item|group)" value="([0-9]+)"', lines):
        typed = {kind: pk, "counted": "20", "reason": "", "note": ""}
        count |= {f"/items/{row}/{name}": text for name, text in typed.items()}
    received = checker.post(f"{sent['Location']}receive/", count)

    assert (len(ticked), len(items), "2 more donations wait" in shown.content.decode()) == (500, 500, True)
    assert received.status_code == 302, received.content.decode()[:3000]
    assert Handover.objects.get().state == Handover.State.RECEIVED
    assert clerk.get("/handovers/new/").content.decode().count('name="/donations"') == 2


def test_roster_with_a_wrong_cell_names_it(world: World) -> None:
    clerk = page_of(world.person("clerk", world.office))
    form = {"/place": world.office.code, "key": key_in(clerk.get("/rosters/"))}

    looked = clerk.post("/rosters/", {**form, "/file": roster_file("很多")}).content.decode()

    assert '<td data-head="Row">2</td>' in looked
    assert "/commit/" not in looked


def test_empty_file_is_told_at_its_field(world: World) -> None:
    clerk = page_of(world.person("clerk", world.office))
    form = {"/place": world.office.code, "key": key_in(clerk.get("/rosters/"))}

    answer = clerk.post("/rosters/", {**form, "/file": io.BytesIO(b"")})

    assert answer.status_code >= 400
    assert RosterFile.objects.count() == 0


def test_texts_of_donors_are_shown_as_text(world: World) -> None:
    odd = item(medicine=None, description="<script>alert(1)</script>𠮷", unit="片")
    world.signed("clerk", world.office).post("donations/", donation(place=world.office.code, items=[odd]))

    shown = page_of(world.person("clerk", world.office)).get("/donations/").content.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt;𠮷" in shown


@pytest.mark.parametrize("address", ["donations/", "handovers/"])
def test_asked_for_as_a_file_a_list_is_still_a_page(world: World, address: str) -> None:
    client = Client()
    client.force_login(world.person("clerk"))

    answer = client.get(f"/{address}?format=csv")

    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (200, "text/html")
