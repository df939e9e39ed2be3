import pytest

from tests.reports.play import Play
from tests.world import World


@pytest.fixture
def play(world: World) -> Play:
    return Play(world)
