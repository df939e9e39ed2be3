from __future__ import annotations

import datetime
import json
import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.audit_verification import Verified
from reports.audit_checkpoints import SCHEMA, Kept, verify_audit
from reports.seal import fingerprint


class Command(BaseCommand):
    help = "Hold the audit log against its chain and checkpoints; name what was altered, and fail if anything was."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--checkpoints",
            type=Path,
            metavar="FILE",
            help="checkpoints kept elsewhere: an answer of /api/v1/audit/checkpoints/ or public/audit-checkpoints/",
        )

    def handle(self, *args: Any, checkpoints: Path | None = None, **options: Any) -> None:
        now = timezone.now()
        found = verify_audit(_kept(checkpoints) if checkpoints else (), now)
        for fault in found.faults:
            self.stdout.write(self.style.ERROR(str(fault)))
        self.stdout.write(_window(found, now))
        if found.count:
            raise CommandError(f"The audit log was altered: {found.count:,} faults. First: {found.faults[0]}")
        self.stdout.write(self.style.SUCCESS(f"{found.through:,} entries are as they were sealed."))


def _window(found: Verified, now: datetime.datetime) -> str:
    """What is not sealed yet, and for how long."""
    if found.oldest is None:
        return "Every entry is sealed."
    minutes = (now - found.oldest).total_seconds() / 60
    return f"{found.waiting:,} entries are not sealed yet, the oldest for {minutes:,.1f} minutes."


def _kept(file: Path) -> list[Kept]:
    """The checkpoints in a file, each of them read once to see that it is one."""
    try:
        return [_one(row) for row in json.loads(file.read_bytes())["results"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CommandError(f"{file} holds no checkpoints of an audit log: {error}") from None


def _one(row: dict[str, Any]) -> Kept:
    """A row with its content, as auditors read it, or with its hash alone, as anybody does."""
    if "content" not in row:
        if not re.fullmatch("[0-9a-f]{64}", row["sha256"]):
            raise ValueError("no hash")
        return Kept(str(row["day"]), row["sha256"])
    content = str(row["content"])
    if json.loads(content)["schema"] != SCHEMA:
        raise ValueError("not of this kind")
    return Kept(json.loads(content)["day"], fingerprint(content.encode()), content)
