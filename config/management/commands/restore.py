from __future__ import annotations

import os
import subprocess
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.migrations.loader import MigrationLoader

from config.backup.dumps import restore
from config.backup.sealing import SealingError, identities_of
from config.backup.store import BackupError, Manifest, check, newest, read_manifest
from config.binaries import ServerError
from config.database import django_database


class Command(BaseCommand):
    help = "Put a backup back into an empty database, and bring it to the tables of this program."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--identity", type=Path, required=True, help="file with the private key of age")
        parser.add_argument(
            "--backup", type=Path, help="the .age file; the newest of APP_BACKUP_FOLDER if not given"
        )
        parser.add_argument("--into", help="address of the database; DATABASE_URL if not given")

    def handle(
        self, *args: Any, identity: Path, backup: Path | None = None, into: str | None = None, **options: Any
    ) -> None:
        url, begun = into or settings.DATABASE_URL, time.monotonic()
        try:
            identities = identities_of(identity)
            django_database(url)
            folder = backup.parent if backup else settings.BACKUP_FOLDER
            manifest = read_manifest(Path(f"{backup}.json")) if backup else newest(folder)
            refuse_newer(manifest)
            restore(check(folder, manifest), manifest.server, identities, url)
        except (BackupError, SealingError, ServerError, psycopg.Error, OSError, ValueError) as error:
            raise CommandError(f"Nothing was restored: {error}") from None
        self._migrate(url)
        self.stdout.write(
            f"{manifest.file}, taken {manifest.taken_at:%Y-%m-%d %H:%M} UTC, is restored "
            f"({time.monotonic() - begun:.0f} s). Owners and rights come from: manage.py database_roles"
        )

    def _migrate(self, url: str) -> None:
        """In a process of its own, for this one knows the database of its own surroundings only."""
        command = [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity=0"]
        surroundings = os.environ | {"DATABASE_URL": url}
        if subprocess.run(command, cwd=settings.BASE_DIR, env=surroundings, check=False).returncode:
            raise CommandError("The backup is restored, but migrate failed; its message stands above.")


def refuse_newer(manifest: Manifest) -> None:
    """A backup that a newer program made is not for this one, which would not know its tables."""
    known = MigrationLoader(None).disk_migrations or {}
    unknown = [
        f"{room}.{step}" for room, step in sorted(manifest.migrations.items()) if (room, step) not in known
    ]
    if unknown:
        raise BackupError(
            f"The backup was made by a newer program ({', '.join(unknown)} is not known to this one)."
        )
