"""Small servers beside the mock: one has a blank page of whatever origin, one is a proxy that strips a path prefix.

Both serve one request on each connection.
"""

import contextlib
import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Self, TypeAlias

_PAGE = b"<!doctype html><title>Blank</title><link rel=icon href=data:,><main></main>"
_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_Serve: TypeAlias = Callable[[BufferedIOBase, socket.socket], None]


@contextmanager
def blank_page() -> Iterator[int]:
    """Serve a blank page under every name that leads to this machine; gives the port."""

    def serve(sent: BufferedIOBase, browser: socket.socket) -> None:
        _read_head(sent)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(_PAGE)}\r\nConnection: close"
        browser.sendall(head.encode() + b"\r\n\r\n" + _PAGE)

    with _serving(serve) as port:
        yield port


class StrippingProxy:
    """Passes on what comes under a path prefix, without it, to `upstream`, a port of this machine; else 404.

    As a plain proxy does, it gives the Host of its upstream, and says nothing of the caller.
    """

    def __init__(self, prefix: str, upstream: int) -> None:
        self.upstream = upstream
        self.port = 0
        self._prefix = prefix.encode()

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Run it; `port` is its own."""
        with _serving(self._serve) as self.port:
            yield self

    def _serve(self, sent: BufferedIOBase, browser: socket.socket) -> None:
        start, *lines = _read_head(sent)
        method, _, rest = start.partition(b" ")
        if not rest.startswith(self._prefix + b"/"):
            browser.sendall(_NOT_FOUND)
            return
        length = next((int(line[15:]) for line in lines if line.lower().startswith(b"content-length:")), 0)
        kept = [line for line in lines if not line.lower().startswith((b"host:", b"connection:"))]
        own = [b"Host: 127.0.0.1:%d" % self.upstream, b"Connection: close"]
        first = method + b" " + rest.removeprefix(self._prefix)
        with socket.create_connection(("127.0.0.1", self.upstream)) as upstream:
            upstream.sendall(b"\r\n".join((first, *own, *kept, b"", sent.read(length))))
            _pass_on(upstream, browser)


def _read_head(sent: BufferedIOBase) -> list[bytes]:
    """Read the request line and the headers."""
    lines: list[bytes] = []
    while (line := sent.readline()) != b"\r\n":
        if not line:
            raise ConnectionError("the browser opened a connection and sent nothing")
        lines.append(line.rstrip())
    return lines


def _pass_on(upstream: socket.socket, browser: socket.socket) -> None:
    """Pass on what comes, until the upstream has said all or the browser leaves."""
    while browser not in select.select([upstream, browser], [], [])[0]:
        part = upstream.recv(65536)
        if not part:
            return
        browser.sendall(part)


@contextmanager
def _serving(serve: _Serve) -> Iterator[int]:
    """Serve connections, each in a thread of its own; gives the port."""

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(ConnectionError):  # the browser has gone
                serve(self.rfile, self.request)

    class Server(ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False
        request_queue_size = 50

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
