"""What faults do to an answer, and to the connection that it goes out on.

A connection is cut by raising `CutError`: aiohttp then closes it without another word, once it has
written what it still has.
"""

import asyncio
import contextlib
import math
import socket
import struct
import sys

from mockserver.exchange import Reply, text_header
from mockserver.messages import Request, Response
from mockserver.server import aiohttp_web as web
from mockserver.server.fault_rules import (
    MOST_MILLISECONDS,
    Answer,
    Close,
    Dribble,
    Drop,
    Effect,
    Garble,
    Mistype,
    Reset,
    Truncate,
)
from mockserver.server.faults import Disturbance
from mockserver.server.served import ServedWorld
from mockserver.values import Value, replace

_NO_LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)  # a close that resets the connection


class CutError(ConnectionAbortedError):
    """The connection ends here, as a fault wants it."""


class Disturbed(Value, frozen=True, kw_only=True):
    """Vendor traffic that faults of its world meet; the request's path is the one within the world."""

    world: ServedWorld
    request: Request
    disturbance: Disturbance


def is_never_decided(disturbance: Disturbance) -> bool:
    """Tell whether the connection is cut before anything is decided."""
    effect = disturbance.effect
    return isinstance(effect, Reset | Close) or (isinstance(effect, Drop) and not effect.is_done)


def undecided(disturbance: Disturbance) -> Reply:
    """Return what the journal keeps of a request that nothing was decided on: no answer (status 0), and why."""
    facts, sent = disturbance.facts, "whole" if disturbance.effect is None else disturbance.effect.sent
    return Reply(
        response=Response(status=0),
        operation=facts.operation,
        customer=facts.customer,
        basis=f"forced {sent}",
        why=f"forced: the connection was {sent} by fault {disturbance.by} before anything was decided",
        forced=True,
    )


def as_asked(request: Request, disturbance: Disturbance) -> Request:
    """Return the request that the core decides on: where a rule wants an answer, one that prefers it."""
    effect = disturbance.effect
    if not isinstance(effect, Answer):
        return request
    return replace(request, headers={**request.headers, "prefer": effect.prefer})


def labelled(reply: Reply, disturbance: Disturbance) -> Reply:
    """Return a reply that says which fault asked for it, or disturbed it."""
    effect, by = disturbance.effect, f"by fault {disturbance.by}"
    if isinstance(effect, Answer) and not reply.forced:  # the dialect or the credentials changed during a delay
        return reply
    if isinstance(effect, Answer):
        why = ": ".join(filter(None, (f"{reply.why} {by}", effect.because)))
    elif isinstance(effect, Truncate | Garble | Mistype):
        why = "; ".join(filter(None, (f"{effect.sent} {by}", reply.why)))
    else:
        return reply
    headers = {**reply.response.headers, "X-Mock-Why": text_header(why)}
    if isinstance(effect, Answer) and effect.retry_after is not None:
        headers["Retry-After"] = str(effect.retry_after)
    return replace(reply, why=why, response=replace(reply.response, headers=headers))


def distort(response: Response, effect: Effect | None) -> Response:
    """Return the answer that goes out, where an effect changes its type or its body."""
    match effect:
        case Garble():
            return replace(response, body=b"{" + response.body)  # no JSON value can follow an opening brace
        case Mistype(content_type=content_type):
            return replace(response, headers={**response.headers, "Content-Type": content_type})
        case _:
            return response


async def pause(milliseconds: float, stop: asyncio.Event) -> None:
    """Wait, but no longer than the server runs."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(milliseconds / 1000):
            await stop.wait()


def cut_for(incoming: web.BaseRequest, effect: Effect | None) -> None:
    """End the connection without an answer, if that is what the effect wants."""
    if not isinstance(effect, Reset | Close | Drop):
        return
    transport = incoming.transport
    if isinstance(effect, Reset) and transport is not None:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        transport.abort()
    raise CutError


async def send(
    incoming: web.BaseRequest, written: web.Response, effect: Effect | None, stop: asyncio.Event
) -> web.StreamResponse:
    """Send an answer as an effect wants it, or leave that to aiohttp."""
    if incoming.method == "HEAD" or not isinstance(effect, Truncate | Dribble):
        return written
    body = bytes(written.body) if isinstance(written.body, bytes) else b""
    stream = web.StreamResponse(status=written.status, headers=written.headers)
    stream.content_length = len(body)
    if stop.is_set():
        stream.force_close()
    await stream.prepare(incoming)
    if isinstance(effect, Truncate):
        await stream.write(body[: min(effect.size, len(body) - 1)])
        raise CutError
    await _dribble(stream, body, effect, stop)
    return stream


async def _dribble(stream: web.StreamResponse, body: bytes, effect: Dribble, stop: asyncio.Event) -> None:
    size = piece_size(len(body), effect)
    for start in range(0, len(body), size):
        if start:
            await pause(effect.milliseconds, stop)
        await stream.write(body[start : start + size])


def piece_size(length: int, effect: Dribble) -> int:
    """Return how many bytes a piece has: as many as asked, or more where that would take too long in all."""
    most_pauses = MOST_MILLISECONDS // effect.milliseconds if effect.milliseconds else length
    return max(effect.size, math.ceil(length / (most_pauses + 1)))
