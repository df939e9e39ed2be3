"""The trial: one command that starts the database, fills it and serves it until Ctrl-C. `make demo` runs it.

Surroundings: `PORT` (8000), `RESET=1` begins anew, `DATABASE_URL` takes the place of the embedded database.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

import psycopg
from psycopg import sql

from config.binaries import ServerError
from config.database import noted
from config.postgres import EmbeddedServer, check_locale, drop_database, ensure_database
from config.processes import dying_with_parent, send, wait_until, with_mark_in_environment

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
HOST, HEALTH = "127.0.0.1", "/api/v1/health/"
WORKERS, THREADS = 2, 4
MARK = "TRIAL_MARK"
# What the names of the database's roles begin with, and the variable that has config.prepare make them.
PREFIX, GRANT = "donations", "TRIAL_ROLES"
ANSWER_SECONDS, DRAIN_SECONDS, TAKEOVER_SECONDS, RELEASE_SECONDS, GLANCE_SECONDS = 60, 15, 5, 2, 0.2
COLUMNS = {
    "username": "用户名 User",
    "password": "密码 Password",
    "role": "角色 Role",
    "places": "机构 Place",
    "county": "县 County",
}

TRIAL = "trial of the donated-medicine tracker"
NOTE = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
HAS_TABLES = (
    "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema'))"
)


class TrialError(Exception):
    """The trial cannot go on; the message says why and what to do."""


class Stopped(BaseException):
    """Somebody asked the trial to stop."""


def main() -> int:
    """Run the trial until it is asked to stop (0) or something fails (1)."""
    stop_on_signals()
    try:
        port = chosen_port(os.environ.get("PORT", ""))
        with claim(VAR / "trial.lock", port):
            run(port)
    except Stopped:
        print("已停止，数据保留。Stopped; the data is kept.")
        return 0
    except (TrialError, ServerError, psycopg.Error) as error:
        print(error, file=sys.stderr)
    return 1


def run(port: int) -> None:
    """Start everything in order, wait, and stop it in the opposite order."""
    end_remains(VAR / "trial.mark")
    refuse_busy_port(port)
    is_reset = os.environ.get("RESET", "0") not in {"", "0"}
    with database(is_reset=is_reset) as (url, server):
        check_locale(url)
        surroundings = os.environ | {"DATABASE_URL": url, MARK: new_mark(VAR / "trial.mark")}
        surroundings |= {"PYTHONUNBUFFERED": "1"}
        if server is not None:  # of a server that is not ours the roles are not ours to make
            surroundings |= {GRANT: PREFIX}
        run_step("准备数据库 Preparing the database", [sys.executable, "-m", "config.prepare"], surroundings)
        if server is not None:
            surroundings |= {"DATABASE_URL": server.url("donations", f"{PREFIX}_application")}
        housekeeping = [sys.executable, "manage.py", "housekeeping", "--seal-days", "--verbosity=0"]
        nightly = child(housekeeping, surroundings)
        sealer = child(
            [sys.executable, "manage.py", "seal_audit", "--every=60", "--verbosity=0"], surroundings
        )
        with noted(url, VAR), nightly, sealer as seals, web_server(port, surroundings) as web:
            await_answer(port, web)
            print(welcome(port, json.loads((VAR / "demo-accounts.json").read_text())), flush=True)
            watch({"web server": web, "sealer of the log": seals}, server)


@contextlib.contextmanager
def database(*, is_reset: bool) -> Iterator[tuple[str, EmbeddedServer | None]]:
    """Address of the trial's database, empty after a reset, and the server if it is the embedded one."""
    if is_reset:
        (VAR / "demo-accounts.json").unlink(missing_ok=True)
    if given := os.environ.get("DATABASE_URL"):
        ensure_database(given)
        if is_reset:
            refuse_foreign_database(given)
            drop_database(given)
            ensure_database(given)
        note_if_empty(given)
        yield given, None
        return
    server = EmbeddedServer(VAR / "postgres")
    if is_reset:
        server.erase()
    with server:
        url = server.url("donations")
        ensure_database(url)
        yield url, server


def refuse_foreign_database(url: str) -> None:
    """`TrialError` if the database holds tables that no trial has put there."""
    with psycopg.connect(url, connect_timeout=5) as connection:
        if connection.execute(HAS_TABLES).fetchone() == (True,) and connection.execute(NOTE).fetchone() != (
            TRIAL,
        ):
            name = connection.info.dbname
            raise TrialError(
                f"RESET=1 would delete the database {name}, which no trial has filled. Drop it yourself."
            )


def note_if_empty(url: str) -> None:
    """Note in an empty database that it is a trial's, which a reset may delete."""
    with psycopg.connect(url, connect_timeout=5) as connection:
        if connection.execute(HAS_TABLES).fetchone() == (False,):
            name = sql.Identifier(connection.info.dbname)
            connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, sql.Literal(TRIAL)))


def run_step(title: str, command: list[str], surroundings: dict[str, str]) -> None:
    """Run `command` to its end, telling how long it took; `TrialError` if it fails."""
    print(f"{title} …", flush=True)
    begun = time.monotonic()
    with child(command, surroundings) as process:
        code = process.wait()
    if code:
        raise TrialError(f"{title}: failed (exit code {code}); its message stands above.")
    print(f"{title}: {time.monotonic() - begun:.1f} s", flush=True)


@contextlib.contextmanager
def child(command: list[str], surroundings: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a session of its own, so that Ctrl-C reaches it through us only; ended at the end."""
    process = subprocess.Popen(
        [*dying_with_parent(signal.SIGTERM), *command],
        cwd=ROOT,
        env=surroundings,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(DRAIN_SECONDS)
        send(signal.SIGKILL, with_mark_in_environment(f"{MARK}={surroundings[MARK]}"))
        process.wait()


@contextlib.contextmanager
def web_server(port: int, surroundings: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """granian with this project; on leaving it answers what it has begun, then ends."""
    command = [
        sys.executable,
        "-m",
        "config.server",
        "--interface",
        "wsgi",
        "--respawn-failed-workers",
        "--host",
        HOST,
        "--port",
        str(port),
    ]
    command += ["--workers", str(WORKERS), "--blocking-threads", str(THREADS), "--log-level", "warning"]
    with child([*command, "config.wsgi:application"], surroundings) as process:
        yield process


def await_answer(port: int, web: subprocess.Popen[bytes]) -> None:
    """Return once the server says that it is well; `TrialError` if it does not."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while (answer := health(port)) != "200":
        if web.poll() is not None:
            raise TrialError(f"The web server ended at once (exit code {web.returncode}).")
        if answer.startswith("4") or time.monotonic() > deadline:
            raise TrialError(f"The web server does not become well: {HEALTH} answers {answer}.")
        time.sleep(0.1)


def health(port: int) -> str:
    """The status that the server answers about itself, or why there is none."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", HEALTH)
        return str(connection.getresponse().status)
    except (OSError, http.client.HTTPException) as error:
        return str(error)
    finally:
        connection.close()


def watch(parts: Mapping[str, subprocess.Popen[bytes]], server: EmbeddedServer | None) -> None:
    """Wait for ever; `TrialError` when a part ends by itself, `Stopped` when `make` gave up."""
    make = os.getppid() if "MAKELEVEL" in os.environ else None
    is_caught = make is not None and catches_interrupt(make)
    while True:
        if server is not None and not server.is_running():
            raise TrialError(
                "The database ended unexpectedly; see var/postgres/server.log. Start again to recover."
            )
        for name, process in parts.items():
            if process.poll() is not None:
                raise TrialError(f"The {name} ended unexpectedly (exit code {process.returncode}).")
        if make is not None and (os.getppid() != make or (is_caught and not catches_interrupt(make))):
            raise Stopped
        time.sleep(GLANCE_SECONDS)


def catches_interrupt(process: int) -> bool:
    """Whether `process` has a handler for SIGINT.

    `make` drops its own when it is interrupted, and then waits for us without telling us.
    """
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("SigCgt:"):
                return bool(int(line.split()[1], 16) & (1 << (signal.SIGINT - 1)))
    return False


def stop_on_signals() -> None:
    """Turn the first signal to stop into `Stopped`; those after it do not disturb the stopping."""
    signals = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup means to outlive the terminal
        signals.append(signal.SIGHUP)

    def stop(*_: object) -> None:
        for number in signals:
            signal.signal(number, signal.SIG_IGN)
        print("\n正在停止 Stopping …", flush=True)
        raise Stopped

    for number in signals:
        signal.signal(number, stop)


@contextlib.contextmanager
def claim(path: Path, port: int) -> Iterator[None]:
    """Be the only trial of this installation; `TrialError` telling about the other one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        if not wait_until(lambda: is_locked(file.fileno()), TAKEOVER_SECONDS):
            file.seek(0)
            raise TrialError(f"The trial is already running: {file.read().strip() or 'it is just starting'}.")
        file.truncate(0)
        file.write(f"http://{HOST}:{port}/, process {os.getpid()}\n")
        file.flush()
        yield


def is_locked(descriptor: int) -> bool:
    """Whether the file could be locked for this process."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def new_mark(path: Path) -> str:
    """A word that no other process carries, kept for the next start to recognise what this one leaves."""
    mark = secrets.token_hex(16)
    path.write_text(mark)
    return mark


def end_remains(path: Path) -> None:
    """End the processes of an earlier trial that was killed before it could end them itself."""
    if not path.exists() or not (mark := path.read_text()):
        return
    word = f"{MARK}={mark}"
    if remains := with_mark_in_environment(word):
        print(f"Ending {len(remains)} processes that an earlier trial left behind …", flush=True)
        send(signal.SIGTERM, remains)
        if not wait_until(lambda: not with_mark_in_environment(word), DRAIN_SECONDS):
            send(signal.SIGKILL, with_mark_in_environment(word))
            wait_until(lambda: not with_mark_in_environment(word), DRAIN_SECONDS)


def chosen_port(text: str) -> int:
    """The port to serve on; `TrialError` if `text` is none."""
    if not text:
        return 8000
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise TrialError(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def refuse_busy_port(port: int) -> None:
    """`TrialError` if something else listens on `port`, or we may not."""
    # The sockets of a killed process close a moment after it has gone.
    if not wait_until(lambda: port_trouble(port) != errno.EADDRINUSE, RELEASE_SECONDS):
        raise TrialError(
            f"Port {port} is used by another program. Choose another: make demo PORT={port % 65535 + 1}"
        )
    if trouble := port_trouble(port):
        raise TrialError(
            f"Port {port} cannot be used ({os.strerror(trouble)}). Choose another: make demo PORT=8001"
        )


def port_trouble(port: int) -> int:
    """The error number of listening on `port`, 0 if it can be done."""
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((HOST, port))
        except OSError as error:
            return error.errno or errno.EIO
    return 0


def welcome(port: int, accounts: list[dict[str, Any]]) -> str:
    """What to tell the person in front of the screen."""
    address = f"http://{HOST}:{port}/"
    return (
        f"\n打开 Open: {address}\n接口 API: {address}api/v1/docs/\n\n{table_of(accounts)}\n\n"
        "按 Ctrl-C 停止；再次 make demo 继续。Ctrl-C stops; make demo starts again."
    )


def table_of(accounts: list[dict[str, Any]]) -> str:
    """The sign-ins as aligned text; Chinese characters are two columns wide."""
    rows = [list(COLUMNS.values())] + [[cell(account.get(key)) for key in COLUMNS] for account in accounts]
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(text + " " * (most - width(text)) for text, most in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def cell(value: Any) -> str:
    """A value as text, lists with commas."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def width(text: str) -> int:
    """How many columns of a terminal `text` takes."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


if __name__ == "__main__":
    sys.exit(main())
