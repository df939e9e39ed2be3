"""A county on the durable database, with the people of the load signed in, and the service before it."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, connections

from config.binaries import find_binaries
from config.database import django_database
from config.database_roles import role_statements
from config.postgres import ensure_database
from organisation.authentication import issue_token
from organisation.models import Person
from tests.distribution.stock import profile, stock
from tests.faults.client import Account
from tests.faults.database import Database
from tests.faults.settings import IS_LONG
from tests.faults.web import Service, Web, sealer
from tests.fixtures import QuickArgon2
from tests.served import cloned_url
from tests.world import PASSWORD, World

LOTS = ("A1", "B2", "C3", "D4")


@dataclass
class Stage:
    database: Database
    web: Web
    sealer: Service
    accounts: dict[str, Account]


@contextlib.contextmanager
def stage(folder: Path, *, megabytes: int = 0) -> Iterator[Stage]:
    """All that the load needs, gone at the end. `folder` is for what the service keeps; the database's disk has so
    many megabytes, or is the machine's."""
    database = Database(megabytes)
    web, sealing = Web(database.url(), folder), sealer(database.url(), folder)
    try:
        web.start()  # it asks nothing of the database before the first request
        database.start()
        copy_tables(cloned_url(), database)
        with django_on(database.url("postgres")):
            grant_roles()
            world = World()
            accounts = people(world)
            shelves(world)
        database.make_durable()
        web.await_ready()
        if IS_LONG:  # in the short form all is sealed in the end
            sealing.start()
        yield Stage(database, web, sealing, accounts)
    finally:
        sealing.stop()
        web.stop()
        database.remove()


def copy_tables(source: str, database: Database) -> None:
    """The migrated tables of the tests' own database."""
    url = database.url("postgres")
    ensure_database(database.server.url("donations"))
    dump = [find_binaries() / "pg_dump", "--no-owner", "--no-acl", source]
    load = [find_binaries() / "psql", "--quiet", "--single-transaction", "--set", "ON_ERROR_STOP=1", url]
    dumped = subprocess.run(dump, check=True, capture_output=True).stdout
    loaded = subprocess.run(load, input=dumped, capture_output=True, check=False)
    assert loaded.returncode == 0, loaded.stderr.decode()[-2000:]


def grant_roles() -> None:
    """The roles as which an installation serves."""
    with connection.cursor() as cursor:
        cursor.execute("\n".join(role_statements("faults")))


@contextlib.contextmanager
def django_on(url: str) -> Iterator[None]:
    """Django's own connection leads to the database at `url`."""
    held = connections["default"]
    connections["default"] = held.copy()
    connections["default"].settings_dict = held.settings_dict | django_database(url)
    try:
        yield
    finally:
        connection.close()
        connections["default"] = held


def people(world: World) -> dict[str, Account]:
    """One person for each part in the load; roles by their own names, second persons by another."""
    persons = {
        role: world.person(role)
        for role in ("checker", "pharmacist", "lead_pharmacist", "allocator", "approver", "clinic")
    }
    persons["second lead"] = world.person("lead_pharmacist", name="second lead")
    persons |= {"clerk": world.person("clerk"), "office": world.person("clerk", world.office)}
    return {name: account(person) for name, person in persons.items()}


def account(person: Person) -> Account:
    person.password = QuickArgon2().encode(PASSWORD, "salt of the tests")
    person.save(update_fields=["password"])
    token, _row = issue_token(person)
    return Account(person.username, PASSWORD, token)


def shelves(world: World) -> None:
    """Enough on the shelves for hand-outs and plans from the first moment on."""
    for place in (world.centre, *world.villages):
        profile(world, place, population=50_000)
    for lot in LOTS:
        stock(world, 20_000, lot=lot)
        for village in world.villages:
            stock(world, 90_000, lot=lot, place=village, side="clinic")  # type: ignore[arg-type]
