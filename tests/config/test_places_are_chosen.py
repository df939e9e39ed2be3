"""Where something is booked is never guessed: of several places none stands chosen, the only one does."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from organisation.models import Person
from tests.world import World

CLINIC = [
    "/counts/new/",
    "/kits/new/",
    "/dispensing-registers/",
    "/dispensing-registers/read/",
    "/needs/ask/",
]
CLINIC += ["/adverse-reactions/new/?batch=1"]


def offered(person: Person, address: str) -> dict[str, list[tuple[str, bool]]]:
    """The selects for places of a form: each option's value, and whether it stands chosen."""
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(person)
    page = client.get(address).content.decode()
    selects = re.findall(
        r'<select id="[^"]+" name="/?((?:from_|to_)?place|donee)"[^>]*>(.*?)</select>', page, re.S
    )
    assert selects, address
    option = r'<option value="([^"]*)"( selected)?>'
    return {name: [(value, bool(on)) for value, on in re.findall(option, inner)] for name, inner in selects}


@pytest.fixture
def template(world: World) -> None:
    line = {"medicine": world.ibuprofen.code, "quantity": 10, "days_supply": 3}
    made = world.signed("lead_pharmacist").post("kit-templates/", {"name": "家庭健康包", "lines": [line]})
    assert made.status_code == 201, made.json()


def test_of_several_places_none_is_chosen_and_the_only_one_is(world: World, template: None) -> None:
    at_centre, at_village = world.person("clinic"), world.person("clinic", world.villages[0])
    several = [(at_centre, address) for address in CLINIC]
    several += [
        (world.person("allocator"), "/urgent-issues/new/"),
        (world.person("auditor"), "/spot-checks/new/"),
    ]

    wrong = [
        (address, name)
        for person, address in several
        for name, options in offered(person, address).items()
        if options[0][0] or any(on and value for value, on in options)
    ]
    alone = {address: offered(at_village, address)["place"] for address in CLINIC}

    assert wrong == []
    assert {address: options for address, options in alone.items() if len(options) != 1} == {}
