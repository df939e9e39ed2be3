"""A journal divided by county, as an installation for a province might: the same guards, each county in a table of
its own, in a schema of its own, so that what a partition refuses bears the same name everywhere.

What the parent's triggers do not see, a row put straight into a partition or its TRUNCATE, is refused there.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.plain_sql import execute, value

JOURNALS = ("inventory_movement", "donations_custodyentry")
# A partition's own statements never reach the parent's triggers, so they are not taken.
APART = """
CREATE FUNCTION partition_apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse('partition_apart', TG_TABLE_NAME || ' is written through its journal only');
    RETURN NULL;
END $$"""

# PostgreSQL makes names of its own for a partition's indexes, by which nobody would know the rule.
NAMED_ALIKE = """
SELECT format('ALTER INDEX %s RENAME TO %I', child.inhrelid::regclass, parent.relname), ''
FROM pg_inherits child JOIN pg_class parent ON parent.oid = child.inhparent
JOIN pg_index own ON own.indexrelid = parent.oid AND own.indrelid = '{table}'::regclass"""


def divide(counties: Sequence[str]) -> None:
    """Divide both journals, which must be empty, among these counties; all inside the present transaction."""
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute(APART)
    for county in counties:
        execute(f"CREATE SCHEMA county_{county}")
    for table in JOURNALS:
        assert value(f"SELECT count(*) FROM {table}") == 0
        _divide(table, counties)


def partition(table: str, county: str) -> str:
    return f"county_{county}.{table}"


def _divide(table: str, counties: Sequence[str]) -> None:
    views = _rows(
        "SELECT format('CREATE VIEW %I AS %s', relname, pg_get_viewdef(oid)), relname FROM pg_class"
        " WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace ORDER BY oid"
    )
    afterwards = [*_keys(table), *_indexes(table), *_references(table), *_triggers(table)]
    execute(
        f"CREATE TABLE divided (LIKE {table} INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING GENERATED"
        " INCLUDING CONSTRAINTS) PARTITION BY LIST (county_id)"
    )
    execute(f"DROP TABLE {table} CASCADE")
    execute(f"ALTER TABLE divided RENAME TO {table}")
    for county in counties:
        own = partition(table, county)
        execute(f"CREATE TABLE {own} PARTITION OF {table} FOR VALUES IN ('{county}')")
        execute(
            f"CREATE TRIGGER apart BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON {own}"
            " FOR EACH STATEMENT EXECUTE FUNCTION partition_apart()"
        )
    for statement in afterwards:
        execute(statement)
    for statement in _statements(NAMED_ALIKE.format(table=table)):
        execute(statement)
    for statement, name in views:
        if value("SELECT to_regclass(%s)", [name]) is None:
            execute(statement)


def _rows(statement: str) -> list[tuple[str, str]]:
    found = value(
        f"SELECT coalesce(json_agg(json_build_array(one, two)), '[]') FROM ({statement}) t (one, two)"
    )
    return [(one, two) for one, two in found]


def _statements(query: str) -> list[str]:
    return [statement for statement, _nothing in _rows(query)]


def _keys(table: str) -> list[str]:
    """Primary key and references to other tables."""
    return _statements(
        f"SELECT format('ALTER TABLE {table} ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)), ''"
        f" FROM pg_constraint WHERE conrelid = '{table}'::regclass AND contype IN ('p', 'f')"
        " ORDER BY contype DESC"
    )


def _indexes(table: str) -> list[str]:
    """The other indexes; a unique one holds for a county, in which all that it compares lies."""
    found = _rows(
        "SELECT pg_get_indexdef(indexrelid), indisunique::text FROM pg_index"
        f" WHERE indrelid = '{table}'::regclass AND NOT indisprimary"
    )
    return [one.replace("btree (", "btree (county_id, ") if two == "true" else one for one, two in found]


def _references(table: str) -> list[str]:
    """References of other tables to this one."""
    return _statements(
        "SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,"
        f" pg_get_constraintdef(oid)), '' FROM pg_constraint WHERE confrelid = '{table}'::regclass"
        f" AND conrelid <> '{table}'::regclass AND contype = 'f'"
    )


def _triggers(table: str) -> list[str]:
    return _statements(
        "SELECT pg_get_triggerdef(oid), '' FROM pg_trigger"
        f" WHERE tgrelid = '{table}'::regclass AND NOT tgisinternal"
    )
