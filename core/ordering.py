"""The order of a list: by every column whose value stands in the rows themselves.

A list needs to name only what cannot be read off its shape: `orderings` maps such names to paths of the rows. Which
kind of rows it has is said by `rows_are`. A journal has no order but its book's; one name turns it round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Model, QuerySet
from django.db.models.fields.related import RelatedField
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.filters import BaseFilterBackend
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from core.errors import Fault, Invalid

# What no order can be made of.
SHAPES = (
    serializers.BaseSerializer,
    serializers.ListField,
    serializers.DictField,
    serializers.JSONField,
    serializers.SerializerMethodField,
    serializers.HiddenField,
)


class Rows(Enum):
    """What a list is made of: rows of its model, sums of them (a dict each), or objects that Python tells."""

    MODELS = "models"
    SUMS = "sums"
    TOLD = "told"


def orders_of(view: Any) -> Mapping[str, str]:
    """The names that a list (a class) may be ordered by, each with its path in the rows."""
    return _orders_of(view)


@cache
def _orders_of(view: Any) -> Mapping[str, str]:
    named: Mapping[str, str] = view.orderings
    is_read = view.rows_are is Rows.SUMS or Ordering in view.filter_backends
    if not is_read or issubclass(view.pagination_class, CursorPagination):
        return named
    fields = view.serializer_class().fields.items()
    plain = {name: field.source_attrs for name, field in fields if not isinstance(field, SHAPES)}
    if view.rows_are is Rows.TOLD:
        return {**{name: ".".join(path) for name, path in plain.items()}, **named}
    is_sum, model = view.rows_are is Rows.SUMS, getattr(view, "model", None)
    known = {name: path for name, path in plain.items() if is_sum or (model and _stands(model, path))}
    return {**{name: "__".join(path) for name, path in known.items()}, **named}


def _stands(model: type[Model], path: Sequence[str]) -> bool:
    """Whether the path leads to a column of the model or of what it refers to, and to no reference itself."""
    at: Any = model
    for step in path[:-1]:
        related = _field(at, step)
        if not isinstance(related, RelatedField) or related.many_to_many:
            return False
        at = related.related_model
    last = _field(at, path[-1])
    return last is not None and getattr(last, "concrete", False) and not _is_reference(last, path[-1])


def _field(model: Any, name: str) -> Any:
    try:
        return model._meta.get_field("id" if name == "pk" else name.removesuffix("_id"))
    except FieldDoesNotExist:
        return None


def _is_reference(field: Any, name: str) -> bool:
    return isinstance(field, RelatedField) and not name.endswith("_id")


class Ordering(BaseFilterBackend):
    """`ordering=name,-other`: by names that the list knows, what has no value last."""

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        asked, known = request.query_params.get("ordering", ""), orders_of(type(view))
        if not asked or not known:
            return queryset
        names = asked.split(",")
        if any(name.removeprefix("-") not in known for name in names):
            words = _("This list is ordered by %(names)s.") % {"names": ", ".join(known)}
            raise Invalid(faults=[Fault("/ordering", "invalid_choice", words)])
        paths = [(known[name.removeprefix("-")], name.startswith("-")) for name in names]
        return _ordered(queryset, paths) if isinstance(queryset, QuerySet) else _sorted(queryset, paths)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        if not orders_of(type(view)):
            return []
        words = f"By {', '.join(orders_of(type(view)))}; a minus before a name turns its order round."
        return [
            {"name": "ordering", "in": "query", "description": words, "schema": {"type": "string"}},
        ]


def _ordered(rows: QuerySet[Any], paths: Sequence[tuple[str, bool]]) -> QuerySet[Any]:
    """Rows that are alike keep the list's own order; without one, that of their keys."""
    orders = [
        F(path).desc(nulls_last=True) if falls else F(path).asc(nulls_last=True) for path, falls in paths
    ]
    is_sum = rows.query.group_by is not None
    return rows.order_by(*orders, *rows.query.order_by, *([] if is_sum else ["pk"]))


def _sorted(rows: Sequence[Any], paths: Sequence[tuple[str, bool]]) -> list[Any]:
    found = list(rows)
    for path, falls in reversed(paths):
        value = _value_at(path)
        present = [row for row in found if value(row) is not None]
        found = sorted(present, key=value, reverse=falls) + [row for row in found if value(row) is None]
    return found


def _value_at(path: str) -> Any:
    """What stands at the end of a chain of attributes; None where it breaks off."""
    read = attrgetter(path)

    def value(row: Any) -> Any:
        try:
            return read(row)
        except AttributeError:
            return None

    return value
