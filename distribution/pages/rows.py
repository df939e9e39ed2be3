"""Forms with more rows than are meant: only those in which something was chosen are sent."""

from __future__ import annotations

import re
from typing import Any

from core.pages import FormPage, Reply, body_of


class RowsPage(FormPage):
    """Of the rows named `/lines/N/…`, those whose field `chosen` holds something are sent, one after another.

    What the API says of its second line is said at the row of the form that it came from. `rows` names other rows.
    """

    rows = "/lines"
    chosen = "quantity"

    def numbers(self) -> list[int]:
        """The numbers of the rows that are sent, in their order."""
        pattern = re.compile(rf"{self.rows}/([0-9]{{1,4}})/{self.chosen}")
        found = [(pattern.fullmatch(name), value) for name, value in self.request.POST.items()]
        return sorted(int(match[1]) for match, value in found if match and value)

    def body(self) -> dict[str, Any]:
        kept, data = set(self.numbers()), self.request.POST.copy()
        for name in self.request.POST:
            match = re.match(rf"{self.rows}/([0-9]{{1,4}})/", name)
            if match and int(match[1]) not in kept:
                del data[name]
        return body_of(self.shape, data)

    def send(self) -> Reply:
        reply = super().send()
        if reply.ok:
            return reply
        faults = [{**fault, "pointer": self._at_row(fault["pointer"])} for fault in reply.faults]
        return Reply(reply.status, {**reply.data, "errors": faults})

    def _at_row(self, pointer: str) -> str:
        match = re.match(rf"{self.rows}/([0-9]+)(?=/|$)", pointer)
        numbers = self.numbers()
        if not match or int(match[1]) >= len(numbers):
            return pointer
        return f"{self.rows}/{numbers[int(match[1])]}{pointer[match.end() :]}"
