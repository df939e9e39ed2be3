"""The roles of the database on the real server: what each can do, and what it is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django.db.utils import InternalError
from django.utils import timezone
from rest_framework.test import APIClient

from config.database_roles import AUDITED, DELETED, HIDDEN, LOCKED, PERSON, ROLES
from config.figures_of_operation import operation
from config.housekeeping import keep_house, keep_log
from config.update_rights import UPDATED
from core.audit import seal_entries
from core.models import AuditEntry
from distribution.models import Dispensing
from inventory.ledger import last_number
from inventory.models import Movement
from organisation.models import County, Person
from reports.audit_checkpoints import make_checkpoint, verify_audit
from reports.models.drills import RestoreDrill
from tests.config.test_examples import Story, send_everything
from tests.inventory.counting import of, results, settled
from tests.inventory.stories import stocked
from tests.plain_sql import drop_guard, execute, refused_by, value
from tests.world import TODAY, World

PREFIX = "tested"


@pytest.fixture
def roles(db: None) -> None:
    printed = StringIO()
    call_command("database_roles", prefix=PREFIX, stdout=printed)
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute(printed.getvalue())


@contextmanager
def as_role(role: str) -> Iterator[None]:
    execute(f"SET LOCAL ROLE {PREFIX}_{role}")
    yield
    execute("RESET ROLE")


def refused(statement: str) -> bool:
    """Whether the server says that this is not for the present role."""
    try:
        with transaction.atomic():
            execute(statement)
    except (ProgrammingError, InternalError) as error:
        return getattr(error.__cause__, "sqlstate", None) == "42501"
    return False


def allowed(*statements: str) -> list[str]:
    return [statement for statement in statements if not refused(statement)]


def test_application_carries_the_chain_of_the_api(roles: None) -> None:
    with as_role("application"):
        send_everything(Story())
        seal_entries()
        keep_house("522633", TODAY)
        keep_log()
        found = verify_audit()

    assert Movement.objects.filter(kind="dispense").exists()
    assert (found.count, found.waiting) == (0, 0)
    assert found.through == AuditEntry.objects.count() > 10


def test_application_holds_a_count_against_its_moment(world: World, roles: None) -> None:
    batch = stocked(world, 20)
    with as_role("application"):
        settled(world, of(batch, 15))
        settled(world, of(batch, 19))

    assert results() == [(20, 5, 0, 0), (15, 0, 4, 0)]


def test_application_brings_a_county_in_and_takes_no_number_of_another(roles: None) -> None:
    with as_role("application"):
        county = County.objects.create(code="522634", name="雷山县")
        person = Person.objects.create(username="p", name="p", county=county)
        passed = allowed(
            "SELECT nextval('county_522634_numbers')",
            "SELECT setval('county_522634_numbers', 20001)",
            "SELECT last_value FROM county_522634_numbers",
            "SELECT begin_county_numbers('522601', 0)",
        )

    assert (passed, last_number("522634")) == ([], person.pk)


JOURNALS = [
    "core_auditentry", "core_auditlink", "distribution_dispensingline", "donations_custodyentry",
    "donations_rosterdonation", "inventory_movement",
]  # fmt: skip
OTHERS = {
    "core_auditlink": "entry",
    "distribution_dispensingline": "quantity",
    "donations_rosterdonation": "donation_id",
}


@pytest.mark.parametrize("table", JOURNALS)
def test_application_only_adds_to_journals(roles: None, table: str) -> None:
    column = OTHERS.get(table, "actor")
    with as_role("application"):
        assert (
            allowed(
                f"UPDATE {table} SET {column} = {column}",
                f"DELETE FROM {table}",
                f"TRUNCATE {table}",
                f"ALTER TABLE {table} ADD COLUMN more text",
                f"ALTER TABLE {table} DISABLE TRIGGER ALL",
                f"ALTER TABLE {table} DISABLE TRIGGER append_only",
                f"DROP TRIGGER append_only ON {table}",
                f"DROP TABLE {table} CASCADE",
                f"CREATE TRIGGER mine BEFORE INSERT ON {table} EXECUTE FUNCTION append_only()",
            )
            == []
        )
        assert allowed(f"SELECT count(*) FROM {table}") != []


def test_application_writes_products_of_counties_only(world: World, roles: None) -> None:
    """Also when it retires one: the mark on the product is the trigger's."""
    made = (
        "INSERT INTO catalogue_product (county_id, medicine_id, brand, specification, manufacturer, barcode,"
        " approval_number, insurance_code, pack_size) VALUES (%s, %s, 'x', '', '', '', '', '', 20) RETURNING id"
    )
    with as_role("application"):
        pk = value(made, [world.county.pk, world.ibuprofen.pk])
        with refused_by("product_of_everybody"):
            value(made, [None, world.ibuprofen.pk])
        execute(
            "INSERT INTO catalogue_productretirement (county_id, product_id, reason, retired_by, retired_on, command)"
            " VALUES (%s, %s, 'r', 1, current_date, gen_random_uuid())",
            [world.county.pk, pk],
        )
        assert allowed("UPDATE catalogue_product SET retired = false") == []
    assert value("SELECT retired FROM catalogue_product WHERE id = %s", [pk])
    drop_guard("product_of_everybody")
    with as_role("application"):
        assert value(made, [None, world.ibuprofen.pk])


def test_application_takes_a_hand_out_back_and_alters_nothing_else_of_it(roles: None) -> None:
    table = "distribution_dispensing"
    columns = [column.name for column in Dispensing._meta.get_fields() if getattr(column, "attname", None)]
    changes = [
        f"UPDATE {table} SET {Dispensing._meta.get_field(n).column} = NULL WHERE false" for n in columns
    ]

    with as_role("application"):
        assert (
            allowed(f"DELETE FROM {table}", f"TRUNCATE {table}", f"UPDATE {table} SET recipients = 1") == []
        )
        assert sorted(allowed(*changes)) == [
            f"UPDATE {table} SET reversed_at = NULL WHERE false",
            f"UPDATE {table} SET reversed_by = NULL WHERE false",
        ]


CHANGEABLE = """
SELECT relname::text, array_agg(attname::text) FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped
    AND has_column_privilege(%s, pg_class.oid, attnum, 'UPDATE')
GROUP BY relname"""


def test_application_changes_only_the_columns_that_services_change(roles: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(CHANGEABLE, [f"{PREFIX}_application"])
        found = {table: set(columns) for table, columns in cursor.fetchall()}

    named = {table: set(columns.split(", ")) for table, columns in UPDATED.items()}
    assert found == named | {table: {"id"} for table in LOCKED}
    with as_role("application"):
        assert (
            allowed(
                "UPDATE donations_donoridentity SET donor_id = 1",
                "UPDATE distribution_plan SET bands = '[]'",
                "UPDATE distribution_shipment SET to_place_id = 1",
                "UPDATE organisation_person SET county_id = '522622'",
                "UPDATE organisation_accesstoken SET with_second_factor = true",
                "UPDATE reports_bulletinfile SET content = ''",
            )
            == []
        )


def test_application_deletes_only_what_services_let_go(roles: None) -> None:
    tables = connection.introspection.table_names()

    with as_role("application"):
        may = {name for name in tables if not refused(f"DELETE FROM {name} WHERE false")}

    assert may == DELETED


LARGE = ["SELECT lo_create(0)", "SELECT lo_creat(1)", "SELECT lo_from_bytea(0, 'x')", "SELECT lo_unlink(1)"]


@pytest.mark.parametrize("role", ROLES)
def test_nobody_keeps_anything_outside_the_tables(roles: None, role: str) -> None:
    with as_role(role):
        assert allowed(*LARGE, "SELECT lo_open(1, 1)", "SELECT lo_put(1, 0, 'x')") == []
    execute("GRANT EXECUTE ON FUNCTION lo_create(oid) TO PUBLIC")
    with as_role(role):
        assert allowed(*LARGE) == LARGE[:1]


def test_application_cannot_get_around_the_guards(roles: None) -> None:
    with as_role("application"):
        assert allowed(
            "SET session_replication_role = replica",
            "CREATE OR REPLACE FUNCTION refuse(rule text, why text) RETURNS void LANGUAGE sql AS $$ $$",
            "DROP FUNCTION append_only() CASCADE",
            "CREATE TABLE mine (id int)",
            "CREATE TEMP TABLE core_auditentry (id int)",
            "CREATE ROLE mine",
            "INSERT INTO django_migrations (app, name, applied) VALUES ('core', '9', now())",
            f"SET ROLE {PREFIX}_owner",
        ) == ["SET ROLE tested_owner"]  # the session of this test is a superuser's, and may
        execute(f"SET LOCAL ROLE {PREFIX}_application")
        tables = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        for right in ("TRUNCATE", "TRIGGER", "REFERENCES"):
            held = f"SELECT count(*) FROM ({tables}) t WHERE has_table_privilege(relname::text, '{right}')"
            assert value(held) == 0
    owned = f"SELECT count(*) FROM pg_class WHERE relowner = '{PREFIX}_application'::regrole"
    assert value(owned) == 0
    assert not value(f"SELECT pg_has_role('{PREFIX}_application', '{PREFIX}_owner', 'MEMBER')")


def test_reader_reads_figures_and_no_identity(roles: None) -> None:
    with as_role("reader"):
        assert allowed(*(f"SELECT 1 FROM {table}" for table in HIDDEN)) == []
        assert allowed(f"SELECT password FROM {PERSON}", f"SELECT * FROM {PERSON}") == []
        assert (
            allowed(
                "INSERT INTO organisation_county (code, name) VALUES ('1', '')",
                "UPDATE organisation_county SET name = ''",
                "DELETE FROM organisation_county",
                "CREATE TABLE mine (id int)",
            )
            == []
        )
        reading = ["SELECT 1 FROM inventory_movement", "SELECT 1 FROM donations_donation"]
        assert allowed(*reading, f"SELECT name FROM {PERSON}") == [*reading, f"SELECT name FROM {PERSON}"]


def test_auditor_reads_the_log_and_verifies_it(roles: None) -> None:
    execute(
        "INSERT INTO core_auditentry (county, at, command, action, subject, result, code, request_id, address)"
        " VALUES ('', now(), gen_random_uuid(), '', '', 'done', '', '', '192.0.2.1')"
    )
    make_checkpoint()

    with as_role("auditor"):
        assert [*allowed(*(f"SELECT 1 FROM {table}" for table in AUDITED))] == [
            f"SELECT 1 FROM {table}" for table in AUDITED
        ]
        assert verify_audit().count == 0
        assert (
            allowed(
                "SELECT 1 FROM donations_donoridentity",
                "SELECT 1 FROM donations_donation",
                f"SELECT password FROM {PERSON}",
                "DELETE FROM core_auditaddress",
                "INSERT INTO core_auditlink (entry, sealed_at) VALUES (1, now())",
                "UPDATE core_auditverification SET faults = 0",
            )
            == []
        )


def test_tables_that_are_named_exist(db: None) -> None:
    named = {*HIDDEN, *AUDITED, *LOCKED, *DELETED, *UPDATED, PERSON}

    assert named <= set(connection.introspection.table_names())


def test_statements_may_be_run_again(roles: None) -> None:
    printed = StringIO()
    call_command("database_roles", prefix=PREFIX, stdout=printed)

    execute(printed.getvalue())

    assert value("SELECT count(*) FROM pg_roles WHERE rolname LIKE %s", [f"{PREFIX}_%"]) == len(ROLES)


@pytest.mark.parametrize("prefix", ["", "Roles", "a;b", "a b", "1a"])
def test_prefix_that_is_no_name_is_refused(db: None, prefix: str) -> None:
    with pytest.raises(CommandError, match="A prefix is of"):
        call_command("database_roles", prefix=prefix)


def test_backup_reads_everything_and_writes_nothing(roles: None) -> None:
    tables = connection.introspection.table_names()

    with as_role("backup"):
        assert [name for name in tables if refused(f"SELECT FROM {name}")] == []
        assert allowed(*(f"DELETE FROM {name} WHERE false" for name in tables)) == []
        assert allowed(*(f"INSERT INTO {name} DEFAULT VALUES" for name in tables)) == []


def test_application_is_watched_and_notes_its_drills(roles: None) -> None:
    now = timezone.now()

    with as_role("application"):
        RestoreDrill.objects.create(at=now, good=True, backup_taken_at=now, seconds=9)
        figures = {sample.name: sample.value for metric in operation().collect() for sample in metric.samples}
        health = APIClient().get("/api/v1/health/")

    assert (figures["donations_database_up"], health.status_code) == (1, 200)
    assert figures["donations_restore_drill_timestamp_seconds"] == pytest.approx(now.timestamp())


def test_roles_made_anew_lock_no_table(roles: None) -> None:
    printed = StringIO()
    call_command("database_roles", prefix=PREFIX, stdout=printed)
    locked = "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND pid = pg_backend_pid()"
    before = value(locked)

    execute(printed.getvalue())

    assert "ALTER ROLE tested_reader" in printed.getvalue()
    assert "OWNER TO" not in printed.getvalue()
    assert value(locked) == before > 100
