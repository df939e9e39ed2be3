from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reports.verification import verify_bulletins


class Command(BaseCommand):
    help = "Check every published bulletin with its files as anybody can: totals, hashes, signatures, chain."

    def handle(self, *args: Any, **options: Any) -> None:
        count, faults = 0, 0
        for bulletin, failures in verify_bulletins():
            count += 1
            for failure in failures:
                faults += 1
                name = f"{bulletin.county_id} {bulletin.year}-{bulletin.number}"
                self.stdout.write(self.style.ERROR(f"{name}: {failure}"))
        if faults:
            raise CommandError(f"{faults} checks of {count} published bulletins failed.")
        self.stdout.write(self.style.SUCCESS(f"{count} published bulletins are as they were signed."))
