from distribution.models import Plan
from organisation.models import Place
from tests.distribution.stock import FIRST, order, profile, stock
from tests.distribution.stories import statements, submitted
from tests.world import TODAY, World


def test_list_of_three_plans_costs_as_much_as_of_one(world: World) -> None:
    submitted(world)
    allocator = world.signed("allocator")
    one = statements(lambda: allocator.get("plans/"))
    for _n in range(2):
        allocator.post("plans/", order())

    assert statements(lambda: allocator.get("plans/")) == one
    rows = allocator.get("plans/").json()["results"]
    assert [row["totals"]["quantity"] for row in rows] == [100, 100, 100]
    assert allocator.get("plans/", status="submitted").json()["count"] == 1


def test_lines_and_clinics_of_three_cost_as_much_as_of_one(world: World) -> None:
    allocator = world.signed("allocator")
    stock(world, 90)
    costs = {}
    for places in ([FIRST], [FIRST, "P-522633-10", "P-522633-12"]):
        for code in places[-2:]:
            profile(world, Place.objects.get(code=code))
        plan = allocator.post("plans/", order()).json()["id"]
        assert allocator.get(f"plans/{plan}/lines/").json()["count"] == len(places)
        costs[len(places)] = (
            statements(lambda plan=plan: allocator.get(f"plans/{plan}/lines/")),
            statements(lambda plan=plan: allocator.get(f"plans/{plan}/clinics/")),
        )

    assert costs[3] == costs[1]


def test_needs_of_three_places_cost_as_much_as_of_one(world: World) -> None:
    allocator = world.signed("allocator")
    costs = []
    for place in (world.centre, *world.villages):
        body = {
            "place": place.code,
            "period": f"{TODAY}/{TODAY}",
            "lines": [{"medicine": "M009a", "requested": 1}],
        }
        allocator.put("needs/", body)
        costs.append(statements(lambda: allocator.get("needs/")))

    assert costs[2] == costs[0]
    assert allocator.get("needs/").json()["count"] == 3


def test_plan_tells_its_cuts_and_rules(world: World) -> None:
    plan = submitted(world)

    shown = world.signed("auditor").get(f"plans/{plan}/").json()

    assert shown["cuts"]["rules"] == {
        "today": str(TODAY),
        "horizon_days": 14,
        "safety_percent": 60,
        "safety_learned_percent": 80,
        "course_days": 3,
        "bands": [100],
    }
    published = shown["cuts"]["medicines"]["M009a"]
    assert published["min_course"] == 0
    (cut,) = published["cuts"]
    assert (cut["mark"]["clinic"], cut["supplies"]) == (FIRST, [[["M009a", "P-522633-01"]]])
    assert Plan.objects.get().cuts == shown["cuts"]
