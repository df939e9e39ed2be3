"""Fixtures that every room's tests share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import transaction
from django.utils import translation

from tests.cloned import cloned_db
from tests.shelves import shelves, standing
from tests.world import World

__all__ = ["cloned_db", "module_db", "quick_argon2", "shelves", "standing", "world"]


@pytest.fixture(scope="module")
def module_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A transaction for what all tests of a file begin with; each test's own `db` is a savepoint of it.

    A test of such a file that makes a world anew, or copies the database, belongs into another file. What is written
    there is written in the service's language, not in that of the request that a file before sent last.
    """
    translation.activate(settings.LANGUAGE_CODE)
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def world(db: None) -> World:
    return World()


class QuickArgon2(Argon2PasswordHasher):
    """Argon2 that costs a test next to nothing."""

    time_cost, memory_cost, parallelism = 1, 8, 1


@pytest.fixture
def quick_argon2(settings: Any) -> None:
    settings.PASSWORD_HASHERS = [f"{QuickArgon2.__module__}.{QuickArgon2.__name__}"]
