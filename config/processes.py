"""Child processes: that they end with their parent, and that those an earlier run left behind are found.

A process is recognised by a mark that only its own run can have put there, never by its number alone, which
the system may have given to a stranger since. Where there is no `/proc` (not Linux) none is found.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path

PROCESSES = Path("/proc")


def dying_with_parent(farewell: signal.Signals) -> list[str]:
    """The words before a command that make it receive `farewell` when its parent dies, where `setpriv` can.

    The parent is the thread that starts the command, so start it from the main one.
    """
    return ["setpriv", "--pdeathsig", farewell.name, "--"] if _can_die_with_parent() else []


@functools.cache
def _can_die_with_parent() -> bool:
    if shutil.which("setpriv") is None:
        return False
    trial = ["setpriv", "--pdeathsig", "SIGTERM", "--", "true"]
    return subprocess.run(trial, capture_output=True, check=False).returncode == 0


def with_mark_in_command(mark: str, owner: int) -> set[int]:
    """The processes of user `owner` whose command line or process title contains `mark`."""
    return _marked("cmdline", mark, owner)


def with_mark_in_environment(mark: str) -> set[int]:
    """The other processes of this user that were started with `mark` in their environment."""
    return _marked("environ", mark, os.geteuid()) - {os.getpid()}


def _marked(file: str, mark: str, owner: int) -> set[int]:
    found = set()
    for process in PROCESSES.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if process.stat().st_uid == owner and mark.encode() in (process / file).read_bytes():
                found.add(int(process.name))
    return found


def send(farewell: signal.Signals, processes: Iterable[int]) -> None:
    """Send a signal to each process that is still there."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, farewell)


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether `condition()` came true within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
