"""One statement for a row and the rows that belong to it, where the ORM needs one for each table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, models


def insert_with_children(parent: models.Model, children: Sequence[models.Model], link: str) -> None:
    """Write `parent` and its `children` (of one model, at least one) and set the ids of all; `link` is the
    children's field that points to the parent.

    The database counts the ids, in the order given.
    """
    child = type(children[0])
    own, others = _columns(type(parent)), [f for f in _columns(child) if f.name != link]
    reference = child._meta.get_field(link)
    statement = f"""
        WITH parent AS ({_insert(parent, own)} VALUES ({_marks(own, "%s")}) RETURNING id)
        {_insert(children[0], [*others, reference])}
        SELECT {", ".join(f"v.c{at}" for at in range(len(others)))}, parent.id
        FROM parent, unnest({_marks(others, "%s::{}[]")})
            WITH ORDINALITY AS v({", ".join(f"c{at}" for at in range(len(others)))}, place)
        ORDER BY v.place
        RETURNING id, {reference.column}
        """  # noqa: S608 - tables and columns of our own
    values = [_value(parent, field) for field in own]
    lists = [[_value(row, field) for row in children] for field in others]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, *lists])
        made = cursor.fetchall()
    parent.pk = made[0][1]
    parent._state.adding, parent._state.db = False, "default"
    for row, (pk, _parent) in zip(children, made, strict=True):
        row.pk = pk
        setattr(row, link, parent)
        row._state.adding, row._state.db = False, "default"


def _columns(model: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if not field.primary_key]


def _insert(row: models.Model, fields: Sequence[Any]) -> str:
    return f"INSERT INTO {row._meta.db_table} ({', '.join(f.column for f in fields)})"


def _marks(fields: Sequence[Any], mark: str) -> str:
    return ", ".join(mark.format(field.rel_db_type(connection) if field.is_relation else field.db_type(connection))
                     for field in fields)  # fmt: skip


def _value(row: models.Model, field: Any) -> Any:
    return field.get_db_prep_save(getattr(row, field.attname), connection)
