"""One look at the books: every statement inside sees the same moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def snapshot() -> Iterator[None]:
    """A REPEATABLE READ, READ ONLY transaction, so that figures read one after another belong together.

    Inside a transaction that is already under way (a command, or a test's) nothing is changed: publishing closes
    the days before it reads them, so nothing can move beneath it.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
