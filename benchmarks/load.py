"""The load generator, a process of its own: `python -m benchmarks.load`, its order on stdin, its figures on stdout.

Each client is a thread with one connection that is kept; it takes the next request as soon as its last one is
answered, or after it has thought for a while (`think`: seconds on average), or when it is due (`rate`: calls a
second, whether or not earlier ones are answered; waiting for a free client counts as time). Requests are prepared
beforehand, so that next to no work is done here; how much, is measured all the same.
"""

from __future__ import annotations

import http.client
import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg

Send = Callable[[Any], tuple[str, int, str]]


@dataclass
class Seen:
    """What the clients saw, in seconds and bytes."""

    seconds: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    answered_bytes: int = 0
    refusal: str = ""
    by_method: dict[str, list[float]] = field(default_factory=dict)

    def note(self, taken: float, told: tuple[str, int, str], call: Any) -> None:
        status, length, refusal = told
        self.seconds.append(taken)
        self.answers[status] += 1
        self.answered_bytes += length
        self.refusal = self.refusal or refusal
        if isinstance(call, list):
            self.by_method.setdefault(call[0], []).append(taken)


def sender(order: dict[str, Any]) -> Send:
    """One client: a function that carries out a call and gives its status, the bytes answered and any refusal."""
    if "database" in order:
        connection = psycopg.connect(order["database"], autocommit=True, prepare_threshold=1)
        return lambda call: _send_statement(connection, order["statement"], call)
    server = http.client.HTTPConnection("127.0.0.1", order["port"], timeout=60)
    server.connect()
    return lambda call: _send_request(server, call)


def _send_request(server: http.client.HTTPConnection, call: Any) -> tuple[str, int, str]:
    method, path, headers, body = call
    server.request(method, path, body.encode() if body else None, headers)
    answer = server.getresponse()
    content = answer.read()
    refusal = "" if answer.status < 300 or answer.status == 304 else content.decode(errors="replace")[:500]
    return str(answer.status), len(content), refusal


def _send_statement(connection: psycopg.Connection[Any], statement: str, call: Any) -> tuple[str, int, str]:
    rows = connection.execute(statement, {"call": call}).fetchall()
    return "written", len(str(rows)), ""


def work(send: Send, calls: Iterator[Any], seen: Seen, taking: threading.Lock, think: float) -> None:
    """Carry out one call after another until none is left."""
    while True:
        time.sleep(random.uniform(0, 2 * think))
        with taking:
            due, call = next(calls, (0.0, None))
        if call is None:
            return
        time.sleep(max(0.0, due - time.perf_counter()))
        begun = due or time.perf_counter()
        told = send(call)
        taken = time.perf_counter() - begun
        with taking:
            seen.note(taken, told, call)


def timed(calls: list[Any], rate: float, begun: float) -> Iterator[tuple[float, Any]]:
    """Each call with the moment at which it is due, if it is due at any."""
    return ((begun + number / rate if rate else 0.0, call) for number, call in enumerate(calls))


def run(order: dict[str, Any]) -> dict[str, Any]:
    """Carry out the order's calls with so many clients, all starting at once."""
    seen, taking = Seen(), threading.Lock()
    sends = [sender(order) for _client in range(order["clients"])]
    begun, cpu = time.perf_counter(), time.process_time()
    calls = timed(order["calls"], order.get("rate", 0), begun)
    given = calls, seen, taking, order.get("think", 0)
    threads = [threading.Thread(target=work, args=(send, *given)) for send in sends]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "elapsed": time.perf_counter() - begun,
        "cpu_ms": 1000 * (time.process_time() - cpu),
        "seconds": seen.seconds,
        "by_method": seen.by_method,
        "answers": seen.answers,
        "answered_bytes": seen.answered_bytes,
        "refusal": seen.refusal,
    }


if __name__ == "__main__":
    json.dump(run(json.load(sys.stdin)), sys.stdout)
