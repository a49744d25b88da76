"""Laws of copyable commands: what a real shell and a real curl send is the request, and no credential is printed."""

import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mockserver.exchange.secrecy import is_secret_header
from mockserver.exchange.snippets import as_curl
from mockserver.messages import Request

UPDATE = Request(
    method="PUT",
    path="/v2/customers/171891944",
    query="source=INSTORE",
    headers={"content-type": "application/json"},
    body=b'{"profiles": [{"firstName": "O\'Neil"}]}',
)


class _Recorder(BaseHTTPRequestHandler):
    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        path, _, query = self.path.partition("?")
        headers = {
            name.lower(): value.encode("latin-1").decode("utf-8", "surrogateescape")
            for name, value in self.headers.items()
        }
        self.server.seen = Request(  # type: ignore[attr-defined]  # the simplest way out of a handler
            method=self.command, path=path, query=query, headers=headers, body=body
        )
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD = do_POST = do_DELETE = do_PATCH = do_PUT  # noqa: N815  # the library's names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name is the library's
        """Keep silent."""


class Wire:
    """A server that keeps what came last, and a shell that runs commands."""

    def __init__(self) -> None:
        self.server = HTTPServer(("127.0.0.1", 0), _Recorder)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def run(self, command: str, **environment: str) -> Request:
        inherited = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "NO_PROXY": "*", "LC_ALL": "C.UTF-8"}
        shell = ["sh", "-s"]  # as if typed: an argument of `sh -c` could not be so long
        ran = subprocess.run(
            shell,
            input=command.encode(),
            env={**inherited, **environment},
            capture_output=True,
            timeout=20,
            check=False,
        )
        assert ran.returncode == 0, (command, ran.stderr)
        return self.seen

    @property
    def seen(self) -> Request:
        """What came last."""
        seen: Request = self.server.seen  # type: ignore[attr-defined]
        return seen


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    wire = Wire()
    thread = threading.Thread(target=wire.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield wire
    wire.server.shutdown()
    thread.join()
    wire.server.server_close()


def assert_same(sent: Request, seen: Request) -> None:
    assert (seen.method, seen.path, seen.query, seen.body) == (sent.method, sent.path, sent.query, sent.body)
    assert {name: seen.headers.get(name) for name in sent.headers} == sent.headers


PATHS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="#?"), max_size=12)
QUERIES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="#"), max_size=12)
VALUES = st.text(st.characters(min_codepoint=0x20, exclude_categories=["C", "Z"]), min_size=1, max_size=12)
BODIES = st.one_of(st.binary(max_size=40), st.text(max_size=40).map(lambda text: text.encode(errors="replace")))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=PATHS, query=QUERIES, value=VALUES, body=BODIES)
@example(path="a'b", query="x=[1-3]&y={a,b}", value="$HOME `id` \\ \"'", body=b"@/etc/passwd")
@example(path="-", query="", value="-n", body=b"-\x00")
@example(path="../..", query="%2F..%00", value="!history;", body=b"it's \xff\x00 %s \\n\n\n")
@example(path="", query="", value="100%", body="'; echo pwned; \u202e'\n".encode())
def test_what_arrives_is_what_was_shown(wire: Wire, path: str, query: str, value: str, body: bytes) -> None:
    sent = Request(method="PUT", path=f"/v2/{path}", query=query, headers={"x-odd": value}, body=body)

    seen = wire.run(as_curl(sent, wire.url))

    assert_same(sent, seen)
    assert "content-type" not in seen.headers


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "PATCH"])
def test_every_method_arrives(wire: Wire, method: str) -> None:
    sent = Request(method=method, path="/v2/customers/1", headers={"accept": "application/json", "x-empty": ""})

    assert_same(sent, wire.run(as_curl(sent, wire.url)))


def test_a_body_too_long_for_an_argument_arrives(wire: Wire) -> None:
    sent = Request(method="PUT", path="/v2/customers/1", body=b'"' + b"a" * 300_000 + b'"')

    assert_same(sent, wire.run(as_curl(sent, wire.url)))


def test_a_body_of_one_character_over_and_over_arrives_and_is_not_written_out(wire: Wire) -> None:
    for filler in (b" " * 1_048_577, b"'" * 200_000, b"a" * 200_000):
        sent = Request(method="PUT", path="/v2/customers/1", body=filler)

        command = as_curl(sent, wire.url)

        assert_same(sent, wire.run(command))
        assert len(command) < 200 or filler[:1] == b"'"


def test_a_header_with_control_characters_arrives(wire: Wire) -> None:
    sent = Request(method="PUT", path="/", headers={"x-odd": "a\tb\u202ec"})

    command = as_curl(sent, wire.url)

    assert_same(sent, wire.run(command))
    assert command.replace("\n", "").isprintable()


def test_credentials_come_from_a_variable_of_the_shell(wire: Wire) -> None:
    seen = wire.run(as_curl(UPDATE, wire.url), AUTHORIZATION="Basic dGVzdA==")

    assert_same(UPDATE, seen)
    assert seen.headers["authorization"] == "Basic dGVzdA=="


def test_credentials_that_are_given_are_written(wire: Wire) -> None:
    seen = wire.run(as_curl(UPDATE, wire.url, credentials="Basic dGVzdA=="))

    assert seen.headers["authorization"] == "Basic dGVzdA=="


def test_an_anonymous_request_names_no_credentials(wire: Wire) -> None:
    command = as_curl(UPDATE, wire.url, anonymous=True)

    assert "uthorization" not in command
    assert "authorization" not in wire.run(command).headers


@pytest.mark.parametrize("name", ["authorization", "X-CAP-API-OAUTH-TOKEN", "x-mock-token", "cookie"])
def test_no_credential_is_ever_printed(name: str) -> None:
    sent = Request(method="GET", path="/", headers={name: "s3cret"})

    command = as_curl(sent, "https://till:s3cret@staging.example")

    assert is_secret_header(name)
    assert "s3cret" not in command
    assert f"{name}: $" in command


def test_a_usual_update_reads_well() -> None:
    assert as_curl(UPDATE, "https://staging.example/").splitlines() == [
        "curl -i -X PUT 'https://staging.example/v2/customers/171891944?source=INSTORE' \\",
        '  -H "Authorization: $AUTHORIZATION" \\',
        "  -H 'content-type: application/json' \\",
        '  --data-raw \'{"profiles": [{"firstName": "O\'\\\'\'Neil"}]}\'',
    ]
