"""One statement for a row and the rows that belong to it, where the ORM needs one for each table."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection, models


def insert_with_children(parent: models.Model, children: Sequence[models.Model], link: str) -> None:
    """Write `parent` and its `children` (of one model, at least one) and set the ids of all; `link` is the
    children's field that points to the parent.

    The database counts the ids, in the order given.
    """
    statement, own, others = _statement(type(parent), type(children[0]), link)
    values = [_value(parent, field) for field in own]
    lists = [[_value(row, field) for row in children] for field in others]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, *lists])
        made = cursor.fetchall()
    _written(parent, made[0][1])
    for row, (pk, _parent) in zip(children, made, strict=True):
        setattr(row, link, parent)
        _written(row, pk)


@cache
def _statement(
    parent: type[models.Model], child: type[models.Model], link: str
) -> tuple[str, list[Any], list[Any]]:
    """The statement, and the columns of the parent and of the children for which it has a place."""
    own, others = _columns(parent), [field for field in _columns(child) if field.name != link]
    reference: Any = child._meta.get_field(link)
    names = ", ".join(f"c{at}" for at in range(len(others)))
    lists = ", ".join(f"%s::{_type(field)}[]" for field in others)
    statement = f"""
        WITH parent AS ({_insert(parent, own)} VALUES ({", ".join("%s" for _field in own)}) RETURNING id)
        {_insert(child, [*others, reference])}
        SELECT {names}, parent.id FROM parent, unnest({lists}) WITH ORDINALITY AS v({names}, place)
        ORDER BY place
        RETURNING id, {reference.column}
        """  # noqa: S608 - tables and columns of our own
    return statement, own, others


def _columns(model: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if not field.primary_key]


def _insert(model: type[models.Model], fields: Sequence[Any]) -> str:
    return f"INSERT INTO {model._meta.db_table} ({', '.join(field.column for field in fields)})"


def _type(field: Any) -> str:
    return str(field.rel_db_type(connection) if field.is_relation else field.db_type(connection))


def _value(row: models.Model, field: Any) -> Any:
    return field.get_db_prep_save(getattr(row, field.attname), connection)


def _written(row: models.Model, pk: int) -> None:
    row.pk = pk
    row._state.adding, row._state.db = False, connection.alias
