"""Every guard of the ledger, tried with plain SQL: refused by its name, and let through once that guard is gone."""

from __future__ import annotations

import pytest
from django.db import DataError, ProgrammingError, transaction

from inventory.models import MOVEMENT_STEPS, OUT, PROMISED, Kind, State
from tests.inventory import breaches_of_keeping, breaches_of_movements, breaches_of_provenance
from tests.plain_sql import Breach, drop_guard, execute, refused_by, value
from tests.shelves import Shelves

BREACHES = [*breaches_of_movements.breaks, *breaches_of_provenance.breaks, *breaches_of_keeping.breaks]


@pytest.mark.parametrize("breach", BREACHES, ids=str)
def test_breach_refused_by_its_guard(shelves: Shelves, breach: Breach) -> None:
    before = value("SELECT count(*) FROM inventory_movement")

    with refused_by(breach.guard):
        breach.attempt(shelves)

    assert value("SELECT count(*) FROM inventory_movement") == before


@pytest.mark.parametrize("breach", BREACHES, ids=str)
def test_breach_goes_in_without_its_guard(shelves: Shelves, breach: Breach) -> None:
    for guard in (breach.guard, *breach.behind):
        drop_guard(guard)

    assert breach.attempt(shelves)


APPEND_ONLY = [
    "inventory_movement", "inventory_account", "inventory_batch", "inventory_sortingdecision",
    "donations_custodyentry", "donations_donation", "donations_item",
]  # fmt: skip


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET county_id = county_id", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_written_row_stays(shelves: Shelves, table: str, statement: str) -> None:
    assert value(f"SELECT count(*) FROM {table}") > 0

    with refused_by(f"{table}_append_only"):
        execute(statement.format(table))


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_written_row_changes_without_its_guard(shelves: Shelves, table: str) -> None:
    drop_guard(f"{table}_append_only")

    assert execute(f"UPDATE {table} SET county_id = county_id") > 0


@pytest.mark.parametrize("table", [*APPEND_ONLY, "donations_handovergroup"])
def test_number_given_by_hand_refused(shelves: Shelves, table: str) -> None:
    with pytest.raises(ProgrammingError) as caught, transaction.atomic():
        execute(f"INSERT INTO {table} (id) VALUES (1)")

    assert caught.value.__cause__.sqlstate == "428C9"


def test_quantity_beyond_any_number_refused(shelves: Shelves) -> None:
    with pytest.raises(DataError), transaction.atomic():
        shelves.move("hold", shelves.available, shelves.held, 2**31, shelves.batch_a)

    assert value("SELECT sum(quantity) FROM inventory_balance") == 0


# Tries every kind between every two states as one savepoint each, and gives back those that no rule of steps refused.
TRY_ALL_STEPS = """
CREATE FUNCTION try_all_steps(county text, batch bigint, kinds text[]) RETURNS TABLE (k text, f text, t text)
LANGUAGE plpgsql AS $$
DECLARE rule text; a record; b record;
BEGIN
    FOR k IN SELECT unnest(kinds) LOOP
        FOR a IN SELECT DISTINCT ON (state) id, state FROM inventory_account
                WHERE county_id = county ORDER BY state, id LOOP
            FOR b IN SELECT DISTINCT ON (state) id, state FROM inventory_account
                    WHERE county_id = county ORDER BY state, id DESC LOOP
                rule := 'none';
                BEGIN
                    INSERT INTO inventory_movement (county_id, batch_id, quantity, from_account_id, to_account_id,
                        kind, document_type, detail, business_day, booked_on, recorded_at, command)
                    VALUES (county, batch, 1, a.id, b.id, k, 'test', '', '2022-12-20', '2022-12-20', now(),
                        gen_random_uuid());
                EXCEPTION WHEN check_violation THEN
                    GET STACKED DIAGNOSTICS rule = CONSTRAINT_NAME;
                END;
                f := a.state;
                t := b.state;
                IF rule <> 'movement_step_known' THEN
                    RETURN NEXT;
                END IF;
            END LOOP;
        END LOOP;
    END LOOP;
END $$;
"""


def test_grammar_of_the_ledger_is_the_models(shelves: Shelves) -> None:
    for state in sorted(set(State.values) - set(PROMISED) - set(OUT)):
        shelves.account(state)
        shelves.account(state, side="clinic")
    for state in OUT:
        shelves.account(state, side="clinic")
        shelves.account(state, place_id=shelves.centre, side="clinic")
    execute(TRY_ALL_STEPS)

    kinds = [kind.value for kind in Kind if kind != Kind.REVERSAL]
    known = value(
        "SELECT array_agg(k || ' ' || f || ' ' || t ORDER BY k, f, t) FROM try_all_steps(%s, %s, %s)",
        [shelves.county, shelves.batch_a, kinds],
    )

    assert known == sorted(f"{kind} {source} {target}" for kind, source, target in MOVEMENT_STEPS)
