"""What the database holds over all counties at once, read from its own catalogue: each has its reason here.

A rule of uniqueness without the county refuses what another county has, and so tells that it has it. A table without
a county holds what everybody goes by. A new one fails until somebody has thought of what it gives away.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection

from organisation.models import Person
from tests.plain_sql import execute, insert, refused_by
from tests.world import TODAY, Signed, World, donation

OURS = "made by the server at random: nobody chooses it, and nothing follows from one that is taken"
# Unique keys in which neither the county nor a row of a county (a composite reference) stands.
UNIQUE = {
    "audit_link_once": "written by the sealer alone, and read by nobody in a county",
    "auth_group_name_key": "Django's, empty",
    "auth_group_permissions_group_id_permission_id_0cd325b0_uniq": "Django's, empty",
    "auth_permission_content_type_id_codename_01ab375a_uniq": "Django's, written by migrate",
    "batch_code_unique": OURS,
    "bulletin_hash_once": "the bytes name the county, so no two counties have the same",
    "catalogue_medicine_code_key": "written by load_medicines alone",
    "catalogue_searchname_med_searchname_id_medicine_i_08424a58_uniq": "of a name, which says whose it is",
    "core_auditaddress_pkey": "the entry's own number, written by its trigger",
    "core_auditlink_pkey": "written by the sealer alone, and read by nobody in a county",
    "device_pin_once": "of a person, and of a device whose secret the server made",
    "django_content_type_app_label_model_76bd3d3b_uniq": "Django's, written by migrate",
    "django_migrations_pkey": "Django's, written by migrate",
    "django_session_pkey": OURS,
    "donations_groupholdings_group_id_key": "of a group of a county: the reference is by its trigger",
    "donations_itemholdings_item_id_key": "of an item of a county: the reference is by its trigger",
    "idempotency_once": "of a person: another's key is never looked at",
    "kit_code_unique": OURS,
    "known_address_once": "of the program before: written no more",
    "known_origin_once": "keyed hashes, written at sign-in and told to nobody",
    "organisation_accesstoken_digest_key": OURS,
    "organisation_attemptlane_pkey": "keyed hashes, written at sign-in and told to nobody",
    "organisation_county_pkey": "written by add_county alone",
    "organisation_division_pkey": "written by add_county alone, from the official list",
    "organisation_person_username_key": "a name made on the screens begins with the code of its own county",
    "organisation_secondfactor_pkey": "of a person",
    "organisation_signinfailures_pkey": "of the program before: written no more",
    "person_username_once": "a name made on the screens begins with the code of its own county",
    "place_code_once": "a code that does not name the own county is refused before it is looked for",
    "plan_public_number_once": OURS,
    "receipt_code_once": "80 random bits that are the donor's secret; who holds one may follow it on the public page",
    "reports_auditcheckpoint_day_key": "written in the night for the whole installation, and public",
    "reports_receiptguesses_pkey": "keyed hashes of addresses, told to nobody",
    "reports_signingkey_pkey": "the installation's own keys, whose public halves are public",
}
TABLES = {
    "auth_group": "Django's, empty",
    "auth_group_permissions": "Django's, empty",
    "auth_permission": "Django's, written by migrate",
    "catalogue_medicine": "everybody's: written by load_medicines alone",
    "catalogue_searchname_medicines": "of a name, which says whose it is",
    "core_auditaddress": "of an entry, which says whose it is",
    "core_auditlink": "the one chain over the log: no route shows a row of it",
    "core_auditverification": "a run over the whole log: a county is told what was found of its own entries",
    "core_idempotencyrecord": "of a person, and read by that person's command only",
    "django_content_type": "Django's, written by migrate",
    "django_migrations": "Django's, written by migrate",
    "django_session": "of a person, by a key that only their browser has",
    "organisation_accesstoken": "of a person, and numbered by that person's county",
    "organisation_attemptlane": "keyed hashes, told to nobody",
    "organisation_county": "the counties: their codes and names are public",
    "organisation_devicepin": "of a person",
    "organisation_knownaddress": "of the program before: written no more",
    "organisation_knownorigin": "keyed hashes, told to nobody",
    "organisation_secondfactor": "of a person",
    "organisation_signinfailures": "of the program before: written no more",
    "reports_auditcheckpoint": "of the whole installation: the hash is public, the content the operator's",
    "reports_receiptguesses": "keyed hashes, told to nobody",
    "reports_restoredrill": "of the whole installation: whether and when, and nothing of what lies in it",
    "reports_signingkey": "the installation's own keys, whose public halves are public",
}
KEYS = """
SELECT i.relname::text FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
WHERE x.indisunique AND t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p')
AND (SELECT array_agg(a.attname::text) FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = ANY (x.indkey))
    IS DISTINCT FROM '{id}'
AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = ANY (x.indkey)
    AND a.attname IN ('county_id', 'county'))
AND NOT EXISTS (
    SELECT FROM pg_constraint f JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (f.conkey)
    JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum = ANY (f.conkey) AND c.attname = 'county_id'
    WHERE f.contype = 'f' AND f.conrelid = t.oid AND a.attnum = ANY (x.indkey))"""
WITHOUT_COUNTY = """
SELECT t.relname::text FROM pg_class t WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p')
AND NOT EXISTS (SELECT FROM pg_attribute a
    WHERE a.attrelid = t.oid AND a.attname IN ('county_id', 'county') AND NOT a.attisdropped)"""


def found(statement: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return {name for (name,) in cursor.fetchall()}


def test_every_key_without_a_county_has_its_reason(db: None) -> None:
    known = UNIQUE.keys() - {"django_migrations_pkey"}
    assert found(KEYS) - {"django_migrations_pkey"} == known

    execute("CREATE UNIQUE INDEX sealed_bag_once ON donations_handover (seal_note)")
    execute("ALTER TABLE donations_campaign DROP CONSTRAINT campaign_code_once")
    execute("ALTER TABLE donations_campaign ADD CONSTRAINT campaign_code_once UNIQUE (code)")
    assert found(KEYS) - UNIQUE.keys() == {"sealed_bag_once", "campaign_code_once"}


def test_every_table_without_a_county_has_its_reason(db: None) -> None:
    assert found(WITHOUT_COUNTY) == TABLES.keys()
    assert {model._meta.db_table for model in apps.get_models()} >= TABLES.keys() - {
        "auth_group_permissions", "catalogue_searchname_medicines", "django_migrations",
        "organisation_knownaddress", "organisation_signinfailures",
    }  # fmt: skip


def same_names(world: World) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """By role and route what a county writes that another might write just so."""
    place = {
        "name": "分点", "kind": "office", "township": None, "parent": None, "takes_donations": True, "sorts": False,
        "hands_out": False, "address": "", "phone": "", "opening_hours": "",
    }  # fmt: skip
    for county in (world.county, world.neighbour):
        own = "P-522633-01" if county == world.county else "P-522622-01"
        yield "security", "people/", {"username": "li.hua", "name": "李华"}
        yield "administrator", "places/", {"code": f"P-{county.pk}-77", **place}
        yield "administrator", "campaigns/", {
            "code": "C-2022", "name": "x", "starts_on": str(TODAY), "ends_on": str(TODAY), "donee": own,
            "coordinator": "x", "contact": "x", "supervision_phone": "12345", "categories": [],
        }  # fmt: skip
        yield "administrator", "unit-categories/", {"name": "教育系统", "place": own}


def test_what_one_county_has_another_may_have_too(world: World) -> None:
    for number, (role, route, body) in enumerate(same_names(world)):
        answer = world.signed(role, foreign=number >= 4).post(route, body)
        assert answer.status_code in {200, 201}, (route, answer.json())
    assert set(Person.objects.filter(name="李华").values_list("username", flat=True)) == {
        "522633-li.hua", "522622-li.hua",
    }  # fmt: skip


def test_code_of_another_county_is_refused_alike_whether_it_is_taken_or_not(world: World) -> None:
    """Neither a place nor an account tells whether another county has it."""
    place = {
        "name": "x", "kind": "office", "township": None, "parent": None, "takes_donations": True, "sorts": False,
        "hands_out": False, "address": "", "phone": "", "opening_hours": "",
    }  # fmt: skip
    administrator, security = world.signed("administrator"), world.signed("security")

    places = [
        administrator.post("places/", {"code": code, **place}) for code in ("P-522622-01", "P-522622-99")
    ]
    Person.objects.create(username="522622-wang", name="x", county=world.neighbour)
    people = [security.post("people/", {"username": f"522622-{n}", "name": "x"}) for n in ("wang", "zhao")]

    assert len({(answer.status_code, answer.json()["code"]) for answer in places}) == 1
    assert [answer.status_code for answer in people] == [201, 201]


def test_account_is_not_named_by_the_code_of_another_county(world: World) -> None:
    row = {
        "username": "522622-li", "name": "x", "password": "!", "is_active": True, "must_change_password": True,
        "sign_ins_ended": 0, "version": 1, "county_id": world.county.pk,
    }  # fmt: skip
    with refused_by("person_named_by_county"):
        insert("organisation_person", **row)
    execute("ALTER TABLE organisation_person DROP CONSTRAINT person_named_by_county")
    assert insert("organisation_person", **row)


def answers(signed: Signed, asked: list[tuple[str, str, Any]]) -> list[tuple[int, Any]]:
    told = []
    for method, route, body in asked:
        answer = signed.post(route, body) if method == "POST" else signed.get(route, **(body or {}))
        said = answer.json()
        told.append((answer.status_code, said.get("code"), said.get("count"), said.get("next")))
    return told


def test_clerk_is_answered_alike_whether_another_county_has_it_or_not(world: World) -> None:
    """Status, code, count and cursor are the same for what another county has and for what nobody has."""
    theirs = world.signed("clerk", foreign=True)
    body = donation(place="P-522622-01", campaign="")
    execute(
        "INSERT INTO donations_campaign (county_id, code, name, starts_on, ends_on, donee_id, coordinator, state,"
        " contact, supervision_phone, categories, rhythm, version) SELECT %s, 'C-X', 'x', %s, %s, %s, 'x', 'open',"
        " 'x', '1', '[]', '', 1",
        [world.neighbour.pk, TODAY, TODAY, world.foreign_place.pk],
    )
    there = theirs.post("donations/", {**body, "campaign": "C-X"}).json()
    clerk = world.signed("clerk")

    def about(pk: int, place: str, campaign: str) -> list[tuple[str, str, Any]]:
        return [
            ("GET", f"donations/{pk}/", None),
            ("POST", f"donations/{pk}/void/", {"reason": "x"}),
            ("POST", f"donations/{pk}/leave/", {}),
            ("GET", "donations/", {"place": place}),
            ("GET", "donations/", {"campaign": campaign}),
            ("GET", "donations/", {"id": pk}),
            ("POST", "donations/", donation(place=place)),
            ("POST", "donations/", donation(campaign=campaign)),
            ("POST", "handovers/", {"from_place": "P-522633-01", "to_place": place, "donations": [pk]}),
            ("GET", "medicines/", {"q": campaign}),
        ]

    having = answers(clerk, about(there["id"], "P-522622-01", "C-X"))
    nobody = answers(clerk, about(there["id"] + 10_000 * 10**6, "P-522622-88", "C-Y"))

    assert having == nobody
    assert 500 not in {status for status, *_rest in having}
