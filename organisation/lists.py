"""Lists whose rows depend on who asks."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

from core.lists import Listing
from organisation.access import Access, access_of

M = TypeVar("M", bound=Model)


class ScopedList(Listing[M]):
    """Rows of one's own county, page by page: those that one's roles, places and the filters leave."""

    # Subclasses give `model` and `rows`.

    model: type[M]

    def get_queryset(self) -> QuerySet[M]:
        if getattr(self, "swagger_fake_view", False):
            return self.model._default_manager.none()
        return self.rows(access_of(self.request))

    def rows(self, access: Access) -> QuerySet[M]:
        raise NotImplementedError
