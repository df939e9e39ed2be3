import os
import signal
import socket
import subprocess
import sys
import time

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config import trial
from config.postgres import drop_database, ensure_database
from config.processes import wait_until
from config.trial import (
    TrialError,
    catches_interrupt,
    chosen_port,
    claim,
    end_remains,
    new_mark,
    note_if_empty,
    refuse_busy_port,
    refuse_foreign_database,
    table_of,
    width,
)

ACCOUNTS = [
    {
        "username": "sorter",
        "password": "p4-x",
        "role": "pharmacist",
        "places": ["从江县人民医院"],
        "county": "从江县",
    },
    {"username": "planner", "password": "q", "role": "allocator", "places": [], "county": None},
    {"username": "both", "password": "r", "role": "clinic", "places": ["A", "B"], "county": "丹凤县"},
]


@pytest.fixture
def own_database(tmp_path):
    """An empty database on the tests' server."""
    url = psycopg.conninfo.make_conninfo(os.environ["DATABASE_URL"], dbname=f"trial_{os.getpid()}")
    ensure_database(url)
    yield url
    drop_database(url)


@pytest.fixture
def listener():
    with socket.socket() as listener:
        listener.bind((trial.HOST, 0))
        listener.listen()
        yield listener


@pytest.mark.parametrize(("text", "port"), [("", 8000), ("1", 1), ("8123", 8123), ("65535", 65535)])
def test_chosen_port(text, port):
    assert chosen_port(text) == port


@pytest.mark.parametrize("text", ["0", "65536", "-1", "80a", "８０", " ", "1.5"])
def test_chosen_port_that_is_none_is_refused(text):
    with pytest.raises(TrialError, match=r"from 1 to 65535"):
        chosen_port(text)


def test_busy_port_is_refused_with_another_one_named(listener, monkeypatch):
    monkeypatch.setattr(trial, "RELEASE_SECONDS", 0.1)
    port = listener.getsockname()[1]

    with pytest.raises(TrialError, match=f"Port {port} is used by another program.*PORT={port % 65535 + 1}"):
        refuse_busy_port(port)


def test_port_freed_a_moment_ago_is_accepted(listener):
    port = listener.getsockname()[1]
    listener.close()

    assert refuse_busy_port(port) is None


def test_table_of_accounts_lines_up_chinese():
    assert table_of(ACCOUNTS).splitlines() == [
        "用户名 User  密码 Password  角色 Role   机构 Place      县 County",
        "sorter       p4-x           pharmacist  从江县人民医院  从江县",
        "planner      q              allocator",
        "both         r              clinic      A, B            丹凤县",
    ]


@settings(deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {"username": st.text("ab药", min_size=1), "password": st.text("x！", min_size=1)}
        )
    )
)
def test_table_columns_start_at_one_place(accounts):
    header, *rows = table_of(accounts).splitlines()
    start = width(header[: header.index("密码")])

    for account, row in zip(accounts, rows, strict=True):
        before = row.removesuffix(account["password"])
        assert before.rstrip() == account["username"]
        assert width(before) == start


def test_second_trial_is_refused_and_told_where_the_first_is(tmp_path, monkeypatch):
    monkeypatch.setattr(trial, "TAKEOVER_SECONDS", 0.1)

    told = rf"already running: http://127.0.0.1:8123/, process {os.getpid()}\."

    with claim(tmp_path / "lock", 8123), pytest.raises(TrialError, match=told):
        claim(tmp_path / "lock", 8124).__enter__()
    with claim(tmp_path / "lock", 8124):
        assert (tmp_path / "lock").read_text() == f"http://127.0.0.1:8124/, process {os.getpid()}\n"


def test_remains_of_an_earlier_trial_are_ended_and_strangers_left_alone(tmp_path):
    mark = new_mark(tmp_path / "mark")
    sleeper = ["sleep", "600"]
    left_behind = subprocess.Popen(sleeper, env=os.environ | {trial.MARK: mark})
    stranger = subprocess.Popen(sleeper, env=os.environ | {trial.MARK: mark[::-1]})

    end_remains(tmp_path / "mark")

    assert (left_behind.wait(5), stranger.poll()) == (-signal.SIGTERM, None)
    stranger.kill()
    stranger.wait()


def test_remains_that_do_not_listen_are_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(trial, "DRAIN_SECONDS", 0.3)
    mark = new_mark(tmp_path / "mark")
    deaf = [
        sys.executable,
        "-c",
        "import signal, time; signal.signal(15, signal.SIG_IGN); print(); time.sleep(600)",
    ]
    environment = os.environ | {trial.MARK: mark, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(deaf, env=environment, stdout=subprocess.PIPE) as left_behind:
        left_behind.stdout.readline()

        end_remains(tmp_path / "mark")

        assert left_behind.wait(5) == -signal.SIGKILL


def test_end_remains_without_an_earlier_trial_does_nothing(tmp_path):
    assert end_remains(tmp_path / "mark") is None


def test_failing_step_is_told_by_its_title():
    with pytest.raises(TrialError, match=r"Counting: failed \(exit code 3\)"):
        trial.run_step(
            "Counting", [sys.executable, "-c", "raise SystemExit(3)"], os.environ | {trial.MARK: "none"}
        )


def test_child_ends_with_what_it_started(tmp_path):
    surroundings = os.environ | {trial.MARK: new_mark(tmp_path / "mark")}
    family = (
        "import subprocess, time; print(subprocess.Popen(['sleep', '600']).pid, flush=True); time.sleep(600)"
    )

    with trial.child([sys.executable, "-c", family], surroundings) as process:
        word = f"{trial.MARK}={surroundings[trial.MARK]}"
        assert wait_until(lambda: len(trial.with_mark_in_environment(word)) == 2, 10)

    assert process.returncode == -signal.SIGTERM
    assert wait_until(lambda: not trial.with_mark_in_environment(word), 5)


def test_interrupt_handler_of_a_process_is_seen():
    # A runner may have started this with interrupts ignored, which children inherit.
    caught = "signal.signal(2, signal.default_int_handler); print(flush=True); input()"
    script = f"import signal; {caught}; signal.signal(2, signal.SIG_DFL); input()"
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        before = catches_interrupt(process.pid)
        process.stdin.write(b"\n")
        process.stdin.flush()

        assert before is True
        assert wait_until(lambda: not catches_interrupt(process.pid), 5)
        process.kill()


def test_health_of_a_port_nobody_serves_is_told(listener):
    port = listener.getsockname()[1]
    listener.close()

    assert trial.health(port) == "[Errno 111] Connection refused"


def test_reset_refuses_a_database_that_no_trial_has_filled(own_database):
    with psycopg.connect(own_database) as connection:
        connection.execute("CREATE TABLE box (amount int)")
    note_if_empty(own_database)

    with pytest.raises(
        TrialError, match=r"RESET=1 would delete the database trial_\d+, which no trial has filled"
    ):
        refuse_foreign_database(own_database)


def test_reset_accepts_a_database_that_a_trial_has_filled(own_database):
    note_if_empty(own_database)
    with psycopg.connect(own_database) as connection:
        connection.execute("CREATE TABLE box (amount int)")

    assert refuse_foreign_database(own_database) is None


def test_signal_stops_once_and_then_no_more(tmp_path):
    script = (
        "import os, signal, time\n"
        "from config.trial import Stopped, stop_on_signals\n"
        "stop_on_signals()\n"
        "try:\n"
        "    os.kill(os.getpid(), signal.SIGTERM); time.sleep(60)\n"
        "except Stopped:\n"
        "    os.kill(os.getpid(), signal.SIGINT); time.sleep(0.1); print('clean')\n"
    )
    begun = time.monotonic()

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["正在停止", "Stopping", "…", "clean"]
    assert time.monotonic() - begun < 30


def test_trial_ends_with_any_part_that_should_go_on(monkeypatch):
    monkeypatch.delenv("MAKELEVEL", raising=False)
    with subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"]) as sealer:
        sealer.wait()

        with pytest.raises(
            trial.TrialError, match=r"The sealer of the log ended unexpectedly \(exit code 3\)"
        ):
            trial.watch({"sealer of the log": sealer}, None)
