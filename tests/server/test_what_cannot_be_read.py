"""Laws of what cannot be read: it is answered in the envelope, and whatever was answered is in log and journal."""

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import uuid4

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.server.journal import Exchange
from mockserver.server.options import ServeOptions
from mockserver.server.running import ServerThread
from tests.server.client import Client
from tests.server.har_schema import HAR

READ = "/v2/customers/171891944/loyaltyDetails"
FIELDS = b"Host: a\r\nAuthorization: Basic dGVzdA==\r\n"
SECRET = "s3cr3t-value"
QUOTED_STAR = "'*'"


class Watched:
    """A server whose log is looked at."""

    def __init__(self, server: ServerThread, lines: list[Exchange]) -> None:
        self.server, self.lines = server, lines
        self.root = Client(server.url)

    def forked(self) -> Client:
        name = f"t{uuid4().hex[:12]}"
        assert self.root.send("POST", "/_mock/worlds", json={"name": name}).status == 201
        return Client(f"{self.server.url}/_mock/w/{name}")


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    lines: list[Exchange] = []
    with ServerThread(ServeOptions(port=0), watch=lines.append) as server:
        yield Watched(server, lines)


def ask(path: str, *lines: bytes, method: str = "GET") -> bytes:
    return b"".join((f"{method} {path} HTTP/1.1\r\n".encode(), FIELDS, *(line + b"\r\n" for line in lines), b"\r\n"))


def answers_of(received: bytes) -> list[tuple[str, dict[str, str], Any]]:
    """Return status line, headers and JSON of each answer."""
    answers = []
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        length = int(headers.get("content-length", "0"))
        answers.append((first, headers, json.loads(rest[:length]) if length else None))
        received = rest[length:]
    return answers


UNREADABLE = {
    "a header of 70,000 bytes": (ask("{path}", b"Cookie: " + b"c" * 70_000), 431),
    "300 headers": (ask("{path}", *[b"X-A: a"] * 300), 431),
    "a query of 70,000 bytes": (ask("{path}?q=" + "q" * 70_000), 431),
    "a name with a blank": (ask("{path}", b"Bad Name: x"), 400),
    "NUL in a value": (ask("{path}", b"X: \x00"), 400),
    "a length that is no number": (ask("{path}", b"Content-Length: x", method="PUT"), 400),
    "a broken chunk": (ask("{path}", b"Transfer-Encoding: chunked", method="PUT") + b"zz\r\n", 400),
    "an expectation": (ask("{path}", b"Expect: tea", b"Content-Length: 9", method="PUT"), 417),
    "an unknown version": (b"GET {path} HTTP/9.9\r\n" + FIELDS + b"\r\n", 400),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_answered_told_of_and_kept_in_its_world(watched: Watched, name: str) -> None:
    client = watched.forked()
    sent, code = UNREADABLE[name]

    received = client.raw(sent.replace(b"{path}", f"{client.path}{READ}".encode()))

    [(first, headers, body)] = answers_of(received)
    exchange_id = headers["x-mock-exchange"]
    assert first.startswith(f"HTTP/1.1 {code} ")
    assert headers["connection"] == "close"
    assert [error["code"] for error in body["errors"]] == [code]
    assert headers["x-mock-why"]
    assert watched.lines[-1].id == exchange_id
    shown = client.send("GET", f"/_mock/requests/{exchange_id}").json
    asked = (shown["method"], shown["path"], shown["status"], shown["code"])
    assert asked == (sent.split(b" ")[0].decode(), READ, code, code)
    assert [stage["stage"] for stage in shown["why"]] == ["receive"]
    assert shown["repair"] is None
    assert client.send("POST", "/_mock/requests/verify", json={"status": code, "times": 1}).json["verified"]


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_could_not_be_read_is_shown_as_har_and_as_an_event(watched: Watched, name: str) -> None:
    client = watched.forked()
    client.raw(UNREADABLE[name][0].replace(b"{path}", f"{client.path}{READ}".encode()))

    har = client.send("GET", "/_mock/requests.har").json
    [kept] = client.send("GET", "/_mock/requests").json["requests"]
    event = client.send("GET", "/_mock/events?limit=1&after=x0").body

    assert list(jsonschema_rs.Draft202012Validator(HAR).iter_errors(har)) == []
    assert [entry["_exchange"]["id"] for entry in har["log"]["entries"]] == [kept["id"]]
    assert f".{kept['id']}\n".encode() in event


def test_a_world_that_is_named_by_header_keeps_what_cannot_be_read(watched: Watched) -> None:
    client = watched.forked()
    name = client.path.rpartition("/")[2]

    watched.root.raw(ask(READ, f"X-Mock-World: {name}".encode(), b"Bad Name: x"))

    assert [one["path"] for one in client.send("GET", "/_mock/requests").json["requests"]] == [READ]


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(ask(READ, b"Cookie: " + b"c" * 8_191), id="a cookie of 8,191 bytes"),
        pytest.param(ask(READ, b"Authorization-Token: " + b"t" * 60_000), id="a token of 60,000 bytes"),
        pytest.param(ask(f"{READ}?q={'q' * 60_000}"), id="a query of 60,000 bytes"),
        pytest.param(ask(READ, *[b"X-%d: " % number + b"x" * 240 for number in range(240)]), id="240 headers"),
    ],
)
def test_a_head_within_64_kib_is_read(watched: Watched, sent: bytes) -> None:
    received = watched.root.raw(sent.replace(b"Host: a", b"Host: a\r\nConnection: close"))

    assert received.startswith(b"HTTP/1.1 200 ")


def test_a_client_that_is_still_sending_a_large_head_sees_the_refusal(watched: Watched) -> None:
    with closing(socket.create_connection((watched.root.host, watched.root.port), timeout=10)) as connection:
        connection.sendall(b"GET /" + b"a" * 4_000_000)
        received = b"".join(iter(lambda: connection.recv(65536), b""))

    assert received.startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("behind", [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nBad Name: x\r\n\r\n", b"\x16\x03\x01\x00"])
def test_requests_before_what_cannot_be_read_are_answered_first(watched: Watched, behind: bytes) -> None:
    body = b'{"profiles": [{"firstName": "Tom"}]}'
    update = ask("/v2/customers/171891944?source=INSTORE", b"Content-Type: application/json",
                 b"Content-Length: %d" % len(body), method="PUT")  # fmt: skip

    received = watched.root.raw(ask(READ) + update + body + ask(READ) + behind)

    assert [first.split(" ")[1] for first, _, _ in answers_of(received)] == ["200", "200", "200", "400"]


def test_an_absolute_target_that_cannot_be_read_further_is_kept_under_its_world_and_path(watched: Watched) -> None:
    client = watched.forked()

    watched.root.raw(ask(f"http://u:{SECRET}@mock.example:80{client.path}{READ}?a=b", b"Bad Name: x"))

    [kept] = client.send("GET", "/_mock/requests").json["requests"]
    assert (kept["path"], kept["query"]) == (READ, "a=b")


@pytest.mark.parametrize("target", ["*", "mock.example:443"])
def test_a_target_without_a_path_is_shown_as_what_can_be_sent_again(watched: Watched, target: str) -> None:
    [(_, headers, _)] = answers_of(watched.root.raw(ask(target, b"Bad Name: x", method="OPTIONS")))

    shown = watched.root.send("GET", f"/_mock/requests/{headers['x-mock-exchange']}").json
    assert f"--request-target {target if target != '*' else QUOTED_STAR} '{watched.server.url}/'" in shown["curl"]
    har = watched.root.send("GET", "/_mock/requests.har").json
    assert har["log"]["entries"][-1]["request"]["url"] == f"{watched.server.url}/{target}"


def test_http_2_says_so(watched: Watched) -> None:
    [(_, headers, _)] = answers_of(watched.root.raw(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))

    assert "HTTP/2 came" in headers["x-mock-why"]
    assert "--http1.1" in headers["x-mock-why"]


def test_tls_on_a_plain_port_says_so(watched: Watched) -> None:
    [(_, headers, _)] = answers_of(watched.root.raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"))

    assert "use http://" in headers["x-mock-why"]


@pytest.mark.parametrize(
    "sent",
    [
        ask(READ, f"Authorization: Bearer {SECRET}\x00".encode()),
        ask(READ, f"X-CAP-API-OAUTH-TOKEN: {SECRET}".encode(), b"Bad Name: x"),
        ask(READ, f"Bad Name: {SECRET}".encode()),
        f"GET {SECRET} HTTP/1.1\r\n\r\n".encode(),
        ask(READ, f"Cookie: {SECRET}".encode() + b"c" * 70_000),
        f"{SECRET} / HTTP/1.1\r\n\r\n".encode(),
    ],
)
def test_what_could_not_be_read_may_be_a_secret_and_is_not_quoted(watched: Watched, sent: bytes) -> None:
    received = watched.root.raw(sent)

    [(_, headers, _)] = answers_of(received)
    assert SECRET not in received.decode()
    assert SECRET not in watched.lines[-1].reply.why
    assert SECRET not in str(dict(watched.lines[-1].request.headers))
    assert headers["x-mock-exchange"] == watched.lines[-1].id


def test_an_unknown_world_is_kept_by_the_default_one_which_the_answer_says(watched: Watched) -> None:
    answer = Client(f"{watched.server.url}/_mock/w/nowhere").send("GET", READ)

    shown = watched.root.send("GET", f"/_mock/requests/{answer.headers['x-mock-exchange']}").json
    assert (answer.code, shown["code"], shown["path"]) == (404, 404, f"/_mock/w/nowhere{READ}")
    assert "the journal of world demo has this exchange" in answer.headers["x-mock-why"]


@pytest.mark.parametrize("path", ["/_mock/health", "/_mock/w/demo/_mock/requests", "http://a/_mock/customers"])
def test_the_control_plane_s_own_requests_are_in_no_journal(watched: Watched, path: str) -> None:
    before = len(watched.lines)

    received = watched.root.raw(ask(path, b"Bad Name: x"))

    assert received.startswith(b"HTTP/1.1 400 ")
    assert len(watched.lines) == before


@given(st.binary(max_size=300))
def test_whatever_comes_is_answered_and_kept_or_is_no_request_yet(watched: Watched, noise: bytes) -> None:
    with closing(socket.create_connection((watched.root.host, watched.root.port), timeout=10)) as connection:
        connection.sendall(noise)
        connection.shutdown(socket.SHUT_WR)
        received = b"".join(iter(lambda: connection.recv(65536), b""))

    kept = {exchange.id for exchange in watched.lines}
    for first, headers, _ in answers_of(received):
        assert first.startswith("HTTP/1.")
        assert headers["x-mock-exchange"] in kept or b"_mock" in noise
