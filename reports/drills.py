"""Whether a restore was rehearsed lately."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.db.models import QuerySet

from reports.models.drills import RestoreDrill

# So long a drill that went well proves that the books could be restored.
PROVEN_FOR = datetime.timedelta(days=1)


def restore_drills() -> QuerySet[RestoreDrill]:
    """All rehearsals, the newest first."""
    return RestoreDrill.objects.order_by("-at", "-pk")


def drills_lacking(now: datetime.datetime) -> list[str]:
    """The rehearsal that is due, for the to-do list: none while the last good one is younger than a day.

    None either where no backups are expected, as in a trial.
    """
    if not settings.BACKUPS_EXPECTED or restore_drills().filter(good=True, at__gt=now - PROVEN_FOR).exists():
        return []
    return ["restore drill"]
