from distribution.models import NeedLine, NeedSheet
from tests.distribution.stock import CENTRE, FIRST, HOSPITAL, PERIOD
from tests.world import TODAY, World

FOREIGN = "P-522622-01"


def sheet(**fields: object) -> dict[str, object]:
    return {"place": FIRST, "period": PERIOD, "lines": [{"medicine": "M009a", "requested": 50}], **fields}


def test_needs_written_again_replace_the_lines_and_count_the_version(world: World) -> None:
    clinic = world.signed("clinic")
    clinic.put("needs/", sheet())

    answer = clinic.put("needs/", sheet(lines=[{"medicine": "M001b", "requested": 9}], version=1))

    assert answer.json()["version"] == 2
    (row,) = clinic.get("needs/", place=FIRST).json()["results"]
    assert (row["period"], row["version"]) == (PERIOD, 2)
    assert row["lines"] == [{"medicine": "M001b", "requested": 9}]


def test_needs_written_on_an_old_version_are_refused(world: World) -> None:
    clinic = world.signed("clinic")
    clinic.put("needs/", sheet())
    clinic.put("needs/", sheet(version=1))

    answer = clinic.put("needs/", sheet(lines=[], version=1))

    assert (answer.status_code, answer.json()["code"]) == (409, "stale")
    assert answer.json()["errors"][0]["pointer"] == "/version"
    assert NeedLine.objects.count() == 1


def test_needs_with_faulty_lines_name_each(world: World) -> None:
    lines = [
        {"medicine": "M009a", "requested": 1},
        {"medicine": "M999x", "requested": 1},
        {"medicine": "M009a", "requested": 2},
    ]

    answer = world.signed("clinic").put("needs/", sheet(lines=lines))

    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [
        ("/lines/1/medicine", "unknown_medicine"),
        ("/lines/2/medicine", "named_twice"),
    ]
    assert NeedSheet.objects.count() == 0


def test_needs_with_a_quantity_no_book_can_hold_are_refused(world: World) -> None:
    for requested in (-1, 1.5, "3", 10**9, 10**30, True, None):
        answer = world.signed("clinic").put(
            "needs/", sheet(lines=[{"medicine": "M009a", "requested": requested}])
        )

        assert (requested, answer.status_code, answer.json()["errors"][0]["pointer"]) == (
            requested,
            400,
            "/lines/0/requested",
        )


def test_needs_for_days_that_are_no_period_are_refused(world: World) -> None:
    for period in (
        "2023-02-30/2023-03-01",
        "2023-01-14/2023-01-01",
        "2023-01-01",
        "2023-01-01/2030-01-01",
        7,
        "",
    ):
        answer = world.signed("clinic").put("needs/", sheet(period=period))

        assert (period, answer.status_code, answer.json()["errors"][0]["pointer"]) == (period, 400, "/period")


def test_needs_reach_the_own_places_only(world: World) -> None:
    clinic = world.signed("clinic", world.villages[0])
    world.signed("allocator").put("needs/", sheet(place=CENTRE))
    clinic.put("needs/", sheet())

    assert clinic.put("needs/", sheet(place=HOSPITAL)).status_code == 404
    assert clinic.put("needs/", sheet(place=FOREIGN)).status_code == 404
    assert [row["place"] for row in clinic.get("needs/").json()["results"]] == [FIRST]


def test_profile_is_read_back_and_guarded_by_version(world: World) -> None:
    allocator, route = world.signed("allocator"), f"clinic-profiles/{FIRST}/"
    figures = {"population": 900, "tier_red": 12, "age_0_3": 8, "data_date": str(TODAY)}

    assert allocator.get(route).status_code == 404
    assert allocator.put(route, figures).json()["version"] == 1
    assert allocator.put(route, {**figures, "tier_red": 13, "version": 1}).json()["version"] == 2
    assert allocator.put(route, {**figures, "version": 1}).json()["code"] == "stale"
    profile = world.signed("clinic").get(route).json()
    assert (profile["tier_red"], profile["age_0_3"], profile["disabled"], profile["version"]) == (13, 8, 0, 2)


def test_profile_of_a_foreign_place_is_unknown(world: World) -> None:
    figures = {"population": 900, "data_date": str(TODAY)}

    assert world.signed("allocator").put(f"clinic-profiles/{FOREIGN}/", figures).status_code == 404
    assert (
        world.signed("allocator", foreign=True).put(f"clinic-profiles/{FIRST}/", figures).status_code == 404
    )


def test_profile_counts_are_whole_people(world: World) -> None:
    answer = world.signed("allocator").put(
        f"clinic-profiles/{FIRST}/", {"population": 1.5, "pregnant": -1, "data_date": "2023-02-30", "puls": 1}
    )

    assert {fault["pointer"] for fault in answer.json()["errors"]} == {"/puls"}
    answer = world.signed("allocator").put(
        f"clinic-profiles/{FIRST}/", {"population": 1.5, "pregnant": -1, "data_date": "2023-02-30"}
    )
    assert {fault["pointer"] for fault in answer.json()["errors"]} == {
        "/population",
        "/pregnant",
        "/data_date",
    }
