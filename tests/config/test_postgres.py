import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from config import binaries, postgres
from config.binaries import ServerError, find_binaries, is_open, major_version
from config.postgres import EmbeddedServer, check_locale, drop_database, ensure_database, scratch_server
from config.processes import wait_until

KEEPER = """
import sys, time
from pathlib import Path
from config.postgres import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]), durable=False)
server.start()
print(server.process.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def running():
    with scratch_server() as server:
        ensure_database(server.url("stock"))
        yield server


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One folder for all, for initdb takes longest; whoever spoils its data erases it."""
    folder = tmp_path_factory.mktemp("server") / "postgres"
    yield folder
    EmbeddedServer(folder).erase()
    shutil.rmtree(folder.resolve())


@pytest.fixture
def server(folder):
    with EmbeddedServer(folder, durable=False) as server:
        ensure_database(server.url("stock"))
        yield server


def ask(server, query, database="stock"):
    with psycopg.connect(server.url(database), autocommit=True) as connection:
        return connection.execute(query).fetchone()[0]


def write(server, amount):
    with psycopg.connect(server.url("stock")) as connection:
        connection.execute("DROP TABLE IF EXISTS box")
        connection.execute("CREATE TABLE box (amount int)")
        connection.execute("INSERT INTO box VALUES (%s)", [amount])


def is_alive(pid):
    """Whether the process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@contextlib.contextmanager
def keeper_of(folder, script=KEEPER):
    """Another process that keeps a server, and its postmaster."""
    with subprocess.Popen(
        [sys.executable, "-c", script, str(folder)], stdout=subprocess.PIPE, text=True
    ) as keeper:
        yield keeper, int(keeper.stdout.readline())
        keeper.kill()


def test_server_answers_in_chinese_capable_locale(running):
    check_locale(running.url("stock"))

    with psycopg.connect(running.url("stock"), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        trigrams = connection.execute("SELECT cardinality(show_trgm('阿莫西林'))").fetchone()[0]
    assert trigrams == 5


def test_server_without_durability_says_so(running):
    assert [ask(running, f"SHOW {name}") for name in ("fsync", "full_page_writes", "synchronous_commit")] == [
        "off"
    ] * 3


def test_server_takes_over_a_hundred_connections(running):
    assert int(ask(running, "SHOW max_connections")) > 100


def test_server_listens_on_a_private_socket_only(running):
    socket = Path(os.readlink(running.folder / "socket"))

    assert ask(running, "SHOW listen_addresses") == ""
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    assert len(os.fsencode(socket / ".s.PGSQL.5432")) < 107


def test_server_runs_as_an_ordinary_user_in_its_own_session(running):
    status = Path(f"/proc/{running.process.pid}")

    assert status.stat().st_uid == (os.geteuid() or running.data.stat().st_uid)
    assert status.stat().st_uid != 0
    assert os.getsid(running.process.pid) == running.process.pid


def test_server_has_no_group_of_root(running):
    groups = [
        line
        for line in Path(f"/proc/{running.process.pid}/status").read_text().splitlines()
        if "Groups:" in line
    ]

    assert os.geteuid() != 0 or groups[0].split()[1:] == []


def test_stop_leaves_no_process_and_no_socket(server):
    pid, socket = server.process.pid, Path(os.readlink(server.folder / "socket"))

    server.stop()

    assert (is_alive(pid), socket.exists(), (server.data / "postmaster.pid").exists()) == (
        False,
        False,
        False,
    )


def test_stop_does_not_wait_for_idle_connections(server):
    with psycopg.connect(server.url("stock")):
        begun = time.monotonic()
        server.stop()

    assert time.monotonic() - begun < 5


def test_data_stays_and_durable_server_syncs(server):
    write(server, 7)
    server.stop()

    with EmbeddedServer(server.folder) as again:
        assert ask(again, "SELECT sum(amount) FROM box") == 7
        assert [
            ask(again, f"SHOW {name}") for name in ("fsync", "full_page_writes", "synchronous_commit")
        ] == ["on"] * 3


def test_killed_durable_server_is_noticed_and_recovers(folder):
    with EmbeddedServer(folder) as server:
        ensure_database(server.url("stock"))
        write(server, 7)
        os.kill(server.process.pid, signal.SIGKILL)
        assert wait_until(lambda: not server.is_running(), 5)

        server.stop()
        server.start()

        assert ask(server, "SELECT sum(amount) FROM box") == 7


def test_server_ends_with_its_killed_parent(folder):
    with keeper_of(folder) as (keeper, postmaster):
        keeper.kill()

    assert wait_until(lambda: not is_alive(postmaster), 10)


def test_orphaned_server_is_stopped_and_its_data_kept(folder):
    carefree = KEEPER.replace(
        "server =", "import config.postgres as p; p.dying_with_parent = lambda _: []; server ="
    )
    with keeper_of(folder, carefree) as (keeper, orphan):
        keeper.kill()
    assert is_alive(orphan)

    with EmbeddedServer(folder, durable=False) as server:
        assert not is_alive(orphan)
        assert server.process.pid != orphan
        assert ask(server, "SELECT 1", "postgres") == 1


def test_process_file_of_a_stranger_is_ignored_and_the_stranger_left_alone(server):
    server.stop()
    stranger = subprocess.Popen(["sleep", "600"])
    (server.data / "postmaster.pid").write_text(f"{stranger.pid}\n{server.data}\n")

    server.start()

    assert ask(server, "SELECT 1") == 1
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_folder_in_use_by_a_live_process_is_refused(folder):
    with keeper_of(folder) as (_, postmaster):
        with pytest.raises(ServerError, match="in use by another process"):
            EmbeddedServer(folder).start()

        assert is_alive(postmaster)


def test_interrupted_initdb_is_begun_anew(server):
    server.stop()
    server.data.rename(server.data.with_name("data.partial"))

    server.start()

    assert ask(server, "SELECT count(*) FROM pg_database WHERE datname = 'stock'", "postgres") == 0
    assert not server.data.with_name("data.partial").exists()


def test_data_of_another_version_is_refused_by_name(server):
    server.stop()
    (server.data / "PG_VERSION").write_text("14\n")

    with pytest.raises(ServerError, match="made by PostgreSQL 14"):
        server.start()
    server.erase()
    server.start()

    assert ask(server, "SELECT 1", "postgres") == 1


def test_start_that_fails_shows_the_log_and_gives_up_the_folder(server):
    server.stop()
    with (server.data / "postgresql.conf").open("a") as file:
        file.write("no_such_setting = 1\n")

    with pytest.raises(ServerError, match="no_such_setting"):
        server.start()

    server.erase()
    assert not server.data.exists()


@pytest.mark.parametrize("in_memory", [False, True])
def test_scratch_server_leaves_nothing(in_memory):
    with scratch_server(in_memory=in_memory) as server:
        folder, socket = server.folder, Path(os.readlink(server.folder / "socket"))

    assert (folder.exists(), socket.exists()) == (False, False)


def test_scratch_server_stays_on_disk_where_memory_has_no_room(monkeypatch):
    monkeypatch.setattr(postgres, "MEMORY_NEEDED", 2**60)

    with scratch_server(in_memory=True) as server:
        assert not server.folder.is_relative_to(postgres.MEMORY)


def test_abandoned_scratch_folder_is_removed_and_a_live_one_kept(running):
    abandoned = running.folder.with_name(postgres.SCRATCH_PREFIX + "abandoned")
    (abandoned / "data").mkdir(parents=True)
    long_ago = time.time() - 3600
    for folder in (abandoned, running.folder):
        os.utime(folder, (long_ago, long_ago))

    postgres.remove_abandoned(running.folder.parent)

    assert not abandoned.exists()
    assert ask(running, "SELECT 1") == 1


def test_database_is_made_once_and_dropped_under_connections(running):
    url = running.url("shelf/库")
    ensure_database(url)
    ensure_database(url)
    with contextlib.closing(psycopg.connect(url)) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("shelf/库",)

        drop_database(url)

    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'", "character type C"),
        ("ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'", "encoding SQL_ASCII"),
    ],
)
def test_check_locale_refuses_where_chinese_cannot_be_searched(running, options, message):
    with psycopg.connect(running.url("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS plain")
        connection.execute(f"CREATE DATABASE plain TEMPLATE template0 {options}")

    with pytest.raises(ServerError, match=message):
        check_locale(running.url("plain"))


def test_pgbin_comes_first_and_must_hold_the_programs(tmp_path, monkeypatch):
    monkeypatch.setenv("PGBIN", str(tmp_path))

    with pytest.raises(ServerError, match=f"no postgres in {tmp_path}"):
        find_binaries()


def test_old_programs_are_refused(tmp_path, monkeypatch):
    for program in ("postgres", "initdb"):
        (tmp_path / program).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 14.11 (Debian 14.11-1)'\n")
        (tmp_path / program).chmod(0o755)
    monkeypatch.setenv("PGBIN", str(tmp_path))

    with pytest.raises(ServerError, match="is PostgreSQL 14; 15 or later"):
        find_binaries()


def test_programs_hidden_from_the_servers_user_are_copied_to_where_it_can_run_them(tmp_path, monkeypatch):
    monkeypatch.delenv("PGBIN", raising=False)
    shelter = Path(tempfile.mkdtemp(dir="/var/tmp"))
    shelter.chmod(0o755)
    monkeypatch.setattr(binaries, "SHELTER", shelter)
    original = find_binaries()

    copy = binaries.sheltered_binaries(original)
    again = binaries.sheltered_binaries(original)

    assert again == copy
    assert is_open(copy)
    assert major_version(copy) == major_version(original)
    assert [path.name for path in shelter.iterdir()] == [copy.relative_to(shelter).parts[0]]
    shutil.rmtree(shelter)
