"""Bring the trial's database to the present tables and load the season, unless that is done already.

`python -m config.prepare` does both in one process, for Django takes longer to start than either.
"""

from __future__ import annotations

import os
import time

import django
from django.core.management import call_command


def main() -> None:
    """Migrate and load, telling how long the tables took."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    begun = time.monotonic()
    django.setup()
    begin_anew_if_cut_short()
    call_command("migrate", interactive=False, verbosity=0)
    seconds = f"{time.monotonic() - begun:.1f} s"
    print(f"数据表已建好 The tables are there after {seconds}; 开始载入演示数据 now the season:")
    call_command("load_demo")
    if prefix := os.environ.get("TRIAL_ROLES"):
        grant_roles(prefix)


def grant_roles(prefix: str) -> None:
    """Make the roles of the database, as one of which the trial then serves."""
    from django.db import connection

    from config.database_roles import role_statements

    with connection.cursor() as cursor:
        cursor.execute("\n".join(role_statements(prefix)))


def begin_anew_if_cut_short() -> None:
    """A season whose loading was killed midway is no season: empty the database that it was loaded into."""
    from django.db import connection

    from config.management.commands.load_demo import UNFINISHED

    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [UNFINISHED])
        if cursor.fetchone()[0] is not None:
            print("上次启动中断，重新开始。The last start was cut short; beginning anew.")
            cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public;")


if __name__ == "__main__":
    main()
