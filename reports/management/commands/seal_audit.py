from __future__ import annotations

import logging
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import OperationalError, connection

from core.audit import seal_entries

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Chain the entries of the audit log that are not chained yet. For every minute; may be run at any time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="look further back than an hour")
        parser.add_argument("--every", type=int, metavar="SECONDS", help="go on until stopped")

    def handle(self, *args: Any, every: int | None = None, **options: Any) -> None:
        if every is None:
            self._seal(options)
            return
        while True:
            try:
                self._seal(options)
            except OperationalError:  # the database is away; it may come back
                log.exception("sealing the audit log")
            connection.close()
            time.sleep(every)

    def _seal(self, options: dict[str, Any]) -> None:
        sealed = seal_entries(everything=options["all"])
        if options["verbosity"]:
            self.stdout.write(f"{sealed:,} entries sealed")
