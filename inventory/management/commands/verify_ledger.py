from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from inventory.verification import examine
from organisation.models import County


class Command(BaseCommand):
    help = "Recompute the books from their journals; name every figure that disagrees, and fail if any does."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--county", help="six digits; all counties if not given")

    def handle(self, *args: Any, county: str | None = None, **options: Any) -> None:
        if county and not County.objects.filter(pk=county).exists():
            raise CommandError(f"There is no county {county}.")
        verification = examine(county)
        for check, figures in verification.checked.items():
            self.stdout.write(f"{check}: {figures:,} figures")
        for discrepancy in verification.discrepancies:
            self.stdout.write(self.style.ERROR(str(discrepancy)))
        if verification.discrepancies:
            raise CommandError(f"{len(verification.discrepancies):,} figures disagree with the journals.")
        self.stdout.write(self.style.SUCCESS("All figures agree with the journals."))
