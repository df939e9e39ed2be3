"""Both journals divided among twenty counties: every guard holds in a partition, and every partition has them all."""

from __future__ import annotations

import pytest

from inventory.verification import verify
from tests.config.test_examples import Story, send_everything
from tests.inventory import breaches_of_keeping, breaches_of_movements, breaches_of_provenance
from tests.partitions import JOURNALS, divide, partition
from tests.plain_sql import drop_guard, execute, refused_by, value
from tests.shelves import Shelves
from tests.world import World

COUNTIES = ["522633", "522622", "611022", *(str(number) for number in range(110101, 110118))]
BREACHES = [*breaches_of_movements.breaks, *breaches_of_provenance.breaks, *breaches_of_keeping.breaks]
# Of a partition: what it checks, refers to and knows to be unique, and which statements it takes by itself.
GUARDS = """
SELECT json_agg(rule ORDER BY rule) FROM (
    SELECT conname || ' ' || pg_get_constraintdef(oid) AS rule FROM pg_constraint WHERE conrelid = %s::regclass
    UNION ALL
    SELECT relname || ' ' || indisunique FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE indrelid = %s::regclass
    UNION ALL
    SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal
) rules"""

pytestmark = pytest.mark.long


@pytest.fixture
def divided(db: None) -> None:
    divide(COUNTIES)


def test_every_guard_of_the_ledger_holds_in_a_partition(divided: None, world: World) -> None:
    shelves = Shelves(world)

    for breach in BREACHES:
        with refused_by(breach.guard):
            breach.attempt(shelves)


def test_breach_goes_into_a_partition_without_its_guard(divided: None, world: World) -> None:
    shelves = Shelves(world)
    once = next(breach for breach in BREACHES if breach.guard == "movement_goes_elsewhere")
    for guard in (once.guard, *once.behind):
        drop_guard(guard)

    assert once.attempt(shelves)


def test_every_partition_has_the_guards_of_every_other(divided: None) -> None:
    assert len(COUNTIES) == 20
    for table in JOURNALS:
        rules = {str(value(GUARDS, [partition(table, county)] * 3)) for county in COUNTIES}
        assert len(rules) == 1
        assert "reversed_once true" in rules.pop()


def test_no_partition_is_written_past_its_journal(divided: None) -> None:
    for county in COUNTIES:
        for own in (partition(table, county) for table in JOURNALS):
            for statement in (
                f"TRUNCATE {own} CASCADE",
                f"DELETE FROM {own}",
                f"INSERT INTO {own} DEFAULT VALUES",
            ):
                with refused_by("partition_apart"):
                    execute(statement)


def test_whole_chain_is_carried_on_divided_journals(divided: None) -> None:
    send_everything(Story())

    lying = value("SELECT json_agg(DISTINCT tableoid::regclass::text) FROM inventory_movement")
    assert lying == ["county_522633.inventory_movement"]
    assert verify() == []
