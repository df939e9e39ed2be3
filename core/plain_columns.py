"""Rows of a long list read as columns, where every column of its shape stands in the database as it is shown.

A file of a million rows would else make a million objects of the row and of each thing it refers to, only to ask
every one of them for a single column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import ForeignKey, Model, QuerySet
from django.db.models.query import ModelIterable
from rest_framework import serializers

# Fields that show a value of the database without asking the row for anything else.
PLAIN = {
    serializers.BigIntegerField, serializers.BooleanField, serializers.CharField, serializers.ChoiceField,
    serializers.DateField, serializers.DateTimeField, serializers.IntegerField, serializers.UUIDField,
}  # fmt: skip

Path = tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """The paths of the database behind a field, and how it shows a value; several are the words of one text."""

    paths: tuple[str, ...]
    show: Callable[[Any], Any]

    def shown(self, values: Iterator[Any]) -> Any:
        """Of a row's values, so many as this column has paths."""
        own = [next(values) for _path in self.paths]
        value = " ".join(own).strip() if len(own) > 1 and None not in own else own[0]
        return None if value is None else self.show(value)


def plain_rows(rows: Any, shape: Any, columns: Sequence[Path], portion: int) -> Iterator[list[Any]] | None:
    """The values of each row as the shape shows them, or None where only the shape itself can tell them."""
    if not isinstance(rows, QuerySet) or not _is_plain(rows):
        return None
    told = [column for path in columns if (column := _column(shape, path, rows.model))]
    return _shown(rows, told, portion) if len(told) == len(columns) else None


def _is_plain(rows: QuerySet[Any]) -> bool:
    """Whether a row is one object, of which nothing is fetched apart."""
    of_models = issubclass(rows._iterable_class, ModelIterable)
    apart = rows._prefetch_related_lookups  # type: ignore[attr-defined]
    return of_models and not apart and not rows.query.distinct and not rows.query.combinator


def _shown(rows: QuerySet[Any], columns: list[Column], portion: int) -> Iterator[list[Any]]:
    paths = [path for column in columns for path in column.paths]
    for row in rows.values_list(*paths).iterator(chunk_size=portion):
        values = iter(row)
        yield [column.shown(values) for column in columns]


def _column(shape: Any, path: Path, model: type[Model]) -> Column | None:
    """What stands behind a field of the shape, if it is columns alone."""
    attributes: list[str] = []
    field = shape
    for name in path:
        if type(field).to_representation is not serializers.Serializer.to_representation:
            return None
        field = field.fields[name]
        attributes += field.source_attrs
    words = _words(model, attributes) if type(field) in PLAIN else ()
    paths = tuple("__".join([*attributes, *word]) for word in words)
    return Column(paths, field.to_representation) if paths else None


def _words(model: Any, path: Sequence[str]) -> list[list[str]]:
    """What follows the path: nothing if it leads to a column, the columns of a name if to what has one; else none."""
    try:
        fields = []
        for step in path:
            fields.append(model._meta.get_field(step))
            model = fields[-1].related_model
            if model is None:
                break
    except FieldDoesNotExist:
        return []
    if len(fields) < len(path) or not all(isinstance(each, ForeignKey) for each in fields[:-1]):
        return []
    is_object = isinstance(fields[-1], ForeignKey) and path[-1] == fields[-1].name
    if is_object:
        return [[word] for word in getattr(model, "WORDS", ())]
    return [[]] if fields[-1].concrete and path[-1] == fields[-1].attname else []
