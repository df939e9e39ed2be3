"""Groups of medicines that stand in for each other, typed line by line."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.functional import cached_property

from core.pages import Field, FormPage, Reply
from distribution.models.interchangeable import LARGEST_GROUP, MOST_GROUPS
from distribution.pages.fields import NamesMedicines


class NamesGroups(NamesMedicines, FormPage):
    """A form with a line for each group; lines left empty are not sent. `groups_at`: where the API takes them."""

    groups_at = "/groups"

    def group_fields(self, groups: Sequence[Sequence[str]], more: int) -> list[Field]:
        """Lines filled with these groups, by code, and some more to fill; `LARGEST_GROUP` fields each."""
        lines = [*groups, *([()] * more)][:MOST_GROUPS]
        return [
            self.medicine(f"{self.groups_at}/{line}/{place}", codes[place] if place < len(codes) else "")
            for line, codes in enumerate(lines)
            for place in range(LARGEST_GROUP)
        ]

    def group_lines(self, fields: Sequence[Field]) -> list[list[Field]]:
        """The fields of groups among these, line by line."""
        mine = [field for field in fields if field.name.startswith(f"{self.groups_at}/")]
        return [mine[n : n + LARGEST_GROUP] for n in range(0, len(mine), LARGEST_GROUP)]

    @cached_property
    def filled(self) -> list[list[tuple[str, str]]]:
        """The lines that name anything, each as names of fields and what was typed into them."""
        typed = self.request.POST
        lines = [
            [
                (name, typed[name].strip())
                for place in range(LARGEST_GROUP)
                for name in [f"{self.groups_at}/{line}/{place}"]
                if typed.get(name, "").strip()
            ]
            for line in range(MOST_GROUPS)
        ]
        return [line for line in lines if line]

    @property
    def groups_typed(self) -> list[list[str]]:
        """The codes of each line that names anything."""
        return [[self.code_of(words) for _name, words in line] for line in self.filled]

    def send(self) -> Reply:
        """What the API says of its second group is said at the line of the form that it came from."""
        reply = super().send()
        if reply.ok:
            return reply
        faults = [{**fault, "pointer": self._at_field(fault["pointer"])} for fault in reply.faults]
        return Reply(reply.status, {**reply.data, "errors": faults})

    def _at_field(self, pointer: str) -> str:
        parts = [int(part) for part in pointer.removeprefix(self.groups_at).split("/") if part.isdecimal()]
        if not pointer.startswith(f"{self.groups_at}/") or not parts or parts[0] >= len(self.filled):
            return pointer
        line = self.filled[parts[0]]
        return line[parts[1] if len(parts) > 1 else 0][0]
