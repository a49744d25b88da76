"""What hostile clients cost: memory of the server, and how fast a normal client is served meanwhile.

    python -m benchmarks.hostile_clients                             # all of them, some three minutes
    python -m benchmarks.hostile_clients --client 'huge headers'     # one alone; repeatable
    python -m benchmarks.hostile_clients --write docs/performance.md

Each has a server of its own, `mockserver serve` as a process, on 127.0.0.1, and does its worst for some seconds.
"Before" is the server's resident memory when it has answered a normal client for a second, "peak" the most that was
seen while the hostile client was there, and "after" that two seconds after it has left. The normal client has one
connection, on which it reads a customer again and again; it exits with 1 if that client was refused or cut.
"""

import argparse
import itertools
import resource
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from benchmarks.serving.machine import this_machine
from benchmarks.serving.processes import Running, free_port, start
from benchmarks.serving.table import table, write_section

_FIELDS = b"Host: 127.0.0.1\r\nAuthorization: Basic dGVzdA==\r\n"
_GET = b"GET /v2/customers/171891944/loyaltyDetails HTTP/1.1\r\n" + _FIELDS + b"\r\n"
_LARGE = b"GET /_mock/contract HTTP/1.1\r\n" + _FIELDS + b"\r\n"
_EVENTS = b"GET /_mock/events HTTP/1.1\r\n" + _FIELDS + b"\r\n"
_MEBIBYTE = 1024 * 1024
_SETTLED_SECONDS = 2.0
_SAMPLE_SECONDS = 0.05


class Attack:
    """What a hostile client has: a port, connections that end with it, and when it is to end."""

    def __init__(self, port: int, seconds: float, stack: ExitStack) -> None:
        self._port, self._stack = port, stack
        self._ends = time.monotonic() + seconds

    @property
    def goes_on(self) -> bool:
        """Tell whether there is time left."""
        return time.monotonic() < self._ends

    def connect(self) -> socket.socket:
        """Open one more connection."""
        connection = socket.create_connection(("127.0.0.1", self._port), timeout=0.5)
        return self._stack.enter_context(connection)

    def rest(self) -> None:
        """Wait a moment."""
        time.sleep(0.02)

    def ask(self, connection: socket.socket, method: str, path: str, body: bytes = b"", *fields: bytes) -> None:
        """Send one request and read its answer, which is a small one."""
        head = b"".join(field + b"\r\n" for field in (b"Content-Length: %d" % len(body), *fields))
        kind = b"Content-Type: application/json\r\n"
        connection.sendall(f"{method} {path} HTTP/1.1\r\n".encode() + _FIELDS + kind + head + b"\r\n" + body)
        connection.recv(65536)


Client: TypeAlias = Callable[[Attack], None]


def _pipeline(attack: Attack) -> None:
    block = memoryview(_GET * 500)
    connection, sent = attack.connect(), 0
    while attack.goes_on:
        with suppress(TimeoutError):
            sent += connection.send(block[sent % len(block) :])


def _trickle(attack: Attack, begun: bytes, rest: bytes) -> None:
    connections = [attack.connect() for _ in range(200)]
    for connection in connections:
        connection.sendall(begun)
    for byte in itertools.cycle(rest):
        for connection in connections:
            connection.send(bytes([byte]))
        attack.rest()
        if not attack.goes_on:
            return


def _trickle_head(attack: Attack) -> None:
    _trickle(attack, _GET[:-2] + b"X: ", b"x")


def _trickle_body(attack: Attack) -> None:
    length = b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % _MEBIBYTE
    begun = b"PUT /v2/customers/171891944?source=INSTORE HTTP/1.1\r\n" + _FIELDS + length
    _trickle(attack, begun + b" " * (_MEBIBYTE // 2), b" ")


def _half_close(attack: Attack) -> None:
    for _ in range(300):
        connection = attack.connect()
        connection.sendall(_LARGE * 20)
        connection.shutdown(socket.SHUT_WR)
    while attack.goes_on:
        attack.rest()


def _idle(attack: Attack) -> None:
    for _ in range(2_000):
        attack.connect()
    while attack.goes_on:
        attack.rest()


def _put_and_delete(attack: Attack) -> None:
    connection, record = attack.connect(), b'{"loyaltyType": "loyalty", "profiles": [{"source": "INSTORE"}]}'
    numbers = itertools.count(1)
    while attack.goes_on:
        path = f"/_mock/customers/{next(numbers)}"
        attack.ask(connection, "PUT", path, record)
        attack.ask(connection, "DELETE", path)


def _update_later(attack: Attack) -> None:
    connection = attack.connect()
    attack.ask(connection, "PUT", "/_mock/clock", b'{"frozen": "2026-01-01T00:00:00Z"}')
    attack.ask(connection, "PUT", "/_mock/dialect", b'{"async-scope": "all"}')
    path = "/v2/customers/171891944?source=INSTORE&use_async=true"
    for number in range(6_000):
        attack.ask(connection, "PUT", path, b'{"profiles": [{"firstName": "Tom %d"}]}' % number)


def _send_large_bodies(attack: Attack) -> None:
    connection = attack.connect()
    connection.settimeout(10)
    for number in range(1_000):
        body = b'{"a%d": "%b"}' % (number, b"x" * (_MEBIBYTE - 40))
        attack.ask(connection, "PUT", "/v2/customers/171891944?source=INSTORE", body)


def _follow_unread(attack: Attack) -> None:
    for _ in range(32):
        attack.connect().sendall(_EVENTS)
    asking = attack.connect()
    while attack.goes_on:
        attack.ask(asking, "GET", "/v2/customers/171891944?source=INSTORE")


def _send_huge_headers(attack: Attack) -> None:
    connection = attack.connect()
    for number in itertools.count():
        if not attack.goes_on:
            return
        cookie = b"Cookie: c=%d%b" % (number, b"x" * 60_000)
        attack.ask(connection, "GET", "/v2/customers/171891944/loyaltyDetails", b"", cookie)


CLIENTS: Mapping[str, Client] = {
    "pipelines and never reads": _pipeline,
    "200 heads that trickle": _trickle_head,
    "200 bodies that trickle": _trickle_body,
    "300 half-closed, unread": _half_close,
    "2,000 idle connections": _idle,
    "put-and-delete pairs": _put_and_delete,
    "6,000 updates, frozen clock": _update_later,
    "1,000 bodies of 1 MiB": _send_large_bodies,
    "32 event streams, unread": _follow_unread,
    "huge headers": _send_huge_headers,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one hostile client cost: MiB of the server, and requests a second of a normal client."""

    before: float
    peak: float
    after: float
    alone: float
    meanwhile: float
    troubles: int


class _Normal(threading.Thread):
    """A normal client: counts its answers, and what was none."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self._port = port
        self.answered = self.troubles = 0
        self.is_over = threading.Event()

    def run(self) -> None:
        while not self.is_over.is_set():
            try:
                with socket.create_connection(("127.0.0.1", self._port), timeout=10) as connection:
                    self._ask_on(connection)
            except OSError:
                self.troubles += 1

    def _ask_on(self, connection: socket.socket) -> None:
        while not self.is_over.is_set():
            connection.sendall(_GET)
            if not connection.recv(65536).startswith(b"HTTP/1.1 200 "):
                raise ConnectionError("no answer")
            self.answered += 1


def measure(client: Client, seconds: float) -> Cost:
    """Let one hostile client do its worst to a server of its own."""
    port = free_port()
    server = start([sys.executable, "-m", "mockserver", "serve", "--port", str(port)], port=port, first=_GET)
    normal = _Normal(port)
    try:
        normal.start()
        alone = _rate(normal, 1.0)
        before = server.mebibytes()
        peak, meanwhile = _attack(client, port, seconds, server, normal)
        time.sleep(_SETTLED_SECONDS)
        return Cost(
            before=before,
            peak=max(before, peak),
            after=server.mebibytes(),
            alone=alone,
            meanwhile=meanwhile,
            troubles=normal.troubles,
        )
    finally:
        normal.is_over.set()
        normal.join()
        server.stop()


def _rate(normal: _Normal, seconds: float) -> float:
    answered, started = normal.answered, time.monotonic()
    time.sleep(seconds)
    return (normal.answered - answered) / (time.monotonic() - started)


def _attack(client: Client, port: int, seconds: float, server: Running, normal: _Normal) -> tuple[float, float]:
    """Return the most memory that was seen, and the rate of the normal client."""
    answered, started, peak = normal.answered, time.monotonic(), 0.0
    with ExitStack() as stack:
        attack = Attack(port, seconds, stack)
        hostile = threading.Thread(target=_until_cut, args=(client, attack), daemon=True)
        hostile.start()
        while hostile.is_alive() or attack.goes_on:
            peak = max(peak, server.mebibytes())
            time.sleep(_SAMPLE_SECONDS)
        rate = (normal.answered - answered) / (time.monotonic() - started)
    return peak, rate


def _until_cut(client: Client, attack: Attack) -> None:
    """A hostile client that is cut comes again, as long as there is time."""
    while attack.goes_on:
        with suppress(OSError):
            client(attack)
            return
        attack.rest()


def section(costs: Mapping[str, Cost]) -> str:
    """Return the results as Markdown."""
    head = ("client", "before, MiB", "peak, MiB", "after, MiB", "requests/s alone", "requests/s meanwhile")
    return "\n".join([*this_machine().lines(), "", *table(head, _rows(costs), numbers=5)])


def _rows(costs: Mapping[str, Cost]) -> Iterator[tuple[str, ...]]:
    for name, cost in costs.items():
        memory = (f"{value:.0f}" for value in (cost.before, cost.peak, cost.after))
        yield name, *memory, f"{cost.alone:,.0f}", f"{cost.meanwhile:,.0f}"


def main() -> int:
    """Measure, tell, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--client", action="append", choices=list(CLIENTS), help="one alone; repeatable")
    parser.add_argument("--seconds", type=float, default=8.0, help="how long each goes on (default: 8)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the table into this document")
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8_192, most), most))
    costs = {name: measure(CLIENTS[name], options.seconds) for name in options.client or CLIENTS}
    if options.write is None:
        print(section(costs))
    else:
        write_section(options.write, "hostile", section(costs))
    return 1 if any(cost.troubles for cost in costs.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
