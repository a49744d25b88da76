"""aiohttp's server, making our connections: how many there may be, and that each keeps to its deadlines."""

import asyncio
from typing import cast

from mockserver.server import aiohttp_web as web
from mockserver.server.app import App
from mockserver.server.bounds import Bounds, bounds_of_process
from mockserver.server.connection import Connection
from mockserver.server.gathering import Turn


class EnvelopeServer(web.Server):
    """aiohttp's low-level server, making our connections, and looking after them while there are any."""

    def __init__(self, app: App, bounds: Bounds | None = None) -> None:
        super().__init__(app.handle)
        self._app = app
        self._bounds = bounds or bounds_of_process()
        self._turn = Turn(asyncio.get_running_loop())
        self._open: set[Connection] = set()
        self._next_look: asyncio.TimerHandle | None = None

    def __call__(self) -> Connection:
        """Make one connection."""
        return Connection(self, self._app, self._turn, self._bounds)

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        """Take a connection; where there are too many, the one that has been idle longest makes room, if any is."""
        super().connection_made(handler, transport)
        self._open.add(cast(Connection, handler))
        if len(self._open) > self._bounds.connections:
            idle = min(
                (one for one in self._open if one.is_idle), key=lambda one: one.heard
            )  # the new one is, at least
            self._open.discard(idle)
            idle.cut()
        if self._next_look is None:
            self._look_later()

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        """Forget a connection."""
        super().connection_lost(handler, exc)
        self._open.discard(cast(Connection, handler))

    def _look_later(self) -> None:
        self._next_look = asyncio.get_running_loop().call_later(self._bounds.look_seconds, self._look)

    def _look(self) -> None:
        self._next_look = None
        now = asyncio.get_running_loop().time()
        for connection in tuple(self._open):
            connection.look(now)
        if self._open:
            self._look_later()

    def cut_unfinished(self) -> None:
        """End the connections on which something is unfinished still: a request that does not end, an unread answer."""
        for connection in tuple(self._open):
            if not connection.is_idle:
                connection.cut()

    async def shutdown(self, timeout: float | None = None) -> None:  # as aiohttp has it
        """Close all connections."""
        if self._next_look is not None:
            self._next_look.cancel()
        await super().shutdown(timeout)
