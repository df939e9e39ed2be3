"""The load generator, a process of its own: `python -m benchmarks.load`, its order on stdin, its figures on stdout.

Each client is a thread with one connection that is kept; it takes the next request as soon as its last one is
answered. Requests are prepared beforehand, so that next to no work is done here; how much, is measured all the same.
"""

from __future__ import annotations

import http.client
import json
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
    refusal = "" if answer.status < 300 else content.decode(errors="replace")[:500]
    return str(answer.status), len(content), refusal


def _send_statement(connection: psycopg.Connection[Any], statement: str, call: Any) -> tuple[str, int, str]:
    rows = connection.execute(statement, {"call": call}).fetchall()
    return "written", len(str(rows)), ""


def work(send: Send, calls: Iterator[Any], seen: Seen, taking: threading.Lock) -> None:
    """Carry out one call after another until none is left."""
    while True:
        with taking:
            call = next(calls, None)
        if call is None:
            return
        begun = time.perf_counter()
        status, length, refusal = send(call)
        taken = time.perf_counter() - begun
        with taking:
            seen.seconds.append(taken)
            seen.answers[status] += 1
            seen.answered_bytes += length
            seen.refusal = seen.refusal or refusal


def run(order: dict[str, Any]) -> dict[str, Any]:
    """Carry out the order's calls with so many clients, all starting at once."""
    seen, taking = Seen(), threading.Lock()
    calls = iter(order["calls"])
    sends = [sender(order) for _client in range(order["clients"])]
    threads = [threading.Thread(target=work, args=(send, calls, seen, taking)) for send in sends]
    begun, cpu = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "elapsed": time.perf_counter() - begun,
        "cpu_ms": 1000 * (time.process_time() - cpu),
        "seconds": seen.seconds,
        "answers": seen.answers,
        "answered_bytes": seen.answered_bytes,
        "refusal": seen.refusal,
    }


if __name__ == "__main__":
    json.dump(run(json.load(sys.stdin)), sys.stdout)
