from tests.world import World, donation


def test_donation_registered_by_clerk(world: World) -> None:
    answer = world.signed("clerk").post("donations/", donation())

    assert answer.status_code == 201
    assert answer.json()["items"][0]["screening"]["outcome"] == "accept"
