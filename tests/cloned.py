"""Tests that commit: threads and real transactions on a copy of the migrated test database.

Journals refuse TRUNCATE, so a database that a test committed to cannot be emptied again; it is thrown away whole.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import pytest
from django.db import connection, connections

Result = TypeVar("Result")


@pytest.fixture
def cloned_db(db: None) -> Iterator[str]:
    """The name of a fresh copy of the test database, to which all threads connect until the test ends.

    The transaction that `db` holds open on the original is given up, and with it what other fixtures wrote there:
    a test that needs a world makes a `World()` itself.
    """
    held, settings = connections["default"], connections.settings["default"]
    template, name = settings["NAME"], f"{settings['NAME']}_{uuid.uuid4().hex[:8]}"
    held.close()
    _maintain(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    settings["NAME"] = name
    connections["default"] = held.copy()
    try:
        yield name
    finally:
        connection.close()
        settings["NAME"] = template
        connections["default"] = held
        _maintain(f'DROP DATABASE "{name}" WITH (FORCE)')


def _maintain(statement: str) -> None:
    """Run a statement that no open connection to the databases it names may disturb."""
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)


def together(works: Sequence[Callable[[], Result]]) -> list[Result | Exception]:
    """Do every work in a thread of its own, all starting at once; what each gave back or raised, in order."""
    results: list[Any] = [None] * len(works)
    barrier = threading.Barrier(len(works))

    def run(index: int, work: Callable[[], Result]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=30)
            results[index] = work()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results
