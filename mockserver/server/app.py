"""The server: bytes in, bytes out, and all state in between.

One handler takes every request into the core; there is no router, since routing is the contract's.
"""

import asyncio
import contextlib
import logging
import secrets
import traceback
from collections.abc import Callable, Mapping
from http import HTTPStatus
from itertools import count
from typing import TypeAlias

from aiohttp import HttpVersion11

from mockserver.exchange import refuse, text_header
from mockserver.messages import Request, Response
from mockserver.server import aiohttp_web as web
from mockserver.server.addressing import find_world, read_address
from mockserver.server.control import Control
from mockserver.server.control.calls import Answer
from mockserver.server.cors import answer_headers, is_preflight, preflight_headers
from mockserver.server.disturbing import Disturbed, distort
from mockserver.server.events import Stream
from mockserver.server.exchanging import exchange_under, exchange_with
from mockserver.server.fault_rules import Facts, read_facts
from mockserver.server.journal import Exchange
from mockserver.server.reading import HeaderReading, read_request
from mockserver.server.sending import has_gone, pause, send
from mockserver.server.served import ServedWorld, ServedWorlds
from mockserver.server.writing import LARGEST, Written
from mockserver.values import replace

_LOG = logging.getLogger("mockserver")
_CONTROL = "/_mock"
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
        self._stop = asyncio.Event()
        self._streams: dict[object, Stream] = {}  # by connection
        self._read_headers = HeaderReading().read

    async def handle(self, incoming: web.BaseRequest) -> web.StreamResponse:
        """Answer one request, whatever it is."""
        self._in_flight += 1
        self._idle.clear()
        try:
            written = await self._handle(incoming, f"x{next(self._ids)}")
            if self._stop.is_set():
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
        self._stop.set()
        for connection in list(self._streams):
            self.end_stream(connection)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._idle.wait()

    def end_stream(self, connection: object) -> None:
        """End the stream that goes out on a connection, if any; one that nobody reads is cut."""
        stream = self._streams.get(connection)
        if stream is None:
            return
        stream.end()
        transport = getattr(connection, "transport", None)
        if transport is not None and transport.get_write_buffer_size():
            transport.abort()

    async def _handle(self, incoming: web.BaseRequest, exchange_id: str) -> web.StreamResponse:
        headers = self._read_headers(incoming)
        expected = _read_expectation(incoming, headers)
        if expected == _CONTINUE and incoming.transport is not None:
            incoming.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        elif expected:
            return self._refuse_expectation(incoming, headers, expected, exchange_id)
        request = await read_request(incoming, headers)
        if is_preflight(request.method, request.headers):
            response = Response(status=204, headers=preflight_headers(request.headers, self.cors))
        else:
            answer = self._answer(request, exchange_id, incoming)
            if isinstance(answer, Stream):
                return await self._send(answer, request, exchange_id, incoming)
            if isinstance(answer, Disturbed):
                return await self._disturb(answer, request, exchange_id, incoming)
            response = answer
        if len(response.body) <= LARGEST:
            return Written(response, self._headers_of(response, request, exchange_id))
        return self._write(response, request, exchange_id)

    def _refuse_expectation(
        self, incoming: web.BaseRequest, headers: Mapping[str, str], expected: str, exchange_id: str
    ) -> web.Response:
        """Refuse an Expect before its body, which the client holds back until it is answered."""
        request = Request(method=incoming.method, path="", headers=headers)
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
        headers = self._headers_of(response, request, exchange_id)
        return web.Response(status=response.status, headers=headers, body=response.body)

    def _headers_of(self, answer: Answer, request: Request, exchange_id: str) -> dict[str, str]:
        """Add what every answer carries; request ids are unique over runs, by the run's own random part."""
        return {
            **answer_headers(request.headers, self.cors),
            **answer.headers,
            "X-Mock-Exchange": exchange_id,
            "X-Cap-Requestid": f"{self._run}{exchange_id[1:]:0>16}",
        }

    async def _send(
        self, stream: Stream, request: Request, exchange_id: str, incoming: web.BaseRequest
    ) -> web.StreamResponse:
        """Send a stream until it ends; it ends when the client leaves or the server stops, too."""
        written = web.StreamResponse(headers=self._headers_of(stream, request, exchange_id))
        self._streams[incoming.protocol] = stream
        try:
            if self._stop.is_set():
                stream.end()
            await written.prepare(incoming)
            async for part in stream.parts():
                await written.write(part)
        finally:
            del self._streams[incoming.protocol]
            stream.end()
        return written

    def _refuse(self, name: str, why: str, *, place: str = "request") -> Response:
        return refuse(self.worlds.default.setting, name, why, place=place).response

    def _answer(self, request: Request, exchange_id: str, incoming: web.BaseRequest) -> Answer | Disturbed:
        try:
            return self._dispatch(request, exchange_id, incoming)
        except Exception as defect:  # noqa: BLE001  # here a defect of ours becomes an answer
            return self._refuse_defect(defect, request, exchange_id)

    def _refuse_defect(self, defect: Exception, request: Request, exchange_id: str) -> Response:
        place = "".join(traceback.format_exc(limit=-1).splitlines()[1:2]).strip()
        _LOG.error("exchange %s failed: %s %s: %r in %s", exchange_id, request.method, request.path, defect, place)
        return self._refuse("500", f"a defect of the mock; its log names {exchange_id}")

    async def _disturb(
        self, met: Disturbed, request: Request, exchange_id: str, incoming: web.BaseRequest
    ) -> web.StreamResponse:
        """Answer as the faults of the world want it, which may be not at all."""
        waited = await pause(met.disturbance.milliseconds, self._stop)
        met = replace(met, disturbance=replace(met.disturbance, milliseconds=waited))
        try:
            exchange, response = exchange_under(met, exchange_id, is_gone=has_gone(incoming))
        except Exception as defect:  # noqa: BLE001  # here a defect of ours becomes an answer
            return self._write(self._refuse_defect(defect, request, exchange_id), request, exchange_id)
        written = self._write(distort(response, met.disturbance.effect), request, exchange_id)
        try:
            return await send(incoming, written, met, exchange, self._stop)
        finally:
            self._show(met.world.journal.find(exchange_id) or exchange)  # as it was amended

    def _dispatch(self, request: Request, exchange_id: str, incoming: web.BaseRequest) -> Answer | Disturbed:
        """Find the world, then give the request to the control plane, to the faults, or to the core."""
        name, path = read_address(request)
        world = find_world(self.worlds, name)
        if path == _CONTROL or path.startswith(f"{_CONTROL}/"):
            return self._control.answer(world, request, path, incoming.remote or "")
        if isinstance(world, str):
            return self._refuse("404", world, place="world")
        asked = request if path == request.path else replace(request, path=path)
        disturbance = world.faults.meet(_facts_of(asked, world, incoming)) if world.faults else None
        if disturbance is not None:
            return Disturbed(world=world, request=asked, disturbance=disturbance)
        return self._exchange(world, asked, exchange_id)

    def _exchange(self, world: ServedWorld, request: Request, exchange_id: str) -> Response:
        exchange, response = exchange_with(world, request, exchange_id)
        self._show(exchange)
        return response

    def _show(self, exchange: Exchange) -> None:
        if self._watch is None:
            return
        try:
            self._watch(exchange)
        except (OSError, ValueError):  # nobody reads any more; what is saved is answered all the same
            self._watch = None


def _facts_of(request: Request, world: ServedWorld, incoming: web.BaseRequest) -> Facts:
    return read_facts(world.setting, request, incoming.remote or "")


def _read_expectation(incoming: web.BaseRequest, headers: Mapping[str, str]) -> str:
    """Return the Expect header; HTTP/1.0 has none (RFC 9110 §10.1.1)."""
    expected = headers.get("expect", "")
    return expected.lower() if expected and incoming.version >= HttpVersion11 else ""
