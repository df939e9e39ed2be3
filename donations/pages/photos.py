"""The page on which a photo of an item is taken: at the counter, and at the table where it is sorted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.pages import Field, FormPage


class PhotoShape(serializers.Serializer[Any]):
    """A photo is sent as a file only."""


class PhotoPage(FormPage):
    """A photo of the item in the address, for a pharmacist who is not here; where from, a subclass says."""

    title = _("Photo of the goods")
    button = _("Keep the photo")
    said = _("The photo is kept.")
    shape = PhotoShape

    def route(self) -> str:
        return f"items/{self.kwargs['item']}/photos/"

    def fields(self) -> Sequence[Field]:
        hints = {"accept": "image/jpeg,image/png,image/webp", "capture": "environment"}
        return [Field("/photo", _("Photo"), "file", required=True, hints=hints)]

    def context(self) -> Mapping[str, Any]:
        return {"is_upload": True}
