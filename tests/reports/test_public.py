import hashlib
import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from core.receipt_codes import new_receipt_code, parse_receipt_code
from donations.models import Donation, Item
from inventory.models import Kind, State
from organisation.models import Policy
from reports.models.bulletins import edition_number
from tests.reports.play import DAY, Play, edition
from tests.reports.test_bulletins import published
from tests.world import TODAY, World, donation, item

PRIVATE = ["张三", "13800138000", "保密大队", "publisher-", "signer-", "clerk-"]


def read(route: str, **query: Any) -> Any:
    """What somebody without an account gets."""
    return APIClient().get(f"/api/v1/{route}", query)


def receipt(given: Item) -> str:
    return Donation.objects.get(pk=given.donation_id).receipt_code


def test_summary_shows_the_latest_bulletin(play: Play) -> None:
    play.register(item(quantity=40))
    bulletin = published(play.world, period_end=str(TODAY))

    summary = read("public/counties/522633/summary/").json()

    assert summary["bulletin"]["sha256"] == bulletin["sha256"]
    assert summary["cumulative"]["medicines"][0]["items"]["registered"] == 40
    assert summary["live"] is None


def test_summary_without_a_bulletin_says_so(play: Play) -> None:
    play.register(item())

    summary = read("public/counties/522633/summary/").json()

    assert (summary["bulletin"], summary["cumulative"], summary["live"]) == (None, None, None)


def test_summary_is_live_where_the_policy_allows(play: Play) -> None:
    Policy.objects.create(county=play.world.county, public_live_figures=True)
    play.register(item(quantity=3))

    summary = read("public/counties/522633/summary/").json()

    assert summary["live"]["medicines"][0]["items"]["registered"] == 3


def test_small_groups_of_people_are_merged_in_public(play: Play) -> None:
    (given,) = play.register(item(quantity=100))
    play.count(given, 100)
    play.accept(given, 100)
    batch, shipment = play.batch(given), play.shipment(play.world.centre)
    play.dispatch(shipment, batch, 90)
    play.receive(shipment, batch, 90)
    for age, times in (("0-3", 1), ("15-64", 6), ("65-79", 7)):
        for _time in range(times):
            play.dispense(play.world.centre, batch, 2, age=age)
    published(play.world, period_end=str(TODAY))

    line = read("public/counties/522633/summary/").json()["cumulative"]

    assert line["counts"]["hand_outs_by_age"] == {"65-79": 7, "other": 7}
    assert line["medicines"][0]["dispensed_by_age"] == {"65-79": 14, "other": 14}


def test_drop_off_points_are_the_places_that_take_donations(world: World) -> None:
    found = read("public/counties/522633/drop-off-points/").json()["results"]

    assert [point["code"] for point in found] == ["P-522633-01", "P-522633-02", "P-522633-10"]
    assert found[2]["township"] == "贯洞镇"


def test_bulletin_bytes_are_those_sealed(world: World) -> None:
    bulletin = published(world)
    listed = read("public/bulletins/", county="522633").json()["results"]

    answer = APIClient().get(listed[0]["json"])

    assert hashlib.sha256(answer.content).hexdigest() == bulletin["sha256"]
    assert answer.headers["ETag"] == f'"{bulletin["sha256"]}"'
    assert json.loads(answer.content)["number"] == 1


def test_bulletin_known_to_the_reader_is_not_sent_again(world: World) -> None:
    bulletin = published(world)
    known = {"If-None-Match": f'"{bulletin["sha256"]}"'}

    answer = APIClient().get(f"/api/v1/public/bulletins/{edition(bulletin['id'])}.json", headers=known)

    assert (answer.status_code, answer.content) == (304, b"")


def test_draft_is_not_public(world: World) -> None:
    body = {"campaign": "C-522633-2022", "period_start": str(TODAY), "period_end": str(TODAY)}
    pk = world.signed("publisher").post("bulletins/", body).json()["id"]

    assert edition(pk) is None
    for number in (pk, edition_number("522633", TODAY.year, 1), edition_number("522633", TODAY.year, 0)):
        assert read(f"public/bulletins/{number}.json").status_code == 404
    assert read("public/bulletins/").json()["results"] == []


def test_hash_of_a_bulletin_is_verified(world: World) -> None:
    bulletin = published(world)

    answer = read(f"public/verify/{bulletin['sha256'].upper()}/").json()

    assert (answer["published"], answer["bulletin"]["number"]) == (True, 1)


@pytest.mark.parametrize(
    ("route", "status", "code"),
    [
        (f"public/verify/{'0' * 64}/", 404, "not_found"),
        ("public/verify/xyz/", 400, "sha256_invalid"),
        ("public/counties/000000/summary/", 404, "not_found"),
        ("public/counties/县/drop-off-points/", 404, "not_found"),
        ("public/bulletins/?county=000000", 404, "not_found"),
        ("public/bulletins/99.json", 404, "not_found"),
        ("public/trace/ABC/", 400, "receipt_code_invalid"),
        ("public/trace/%F0%9F%92%8A/", 400, "receipt_code_invalid"),
        (f"public/trace/{'9' * 5000}/", 400, "receipt_code_invalid"),
    ],
)
def test_public_route_with_bad_input_answers_clearly(
    world: World, route: str, status: int, code: str
) -> None:
    answer = read(route)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_trace_of_a_code_never_given_is_not_found(world: World) -> None:
    assert read(f"public/trace/{new_receipt_code()}/").status_code == 404


def test_trace_of_a_mistyped_code_says_so(play: Play) -> None:
    (given,) = play.register(item())
    code = receipt(given)
    mistyped = ("1" if code[0] != "1" else "2") + code[1:]

    answer = read(f"public/trace/{mistyped}/")

    assert (answer.status_code, answer.json()["code"]) == (400, "receipt_code_invalid")


def test_trace_tells_what_became_of_a_gift(play: Play) -> None:
    world = play.world
    mine, _bare = play.register(item(quantity=30), item(quantity=4, container="loose"))
    (other,) = play.register(item(quantity=50))
    for each in (mine, other):
        play.count(each, each.quantity)
    play.accept(mine, 20)
    play.accept(other, 50)
    play.reject(mine, 7)
    batch, shipment = play.batch(mine), play.shipment(world.villages[0])
    play.dispatch(shipment, batch, 60)
    play.receive(shipment, batch, 60)
    play.dispense(world.villages[0], batch, 6, recipients=2)
    play.take_back(play.dispense(world.villages[0], batch, 6))

    answer = read(f"public/trace/{receipt(mine)}/").json()

    first, second = answer["items"]
    assert answer["receipt_code"] == parse_receipt_code(receipt(mine))
    told = ("registered", "accepted", "refused", "rejected", "waiting", "missing")
    assert [first[name] for name in told] == [30, 20, 0, 7, 3, 0]
    assert [second[name] for name in told] == [4, 0, 4, 0, 0, 0]
    assert [(r["code"], r["quantity"]) for r in first["reasons"]] == [("damaged", 7)]
    assert [(r["code"], r["message"]) for r in second["reasons"]] == [("bare_units", "裸片（脱离原包装）")]
    assert [(b["donors"], b["hand_outs"]) for b in first["batches"]] == [(2, None)]
    assert [place["name"] for place in first["batches"][0]["clinics"]] == ["干团村卫生室"]
    assert first["batches"][0]["standing"] == [
        {"where": "clinic", "township": "", "name": "医疗卫生机构"},
        {"where": "store", "township": "", "name": "县直机构"},
    ]
    assert first["batches"][0]["gone"] == {}


def test_trace_tells_the_township_of_what_stands_in_a_centre_s_store(play: Play) -> None:
    """A health centre that has the goods in its store is no clinic that received them; nor are they nowhere."""
    centre = play.world.centre
    (given,) = play.register(item(quantity=30))
    play.count(given, 30)
    play.accept(given, 30)
    batch, sent = play.batch(given), play.shipment(centre, to_side="store")
    play.dispatch(sent, batch, 20)
    on_the_road = read(f"public/trace/{receipt(given)}/").json()["items"][0]["batches"][0]
    play.receive(sent, batch, 20)
    play.move(Kind.HOLD, batch, 10, State.AVAILABLE, State.HELD)
    play.move(Kind.DESTROY, batch, 10, State.HELD, State.DESTROYED)

    (found,) = read(f"public/trace/{receipt(given)}/").json()["items"][0]["batches"]
    page = APIClient().post("/receipts/", {"code": receipt(given)}, format="multipart").content.decode()

    name = centre.township.name
    assert [(at["where"], at["name"]) for at in on_the_road["standing"]] == [
        ("road", "县直机构"),
        ("store", "县直机构"),
    ]
    assert found["clinics"] == []
    assert found["standing"] == [{"where": "store", "township": centre.township_id, "name": name}]
    assert found["gone"] == {"destroyed": 10}
    assert "该批次（不分捐赠人）： 已销毁 10 片" in " ".join(page.split())
    assert f"在库房，所在地： {name}" in " ".join(page.split())
    assert "尚未分配到机构" not in page


def test_trace_tells_every_reason_of_a_refusal(play: Play) -> None:
    (given,) = play.register(item(container="loose", findings=["damaged", "cold_chain"]))

    [told] = read(f"public/trace/{receipt(given)}/").json()["items"]
    page = APIClient().post("/receipts/", {"code": receipt(given)}, format="multipart")

    assert told["reasons"] == [
        {
            "code": "cold_chain",
            "message": "需冷藏药品",
            "quantity": 20,
            "also": ["包装破损、受潮、变质", "裸片（脱离原包装）"],
        }
    ]
    for words in ("需冷藏药品", "包装破损、受潮、变质", "裸片（脱离原包装）"):
        assert words in page.content.decode()


def test_trace_follows_an_opened_box(play: Play) -> None:
    (given,) = play.register(item(quantity=30))
    play.count(given, 30)
    play.accept(given, 30)
    sealed, opened = play.batch(given), play.batch(given, pack="opened")
    play.convert(sealed, opened, 10)
    shipment = play.shipment(play.world.centre)
    play.dispatch(shipment, opened, 10)
    play.receive(shipment, opened, 10)

    (found,) = read(f"public/trace/{receipt(given)}/").json()["items"][0]["batches"]

    assert [place["code"] for place in found["clinics"]] == ["P-522633-10"]


def test_trace_tells_what_was_found_beyond_the_register(play: Play) -> None:
    (given,) = play.register(item(quantity=20))
    lines = [{"item": given.pk, "counted": 21, "reason": "miscounted"}]
    counted = play.world.signed("checker").post(f"donations/{given.donation_id}/count/", {"items": lines})
    assert counted.status_code == 200, counted.json()

    told = read(f"public/trace/{receipt(given)}/").json()["items"][0]

    assert (told["registered"], told["surplus"], told["waiting"]) == (20, 1, 21)


def test_trace_of_a_group_that_fell_short_blames_no_one(play: Play) -> None:
    world = play.world
    clerk = world.signed("clerk", world.office)
    given = [play.register(item(quantity=20), place=world.office)[0] for _time in range(2)]
    body = {
        "from_place": "P-522633-02",
        "to_place": "P-522633-01",
        "donations": [g.donation_id for g in given],
    }
    handover = clerk.post("handovers/", body).json()["id"]
    route = f"public/trace/{receipt(given[1])}/"
    assert read(route).json()["items"][0]["waiting"] == 20
    (line,) = clerk.get("handovers/").json()["results"][0]["lines"]
    counts = {"items": [{"group": line["group"], "counted": 35, "reason": "lost"}]}
    assert world.signed("pharmacist").post(f"handovers/{handover}/receive/", counts).status_code == 200

    told = read(route).json()["items"][0]

    assert (told["waiting"], told["missing"], told["missing_from_group"]) == (15, 0, 5)


def test_public_routes_name_nobody(play: Play) -> None:
    donor = {"kind": "person", "name": "张三", "phone": "13800138000", "work_unit": "保密大队"}
    (given,) = play.register(item(quantity=40), donor=donor)
    play.count(given, 40)
    play.step(given, "rejected", "counted", "in_bin", 5, reason="张三 13800138000", note="张三")
    play.accept(given, 35)
    bulletin = published(play.world, period_end=str(TODAY))
    Policy.objects.create(county=play.world.county, public_live_figures=True)

    texts = [
        read(route).content.decode()
        for route in [
            "public/counties/522633/summary/",
            "public/counties/522633/drop-off-points/",
            "public/bulletins/",
            f"public/bulletins/{edition(bulletin['id'])}.json",
            f"public/trace/{receipt(given)}/",
            f"public/verify/{bulletin['sha256']}/",
            "health/",
        ]
    ]

    assert [word for word in PRIVATE for text in texts if word in text] == []
    assert all(texts)


def test_public_routes_ignore_an_ended_sign_in(world: World) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION="Token gone")

    assert client.get("/api/v1/health/").json()["status"] == "ok"
    assert client.get("/api/v1/public/bulletins/").status_code == 200


@pytest.mark.parametrize("donations", [1, 3])
def test_trace_costs_the_same_for_any_gift(
    play: Play, django_assert_num_queries: Any, donations: int
) -> None:
    given = play.register(*[item(quantity=10, lot_number=f"L{n}") for n in range(donations)])
    for each in given:
        play.count(each, 10)
        play.accept(each, 10)

    with django_assert_num_queries(12):
        answer = read(f"public/trace/{receipt(given[0])}/")

    assert len(answer.json()["items"]) == donations


def test_registration_of_an_old_day_is_not_lost_from_the_figures(play: Play) -> None:
    published(play.world)
    body = donation(received_on=str(TODAY - 3 * DAY))
    assert play.world.signed("clerk").post("donations/", body).status_code == 201

    content = published(play.world, period_start=str(TODAY), period_end=str(TODAY))

    sealed = read(f"public/bulletins/{edition(content['id'])}.json").json()
    assert sealed["this_period"]["medicines"][0]["items"]["registered"] == 20
