"""Plans go by the county's own weights and tiers, and say so."""

from __future__ import annotations

from tests.distribution.stock import FIRST, SECOND, order, profile, stock
from tests.world import World


def test_plans_weigh_and_order_as_the_county_says(world: World) -> None:
    for place in (*world.villages, world.centre):
        profile(world, place, population=70)
    policy = {"weight_green": 4, "tier_village_clinic": 1, "tier_health_centre": 2}
    assert world.signed("administrator").put("policies/", policy).status_code == 200
    stock(world, 400)

    plan = world.signed("allocator").post("plans/", order()).json()

    shares = world.signed("allocator").get(f"plans/{plan['id']}/clinics/").json()["results"]
    assert {row["clinic"]: (row["need"], row["allotted"]) for row in shares} == {
        FIRST: (280, 200), SECOND: (280, 200), "P-522633-10": (280, 0),
    }  # fmt: skip
    cuts = world.signed("allocator").get(f"plans/{plan['id']}/").json()["cuts"]
    assert (cuts["weights_in_halves"]["green"], cuts["tiers"]["health_centre"]) == (4, 2)
