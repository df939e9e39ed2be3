"""The services as deploy/ runs them: the same commands, workers and threads, and started anew as systemd does."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from pathlib import Path

from config.processes import PROCESSES, send, wait_until
from tests.served import ROOT, Server, free_port

UNITS = ROOT / "deploy" / "systemd"
READY_SECONDS = 90
LAST_WORDS = 2000


class Service:
    """One unit of deploy/: its command, with these words in place of others, and its rule of when to start anew."""

    def __init__(self, unit: str, words: dict[str, str], url: str, folder: Path, code: Path = ROOT) -> None:
        text = (UNITS / unit).read_text().replace("\\\n", " ")
        line = _setting(text, "ExecStart")
        program, *rest = [words.get(word, word) for word in shlex.split(line)]
        module = [] if Path(program).name == "python" else ["-m", Path(program).name]
        self.command = [sys.executable, *module, *rest]
        self.restart, self.pause = _setting(text, "Restart"), float(_setting(text, "RestartSec"))
        self.code = code
        self.surroundings = os.environ | {"DATABASE_URL": url, "APP_KEYS": str(folder / "keys")}
        self.log = folder / f"{unit}-{id(self)}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.starts = 0
        self._ended = threading.Event()
        self._keeper = threading.Thread(target=self._keep)

    def start(self) -> None:
        self._launch()
        self._keeper.start()

    def stop(self) -> None:
        """End it for good."""
        self._ended.set()
        if self._keeper.is_alive():
            self.kill()
            self._keeper.join()

    def kill(self) -> None:
        """`kill -9` of all its processes; it is started anew as its unit says."""
        assert self.process
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def _launch(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.code,
                env=self.surroundings,
                start_new_session=True,
                stdout=log,
                stderr=log,
            )
        self.starts += 1

    def _keep(self) -> None:
        while self.process:
            code = self.process.wait()
            self.kill()  # what its first process left behind, as KillMode=mixed has it
            if (self.restart == "on-failure" and code == 0) or self._ended.wait(self.pause):
                return
            self._launch()
            if self._ended.is_set():  # stopped at that very moment
                self.kill()


class Web(Service):
    """The web service, on a port of its own."""

    def __init__(self, url: str, folder: Path, code: Path = ROOT) -> None:
        self.port = free_port()
        super().__init__("donations-server.service", {"8000": str(self.port)}, url, folder, code)
        figures = folder / f"figures-{self.port}"
        figures.mkdir()
        self.surroundings |= {"PROMETHEUS_MULTIPROC_DIR": str(figures)}

    def await_ready(self) -> None:
        assert self.process
        server = Server(self.process, self.port)
        assert wait_until(server.is_well, READY_SECONDS), self.log.read_text()[-LAST_WORDS:]

    def workers(self) -> list[int]:
        """The processes that answer requests."""
        assert self.process
        tasks = (PROCESSES / str(self.process.pid) / "task").glob("*/children")
        found: list[int] = []
        with contextlib.suppress(OSError):  # it is just ending
            for task in tasks:
                found += [int(child) for child in task.read_text().split()]
        return found

    def kill_worker(self, worker: int) -> None:
        send(signal.SIGKILL, [worker])


def sealer(url: str, folder: Path) -> Service:
    """The sealer of the audit log, in more of a hurry than in an installation."""
    return Service("donations-sealer.service", {"--every=60": "--every=1"}, url, folder)


def _setting(text: str, name: str) -> str:
    found = re.search(rf"^{name}=(.*)$", text, re.MULTILINE)
    assert found, f"The unit sets no {name}."
    return found[1]
