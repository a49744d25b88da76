"""aiohttp's connection, with bounds for what a client may take, and the vendor's envelope for what cannot be read.

aiohttp has no hook for the latter (its issue 3287) but `handle_error` of the connection.
"""

import asyncio
from typing import cast

from mockserver.server import aiohttp_web as web
from mockserver.server.app import App
from mockserver.server.bounds import Bounds
from mockserver.server.framing import Framing, Unreadable
from mockserver.server.gathering import GatheringTransport, Turn

_receive = web.RequestHandler.data_received
_HALF_CLOSED_SECONDS = 1.0  # in which a client that sends no more still gets what it is owed


class Connection(web.RequestHandler):
    """One connection. `heard` is when something came last, in seconds of the loop."""

    __slots__ = (
        "_app", "_framing", "_gathered", "_gone", "_is_held", "_now", "_turn", "_unread", "answered", "bounds",
        "has_left", "heard", "loop",
    )  # fmt: skip

    def __init__(self, server: web.Server, app: App, turn: Turn, bounds: Bounds) -> None:
        self.loop = asyncio.get_running_loop()
        super().__init__(
            server,
            loop=self.loop,
            access_log=None,  # type: ignore[arg-type]  # none, as aiohttp documents it
            auto_decompress=False,  # it would leave a connection that cannot be read on (`decoding`)
            max_line_size=bounds.head_bytes,
            max_field_size=bounds.head_bytes,
            max_headers=bounds.head_fields,
            lingering_time=bounds.goodbye_seconds,
        )
        self._app, self._turn, self.bounds = app, turn, bounds
        self._framing = Framing(web.put_parser(self, None), bounds, self._schedule, self.loop.time)
        web.put_parser(self, self._framing)
        self._gathered: GatheringTransport | None = None
        self._gone: asyncio.Future[None] | None = None
        self._unread = (0, 0.0)  # how many bytes a client does not take, and since when
        self.answered = 0  # requests
        self.has_left = self._is_held = False
        self._now = self.loop.time
        self.heard = self._now()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Gather what is written."""
        self._gathered = GatheringTransport(cast(asyncio.Transport, transport), self._turn)
        super().connection_made(self._gathered)

    def data_received(self, data: bytes) -> None:
        """Hand bytes to the parser, and take no more than it can use."""
        if data:
            self.heard = self._now()
        elif not self._framing.has_more:
            return  # aiohttp reads on after each body, and there is nothing to read
        _receive(self, data)
        if self._is_held or self._framing.has_more or self._framing.dropped:
            self._attend()

    def _attend(self) -> None:
        """Read nothing while something waits, and not for ever of a client that was told that it is not understood."""
        framing, transport = self._framing, self._gathered
        if transport is None:
            return
        self._is_held = framing.has_more
        transport.hold(self._is_held, is_paused=framing.is_paused)
        if framing.dropped > self.bounds.goodbye_bytes:
            transport.abort()

    def _schedule(self) -> None:
        self.loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        """Take up what waits."""
        if self.transport is not None:
            self.data_received(b"")

    def eof_received(self) -> bool:  # type: ignore[override]  # which asyncio asks for, and aiohttp never says
        """Note that the client sends no more: it gets what is answered within a second, if it is owed anything."""
        self.has_left = True
        self._app.end_stream(self)
        if self._gathered is None:
            return False
        self._gathered.flush()  # whoever is told False closes the transport behind
        if self.is_idle:
            return False
        self.loop.call_later(_HALF_CLOSED_SECONDS, self._gathered.close)
        return True

    def connection_lost(self, exc: BaseException | None) -> None:
        """Note that the client has gone."""
        self.has_left = True
        self._app.end_stream(self)
        if self._gone is not None and not self._gone.done():
            self._gone.set_result(None)
        super().connection_lost(exc)
        self._gathered = None

    async def see_off(self) -> None:
        """Read on for a while, so that a client that is still sending sees its answer; a close would reset it."""
        if self._gathered is None or self.has_left:
            return
        self._gathered.write_eof()
        self._gone = self.loop.create_future()
        await asyncio.wait([self._gone], timeout=self.bounds.goodbye_seconds)

    def cut(self) -> None:
        """End the connection without another word."""
        if self._gathered is not None:
            self._gathered.abort()

    @property
    def expects_no_more(self) -> bool:
        """Tell whether the request that is answered now is the last one of those that came."""
        return self._framing.is_idle

    @property
    def is_idle(self) -> bool:
        """Tell whether the client is owed nothing, and has begun nothing."""
        return self._framing.is_idle and self._framing.told == self.answered

    def look(self, now: float) -> None:
        """Do what is due: end a connection that does nothing, that is not read, or whose request does not end."""
        transport, bounds = self._gathered, self.bounds
        if transport is None:
            return
        if self._is_stuck(transport, now):
            transport.abort()
        elif self._framing.begun is not None:
            self._look_at_request(transport, now)
        elif not self.is_idle:
            self.heard = now
        elif now - self.heard > bounds.idle_seconds:
            transport.close()

    def _is_stuck(self, transport: GatheringTransport, now: float) -> bool:
        """Tell whether the client has taken nothing for too long of what waits for it."""
        waiting = transport.get_write_buffer_size() if self.writing_paused or transport.is_closing() else 0
        before, since = self._unread
        if not waiting or not before or waiting < before:
            self._unread = (waiting, now)
            return False
        return now - since > self.bounds.unread_seconds

    def _look_at_request(self, transport: GatheringTransport, now: float) -> None:
        framing = self._framing
        if not transport.is_reading():  # it is us who do not read on
            framing.begun = now
        elif framing.begun is not None and now - framing.begun > self.bounds.request_seconds:
            framing.expire()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what could not be read, or what failed before the app saw it."""
        del status, message  # the exception says more
        if isinstance(exc, ConnectionError):  # the client has gone; aiohttp ends the connection quietly
            raise exc
        if isinstance(exc, Unreadable):
            return self._app.refuse_unreadable(exc, self)
        return self._app.refuse_defect(request, exc)
