import datetime

import pytest

from catalogue.models import Medicine
from distribution.models import Dispensing, DispensingLine
from inventory.ledger import Entry, Shelf, post
from inventory.models import Batch, Kind, Movement, Side, State, StockDay
from organisation.models import County, Place
from tests.distribution.stock import CENTRE, FIRST, HOSPITAL, book, hand_out, stock
from tests.distribution.stories import statements
from tests.plain_sql import drop_guard, execute, refused_by
from tests.world import TODAY, World

YESTERDAY = TODAY - datetime.timedelta(days=1)
WEEK_AGO = TODAY - datetime.timedelta(days=7)


def shelved(world: World, units: int, **fields: object) -> Batch:
    """Units in the dispensing room of the first village clinic."""
    fields = {"since": WEEK_AGO, **fields}
    return stock(world, units, place=world.villages[0], side=Side.CLINIC, **fields)


def line(**fields: object) -> dict[str, object]:
    return {"medicine": "M009a", "quantity": 6, "days_supply": 3, **fields}


def hold(world: World, batch: Batch, units: int, on: datetime.date = TODAY) -> None:
    available = Shelf(world.villages[0].pk, Side.CLINIC, State.AVAILABLE)
    held = Shelf(world.villages[0].pk, Side.CLINIC, State.HELD)
    post([Entry(Kind.HOLD, batch.pk, units, available, held, "hold", business_day=on)], act=world.act())


def test_hand_out_takes_first_what_expires_first(world: World) -> None:
    late, soon = shelved(world, 10, lot="LATE"), shelved(world, 4, lot="SOON", days=30)

    answer = world.signed("clinic").post("dispensings/", hand_out())

    assert [(row["batch"], row["quantity"]) for row in answer.json()["lines"]] == [(soon.pk, 4), (late.pk, 2)]
    assert book(world)[FIRST, "clinic", "available"] == 8


def test_hand_out_takes_no_batch_that_ends_before_the_course(world: World) -> None:
    late, _soon = shelved(world, 10, lot="LATE"), shelved(world, 10, lot="SOON", days=1)
    last = shelved(world, 10, lot="LAST", days=2)

    answer = world.signed("clinic").post("dispensings/", hand_out(lines=[line(quantity=15)]))

    assert [(row["batch"], row["quantity"]) for row in answer.json()["lines"]] == [
        (last.pk, 10),
        (late.pk, 5),
    ]


def test_hand_out_of_what_expires_during_the_course_is_refused(world: World) -> None:
    shelved(world, 10, days=1)

    answer = world.signed("clinic").post("dispensings/", hand_out())

    assert (answer.status_code, answer.json()["code"]) == (422, "expires_during_course")
    assert answer.json()["errors"][0]["pointer"] == "/lines/0/days_supply"
    assert Dispensing.objects.count() == 0


def test_hand_out_of_a_named_batch_takes_that_one(world: World) -> None:
    late = shelved(world, 10, lot="LATE")
    shelved(world, 10, lot="SOON", days=30)

    body = hand_out(lines=[{"batch": late.pk, "quantity": 6, "days_supply": 3}])
    answer = world.signed("clinic").post("dispensings/", body)

    assert [row["batch"] for row in answer.json()["lines"]] == [late.pk]


def test_lines_of_one_hand_out_share_the_shelf(world: World) -> None:
    shelved(world, 10)

    answer = world.signed("clinic").post("dispensings/", hand_out(lines=[line(), line(quantity=5)]))

    assert (answer.status_code, answer.json()["code"]) == (409, "short_stock")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/lines/1/quantity"]
    assert book(world)[FIRST, "clinic", "available"] == 10


def test_prescription_medicine_needs_its_prescriber(world: World) -> None:
    antiviral = world._medicine("M100x", "奈玛特韦片", "0.15g", "nirmatrelvir")
    Medicine.objects.filter(pk=antiviral.pk).update(rx_otc="Rx")
    antiviral.refresh_from_db()
    batch = shelved(world, 30, medicine=antiviral)
    clinic = world.signed("clinic")

    bare = [line(medicine="M100x"), {"batch": batch.pk, "quantity": 6, "days_supply": 3}]
    refused = clinic.post("dispensings/", hand_out(lines=bare)).json()
    given = clinic.post("dispensings/", hand_out(lines=[line(medicine="M100x", prescriber="村医")]))

    assert [(fault["pointer"], fault["code"]) for fault in refused["errors"]] == [
        ("/lines/0/prescriber", "prescriber_needed"),
        ("/lines/1/prescriber", "prescriber_needed"),
    ]
    assert given.status_code == 201


def test_hand_out_cautions_where_a_medicine_is_not_for_its_recipient(world: World) -> None:
    Medicine.objects.filter(code="M009a").update(not_for="pregnant|child")
    shelved(world, 30)
    clinic = world.signed("clinic")

    cautions = [
        clinic.post("dispensings/", hand_out(age_band=band, marks=marks)).json()["cautions"]
        for band, marks in (("4-14", []), ("15-64", ["pregnant", "chronic"]), ("65-79", ["chronic"]))
    ]

    assert cautions == [
        [{"code": "not_for", "medicine": "M009a", "group": "child"}],
        [{"code": "not_for", "medicine": "M009a", "group": "pregnant"}],
        [],
    ]


@pytest.mark.parametrize(
    ("fields", "status", "pointer"),
    [
        ({"dispensed_on": str(TODAY + datetime.timedelta(days=1))}, 422, "/dispensed_on"),
        ({"dispensed_on": "2023-02-30"}, 400, "/dispensed_on"),
        ({"age_band": "5-9"}, 400, "/age_band"),
        ({"marks": ["rich"]}, 400, "/marks/0"),
        ({"recipients": 0}, 400, "/recipients"),
        ({"collected_by": ""}, 400, "/collected_by"),
        ({"lines": []}, 400, "/lines"),
        ({"lines": [line(quantity=0)]}, 400, "/lines/0/quantity"),
        ({"lines": [line(days_supply=0)]}, 400, "/lines/0/days_supply"),
        ({"lines": [line(medicine="M999x")]}, 400, "/lines/0/medicine"),
        ({"lines": [{"quantity": 6, "days_supply": 3}]}, 400, "/lines/0"),
        ({"lines": [line(batch=1)]}, 400, "/lines/0"),
        ({"place": HOSPITAL}, 404, "/place"),
        ({"place": "P-522622-01"}, 404, "/place"),
        ({"patient": "张三"}, 400, "/patient"),
        # Free of charge always: there is no place for a price.
        ({"price": 100}, 400, "/price"),
    ],
)
def test_hand_out_with_a_faulty_field_names_it(
    world: World, fields: dict[str, object], status: int, pointer: str
) -> None:
    shelved(world, 10)

    answer = world.signed("clinic").post("dispensings/", hand_out(**fields))

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer)
    assert Dispensing.objects.count() == 0


def test_place_that_hands_nothing_out_is_refused(world: World) -> None:
    shelved(world, 10)
    Place.objects.filter(code=FIRST).update(hands_out=False)

    assert world.signed("clinic").post("dispensings/", hand_out()).json()["code"] == "hands_nothing_out"


def test_store_of_the_same_place_is_not_handed_out(world: World) -> None:
    stock(world, 10, place=world.centre)

    answer = world.signed("clinic").post("dispensings/", hand_out(place=CENTRE))

    assert answer.json()["code"] == "short_stock"


def test_nothing_is_handed_out_before_it_came(world: World) -> None:
    shelved(world, 10, since=YESTERDAY)
    before = book(world)

    answer = world.signed("clinic").post("dispensings/", hand_out(dispensed_on=str(WEEK_AGO)))

    assert (answer.status_code, answer.json()["code"]) == (409, "short_stock")
    assert book(world) == before


def test_hand_out_before_the_campaign_is_refused(world: World) -> None:
    shelved(world, 10)

    answer = world.signed("clinic").post("dispensings/", hand_out(dispensed_on="2001-01-01"))

    assert (answer.status_code, answer.json()["code"]) == (422, "before_campaign")


def test_hand_out_entered_late_keeps_its_day_and_is_booked_today(world: World) -> None:
    shelved(world, 10)

    answer = world.signed("clinic").post("dispensings/", hand_out(dispensed_on=str(YESTERDAY)))

    assert (answer.json()["dispensed_on"], answer.json()["booked_on"]) == (str(YESTERDAY), str(TODAY))
    movement = Movement.objects.get(kind="dispense")
    assert (movement.business_day, movement.booked_on) == (YESTERDAY, TODAY)
    assert StockDay.objects.get(kind="dispense").booked_on == TODAY


def test_hand_out_once_today_is_closed_is_booked_on_the_next_open_day(world: World) -> None:
    shelved(world, 10)
    County.objects.filter(pk=world.county.pk).update(closed_through=TODAY)
    clinic = world.signed("clinic")

    given = clinic.post("dispensings/", hand_out()).json()

    assert given["booked_on"] == str(TODAY + datetime.timedelta(days=1))
    assert clinic.post(f"dispensings/{given['id']}/reverse/").status_code == 200


def test_hand_out_before_the_hold_is_booked_out_of_held_and_flagged(world: World) -> None:
    batch = shelved(world, 10)
    hold(world, batch, 8)

    answer = world.signed("clinic").post("dispensings/", hand_out(dispensed_on=str(YESTERDAY)))

    assert [(row["quantity"], row["flagged"]) for row in answer.json()["lines"]] == [
        (2, ""),
        (4, "held_since"),
    ]
    books = book(world)
    assert (books[FIRST, "clinic", "held"], books[FIRST, "clinic", "dispensed"]) == (4, 6)


def test_hand_out_after_the_hold_takes_nothing_held(world: World) -> None:
    batch = shelved(world, 10)
    hold(world, batch, 8, on=YESTERDAY)
    clinic = world.signed("clinic")

    assert clinic.post("dispensings/", hand_out()).json()["code"] == "short_stock"
    late = clinic.post("dispensings/", hand_out(dispensed_on=str(YESTERDAY)))
    assert late.json()["code"] == "short_stock"
    assert book(world)[FIRST, "clinic", "held"] == 8


def test_goods_held_on_arrival_are_never_handed_out(world: World) -> None:
    shelved(world, 10, state=State.HELD)

    answer = world.signed("clinic").post("dispensings/", hand_out(dispensed_on=str(YESTERDAY)))

    assert answer.json()["code"] == "short_stock"


def test_reversal_mirrors_every_movement_also_out_of_held(world: World) -> None:
    batch = shelved(world, 10)
    hold(world, batch, 8)
    before = book(world)
    clinic = world.signed("clinic")
    given = clinic.post("dispensings/", hand_out(dispensed_on=str(YESTERDAY))).json()["id"]

    answer = clinic.post(f"dispensings/{given}/reverse/")

    assert answer.status_code == 200
    assert book(world) == before
    (row,) = clinic.get("dispensings/").json()["results"]
    assert row["reversed"] is True


def test_reversal_twice_is_refused(world: World) -> None:
    shelved(world, 10)
    clinic = world.signed("clinic")
    given = clinic.post("dispensings/", hand_out()).json()["id"]
    clinic.post(f"dispensings/{given}/reverse/")

    answer = clinic.post(f"dispensings/{given}/reverse/")

    assert (answer.status_code, answer.json()["code"]) == (409, "already_reversed")


def test_reversal_on_a_later_day_is_refused(world: World) -> None:
    shelved(world, 10)
    clinic = world.signed("clinic")
    given = clinic.post("dispensings/", hand_out()).json()["id"]
    drop_guard("distribution_dispensing_filled_once")
    Dispensing.objects.update(dispensed_on=YESTERDAY, booked_on=YESTERDAY)

    answer = clinic.post(f"dispensings/{given}/reverse/")

    assert (answer.status_code, answer.json()["code"]) == (409, "too_late_to_reverse")
    assert Movement.objects.filter(kind="reversal").count() == 0


CHANGES = {
    "UPDATE distribution_dispensing SET recipients = 2": "distribution_dispensing_filled_once",
    "UPDATE distribution_dispensing SET reversed_by = 2, recipients = 2": "distribution_dispensing_filled_once",
    "UPDATE distribution_dispensing SET reversed_by = NULL": "distribution_dispensing_filled_once",
    "DELETE FROM distribution_dispensing": "distribution_dispensing_filled_once",
    "TRUNCATE distribution_dispensing CASCADE": "distribution_dispensing_filled_once",
    "UPDATE distribution_dispensingline SET quantity = 1": "distribution_dispensingline_append_only",
    "DELETE FROM distribution_dispensingline": "distribution_dispensingline_append_only",
}


@pytest.mark.parametrize("change", CHANGES)
def test_hand_out_stays_as_it_was_written(world: World, change: str) -> None:
    shelved(world, 10)
    given = world.signed("clinic").post("dispensings/", hand_out()).json()["id"]
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert execute("UPDATE distribution_dispensing SET reversed_by = 1, reversed_at = now()") == 1

    with refused_by(CHANGES[change]):
        execute(change)

    assert Dispensing.objects.get().pk == given
    for guard in (*set(CHANGES.values()), "dispensing_line_same_county"):
        drop_guard(guard)
    assert execute(change) != 0


def test_reversal_belongs_to_the_place(world: World) -> None:
    shelved(world, 10)
    given = world.signed("clinic").post("dispensings/", hand_out()).json()["id"]

    for stranger in (world.signed("clinic", world.villages[1]), world.signed("clinic", foreign=True)):
        assert stranger.post(f"dispensings/{given}/reverse/").status_code == 404


def cost(world: World, lines: int) -> int:
    clinic = world.signed("clinic", world.villages[0])
    return statements(lambda: clinic.post("dispensings/", hand_out(lines=[line(quantity=1)] * lines)))


def test_hand_out_of_ten_lines_costs_as_much_as_of_one(world: World) -> None:
    for number in range(6):
        shelved(world, 2, lot=f"L{number}", days=100 + number)

    assert cost(world, 10) == cost(world, 1)
    assert DispensingLine.objects.count() == 11


def test_list_of_three_costs_as_much_as_of_one(world: World) -> None:
    shelved(world, 100)
    clinic, auditor = world.signed("clinic"), world.signed("auditor")
    counts = []
    for _n in range(3):
        clinic.post("dispensings/", hand_out())
        counts.append(statements(lambda: auditor.get("dispensings/")))

    assert counts[2] == counts[0]
    assert auditor.get("dispensings/").json()["count"] == 3
    assert world.signed("clinic", world.villages[1]).get("dispensings/").json()["count"] == 0
