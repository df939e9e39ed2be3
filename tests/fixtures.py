"""Fixtures that every room's tests share."""

from __future__ import annotations

import pytest

from tests.cloned import cloned_db
from tests.shelves import shelves, standing
from tests.world import World

__all__ = ["cloned_db", "shelves", "standing", "world"]


@pytest.fixture
def world(db: None) -> World:
    return World()
