"""Guards that the database keeps, as migration steps: each refusal carries the name of the rule it keeps.

`refuse(rule, why)` is the one way in which a trigger says no; core.errors turns the name into words.
"""

from __future__ import annotations

from django.db.migrations.operations.special import RunSQL

REFUSE = """
CREATE FUNCTION refuse(rule text, why text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', why USING ERRCODE = 'check_violation', CONSTRAINT = rule;
END $$;
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse(TG_TABLE_NAME || '_append_only', TG_TABLE_NAME || ' takes new rows only');
    RETURN NULL;
END $$;
"""
DROP_REFUSE = "DROP FUNCTION append_only; DROP FUNCTION refuse(text, text);"


def append_only(*tables: str) -> RunSQL:
    """UPDATE, DELETE and TRUNCATE of these tables are refused with the rule `<table>_append_only`."""
    return RunSQL(
        "".join(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION append_only();"
            for table in tables
        ),
        "".join(f"DROP TRIGGER append_only ON {table};" for table in tables),
    )


def kept_by_trigger(*tables: str) -> RunSQL:
    """These tables are written by the triggers of a journal only; a statement from outside is refused."""
    return RunSQL(
        "".join(
            f"CREATE FUNCTION {table}_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" PERFORM refuse('{table}_kept_by_journal', '{table} is kept by its journal'); RETURN NULL; END $$;"
            f"CREATE TRIGGER kept BEFORE INSERT OR UPDATE OR DELETE ON {table} FOR EACH STATEMENT"
            f" WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION {table}_kept();"
            f"CREATE TRIGGER kept_whole BEFORE TRUNCATE ON {table} FOR EACH STATEMENT"
            f" EXECUTE FUNCTION {table}_kept();"
            for table in tables
        ),
        "".join(
            f"DROP TRIGGER kept ON {table}; DROP TRIGGER kept_whole ON {table}; DROP FUNCTION {table}_kept;"
            for table in tables
        ),
    )
