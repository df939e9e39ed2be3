"""How long and by which chances the faults are played: `FAULTS=long` plays all, `SEED=n` the same schedule again."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from pathlib import Path

import pytest

IS_LONG = os.environ.get("FAULTS") == "long"
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(10**6))
# A long form may be played in pieces: each ends after so many minutes, whatever it has reached.
MINUTES = float(os.environ.get("FAULTS_MINUTES") or "120")
# The goal of the long form. The short one shares its machine with other tests: there it is noted only.
SERVES_AGAIN_SECONDS = 30
GIVEN_UP_SECONDS = 120
CLOCK = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


def needs(there: object, what: str) -> None:
    """Fail where a machine lacks what a test takes: what is left out in silence would count as shown."""
    if not there:
        pytest.fail(f"This test takes {what}.")


@dataclass(frozen=True)
class Size:
    """How much is played: clients at once, kills and acknowledged commands to reach, seconds of an outage."""

    clients: int
    kills: int
    commands: int
    dropped: int
    outage: float


SIZE = Size(32, 300, 100_000, 10_000, 60) if IS_LONG else Size(12, 4, 100, 100, 3)
