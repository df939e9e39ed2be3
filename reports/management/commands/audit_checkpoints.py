from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand

from reports.audit_queries import audit_checkpoints


class Command(BaseCommand):
    help = (
        "Print the signed checkpoints of the audit log, to be kept elsewhere: `verify_audit --checkpoints FILE` "
        "takes them. They say how much all counties together have written, so they are for nobody in a county."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        rows = [
            {
                "day": str(each.day),
                "sha256": each.sha256,
                "content": bytes(each.content).decode(errors="replace"),
            }
            for each in audit_checkpoints()
        ]
        self.stdout.write(json.dumps({"results": rows}, ensure_ascii=False, indent=1))
