"""A private PostgreSQL server for the trial and the tests; production brings its own.

The server listens on a Unix socket only, in a short folder (a socket's path is limited to 107 bytes).
PostgreSQL refuses to run as root, so root runs it as the owner of its data, by default `nobody`; data and
binaries that this user could not reach go to a folder that it can, under `SHELTER`.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from config.binaries import OLDEST_VERSION, SHELTER, ServerError, find_binaries, is_open, major_version
from config.processes import PROCESSES, dying_with_parent, send, wait_until, with_mark_in_command

SCRATCH_PREFIX = "donated-medicine-tests-"
START_SECONDS, STOP_SECONDS, ORPHAN_SECONDS = 60, 30, 5
SCRATCH_GRACE_SECONDS = 60
MEMORY, MEMORY_NEEDED = Path("/dev/shm"), 4 * 2**30  # noqa: S108 (a folder of a name nobody can foresee)
WITHOUT_DURABILITY = {
    "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_wal_size": "1GB", "autovacuum": "off"
}  # fmt: skip
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "timezone": "UTC",
    # Neither statements nor rows reach the log file: they hold personal data.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


class EmbeddedServer:
    """One PostgreSQL server with its data under `folder`, stopped when this process ends.

    `durable` keeps what was committed through a power cut; without it commits are quick, for tests.
    The server that an earlier process left running in the same folder is stopped first.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None
        self._claim: IO[str] | None = None

    def __enter__(self) -> EmbeddedServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def data(self) -> Path:
        """Where PostgreSQL keeps its files."""
        return self.folder.resolve() / "data"

    def url(self, database: str, user: str = "postgres") -> str:
        """The address of `database` on this server."""
        return f"postgresql://{user}@/{quote(database, safe='')}?host={os.readlink(self.folder / 'socket')}"

    def is_running(self) -> bool:
        """Whether the server that this process started is alive."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start and wait until connections are accepted; `ServerError` if that fails."""
        self.claim()
        try:
            self._clear_remains()
            binaries = find_binaries()
            if not self.data.exists():
                self._initialise(binaries)
            self._refuse_other_version(binaries)
            self._launch(binaries)
            self._await_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server after its running transactions were rolled back, and give up the folder."""
        if self.process is not None and self.is_running():
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait(STOP_SECONDS)
        self.process = None
        if self._claim is not None:
            self._clear_remains()
            self._claim.close()
            self._claim = None

    def erase(self) -> None:
        """Delete the data of a server that is not running."""
        self.claim()
        self._clear_remains()
        shutil.rmtree(self.data, ignore_errors=True)
        self.stop()

    def claim(self) -> None:
        """Make the folder and reserve it for this process; `ServerError` while another one has it."""
        open_folder(self.folder)
        claim = (self.folder / "lock").open("a+")
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            claim.close()
            raise ServerError(f"The database in {self.folder} is in use by another process.") from None
        self._claim = claim

    def _clear_remains(self) -> None:
        """End what is left of an earlier server: processes, process file, half-made data and socket."""
        if self.data.exists():
            self._end_processes()
            # Safe only because no process of this cluster is left: the file guards against two servers.
            if PROCESSES.exists():
                (self.data / "postmaster.pid").unlink(missing_ok=True)
        shutil.rmtree(self._partial, ignore_errors=True)
        link = self.folder / "socket"
        if link.is_symlink():
            shutil.rmtree(os.readlink(link), ignore_errors=True)
            link.unlink()

    def _end_processes(self) -> None:
        """Shut down a postmaster without its parent; processes without a postmaster end by themselves."""
        owner = self.data.stat().st_uid
        remaining = with_mark_in_command(self._name, owner)
        postmaster = {self._recorded_process()} & remaining
        send(signal.SIGINT, postmaster)
        for patience in (STOP_SECONDS if postmaster else ORPHAN_SECONDS, ORPHAN_SECONDS):
            if wait_until(lambda: not with_mark_in_command(self._name, owner), patience):
                return
            send(signal.SIGKILL, with_mark_in_command(self._name, owner))
        raise ServerError(f"Processes of an earlier database server in {self.folder} do not end.")

    @property
    def _name(self) -> str:
        """The cluster's name, which PostgreSQL shows in the command line of each of its processes."""
        return "donated-" + hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]

    @property
    def _partial(self) -> Path:
        return self.data.with_name("data.partial")

    def _recorded_process(self) -> int:
        """The number in PostgreSQL's process file, 0 without one."""
        lines = self._process_file()
        return int(lines[0]) if lines and lines[0].isdigit() else 0

    def _process_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _initialise(self, binaries: Path) -> None:
        self._partial.mkdir(mode=0o700)
        account = account_of(self._partial)
        hand_over(self._partial, account)
        # Under plain C, pg_trgm finds no letters in Chinese.
        options = ["--locale=C.UTF-8", "--encoding=UTF8", "--username=postgres", "--auth=trust"]
        if not self.durable:
            options.append("--no-sync")
        command = [str(binaries / "initdb"), *options, "--pgdata", str(self._partial)]
        made = subprocess.run(command, capture_output=True, text=True, **surroundings(), **account)
        if made.returncode:
            raise ServerError(f"initdb failed:\n{made.stdout}{made.stderr}")
        self._partial.rename(self.data)

    def _refuse_other_version(self, binaries: Path) -> None:
        made_by, version = int((self.data / "PG_VERSION").read_text()), major_version(binaries)
        if made_by != version:
            raise ServerError(
                f"The data in {self.folder} was made by PostgreSQL {made_by}, but {binaries} is {version}. "
                f"Set PGBIN to the programs of PostgreSQL {made_by}, or start anew with RESET=1."
            )

    def _launch(self, binaries: Path) -> None:
        account = account_of(self.data)
        socket = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
        (self.folder / "socket").symlink_to(socket)
        hand_over(socket, account)
        settings = SETTINGS | {"unix_socket_directories": str(socket), "cluster_name": self._name}
        if not self.durable:
            settings |= WITHOUT_DURABILITY
        command = [*dying_with_parent(signal.SIGINT), str(binaries / "postgres"), "-D", str(self.data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **surroundings(),
                **account,
            )

    def _await_ready(self) -> None:
        wait_until(lambda: self._is_ready() or not self.is_running(), START_SECONDS)
        if not (self.is_running() and self._is_ready()):
            log = (self.folder / "server.log").read_text(errors="replace")
            raise ServerError("PostgreSQL did not start:\n" + "\n".join(log.splitlines()[-10:]))

    def _is_ready(self) -> bool:
        """PostgreSQL writes its state into the eighth line of its process file; a replica is read as it replays."""
        lines = self._process_file()
        return len(lines) > 7 and lines[7].strip() in {"ready", "standby"}


@contextlib.contextmanager
def scratch_server(*, in_memory: bool = False) -> Iterator[EmbeddedServer]:
    """A quick server in a temporary folder that goes with it; `in_memory` where memory has room for that folder.

    A new database is more than a thousand small files: a disk takes up to a second for what memory does in 0.04.
    """
    parent = Path("/tmp" if os.geteuid() == 0 else tempfile.gettempdir())  # noqa: S108 (root's own may be closed)
    if in_memory and _has_room(MEMORY):
        parent = MEMORY
    remove_abandoned(parent)
    folder = Path(tempfile.mkdtemp(prefix=SCRATCH_PREFIX, dir=parent))
    try:
        with EmbeddedServer(folder, durable=False) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _has_room(memory: Path) -> bool:
    """Containers are given 64 MB of it as a rule, which a server's own shared memory may need."""
    if not (memory.is_dir() and os.access(memory, os.W_OK | os.X_OK)):
        return False
    room = os.statvfs(memory)
    lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    available = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    return min(room.f_bavail * room.f_frsize, available) >= MEMORY_NEEDED


def remove_abandoned(parent: Path) -> None:
    """Remove the scratch servers of this user whose process was killed before it could."""
    for folder in parent.glob(SCRATCH_PREFIX + "*"):
        with contextlib.suppress(ServerError, OSError):
            state = folder.lstat()
            if state.st_uid == os.geteuid() and time.time() - state.st_mtime > SCRATCH_GRACE_SECONDS:
                EmbeddedServer(folder).erase()
                shutil.rmtree(folder)


def open_folder(folder: Path) -> None:
    """Make `folder`; as root, where the server's user could not reach it, as a link to one that it can."""
    if folder.is_symlink() and not folder.exists():
        folder.unlink()
    folder.parent.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        folder.mkdir(mode=0o700, exist_ok=True)
        return
    if not folder.exists() and not is_open(folder.parent):
        SHELTER.mkdir(mode=0o755, exist_ok=True)
        folder.symlink_to(tempfile.mkdtemp(prefix="data-", dir=SHELTER))
    folder.mkdir(exist_ok=True)
    folder.chmod(0o711)


def account_of(data: Path) -> dict[str, Any]:
    """The account that runs a server with its files in `data`, as arguments of `subprocess.Popen`."""
    owner = data.stat().st_uid
    if os.geteuid() != 0:
        if owner != os.geteuid():
            raise ServerError(f"{data} belongs to the user {owner}: start as that user, or elsewhere.")
        return {}
    entry = pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def hand_over(folder: Path, account: dict[str, Any]) -> None:
    """Give `folder` to the account that runs the server."""
    if account:
        os.chown(folder, account["user"], account["group"])


def surroundings() -> dict[str, Any]:
    """Folder and environment for PostgreSQL's programs, free of settings meant for another server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {"cwd": "/", "env": kept | {"LC_ALL": "C.UTF-8"}}


def ensure_database(url: str) -> None:
    """Create the database that `url` names, with letters beyond ASCII, unless it is there."""
    name = conninfo_to_dict(url)["dbname"]
    with maintenance(url) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            options = "TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'"
            connection.execute(sql.SQL("CREATE DATABASE {} " + options).format(sql.Identifier(str(name))))


def drop_database(url: str) -> None:
    """Delete the database that `url` names, whoever is connected to it."""
    name = sql.Identifier(str(conninfo_to_dict(url)["dbname"]))
    with maintenance(url) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


def maintenance(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    """A connection to the database `postgres` on the server of `url`, each statement for itself."""
    return psycopg.connect(make_conninfo(url, dbname="postgres", connect_timeout=5), autocommit=True)


def check_locale(url: str) -> None:
    """Refuse a database in which pg_trgm would find no letters in Chinese, or of an old server.

    Under the character type C every letter beyond ASCII is a separator for pg_trgm, also where the built-in
    provider of PostgreSQL 17 sorts by C.UTF-8 (seen with 18.6).
    """
    query = "SELECT datctype IN ('C', 'POSIX') FROM pg_database WHERE datname = current_database()"
    with psycopg.connect(make_conninfo(url, connect_timeout=5)) as connection:
        is_plain = connection.execute(query).fetchone() != (False,)
        encoding = connection.info.parameter_status("server_encoding")
        version = connection.info.server_version // 10000
    if version < OLDEST_VERSION:
        raise ServerError(f"The database is PostgreSQL {version}; {OLDEST_VERSION} or later is needed.")
    if encoding != "UTF8" or is_plain:
        raise ServerError(
            f"The database has encoding {encoding}{' and character type C' if is_plain else ''}, under which "
            "Chinese cannot be searched. Make it with TEMPLATE template0 ENCODING 'UTF8' LC_CTYPE 'C.UTF-8'."
        )
