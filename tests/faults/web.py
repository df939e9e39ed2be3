"""The web service as deploy/ runs it: the same command, workers and threads, started anew as systemd does."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

from config.processes import PROCESSES, send, wait_until
from tests.served import ROOT, Server, free_port

UNIT = ROOT / "deploy" / "systemd" / "donations-server.service"
READY_SECONDS = 90


class Web:
    """One service of several workers on a port of its own."""

    def __init__(self, url: str, folder: Path, code: Path = ROOT, **surroundings: str) -> None:
        self.port, self.code = free_port(), code
        figures = folder / f"figures-{self.port}"
        figures.mkdir()
        own = {
            "DATABASE_URL": url,
            "APP_KEYS": str(folder / "keys"),
            "PROMETHEUS_MULTIPROC_DIR": str(figures),
        }
        self.surroundings = os.environ | own | surroundings
        self.log = folder / f"web-{self.port}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command(self.port),
                cwd=self.code,
                env=self.surroundings,
                start_new_session=True,
                stdout=log,
                stderr=log,
            )

    def await_ready(self) -> None:
        assert self.process
        server = Server(self.process, self.port)
        assert wait_until(server.is_well, READY_SECONDS), self.log.read_text()[-2000:]

    def workers(self) -> list[int]:
        """The processes that answer requests."""
        assert self.process
        tasks = (PROCESSES / str(self.process.pid) / "task").glob("*/children")
        return [int(child) for task in tasks for child in task.read_text().split()]

    def kill(self) -> None:
        """`kill -9` of the service with all its workers."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill_worker(self, worker: int) -> None:
        send(signal.SIGKILL, [worker])

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.kill()


class Sealer:
    """The sealer of the audit log, a service of its own, which is started anew whenever it has ended."""

    def __init__(self, url: str, folder: Path) -> None:
        self.surroundings = os.environ | {"DATABASE_URL": url, "APP_KEYS": str(folder / "keys")}
        self.process: subprocess.Popen[bytes] | None = None
        self.starts = 0

    def keep_going(self) -> None:
        if self.process is None or self.process.poll() is not None:
            words = [sys.executable, "manage.py", "seal_audit", "--every=1", "--verbosity=0"]
            self.process = subprocess.Popen(
                words, cwd=ROOT, env=self.surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            self.starts += 1

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def command(port: int) -> list[str]:
    """What the unit of deploy/ starts, with this installation's Python and on this port."""
    text = UNIT.read_text().replace("\\\n", " ")
    line = next(line for line in text.splitlines() if line.startswith("ExecStart="))
    words = shlex.split(line.removeprefix("ExecStart="))
    words[words.index("--port") + 1] = str(port)
    return [sys.executable, "-m", "granian", *words[1:]]
