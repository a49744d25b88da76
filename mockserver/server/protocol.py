"""aiohttp's connection, with the vendor's envelope for what its parser refuses before any handler sees it.

aiohttp has no hook for that (its issue 3287) but this method of the connection.
"""

import asyncio
import logging
import re
from http import HTTPStatus
from typing import Any, cast

from mockserver.server import aiohttp_web as web
from mockserver.server.app import App
from mockserver.server.gathering import GatheringTransport, Turn

_LOG = logging.getLogger("mockserver")
_ORIGIN = re.compile(rb"\norigin:[ \t]*([!-~]+)", re.IGNORECASE)


class _Connection(web.RequestHandler):
    """One connection. `_latest` is what came last, where a refusal finds the Origin that the parser lost."""

    __slots__ = ("_app", "_latest", "_turn")

    def __init__(self, server: "EnvelopeServer", app: App, turn: Turn, **options: Any) -> None:
        super().__init__(server, **options)
        self._app = app
        self._turn = turn
        self._latest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Gather what is written."""
        super().connection_made(GatheringTransport(cast(asyncio.Transport, transport), self._turn))

    def data_received(self, data: bytes) -> None:
        """Hand bytes to the parser."""
        self._latest = data
        super().data_received(data)

    def eof_received(self) -> None:
        """Write what was answered: after this the loop closes the connection of a client that sends no more."""
        if isinstance(self.transport, GatheringTransport):
            self.transport.flush()
        super().eof_received()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Note that the client has gone."""
        self._app.end_stream(self)
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what could not be read, or what failed before the app saw it."""
        if isinstance(exc, ConnectionError):  # the client has gone; aiohttp ends the connection quietly
            raise exc
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            _LOG.error("a request failed: %r", exc)
        why = (message or "").partition("\n")[0].rstrip(": ") or "cannot be read as HTTP"
        return self._app.refuse_unreadable(status, why, origin=request.headers.get("Origin") or self._find_origin())

    def _find_origin(self) -> str | None:
        found = _ORIGIN.search(self._latest)
        return found[1].decode("ascii") if found else None


class EnvelopeServer(web.Server):
    """aiohttp's low-level server, making our connections."""

    def __init__(self, app: App) -> None:
        super().__init__(app.handle, access_log=None)
        self.app = app
        self._turn = Turn(asyncio.get_running_loop())

    def __call__(self) -> web.RequestHandler:
        """Make one connection."""
        return _Connection(self, self.app, self._turn, loop=asyncio.get_running_loop(), **self._kwargs)
