"""The rehearsed restores over HTTP."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework import serializers

from core.ordering import Ordering
from organisation.access import Access
from organisation.lists import ScopedList
from reports.drills import restore_drills
from reports.models.drills import RestoreDrill


class RestoreDrillShape(serializers.ModelSerializer[RestoreDrill]):
    """Whether and when. How long it took and what did not hold are of all counties together: the command that
    rehearses tells them to whoever runs the installation."""

    class Meta:
        model = RestoreDrill
        fields = ["at", "good", "backup_taken_at"]


class RestoreDrills(ScopedList[RestoreDrill]):
    """When the newest backup was restored beside the running system and verified, and what came of it; newest first.

    Of the whole installation: every county reads the same list.
    """

    model = RestoreDrill
    serializer_class = RestoreDrillShape
    filter_backends = (Ordering,)

    def rows(self, access: Access) -> QuerySet[RestoreDrill]:
        return restore_drills()
