"""Laws of framing: every request before one that cannot be read is told of, however its bytes are cut into packets."""

import asyncio
from dataclasses import dataclass
from itertools import pairwise

import pytest
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import HttpRequestParser
from hypothesis import given
from hypothesis import strategies as st

from mockserver.server.bounds import Bounds
from mockserver.server.framing import Framing, Received, Unreadable

HOST = b"Host: a\r\n"
CONTENTS = st.one_of(
    st.binary(min_size=1, max_size=40), st.sampled_from([b"\r\n\r\n", b"0\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"])
)
UNREADABLE = b"GET / HTTP/1.1\r\nBad Name: x\r\n\r\n"


@dataclass(frozen=True)
class Sent:
    """One request as it is sent, and what is to be read of it."""

    wire: bytes
    body: bytes = b""


def with_length(body: bytes) -> Sent:
    return Sent(b"PUT / HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % len(body) + body, body)


def in_chunks(chunks: list[bytes]) -> Sent:
    parts = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return Sent(
        b"PUT / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + parts + b"0\r\n\r\n", b"".join(chunks)
    )


REQUESTS = st.lists(
    st.one_of(
        st.just(Sent(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")),
        st.just(Sent(b"GET / HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n")),
        CONTENTS.map(with_length),
        st.lists(CONTENTS, max_size=3).map(in_chunks),
    ),
    max_size=6,
)


class _Reading:
    """Takes up requests one after the other, as aiohttp does."""

    def __init__(self, bounds: Bounds) -> None:
        loop = asyncio.get_running_loop()
        parser = HttpRequestParser(BaseProtocol(loop), loop, 2**18, max_msg_queue_size=32)
        self.framing = Framing(parser, bounds, self._note, loop.time)
        self.came: list[Received] = []
        self.failures: list[Unreadable] = []
        self._waiting = 0
        self._is_due = False

    def _note(self) -> None:
        self._is_due = True

    def feed(self, data: bytes) -> None:
        try:
            came, _, _ = self.framing.feed_data(data)
        except Unreadable as failure:
            self.failures.append(failure)
            return
        self.came += came
        self._waiting += len(came)

    def take_up_all(self) -> None:
        while self._waiting:
            self._waiting -= 1
            self.framing.message_consumed()
            if self._is_due:
                self._is_due = False
                self.feed(b"")

    @property
    def bodies(self) -> list[bytes]:
        return [payload.read_nowait() for _, payload in self.came]


def cut(wire: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, len(wire), *(place % (len(wire) + 1) for place in places)})
    return [wire[start:end] for start, end in pairwise(edges)]


def read(pieces: list[bytes], bounds: Bounds) -> _Reading:
    async def run() -> _Reading:
        reading = _Reading(bounds)
        for piece in pieces:
            reading.feed(piece)
        reading.take_up_all()
        return reading

    return asyncio.run(run())


@given(REQUESTS, st.lists(st.integers(0, 2_000), max_size=8), st.booleans(), st.integers(1, 16))
def test_each_request_is_told_of_whole_and_then_what_cannot_be_read(
    sent: list[Sent], places: list[int], breaks: bool, queued: int
) -> None:
    wire = b"".join(one.wire for one in sent) + (UNREADABLE if breaks else b"")

    reading = read(cut(wire, places), Bounds(queued_requests=queued))

    assert reading.bodies == [one.body for one in sent]
    assert [failure.obstacle.code for failure in reading.failures] == (["400"] if breaks else [])
    assert all(UNREADABLE.startswith(failure.head) and failure.head for failure in reading.failures)
    assert reading.framing.begun is None


@given(st.integers(1, 40), st.integers(1, 16))
def test_no_more_is_read_than_may_wait(number: int, queued: int) -> None:
    async def run() -> tuple[int, bool]:
        reading = _Reading(Bounds(queued_requests=queued))
        reading.feed(b"".join([b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"] * number))
        return len(reading.came), reading.framing.has_more

    assert asyncio.run(run()) == (min(number, queued), number > queued)


@pytest.mark.parametrize(
    ("wire", "code"),
    [
        pytest.param(b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 65_480 + b"\r\n\r\n", None, id="64 KiB"),
        pytest.param(b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 65_600 + b"\r\n\r\n", "431", id="more than 64 KiB"),
        pytest.param(b"GET /" + b"a" * 70_000, "431", id="a target without an end"),
        pytest.param(b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n" * 255 + b"\r\n", None, id="256 headers"),
        pytest.param(b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n" * 256 + b"\r\n", "431", id="257 headers"),
    ],
)
@pytest.mark.parametrize("size", [100_000, 1_000, 7], ids="{} bytes at a time".format)
def test_a_head_is_refused_beyond_its_bounds_and_not_before(wire: bytes, code: str | None, size: int) -> None:
    bounds = Bounds()

    async def run() -> _Reading:
        reading = _Reading(bounds)
        loop = asyncio.get_running_loop()
        parser = HttpRequestParser(
            BaseProtocol(loop), loop, 2**18, max_line_size=65_536, max_field_size=65_536, max_headers=256
        )
        reading.framing = Framing(parser, bounds, lambda: None, loop.time)
        for start in range(0, len(wire), size):
            reading.feed(wire[start : start + size])
        return reading

    reading = asyncio.run(run())

    assert [failure.obstacle.code for failure in reading.failures] == ([code] if code else [])
    assert len(reading.came) == (0 if code else 1)
