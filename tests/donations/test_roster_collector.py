"""One person bringing for many: every person on the list is a donor, and who brought it is known."""

from __future__ import annotations

import pytest

from core.models import AuditEntry
from donations.models import Donation, RosterFile
from donations.queries import identities_of
from organisation.models import Place, WorkUnit
from organisation.unit_lists import unit_key
from tests.donations.rosters import HEAD, imported, line, upload, xlsx
from tests.world import World

LIST = xlsx(HEAD, line(), line("李四"), line("王五", 工作单位="县一中"))


def placed(world: World, name: str, place: Place) -> None:
    WorkUnit.objects.create(county=world.county, name=name, name_key=unit_key(name), place=place)


def test_collector_brings_one_donation_per_person(world: World) -> None:
    seen = upload(
        world, LIST, collector="赵六", collector_phone="13900139000", collector_unit="县府办"
    ).json()
    clerk = world.signed("clerk")
    assert clerk.post(f"rosters/{seen['id']}/commit/").status_code == 200

    told = clerk.get(f"rosters/{seen['id']}/collector/").json()

    donors = Donation.objects.order_by("id").values_list("donor_id", flat=True)
    identities = identities_of(donors)
    assert [identities[donor].name for donor in donors] == ["张三", "李四", "王五"]
    assert told == {"name": "赵六", "phone": "13900139000", "work_unit": "县府办"}
    assert AuditEntry.objects.filter(subject=f"collector of roster {seen['id']}").count() == 1


def test_collector_is_sealed_and_known_after_the_file_is_let_go(world: World) -> None:
    seen = upload(world, LIST, collector="赵六").json()
    world.signed("clerk").post(f"rosters/{seen['id']}/commit/")

    roster = RosterFile.objects.get()

    assert roster.sealed is None
    assert "赵六".encode() not in bytes(roster.collector)


def test_roster_without_a_collector_names_none(world: World) -> None:
    seen = imported(world, LIST)

    told = world.signed("clerk").get(f"rosters/{seen['id']}/collector/").json()

    assert told == {"name": "", "phone": "", "work_unit": ""}


def test_phone_of_nobody_is_refused(world: World) -> None:
    answer = upload(world, LIST, collector_phone="13900139000")

    assert answer.status_code == 400
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/collector"]
    assert RosterFile.objects.count() == 0


def test_collector_of_another_place_is_not_told(world: World) -> None:
    seen = upload(world, LIST, collector="赵六").json()

    answer = world.signed("clerk", world.office).get(f"rosters/{seen['id']}/collector/")

    assert answer.status_code == 404


@pytest.mark.parametrize("units", [1, 2])
def test_roster_at_the_wrong_counter_says_where_to_go(world: World, units: int) -> None:
    placed(world, "县一中", world.office)
    if units == 2:
        placed(world, "县府办", world.centre)

    warnings = upload(world, LIST).json()["warnings"]

    expected = [("县一中", world.office.code), ("县府办", world.centre.code)][:units]
    assert sorted((each["work_unit"], each["place"]) for each in warnings) == sorted(expected)
    assert {each["code"] for each in warnings} == {"wrong_counter"}


def test_roster_at_the_right_counter_warns_of_nothing(world: World) -> None:
    placed(world, "县一中", world.hospital)

    assert upload(world, LIST).json()["warnings"] == []
