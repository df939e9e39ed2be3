from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from organisation.models import County
from reports.ledger_days import verify_days


class Command(BaseCommand):
    help = "Compare the books with the sealed days; name every day that was altered, and fail if any was."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = [
            (county, each) for county in County.objects.order_by("code") for each in verify_days(county.pk)
        ]
        for county, each in broken:
            self.stdout.write(self.style.ERROR(f"{county.pk} {county.name} {each.day}: {each.what}"))
        if broken:
            raise CommandError(f"{len(broken)} sealed days do not agree with the books.")
        self.stdout.write(self.style.SUCCESS("The books are those that were sealed."))
