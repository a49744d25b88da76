"""The journal of a world taken away: an exchange as a whole, all as HAR or JSON lines, and events as they happen."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, TypeAlias

from mockserver.lossless_json import write_json
from mockserver.messages import Response
from mockserver.server.control.calls import JSON, Answer, Call, Routes, refuse, show
from mockserver.server.events import HEARTBEAT_SECONDS, MOST_CLIENTS, Feed, Stream
from mockserver.server.har import har_parts
from mockserver.server.journal import Exchange
from mockserver.server.pieces import ending, in_pieces
from mockserver.server.unfolding import unfold
from mockserver.storage import soon

_EVENT_HEADERS = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_LINES = {"Content-Type": "application/jsonl"}
_LARGE = 16 * 1024  # bytes of bodies, from which on an exchange is explained beside the event loop
_Unfolding: TypeAlias = Callable[[Exchange], dict[str, Any]]
_MOST_KNOWN = 10_000  # customers among whom a repair looks for the one that was meant


async def _show_request(call: Call) -> Answer:
    world = call.world
    exchange = world.journal.find(call.argument)
    if exchange is None:
        return refuse(404, f"the journal of world {world.name} has no exchange {call.argument[:40]}")
    unfolding = await _unfolding(call)
    if not _is_large(exchange):
        return show(unfolding(exchange))

    async def parts() -> AsyncIterator[bytes]:
        yield write_json(await asyncio.to_thread(unfolding, exchange))

    return _stream(call, ending(JSON, parts))


async def _unfolding(call: Call) -> _Unfolding:
    """Return what unfolds exchanges of the call's world, in any thread."""
    customers, base_url = await soon(call.world.state.recent(_MOST_KNOWN)), call.base_url
    known = tuple(customers)

    def unfolded(exchange: Exchange) -> dict[str, Any]:
        return unfold(exchange, base_url, load=customers.get, known=known)

    return unfolded


def _is_large(exchange: Exchange) -> bool:
    return len(exchange.request.body) + len(exchange.reply.response.body) > _LARGE


def _stream(call: Call, stream: Stream) -> Answer:
    """Answer with a stream; who asks for its head alone gets that."""
    return Response(status=200, headers=stream.headers) if call.request.method == "HEAD" else stream


def _export_har(call: Call) -> Answer:
    exchanges = call.exchanges()
    if isinstance(exchanges, Response):
        return exchanges
    return _stream(call, in_pieces(har_parts(exchanges[::-1], call.base_url), JSON))


async def _export_lines(call: Call) -> Answer:
    exchanges = call.exchanges()
    if isinstance(exchanges, Response):
        return exchanges
    parts = _lines(exchanges[::-1], await _unfolding(call))
    return _stream(call, ending(_LINES, lambda: parts))


async def _lines(
    exchanges: Sequence[Exchange], unfolding: Callable[[Exchange], dict[str, Any]]
) -> AsyncIterator[bytes]:
    """Yield a line for each exchange, the event loop answering others in between."""
    for exchange in exchanges:
        if _is_large(exchange):
            whole = await asyncio.to_thread(unfolding, exchange)
        else:
            await asyncio.sleep(0)
            whole = unfolding(exchange)
        yield write_json(whole) + b"\n"


def _follow(call: Call) -> Answer:
    """Tell of each exchange from now on, and first of those that came since the one that the client saw last."""
    limit = call.count("limit")
    if isinstance(limit, Response):
        return limit
    if call.request.method == "HEAD":
        return Response(status=200, headers=_EVENT_HEADERS)
    world, worlds, idle_seconds = call.world, call.worlds, call.world.state.idle_seconds
    if world.journal.listening >= MOST_CLIENTS:
        return refuse(409, f"{MOST_CLIENTS} clients follow world {world.name}, the most that can; close one")

    async def is_there() -> bool:
        return await soon(worlds.find(world.name)) is world

    feed = Feed(
        world.journal,
        after=call.request.headers.get("last-event-id") or call.query("after"),
        limit=limit,
        is_held=is_there,
        heartbeat=min(HEARTBEAT_SECONDS, (idle_seconds or math.inf) / 2),  # each one keeps the world from going
    )
    return Stream(headers=_EVENT_HEADERS, parts=feed.parts, end=feed.end)


ROUTES: Routes = {
    "requests/*": {"GET": _show_request},
    "requests.har": {"GET": _export_har},
    "requests.jsonl": {"GET": _export_lines},
    "events": {"GET": _follow},
}
