"""How an answer goes out: kept or closed connections, length and date, and no body where there must be none."""

import pytest

from mockserver.messages import Response
from mockserver.server.running import ServerThread
from mockserver.server.writing import Written
from tests.server.client import Client

READ = b"/v2/customers/171891944/loyaltyDetails"
FIELDS = b"Host: 127.0.0.1\r\nAuthorization: Basic dGVzdA==\r\n"


def exchange(server: ServerThread, *requests: bytes) -> list[bytes]:
    """Send requests in one piece on one connection that ends, and return the answers, head and body."""
    received = Client(server.url).raw(b"".join(requests))
    return [b"HTTP/" + answer for answer in received.split(b"HTTP/")[1:]]


def request(start: bytes, *fields: bytes) -> bytes:
    return b"\r\n".join((start, FIELDS.rstrip(), *fields, b"", b""))


def head_of(answer: bytes) -> dict[bytes, bytes]:
    lines = answer.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(b": ") for line in lines)}


def body_of(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


def test_a_connection_is_kept_until_the_client_asks_to_close_it(server: ServerThread) -> None:
    asked = request(b"GET %s HTTP/1.1" % READ)
    first, last = exchange(server, asked, request(b"GET %s HTTP/1.1" % READ, b"Connection: close"))

    assert first.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"connection" not in head_of(first)
    assert head_of(last)[b"connection"] == b"close"
    assert body_of(first) == body_of(last)
    assert int(head_of(first)[b"content-length"]) == len(body_of(first))
    assert head_of(first)[b"date"].endswith(b" GMT")


def test_http_1_0_closes_unless_the_client_asks_to_keep(server: ServerThread) -> None:
    keep = request(b"GET %s HTTP/1.0" % READ, b"Connection: keep-alive")
    first, last = exchange(server, keep, request(b"GET %s HTTP/1.0" % READ))

    assert first.startswith(b"HTTP/1.0 200 OK\r\n")
    assert head_of(first)[b"connection"] == b"keep-alive"
    assert b"connection" not in head_of(last)


def test_head_has_the_length_of_the_body_and_no_body(server: ServerThread) -> None:
    close = b"Connection: close"
    (head,) = exchange(server, request(b"HEAD %s HTTP/1.1" % READ, close))
    (whole,) = exchange(server, request(b"GET %s HTTP/1.1" % READ, close))

    assert body_of(head) == b""
    assert head_of(head)[b"content-length"] == head_of(whole)[b"content-length"]


def test_an_answer_without_content_has_neither_length_nor_body(server: ServerThread) -> None:
    (answer,) = exchange(server, request(b"OPTIONS %s HTTP/1.1" % READ, b"Connection: close"))

    assert answer.startswith(b"HTTP/1.1 204 No Content\r\n")
    assert b"content-length" not in head_of(answer)
    assert body_of(answer) == b""


def test_an_answer_too_large_for_one_write_is_whole_and_explained_alike(server: ServerThread) -> None:
    (answer,) = exchange(
        server, request(b"GET /_mock/contract HTTP/1.1", b"Accept: application/yaml", b"Connection: close")
    )

    assert len(body_of(answer)) > 64 * 1024
    assert int(head_of(answer)[b"content-length"]) == len(body_of(answer))
    assert b"x-mock-exchange" in head_of(answer)


def test_no_header_brings_another_one_along() -> None:
    with pytest.raises(ValueError, match="line end"):
        Written(Response(status=200), {"X-Mock-Why": "one\r\nX-Evil: two"})
