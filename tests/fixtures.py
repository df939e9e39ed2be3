"""Fixtures that every room's tests share."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

from tests.cloned import cloned_db
from tests.shelves import shelves, standing
from tests.world import World

__all__ = ["cloned_db", "quick_argon2", "shelves", "standing", "world"]


@pytest.fixture
def world(db: None) -> World:
    return World()


class QuickArgon2(Argon2PasswordHasher):
    """Argon2 that costs a test next to nothing."""

    time_cost, memory_cost, parallelism = 1, 8, 1


@pytest.fixture
def quick_argon2(settings: Any) -> None:
    settings.PASSWORD_HASHERS = [f"{QuickArgon2.__module__}.{QuickArgon2.__name__}"]
