"""Deputies: a colleague's role for some days of the county, and what it is not."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core.models import AuditEntry
from organisation.models import Deputy, Person, RoleGrant
from organisation.queries import Reach
from tests.inventory.stories import accept, counted, custody, sort
from tests.inventory.test_sorting_refusals import registered_and_counted_alone
from tests.plain_sql import Breach, Breaches, drop_guard, execute, insert, refused_by, value
from tests.world import TODAY, Signed, World, donation

DAY = datetime.timedelta(days=1)
breaks = Breaches()


def body(world: World, **changes: Any) -> dict[str, Any]:
    """The clerk of the hospital stands in for its pharmacist, a week from today."""
    return {
        "person": world.person("pharmacist").username,
        "role": "pharmacist",
        "place": "P-522633-01",
        "deputy": world.person("clerk").username,
        "starts_on": str(TODAY),
        "ends_on": str(TODAY + 6 * DAY),
        **changes,
    }


def named(world: World, **changes: Any) -> Any:
    return world.signed("security").post("deputies/", body(world, **changes))


def standing(world: World, **changes: Any) -> int:
    answer = named(world, **changes)
    assert answer.status_code == 201, answer.json()
    return int(answer.json()["id"])


def held(person: Person, on: datetime.date = TODAY) -> set[str]:
    return Reach(person, on).roles


def test_deputy_does_what_the_role_may_at_its_place(world: World) -> None:
    [item_id] = counted(world, clerk=world.signed("clerk", name="desk"))
    clerk = world.signed("clerk")
    before = sort(clerk, item_id, accept(20)).status_code

    answer = named(world)
    after = sort(clerk, item_id, accept(20)).status_code

    assert (before, answer.status_code, after) == (403, 201, 201)
    assert custody(item_id) == {"accepted": 20}
    assert answer.json() == {
        "id": Deputy.objects.get().pk, **body(world), "township": None,
        "appointed_by": world.person("security").pk, "appointed_on": str(TODAY), "ended_on": None, "ended_by": None,
    }  # fmt: skip


def test_deputy_reaches_no_other_place(world: World) -> None:
    [item_id] = counted(world, place=world.centre)
    standing(world)

    assert sort(world.signed("clerk"), item_id, accept(20)).status_code == 404


def test_role_is_held_from_the_first_day_to_the_last(world: World) -> None:
    clerk = world.person("clerk")
    standing(world, starts_on=str(TODAY + 2 * DAY), ends_on=str(TODAY + 4 * DAY))

    days = [n for n in range(7) if "pharmacist" in held(clerk, TODAY + n * DAY)]

    assert days == [2, 3, 4]


def test_day_is_that_of_the_county(world: World) -> None:
    """Where it is a day later than in Shanghai, somebody may stand in while it has not begun here."""
    world.neighbour.time_zone = "Pacific/Kiritimati"
    world.neighbour.save(update_fields=["time_zone"])
    zone = datetime.timezone(datetime.timedelta(hours=14))
    there = datetime.datetime.now(zone).date()
    clerk, pharmacist = world.person("clerk", foreign=True), world.person("pharmacist", foreign=True)
    [grant] = RoleGrant.objects.filter(person=pharmacist)
    Deputy.objects.create(
        county=world.neighbour, grant=grant, deputy=clerk, starts_on=there, ends_on=there, appointed_by=0,
        appointed_on=there,
    )  # fmt: skip

    roles = Signed(clerk).get("auth/me/").json()["roles"]

    assert [role["until"] for role in roles if role["deputy_for"]] == [str(there)]


def test_me_tells_own_roles_and_those_of_colleagues(world: World) -> None:
    standing(world)

    roles = world.signed("clerk").get("auth/me/").json()["roles"]

    assert roles == [
        {"role": "clerk", "place": "P-522633-01", "township": None, "deputy_for": None, "until": None},
        {
            "role": "pharmacist", "place": "P-522633-01", "township": None,
            "deputy_for": world.person("pharmacist").name, "until": str(TODAY + 6 * DAY),
        },
    ]  # fmt: skip
    assert "deputy_for" in world.signed("pharmacist").get("auth/me/").json()["roles"][0]


def test_ended_deputy_is_none_from_then_on(world: World) -> None:
    pk = standing(world)
    before = held(world.person("clerk"))

    answer = world.signed("security").post(f"deputies/{pk}/end/")

    assert (before, held(world.person("clerk"))) == ({"clerk", "pharmacist"}, {"clerk"})
    assert (answer.status_code, answer.json()["ended_on"]) == (200, str(TODAY))
    assert standing(world) != pk


def test_deputy_ends_with_the_colleagues_own_role(world: World) -> None:
    standing(world)
    RoleGrant.objects.filter(person=world.person("pharmacist")).update(ends_on=TODAY + DAY)

    days = [n for n in range(7) if "pharmacist" in held(world.person("clerk"), TODAY + n * DAY)]

    assert days == [0, 1]


def test_deputy_passes_the_role_on_to_nobody(world: World) -> None:
    standing(world)
    third = world.person("checker").username

    answer = named(world, person=world.person("clerk").username, deputy=third)

    assert (answer.status_code, answer.json()["code"]) == (422, "no_such_role")


# A deputy is no second person for oneself


def test_who_registered_and_counted_decides_as_a_deputy_no_more_than_before(world: World) -> None:
    item_id = registered_and_counted_alone(world)
    standing(
        world,
        person=world.person("lead_pharmacist").username,
        role="lead_pharmacist",
        place=None,
        deputy=world.person("pharmacist").username,
    )

    answer = sort(world.signed("pharmacist"), item_id, accept(20))

    assert (answer.status_code, answer.json()["code"]) == (403, "second_person_needed")


def test_registrar_counts_no_own_donation_as_a_deputy_of_the_checker(world: World) -> None:
    standing(world, person=world.person("checker").username, role="checker")
    clerk = world.signed("clerk")
    given = clerk.post("donations/", donation()).json()
    lines = {"items": [{"item": given["items"][0]["id"], "counted": 20}]}

    answer = clerk.post(f"donations/{given['id']}/count/", lines)

    assert (answer.status_code, answer.json()["code"]) == (403, "second_person_needed")


# Refusals


def changed(**fields: Any) -> Any:
    return lambda world: fields


REFUSED = [
    (changed(person="nobody"), 404, "not_found", "/person"),
    (changed(deputy="nobody"), 404, "not_found", "/deputy"),
    (lambda w: {"deputy": w.person("clerk", foreign=True).username}, 404, "not_found", "/deputy"),
    (lambda w: {"person": w.person("pharmacist", foreign=True).username}, 404, "not_found", "/person"),
    (changed(role="lead_pharmacist", place=None), 422, "no_such_role", "/role"),
    (changed(place="P-522633-10"), 422, "no_such_role", "/role"),
    (changed(place="P-522622-01"), 422, "no_such_role", "/role"),
    (changed(place=None), 422, "no_such_role", "/role"),
    (lambda w: {"deputy": w.person("pharmacist").username}, 403, "second_person_needed", "/deputy"),
    (lambda w: {"deputy": w.person("security").username}, 403, "second_person_needed", "/deputy"),
    (changed(starts_on=str(TODAY - DAY)), 422, "deputy_days", "/starts_on"),
    (changed(ends_on=str(TODAY - DAY)), 422, "deputy_days", "/ends_on"),
    (changed(ends_on=str(TODAY + 92 * DAY)), 422, "deputy_days", "/ends_on"),
    (changed(ends_on="9999-12-31"), 400, "invalid", "/ends_on"),
    (changed(role="king"), 400, "invalid", "/role"),
    (changed(starts_on="tomorrow"), 400, "invalid", "/starts_on"),
    (changed(note="x"), 400, "invalid", "/note"),
]


@pytest.mark.parametrize(("change", "status", "code", "pointer"), REFUSED)
def test_deputy_refused(world: World, change: Any, status: int, code: str, pointer: str) -> None:
    answer = named(world, **change(world))

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert Deputy.objects.count() == 0


def test_same_deputy_is_named_once_for_a_day(world: World) -> None:
    standing(world)

    again = named(world, starts_on=str(TODAY + 6 * DAY), ends_on=str(TODAY + 9 * DAY))
    later = named(world, starts_on=str(TODAY + 7 * DAY), ends_on=str(TODAY + 9 * DAY))

    assert (again.status_code, again.json()["code"]) == (409, "deputy_already")
    assert (later.status_code, Deputy.objects.count()) == (201, 2)


def test_ending_twice_or_in_another_county_refused(world: World) -> None:
    pk = standing(world)
    foreign = world.signed("security", foreign=True).post(f"deputies/{pk}/end/")
    first, second = (world.signed("security").post(f"deputies/{pk}/end/") for _ in range(2))

    assert (foreign.status_code, first.status_code) == (404, 200)
    assert (second.status_code, second.json()["code"]) == (409, "deputy_ended")


def test_naming_is_carried_out_once_and_logged(world: World) -> None:
    key, security = uuid.uuid4(), world.signed("security")
    first, second = (security.post("deputies/", body(world), key=key) for _ in range(2))

    assert (first.json(), Deputy.objects.count()) == (second.json(), 1)
    assert AuditEntry.objects.filter(subject=f"deputy {first.json()['id']}").count() == 1


def test_list_shows_the_county_and_the_day(world: World) -> None:
    first = standing(world)
    second = standing(world, starts_on=str(TODAY + 9 * DAY), ends_on=str(TODAY + 9 * DAY))
    security = world.signed("security")

    def listed(signed: Signed = security, **query: Any) -> list[int]:
        return [row["id"] for row in signed.get("deputies/", **query).json()["results"]]

    assert (listed(), listed(on=str(TODAY)), listed(role="clerk")) == ([second, first], [first], [])
    assert listed(world.signed("security", foreign=True)) == []


# Cost


def test_deputies_cost_no_further_statement(world: World) -> None:
    clerk, security, costs = world.signed("clerk"), world.signed("security"), []
    standing(world)
    for n in range(3):
        with CaptureQueriesContext(connection) as asked:
            clerk.get("places/")
        with CaptureQueriesContext(connection) as listed:
            security.get("deputies/")
        costs.append((len(asked), len(listed)))
        standing(world, person=world.person("pharmacist", name=f"p{n}").username)

    assert len(set(costs)) == 1


# Around the services


def row(world: World, **columns: Any) -> int:
    person = columns.pop("person", None) or world.person("pharmacist")
    return insert(
        "organisation_deputy",
        **{
            "county_id": world.county.pk,
            "grant_id": RoleGrant.objects.get(person=person).pk,
            "deputy_id": world.person("clerk").pk,
            "starts_on": TODAY,
            "ends_on": TODAY,
            "appointed_by": world.person("security").pk,
            "appointed_on": TODAY,
            **columns,
        },
    )


@breaks("deputy_is_another")
def stand_in_for_oneself(world: World) -> int:
    return row(world, deputy_id=world.person("pharmacist").pk)


@breaks("deputy_appointed_by_another")
def make_oneself_a_deputy(world: World) -> int:
    return row(world, appointed_by=world.person("clerk").pk)


@breaks("deputy_once")
def stand_in_twice(world: World) -> int:
    row(world, ends_on=TODAY + 3 * DAY)
    return row(world, starts_on=TODAY + 3 * DAY, ends_on=TODAY + 5 * DAY)


@breaks("deputy_for_days")
def stand_in_for_ever(world: World) -> int:
    return row(world, ends_on=TODAY + 92 * DAY)


@breaks("deputy_for_days")
def stand_in_backwards(world: World) -> int:
    return row(world, ends_on=TODAY - DAY)


@breaks("deputy_grant_same_county")
def hold_a_role_of_another_county(world: World) -> int:
    return row(world, person=world.person("pharmacist", foreign=True))


@breaks("deputy_person_same_county")
def lend_a_role_to_another_county(world: World) -> int:
    return row(world, deputy_id=world.person("clerk", foreign=True).pk)


@breaks("deputy_ended_or_not")
def end_by_nobody(world: World) -> int:
    return row(world, ended_on=TODAY)


@breaks("deputy_ended_once")
def stay_longer(world: World) -> int:
    return execute("UPDATE organisation_deputy SET ends_on = ends_on + 9 WHERE id = %s", [row(world)])


@breaks("deputy_ended_once")
def forget_a_deputy(world: World) -> int:
    return execute("DELETE FROM organisation_deputy WHERE id = %s", [row(world)])


@pytest.mark.parametrize("breach", breaks, ids=str)
def test_breach_refused_by_its_guard(world: World, breach: Breach) -> None:
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    with refused_by(breach.guard):
        breach.attempt(world)

    assert value("SELECT count(*) FROM organisation_deputy") == 0


@pytest.mark.parametrize("breach", breaks, ids=str)
def test_breach_goes_in_without_its_guard(world: World, breach: Breach) -> None:
    with transaction.atomic():
        drop_guard(breach.guard)

    assert breach.attempt(world)
