"""Hand-outs that an auditor should look at, and who may enter from paper what the counter would refuse."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import transaction

from distribution.models import DispensingLine
from distribution.services.dispensing import dispense
from distribution.services.hand_outs import HandOut, HandOutLine
from distribution.unusual import Days, far_above, repeated
from inventory.models import Side
from organisation.models import Place
from tests.distribution.stock import FIRST, SECOND, hand_out, stock
from tests.distribution.stories import statements
from tests.world import TODAY, World

DAY = datetime.timedelta(days=1)
LINES = [{"medicine": "M009a", "quantity": 8, "days_supply": 2}]


def shelf(world: World, place: int = 0, units: int = 1000) -> None:
    came = TODAY - 50 * DAY
    stock(world, units, place=world.villages[place], side=Side.CLINIC, since=came, booked=came)


def gave(
    world: World,
    units: int,
    ago: int,
    *,
    number: str = "",
    booked: int | None = None,
    place: Place | None = None,
) -> None:
    """So many tablets were handed out so many days ago, and entered on that day or `booked` days ago."""
    line = HandOutLine(quantity=units, days_supply=1, medicine="M009a", pointer="/lines/0")
    day = TODAY - ago * DAY
    one = HandOut(dispensed_on=day, age_band="15-64", collected_by="self", lines=[line], register_ref=number)
    act = world.act("clinic", on=TODAY - (ago if booked is None else booked) * DAY)
    with transaction.atomic():
        dispense(act=act, place=place or world.villages[0], hand_out=one)


def alerts(world: World, **query: Any) -> list[dict[str, Any]]:
    answer = world.signed("auditor").get("unusual-hand-outs/", **query)
    assert answer.status_code == 200, answer.json()
    return answer.json()["results"]


def test_day_far_above_the_usual_is_shown_with_what_is_usual(world: World) -> None:
    shelf(world)
    for ago in (20, 15, 12, 9, 6):
        gave(world, 10, ago)
    gave(world, 39, 4)
    gave(world, 40, 3)

    (row,) = alerts(world)

    assert (row["why"], row["place"], row["day"], row["medicine"]) == (
        "far_above", FIRST, str(TODAY - 3 * DAY), "M009a",
    )  # fmt: skip
    assert (row["units"], row["usual"], row["hand_outs"], row["why_text"]) == (
        40,
        10,
        1,
        "当日发放量远高于平时",
    )


def test_usual_is_the_median_of_five_days_or_more() -> None:
    days = Days(TODAY, TODAY)
    four = {TODAY - ago * DAY: 10 for ago in range(1, 5)}
    assert list(far_above({**four, TODAY: 500}, days, 30)) == []
    five = {**four, TODAY - 5 * DAY: 400}
    assert list(far_above({**five, TODAY: 500}, days, 30)) == [(TODAY, 10)]
    assert list(far_above({**five, TODAY: 39}, days, 30)) == []
    assert list(far_above({**five, TODAY: 40}, days, 31)) == []
    assert (
        list(far_above({**{day - 28 * DAY: units for day, units in five.items()}, TODAY: 500}, days, 30))
        == []
    )


def test_number_that_comes_again_and_again_is_shown(world: World) -> None:
    shelf(world)
    for ago in (10, 5, 3):
        gave(world, 2, ago, number="12")
    assert alerts(world) == []

    gave(world, 2, 1, number="12")
    gave(world, 2, 1, number="13")

    (row,) = alerts(world)
    assert (row["why"], row["register_ref"], row["day"], row["hand_outs"]) == (
        "register_repeats", "12", str(TODAY - DAY), 4,
    )  # fmt: skip
    assert len(row["dispensings"]) == 4
    assert repeated([TODAY, TODAY - 6 * DAY, TODAY - 3 * DAY]) == [TODAY]
    assert repeated([TODAY, TODAY - 7 * DAY, TODAY - 3 * DAY]) == []


def test_late_entries_are_shown_by_clinic_and_day(world: World) -> None:
    shelf(world)
    for ago in (40, 40, 8, 7):
        gave(world, 2, ago, booked=0)

    rows = alerts(world, why="entered_late")

    assert [(row["day"], row["hand_outs"], row["days_late"]) for row in rows] == [
        (str(TODAY - 8 * DAY), 1, 8),
        (str(TODAY - 40 * DAY), 2, 40),
    ]
    assert alerts(world, why="over_limit") == []


def test_reversed_hand_outs_and_other_days_and_places_are_left_out(world: World) -> None:
    shelf(world)
    shelf(world, 1)
    gave(world, 2, 20, booked=0)
    gave(world, 2, 20, booked=0, place=world.villages[1])
    assert [row["place"] for row in alerts(world, place=SECOND)] == [SECOND]
    assert alerts(world, **{"from": str(TODAY - 40 * DAY), "to": str(TODAY - DAY)}) == []
    for row in alerts(world, place=FIRST):
        (pk,) = row["dispensings"]
        assert world.signed("clinic").post(f"dispensings/{pk}/reverse/").status_code == 200

    assert [row["place"] for row in alerts(world)] == [SECOND]
    assert world.signed("auditor", foreign=True).get("unusual-hand-outs/").json()["results"] == []


def test_alerts_take_a_constant_number_of_statements_and_wait_for_the_auditor(world: World) -> None:
    shelf(world)
    gave(world, 2, 20, booked=0)
    auditor = world.signed("auditor")
    one = statements(lambda: auditor.get("unusual-hand-outs/"))
    shelf(world, 1)
    for ago in (3, 2, 1):
        gave(world, 2, 10 + ago, booked=0, number="5", place=world.villages[1])

    assert statements(lambda: auditor.get("unusual-hand-outs/")) == one
    (duty,) = [duty for duty in auditor.get("todo/").json()["duties"] if duty["code"] == "unusual"]
    shown = auditor.client.get(duty["link"]).json()["results"]
    assert duty["count"] == len(shown) == 4


def test_bad_days_are_refused(world: World) -> None:
    auditor = world.signed("auditor")
    for query, code in (
        ({"from": str(TODAY), "to": str(TODAY - DAY)}, "days_reversed"),
        ({"from": str(TODAY - 93 * DAY)}, "too_many_days"),
        ({"from": "yesterday"}, "invalid"),
        ({"why": "colour"}, "invalid_choice"),
    ):
        answer = auditor.get("unusual-hand-outs/", **query)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, code), answer.json()


def limited(world: World, place: Place) -> None:
    came = TODAY - 30 * DAY
    stock(world, 100, place=place, side=Side.CLINIC, since=came)
    rule = {"medicine": "M009a", "per_hand_out": 6}
    assert world.signed("administrator").put("dispensing-limits/", {"rules": [rule]}).status_code == 200


def test_only_the_health_centre_enters_beyond_the_limit_for_its_village_clinics(world: World) -> None:
    limited(world, world.villages[0])
    paper = hand_out(lines=LINES, entered_for=True)

    own = world.signed("clinic", world.villages[0]).post("dispensings/", paper)
    centre = world.signed("clinic", world.centre).post("dispensings/", paper)
    counter = world.signed("clinic", world.centre).post("dispensings/", hand_out(lines=LINES))

    assert [(answer.status_code, answer.json().get("code")) for answer in (own, centre, counter)] == [
        (409, "more_than_limit"), (201, None), (409, "more_than_limit"),
    ]  # fmt: skip
    assert [line.flagged for line in DispensingLine.objects.all()] == ["over_limit"]
    (row,) = alerts(world)
    assert (row["why"], row["units"], row["dispensings"]) == ("over_limit", 8, [centre.json()["id"]])


def test_nobody_writes_their_own_paper(world: World) -> None:
    limited(world, world.centre)
    paper = hand_out(place="P-522633-10", lines=LINES)

    entered = world.signed("clinic", world.centre).post("dispensings/", {**paper, "entered_for": True})
    page = world.signed("clinic", world.centre).post("dispensing-registers/", {"hand_outs": [paper]})

    assert [entered.json()["code"], page.json()["code"]] == ["more_than_limit", "more_than_limit"]
    assert page.json()["errors"][0]["pointer"] == "/hand_outs/0/lines/0/quantity"
    assert DispensingLine.objects.count() == 0
