"""Laws of credentials: each form gives its header, a token is fetched once and before it ends, and nothing is shown."""

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.errors import ConfigurationError, TargetError
from mockserver.messages import Request, Response
from mockserver.verification.credentials import read_credentials
from mockserver.verification.transport import HttpTransport
from mockserver.verification.wrong_credentials import WRONG

KEY, SECRET = "k3y-of-staging", "s3cr3t-of-staging"
TOKEN_HEADER = "X-CAP-API-OAUTH-TOKEN"


class Nowhere:
    """A transport for credentials that need none."""

    def carry(self, request: Request, *, fresh: bool = False) -> Response:  # noqa: ARG002  # one is like the other
        raise AssertionError(f"{request.path} was asked for")


class Grantor(ThreadingHTTPServer):
    """A server that gives tokens: `granted` is what it answers with, `asked` the bodies that it was sent."""

    def __init__(self, granted: Any) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.granted = granted
        self.asked: list[tuple[str, Any]] = []


class _Handler(BaseHTTPRequestHandler):
    server: Grantor

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, json.loads(body)))
        granted = self.server.granted
        content = granted if isinstance(granted, bytes) else json.dumps(granted).encode()
        content = content.replace(b"NUMBER", str(len(self.server.asked)).encode())
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
        """Say nothing."""


@contextmanager
def granting(granted: Any) -> Iterator[tuple[Grantor, HttpTransport]]:
    with Grantor(granted) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        transport = HttpTransport(f"http://127.0.0.1:{server.server_port}")
        try:
            yield server, transport
        finally:
            transport.close()
            server.shutdown()
            thread.join()


def a_token(seconds: object = 300) -> dict[str, object]:
    """Return what the vendor's token endpoint answers; NUMBER becomes the number of the request."""
    return {"data": {"accessToken": "t0ken-NUMBER", "ttlSeconds": seconds}, "errors": None}


@given(
    till=st.text(min_size=1).filter(lambda text: ":" not in text and text not in ("token", "oauth")),
    password=st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), min_size=1),
)
def test_a_till_is_sent_with_the_md5_of_its_password(till: str, password: str) -> None:
    till = till.encode(errors="replace").decode().strip("\r\n") or "till"

    headers = read_credentials(f"{till}:{password}", "AUTH").headers(Nowhere(), 0.0)

    kind, _, encoded = headers["Authorization"].partition(" ")
    digest = hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()
    assert (kind, base64.b64decode(encoded).decode()) == ("Basic", f"{till}:{digest}")


def test_a_password_may_hold_colons() -> None:
    one, other = read_credentials("till:a:b", "AUTH"), read_credentials("till:a", "AUTH")

    assert "a:b" in one.secrets
    assert one.headers(Nowhere(), 0.0) != other.headers(Nowhere(), 0.0)


def test_a_token_is_sent_as_it_is() -> None:
    assert read_credentials("token:a.b:c==", "AUTH").headers(Nowhere(), 0.0) == {TOKEN_HEADER: "a.b:c=="}


@pytest.mark.parametrize("text", ["store123:Pass123", "token:t0ken"])
def test_the_end_of_a_line_is_no_part_of_credentials(text: str) -> None:
    with_end, without = read_credentials(f"{text}\r\n", "AUTH"), read_credentials(text, "AUTH")

    assert with_end.headers(Nowhere(), 0.0) == without.headers(Nowhere(), 0.0)


@pytest.mark.parametrize("text", ["store123:Pass123", "token:t0ken-of-staging", f"oauth:{KEY}:{SECRET}"])
def test_credentials_do_not_show_what_they_hold(text: str) -> None:
    credentials = read_credentials(text, "AUTH")

    assert not any(secret in repr(credentials) for secret in credentials.secrets)
    assert credentials.secrets


@pytest.mark.parametrize(
    "text",
    [
        "c4nary",
        ":c4nary",
        "c4nary:",
        "token:",
        "token:c4nary with spaces",
        "token:c4nary\nof two lines",
        "token:c4nary-€",
        "oauth:",
        "oauth:c4nary",
        "oauth:c4nary:",
        "oauth::c4nary",
        "\n",
    ],
)
def test_credentials_of_another_form_are_refused_by_the_variable_s_name_alone(text: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_credentials(text, "STAGING_AUTH")

    said = str(refused.value)
    assert "STAGING_AUTH" in said
    assert "c4nary" not in said
    assert "\n" not in said


def test_a_granted_token_is_asked_for_once_and_again_before_it_ends() -> None:
    with granting(a_token(300)) as (server, transport):
        credentials = read_credentials(f"oauth:{KEY}:{SECRET}", "AUTH")

        tokens = [credentials.headers(transport, now)[TOKEN_HEADER] for now in (0.0, 1.0, 269.0, 270.0, 299.0, 540.0)]

    assert tokens == ["t0ken-1", "t0ken-1", "t0ken-1", "t0ken-2", "t0ken-2", "t0ken-3"]
    assert server.asked == [("/v3/oauth/token/generate", {"key": KEY, "secret": SECRET})] * 3


def test_every_granted_token_is_a_secret_from_then_on() -> None:
    with granting(a_token()) as (_, transport):
        credentials = read_credentials(f"oauth:{KEY}:{SECRET}", "AUTH")
        for now in (0.0, 1000.0):
            credentials.headers(transport, now)

    assert {KEY, SECRET, "t0ken-1", "t0ken-2"} <= {*credentials.secrets}
    assert "t0ken" not in repr(credentials)


def test_a_token_of_a_few_seconds_is_used_for_half_of_them() -> None:
    with granting(a_token(10)) as (server, transport):
        credentials = read_credentials(f"oauth:{KEY}:{SECRET}", "AUTH")
        for now in (0.0, 4.9, 5.0):
            credentials.headers(transport, now)

    assert len(server.asked) == 2


@pytest.mark.parametrize(
    "granted",
    [
        {"data": None, "errors": [{"code": 320001, "message": f"Invalid client key {KEY} and secret {SECRET}"}]},
        {"data": {}},
        {"data": {"accessToken": ""}},
        {"data": {"accessToken": 7}},
        {"data": {"accessToken": f"two lines\n{SECRET}"}},
        [],
        b"<html>Log in</html>",
        b"",
    ],
)
def test_a_token_that_is_refused_is_an_error_without_the_secret(granted: Any) -> None:
    with granting(granted) as (_, transport):
        credentials = read_credentials(f"oauth:{KEY}:{SECRET}", "AUTH")
        with pytest.raises(TargetError) as refused:
            credentials.headers(transport, 0.0)

    said = str(refused.value)
    assert "/v3/oauth/token/generate" in said
    assert "status 200" in said
    assert SECRET not in said
    assert KEY not in said
    assert "\n" not in said


@pytest.mark.parametrize("seconds", [None, "300", {}])
def test_a_token_that_does_not_say_how_long_it_lasts_is_used_for_a_while(seconds: object) -> None:
    with granting(a_token(seconds)) as (server, transport):
        credentials = read_credentials(f"oauth:{KEY}:{SECRET}", "AUTH")
        for now in (0.0, 100.0):
            credentials.headers(transport, now)

    assert len(server.asked) == 1


@pytest.mark.parametrize("kind", WRONG)
@pytest.mark.parametrize("text", ["store123:Pass123", "token:s3cr3t-t0ken", "oauth:key:s3cr3t"])
def test_wrong_credentials_are_others_and_commands_show_no_secret(kind: str, text: str) -> None:
    right = read_credentials(text, "AUTH")

    shown = right.wrong_header(kind)

    assert right.wrong(kind) != right
    assert not any(secret in shown for secret in right.secrets)


def test_a_wrong_password_is_of_the_right_till() -> None:
    right = read_credentials("store123:Pass123", "AUTH")
    [value] = right.wrong("password").headers(Nowhere(), 0.0).values()

    till, _, digest = base64.b64decode(value.removeprefix("Basic ")).decode().partition(":")

    assert till == "store123"
    assert digest not in right.secrets
