"""One plain statement for many rows, where the ORM needs one for each table or takes long to write it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection, models


def insert_linked(parents: Sequence[models.Model], children: Sequence[models.Model], link: str) -> None:
    """Write `parents` and `children`, each of one model, and set the ids of all.

    `link` is the children's field that points to their parent: one of `parents` that is not written yet, or
    nothing where it may be null. The database counts the ids, in the order given.
    """
    if not parents or not children:
        for rows in filter(None, (parents, children)):
            type(rows[0])._default_manager.bulk_create(rows)
        return
    statement, own, others = _statement(type(parents[0]), type(children[0]), link)
    places = {id(parent): place for place, parent in enumerate(parents, start=1)}
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            [
                *([_value(row, field) for row in parents] for field in own),
                [places.get(id(getattr(row, link))) for row in children],
                *([_value(row, field) for row in children] for field in others),
            ],
        )
        made = cursor.fetchall()
    _written(parents, [pk for is_parent, pk in made if is_parent])
    _written(children, [pk for is_parent, pk in made if not is_parent])
    for row in children:
        setattr(row, link, getattr(row, link))  # now that the parent has its id


def update_rows(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Write these fields of rows of one model, all in one statement.

    What the ORM's bulk_update makes of a hundred rows takes longer to put together than to carry out.
    """
    if not rows:
        return
    model = type(rows[0])
    fields: list[Any] = [model._meta.pk, *(model._meta.get_field(name) for name in names)]
    changes = ", ".join(f'"{field.column}" = given."{field.column}"' for field in fields[1:])
    statement = f"""
        UPDATE {model._meta.db_table} kept SET {changes}
        FROM unnest({_lists(fields)}) AS given({_names(fields)})
        WHERE kept.{fields[0].column} = given.{fields[0].column}
        """  # noqa: S608 - tables and columns of our own
    with connection.cursor() as cursor:
        cursor.execute(statement, [[_value(row, field) for row in rows] for field in fields])


@cache
def _statement(
    parent: type[models.Model], child: type[models.Model], link: str
) -> tuple[str, list[Any], list[Any]]:
    """The statement, and the columns of the parents and of the children for which it takes a list."""
    own = [field for field in parent._meta.concrete_fields if not field.primary_key]
    others = [field for field in child._meta.concrete_fields if not field.primary_key and field.name != link]
    column = child._meta.get_field(link).column  # type: ignore[union-attr]
    statement = f"""
        WITH parent AS (
            INSERT INTO {parent._meta.db_table} ({_names(own)})
            SELECT {_names(own)} FROM unnest({_lists(own)}) WITH ORDINALITY AS given({_names(own)}, place)
            ORDER BY place RETURNING id
        ), numbered AS (
            SELECT id, row_number() OVER (ORDER BY id) AS place FROM parent
        ), child AS (
            INSERT INTO {child._meta.db_table} ({column}, {_names(others)})
            SELECT numbered.id, {_names(others, "given.")}
            FROM unnest(%s::bigint[], {_lists(others)})
                WITH ORDINALITY AS given(parent_place, {_names(others)}, place)
            LEFT JOIN numbered ON numbered.place = given.parent_place
            ORDER BY given.place RETURNING id
        )
        SELECT true, id FROM parent UNION ALL SELECT false, id FROM child ORDER BY 1, 2
        """  # noqa: S608 - tables and columns of our own
    return statement, own, others


def _names(fields: Sequence[Any], of: str = "") -> str:
    return ", ".join(f'{of}"{field.column}"' for field in fields)


def _lists(fields: Sequence[Any]) -> str:
    return ", ".join(
        f"%s::{field.rel_db_type(connection) if field.is_relation else field.db_type(connection)}[]"
        for field in fields
    )


def _value(row: models.Model, field: Any) -> Any:
    return field.get_db_prep_save(getattr(row, field.attname), connection)


def _written(rows: Sequence[models.Model], ids: Sequence[int]) -> None:
    for row, pk in zip(rows, ids, strict=True):
        row.pk = pk
        row._state.adding, row._state.db = False, connection.alias
