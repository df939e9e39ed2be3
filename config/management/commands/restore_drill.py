from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.backup.drill import rehearse
from config.backup.sealing import SealingError, identities_of
from reports.models.drills import RestoreDrill

LONGEST = 500


class Command(BaseCommand):
    help = "Restore the newest backup beside the running system, verify it there, and note the outcome."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--identity", type=Path, required=True, help="file with the private key of age")

    def handle(self, *args: Any, identity: Path, **options: Any) -> None:
        try:
            identities = identities_of(identity)
        except SealingError as error:
            raise CommandError(str(error)) from None
        at, begun = timezone.now(), time.monotonic()
        found = rehearse(settings.BACKUP_FOLDER, identities, at)
        if options["verbosity"]:
            self.stdout.write(found.said)
        RestoreDrill.objects.create(
            at=at,
            good=not found.fault,
            backup_taken_at=found.manifest.taken_at if found.manifest else None,
            seconds=round(time.monotonic() - begun),
            detail=found.fault[:LONGEST],
        )
        if found.fault:
            raise CommandError(f"The drill failed: {found.fault}")
        self.stdout.write(self.style.SUCCESS(f"Restored and verified in {time.monotonic() - begun:.0f} s."))
