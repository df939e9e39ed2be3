from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalogue.models import Medicine
from catalogue.services import load_medicines
from core.commands import SYSTEM, Act, Caller, Done, run_command
from core.days import local_day
from core.errors import DomainError
from organisation.loading import DIVISIONS, load_county
from organisation.models import County, Role
from organisation.people import add_person, grant_role, named_in_county

ROUTE = "manage.py add_county"


class Command(BaseCommand):
    help = "Bring a county in with its townships, villages and places, and its first account, which makes the others."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", help="six digits (GB/T 2260)")
        parser.add_argument(
            "--username",
            required=True,
            help="what the first person signs in with, behind the code of the county",
        )
        parser.add_argument("--name", required=True, help="what they are called")
        parser.add_argument(
            "--divisions",
            type=Path,
            default=DIVISIONS,
            help="CSV: county_code, county_name, level (county, township, village), code, name, parent_code",
        )

    def handle(
        self, *args: Any, code: str, username: str, name: str, divisions: Path, **options: Any
    ) -> None:
        if County.objects.filter(pk=code).exists():
            raise CommandError(f"{code} is there already; its people are made on the screens.")
        password = self._add(code, username, name, divisions)
        if not Medicine.objects.exists():
            self.stdout.write(f"{load_medicines()} medicines")
        username = named_in_county(code, username)
        self.stdout.write(
            f"{code}: {username} looks after accounts (role security). First password: {password}"
        )

    def _add(self, code: str, username: str, name: str, divisions: Path) -> str:
        """All or nothing, with its entry in the audit log; the first password, which is kept nowhere."""
        passwords: list[str] = []

        def work() -> Done:
            county = load_county(code, divisions=divisions)
            act = Act(SYSTEM, county.pk, local_day(county.time_zone))
            person, password = add_person(act=act, username=username, name=name)
            grant_role(
                act=act,
                pk=person.pk,
                role=Role.SECURITY,
                place=None,
                township=None,
                starts_on=None,
                ends_on=None,
            )
            passwords.append(password)
            return Done({}, f"county {code}")

        act = Act(SYSTEM, code, local_day("Asia/Shanghai"))
        try:
            run_command(act=act, caller=Caller(ROUTE), body=None, work=work)
        except LookupError:
            raise CommandError(
                f"{divisions} does not hold the county {code}; name a file with --divisions."
            ) from None
        except (DomainError, OSError, KeyError) as error:
            raise CommandError(f"Nothing was added: {getattr(error, 'detail', error)}") from None
        return passwords[-1]
