"""Lay out a server's files as of any moment: the last base backup before it, and the archived log up to it.

    python -m config.backup.moment --folder BACKUPS --identity KEY --data NEW [--until "2026-11-23 09:00+08:00"]

To be run as the user that PostgreSQL runs as. It starts nothing: the server that is started on these files replays
the log by itself, opens when it has come to the moment, and goes on from there under a timeline of its own.
"""

from __future__ import annotations

import argparse
import datetime
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, cast

from pyrage.x25519 import Identity

from config.backup.sealing import SealingError, identities_of, unseal
from config.backup.store import BackupError, Manifest, backups, check

WAL = Path(__file__).resolve().parent.parent.parent / "deploy" / "wal"


def base_before(folder: Path, until: datetime.datetime | None) -> Manifest:
    """The newest base backup that was taken before the moment."""
    fitting = [each for each in backups(folder, "base") if until is None or each.taken_at < until]
    if not fitting:
        raise BackupError(f"There is no base backup from before that moment in {folder}.")
    return fitting[-1]


def lay_out(folder: Path, identity: Path, data: Path, until: datetime.datetime | None) -> Manifest:
    """Fill the folder `data`, which must not be there yet; gone again if anything fails."""
    if data.exists():
        raise BackupError(f"{data} is there already; name a new folder.")
    manifest, identities = base_before(folder, until), identities_of(identity)
    sealed = check(folder, manifest)
    data.mkdir(mode=0o700, parents=True)
    try:
        _unpack(sealed, identities, data)
        with (data / "postgresql.auto.conf").open("a") as settings:
            settings.write(_settings(folder / "wal", identity, until))
        (data / "recovery.signal").touch(mode=0o600)
    except BaseException:
        shutil.rmtree(data)
        raise
    return manifest


def _unpack(sealed: Path, identities: Sequence[Identity], data: Path) -> None:
    with (
        sealed.open("rb") as file,
        subprocess.Popen(
            ["tar", "--extract", "--gzip", "--directory", str(data)], stdin=subprocess.PIPE
        ) as tar,
    ):
        unseal(file, cast(IO[bytes], tar.stdin), identities)  # type: ignore[arg-type]
        cast(IO[bytes], tar.stdin).close()
        if tar.wait():
            raise BackupError("The base backup could not be unpacked; tar's message stands above.")


def _settings(archive: Path, identity: Path, until: datetime.datetime | None) -> str:
    """What the restored server goes by; the archive stays untouched until somebody says that it is the new one."""
    fetch = f'{WAL} fetch "%f" "%p" --folder {archive.resolve()} --identity {identity.resolve()}'
    lines = [f"restore_command = '{fetch}'", "archive_mode = off", "recovery_target_action = promote"]
    if until:
        lines.append(f"recovery_target_time = '{until.isoformat()}'")
    return "\n".join(["", "# config.backup.moment", *lines, ""])


def moment(text: str) -> datetime.datetime:
    """A moment with its offset: one without would be another one in another place."""
    found = datetime.datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise argparse.ArgumentTypeError("say the offset too: 2026-11-23 09:00+08:00")
    return found


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--folder", type=Path, required=True, help="APP_BACKUP_FOLDER; the log lies in wal/ of it"
    )
    parser.add_argument("--identity", type=Path, required=True, help="file with the private key of age")
    parser.add_argument("--data", type=Path, required=True, help="the new server's folder")
    parser.add_argument(
        "--until", type=moment, help="the moment, with its offset; as far as it goes if not given"
    )
    asked = parser.parse_args(words)
    try:
        used = lay_out(asked.folder, asked.identity, asked.data, asked.until)
    except (BackupError, SealingError, OSError) as error:
        print(f"Nothing was restored: {error}", file=sys.stderr)
        return 1
    print(
        f"{asked.data} holds {used.file}. Start PostgreSQL {used.server} on it; it replays the log and opens."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
