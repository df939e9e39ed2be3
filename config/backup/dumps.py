"""Taking a backup of a running database, and putting one back into an empty one, as streams: no byte of it lies
anywhere in the open."""

from __future__ import annotations

import datetime
import fcntl
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pyrage.x25519 import Identity

from config.backup.programs import program
from config.backup.sealing import recipients_of, seal, unseal
from config.backup.store import BackupError, Manifest, file_name, new_file, write_manifest
from config.postgres import check_locale, ensure_database, surroundings

# Of what PostgreSQL's programs say only their own words are told on: what stands below them may quote a row.
TOLD = ("pg_dump: ", "pg_restore: ", "pg_basebackup: ", "ERROR: ", "FATAL: ")
FACTS = """
SELECT (SELECT coalesce(max(position), 0) FROM core_auditlink),
    (SELECT jsonb_object_agg(app, name) FROM (SELECT app, max(name) AS name FROM django_migrations GROUP BY app) m),
    CASE WHEN pg_is_in_recovery() THEN '' ELSE pg_walfile_name(pg_current_wal_lsn()) END"""
COMMANDS = {
    "dump": ("pg_dump", "--format=custom"),
    "base": (
        "pg_basebackup", "--pgdata=-", "--format=tar", "--compress=client-gzip:1", "--wal-method=fetch",
        "--checkpoint=fast",
    ),
}  # fmt: skip
HAS_TABLES = (
    "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema'))"
)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """While this lasts nobody else writes backups into `folder`; `BackupError` where somebody does."""
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    with (folder / ".lock").open("a") as claim:
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(f"Another backup into {folder} is under way.") from None
        yield


def take(kind: str, url: str, folder: Path, public_keys: Sequence[str]) -> Manifest:
    """Write one sealed backup with its manifest into `folder`; nothing stays where it fails (`BackupError`)."""
    recipients = recipients_of(public_keys)
    begun, at = time.monotonic(), datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    manifest = _facts(url, Manifest(kind, at, file_name(kind, at), 0, "", 0, list(public_keys)))
    name, *options = COMMANDS[kind]
    command = [str(program(name, manifest.server)), *options]
    with new_file(folder, manifest.file) as file, _running(command, url, stdout=subprocess.PIPE) as running:
        measured = seal(cast(BinaryIO, running.stdout), file, recipients)
    whole = replace(
        manifest, size=measured.size, sha256=measured.sha256, seconds=round(time.monotonic() - begun, 1)
    )
    write_manifest(folder, whole)
    return whole


def restore(sealed: Path, version: int, identities: Sequence[Identity], url: str) -> None:
    """Put a dump into the database that `url` names, which is made if it is missing and must hold no table.

    All or nothing: one transaction, given up when the stream turns out to be cut. Owners and rights are not restored;
    `manage.py database_roles` makes them anew.
    """
    ensure_database(url)
    check_locale(url)
    with psycopg.connect(make_conninfo(url, connect_timeout=5)) as connection:
        if connection.execute(HAS_TABLES).fetchone() == (True,):
            raise BackupError(
                f"The database {connection.info.dbname} is not empty; a backup goes into an empty one."
            )
    options = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]
    command = [str(program("pg_restore", version)), *options]
    with sealed.open("rb") as file, _running(command, url, stdin=subprocess.PIPE) as running:
        unseal(file, cast(BinaryIO, running.stdin), identities)
        cast(IO[bytes], running.stdin).close()


def _facts(url: str, manifest: Manifest) -> Manifest:
    """The manifest with what it says of the server and the database."""
    with psycopg.connect(make_conninfo(url, connect_timeout=5)) as connection:
        row = connection.execute(FACTS).fetchone()
        server = connection.info.server_version // 10000
    through, migrations, segment = row or (0, {}, "")
    return replace(
        manifest, server=server, audit_through=through, migrations=migrations or {}, wal_from=segment
    )


@contextmanager
def _running(command: list[str], url: str, **streams: Any) -> Iterator[subprocess.Popen[bytes]]:
    """One of PostgreSQL's programs at the database of `url`, which must end well (`BackupError`).

    Killed, not closed, when something fails meanwhile: a program whose input merely ended might take it for whole.
    """
    words, environment = _addressed(url)
    with tempfile.TemporaryFile() as errors:
        running = subprocess.Popen([*command, words], env=environment, cwd="/", stderr=errors, **streams)
        failure: BaseException | None = None
        try:
            yield running
        except BaseException as error:
            failure = error
            _stop(running)
        code = running.wait()
        for stream in (running.stdin, running.stdout):
            _close(stream)
        told = _told(errors)
    if failure is not None and not (isinstance(failure, OSError) and told):
        raise failure
    if code or failure is not None:
        raise BackupError(told or f"{os.path.basename(command[0])} ended with {code}.")


def _addressed(url: str) -> tuple[str, dict[str, Any]]:
    """The option that names the database, and the environment with its password.

    Every user of the machine sees a command line, so the password does not stand there.
    """
    words = conninfo_to_dict(url)
    password = words.pop("password", None)
    environment: dict[str, Any] = surroundings()["env"] | ({"PGPASSWORD": str(password)} if password else {})
    return f"--dbname={make_conninfo('', **words)}", environment


def _told(errors: IO[bytes]) -> str:
    """The program's own first words on what went wrong."""
    errors.seek(0)
    lines = errors.read().decode(errors="replace").splitlines()
    return "\n".join([line for line in lines if line.startswith(TOLD)][:5])


def _stop(running: subprocess.Popen[bytes]) -> None:
    try:
        running.wait(0.2)  # one that has failed by itself has words to say
    except subprocess.TimeoutExpired:
        running.kill()


def _close(stream: IO[bytes] | None) -> None:
    if stream is not None:
        with suppress(OSError):
            stream.close()
