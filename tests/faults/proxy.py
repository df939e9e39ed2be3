"""A line between clients and server that is cut: after some bytes of a request, of an answer, or at some moment.

An answer is written only after its command was committed, so a line cut in the answer is one cut after the commit; a
line cut in the request is cut before anything was begun; one cut at a moment, wherever the command is just then.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

CHUNK = 65536


@dataclass
class Shares:
    """Which share of the lines is cut, and where."""

    request: float = 0.0
    answer: float = 0.0
    moment: float = 0.0


@dataclass
class Cut:
    """How one line ends: bytes that pass each way, and seconds."""

    request: int | None = None
    answer: int | None = None
    seconds: float | None = None


class Proxy:
    """Passes every connection to one of `targets`; each is cut, or not, by chance."""

    def __init__(self, target: int, chance: random.Random) -> None:
        self.targets, self.chance, self.shares = [target], chance, Shares()
        self.port = 0
        self.cuts: Counter[str] = Counter()
        self._open: set[asyncio.Task[None]] = set()  # a loop itself holds its tasks loosely

    async def serve(self, ready: threading.Event, end: asyncio.Event) -> None:
        server = await asyncio.start_server(self._begin, "127.0.0.1", 0, backlog=256)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await end.wait()
        server.close()
        for line in self._open:
            line.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await asyncio.sleep(0.05)  # so that what was closed is gone before the loop is

    def _draw(self) -> Cut:
        drawn, shares = self.chance.random(), self.shares
        if drawn < shares.request:
            return Cut(request=self.chance.randrange(1, 400))
        if drawn < shares.request + shares.answer:
            return Cut(answer=self.chance.choice([0, self.chance.randrange(1, 300)]))
        if drawn < shares.request + shares.answer + shares.moment:
            return Cut(seconds=self.chance.uniform(0.001, 0.08))
        return Cut()

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.ensure_future(self._pass(reader, writer))
        self._open.add(line)
        line.add_done_callback(self._open.discard)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        cut = self._draw()
        try:
            there, thither = await asyncio.open_connection("127.0.0.1", self.chance.choice(self.targets))
        except OSError:
            writer.transport.abort()
            return
        ways = [
            asyncio.ensure_future(self._forward(reader, thither, cut.request, "request")),
            asyncio.ensure_future(self._forward(there, writer, cut.answer, "answer")),
        ]
        try:
            done, _waiting = await asyncio.wait(
                ways, timeout=cut.seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if not done:
                self.cuts["moment"] += 1
            elif ways[0] in done and ways[0].result():  # the client has said all it had to say
                await asyncio.wait(ways[1:])
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for end in (writer, thither):
                end.close()

    async def _forward(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limit: int | None, way: str
    ) -> bool:
        """Pass bytes on until the sender ends (true), or the limit cuts the line (false)."""
        passed = 0
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                if limit is not None and passed + len(data) > limit:
                    writer.write(data[: limit - passed])
                    await writer.drain()
                    self.cuts[way] += 1
                    return False
                passed += len(data)
                writer.write(data)
                await writer.drain()
        return True


@contextlib.contextmanager
def proxied(target: int, chance: random.Random) -> Iterator[Proxy]:
    """A proxy in a thread of its own."""
    proxy, ready = Proxy(target, chance), threading.Event()
    loop = asyncio.new_event_loop()
    end = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(proxy.serve(ready, end)), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(10)
        loop.close()
