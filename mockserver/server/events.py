"""Server-sent events: a client is told of each exchange of a world as it happens.

Form: https://html.spec.whatwg.org/multipage/server-sent-events.html. A feed keeps only ids of what its client has not
read yet; the exchanges are the journal's. So whoever reads slowly costs nothing, and loses what the journal forgets.
"""

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping

from mockserver.lossless_json import write_json
from mockserver.server.journal import Exchange, Journal, number_of
from mockserver.storage import Soon, soon
from mockserver.values import Value

HEARTBEAT_SECONDS = 15.0
MOST_CLIENTS = 32  # of one world
_RETRY = b"retry: 2000\n\n"  # milliseconds until a client whose connection broke comes again
_ALIVE = b": still here\n\n"
_EVENT = re.compile(r"(?:([0-9a-f]{1,64})\.)?(x(?:0|[1-9][0-9]{0,17}))\Z")
_MOST_OVERTAKEN = 1_000  # exchanges that a delayed one may come after, although their numbers are higher


class Stream(Value, frozen=True, kw_only=True):
    """An answer that goes on until its client leaves or it is ended: its headers, its parts, and how to end it."""

    headers: Mapping[str, str]
    parts: Callable[[], AsyncIterator[bytes]]
    end: Callable[[], None]


class Feed:
    """What one client is told; made in the event loop that its parts are read in.

    `after` is the id of the last event that the client has seen: what the journal has since then comes first.
    `is_held` tells at each heartbeat whether the world is still there. `limit` ends the feed after so many exchanges.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        after: str | None = None,
        limit: int | None = None,
        is_held: Callable[[], Soon[bool]] = lambda: True,
        heartbeat: float = HEARTBEAT_SECONDS,
        bound: int | None = None,
    ) -> None:
        self._journal = journal
        self._limit = limit
        self._is_held = is_held
        self._heartbeat = heartbeat
        self._bound = journal.bound if bound is None else bound
        self._waiting: deque[str] = deque() if after is None else deque(_ids_after(journal, after))
        self._dropped = 0
        self._ended = False
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()
        if self._waiting:
            self._woken.set()
        journal.listen(self)

    def hear(self, exchange: Exchange) -> None:
        """Note an exchange for the client, unless it is a preflight; the oldest goes when too many wait."""
        if exchange.preflight:
            return
        self._waiting.append(exchange.id)
        if len(self._waiting) > self._bound:
            self._waiting.popleft()
            self._dropped += 1
        self._woken.set()

    def end(self) -> None:
        """Tell nothing more than what waits already; any thread may end a feed, and more than once."""
        self._ended = True
        self._journal.leave(self)
        self._loop.call_soon_threadsafe(self._woken.set)

    async def parts(self) -> AsyncIterator[bytes]:
        """Yield what goes over the wire."""
        yield _RETRY
        left = self._limit
        while left is None or left > 0:
            for part in self._take(left):
                left = None if left is None else left - part.startswith(b"id:")
                yield part
            if left == 0 or (self._ended and not self._waiting):
                return
            if not await self._is_woken():
                if not await soon(self._is_held()):
                    return
                yield _ALIVE

    def _take(self, most: int | None) -> Iterator[bytes]:
        """Yield the events that wait, at most so many, and say before them how many were lost."""
        while self._waiting and most != 0:
            exchange = self._journal.find(self._waiting.popleft())
            if exchange is None:
                self._dropped += 1
                continue
            if self._dropped:
                yield f": {self._dropped} exchanges were dropped, since this client reads too slowly\n\n".encode()
                self._dropped = 0
            yield _event(self._journal.run, exchange)
            most = None if most is None else most - 1

    async def _is_woken(self) -> bool:
        """Wait for news; False where there is none until the next heartbeat."""
        try:
            async with asyncio.timeout(self._heartbeat):
                await self._woken.wait()
        except TimeoutError:
            return False
        self._woken.clear()
        return True


def _event(run: str, exchange: Exchange) -> bytes:
    """Write an exchange as one event; JSON has no line breaks, so its data is one line."""
    shown = write_json({**exchange.summary(), "said": exchange.reply.why})
    return b"id: %b.%b\nevent: exchange\ndata: %b\n\n" % (run.encode(), exchange.id.encode(), shown)


def _ids_after(journal: Journal, seen: str) -> list[str]:
    """Return what the journal has that was not told up to an event, oldest first.

    The event is named `RUN.x5`, or `x5` in this run. One of another run, or that cannot be read, was none of these, so
    all is new. The journal's own order counts: an answer that was delayed comes after others with higher numbers.
    """
    kept = [exchange.id for exchange in reversed(journal.exchanges())]
    found = _EVENT.match(seen)
    if found is None or found[1] not in (None, journal.run):
        return kept
    if found[2] in kept:
        return kept[kept.index(found[2]) + 1 :]
    return kept if _may_be_gone(journal, found[2]) else [one for one in kept if number_of(one) > number_of(found[2])]


def _may_be_gone(journal: Journal, exchange_id: str) -> bool:
    """Tell whether an exchange that is not kept was once: all that is kept came after it then.

    One with a higher number than all that came is of another run, whoever says so.
    """
    number, latest = number_of(exchange_id), max((number_of(one.id) for one in journal), default=-1)
    was_removed = journal.removed != "" and number <= number_of(journal.removed) + _MOST_OVERTAKEN
    return was_removed or number > latest
