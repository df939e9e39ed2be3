from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from organisation.models import County
from reports.ledger_days import seal_days


class Command(BaseCommand):
    help = "Close and seal every day that has passed, in every county: the daily checkpoint over the ledger."

    def handle(self, *args: Any, **options: Any) -> None:
        for county in County.objects.order_by("code"):
            self.stdout.write(f"{county.pk} {county.name}: {seal_days(county.pk)} days sealed")
