"""Bring a restored copy to the program's tables and verify all that it holds. `python -m config.backup.examination`.

A process of its own, for Django knows one database from its start: that of `DATABASE_URL`, here the copy's. It needs
none of the installation's keys.
"""

from __future__ import annotations

import os
import sys

import django
from django.core.management import CommandError, call_command

VERIFICATIONS = ("verify_ledger", "verify_days", "verify_audit", "verify_bulletins")


def main() -> int:
    """Run each verification, naming it; 1 if one found something, after the others had their turn."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    failed = 0
    for name in VERIFICATIONS:
        print(f"== {name}", flush=True)
        try:
            call_command(name)
        except CommandError as error:
            print(f"FAILED {name}: {error}", flush=True)
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
