"""Connections of urllib3 that keep the time of a whole exchange, and see what comes after the end of an answer.

A time-out of a socket begins anew with each wait, so that a server which trickles is never late. Here every wait takes
what is left of the exchange's time.
"""

import io
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

_GRACE = 1.0  # seconds that are waited for bytes which were announced, once the answer makes sense without them


@dataclass(slots=True, kw_only=True)
class Gauge:
    """One exchange under way: until when it may last (monotonic seconds), and what has come of its answer's body.

    `is_enough` tells whether more need not be waited for; `surplus` is what came after the answer.
    """

    ends: float
    body: bytearray = field(default_factory=bytearray)
    is_enough: Callable[[], bool] = lambda: False
    surplus: bytes = b""

    def left(self) -> float:
        """Return the seconds that are left; none is a TimeoutError."""
        left = self.ends - monotonic()
        if left <= 0:
            raise TimeoutError("the time of the exchange is over")
        return left


_GAUGE: ContextVar[Gauge] = ContextVar("exchange under way")


@contextmanager
def measured(gauge: Gauge) -> Iterator[None]:
    """Have the connections that this thread uses meanwhile keep to a gauge."""
    token = _GAUGE.set(gauge)
    try:
        yield
    finally:
        _GAUGE.reset(token)


def open_pool(proxy: str | None, trusted: ssl.SSLContext | None) -> urllib3.PoolManager:
    """Return a pool of connections, through a proxy if one is named."""
    options: dict[str, Any] = {"maxsize": 4, "ssl_context": trusted}
    if proxy is None:
        pool = urllib3.PoolManager(**options)
    else:
        auth = urllib3.util.parse_url(proxy).auth
        headers = urllib3.make_headers(proxy_basic_auth=auth) if auth else None
        pool = urllib3.ProxyManager(proxy, proxy_headers=headers, **options)
    pool.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
    return pool


class _Timed(HTTPConnection):
    """A connection whose every wait takes what is left of the time."""

    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        connected.settimeout(_GAUGE.get().left())  # for a proxy's answer and the handshake of TLS
        return connected

    def connect(self) -> None:
        super().connect()
        self.sock = _Socket(self.sock)


class _SecureTimed(_Timed, HTTPSConnection):
    """The same over TLS."""


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Timed


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureTimed


class _Socket:
    """A connected socket, as http.client uses one."""

    def __init__(self, connected: socket.socket) -> None:
        self._connected = connected

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connected, name)

    def sendall(self, content: bytes) -> None:
        """Send all, or raise a TimeoutError when the time is over."""
        self._connected.settimeout(_GAUGE.get().left())
        self._connected.sendall(content)

    def makefile(self, _: str) -> io.BufferedReader:
        """Return what one answer is read from."""
        return _Answer(_Stream(self._connected, _GAUGE.get()))


class _Stream(io.RawIOBase):
    """The bytes that come, each wait for them timed by the exchange that began it."""

    def __init__(self, connected: socket.socket, gauge: Gauge) -> None:
        super().__init__()
        self.gauge = gauge
        self.connected = connected
        self.is_over = False
        self._held = connected.makefile("rb", buffering=0)  # keeps the socket open until this is closed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # Any: a writable buffer
        while not self.is_over:
            self.connected.settimeout(min(self.gauge.left(), _GRACE))
            try:
                return self.connected.recv_into(buffer)
            except TimeoutError:
                if self.gauge.is_enough():
                    raise
        return 0

    def waiting(self) -> bytes:
        """Return what has come already and was not read, without waiting for more."""
        self.connected.settimeout(0)
        try:
            return self.connected.recv(io.DEFAULT_BUFFER_SIZE)
        except OSError:  # nothing has come, or the connection is at its end
            return b""

    def close(self) -> None:
        if not self.closed:
            self._held.close()
        super().close()


class _Answer(io.BufferedReader):
    """What one answer is read from. What is left in it at its end belongs to no message, and ends the connection."""

    raw: _Stream

    def close(self) -> None:
        if not self.closed:
            stream = self.raw
            stream.is_over = True  # so that looking at what is there waits for nothing
            surplus = self.peek() or stream.waiting()
            if surplus:
                stream.gauge.surplus = surplus
                with suppress(OSError):  # it is at its end already
                    stream.connected.shutdown(socket.SHUT_RDWR)
        super().close()
