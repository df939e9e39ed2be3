"""Screens that do one thing to one document: a sentence, perhaps a field or two, and a button."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from core.pages import FormPage, Reply


class Nothing(serializers.Serializer[Any]):
    """A deed that is said by its address alone."""


class DeedPage(FormPage):
    """`api` is the API's route with the page's own parts in braces; afterwards the screen `after` is shown, with the
    same parts if `after_same`."""

    api = ""
    after = ""
    after_same = False
    shape: type[serializers.Serializer[Any]] = Nothing

    def route(self) -> str:
        return self.api.format(**self.kwargs)

    def done(self, reply: Reply) -> str:
        return reverse(self.after, kwargs=self.kwargs if self.after_same else None)
