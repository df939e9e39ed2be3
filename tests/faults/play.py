"""A play: the stage, the clients at work, what they wrote, and the verdict."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.audit import seal_entries
from inventory.verification import verify
from reports.audit_checkpoints import verify_audit
from tests.faults.chaos import Chaos, at_work
from tests.faults.checker import Tables, complaints, premature
from tests.faults.client import Client
from tests.faults.load import Desk, Worker
from tests.faults.notes import Notebook, now
from tests.faults.proxy import Proxy, proxied
from tests.faults.settings import SEED, SIZE
from tests.faults.stage import Stage, django_on, stage

RESULTS = Path(__file__).resolve().parents[2] / "var" / "faults"
PATIENCE = 120


@dataclass
class Play:
    """A stage under load."""

    stage: Stage
    proxy: Proxy
    book: Notebook
    desk: Desk
    before: Tables
    ends: bool = False

    def client(self, seed: int, port: int = 0, goes_on: Callable[[], bool] | None = None) -> Client:
        return Client(
            port or self.proxy.port, self.stage.accounts, self.book, random.Random(seed),
            goes_on or (lambda: not self.ends),
        )  # fmt: skip

    def work(self, number: int) -> None:
        worker = Worker(self.client(SEED + number), self.desk)
        while not self.ends:
            worker.step()

    def settle(self) -> None:
        """Send every command that is still open again, with its key, until it is settled."""
        end = now() + PATIENCE
        client = self.client(SEED, self.stage.web.port, lambda: now() < end)
        for note in self.book.of("open"):
            client.pursue(note)

    def tables(self) -> Tables:
        with self.stage.database.session() as session:
            return Tables.read(session)


@contextmanager
def play(folder: Path, *, megabytes: int = 0) -> Iterator[Play]:
    """A stage set up, with nobody at work yet."""
    (folder / "keys").mkdir()
    with stage(folder, megabytes=megabytes) as set_up, proxied(set_up.web.port, random.Random(SEED)) as proxy:
        with set_up.database.session() as session:
            before = Tables.read(session)
        yield Play(set_up, proxy, Notebook(), Desk(), before)


@contextmanager
def under_load(played: Play) -> Iterator[None]:
    """While this lasts the clients work; what is open when they stop is settled when it is judged."""
    with at_work(SIZE.clients, played.work):
        try:
            yield
        finally:
            played.ends = True


def judged(played: Play) -> list[str]:
    """What the checker says, of what was open when the clients stopped and of all in the end; and the books' own
    checks: identities, chain of the log."""
    notes = played.book.notes
    halfway = premature(notes, played.before, played.tables())
    played.settle()
    played.stage.sealer.stop()
    after = played.tables()
    with django_on(played.stage.database.url("postgres")):
        books = [str(each) for each in verify()]
        seal_entries()
        log = verify_audit()
    return halfway + complaints(notes, played.before, after) + books + [str(each) for each in log.faults]


def report(name: str, played: Play, chaos: Chaos, begun: float, found: Iterable[str]) -> None:
    """Print what was seen, and keep it beside the notes."""
    told = {
        "test": name,
        "seed": SEED,
        "clients": SIZE.clients,
        "seconds": round(now() - begun),
        "acknowledged": played.book.acknowledged,
        "kinds": Counter(note.kind for note in played.book.of("acknowledged")),
        "refused": len(list(played.book.of("refused"))),
        "sendings": sum(len(note.attempts) for note in played.book.notes),
        "answers": {str(status): count for status, count in sorted(played.book.answers().items())},
        "cuts": played.proxy.cuts,
        "kills": chaos.kills,
        "starts": {"web": played.stage.web.starts, "sealer": played.stage.sealer.starts},
        "faults": chaos.counts,
        "serves again, longest": {name: round(max(waits), 1) for name, waits in chaos.waits.items()},
        "complaints": list(found),
    }
    print(json.dumps(told, ensure_ascii=False))
    RESULTS.mkdir(parents=True, exist_ok=True)
    with (RESULTS / "results.jsonl").open("a") as file:
        file.write(json.dumps(told, ensure_ascii=False) + "\n")
