"""An answer as it goes out: head and body as one piece of bytes, in one write.

aiohttp's own response is made for answers that are put together bit by bit, compressed or streamed; ours are complete
when they are made. So this one writes itself, and is for HTTP what aiohttp's is: it keeps the connection or ends it as
the request wants (RFC 9112 §9.3), sends no body where there must be none (RFC 9110 §6.4.1), and has date and length.
"""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from mockserver.messages import Response
from mockserver.server import aiohttp_web as web

_REASONS = {status.value: status.phrase for status in HTTPStatus}
_WITHOUT_BODY = frozenset({204, 304})


class Written(web.StreamResponse):
    """A complete answer: header `fields`, one at least, and `content`.

    ValueError where a field is not ASCII, or has a line end.
    """

    def __init__(self, response: Response, headers: dict[str, str]) -> None:
        super().__init__(status=response.status)
        lines = [f"{name}: {value}" for name, value in headers.items()]
        self._lines = "\r\n".join(lines)
        if self._lines.count("\n") != len(lines) - 1 or not self._lines.isascii():
            raise ValueError("a header of the answer has a line end, or is not ASCII")
        self.fields = headers
        self.content = response.body
        self._is_kept: bool | None = None  # the connection, None as the request wants it
        self._is_sent = False

    @property
    def keep_alive(self) -> bool | None:
        """Whether the connection is kept after this answer."""
        return self._is_kept

    def force_close(self) -> None:
        """End the connection after this answer, and say so."""
        self._is_kept = False

    def send(self, request: web.BaseRequest) -> None:
        """Write all of it; ConnectionResetError where the client has gone."""
        transport = request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the client has gone")
        if self._is_kept is None:
            self._is_kept = request.keep_alive
        self._is_sent = True
        head = self._head(request.version).encode("ascii")
        transport.write(head if self._has_no_body(request.method) else head + self.content)

    async def prepare(self, request: web.BaseRequest) -> web.AbstractStreamWriter | None:
        """Write what was not written yet, as aiohttp asks it."""
        if not self._is_sent:
            self.send(request)
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """All has been written."""
        del data

    def _has_no_body(self, method: str) -> bool:
        return method == "HEAD"

    def _head(self, version: web.HttpVersion) -> str:
        status, is_old = self.status, version == web.HttpVersion10
        lines = [f"HTTP/1.{0 if is_old else 1} {status} {_REASONS.get(status, '')}", self._lines]
        if status not in _WITHOUT_BODY:
            lines.append(f"Content-Length: {len(self.content)}")
        lines += (f"Date: {web.rfc822_formatted_time()}", f"Server: {web.SERVER_SOFTWARE}")
        if self._is_kept is is_old:
            lines.append("Connection: keep-alive" if is_old else "Connection: close")
        return "\r\n".join((*lines, "", ""))


class LastWritten(Written):
    """The answer to what could not be read, and the last one of its connection; `see_off` waits for the client.

    `method` is that of the request as far as it could be read.
    """

    def __init__(
        self, response: Response, headers: dict[str, str], *, method: str, see_off: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(response, headers)
        self._method = method
        self._see_off = see_off
        self.force_close()

    async def write_eof(self, data: bytes = b"") -> None:
        """Let the client read it before the connection closes."""
        del data
        await self._see_off()

    def _has_no_body(self, method: str) -> bool:
        del method  # aiohttp's, which knows none here
        return self._method == "HEAD"

    def _head(self, version: web.HttpVersion) -> str:
        del version  # the same
        return super()._head(web.HttpVersion11)
