"""The address of the database, as Django wants it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

SCHEMES = ("postgresql://", "postgres://")
CONNECT_SECONDS = 5
CONNECTION_AGE_SECONDS = 60
# A database whose machine or network is gone without a farewell is given up after half a minute, not, as the system
# would, after a quarter of an hour or never: so long every thread of the service would wait for it. How long a
# statement takes does not matter, for a living machine answers these probes by itself.
GIVEN_UP = {
    "tcp_user_timeout": 20_000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
# A connection plans a statement that comes again once and not every time.
PREPARED = {"server_side_binding": True, "prepare_threshold": 3}
DJANGO_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def django_database(url: str) -> dict[str, Any]:
    """Django's entry for the server and database that a connection address of libpq names.

    `postgresql://user:password@host:5432/name?sslmode=verify-full`, or with a socket's folder
    `postgresql://user@/name?host=/run/postgresql`. libpq itself takes it apart, so that it means here what it
    means to `psql`; parameters that Django has no name for go back to libpq as they are. Raises `ValueError`,
    which never quotes the address, for it may hold a password.

    Source: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
    """
    if not url.startswith(SCHEMES):
        raise ValueError("DATABASE_URL must begin with postgresql:// (no other database will do).")
    try:
        words = conninfo_to_dict(url)
    except (psycopg.ProgrammingError, UnicodeError):
        raise ValueError(
            "DATABASE_URL cannot be read: write postgresql://user:password@host:port/name?sslmode=… "
            "with special characters percent-encoded."
        ) from None
    entry = {ours: words.pop(libpq, "") for libpq, ours in DJANGO_NAMES.items()}
    if not entry["NAME"]:
        raise ValueError("DATABASE_URL names no database: postgresql://user@host/name")
    return entry | {
        "ENGINE": "config.backend",
        "CONN_MAX_AGE": CONNECTION_AGE_SECONDS,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": CONNECT_SECONDS} | GIVEN_UP | PREPARED | words,
    }


ADDRESS = "database-url"


def running_trial(var: Path) -> str:
    """The address of the database that a running trial left under `var`, or nothing."""
    note = var / ADDRESS
    return note.read_text().strip() if note.is_file() else ""


@contextmanager
def noted(url: str, var: Path) -> Iterator[None]:
    """While this lasts, commands started by hand find the trial's database."""
    note = var / ADDRESS
    note.touch(mode=0o600)
    note.write_text(url)
    try:
        yield
    finally:
        note.unlink(missing_ok=True)
