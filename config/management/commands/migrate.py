from __future__ import annotations

import time
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections

from config.new_tables import in_new_database

# A table was not to be had in time, or only by whoever waits for another that this step has changed already.
IN_USE = {"55P03", "40P01"}
WAIT_SECONDS, TRIES, PAUSE_SECONDS = 2, 30, 1


class Command(migrate.Command):
    """Django's own, but that no step waits long for a table.

    Whoever waits to change a table makes all wait behind it who only want to read it: behind one long report would
    stand the whole service. So a step gives up after two seconds, undone, lets others pass, and is tried again.
    """

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        for _try in range(TRIES):
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{WAIT_SECONDS}s"])
            try:
                with in_new_database(options["database"]):
                    super().handle(*args, **options)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) not in IN_USE:
                    raise
            else:
                with connection.cursor() as cursor:
                    cursor.execute("RESET lock_timeout")
                return
            self.stderr.write("A table is in use; this step is tried again.")
            time.sleep(PAUSE_SECONDS)
        raise CommandError(
            "A table was in use all the time. Nothing of this step was done; end what holds it."
        )
