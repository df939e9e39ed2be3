"""The record of processing holds every personal field, and says who reads it as the program itself does."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from django.test import Client

from config.access import ACCESS
from config.plain_fields import PLAIN, PLAIN_OF
from config.processing import RECORD, all_fields, readers_of, record, unclassified
from organisation.models import Policy, Role
from tests.world import World


def test_every_field_is_personal_or_known_not_to_be() -> None:
    assert unclassified(all_fields()) == []


@pytest.mark.parametrize(
    "field", ["Donor.birth_date", "Donor.name", "Dispensing.phone", "Place.keeper", "Donation.text"]
)
def test_new_field_that_nobody_has_classified_fails(field: str) -> None:
    assert unclassified([*all_fields(), field]) == [field]


def test_nothing_in_the_record_is_left_over() -> None:
    fields = all_fields()
    patterns = [pattern for line in RECORD for pattern in line.fields]

    assert [each for each in patterns if not any(fnmatchcase(name, each) for name in fields)] == []
    assert {each for line in RECORD for each in line.routes} <= {
        (r, m) for r, may in ACCESS.items() for m in may
    }
    assert set(fields) >= PLAIN_OF
    assert {name.partition(".")[2] for name in fields} >= PLAIN


def test_no_field_is_called_both() -> None:
    patterns = [pattern for line in RECORD for pattern in line.fields]

    assert [name for name in PLAIN_OF if any(fnmatchcase(name, pattern) for pattern in patterns)] == []


def test_readers_are_those_of_the_table() -> None:
    identity, *_others = RECORD
    passwords = next(line for line in RECORD if "Person.password" in line.fields)

    assert readers_of(identity) == [
        str(role.label)
        for role in Role
        if role in {"clerk", "pharmacist", "lead_pharmacist", "auditor", "security"}
    ]
    assert readers_of(passwords) == []


def test_record_is_told_in_both_languages(world: World) -> None:
    Policy.objects.create(county=world.county, identity_days=700)
    auditor = world.signed("auditor")

    chinese = auditor.get("processing-record/").json()
    english = auditor.client.get("/api/v1/processing-record/", headers={"Accept-Language": "en"}).json()

    assert (chinese["identity_days"], len(chinese["lines"])) == (700, len(RECORD))
    assert chinese["lines"][0]["what"] == "姓名、电话、工作单位"
    assert english["lines"][0]["what"] == "name, telephone, work unit"
    assert "DonorIdentity.sealed" in english["lines"][0]["fields"]
    named = [name for line in english["lines"] for name in line["fields"]]
    assert set(named) == {name for line in record() for name in line.fields}


def test_screen_shows_it_to_who_answers_for_the_data(world: World) -> None:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(world.person("administrator"))

    page = client.get("/processing-record/").content.decode()

    assert "Donors are forgotten by themselves after 1096 days." in page
    assert page.count("<section") >= len(RECORD)
