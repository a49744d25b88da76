"""Laws of gathered writes: all of it goes out, in its order, by the end of the turn, and before a connection closes."""

import asyncio
import socket
from collections.abc import Callable
from typing import cast

import pytest

from mockserver.exchange import Setting
from mockserver.files import World
from mockserver.messages import Request
from mockserver.server.app import App
from mockserver.server.control import Control, Guard
from mockserver.server.exchanging import exchange_with
from mockserver.server.gathering import GatheringTransport, Turn
from mockserver.server.options import ServeOptions
from mockserver.server.protocol import EnvelopeServer
from mockserver.server.running import make_worlds
from mockserver.storage import at_once
from tests.server.worlds import served_world

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


class _Recording(asyncio.Transport):
    """Writes down what reaches it; one that is `broken` cannot be written to."""

    def __init__(self, *, broken: bool = False) -> None:
        super().__init__()
        self.came: list[bytes] = []
        self.cut = False
        self._broken = broken

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._broken:
            raise OSError("nobody there")
        self.came.append(bytes(data))

    def is_closing(self) -> bool:
        return self.cut

    def close(self) -> None:
        self.cut = True

    def abort(self) -> None:
        self.cut = True


def after_a_turn(*behind: _Recording) -> list[list[bytes]]:
    """Write two parts to each and return what reached them within the turn; then let it end."""

    async def run() -> list[list[bytes]]:
        turn = Turn(asyncio.get_running_loop())
        for transport in [GatheringTransport(one, turn) for one in behind]:
            transport.write(b"head ")
            transport.write(b"body")
        within = [list(one.came) for one in behind]
        await asyncio.sleep(0)
        return within

    return asyncio.run(run())


def test_each_connection_is_written_to_once_when_the_turn_ends() -> None:
    first, second = _Recording(), _Recording()

    assert after_a_turn(first, second) == [[], []]
    assert (first.came, second.came) == ([b"head body"], [b"head body"])


def test_a_connection_that_fails_is_cut_and_the_others_are_written_to(caplog: pytest.LogCaptureFixture) -> None:
    broken, sound = _Recording(broken=True), _Recording()

    after_a_turn(broken, sound)

    assert (broken.cut, sound.came) == (True, [b"head body"])
    assert "nobody there" in caplog.text


def test_a_client_that_sends_no_more_still_hears_its_answer() -> None:
    behind = _Recording()

    async def run() -> None:
        worlds = make_worlds(ServeOptions())
        connection = EnvelopeServer(App(worlds, control=Control(worlds, Guard())))()
        connection.connection_made(behind)
        assert connection.transport is not None
        connection.transport.write(b"the answer")
        connection.eof_received()  # after this the loop closes its transport, whatever stands before it
        behind.cut = True
        connection.connection_lost(None)
        await asyncio.sleep(0)

    asyncio.run(run())

    assert behind.came == [b"the answer"]


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


def test_the_work_that_comes_later_is_done_behind_the_answer(setting: Setting, demo: World) -> None:
    body = b'{"loyaltyInfo": {"loyaltyType": "loyalty"}}'
    headers = {"authorization": "Basic dGVzdA==", "content-type": "application/json"}
    query = "source=INSTORE&use_async=true"
    request = Request(method="PUT", path="/v2/customers/171891944", query=query, headers=headers, body=body)
    world = served_world(setting, demo.customers)
    due: list[int] = []

    async def run() -> None:
        exchange_with(world, request, "x1")
        asyncio.get_running_loop().call_soon(
            lambda: due.append(at_once(world.state.waiting()))
        )  # where the answer goes out
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(run())

    assert due == [1]
    assert at_once(world.state.waiting()) == 0
