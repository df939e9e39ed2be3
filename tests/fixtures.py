"""Fixtures that every room's tests share."""

from __future__ import annotations

import pytest

from tests.world import World


@pytest.fixture
def world(db: None) -> World:
    return World()
