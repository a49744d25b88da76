"""How an answer goes out where faults disturb it: later, in pieces, in part, or not at all.

A connection is cut by raising `CutError`: aiohttp then closes it without another word, once it has written what it
still has. What the client saw is amended in the journal where it left, or the server stopped, before the end.
"""

import asyncio
import contextlib
import socket
import struct
import sys
from typing import TYPE_CHECKING

from mockserver.server import aiohttp_web as web
from mockserver.server.disturbing import Disturbed, has_body, piece_size
from mockserver.server.fault_rules import Close, Dribble, Drop, Effect, Reset, Truncate
from mockserver.server.journal import Exchange
from mockserver.server.writing import Written

if TYPE_CHECKING:
    from mockserver.server.connection import Connection

_NO_LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)  # a close that resets the connection


class CutError(ConnectionAbortedError):
    """The connection ends here, as a fault wants it."""


async def pause(milliseconds: int, stop: asyncio.Event) -> int:
    """Wait, but no longer than the server runs; return the milliseconds of that."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(milliseconds / 1000):
            await stop.wait()
            return _since(started, milliseconds)
    return milliseconds


def has_gone(incoming: web.BaseRequest) -> bool:
    """Tell whether the client has left, or will send no more, which may be the same."""
    connection: Connection = incoming.protocol  # type: ignore[assignment]  # a server makes no others
    return connection.has_left or incoming.transport is None or incoming.transport.is_closing()


async def send(
    incoming: web.BaseRequest, written: Written, met: Disturbed, exchange: Exchange, stop: asyncio.Event
) -> web.StreamResponse:
    """Send an answer as an effect wants it, or leave that to aiohttp; the journal has the exchange already."""
    started = asyncio.get_running_loop().time()
    journal, waited = met.world.journal, met.disturbance.milliseconds
    planned = exchange.delayed - waited
    try:
        sent = await _send(incoming, written, met.disturbance.effect, stop)
    except (ConnectionResetError, asyncio.CancelledError):
        journal.amend(exchange.id, "unknown", delayed=waited + _since(started, planned))
        raise
    if _since(started, planned) < planned:
        journal.amend(exchange.id, exchange.outcome, delayed=waited + _since(started, planned))
    return sent


def _since(started: float, most: int) -> int:
    """Return the milliseconds since a time of the loop, at most those that were planned."""
    return min(most, round((asyncio.get_running_loop().time() - started) * 1000))


async def _send(
    incoming: web.BaseRequest, written: Written, effect: Effect | None, stop: asyncio.Event
) -> web.StreamResponse:
    if isinstance(effect, Reset | Close | Drop):
        _cut(incoming, effect)
    body = written.content
    if not isinstance(effect, Truncate | Dribble) or not has_body(incoming.method, body):
        return written
    stream = web.StreamResponse(status=written.status, headers=written.fields)
    stream.content_length = len(body)
    if stop.is_set():
        stream.force_close()
    await stream.prepare(incoming)
    if isinstance(effect, Truncate):
        await stream.write(body[: min(effect.size, len(body) - 1)])
        raise CutError
    await _dribble(stream, body, effect, stop)
    return stream


def _cut(incoming: web.BaseRequest, effect: Reset | Close | Drop) -> None:
    """End the connection without an answer."""
    transport = incoming.transport
    if isinstance(effect, Reset) and transport is not None:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        transport.abort()
    raise CutError


async def _dribble(stream: web.StreamResponse, body: bytes, effect: Dribble, stop: asyncio.Event) -> None:
    size = piece_size(len(body), effect)
    for start in range(0, len(body), size):
        if start:
            await pause(effect.milliseconds, stop)
        await stream.write(body[start : start + size])
