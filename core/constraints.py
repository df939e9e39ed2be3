"""Constraints that keep every county's rows among themselves.

County stands in every key of the journals: the primary key is (id, county), and a reference from one journal
table to another carries the county too, so that the database refuses a row of one county that points into
another. Both are declared in a model's Meta.constraints like any other constraint.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import BaseConstraint


class _AlterTableConstraint(BaseConstraint):
    """A constraint made by ALTER TABLE once all tables of a migration step exist."""

    def definition(self, model: type[models.Model], editor: BaseDatabaseSchemaEditor) -> str:
        raise NotImplementedError

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))
        return ""

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        table = schema_editor.quote_name(model._meta.db_table)
        return f"ALTER TABLE {table} {self.definition(model, schema_editor)}"

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        quote = schema_editor.quote_name
        return f"ALTER TABLE {quote(model._meta.db_table)} DROP CONSTRAINT {quote(self.name)}"

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Nothing to ask beforehand: the database judges at the write."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.deconstruct() == other.deconstruct()

    __hash__ = BaseConstraint.__hash__


class CountyKey(_AlterTableConstraint):
    """PRIMARY KEY (id, county) in place of (id).

    One index serves look-ups by id, references by (county, id), and a later partitioning by county.
    """

    def definition(self, model: type[models.Model], editor: BaseDatabaseSchemaEditor) -> str:
        old = editor.quote_name(f"{model._meta.db_table}_pkey")
        return f"DROP CONSTRAINT {old}, ADD CONSTRAINT {editor.quote_name(self.name)} PRIMARY KEY (id, county_id)"

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        old = schema_editor.quote_name(f"{model._meta.db_table}_pkey")
        return f"{super().remove_sql(model, schema_editor)}, ADD CONSTRAINT {old} PRIMARY KEY (id)"


class SameCounty(_AlterTableConstraint):
    """FOREIGN KEY (county, field) REFERENCES the field's model (county, id): never across counties."""

    def __init__(self, *, field: str, name: str) -> None:
        self.field = field
        super().__init__(name=name)

    def definition(self, model: type[models.Model], editor: BaseDatabaseSchemaEditor) -> str:
        field: Any = model._meta.get_field(self.field)
        target = editor.quote_name(field.related_model._meta.db_table)
        return (
            f"ADD CONSTRAINT {editor.quote_name(self.name)} "
            f"FOREIGN KEY (county_id, {editor.quote_name(field.column)}) REFERENCES {target} (county_id, id)"
        )

    def deconstruct(self) -> tuple[str, Any, dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "field": self.field}


def county_fk(to: Any, **options: Any) -> models.ForeignKey[Any, Any]:
    """A reference inside one county: Django's relation without its own constraint and index.

    The model declares a SameCounty constraint for it, and an index only where a query plan needs one.
    """
    settings: dict[str, Any] = {"on_delete": models.DO_NOTHING, "db_constraint": False, "db_index": False}
    return models.ForeignKey(to, **{"related_name": "+", **settings, **options})
