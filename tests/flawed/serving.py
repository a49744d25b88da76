"""A deployment on a real port of this machine, for as long as a `with` lasts.

The server is the standard library's, and nothing of ours: the checker must not depend on the mock's own shell.
"""

import json
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Lock, Thread
from typing import Any

from mockserver.messages import Response
from tests.flawed.deployment import Deployment
from tests.flawed.wire import Arrived, Framed

_BODY_LIMIT = 1024 * 1024
_POLL_SECONDS = 0.01  # how long closing may take; readiness needs no waiting, the port listens when it is bound


class Server(ThreadingHTTPServer):
    """A server of one deployment; closing it ends the connections that are kept alive."""

    daemon_threads = False  # so that closing waits for the threads of connections
    request_queue_size = 128

    def __init__(self, port: int, deployment: Deployment) -> None:
        ThreadingHTTPServer.__init__(self, ("127.0.0.1", port), _Handler)
        self.deployment = deployment
        self.connections = count(1)
        self._open: set[socket.socket] = set()
        self._lock = Lock()

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self.server_port}"

    def process_request(self, request: Any, client_address: Any) -> None:  # Any: as the library has it
        """Remember the connection, then serve it in a thread of its own."""
        with self._lock:
            self._open.add(request)
        ThreadingHTTPServer.process_request(self, request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that is over."""
        with self._lock:
            self._open.discard(request)
        ThreadingHTTPServer.shutdown_request(self, request)

    def close(self) -> None:
        """Stop listening, end all connections, and wait for their threads."""
        with self._lock:
            for connection in self._open:
                with suppress(OSError):  # closed by the client meanwhile
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up; a defect of a deployment is told."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            ThreadingHTTPServer.handle_error(self, request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one packet per answer

    def setup(self) -> None:
        """Give the connection its number."""
        self.connection_number = next(self.server.connections)
        BaseHTTPRequestHandler.setup(self)

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Every method is the deployment's to judge."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        path, _, query = self.path.partition("?")
        headers: dict[str, str] = {}
        for name, value in self.headers.items():
            key = name.lower()
            headers[key] = f"{headers[key]}, {value}" if key in headers else value
        try:
            body = self._read_body()
        except ValueError:  # a chunk without its length
            self.send_error(400, "the body cannot be read")
            return
        is_oversized = len(body) > _BODY_LIMIT
        request = Arrived(
            connection=self.connection_number,
            method=self.command,
            path=path,
            query=query,
            headers=headers,
            body=b"" if is_oversized else body,
            oversized=is_oversized,
            undecodable="cannot be decoded; send it as it is" if "content-encoding" in headers else "",
        )
        self._write(self.server.deployment.handle(request))

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(iter(self._read_chunk, b""))
        length = self.headers.get("Content-Length", "0")
        return self.rfile.read(int(length)) if length.isascii() and length.isdigit() else b""

    def _read_chunk(self) -> bytes:
        size = int(self.rfile.readline().partition(b";")[0], 16)
        chunk = self.rfile.read(size)
        self.rfile.readline()  # the end of the chunk
        return chunk

    def _write(self, response: Response) -> None:
        if isinstance(response, Framed):
            self.close_connection = response.ends
            self.wfile.write(response.wire)
            return
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status != 204:  # RFC 9110 §8.6
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Refuse what cannot be read in the vendor's envelope, and hang up."""
        self.close_connection = True
        body = json.dumps({"errors": [{"status": False, "code": int(code), "message": message or "bad request"}]})
        self.command = getattr(self, "command", None) or "GET"
        self.request_version = "HTTP/1.1"  # the library answers without a head what it could not read
        headers = {"Content-Type": "application/json", "Connection": "close"}
        self._write(Response(status=code, headers=headers, body=body.encode()))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
        """Say nothing."""


@contextmanager
def serve(deployment: Deployment, port: int = 0) -> Iterator[str]:
    """Serve a deployment, and give its base URL."""
    server = Server(port, deployment)
    thread = Thread(target=server.serve_forever, args=(_POLL_SECONDS,))
    thread.start()
    try:
        yield server.url
    finally:
        server.shutdown()
        thread.join()
        server.close()
