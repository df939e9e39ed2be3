"""The rehearsal of a restore: the newest backup into a private server beside the running one, verified there.

The copy lies in the folder for temporary files (`TMPDIR`) and goes with the drill. It is served to nobody, and gets
none of the installation's keys: donors' identities stay closed in it.
"""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from pyrage.x25519 import Identity

from config.backup.dumps import restore
from config.backup.sealing import SealingError
from config.backup.store import BackupError, Manifest, check, newest
from config.binaries import ServerError
from config.postgres import scratch_server

ROOT = Path(__file__).resolve().parent.parent.parent
FRESH = datetime.timedelta(days=1)
CHAIN = "SELECT coalesce(max(position), 0) FROM core_auditlink"


@dataclass(frozen=True)
class Rehearsal:
    """What came of a drill: `fault` is empty where everything held. `said` is what the verifications printed."""

    manifest: Manifest | None
    fault: str = ""
    said: str = ""


def rehearse(folder: Path, identities: Sequence[Identity], now: datetime.datetime) -> Rehearsal:
    """Restore the newest dump and verify it; every trouble is told, none is raised."""
    manifest = None
    try:
        manifest = newest(folder)
        sealed = check(folder, manifest)
        if now - manifest.taken_at > FRESH:
            raise BackupError(
                f"The newest backup is of {manifest.taken_at:%Y-%m-%d %H:%M} UTC, over a day old."
            )
        with scratch_server() as server:
            url = server.url("restored")
            restore(sealed, manifest.server, identities, url)
            hold_against(manifest, url)
            said, failed = examine(url)
        return Rehearsal(manifest, failed, said)
    except (BackupError, SealingError, ServerError, psycopg.Error, OSError) as error:
        return Rehearsal(manifest, f"{error}" or type(error).__name__)


def hold_against(manifest: Manifest, url: str) -> None:
    """The copy goes at least as far as the books did when the backup was begun."""
    with psycopg.connect(url) as connection:
        row = connection.execute(CHAIN).fetchone()
    if row is None or row[0] < manifest.audit_through:
        raise BackupError(f"The audit chain of the copy ends before position {manifest.audit_through}.")


def examine(url: str) -> tuple[str, str]:
    """What the verifications of the database at `url` say, and the first that failed with its reason, if any."""
    kept = {
        name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "TMPDIR", "PYTHONPATH"}
    }
    with tempfile.TemporaryDirectory() as keys:
        done = subprocess.run(
            [sys.executable, "-m", "config.backup.examination"],
            cwd=ROOT,
            env=kept | {"DATABASE_URL": url, "APP_KEYS": keys},
            capture_output=True,
            text=True,
            check=False,
        )
    failed = [line.removeprefix("FAILED ") for line in done.stdout.splitlines() if line.startswith("FAILED ")]
    if done.returncode and not failed:
        failed = [(done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1]]
    return done.stdout, failed[0] if failed else ""
