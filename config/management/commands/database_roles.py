from __future__ import annotations

import re
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.database_roles import role_statements


class Command(BaseCommand):
    help = (
        "Print the SQL for the roles (owner, application, reader, auditor, backup), to be run as a superuser."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--prefix", default="donations", help="what the roles' names begin with")

    def handle(self, *args: Any, prefix: str, **options: Any) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", prefix):
            raise CommandError(
                "A prefix is of small letters, digits and underscores and begins with a letter."
            )
        for statement in role_statements(prefix):
            self.stdout.write(statement)
