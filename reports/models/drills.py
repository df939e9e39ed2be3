"""Rehearsed restores of the installation."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.models import of_our_age


class RestoreDrill(models.Model):
    """One rehearsal of a restore: the newest backup put back beside the running system and verified. Append-only.

    Of the whole installation, not of a county. `good` only where everything held; else `detail` says what did not,
    and `backup_taken_at` is empty where there was no backup to be read.
    """

    at = models.DateTimeField()
    good = models.BooleanField()
    backup_taken_at = models.DateTimeField(null=True)
    seconds = models.PositiveIntegerField()
    detail = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            of_our_age("at", "restore_drill_of_our_age"),
            models.CheckConstraint(
                condition=Q(good=True, backup_taken_at__isnull=False, detail="")
                | Q(good=False) & ~Q(detail=""),
                name="restore_drill_says_what_failed",
            ),
        ]
