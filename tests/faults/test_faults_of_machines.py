"""What a machine can do to the books: a full disk, a clock that jumps. The long form only; the disk takes root."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.processes import wait_until
from tests.faults.chaos import Chaos
from tests.faults.notes import now
from tests.faults.play import PATIENCE, Play, judged, play, report, under_load
from tests.faults.proxy import Shares
from tests.faults.settings import CLOCK, SERVES_AGAIN_SECONDS, needs

pytestmark = pytest.mark.faults
MEGABYTES, ROUNDS, SECONDS, DAY = 384, 3, 10, 86_400


def serves_again(played: Play, moment: float) -> float:
    """Seconds from this moment until something sent after it was acknowledged."""
    assert wait_until(lambda: played.book.served_since(moment), SERVES_AGAIN_SECONDS), played.book.answers()
    return now() - moment


def test_full_disk_loses_nothing_and_serves_again_with_space(db: None, tmp_path: Path) -> None:
    needs(os.geteuid() == 0, "root, for a disk of its own")
    begun = now()
    with play(tmp_path, megabytes=MEGABYTES) as played:
        chaos = Chaos(played.stage, played.book, SECONDS)
        played.proxy.shares = Shares(answer=0.1)
        with under_load(played):
            for _round in range(ROUNDS):
                time.sleep(3)
                with played.stage.database.full():
                    time.sleep(SECONDS)
                chaos.waits.setdefault("disk full", []).append(serves_again(played, now()))
                chaos.counts["disk full"] += 1
        found = judged(played)
        report("disk full", played, chaos, begun, found)

        assert found == []
        assert played.book.answers()[503] > 0
        assert played.book.faults_told() == []


class Clock:
    """The time of day as service and database see it, moved while they run (libfaketime)."""

    def __init__(self, note: Path) -> None:
        self.note = note
        self.set(0)

    def set(self, seconds: int) -> None:
        fresh = self.note.with_suffix(".fresh")
        fresh.write_text(f"{seconds:+d}\n")
        fresh.chmod(0o644)
        fresh.replace(self.note)


@contextmanager
def clock(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """Processes that are started while this lasts read this clock; durations stay true."""
    moved = Clock(folder / "clock")
    for name, value in {
        "LD_PRELOAD": str(CLOCK), "FAKETIME_TIMESTAMP_FILE": str(moved.note), "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_RESET": "1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    yield moved


@pytest.fixture
def open_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that the database's user can look into."""
    import shutil
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="faults-clock-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def test_clock_a_day_forward_and_back_loses_nothing(
    db: None, tmp_path: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs(CLOCK, "Debian's libfaketime")
    begun = now()
    with clock(open_folder, monkeypatch) as moved, play(tmp_path) as played:
        chaos = Chaos(played.stage, played.book, SECONDS)
        with under_load(played):
            for seconds in (DAY, 0, -DAY, 0):
                time.sleep(SECONDS)
                moved.set(seconds)
                told = played.stage.database.ask("SELECT extract(epoch FROM clock_timestamp())")[0][0]
                assert abs(float(told) - time.time() - seconds) < 60
                chaos.waits.setdefault("clock", []).append(serves_again(played, now()))
                chaos.counts["clock"] += 1
        assert wait_until(lambda: len(played.stage.web.workers()) == 2, PATIENCE)
        found = judged(played)
        report("clock", played, chaos, begun, found)

        assert found == []
        assert played.book.faults_told() == []
