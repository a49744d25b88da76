"""An answer as it goes out: head and body as one piece of bytes, in one write.

aiohttp's own response is made for answers that are put together bit by bit, compressed or streamed; ours are complete
when they are made. So this one writes itself, and is for HTTP what aiohttp's is: it keeps the connection or ends it as
the request wants (RFC 9112 §9.3), sends no body where there must be none (RFC 9110 §6.4.1), and has date and length.
"""

from http import HTTPStatus

from aiohttp import HttpVersion10, HttpVersion11
from aiohttp.abc import AbstractStreamWriter
from aiohttp.helpers import rfc822_formatted_time
from aiohttp.http import SERVER_SOFTWARE

from mockserver.messages import Response
from mockserver.server import aiohttp_web as web

LARGEST = 64 * 1024  # bytes of a body that goes out without asking whether the client keeps up
_REASONS = {status.value: status.phrase for status in HTTPStatus}
_WITHOUT_BODY = frozenset({204, 304})


class Written(web.StreamResponse):
    """A complete answer of at most `LARGEST` bytes; header names and values are ASCII without line ends."""

    def __init__(self, response: Response, headers: dict[str, str]) -> None:
        super().__init__(status=response.status)
        self._lines = headers
        self._content = response.body

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Write all of it; ConnectionResetError where the client has gone."""
        transport = request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the client has gone")
        if self._keep_alive is None:
            self._keep_alive = request.keep_alive
        transport.write(self._head(request).encode("ascii") + (b"" if request.method == "HEAD" else self._content))
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """All has been written."""
        del data
        self._eof_sent = True

    def _head(self, request: web.BaseRequest) -> str:
        status, version = self.status, request.version
        lines = [f"HTTP/{version.major}.{version.minor} {status} {_REASONS.get(status, '')}"]
        lines += [f"{name}: {value}" for name, value in self._lines.items()]
        if status not in _WITHOUT_BODY:
            lines.append(f"Content-Length: {len(self._content)}")
        lines += (f"Date: {rfc822_formatted_time()}", f"Server: {SERVER_SOFTWARE}")
        if not self._keep_alive and version == HttpVersion11:
            lines.append("Connection: close")
        elif self._keep_alive and version == HttpVersion10:
            lines.append("Connection: keep-alive")
        head = "\r\n".join(lines)
        if head.count("\n") >= len(lines):
            raise ValueError("a header of the answer has a line end")
        return f"{head}\r\n\r\n"
