"""The guards of counting, tried with plain SQL: refused by name, and let through once that guard is gone."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.plain_sql import NOW, Breach, Breaches, drop_guard, execute, insert, refused_by, value
from tests.shelves import Shelves
from tests.world import TODAY

breaks = Breaches()


@pytest.fixture(scope="module", autouse=True)
def people(standing: Shelves) -> None:
    """Made before any test's savepoint, for the world remembers them after it."""
    for role in ("pharmacist", "checker", "clerk"):
        standing.world.person(role)
    standing.world.person("checker", foreign=True)


def person(s: Shelves, role: str) -> int:
    return s.world.person(role).pk


def count(s: Shelves, **columns: Any) -> int:
    usual = {"county_id": s.county, "place_id": s.here, "state": "open", "started_by_id": person(s, "checker"),
             "started_on": TODAY, "started_at": NOW, "position": 0, "reason": ""}  # fmt: skip
    return insert("inventory_stockcount", **{**usual, **columns})


def line(s: Shelves, count_id: int, **columns: Any) -> int:
    usual = {"county_id": s.county, "count_id": count_id, "batch_id": s.batch_a, "side": "store", "spot": "shelf",
             "counted": 5, "book": 5, "position": 0, "counted_at": NOW, "counted_on": TODAY,
             "counted_by_id": person(s, "checker"), "description": "", "lot_number": "", "expiry_raw": "", "pack": "",
             "container": "", "command": uuid.uuid4()}  # fmt: skip
    return insert("inventory_countline", **{**usual, **columns})


def label(s: Shelves, count_id: int, **columns: Any) -> int:
    unknown = {"batch_id": None, "side": "", "spot": "", "book": 0, "description": "药水", "pack": "sealed"}
    return line(s, count_id, **{**unknown, **columns})


def result(s: Shelves, line_id: int, **columns: Any) -> int:
    usual = {"county_id": s.county, "line_id": line_id, "expected": 5, "lost": 0, "regained": 0, "donated": 0}
    return insert("inventory_countresult", **{**usual, **columns})


def finish(s: Shelves, pk: int) -> int:
    statement = "UPDATE inventory_stockcount SET state = 'finished', finished_by_id = %s, finished_on = %s"
    return execute(f"{statement} WHERE id = %s", [person(s, "checker"), TODAY, pk])


def end(s: Shelves, pk: int, role: str, state: str = "approved") -> int:
    statement = "UPDATE inventory_stockcount SET state = %s, ended_by_id = %s, ended_on = %s WHERE id = %s"
    return execute(statement, [state, person(s, role), TODAY, pk])


# Counts


@breaks("count_one_under_way")
def two_counts_of_a_place(s: Shelves) -> int:
    finish(s, count(s))
    return count(s)


@breaks("count_place_same_county")
def count_in_another_county(s: Shelves) -> int:
    return count(s, place_id=s.world.foreign_place.pk)


@breaks("count_starter_same_county")
def count_by_a_stranger(s: Shelves) -> int:
    return count(s, started_by_id=s.world.person("checker", foreign=True).pk)


@breaks("count_state_and_people")
def finished_by_nobody(s: Shelves) -> int:
    return count(s, state="finished")


@breaks("count_state_and_people")
def count_of_an_unknown_state(s: Shelves) -> int:
    return count(s, state="forgotten")


@breaks("count_approver_is_another")
def approved_by_who_finished(s: Shelves) -> int:
    pk = count(s)
    finish(s, pk)
    return end(s, pk, "checker")


@breaks("count_approver_counted")
def approved_by_who_counted(s: Shelves) -> int:
    pk = count(s)
    line(s, pk, counted_by_id=person(s, "clerk"))
    finish(s, pk)
    return end(s, pk, "clerk")


@breaks("count_moves_on")
def approved_before_it_is_finished(s: Shelves) -> int:
    pk = count(s, finished_by_id=person(s, "checker"))
    return end(s, pk, "pharmacist")


@breaks("count_moves_on")
def approved_count_opened_again(s: Shelves) -> int:
    pk = count(s)
    finish(s, pk)
    end(s, pk, "pharmacist")
    return execute(
        "UPDATE inventory_stockcount SET state = 'open', ended_by_id = NULL, ended_on = NULL WHERE id = %s",
        [pk],
    )


@breaks("count_moves_on")
def count_moved_to_another_place(s: Shelves) -> int:
    pk = count(s)
    statement = (
        "UPDATE inventory_stockcount SET place_id = %s, state = 'abandoned', ended_by_id = %s, ended_on = %s"
    )
    return execute(f"{statement} WHERE id = %s", [s.centre, person(s, "checker"), TODAY, pk])


@breaks("count_never_removed")
def count_removed(s: Shelves) -> int:
    return execute("DELETE FROM inventory_stockcount WHERE id = %s", [count(s)])


# Lines


@breaks("count_lines_while_open")
def line_added_to_a_finished_count(s: Shelves) -> int:
    pk = count(s)
    finish(s, pk)
    return line(s, pk)


@breaks("count_line_of_batch_or_label")
def line_of_nothing(s: Shelves) -> int:
    return label(s, count(s), description="")


@breaks("count_line_of_batch_or_label")
def line_of_both(s: Shelves) -> int:
    return line(s, count(s), lot_number="X-1")


@breaks("count_line_of_batch_or_label")
def unknown_label_with_a_book(s: Shelves) -> int:
    return label(s, count(s), book=3)


@breaks("count_line_of_batch_or_label")
def line_at_no_spot(s: Shelves) -> int:
    return line(s, count(s), spot="")


@breaks("count_line_quantity_range")
def line_of_too_many(s: Shelves) -> int:
    return line(s, count(s), counted=1_000_001)


@breaks("count_line_quantity_range", "inventory_countline_counted_check")
def line_of_less_than_nothing(s: Shelves) -> int:
    return line(s, count(s), counted=-1)


@breaks("count_line_same_county")
def line_of_a_foreign_count(s: Shelves) -> int:
    return line(s, count(s), county_id=s.abroad.county, batch_id=s.abroad.batch_x,
                counted_by_id=s.world.person("checker", foreign=True).pk)  # fmt: skip


@breaks("count_line_batch_same_county")
def line_of_a_foreign_batch(s: Shelves) -> int:
    return line(s, count(s), batch_id=s.abroad.batch_x)


@breaks("inventory_countline_append_only")
def line_changed(s: Shelves) -> int:
    line(s, count(s))
    return execute("UPDATE inventory_countline SET counted = 4")


# Results


@breaks("count_result_adds_up")
def result_that_does_not_add_up(s: Shelves) -> int:
    return result(s, line(s, count(s)), expected=9, lost=3)


@breaks("count_result_lost_or_found")
def result_lost_and_found(s: Shelves) -> int:
    return result(s, line(s, count(s)), lost=2, regained=2)


@breaks("count_result_donated_as_item")
def donated_without_an_item(s: Shelves) -> int:
    return result(s, line(s, count(s)), expected=3, donated=2)


@breaks("count_result_item_same_county")
def donated_as_a_foreign_item(s: Shelves) -> int:
    return result(s, line(s, count(s)), expected=3, donated=2, item_id=s.abroad.item_x)


@breaks("count_result_once")
def two_results_of_a_line(s: Shelves) -> int:
    pk = line(s, count(s))
    result(s, pk)
    return result(s, pk)


@breaks("inventory_countresult_append_only")
def result_removed(s: Shelves) -> int:
    result(s, line(s, count(s)))
    return execute("DELETE FROM inventory_countresult")


@pytest.mark.parametrize("breach", breaks, ids=str)
def test_breach_refused_by_its_guard(shelves: Shelves, breach: Breach) -> None:
    before = value("SELECT count(*) FROM inventory_stockcount")

    with refused_by(breach.guard):
        breach.attempt(shelves)

    assert value("SELECT count(*) FROM inventory_stockcount") == before


@pytest.mark.parametrize("breach", breaks, ids=str)
def test_breach_goes_in_without_its_guard(shelves: Shelves, breach: Breach) -> None:
    for guard in (breach.guard, *breach.behind):
        drop_guard(guard)

    assert breach.attempt(shelves)
