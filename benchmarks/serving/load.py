"""A client that asks as fast as it is answered: N connections, each with one request in flight.

It runs in a process of its own, `python -m benchmarks.serving.load`: a `Load` as JSON comes in, `Figures` as JSON go
out. It reads no more of HTTP than the status and Content-Length, so that it is quicker than what it measures.
"""

import asyncio
import dataclasses
import json
import sys
from array import array
from time import perf_counter

import uvloop

from benchmarks.serving.asking import Figures, Load, figures_of, filling

_HEAD_ENDS = b"\r\n\r\n"
_LENGTH = b"\r\ncontent-length:"
_MOST_LOST = 100  # connections that end in between, after which it gives up


class Asking:
    """All connections of one client, what they ask, and what they were answered."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self._request = filling(load.request.encode("latin-1"), load.customers)
        self._answer = filling(load.answer.encode("latin-1"), load.customers)
        self._has = tuple(part.encode("latin-1") for part in load.has)
        self._status = str(load.status).encode()
        self._number = load.first_number
        self._first = b""
        self.milliseconds = array("d")
        self.answered = self.wrong = self.lost = self.compared = 0
        self.trouble = ""
        self.last_answered = -1
        self.connections: list[_Connection] = []
        self.is_begun = self.is_over = False
        self.over = asyncio.Event()

    def begin(self) -> None:
        """Let all connections ask, now that all are there: those that come later would wait for those that ask."""
        self.is_begun = True
        for connection in self.connections:
            connection.ask()

    def forget(self) -> None:
        """Forget what was answered so far: it was the warm-up."""
        self.milliseconds = array("d")

    def late(self) -> tuple[int, ...]:
        """Return the numbers of the requests of which one is what the server did last."""
        return (self.last_answered, *(connection.number for connection in self.connections))

    def next_request(self) -> tuple[int, bytes]:
        """Return the number of the next request, and the request."""
        number = self._number
        self._number = number + 1
        return number, self._request(number)

    def take(self, number: int, seconds: float, status: bytes, data: bytes, start: int) -> None:
        """Count an answer, whose body starts there."""
        self.milliseconds.append(seconds * 1000)
        self.answered += 1
        self.last_answered = number
        if status != self._status:
            self.note_wrong(data)
        elif self.answered % self.load.one_in == 1:
            self._compare(number, data[start:])
        if self.answered == self.load.most:
            self.end()

    def _compare(self, number: int, body: bytes) -> None:
        self.compared += 1
        self._first = self._first or body
        expected = self._answer(number) or (body if self.load.varies else self._first)
        if body != expected or not all(part in body for part in self._has):
            self.note_wrong(body)

    def note_wrong(self, came: bytes) -> None:
        """Count an answer that is not as expected."""
        self.wrong += 1
        self.trouble = self.trouble or came[-400:].decode("latin-1")

    def note_lost(self, why: str) -> None:
        """Count a connection that ended while it waited; after many of them it is over."""
        self.lost += 1
        self.trouble = self.trouble or why
        if self.lost >= _MOST_LOST:
            self.end()

    def end(self) -> None:
        """Ask nothing more."""
        self.is_over = True
        self.over.set()


class _Connection(asyncio.Protocol):
    __slots__ = ("_asked", "_asking", "_data", "_transport", "number")

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._data = b""
        self.number = -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._asking.connections.append(self)
        if self._asking.is_begun:
            self.ask()

    def ask(self) -> None:
        """Send the next request."""
        self.number, request = self._asking.next_request()
        self._asked = perf_counter()
        self._transport.write(request)  # type: ignore[attr-defined]  # uvloop's transport is all kinds in one

    def data_received(self, data: bytes) -> None:
        now = perf_counter()
        if self._data:
            data = self._data + data
        head = data.find(_HEAD_ENDS)
        if head < 0:
            self._data = data
            return
        start = head + 4
        length = content_length(data, head)
        if length is None:
            self._give_up(data)
            return
        if len(data) < start + length:
            self._data = data
            return
        self._data = b""
        if self._asking.is_over:
            return
        self._asking.take(self.number, now - self._asked, data[9:12], data, start)
        if not self._asking.is_over:
            self.ask()

    def _give_up(self, data: bytes) -> None:
        self._asking.note_wrong(b"no Content-Length: " + data[:200])
        self._asking.end()

    def connection_lost(self, error: Exception | None) -> None:
        if self._asking.is_over:
            return
        self._asking.note_lost(f"the connection ended: {error or 'the server closed it'}")
        _reconnect(self._asking)


def content_length(data: bytes, head: int) -> int | None:
    """Return the length of the body of a response whose head ends there, or None where it does not say so."""
    at = data.find(b"\r\nContent-Length:", 0, head)
    if at < 0:
        at = data[:head].lower().find(_LENGTH)
    if at < 0:
        return None
    at += len(_LENGTH)
    return int(data[at : data.find(b"\r\n", at)])


_PENDING: set[asyncio.Task[None]] = set()  # the loop itself holds tasks weakly


def _reconnect(asking: Asking) -> None:
    task = asyncio.get_running_loop().create_task(_connect(asking))
    _PENDING.add(task)
    task.add_done_callback(_PENDING.discard)


async def _connect(asking: Asking) -> None:
    loop = asyncio.get_running_loop()
    try:
        await loop.create_connection(lambda: _Connection(asking), "127.0.0.1", asking.load.port)
    except OSError as error:
        asking.note_lost(f"cannot connect: {error}")
        asking.end()


async def ask(load: Load) -> Figures:
    """Send a load, and return the figures."""
    asking = Asking(load)
    for _ in range(load.connections):
        await _connect(asking)
    asking.begin()
    if load.warm_up:
        await _until_over(asking, load.warm_up)
        asking.forget()
    started = perf_counter()
    await _until_over(asking, load.seconds)
    seconds = perf_counter() - started
    asking.is_over = True
    found = figures_of(asking.milliseconds, seconds, wrong=asking.wrong, lost=asking.lost, trouble=asking.trouble)
    return dataclasses.replace(found, compared=asking.compared, late=asking.late())


async def _until_over(asking: Asking, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await asking.over.wait()
    except TimeoutError:
        return


def main() -> None:
    """Read a load from standard input, send it, and write the figures to standard output."""
    load = Load.from_json(sys.stdin.read())
    print(json.dumps(dataclasses.asdict(uvloop.run(ask(load)))))


if __name__ == "__main__":
    main()
