"""Laws of gathered writes: all of it goes out, in its order, by the end of the turn, and before a connection closes."""

import asyncio
import socket
from collections.abc import Callable
from typing import cast

import pytest

from mockserver.server.gathering import GatheringTransport, Turn

LARGE = b"x" * 70_000


class _Saying(asyncio.Protocol):
    """Says something to whoever connects."""

    def __init__(self, turn: Turn, say: Callable[[GatheringTransport], None]) -> None:
        self._turn = turn
        self._say = say

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._say(GatheringTransport(cast(asyncio.Transport, transport), self._turn))


def heard(say: Callable[[GatheringTransport], None]) -> bytes:
    """Return what a client reads until the connection ends."""

    async def run() -> bytes:
        loop = asyncio.get_running_loop()
        turn = Turn(loop)
        server = await loop.create_server(lambda: _Saying(turn, say), "127.0.0.1", 0)
        async with server, asyncio.timeout(10):
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            try:
                return await reader.read()
            finally:
                writer.close()

    return asyncio.run(run())


def _in_parts(transport: GatheringTransport) -> None:
    transport.write(b"one ")
    transport.write(bytearray(b"two "))
    transport.writelines([b"three ", memoryview(b"four")])
    transport.close()


def _changed_afterwards(transport: GatheringTransport) -> None:
    part = bytearray(b"before")
    transport.write(part)
    part[:] = b"behind"
    transport.close()


def _closed_in_a_later_turn(transport: GatheringTransport) -> None:
    transport.write(b"one turn")
    asyncio.get_running_loop().call_later(0.01, transport.close)


def _large_between_small(transport: GatheringTransport) -> None:
    transport.write(b"a")
    transport.write(LARGE)
    transport.write(b"z")
    transport.close()


def _ended(transport: GatheringTransport) -> None:
    transport.write(b"all of it")
    if transport.can_write_eof():
        transport.write_eof()


def _written_after_the_end(transport: GatheringTransport) -> None:
    transport.write(b"said")
    transport.close()
    transport.write(b" too late")


@pytest.mark.parametrize(
    ("say", "comes"),
    [
        pytest.param(_in_parts, b"one two three four", id="parts come in their order"),
        pytest.param(_changed_afterwards, b"before", id="what changes afterwards was said before"),
        pytest.param(_closed_in_a_later_turn, b"one turn", id="a turn ends without a close"),
        pytest.param(_large_between_small, b"a" + LARGE + b"z", id="large parts do not overtake"),
        pytest.param(_ended, b"all of it", id="the end comes last"),
        pytest.param(_written_after_the_end, b"said", id="nothing comes after the end"),
    ],
)
def test_a_client_hears_what_was_written(say: Callable[[GatheringTransport], None], comes: bytes) -> None:
    assert heard(say) == comes


def test_what_is_written_waits_for_the_end_of_the_turn_and_is_not_counted_as_untaken() -> None:
    sizes: list[int] = []

    def say(transport: GatheringTransport) -> None:
        transport.write(b"small")
        sizes.append(transport.get_write_buffer_size())
        transport.close()

    assert heard(say) == b"small"
    assert sizes == [0]


def test_an_abort_cuts_after_what_was_written() -> None:
    def say(transport: GatheringTransport) -> None:
        transport.write(b"half an ans")
        transport.abort()

    assert heard(say) == b"half an ans"


def test_the_transport_behind_is_the_one_that_is_asked() -> None:
    asked: list[object] = []

    def say(transport: GatheringTransport) -> None:
        transport.set_write_buffer_limits(high=2_000, low=1_000)
        transport.pause_reading()
        asked.extend([transport.is_reading(), transport.get_write_buffer_limits()])
        transport.resume_reading()
        asked.extend([transport.is_reading(), type(transport.get_protocol()), transport.is_closing()])
        asked.append(transport.get_extra_info("socket").family)
        transport.set_protocol(transport.get_protocol())
        transport.close()
        asked.append(transport.is_closing())

    heard(say)

    assert asked == [False, (1_000, 2_000), True, _Saying, False, socket.AF_INET, True]
