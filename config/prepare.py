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
    call_command("migrate", interactive=False, verbosity=0)
    print(f"The tables are there after {time.monotonic() - begun:.1f} s; now the season:")
    call_command("load_demo")


if __name__ == "__main__":
    main()
