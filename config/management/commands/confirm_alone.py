from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from core.commands import SYSTEM, Act, Caller, Done, run_command
from core.days import local_day
from core.errors import DomainError
from organisation.confirmations import confirm
from organisation.models import Confirmation

ROUTE = "manage.py confirm_alone"


class Command(BaseCommand):
    help = (
        "Confirm as the second person what waits for one account (a new password, a forgotten second factor, a role),"
        " or for a county's policy (its code in the place of the user name), where the county has nobody else who"
        " could: whoever runs the installation has asked the people themselves."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        rows = Confirmation.objects.select_related("county").filter(
            Q(person__username=username) | Q(person=None, county=username),
            ended_at=None,
            confirmed_at=None,
            alone=False,
        )
        if not rows:
            raise CommandError(f"Nothing waits for a second person for {username}.")
        for row in rows:
            self._confirm(row)

    def _confirm(self, row: Confirmation) -> None:
        parts: list[str] = []
        act = Act(SYSTEM, row.county_id, local_day(row.county.time_zone))

        def work() -> Done:
            parts.append(confirm(act=act, pk=row.pk)[1])
            return Done({}, f"person {row.person_id}" if row.person_id else "policy")

        try:
            run_command(act=act, caller=Caller(ROUTE), body=None, work=work)
        except DomainError as error:
            raise CommandError(str(error.detail)) from None
        self.stdout.write(f"{row.kind}: confirmed" + (f"; second part {parts[-1]}" if parts[-1] else ""))
