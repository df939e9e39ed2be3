"""Five roles of the database, and what each may: SQL that an administrator reads and runs as a superuser.

* owner: makes and changes the tables (`migrate`), and nothing else connects as it;
* application: reads and writes as the services do. It owns nothing, so it can neither alter nor drop a table, nor
  empty one, nor switch a trigger off; journals it may only add to, of other rows it changes the columns that services
  change (config/update_rights.py), and it deletes only where they do;
* reader: reads figures, never an identity, a secret or an address;
* auditor: reads the audit log with its addresses, and notes its verifications;
* backup: reads all there is, for sealed backups, and nothing else; it may also copy the server's files.

The statements are made from the tables as they are, so they are printed and run again after each `migrate`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from config.update_rights import UPDATED

ROLES = ("owner", "application", "reader", "auditor", "backup")
# Who a donor or a collector is, what people sign in with, what was asked and answered, where somebody called from.
HIDDEN = frozenset(
    {
        "donations_donoridentity", "donations_returncollector", "donations_rosterfile", "reports_nameddonor",
        "reports_question", "core_idempotencyrecord", "core_auditaddress", "django_session",
        "organisation_accesstoken", "organisation_secondfactor", "organisation_attemptlane",
        "organisation_knownorigin", "organisation_devicepin", "organisation_confirmation", "reports_receiptguesses",
    }
)  # fmt: skip
# Of people the reader and the auditor see all but what they sign in with.
PERSON, PERSON_COLUMNS = "organisation_person", "id, username, name, county_id, is_active"
AUDITED = (
    "core_auditentry", "core_auditaddress", "core_auditlink", "core_auditverification",
    "reports_auditcheckpoint", "reports_signingkey", "organisation_county",
)  # fmt: skip
# Rows of these are locked while what hangs on them is written; a lock needs the right to update some column.
LOCKED = ("donations_donation", "inventory_hold")
# What the services delete from: what one may let go (a draft's lines, an erased donor, a session), never a record.
DELETED = frozenset(
    {
        "catalogue_searchname_medicines", "core_auditaddress", "distribution_interchangeablemedicine",
        "distribution_needline", "distribution_planline", "distribution_planshare", "distribution_populationshift",
        "distribution_shipmentline", "django_session", "donations_donoridentity", "donations_returncollector",
        "inventory_priority", "organisation_accesstoken", "organisation_devicepin", "organisation_holiday",
        "organisation_knownorigin", "organisation_secondfactor", "organisation_attemptlane",
        "reports_receiptguesses",
    }
)  # fmt: skip
RIGHTS = {"view": "SELECT", "journal": "SELECT, INSERT", "table": "SELECT, INSERT"}
KEPT_BY_MIGRATE = "django_migrations"

# A journal is what its trigger says it is; rows that are only filled once are added like a journal's.
TABLES = """
SELECT relname, CASE
    WHEN relkind IN ('v', 'm') THEN 'view'
    WHEN EXISTS (SELECT FROM pg_trigger WHERE tgrelid = pg_class.oid AND tgname IN ('append_only', 'filled_once'))
        THEN 'journal'
    ELSE 'table' END
FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm') AND relnamespace = 'public'::regnamespace ORDER BY relname"""
# Those of somebody else. A change of owner locks a table against everybody, so what has its owner is left alone: the
# statements are sent again while the program serves.
STRANGE_TABLES = """
SELECT relname FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm') AND relnamespace = 'public'::regnamespace
AND pg_get_userbyid(relowner) <> %s ORDER BY relname"""
# Those of the counties: all others are their columns'.
STRANGE_SEQUENCES = """
SELECT relname FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace
AND pg_get_userbyid(relowner) <> %s AND NOT EXISTS (
    SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype IN ('a', 'i')
) ORDER BY relname"""
STRANGE_FUNCTIONS = """
SELECT oid::regprocedure::text FROM pg_proc
WHERE pg_get_userbyid(proowner) <> %s AND pronamespace = 'public'::regnamespace AND NOT EXISTS (
    SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e'
) ORDER BY 1"""
# Large objects stand in no table, so no guard and no right of a table would hold for them; nothing here makes any.
LARGE_OBJECTS = """
SELECT oid::regprocedure::text FROM pg_proc
WHERE pronamespace = 'pg_catalog'::regnamespace AND (proname LIKE 'lo\\_%' OR proname IN ('loread', 'lowrite'))
ORDER BY 1"""


@dataclass(frozen=True)
class Names:
    """What the roles are called in one installation."""

    owner: str
    application: str
    reader: str
    auditor: str
    backup: str

    @classmethod
    def of(cls, prefix: str) -> Names:
        return cls(*(f"{prefix}_{role}" for role in ROLES))


def role_statements(prefix: str) -> list[str]:
    """The statements for the connected database; `prefix` is of letters, digits and underscores."""
    names = Names.of(prefix)
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_database())")
        database = cursor.fetchone()[0]
        cursor.execute(TABLES)
        tables: list[tuple[str, str]] = cursor.fetchall()
        cursor.execute(STRANGE_TABLES, [names.owner])
        strange = [name for (name,) in cursor.fetchall()]
        cursor.execute(STRANGE_SEQUENCES, [names.owner])
        sequences = [name for (name,) in cursor.fetchall()]
        cursor.execute(STRANGE_FUNCTIONS, [names.owner])
        functions = [name for (name,) in cursor.fetchall()]
        cursor.execute(LARGE_OBJECTS)
        large = [name for (name,) in cursor.fetchall()]
    return [
        *_made(names),
        *_entrance(names, database),
        *(f"REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC;" for name in large),
        *_owned(names, strange, sequences, functions),
        *_application(names, tables),
        *_reader(names, [name for name, kind in tables if kind != "view"]),
        *_auditor(names),
        *_backup(names),
    ]


def _made(names: Names) -> Iterator[str]:
    """The roles, where they are missing; they get their passwords by hand (`\\password`)."""
    for name in (names.owner, names.application, names.reader, names.auditor, names.backup):
        yield (
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') THEN"
            f" CREATE ROLE {name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION; END IF; END $$;"
        )


def _entrance(names: Names, database: str) -> Iterator[str]:
    everybody = f"{names.owner}, {names.application}, {names.reader}, {names.auditor}, {names.backup}"
    yield f"REVOKE ALL ON DATABASE {database} FROM PUBLIC;"
    yield f"GRANT CONNECT ON DATABASE {database} TO {everybody};"
    yield "REVOKE ALL ON SCHEMA public FROM PUBLIC;"
    yield f"GRANT USAGE ON SCHEMA public TO {everybody};"
    yield f"GRANT CREATE ON SCHEMA public TO {names.owner};"


def _owned(names: Names, tables: list[str], sequences: list[str], functions: list[str]) -> Iterator[str]:
    yield from (f"ALTER TABLE public.{name} OWNER TO {names.owner};" for name in tables)
    yield from (f"ALTER SEQUENCE public.{name} OWNER TO {names.owner};" for name in sequences)
    yield from (f"ALTER FUNCTION {name} OWNER TO {names.owner};" for name in functions)
    others = f"PUBLIC, {names.application}, {names.reader}, {names.auditor}"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {others};"


def _application(names: Names, tables: list[tuple[str, str]]) -> Iterator[str]:
    """Rows are added and read; of few tables some columns are changed, of fewer rows deleted; and only migrate tells
    what was migrated."""
    for name, kind in tables:
        rights = "SELECT" if name == KEPT_BY_MIGRATE else RIGHTS[kind]
        yield f"GRANT {rights} ON public.{name} TO {names.application};"
    yield from (f"GRANT UPDATE (id) ON public.{name} TO {names.application};" for name in LOCKED)
    for name, columns in UPDATED.items():
        yield f"GRANT UPDATE ({columns}) ON public.{name} TO {names.application};"
    yield from (f"GRANT DELETE ON public.{name} TO {names.application};" for name in sorted(DELETED))


def _reader(names: Names, tables: list[str]) -> Iterator[str]:
    shown = [name for name in tables if name not in HIDDEN and name != PERSON]
    yield from (f"GRANT SELECT ON public.{name} TO {names.reader};" for name in shown)
    yield f"GRANT SELECT ({PERSON_COLUMNS}) ON public.{PERSON} TO {names.reader};"
    yield f"ALTER ROLE {names.reader} SET default_transaction_read_only = on;"


def _auditor(names: Names) -> Iterator[str]:
    yield from (f"GRANT SELECT ON public.{name} TO {names.auditor};" for name in AUDITED)
    yield f"GRANT SELECT ({PERSON_COLUMNS}) ON public.{PERSON} TO {names.auditor};"
    yield f"GRANT INSERT ON public.core_auditverification TO {names.auditor};"


def _backup(names: Names) -> Iterator[str]:
    yield f"GRANT pg_read_all_data TO {names.backup};"
    yield f"ALTER ROLE {names.backup} REPLICATION;"
    yield f"ALTER ROLE {names.backup} SET default_transaction_read_only = on;"
