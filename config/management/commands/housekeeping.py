from __future__ import annotations

import logging
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.housekeeping import keep_house, keep_log
from core.days import local_day
from organisation.models import County
from reports.ledger_days import seal_days

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Put what has expired to held, in every county by its own day. For every night; may be run at any time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--county", help="six digits; all counties if not given")
        parser.add_argument("--seal-days", action="store_true", help="seal the days that have passed first")

    def handle(self, *args: Any, county: str | None = None, **options: Any) -> None:
        self.seals = bool(options.get("seal_days"))
        counties = County.objects.order_by("pk")
        if county and not (counties := counties.filter(pk=county)):
            raise CommandError(f"There is no county {county}.")
        failed = [one.pk for one in counties if not self._keep(one, tells=bool(options["verbosity"]))]
        if not county:
            failed += self._keep_log()
        if failed:
            raise CommandError(f"Not done: {', '.join(failed)}.")

    def _keep_log(self) -> list[str]:
        try:
            keep_log()
        except Exception:
            log.exception("housekeeping of the audit log")
            return ["audit log"]
        return []

    def _keep(self, county: County, *, tells: bool) -> bool:
        """One county's trouble does not keep the others from their night's work."""
        try:
            if self.seals:
                seal_days(county.pk)
            moved = keep_house(county.pk, local_day(county.time_zone))
        except Exception:
            log.exception("housekeeping of county %s", county.pk)
            return False
        if tells:
            self.stdout.write(f"{county.pk}: {moved:,} expired balances held")
        return True
