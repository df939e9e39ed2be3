import traceback
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.database import GIVEN_UP, PREPARED, django_database

NAMES = ("NAME", "USER", "PASSWORD", "HOST", "PORT")
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://u:p@db.example:6432/stock", ("stock", "u", "p", "db.example", "6432")),
        ("postgres://u@db.example/stock", ("stock", "u", "", "db.example", "")),
        ("postgresql://u@/stock?host=/run/postgresql", ("stock", "u", "", "/run/postgresql", "")),
        ("postgresql://u@%2FVar%2Frun/stock", ("stock", "u", "", "/Var/run", "")),
        ("postgresql:///stock", ("stock", "", "", "", "")),
        ("postgresql://u:p%40%2F%3A%23@[::1]:5432/stock", ("stock", "u", "p@/:#", "::1", "5432")),
        ("postgresql://a,b:5433/stock", ("stock", "", "", "a,b", ",5433")),
        ("postgresql://u@h/%E5%BA%93", ("库", "u", "", "h", "")),
        ("postgresql://u@h/a?dbname=b&port=7&user=v", ("b", "v", "", "h", "7")),
    ],
)
def test_django_database_of_address(url, expected):
    entry = django_database(url)

    assert tuple(entry[name] for name in NAMES) == expected


def test_django_database_passes_other_parameters_to_libpq():
    entry = django_database("postgresql://h/d?sslmode=verify-full&sslrootcert=/a+b&application_name=x%20y")

    assert entry["OPTIONS"] == GIVEN_UP | PREPARED | {
        "connect_timeout": 5,
        "sslmode": "verify-full",
        "sslrootcert": "/a+b",
        "application_name": "x y",
    }


def test_django_database_timeouts_can_be_chosen():
    entry = django_database("postgresql://h/d?connect_timeout=2&tcp_user_timeout=0")

    assert entry["OPTIONS"] == GIVEN_UP | PREPARED | {"connect_timeout": "2", "tcp_user_timeout": "0"}


def test_django_database_keeps_connections_and_checks_them():
    entry = django_database("postgresql://h/d")

    assert (entry["ENGINE"], entry["CONN_MAX_AGE"], entry["CONN_HEALTH_CHECKS"]) == (
        "config.backend",
        60,
        True,
    )


@settings(deadline=None)
@given(TEXT, TEXT, TEXT)
def test_django_database_round_trip(user, password, name):
    user_, password_, name_ = (quote(text, safe="") for text in (user, password, name))

    entry = django_database(f"postgresql://{user_}:{password_}@h:1/{name_}")

    assert (entry["USER"], entry["PASSWORD"], entry["NAME"]) == (user, password, name)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "stock",
        "mysql://u:secret@h/d",
        "sqlite:///secret",
        "dbname=secret",
        "postgresql://u:secret@h",
        "postgresql://u:secret@h/",
        "postgresql://u:secret@h/d?nosuch=1",
        "postgresql://u:secret%zz@h/d",
        "postgresql://u:secret%00@h/d",
        "postgresql://u:secret@[::1/d",
    ],
)
def test_django_database_wrong_address_is_refused_without_quoting_it(url):
    with pytest.raises(ValueError, match=r"^DATABASE_URL ") as caught:
        django_database(url)

    assert "secret" not in "".join(traceback.format_exception_only(caught.value))
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
