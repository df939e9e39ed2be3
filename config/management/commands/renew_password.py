from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.commands import SYSTEM, Act, Caller, Done, run_command
from core.days import local_day
from organisation.models import Person
from organisation.people import renew_password

ROUTE = "manage.py renew_password"


class Command(BaseCommand):
    help = (
        "Give an account a new first password, where nobody else in charge of security can: theirs expired or is"
        " lost, and they are the only one. Everybody else is given one on the screens."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        person = Person.objects.select_related("county").filter(username=username).first()
        if person is None:
            raise CommandError(f"Nobody signs in as {username}.")
        passwords: list[str] = []
        act = Act(SYSTEM, person.county_id, local_day(person.county.time_zone))

        def work() -> Done:
            passwords.append(renew_password(act=act, pk=person.pk)[1])
            return Done({}, f"person {person.pk}")

        run_command(act=act, caller=Caller(ROUTE), body=None, work=work)
        self.stdout.write(f"{username}: first password {passwords[-1]}")
