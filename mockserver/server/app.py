"""The server: bytes in, bytes out, and all state in between.

One handler takes every request into the core; there is no router, since routing is the contract's.
"""

import asyncio
import contextlib
import logging
import secrets
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from http import HTTPStatus
from itertools import count
from typing import TypeAlias
from urllib.parse import unquote

from aiohttp import HttpVersion11, web

from mockserver.domain.customer import Customer, CustomerId
from mockserver.exchange import Reply, refuse, respond, text_header
from mockserver.messages import Request, Response
from mockserver.server.control import Control
from mockserver.server.cors import answer_headers, is_preflight, preflight_headers
from mockserver.server.journal import Exchange, hide_secrets
from mockserver.server.reading import read_headers, read_request
from mockserver.server.served import ServedWorld, ServedWorlds

_LOG = logging.getLogger("mockserver")
_CONTROL = "/_mock"
_WORLD = "/_mock/w/"
_CONTINUE = "100-continue"
Watch: TypeAlias = Callable[[Exchange], None]


class App:
    """All that one server serves; `watch` is told of every vendor exchange."""

    def __init__(
        self, worlds: ServedWorlds, *, control: Control, cors: frozenset[str] = frozenset(), watch: Watch | None = None
    ) -> None:
        self.worlds = worlds
        self.cors = cors
        self._control = control
        self._watch = watch
        self._ids = count(1)
        self._run = secrets.token_hex(8)
        self._in_flight = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._stopping = False

    async def handle(self, incoming: web.BaseRequest) -> web.StreamResponse:
        """Answer one request, whatever it is."""
        self._in_flight += 1
        self._idle.clear()
        try:
            written = await self._handle(incoming, f"x{next(self._ids)}")
            if self._stopping:
                written.force_close()
            return written
        finally:
            self._in_flight -= 1
            if not self._in_flight:
                self._idle.set()

    async def wait_until_idle(self, seconds: float) -> None:
        """Wait until no request is being read or answered, each answer now ending its connection.

        aiohttp's own stop would not read a body to its end.
        """
        self._stopping = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._idle.wait()

    async def _handle(self, incoming: web.BaseRequest, exchange_id: str) -> web.Response:
        expected = _read_expectation(incoming)
        if expected == _CONTINUE and incoming.transport is not None:
            incoming.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        elif expected:
            return self._refuse_expectation(incoming, expected, exchange_id)
        request = await read_request(incoming)
        if is_preflight(request.method, request.headers):
            response = Response(status=204, headers=preflight_headers(request.headers, self.cors))
        else:
            response = self._answer(request, exchange_id, incoming)
        return self._write(response, request, exchange_id)

    def _refuse_expectation(self, incoming: web.BaseRequest, expected: str, exchange_id: str) -> web.Response:
        """Refuse an Expect before its body, which the client holds back until it is answered."""
        request = Request(method=incoming.method, path="", headers=read_headers(incoming))
        why = f"{expected[:40]} is unknown; send 100-continue, or none"
        written = self._write(self._refuse("417", why, place="header/Expect"), request, exchange_id)
        written.force_close()
        return written

    def refuse_unreadable(self, status: int, why: str, *, origin: str | None) -> web.Response:
        """Refuse what the parser could not read; `origin` is the header's value where that much could be read."""
        response = self._refuse("400" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "500", text_header(why))
        request = Request(method="GET", path="", headers={"origin": origin} if origin else {})
        written = self._write(response, request, f"x{next(self._ids)}")
        written.force_close()
        return written

    def _write(self, response: Response, request: Request, exchange_id: str) -> web.Response:
        """Add what every answer carries; request ids are unique over runs, by the run's own random part."""
        headers = {
            **answer_headers(request.headers, self.cors),
            **response.headers,
            "X-Mock-Exchange": exchange_id,
            "X-Cap-Requestid": f"{self._run}{exchange_id[1:]:0>16}",
        }
        return web.Response(status=response.status, headers=headers, body=response.body)

    def _refuse(self, name: str, why: str, *, place: str = "request") -> Response:
        return refuse(self.worlds.default.setting, name, why, place=place).response

    def _answer(self, request: Request, exchange_id: str, incoming: web.BaseRequest) -> Response:
        try:
            return self._dispatch(request, exchange_id, incoming)
        except Exception as defect:  # noqa: BLE001  # the one place where a defect of ours becomes an answer
            place = "".join(traceback.format_exc(limit=-1).splitlines()[1:2]).strip()
            _LOG.error("exchange %s failed: %s %s: %r in %s", exchange_id, request.method, request.path, defect, place)
            return self._refuse("500", f"a defect of the mock; its log names {exchange_id}")

    def _dispatch(self, request: Request, exchange_id: str, incoming: web.BaseRequest) -> Response:
        """Find the world, then give the request to the control plane or to the core."""
        name, path = _split_world(request)
        world = self.worlds.default if name is None else self.worlds.find(name)
        if world is None:
            return self._refuse_world(str(name))
        if path == _CONTROL or path.startswith(f"{_CONTROL}/"):
            return self._control.answer(world, request, path, incoming.remote or "")
        return self._exchange(world, request, path, exchange_id)

    def _refuse_world(self, name: str) -> Response:
        near = get_close_matches(name, self.worlds.names(), n=3) or self.worlds.names()[:5]
        return self._refuse("404", f"{name[:60]} is not held; there are {', '.join(near)}", place="world")

    def _exchange(self, world: ServedWorld, request: Request, path: str, exchange_id: str) -> Response:
        """Answer vendor traffic and keep what came of it."""
        started = time.perf_counter()
        now = world.clock.text()
        asked = request if path == request.path else replace(request, path=path)
        reply, loaded = _decide(world, asked, now)
        exchange = Exchange(
            id=exchange_id,
            time=now,
            world=world.name,
            request=hide_secrets(asked),
            reply=reply,
            milliseconds=round((time.perf_counter() - started) * 1000, 3),
            setting=world.setting,
            loaded=loaded,
        )
        world.journal.add(exchange)
        self._show(exchange)
        return reply.response

    def _show(self, exchange: Exchange) -> None:
        if self._watch is None:
            return
        try:
            self._watch(exchange)
        except (OSError, ValueError):  # nobody reads any more; what is saved is answered all the same
            self._watch = None


def _decide(world: ServedWorld, request: Request, now: str) -> tuple[Reply, Mapping[CustomerId, Customer | None]]:
    """Load, decide, save; return the customers that were loaded, too.

    Nothing awaits in between, so the first try saves; another store may need the second.
    """
    while True:
        versions: dict[CustomerId, int] = {}
        loaded: dict[CustomerId, Customer | None] = {}

        def load(
            key: CustomerId,
            versions: dict[CustomerId, int] = versions,
            loaded: dict[CustomerId, Customer | None] = loaded,
        ) -> Customer | None:
            loaded[key], versions[key] = world.store.load(key)
            return loaded[key]

        reply = respond(world.setting, request, load=load, now=now)
        if world.apply(reply.changed, versions):
            break
    if reply.later is not None:
        world.due.append(reply.later)
        asyncio.get_running_loop().call_soon(world.work)
    return reply, loaded


def _split_world(request: Request) -> tuple[str | None, str]:
    """Return the world that a request names, by base path or header, and the path within it."""
    if request.path.startswith(_WORLD):
        name, _, rest = request.path.removeprefix(_WORLD).partition("/")
        return unquote(name), f"/{rest}"
    return request.headers.get("x-mock-world"), request.path


def _read_expectation(incoming: web.BaseRequest) -> str:
    """Return the Expect header; HTTP/1.0 has none (RFC 9110 §10.1.1)."""
    return incoming.headers.get("Expect", "").lower() if incoming.version >= HttpVersion11 else ""
