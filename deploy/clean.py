"""Remove what the other commands have made; the trial's database, keys and sign-ins only with `DATA=1`."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
CACHES = (
    ".venv",
    ".mypy_cache",
    ".ruff_cache",
    ".hypothesis",
    ".import_linter_cache",
    "var/tools",
    "var/static",
)


def main() -> None:
    """Remove caches and environment, with `DATA=1` all of `var` as well, unless the trial is running."""
    if is_trial_running(VAR / "trial.lock"):
        sys.exit("The trial is running: stop it first (Ctrl-C in its window).")
    for name in CACHES:
        remove(ROOT / name)
    if os.environ.get("DATA") == "1":
        # As root the database lives elsewhere, behind a link.
        remove((VAR / "postgres").resolve())
        remove(VAR)
    elif VAR.exists():
        print("The trial's data in var/ is kept; make clean DATA=1 removes it, its keys included.")


def is_trial_running(claim: Path) -> bool:
    """Whether a trial of this installation holds its claim."""
    if not claim.exists():
        return False
    with claim.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def remove(folder: Path) -> None:
    """Remove a folder if it is there, telling so."""
    if folder.is_dir():
        print(f"removing {folder}")
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
