from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.donor_key import Sum, seal_anew, waiting
from core.commands import SYSTEM, Act, Caller, Done, run_command
from core.days import local_day
from organisation.models import County

ROUTE = "manage.py rotate_donor_key"


class Command(BaseCommand):
    help = (
        "Seal every identity anew with APP_DONOR_KEY, while the service runs with both keys (docs/operations.md)."
        " May be killed and run again; says at the end whether the old key can be taken away."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only count what is sealed with another key")

    def handle(self, *args: Any, check: bool = False, **options: Any) -> None:
        counties = list(County.objects.order_by("pk"))
        if not check:
            for county in counties:
                self._rotate(county)
        left = {county.pk: count for county in counties if (count := waiting(county.pk))}
        if left:
            told = ", ".join(f"{county}: {count:,}" for county, count in left.items())
            raise CommandError(
                f"Still sealed with another key: {told}. Keep APP_DONOR_KEY_OTHER and run this again; what opens with"
                " neither key needs the key that it was sealed with."
            )
        other = (
            "APP_DONOR_KEY_OTHER can be taken away." if settings.DONOR_KEY_OTHER else "There is no other key."
        )
        self.stdout.write(f"All is sealed with the present key. {other}")

    def _rotate(self, county: County) -> None:
        """All of a county, with one entry in the audit log where anything was sealed anew."""
        done = Sum()
        while (once := seal_anew(county.pk)).sealed:
            done = Sum(done.sealed + once.sealed, once.closed)
        if done.sealed:
            act = Act(SYSTEM, county.pk, local_day(county.time_zone))
            written = Done({}, f"sealed anew: {done.sealed}")
            run_command(act=act, caller=Caller(ROUTE), body=None, work=lambda: written)
        self.stdout.write(f"{county.pk}: {done.sealed:,} sealed anew, {once.closed:,} open with neither key")
