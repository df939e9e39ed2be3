"""Somebody's list of people who are to sign in: its header in any order, its lines, and every cell at fault.

One line is one role of one person: who holds several stands on several lines. Nothing here writes; what a list means
in a county is said by `PeopleWords`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl.utils import get_column_letter

from core.language import in_language
from core.safe_text import TextRefused, safe_text
from core.spreadsheets import Kind, SheetRow
from organisation.unit_lists import REMARK, TITLE_ROWS, CellFault

HEADS = {
    "name": {"姓名", "名字"},
    "username": {"用户名", "账号", "登录名"},
    "role": {"角色", "岗位"},
    "place": {"机构", "机构名称", "机构编码", "单位"},
    "township": {"乡镇"},
}
USERNAME = re.compile(r"[\w.@+-]{3,60}")
APART = gettext_lazy("System, security and audit are looked after by different people.")
# A column, and the code and words of what is wrong in it.
Said = tuple[str, str, str]


@dataclass(frozen=True)
class PersonLine:
    """One line, role, place and township as codes once it is judged; without a role the account has none yet."""

    row: int
    name: str = ""
    username: str = ""
    role: str = ""
    place: str = ""
    township: str = ""


@dataclass(frozen=True)
class PeopleWords:
    """What a county knows: roles, places and townships by the words that a list may call them by, which roles are
    held where, the user names there are, and which roles no one person may hold together."""

    roles: Mapping[str, str]
    places: Mapping[str, str]
    townships: Mapping[str, str]
    at_places: Set[str]
    at_townships: Set[str]
    apart: Set[str]
    taken: Set[str]

    @cached_property
    def role_names(self) -> str:
        """The roles as a Chinese list calls them."""
        return in_language("；", "; ").join(name for name in self.roles if not name.isascii())


@dataclass
class PeopleList:
    """Lines as they stand; with any fault nothing of it may be taken over."""

    lines: list[PersonLine] = field(default_factory=list)
    faults: list[CellFault] = field(default_factory=list)

    @property
    def people(self) -> list[dict[str, object]]:
        """Each person once, with their roles, in the order of the list."""
        found: dict[str, dict[str, object]] = {}
        for line in self.lines:
            bare: dict[str, object] = {"name": line.name, "username": line.username, "roles": []}
            roles = found.setdefault(line.username.casefold(), bare)["roles"]
            role = {"role": line.role, "place": line.place or None, "township": line.township or None}
            if line.role and role not in roles:  # type: ignore[operator]
                roles.append(role)  # type: ignore[attr-defined]
        return list(found.values())


def read_people_list(rows: Sequence[SheetRow], words: PeopleWords) -> PeopleList | None:
    """The list with all its faults; None where no header is found."""
    for index, row in enumerate(rows[:TITLE_ROWS]):
        heads = [REMARK.sub("", cell.text) for cell in row.cells]
        columns = {
            each: at
            for each, known in HEADS.items()
            for at, head in reversed([*enumerate(heads)])
            if head in known
        }
        if {"name", "username"} <= columns.keys():
            return _Reader(columns, words).read(rows[index + 1 :])
    return None


def against_account(username: str, words: PeopleWords) -> Iterator[Said]:
    """What is wrong with a user name that somebody new is to have."""
    if not USERNAME.fullmatch(username):
        yield "username", "username_unfit", _("3 to 60 letters, digits, or one of . @ + - _")
    elif username.casefold() in words.taken:
        yield "username", "username_taken", _("Somebody has this user name already.")


def against_role(role: str, place: str, township: str, words: PeopleWords) -> Iterator[Said]:
    """What is wrong with where a role (a code, or none) is to be held."""
    if place and place not in words.places:
        yield "place", "unknown_place", _("No place has this name or code.")
    if township and township not in words.townships:
        yield "township", "unknown_township", _("The county has no such township.")
    if role in words.at_places and not place:
        yield "place", "scope_does_not_fit", _("This role is held at a place.")
    if place and role not in words.at_places:
        yield "place", "scope_does_not_fit", _("This role is held at no place.")
    if township and role not in words.at_townships:
        yield "township", "scope_does_not_fit", _("This role is held for no township.")


def are_apart(roles: Set[str], words: PeopleWords) -> bool:
    """Whether no one person may hold these together."""
    return len(roles & words.apart) > 1


class _Reader:
    def __init__(self, columns: Mapping[str, int], words: PeopleWords) -> None:
        self.columns, self.words = columns, words
        self.found = PeopleList()
        self.first: dict[str, PersonLine] = {}
        self.held: dict[str, set[str]] = {}

    def read(self, rows: Sequence[SheetRow]) -> PeopleList:
        for row in rows:
            before = len(self.found.faults)
            line = PersonLine(row.number, **{each: self._text(row, each) for each in self.columns})
            # A line with a cell that cannot be read is judged once it can be.
            if line == PersonLine(row.number) or len(self.found.faults) > before:
                continue
            judged = self._judged(line)
            if len(self.found.faults) == before:
                self.found.lines.append(judged)
        self.found.faults.sort(key=lambda fault: (fault.row, fault.column))
        return self.found

    def _judged(self, line: PersonLine) -> PersonLine:
        for column, code, message in (*self._of_account(line), *self._of_role(line)):
            self._fault(line.row, column, code, message)
        return replace(
            line,
            role=self.words.roles.get(line.role, ""),
            place=self.words.places.get(line.place, ""),
            township=self.words.townships.get(line.township, ""),
        )

    def _of_account(self, line: PersonLine) -> Iterator[Said]:
        if not line.name:
            yield "name", "required", _("A name is needed.")
        yield from against_account(line.username, self.words)
        first = self.first.setdefault(line.username.casefold(), line)
        if line.username and first.name != line.name:
            words = _("Row %(row)d gives this user name to somebody else.") % {"row": first.row}
            yield "name", "named_twice", words

    def _of_role(self, line: PersonLine) -> Iterator[Said]:
        words, role = self.words, self.words.roles.get(line.role, "")
        if line.role and not role:
            names = words.role_names
            yield "role", "unknown_role", _("There is no such role. There are: %(names)s.") % {"names": names}
            return
        yield from against_role(role, line.place, line.township, words)
        held = self.held.setdefault(line.username.casefold(), set())
        if are_apart({role, *held}, words):
            yield "role", "administrations_apart", str(APART)
        held.add(role)

    def _text(self, row: SheetRow, column: str) -> str:
        at = self.columns[column]
        if at >= len(row.cells):
            return ""
        cell = row.cells[at]
        if cell.kind in {Kind.FORMULA, Kind.ERROR}:
            self._fault(row.number, column, str(cell.kind), _("This cell holds a formula; paste its text."))
            return ""
        try:
            return safe_text(cell.text, max_length=60 if column in {"name", "username"} else 80)
        except TextRefused as error:
            self._fault(row.number, column, error.code, in_language(error.message, error.message_en))
            return ""

    def _fault(self, row: int, column: str, code: str, message: str) -> None:
        at = self.columns.get(column)
        letter = "" if at is None else get_column_letter(at + 1)
        self.found.faults.append(CellFault(row, letter, column, code, message))
