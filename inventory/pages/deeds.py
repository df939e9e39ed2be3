"""Screens that do one thing to one document: a sentence, perhaps a field or two, and a button."""

from __future__ import annotations

from django.urls import reverse

from core.pages import Reply, StepPage


class DeedPage(StepPage):
    """`api` is the API's route with the page's own parts in braces; afterwards the screen `after` is shown, with the
    same parts if `after_same`."""

    api = ""
    after = ""
    after_same = False

    def route(self) -> str:
        return self.api.format(**self.kwargs)

    def done(self, reply: Reply) -> str:
        return reverse(self.after, kwargs=self.kwargs if self.after_same else None)
