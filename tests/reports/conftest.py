import pytest

from tests.cloned import cloned_db
from tests.reports.play import Play
from tests.world import World

__all__ = ["cloned_db", "play"]


@pytest.fixture
def play(world: World) -> Play:
    return Play(world)
