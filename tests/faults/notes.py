"""What the clients write down: what each sent and what it was told. The checker knows nothing else of the story."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

UNREACHED = 0
REPLAYED = "idempotency-replayed"


@dataclass
class Attempt:
    """One sending: when, and the status that came back whole, or `UNREACHED` with the reason."""

    sent_at: float
    told_at: float
    status: int
    why: str = ""


@dataclass
class Note:
    """One command: its key stays the same however often it is sent."""

    kind: str
    who: str
    method: str
    path: str
    body: Any
    key: str = field(default_factory=lambda: str(uuid.uuid4()))
    about: dict[str, Any] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    answer: str = ""
    state: str = "open"  # or acknowledged, refused
    replayed: bool = False

    def told(self, attempt: Attempt, answer: str, headers: dict[str, str]) -> None:
        """Write down how one sending ended; a success or a refusal settles the command."""
        self.attempts.append(attempt)
        if 200 <= attempt.status < 300:
            self.state, self.answer, self.replayed = "acknowledged", answer, REPLAYED in headers
        elif is_refusal(attempt.status, answer):
            self.state, self.answer = "refused", answer

    @property
    def said(self) -> Any:
        return json.loads(self.answer)


def is_refusal(status: int, answer: str) -> bool:
    """Whether an answer says that sending the same again would help nobody."""
    if status in {401, 408, 425, 429} or not 400 <= status < 500:
        return False
    return '"idempotency_in_progress"' not in answer


class Notebook:
    """The notes of all clients, in the order in which they began."""

    def __init__(self) -> None:
        self.notes: list[Note] = []
        self.acknowledged = 0
        self._last_acknowledged_sending = 0.0
        self._lock = threading.Lock()

    def begin(self, note: Note) -> Note:
        with self._lock:
            self.notes.append(note)
        return note

    def settle(self, note: Note) -> None:
        """Take in that a command was acknowledged."""
        with self._lock:
            self.acknowledged += 1
            self._last_acknowledged_sending = max(self._last_acknowledged_sending, note.attempts[-1].sent_at)

    def served_since(self, moment: float) -> bool:
        """Whether something that was sent after this moment has been acknowledged."""
        return self._last_acknowledged_sending > moment

    def of(self, state: str) -> Iterator[Note]:
        return (note for note in list(self.notes) if note.state == state)

    def kinds(self) -> set[str]:
        """Of which kinds something was acknowledged."""
        return {note.kind for note in self.of("acknowledged")}

    def answers(self) -> Counter[int]:
        """How often each status was told, `UNREACHED` for connections that ended before one was."""
        return Counter(attempt.status for note in list(self.notes) for attempt in note.attempts)

    def faults_told(self) -> list[str]:
        """Answers that no fault of the surroundings excuses: a 5xx other than 503."""
        return [
            f"{note.kind} {note.method} {note.path}: {attempt.status} {attempt.why}"
            for note in list(self.notes)
            for attempt in note.attempts
            if attempt.status >= 500 and attempt.status != 503
        ]

    def keep(self, path: Path) -> None:
        """Write all down in a file, one command a line."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as file:
            for note in self.notes:
                file.write(json.dumps(asdict(note), ensure_ascii=False) + "\n")


def now() -> float:
    return time.monotonic()
