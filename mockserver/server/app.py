"""The server: bytes in, bytes out, and all state in between.

One handler takes every request into the core; there is no router, since routing is the contract's.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Generator, Mapping
from itertools import count
from typing import TYPE_CHECKING

from mockserver.exchange import CONTINUE, unmet
from mockserver.messages import Obstacle, Request, Response
from mockserver.server import aiohttp_web as web
from mockserver.server.addressing import find_world, is_control, read_address
from mockserver.server.body_room import BodyRoom
from mockserver.server.browsing import answer_browser
from mockserver.server.control import Control
from mockserver.server.control.calls import Answer, Work
from mockserver.server.cors import VARY, answer_headers, is_preflight
from mockserver.server.disturbing import Disturbed, distort
from mockserver.server.events import Stream
from mockserver.server.exchanging import exchange_under
from mockserver.server.fault_rules import Facts, read_facts
from mockserver.server.heads import read_head
from mockserver.server.origins import Origins
from mockserver.server.preflights import answer_preflight
from mockserver.server.reading import HeaderReading, read_request, read_target
from mockserver.server.recording import Recorder, Watch
from mockserver.server.sending import CutError, has_gone, pause, send
from mockserver.server.served import ServedWorld, ServedWorlds
from mockserver.server.writing import LastWritten, Written
from mockserver.storage import Soon, soon
from mockserver.values import replace

if TYPE_CHECKING:
    from mockserver.server.connection import Connection
    from mockserver.server.framing import Unreadable

_OWN_PAGES = Origins()  # those of this machine


class App:
    """All that one server serves; `watch` is told of every vendor exchange."""

    def __init__(
        self, worlds: ServedWorlds, *, control: Control, cors: Origins = _OWN_PAGES, watch: Watch | None = None
    ) -> None:
        self.worlds = worlds
        self._cors = cors
        self._control = control
        self._recorder = Recorder(worlds, watch)
        self._ids = count(1)
        self._run = secrets.token_hex(8)
        self._in_flight = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._stop = asyncio.Event()
        self._streams: dict[object, Stream] = {}  # by connection
        self._read_headers = HeaderReading().read
        self._room = BodyRoom()

    async def handle(self, incoming: web.BaseRequest) -> web.StreamResponse:
        """Answer one request, whatever it is."""
        connection: Connection = incoming.protocol  # type: ignore[assignment]  # a server makes no others
        exchange_id = f"x{next(self._ids)}"
        self._in_flight += 1
        self._idle.clear()
        try:
            written = await self._handle(incoming, exchange_id)
            body = incoming.content
            is_broken = body.exception() is not None  # nothing that follows can be read, either
            if (
                is_broken
                or not body.is_eof()
                or self._stop.is_set()
                or (connection.has_left and connection.expects_no_more)
            ):
                written.force_close()
            if isinstance(written, Written):
                written.send(incoming)
            if connection.writing_paused:
                await incoming.writer.drain()  # before another request is taken up
            if connection.has_left:
                self._recorder.lose(exchange_id)
            if is_broken:
                await connection.see_off()
            return written
        except CutError:
            raise
        except BaseException:
            self._recorder.lose(exchange_id)
            raise
        finally:
            connection.answered += 1
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
        if expected == CONTINUE and incoming.transport is not None:
            incoming.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        obstacle = None if expected in ("", CONTINUE) else unmet(expected)
        request = await read_request(incoming, headers, self._room, obstacle)
        answer = self._answer(request, exchange_id, incoming)
        if isinstance(answer, Response):
            return Written(answer, self._headers_of(answer, request, exchange_id))
        if isinstance(answer, Awaitable):
            answer = await self._await_answer(answer, request, exchange_id)
        if isinstance(answer, Generator):
            answer = await self._work(answer, request, exchange_id, incoming)
        if isinstance(answer, Stream):
            return await self._send(answer, request, exchange_id, incoming)
        if isinstance(answer, Disturbed):
            return await self._disturb(answer, request, exchange_id, incoming)
        return Written(answer, self._headers_of(answer, request, exchange_id))

    def refuse_unreadable(self, failed: "Unreadable", connection: "Connection") -> web.StreamResponse:
        """Refuse what the parser could not read, as much of it as can be kept in a journal."""
        exchange_id = f"x{next(self._ids)}"
        request = read_head(failed.head, connection.bounds)
        response = self._recorder.turn_away(request, failed.obstacle, exchange_id)
        headers = self._headers_of(response, request, exchange_id)
        return LastWritten(response, headers, method=request.method, see_off=connection.see_off)

    def refuse_defect(self, incoming: web.BaseRequest, defect: BaseException | None) -> web.StreamResponse:
        """Answer for a defect that came up outside of what is answered here."""
        exchange_id = f"x{next(self._ids)}"
        headers = self._read_headers(incoming)
        path, query = read_target(incoming)
        request = Request(method=incoming.method, path=path, query=query, headers=headers)
        response = self._recorder.fail(defect, request, exchange_id)
        written = Written(response, self._headers_of(response, request, exchange_id))
        written.force_close()
        return written

    def _headers_of(self, answer: Response | Stream, request: Request, exchange_id: str) -> dict[str, str]:
        """Add what every answer carries; request ids are unique over runs, by the run's own random part."""
        return {
            **self._cors_headers(request),
            **answer.headers,
            "X-Mock-Exchange": exchange_id,
            "X-Cap-Requestid": f"{self._run}{exchange_id[1:]:0>16}",
        }

    def _cors_headers(self, request: Request) -> Mapping[str, str]:
        if "origin" not in request.headers:
            return VARY
        return answer_headers(request.headers, self._allowed(read_address(request)[1]))

    def _allowed(self, path: str) -> Origins:
        """Return who may ask for a path within a world: the control plane is open to pages of this machine only."""
        return _OWN_PAGES if is_control(path) else self._cors

    async def _work(self, work: Work, request: Request, exchange_id: str, incoming: web.BaseRequest) -> Response:
        """Do what takes long, so that others are answered in between; what nobody waits for any more is left."""
        try:
            awaited, sent = next(work), None
            while incoming.transport is not None:
                sent = await (asyncio.sleep(0) if awaited is None else awaited)
                awaited = work.send(sent)
        except StopIteration as finished:
            answer: Response = finished.value
            return answer
        except Exception as defect:  # noqa: BLE001  # here a defect of ours becomes an answer
            return self._recorder.fail(defect, request, exchange_id)
        return Response(status=204)

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

    def _answer(self, request: Request, exchange_id: str, incoming: web.BaseRequest) -> Soon[Answer | Disturbed]:
        try:
            if request.obstacle is not None:
                return self._recorder.turn_away(request, request.obstacle, exchange_id)
            return self._dispatch(request, exchange_id, incoming)
        except Exception as defect:  # noqa: BLE001  # here a defect of ours becomes an answer
            return self._recorder.fail(defect, request, exchange_id)

    async def _await_answer(
        self, answer: Awaitable[Answer | Disturbed], request: Request, exchange_id: str
    ) -> Answer | Disturbed:
        """Wait for a store that does not answer at once."""
        try:
            return await answer
        except Exception as defect:  # noqa: BLE001  # here a defect of ours becomes an answer
            return self._recorder.fail(defect, request, exchange_id)

    async def _disturb(
        self, met: Disturbed, request: Request, exchange_id: str, incoming: web.BaseRequest
    ) -> web.StreamResponse:
        """Answer as the faults of the world want it, which may be not at all."""
        waited = await pause(met.disturbance.milliseconds, self._stop)
        met = replace(met, disturbance=replace(met.disturbance, milliseconds=waited))
        try:
            exchange, response = await exchange_under(met, exchange_id, is_gone=has_gone(incoming))
        except Exception as defect:  # noqa: BLE001  # here a defect of ours becomes an answer
            response = self._recorder.fail(defect, request, exchange_id)
            return Written(response, self._headers_of(response, request, exchange_id))
        try:
            response = distort(response, met.disturbance.effect)
            written = Written(response, self._headers_of(response, request, exchange_id))
            return await send(incoming, written, met, exchange, self._stop)
        finally:
            self._recorder.show(met.world.journal.find(exchange_id) or exchange)  # as it was amended

    def _dispatch(self, request: Request, exchange_id: str, incoming: web.BaseRequest) -> Soon[Answer | Disturbed]:
        """Find the world, and have it answer."""
        name, path = read_address(request)
        world = find_world(self.worlds, name)
        if isinstance(world, ServedWorld | str):
            return self._answer_within(world, path, request, exchange_id, incoming)

        async def wait() -> Answer | Disturbed:
            return await soon(self._answer_within(await world, path, request, exchange_id, incoming))

        return wait()

    def _answer_within(
        self, world: ServedWorld | str, path: str, request: Request, exchange_id: str, incoming: web.BaseRequest
    ) -> Soon[Answer | Disturbed]:
        """Give a request to the control plane, to the faults, or to the core."""
        if is_preflight(request.method, request.headers):
            return self._preflight(world, request, path, exchange_id)
        if is_control(path):
            return self._control.answer(world, request, path, incoming.remote or "")
        if isinstance(world, str):
            why = f"{world}; the journal of world {self.worlds.default.name} has this exchange"
            met = Obstacle(code="404", place="world", why=why)
            return self._recorder.turn_away(request, met, exchange_id)
        page = answer_browser(request, path)
        if page is not None:
            return page
        asked = request if path == request.path else replace(request, path=path)
        disturbance = world.faults.meet(_facts_of(asked, world, incoming)) if world.faults else None
        if disturbance is not None:
            return Disturbed(world=world, request=asked, disturbance=disturbance)
        return self._recorder.exchange(world, asked, exchange_id)

    def _preflight(self, world: ServedWorld | str, request: Request, path: str, exchange_id: str) -> Response:
        """Answer a preflight, and keep it where it is of vendor traffic; of an unknown world, in the default one."""
        found = self.worlds.default if isinstance(world, str) else world
        exchange = answer_preflight(found, replace(request, path=path), self._allowed(path), exchange_id)
        if not is_control(path):
            found.journal.add(exchange)
            self._recorder.show(exchange)
        return exchange.reply.response


def _facts_of(request: Request, world: ServedWorld, incoming: web.BaseRequest) -> Facts:
    return read_facts(world.setting, request, incoming.remote or "")


def _read_expectation(incoming: web.BaseRequest, headers: Mapping[str, str]) -> str:
    """Return the Expect header; HTTP/1.0 has none (RFC 9110 §10.1.1)."""
    expected = headers.get("expect", "")
    return expected.lower() if expected and incoming.version >= web.HttpVersion11 else ""
