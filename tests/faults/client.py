"""A client as a phone at a counter is one: it sends a command with a key, and again with the same key until told."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.faults.notes import UNREACHED, Attempt, Note, Notebook, now

PATIENCE_SECONDS = 45
CUT = (OSError, http.client.HTTPException)


@dataclass
class Account:
    """Somebody's sign-in, renewed by password where it has ended; shared by all clients of that person."""

    username: str
    password: str
    token: str


class Client:
    """Sends through `port`, a new connection for each request, as `who` of the accounts."""

    def __init__(
        self,
        port: int,
        accounts: dict[str, Account],
        book: Notebook,
        chance: random.Random,
        goes_on: Callable[[], bool],
    ) -> None:
        self.port, self.accounts, self.book, self.chance = port, accounts, book, chance
        self.goes_on = goes_on

    def command(self, kind: str, who: str, path: str, body: Any = None, **about: Any) -> Any:
        """What a command answers; None where it was refused, or was not settled before the client had to stop."""
        note = self.book.begin(Note(kind, who, "POST", f"/api/v1/{path}", body or {}, about=about))
        self.pursue(note)
        return note.said if note.state == "acknowledged" else None

    def pursue(self, note: Note) -> None:
        """Send a command until it is settled."""
        while note.state == "open":
            self._attempt(note)
            if note.state == "acknowledged":
                self.book.settle(note)
            elif note.state == "open":
                if not self.goes_on():
                    return
                time.sleep(self.chance.uniform(0.05, 0.2 if note.attempts[-1].status else 0.8))

    def read(self, who: str, path: str) -> Any:
        """What a read answers, asked again until it comes; None where it was refused or the client had to stop."""
        while self.goes_on():
            status, text, _headers, _why = self._exchange("GET", f"/api/v1/{path}", None, self._headers(who))
            if status == 200:
                return json.loads(text)
            if 400 <= status < 500 and status not in {401, 429}:
                return None
            if status == 401:
                self._sign_in(who, self.accounts[who].token)
            time.sleep(self.chance.uniform(0.05, 0.5))
        return None

    def _attempt(self, note: Note) -> None:
        sent_at, token = now(), self.accounts[note.who].token
        headers = self._headers(note.who) | {"Idempotency-Key": note.key, "Content-Type": "application/json"}
        status, text, told, why = self._exchange(note.method, note.path, json.dumps(note.body), headers)
        note.told(Attempt(sent_at, now(), status, why or (text[:300] if status >= 400 else "")), text, told)
        if status == 401:
            self._sign_in(note.who, token)

    def _exchange(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> tuple[int, str, dict[str, str], str]:
        """Status, content and headers of a whole answer; `UNREACHED` and why where it did not come whole."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            line.request(method, path, body.encode() if body is not None else None, headers)
            answer = line.getresponse()
            content = answer.read()
            told = {name.lower(): value for name, value in answer.getheaders()}
            if str(len(content)) != told.get(
                "content-length"
            ):  # cut within the headers, which else goes unnoticed
                return UNREACHED, "", {}, "cut short"
            return answer.status, content.decode(), told, ""
        except CUT as error:
            return UNREACHED, "", {}, type(error).__name__
        finally:
            line.close()

    def _headers(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Token {self.accounts[who].token}", "Connection": "close"}

    def _sign_in(self, who: str, old: str) -> None:
        """Sign in anew, unless another client of this person has done it meanwhile."""
        account = self.accounts[who]
        with SIGNING_IN:
            if account.token != old:
                return
            words = json.dumps({"username": account.username, "password": account.password})
            headers = {"Content-Type": "application/json", "Connection": "close"}
            status, text, _told, _why = self._exchange("POST", "/api/v1/auth/login/", words, headers)
            if status == 200:
                account.token = json.loads(text)["token"]


SIGNING_IN = threading.Lock()
