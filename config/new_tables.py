"""The tables of a new database, made without Django's care for rows that are not there yet.

Before each step that changes a model, Django builds every class that is linked to it anew, and here a county links
them all: of the nine seconds that the migrations of an empty database took, seven went into classes that no step
looked at. A step looks at its own model and at the names of those it points to; that is what is built here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations import executor
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ModelState, ProjectState, StateApps


class NewTables(ProjectState):
    """Models as the steps have made them so far; of their classes only the changed one is built anew."""

    apps: StateApps

    def add_model(self, model_state: ModelState) -> None:
        key = model_state.app_label, model_state.name_lower
        self.models[key] = model_state
        if self._relations is not None:  # type: ignore[attr-defined]
            self.resolve_model_relations(key)
        if "apps" in self.__dict__:  # the property would build them all
            self.apps.render_multiple([model_state])

    def reload_model(self, app_label: str, model_name: str, delay: bool = False) -> None:
        if "apps" in self.__dict__:
            self.apps.unregister_model(app_label, model_name)
            self.apps.render_multiple([self.models[app_label, model_name]])

    def clone(self) -> NewTables:
        copy = NewTables({key: state.clone() for key, state in self.models.items()}, self.real_apps)
        if "apps" in self.__dict__:
            copy.apps = self.apps.clone()
        copy.is_delayed = self.is_delayed
        return copy


@contextmanager
def in_new_database(alias: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """While it lasts, steps are taken in the quick way if no step has been taken in this database yet."""
    if MigrationRecorder(connections[alias]).applied_migrations():
        yield
        return
    executor.ProjectState = NewTables  # type: ignore[attr-defined]
    try:
        yield
    finally:
        executor.ProjectState = ProjectState  # type: ignore[attr-defined]
