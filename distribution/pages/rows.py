"""Forms with more rows than are meant: only those in which something was chosen are sent."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from django.http import HttpResponse

from core.pages import Field, Form, FormPage, Reply, body_of
from distribution.pages.fields import NamesMedicines


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


class MedicineRowsPage(NamesMedicines, RowsPage):
    """Rows that each name a medicine with figures beside it, under a `legend`, and what holds for all of them."""

    template = "distribution/medicine_rows.html"
    chosen = "medicine"
    legend: Any = ""

    def body(self) -> dict[str, Any]:
        body = super().body()
        lines = [{**line, "medicine": self.code_of(line["medicine"])} for line in body["lines"]]
        return {**body, "lines": lines}

    def shown(self, form: Form, status: int = 200) -> HttpResponse:
        rows: dict[str, list[Field]] = defaultdict(list)
        for field in form.fields:
            at = re.match(rf"{self.rows}/[0-9]+/", field.name)
            rows[at[0] if at else ""].append(field)
        rest = rows.pop("", [])
        return self.page(
            status,
            form=form,
            rows=list(rows.values()),
            rest=rest,
            known=self.known,
            legend=self.legend,
            button=self.button,
        )
