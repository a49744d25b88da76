"""Laws of the stop: what is in flight is answered, whoever stalls does not hold it up for ever."""

import contextlib
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

import pytest

BODY = b'{"profiles": [{"firstName": "Tom"}]}'
HEAD = (
    b"PUT /v2/customers/171891944?source=INSTORE HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic dGVzdA==\r\n"
    b"Content-Type: application/json\r\nContent-Length: 36\r\nExpect: 100-continue\r\n\r\n"
)
COMMAND = [sys.executable, "-m", "mockserver", "serve", "--port", "0"]


@contextmanager
def serving() -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            yield process, int(process.stdout.readline().rpartition(b":")[2])
        finally:
            process.kill()


def begin_update(port: int) -> socket.socket:
    """Send the head of an update; the server's 100 tells that the request is in flight."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    connection.sendall(HEAD)
    assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    return connection


def wait_until_refused(port: int) -> None:
    """Return when the server takes no new connection, that is, when it has begun to stop.

    A connection that waits in the queue of the listening socket at the moment it is closed is reset, a later one is
    refused: both tell the same.
    """
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except (ConnectionRefusedError, ConnectionResetError):
            return


def test_a_request_whose_body_is_still_coming_is_answered_and_the_exit_is_0() -> None:
    with serving() as (process, port), begin_update(port) as connection:
        process.send_signal(signal.SIGTERM)
        wait_until_refused(port)
        connection.sendall(BODY)
        answer = connection.recv(65536)

        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"Connection: close" in answer
        assert process.wait(timeout=5) == 0


def test_idle_connections_do_not_hold_up_the_stop() -> None:
    with serving() as (process, port), socket.create_connection(("127.0.0.1", port), timeout=5):
        started = perf_counter()
        process.send_signal(signal.SIGINT)

        assert process.wait(timeout=5) == 0
        assert perf_counter() - started < 4


def test_a_client_that_leaves_during_the_stop_ends_it() -> None:
    with serving() as (process, port):
        connection = begin_update(port)
        process.send_signal(signal.SIGTERM)
        wait_until_refused(port)
        started = perf_counter()
        connection.close()

        assert process.wait(timeout=10) == 0
        assert perf_counter() - started < 4


GET = b"GET /v2/customers/171891944/loyaltyDetails HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic dGVzdA==\r\n\r\n"
STALLED = {
    "sends and never reads": GET * 20_000,
    "stops within a head": GET[:-2],
    "stops within a body": HEAD.replace(b"Expect: 100-continue\r\n", b"") + BODY[:-1],
    "reads nothing of a stream": b"GET /_mock/events HTTP/1.1\r\nHost: localhost\r\n\r\n",
}


@pytest.mark.parametrize("sent", STALLED.values(), ids=STALLED)
def test_a_client_that_stalls_is_waited_for_within_the_grace_only(sent: bytes) -> None:
    with serving() as (process, port), socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            connection.send(sent)
        with socket.create_connection(("127.0.0.1", port), timeout=20) as other:  # what was sent before has come
            other.sendall(GET)
            assert other.recv(100).startswith(b"HTTP/1.1 200 ")
        started = perf_counter()
        process.send_signal(signal.SIGTERM)

        assert process.wait(timeout=20) == 0
        assert perf_counter() - started < 7
