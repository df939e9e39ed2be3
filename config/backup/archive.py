"""The server's log of changes, archived segment by segment, so that the books can be had back as of any moment.

PostgreSQL calls it, as the user it runs as (docs/operations.md):

    archive_command = '/opt/donations/deploy/wal store "%p" "%f" --folder /var/backups/donations/wal --to age1…'
    restore_command = '/opt/donations/deploy/wal fetch "%f" "%p" --folder … --identity …'

A segment that was closed early is mostly zeros, so it is packed before it is sealed. Exit codes as PostgreSQL wants
them: 0 done; 1 try again, or the archive ends here; 200 the archive is damaged, so recovery must not go on as if it
ended here (restore_command: more than 125).
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from config.backup.sealing import SealingError, identities_of, recipients_of, seal, unseal
from config.backup.store import BackupError, new_file

ENDING = ".gz.age"
SEGMENT = re.compile(r"[0-9A-F]{24}")
TIMELINE = 8
TRY_AGAIN, DAMAGED = 1, 200


def store(source: Path, name: str, folder: Path, public_keys: Sequence[str]) -> None:
    """Archive one file of the log under its name; the same one again is no fault, another one of the name is.

    PostgreSQL repeats what it has no answer to, also after a crash of its own, so the file's name bears the hash.
    """
    content = source.read_bytes()
    target = f"{name}.{hashlib.sha256(content).hexdigest()[:16]}{ENDING}"
    kept = _kept(folder, name)
    if kept is not None and kept.name != target:
        raise BackupError(f"Another file named {name} is archived in {folder}.")
    if kept is None:
        packed = io.BytesIO(gzip.compress(content, 1, mtime=0))
        with new_file(folder, target) as file:
            seal(packed, file, recipients_of(public_keys))


def fetch(name: str, target: Path, folder: Path, identity: Path) -> bool:
    """Bring one file of the log back; whether the archive has it. `SealingError`, `BackupError` if it is damaged."""
    kept = _kept(folder, name)
    if kept is None:
        return False
    packed = io.BytesIO()
    with kept.open("rb") as file:
        unseal(file, packed, identities_of(identity))
    content = gzip.decompress(packed.getvalue())
    if hashlib.sha256(content).hexdigest()[:16] != kept.name.split(".")[-3]:
        raise BackupError(f"{kept} is not what its name says.")
    target.write_bytes(content)
    return True


def let_go_before(folder: Path, segment: str) -> int:
    """Remove the segments that no base backup needs any more: those before `segment`, on whatever timeline."""
    gone = 0
    for path in folder.glob(f"*{ENDING}"):
        name = path.name.partition(".")[0]
        if SEGMENT.fullmatch(name) and name[TIMELINE:] < segment[TIMELINE:]:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _kept(folder: Path, name: str) -> Path | None:
    found = [path for path in folder.glob(f"{name}.*{ENDING}") if path.name.count(".") == name.count(".") + 3]
    return found[0] if found else None


def main(words: Sequence[str] | None = None) -> int:
    """What PostgreSQL calls; see the module's text."""
    parser = argparse.ArgumentParser(prog="wal", description=__doc__)
    parser.add_argument("deed", choices=["store", "fetch"])
    parser.add_argument("first")
    parser.add_argument("second")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--to", action="append", default=[], help="public key; may be given several times")
    parser.add_argument("--identity", type=Path)
    asked = parser.parse_args(words)
    try:
        if asked.deed == "store":
            store(Path(asked.first), asked.second, asked.folder, asked.to)
            return 0
        return 0 if fetch(asked.first, Path(asked.second), asked.folder, asked.identity) else TRY_AGAIN
    except (BackupError, SealingError, OSError, EOFError) as error:
        print(f"{asked.deed} {asked.first}: {error}", file=sys.stderr)
        return TRY_AGAIN if asked.deed == "store" else DAMAGED


if __name__ == "__main__":
    sys.exit(main())
