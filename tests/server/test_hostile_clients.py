"""Laws of bounds: whatever one client does, no more is kept for it than the bounds say, and others are served."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, closing, contextmanager
from select import select
from time import perf_counter

import pytest

from mockserver.server.bounds import Bounds
from mockserver.server.options import ServeOptions
from mockserver.server.running import ServerThread
from tests.server.client import Client

READ = "/v2/customers/171891944/loyaltyDetails"
FIELDS = b"Host: localhost\r\nAuthorization: Basic dGVzdA==\r\n"
GET = f"GET {READ} HTTP/1.1\r\n".encode() + FIELDS + b"\r\n"
PUT = b"PUT /v2/customers/171891944?source=INSTORE HTTP/1.1\r\nContent-Type: application/json\r\n" + FIELDS
LARGE = b"GET /_mock/contract HTTP/1.1\r\n" + FIELDS + b"\r\n"
QUICK = Bounds(request_seconds=0.4, unread_seconds=0.4, idle_seconds=0.4, goodbye_seconds=0.2, connections=8)
_MOST_SENT = 32 * 1024 * 1024  # far more than sockets and bounds hold


@contextmanager
def serving(bounds: Bounds) -> Iterator[Client]:
    with ServerThread(ServeOptions(port=0), bounds=bounds) as server:
        yield Client(server.url)


def connect(client: Client) -> socket.socket:
    return socket.create_connection((client.host, client.port), timeout=10)


def read_to_end(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


def send_until_full(connection: socket.socket, request: bytes) -> int:
    """Send requests and read nothing, until the server takes no more or has taken far too much."""
    connection.settimeout(1)
    sent, block = 0, memoryview(request * (65536 // len(request) + 1))
    try:
        while sent < _MOST_SENT:
            sent += connection.send(block[sent % len(block) :])
    except TimeoutError:
        return sent
    return sent


def send_until_cut(connection: socket.socket, request: bytes) -> None:
    """Send requests and read nothing until the server ends the connection; TimeoutError where it does not."""
    block = request * (65536 // len(request) + 1)
    while True:
        connection.sendall(block)


@pytest.mark.parametrize("request_", [GET, LARGE, PUT + b"Content-Length: 2\r\n\r\n{}"], ids=["small", "large", "body"])
def test_who_sends_and_never_reads_is_not_read_on(request_: bytes) -> None:
    with serving(Bounds()) as client, closing(connect(client)) as connection:
        assert send_until_full(connection, request_) < _MOST_SENT
        assert client.send("GET", "/_mock/health").status == 200


def test_who_reads_late_gets_every_answer(client: Client) -> None:
    number = 20_000
    asked = GET.replace(READ.encode(), f"{client.path}{READ}".encode()) * number
    with closing(connect(client)) as connection, ThreadPoolExecutor(1) as sender:
        sending = sender.submit(connection.sendall, asked)
        wait([sending], timeout=0.5)  # the server is stuck by then, unless the sockets hold a lot
        received = sum(part.count(b"X-Mock-Exchange") for part in answers_on(connection, number))

    assert received == number


def answers_on(connection: socket.socket, number: int) -> Iterator[bytes]:
    """Yield whole lines of what comes until so many answers have."""
    rest, seen = b"", 0
    while seen < number:
        part = connection.recv(65536)
        assert part
        whole, _, rest = (rest + part).rpartition(b"\n")
        seen += whole.count(b"X-Mock-Exchange")
        yield whole


@pytest.mark.parametrize("request_", [GET, LARGE], ids=["small", "large"])
def test_who_takes_nothing_of_its_answers_is_cut(request_: bytes) -> None:
    with serving(QUICK) as client, closing(connect(client)) as connection, pytest.raises(ConnectionError):
        send_until_cut(connection, request_)


def test_who_sends_on_and_on_after_a_refusal_is_cut() -> None:
    bounds, started = Bounds(goodbye_seconds=60, goodbye_bytes=1024 * 1024), perf_counter()
    with serving(bounds) as client, closing(connect(client)) as connection, pytest.raises(ConnectionError):
        send_until_cut(connection, b"nonsense")

    assert perf_counter() - started < 30


def test_who_half_closes_and_takes_nothing_is_cut() -> None:
    with serving(QUICK) as client, ExitStack() as stack:
        for _ in range(QUICK.connections):
            connection = stack.enter_context(closing(connect(client)))
            connection.sendall(LARGE * 60)
            connection.shutdown(socket.SHUT_WR)
        wait_until_free(client)


def wait_until_free(client: Client) -> None:
    """Return when the server takes up a connection; while there is no room it cuts each new one."""
    deadline = perf_counter() + 20
    while perf_counter() < deadline:
        try:
            assert client.send("GET", "/_mock/health").status == 200
        except (ConnectionError, OSError):
            continue
        return
    pytest.fail("no connection became free")


@pytest.mark.parametrize(
    ("begun", "place"),
    [
        pytest.param(GET[:-2], "request", id="head"),
        pytest.param(b"G", "request", id="one byte"),
        pytest.param(PUT + b"Content-Length: 20\r\n\r\n{", "body", id="body"),
        pytest.param(PUT + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", "body", id="chunks"),
    ],
)
def test_what_is_begun_and_does_not_end_is_408_and_kept(begun: bytes, place: str) -> None:
    with serving(QUICK) as client:
        with closing(connect(client)) as connection:
            connection.sendall(begun)
            received = read_to_end(connection)
        [kept] = client.send("GET", "/_mock/requests").json["requests"]

    assert received.startswith(b"HTTP/1.1 408 ")
    assert b"Connection: close" in received
    assert f"X-Mock-Why: {place}: the rest did not come within 0.4 s".encode() in received
    assert (kept["status"], kept["outcome"]) == (408, "answered")


def test_what_trickles_is_408_however_often_something_comes() -> None:
    with serving(QUICK) as client, closing(connect(client)) as connection:
        received = trickle(connection, GET[:-2] + b"X: " + b"a" * 10_000)

    assert received.startswith(b"HTTP/1.1 408 ")


def trickle(connection: socket.socket, head: bytes) -> bytes:
    """Send byte by byte, reading in between, until the server has said all."""
    connection.settimeout(0.02)
    received = b""
    for byte in head:
        try:
            connection.send(bytes([byte]))
            part = connection.recv(65536)
        except TimeoutError:
            continue
        if not part:
            return received
        received += part
    return received


def test_requests_before_one_that_does_not_end_are_answered() -> None:
    with serving(QUICK) as client, closing(connect(client)) as connection:
        connection.sendall(GET * 2 + GET[:-2])
        received = read_to_end(connection)

    assert [part[:3] for part in received.split(b"HTTP/1.1 ")[1:]] == [b"200", b"200", b"408"]


@pytest.mark.parametrize("before", [b"", GET], ids=["never used", "used once"])
def test_a_connection_on_which_nothing_happens_is_closed(before: bytes) -> None:
    with serving(QUICK) as client, closing(connect(client)) as connection:
        connection.sendall(before)
        received = read_to_end(connection)

    assert received.count(b"HTTP/1.1 ") == len(before) // len(GET)


def test_a_stream_and_a_slow_answer_go_on_beyond_the_deadlines() -> None:
    delay = {"do": {"delay": {"milliseconds": 1_200}}, "times": 1}
    dribble = {"do": {"dribble": {"bytes": 100, "milliseconds": 300}}, "times": 1}
    with serving(QUICK) as client, closing(connect(client)) as events:
        events.sendall(b"GET /_mock/events HTTP/1.1\r\n" + FIELDS + b"\r\n")
        read_until(events, b"retry: 2000")
        for fault in (delay, dribble):
            assert client.send("POST", "/_mock/faults", json=fault).status == 201
            assert client.send("GET", READ).status == 200
            read_until(events, READ.encode())


def read_until(connection: socket.socket, wanted: bytes) -> bytes:
    """Read up to the end of the line that has something in it."""
    received = b""
    while wanted not in received or not received.endswith(b"\n"):
        part = connection.recv(65536)
        assert part, received
        received += part
    return received


def test_the_connection_that_was_idle_longest_makes_room() -> None:
    bounds = Bounds(connections=3)
    with serving(bounds) as client, ExitStack() as stack:
        idle = [stack.enter_context(closing(connect(client))) for _ in range(30)]
        assert client.send("GET", "/_mock/health").status == 200
        assert [read_to_end_or_reset(one) for one in idle[:20]] == [b""] * 20


def read_to_end_or_reset(connection: socket.socket) -> bytes:
    try:
        return read_to_end(connection)
    except ConnectionResetError:
        return b""


def test_where_all_connections_are_busy_the_newest_is_refused() -> None:
    with serving(Bounds(connections=2)) as client, ExitStack() as stack:
        busy = [stack.enter_context(closing(connect(client))) for _ in range(2)]
        for connection in busy:
            connection.sendall(PUT + b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        newest = stack.enter_context(closing(connect(client)))
        assert read_to_end_or_reset(newest) == b""
        busy[0].sendall(b"{}")
        assert busy[0].recv(100).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("number", [1, 5, 40])
def test_who_half_closes_after_the_last_request_gets_every_answer(client: Client, number: int) -> None:
    asked = GET.replace(READ.encode(), f"{client.path}{READ}".encode()) * number
    with closing(connect(client)) as connection:
        connection.sendall(asked)
        connection.shutdown(socket.SHUT_WR)
        received = read_to_end(connection)

    assert received.count(b"HTTP/1.1 200 ") == number


def test_what_a_client_saw_that_left_before_its_answer_is_unknown(client: Client) -> None:
    fault = {"do": {"delay": {"milliseconds": 1_500}}, "times": 1}
    assert client.send("POST", "/_mock/faults", json=fault).status == 201
    with closing(connect(client)) as connection:
        connection.sendall(GET.replace(READ.encode(), f"{client.path}{READ}".encode()))

    client.send("GET", "/_mock/events?limit=1&after=x0")  # when it is answered, after the delay
    client.send("GET", READ)
    last, left = client.send("GET", "/_mock/requests").json["requests"]

    assert (left["outcome"], left["status"]) == ("unknown", 200)
    assert (last["outcome"], last["status"]) == ("answered", 200)


def test_many_bodies_that_do_not_end_are_not_all_held_and_small_ones_still_come() -> None:
    begun = PUT + b"Content-Length: 1000000\r\n\r\n" + b" " * 900_000
    with serving(Bounds(body_bytes=2_000_000, goodbye_seconds=0.2)) as client, ExitStack() as open_:
        *large, small = (open_.enter_context(closing(connect(client))) for _ in range(4))
        for one in large:
            one.sendall(begun)
        [refused, *_], _, _ = select(large, [], [], 10)  # whose bytes came last
        answer = refused.recv(65536)
        small.sendall(PUT + b"Content-Length: 2\r\n\r\n{")
        small.sendall(b"}")
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"Connection: close" in answer
        assert b"bodies that come at the same time" in answer
        assert small.recv(65536).startswith(b"HTTP/1.1 200 ")
