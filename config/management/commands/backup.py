from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.backup.archive import let_go_before
from config.backup.dumps import only_one, take
from config.backup.sealing import SealingError
from config.backup.store import KINDS, BackupError, backups, let_go


class Command(BaseCommand):
    help = "Back the database up, sealed for the keys of APP_BACKUP_RECIPIENTS, and let old backups go."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--kind",
            choices=KINDS,
            default="dump",
            help="dump: the database (pg_dump); base: the whole server, to restore to a moment (pg_basebackup)",
        )

    def handle(self, *args: Any, kind: str, **options: Any) -> None:
        folder = settings.BACKUP_FOLDER
        try:
            with only_one(folder):
                made = take(kind, settings.BACKUP_DATABASE_URL, folder, settings.BACKUP_RECIPIENTS)
                gone = let_go(folder, kind, settings.BACKUP_DAYS, settings.BACKUP_WEEKS)
                segments = (
                    let_go_before(folder / "wal", backups(folder, "base")[0].wal_from)
                    if kind == "base"
                    else 0
                )
        except (BackupError, SealingError, psycopg.Error, OSError) as error:
            raise CommandError(f"No backup was made: {error}") from None
        self.stdout.write(
            f"{folder / made.file}: {made.size:,} bytes in {made.seconds} s, SHA-256 {made.sha256}"
        )
        for name in gone:
            self.stdout.write(f"let go: {name}")
        if segments:
            self.stdout.write(f"let go: {segments} segments of the log that no base backup needs")
