"""督查记录: what an auditor found, by when it is put right, the place's answer, and a second look."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from distribution.models.spot_checks import SpotCheck
from distribution.services.spot_checks import write_spot_check
from tests.distribution.stock import FIRST
from tests.plain_sql import NOW, drop_guard, execute, insert, refused_by
from tests.world import TODAY, Signed, World

DAY = datetime.timedelta(days=1)
HOW = {"rectification": "已补签"}


def found(**fields: Any) -> dict[str, Any]:
    week = str(TODAY + 7 * DAY)
    return {
        "place": FIRST,
        "checked_on": str(TODAY),
        "findings": "登记表缺签字",
        "rectify_by": week,
        **fields,
    }


def duties(signed: Signed) -> dict[str, int]:
    answer = signed.get("todo/").json()["duties"]
    return {
        duty["code"]: duty["count"] for duty in answer if duty["code"].startswith("rectif") and duty["count"]
    }


def test_findings_are_put_right_by_the_place_and_looked_at_again(world: World) -> None:
    auditor, clinic = world.signed("auditor"), world.signed("clinic", world.villages[0])

    check = auditor.post("spot-checks/", found()).json()

    assert (check["state"], check["place"], check["rectified_by"]) == ("open", FIRST, None)
    assert (duties(clinic), duties(auditor)) == ({"rectify": 1}, {})
    answered = clinic.post(f"spot-checks/{check['id']}/rectify/", HOW).json()
    assert (answered["state"], answered["rectified_on"]) == ("rectified", str(TODAY))
    assert (duties(clinic), duties(auditor)) == ({}, {"rectified": 1})
    closed = auditor.post(f"spot-checks/{check['id']}/close/").json()
    assert (closed["state"], closed["closed_by"]) == ("closed", world.person("auditor").pk)
    assert duties(auditor) == {}


def test_check_without_a_deadline_is_closed_from_the_first(world: World) -> None:
    auditor = world.signed("auditor")

    check = auditor.post("spot-checks/", found(findings="未发现问题", rectify_by=None)).json()

    assert check["state"] == "closed"
    answer = world.signed("clinic").post(f"spot-checks/{check['id']}/rectify/", HOW)
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_check_state")


def test_deadline_that_passed_is_overdue_for_the_place_and_the_auditor(world: World) -> None:
    act, days = world.act("auditor"), TODAY - 5 * DAY
    for deadline in (TODAY - DAY, TODAY):
        write_spot_check(
            act=act, place=world.villages[0], checked_on=days, findings="缺签字", rectify_by=deadline
        )
    auditor, clinic = world.signed("auditor"), world.signed("clinic")

    late = auditor.get("spot-checks/", due_before=str(TODAY)).json()["results"]

    assert [row["rectify_by"] for row in late] == [str(TODAY - DAY)]
    assert (duties(clinic), duties(auditor)) == ({"rectify": 2, "rectify_late": 1}, {"rectify_late": 1})
    assert clinic.post(f"spot-checks/{late[0]['id']}/rectify/", HOW).status_code == 200
    assert duties(auditor) == {"rectified": 1}


def test_whoever_put_it_right_does_not_close_it(world: World) -> None:
    both = world.person("auditor", name="both")
    world.grant(both, "clinic", world.villages[0])
    pk = Signed(both).post("spot-checks/", found()).json()["id"]
    Signed(both).post(f"spot-checks/{pk}/rectify/", HOW)

    answer = Signed(both).post(f"spot-checks/{pk}/close/")

    assert (answer.status_code, answer.json()["code"]) == (403, "second_person_needed")
    assert world.signed("auditor").post(f"spot-checks/{pk}/close/").status_code == 200


@pytest.mark.parametrize(
    ("fields", "status", "pointer"),
    [
        ({"checked_on": str(TODAY + DAY)}, 422, "/checked_on"),
        ({"rectify_by": str(TODAY - DAY)}, 422, "/rectify_by"),
        ({"findings": " "}, 400, "/findings"),
        ({"findings": "缺" * 1001}, 400, "/findings"),
        ({"place": "P-522622-01"}, 404, "/place"),
        ({"closed_by": 1}, 400, "/closed_by"),
    ],
)
def test_check_with_a_faulty_field_is_refused(
    world: World, fields: dict[str, Any], status: int, pointer: str
) -> None:
    answer = world.signed("auditor").post("spot-checks/", found(**fields))

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer)
    assert SpotCheck.objects.count() == 0


def test_other_places_neither_see_nor_answer_a_check(world: World) -> None:
    pk = world.signed("auditor").post("spot-checks/", found()).json()["id"]
    strangers = [world.signed("clinic", world.villages[1]), world.signed("pharmacist", foreign=True)]

    assert [person.post(f"spot-checks/{pk}/rectify/", HOW).status_code for person in strangers] == [404, 404]
    assert [person.get("spot-checks/").json()["results"] for person in strangers] == [[], []]
    assert world.signed("auditor", foreign=True).post(f"spot-checks/{pk}/close/").status_code == 404


BREACHES: dict[str, dict[str, Any]] = {
    "spot_check_says_what": {"findings": ""},
    "spot_check_deadline_after": {"rectify_by": TODAY - DAY},
    "spot_check_state_and_hands": {"rectify_by": None},
    "spot_check_says_how": {"state": "rectified", "rectified_by": 2, "rectified_on": TODAY},
    "spot_check_closed_by_another": {
        "state": "closed", "rectification": "已改", "rectified_by": 2, "rectified_on": TODAY, "closed_by": 2,
        "closed_on": TODAY,
    },
}  # fmt: skip


def row(world: World, **columns: Any) -> int:
    whole = {
        "county_id": world.county.pk,
        "place_id": world.centre.pk,
        "checked_on": TODAY,
        "findings": "缺签字",
        "rectify_by": TODAY,
        "state": "open",
        "checked_by": 1,
        "recorded_at": NOW,
        "rectification": "",
    }
    return insert("distribution_spotcheck", **{**whole, **columns})


@pytest.mark.parametrize("guard", BREACHES)
def test_database_refuses_a_check_that_breaks_its_rules(world: World, guard: str) -> None:
    with refused_by(guard):
        row(world, **BREACHES[guard])

    drop_guard(guard)
    assert row(world, **BREACHES[guard])


def test_database_keeps_what_was_written(world: World) -> None:
    pk, table = row(world), "distribution_spotcheck"
    with refused_by("spot_check_stands"):
        execute(f"UPDATE {table} SET findings = '无' WHERE id = %s", [pk])
    with refused_by("spot_check_stands"):
        execute(f"UPDATE {table} SET rectify_by = %s WHERE id = %s", [TODAY + DAY, pk])
    with refused_by("spot_check_stands"):
        execute(f"DELETE FROM {table} WHERE id = %s", [pk])

    drop_guard("spot_check_stands")
    assert execute(f"UPDATE {table} SET findings = '无' WHERE id = %s", [pk]) == 1
