"""A PostgreSQL that keeps what it acknowledged (fsync on) at an address that stays, and the ways to end it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from config.binaries import find_binaries
from config.postgres import EmbeddedServer, account_of, surroundings
from config.processes import send, wait_until, with_mark_in_command

ROOT = Path(__file__).resolve().parents[2]
SOCKET = ".s.PGSQL.5432"
NAME, APPLICATION = "donations", "faults_application"
OURS = "faults"
END_SESSIONS = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = %s AND application_name <> %s"""
BEGINNING = re.compile(r"^(\w+) = ", re.MULTILINE)


class Database:
    """One durable server. `url` stays the same while servers come and go behind it."""

    def __init__(self, megabytes: int = 0) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="faults-", dir="/tmp"))
        self.is_small = megabytes > 0
        if self.is_small:  # a disk of its own, which takes root
            options = f"size={megabytes}m,mode=0711"
            subprocess.run(["mount", "-t", "tmpfs", "-o", options, "small", self.folder], check=True)
        self.folder.chmod(0o711)  # so that the user whom root has run the server can pass
        self.door = self.folder / "door"
        self.door.mkdir(mode=0o700)
        # Quick while it is filled; `make_durable` ends that before anything is acknowledged to anybody.
        self.server = EmbeddedServer(self.folder / "cluster", durable=False)

    def url(self, user: str = APPLICATION) -> str:
        return f"postgresql://{user}@/{NAME}?host={self.door}"

    def start(self) -> None:
        self.server.start()
        self.open()

    def open(self) -> None:
        """Let clients in: the address leads to the socket of the server that runs now."""
        fresh = self.door / "fresh"
        fresh.symlink_to(self.socket / SOCKET)
        fresh.replace(self.door / SOCKET)

    def shut(self) -> None:
        """Let nobody in any more, and send away who is there."""
        (self.door / SOCKET).unlink()
        self.end_sessions()

    @property
    def socket(self) -> Path:
        return Path(os.readlink(self.server.folder / "socket"))

    def make_durable(self) -> None:
        """Begin anew as an installation's PostgreSQL is set, but for the archive, which this one has none of."""
        self.server.stop()
        self.server.durable = True
        text = (ROOT / "deploy" / "postgresql" / "donations.conf").read_text()
        kept = [
            line for line in text.splitlines() if BEGINNING.match(line) and not line.startswith("archive")
        ]
        with (self.server.data / "postgresql.conf").open("a") as file:
            file.write("\n".join(kept) + "\n")
        self.start()
        assert self.ask("SELECT current_setting('fsync'), current_setting('synchronous_commit')") == [
            ("on", "on")
        ]

    def session(self, user: str = "postgres", name: str = OURS) -> psycopg.Connection[tuple[Any, ...]]:
        """A session of our own, past the door, that commits each statement."""
        address = f"postgresql://{user}@/{NAME}?host={self.socket}&application_name={name}"
        return psycopg.connect(address, autocommit=True, connect_timeout=10)

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.session() as session:
            return session.execute(statement, values).fetchall()

    def processes(self) -> set[int]:
        """All of the server, the postmaster too."""
        owner = self.server.data.stat().st_uid
        return with_mark_in_command(self.server._name, owner)

    def remove(self) -> None:
        """End it and delete all that it kept."""
        if self.server.data.exists():
            send(signal.SIGCONT, self.processes())
        self.server.stop()
        if self.is_small:
            subprocess.run(["umount", "--lazy", self.folder], check=True)
        shutil.rmtree(self.folder)

    # Ways to end it

    def kill(self) -> None:
        """`kill -9` of the postmaster and every process of its."""
        assert self.server.process
        send(signal.SIGKILL, [self.server.process.pid, *self.processes()])
        self.server.process.wait()
        assert wait_until(lambda: not self.processes(), 10)

    def stop_immediately(self) -> None:
        """`pg_ctl stop -m immediate`, which leaves the recovery to the next start."""
        command = [find_binaries() / "pg_ctl", "stop", "-m", "immediate", "-D", self.server.data]
        account = account_of(self.server.data)
        subprocess.run(command, check=True, capture_output=True, **surroundings(), **account)
        assert self.server.process
        self.server.process.wait()

    def start_again(self) -> None:
        self.server.stop()  # what is left of the one that ended: its claim and its socket
        self.start()

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Nothing answers, and no connection ends: as behind a network that has gone."""
        stopped = self.processes()
        send(signal.SIGSTOP, stopped)
        try:
            yield
        finally:
            send(signal.SIGCONT, stopped)

    @contextlib.contextmanager
    def unreachable(self) -> Iterator[None]:
        """Whoever connects is refused at once."""
        self.shut()
        try:
            yield
        finally:
            self.open()

    @contextlib.contextmanager
    def exhausted(self) -> Iterator[int]:
        """Every connection that the application may have is taken by somebody else: so many."""
        with contextlib.ExitStack() as held:
            taken = 0
            for _round in range(2):  # the second time for those that the application had
                with contextlib.suppress(psycopg.OperationalError):
                    while True:
                        held.enter_context(contextlib.closing(self.session(APPLICATION, OURS)))
                        taken += 1
                self.end_sessions()
            yield taken

    @contextlib.contextmanager
    def full(self) -> Iterator[None]:
        """No byte is left on the disk that holds tables and log; afterwards there is space again, and a server that
        has given up meanwhile is started anew."""
        ballast = self.folder / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while file.write(bytes(2**16)) == 2**16:
                pass
        try:
            yield
        finally:
            ballast.unlink()
            if not wait_until(self._is_alive, 5):
                self.server.stop()
                self.start()

    def _is_alive(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            return self.ask("SELECT 1") == [(1,)]
        return False

    def end_sessions(self) -> int:
        """End every session of the server processes; how many there were."""
        return int(self.ask(END_SESSIONS, APPLICATION, OURS)[0][0])
