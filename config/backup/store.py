"""The folder of backups: each a sealed file with a small manifest beside it that tells of it without opening it.

The manifest is written last, so what has none was never finished. Files are closed to all but their owner and the
folder's group: sealed as they are, nobody else needs them.
"""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO

from config.backup.sealing import sha256_of

SCHEMA = "donated-medicine-backup/1"
PREFIX, PARTIAL = "donations-", ".partial"
KINDS = ("dump", "base")


class BackupError(Exception):
    """A backup cannot be taken, read or restored; the message says why and what to do."""


@dataclass(frozen=True)
class Manifest:
    """What is known of a backup without its key.

    `kind` is `dump` (pg_dump, custom format) or `base` (pg_basebackup, one tar.gz); `size` and `sha256` are of the
    sealed file, `server` is the server's major version, `migrations` names each room's last step, `audit_through`
    the last position of the audit chain when it was begun, `wal_from` the segment of the log that was being written.
    """

    kind: str
    taken_at: datetime.datetime
    file: str
    size: int
    sha256: str
    server: int
    recipients: Sequence[str]
    migrations: dict[str, str] = field(default_factory=dict)
    audit_through: int = 0
    wal_from: str = ""
    seconds: float = 0.0


def file_name(kind: str, at: datetime.datetime) -> str:
    return f"{PREFIX}{at.astimezone(datetime.UTC):%Y%m%dT%H%M%SZ}.{kind}.age"


@contextmanager
def new_file(folder: Path, name: str) -> Iterator[BinaryIO]:
    """A file that takes its name only when it is whole and on the disk; gone if anything fails."""
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    partial = folder / f"{name}{PARTIAL}"
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.rename(folder / name)
        _settle(folder)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _settle(folder: Path) -> None:
    """A name is kept through a power cut once its folder is on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    content = {"schema": SCHEMA, **asdict(manifest), "taken_at": manifest.taken_at.isoformat()}
    with new_file(folder, f"{manifest.file}.json") as file:
        file.write(json.dumps(content, indent=1, ensure_ascii=False).encode())


def read_manifest(path: Path) -> Manifest:
    """The manifest in a file, or `BackupError`."""
    try:
        content = json.loads(path.read_bytes())
        if content.pop("schema") != SCHEMA or content["kind"] not in KINDS:
            raise ValueError("not of this kind")
        content["taken_at"] = datetime.datetime.fromisoformat(content["taken_at"])
        manifest = Manifest(**content)
        if Path(manifest.file).name != manifest.file:
            raise ValueError("a file elsewhere")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{path} is no manifest of a backup: {error}") from None
    return manifest


def backups(folder: Path, kind: str) -> list[Manifest]:
    """The finished backups of a kind, the oldest first."""
    paths = sorted(folder.glob(f"{PREFIX}*.{kind}.age.json"))
    return sorted((read_manifest(path) for path in paths), key=lambda each: each.taken_at)


def newest(folder: Path, kind: str = "dump") -> Manifest:
    found = backups(folder, kind)
    if not found:
        raise BackupError(f"There is no finished backup ({kind}) in {folder}.")
    return found[-1]


def check(folder: Path, manifest: Manifest) -> Path:
    """The backup's file if it is byte for byte what was written, else `BackupError`."""
    path = folder / manifest.file
    if not path.is_file():
        raise BackupError(f"{path} is gone.")
    if path.stat().st_size != manifest.size or sha256_of(path) != manifest.sha256:
        raise BackupError(f"{path} is not what was written: its length or SHA-256 differs from its manifest.")
    return path


def expendable(moments: Sequence[datetime.datetime], days: int, weeks: int) -> set[datetime.datetime]:
    """Which of these moments need not be kept: the newest of each of the last `days` days on which there is one and
    of each of the last `weeks` weeks stay, and the newest of all in any case."""
    kept: set[datetime.datetime] = set(sorted(moments)[-1:])
    for most, span in ((days, "%Y-%m-%d"), (weeks, "%G-%V")):
        last: dict[str, datetime.datetime] = {}
        for moment in sorted(moments):
            last[moment.astimezone(datetime.UTC).strftime(span)] = moment
        kept.update(sorted(last.values())[len(last) - min(most, len(last)) :])
    return set(moments) - kept


def let_go(folder: Path, kind: str, days: int, weeks: int) -> list[str]:
    """Remove what need not be kept, and what was begun and never finished; the names of what went."""
    found = {each.taken_at: each for each in backups(folder, kind)}
    gone = [found[moment].file for moment in sorted(expendable(list(found), days, weeks))]
    for name in gone:
        (folder / f"{name}.json").unlink()  # first, so that no manifest speaks of what is gone
        (folder / name).unlink(missing_ok=True)
    for path in folder.glob(f"{PREFIX}*.{kind}.age*{PARTIAL}"):
        path.unlink(missing_ok=True)
        gone.append(path.name)
    return gone
