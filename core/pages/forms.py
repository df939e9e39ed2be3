"""Forms whose fields bear the API's own names: JSON pointers ("/donor/name", "/items/0/counted").

By its pointer a field finds its place in the body that is sent, and an error its place beside the field. What a
field may hold is said once, in the API's serializer; here is only how a browser's texts become that body.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

ABSENT = object()
WHOLE = re.compile(r"-?[0-9]{1,18}")
KEY = "key"


def body_of(shape: type[serializers.Serializer[Any]], data: QueryDict) -> dict[str, Any]:
    """The body that a form's texts stand for in this shape. An empty field that is not required is left out."""
    return _object(shape(), data, "")


def _object(shape: serializers.BaseSerializer[Any], data: QueryDict, at: str) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name, inner in getattr(shape, "fields", {}).items():
        value = ABSENT if inner.read_only else _value(inner, data, f"{at}/{name}")
        if value is not ABSENT:
            body[name] = value
    return body


def _value(shape: serializers.Field[Any, Any, Any, Any], data: QueryDict, at: str) -> Any:
    if isinstance(shape, serializers.ListField | serializers.ListSerializer):
        return _list(shape, data, at)
    if isinstance(shape, serializers.Serializer):
        is_there = shape.required or any(name.startswith(f"{at}/") for name in data)
        return _object(shape, data, at) if is_there else ABSENT
    if isinstance(shape, serializers.FileField):
        return ABSENT
    return _plain(shape, data.get(at), at)


def _list(shape: Any, data: QueryDict, at: str) -> Any:
    """Rows by the numbers in their names, or all values of fields of the same name."""
    child = shape.child
    if isinstance(child, serializers.Serializer):
        rows = {int(m[1]) for name in data if (m := re.match(rf"{re.escape(at)}/([0-9]{{1,4}})/", name))}
        values = [_object(child, data, f"{at}/{row}") for row in sorted(rows)]
    else:
        values = [_plain(child, text, at) for text in data.getlist(at) if text]
    return values if values or shape.required else ABSENT


def _plain(shape: serializers.Field[Any, Any, Any, Any], text: str | None, at: str) -> Any:
    if isinstance(shape, serializers.BooleanField):
        if not text:
            return ABSENT if shape.allow_null else False
        return {"true": True, "on": True, "false": False}.get(text, text)
    if text is None or (text == "" and not shape.required):
        return ABSENT
    if isinstance(shape, serializers.IntegerField) and WHOLE.fullmatch(text.strip()):
        return int(text)
    return text


@dataclass(frozen=True)
class Field:
    """One field of a form: its pointer, its label, and what a browser is told of it.

    `kind`: text, password, tel, number, date, select, radio, check, area, file or hidden. `options` are pairs of
    value and words.
    """

    name: str
    label: Any
    kind: str = "text"
    help: Any = ""
    options: Iterable[tuple[Any, Any]] = ()
    required: bool = False
    value: Any = ""
    faults: Sequence[str] = ()
    hints: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return "f" + re.sub(r"\W", "-", self.name)

    @property
    def described_by(self) -> str:
        ids = [f"{self.id}-help"] if self.help else []
        return " ".join([*ids, f"{self.id}-fault"] if self.faults else ids)

    @property
    def choices(self) -> list[tuple[str, Any, bool]]:
        return [(str(value), words, str(value) == str(self.value)) for value, words in self.options]

    @property
    def is_checked(self) -> bool:
        return self.value in (True, "true", "on")


def one_of(options: Iterable[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Options of which one has to be chosen: where there are several, none is chosen beforehand."""
    known = list(options)
    return known if len(known) == 1 else [("", _("choose")), *known]


def spreadsheet_field(label: Any) -> Field:
    """The one field of a screen that takes a table from a file."""
    help_text, hints = _("A spreadsheet (.xlsx) or .csv."), {"accept": ".xlsx,.csv"}
    return Field("/file", label, "file", required=True, help=help_text, hints=hints)


class Form:
    """Fields with what was typed into them and what is wrong with it."""

    def __init__(
        self,
        fields: Sequence[Field],
        data: QueryDict | None = None,
        *,
        detail: str = "",
        faults: Sequence[Mapping[str, str]] = (),
    ) -> None:
        self.key = (data.get(KEY) if data else None) or str(uuid.uuid4())
        self.fields = [_bound(each, data, faults) for each in fields]
        shown = {each.name for each in fields if each.kind != "hidden"}
        # What is wrong with no field of this form is said above it.
        self.faults = [fault["message"] for fault in faults if fault["pointer"] not in shown]
        if detail and not faults:
            self.faults = [detail]
        self.detail = detail

    def __getitem__(self, name: str) -> Field:
        return {each.name: each for each in self.fields}[name]


def _bound(one: Field, data: QueryDict | None, faults: Sequence[Mapping[str, str]]) -> Field:
    said = [fault["message"] for fault in faults if fault["pointer"] == one.name]
    if data is None or one.kind in {"password", "file"}:
        return replace(one, faults=said)
    return replace(one, value=data.get(one.name, "" if one.kind != "hidden" else one.value), faults=said)
