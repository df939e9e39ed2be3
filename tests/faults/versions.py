"""The program as it was before the newest migrations, beside today's, on one database that changes under both."""

from __future__ import annotations

import io
import subprocess
import tarfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.database import Database
from tests.served import ROOT

MIGRATIONS = "*/migrations/0*.py"
LOCKS = """
    SELECT coalesce(max(extract(epoch FROM clock_timestamp() - waitstart)), 0) FROM pg_locks
    WHERE NOT granted AND relation IS NOT NULL"""


@dataclass(frozen=True)
class Earlier:
    """The commit before the one that brought the newest migrations, and these: room, last one before, newest one."""

    commit: str
    steps: list[tuple[str, str, str]]


def earlier() -> Earlier | None:
    """What the history knows; nothing where there is none, as in a shallow clone."""
    commit = _git("log", "-1", "--format=%H", "--diff-filter=A", "--", MIGRATIONS).strip()
    if not commit or not _git("rev-parse", "--verify", "--quiet", f"{commit}^").strip():
        return None
    added = _git("diff", "--name-only", "--diff-filter=A", f"{commit}^", commit, "--", MIGRATIONS).split()
    rooms: dict[str, list[str]] = {}
    for path in added:
        rooms.setdefault(path.split("/")[0], []).append(Path(path).stem)
    steps = [(room, _before(room, min(names)), max(names)) for room, names in rooms.items()]
    return Earlier(f"{commit}^", steps)


def _before(room: str, name: str) -> str:
    names = sorted(path.stem for path in (ROOT / room / "migrations").glob("0*.py"))
    return ["zero", *names][names.index(name)]


def lay_out(commit: str, folder: Path) -> Path:
    """The program as of a commit, in a folder of its own."""
    packed = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, check=False, capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else ""


@dataclass
class LockWatch:
    """The longest that anybody was seen waiting for a table."""

    longest: float = 0.0
    ended: threading.Event = field(default_factory=threading.Event)


@contextmanager
def watching_locks(database: Database) -> Iterator[LockWatch]:
    """Look every few milliseconds."""
    watch = LockWatch()

    def look() -> None:
        with database.session() as session:
            while not watch.ended.is_set():
                row = session.execute(LOCKS).fetchone()
                watch.longest = max(watch.longest, float(row[0]) if row else 0.0)
                time.sleep(0.005)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield watch
    finally:
        watch.ended.set()
        watcher.join()
