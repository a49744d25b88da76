"""Laws of the shell under hostile traffic: an answer in the envelope, nothing poisoned, nothing logged but defects."""

import json
import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from mockserver.server.options import ServeOptions
from mockserver.server.running import ServerThread
from tests.server.client import Client

PAGE = "http://localhost:3000"
NOT_UTF_8 = b"\xff\xfe"


def head(method: str, path: str, *lines: bytes) -> bytes:
    start = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic dGVzdA==\r\n".encode()
    return start + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


def update(client: Client, *lines: bytes, body: bytes = b'{"profiles": [{"firstName": "Tom"}]}') -> bytes:
    length = f"Content-Length: {len(body)}".encode()
    path = f"{client.path}/v2/customers/171891944?source=INSTORE"
    return head("PUT", path, b"Content-Type: application/json", length, b"Connection: close", *lines) + body


def status_and_json(answer: bytes) -> tuple[int, object]:
    start, _, body = answer.partition(b"\r\n\r\n")
    return int(start.split()[1]), json.loads(body)


@pytest.mark.parametrize("name", ["User-Context-Entity-Id", "X-Anything", "Prefer", "X-Mock-Token", "Accept-Language"])
def test_bytes_that_are_no_utf_8_in_a_header_neither_fail_the_update_nor_poison_the_journal(
    client: Client, name: str
) -> None:
    status, _ = status_and_json(client.raw(update(client, name.encode() + b": " + NOT_UTF_8)))

    (kept,) = client.send("GET", "/_mock/requests").json["requests"]
    assert status == kept["status"] == 200
    assert client.send("GET", f"/_mock/requests/{kept['id']}").status == 200
    assert client.send("GET", "/_mock/customers/171891944").status == 200


@pytest.mark.parametrize("name", ["Origin", "Host"])
def test_a_name_that_is_no_utf_8_is_foreign_to_the_control_plane(server: ServerThread, name: str) -> None:
    host = b"" if name == "Host" else b"Host: localhost\r\n"
    sent = (
        b"GET /_mock/clock HTTP/1.1\r\nConnection: close\r\n" + host + name.encode() + b": " + NOT_UTF_8 + b"\r\n\r\n"
    )

    status, _ = status_and_json(Client(server.url).raw(sent))

    assert status == 403


@pytest.mark.parametrize("limit", ["9" * 5000, "-1", "1.5", "", "\u0661"])
def test_a_limit_that_is_no_number_of_requests_is_400(client: Client, limit: str) -> None:
    encoded = "%D9%A1" if limit == "\u0661" else limit

    assert client.send("GET", f"/_mock/requests?limit={encoded}").code == 400


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(head("PUT", "/v2/customers/1", f"Origin: {PAGE}".encode(), b"Bad Name: x"), id="header name"),
        pytest.param(head("PUT", "/v2/customers/1", f"origin:{PAGE}".encode(), b"Content-Length: x"), id="length"),
        pytest.param(
            head("PUT", "/v2/customers/1", b"Transfer-Encoding: chunked", f"Origin: {PAGE}".encode()) + b"zz\r\n",
            id="chunk",
        ),
    ],
)
def test_a_page_sees_the_refusal_of_what_could_not_be_read(server: ServerThread, sent: bytes) -> None:
    answer = Client(server.url).raw(sent)

    assert status_and_json(answer)[0] == 400
    assert f"Access-Control-Allow-Origin: {PAGE}".encode() in answer


def test_an_unknown_expectation_is_refused_before_the_body_that_is_held_back(client: Client) -> None:
    path = f"{client.path}/v2/customers/171891944?source=INSTORE"
    with closing(socket.create_connection((client.host, client.port), timeout=5)) as connection:
        connection.sendall(head("PUT", path, b"Expect: tea", b"Content-Length: 200", f"Origin: {PAGE}".encode()))
        answer = connection.recv(65536)

    assert status_and_json(answer)[0] == 417
    assert f"Access-Control-Allow-Origin: {PAGE}".encode() in answer


def test_http_1_0_has_no_expectations(client: Client) -> None:
    sent = update(client, b"Expect: tea").replace(b"HTTP/1.1", b"HTTP/1.0", 1)

    assert status_and_json(client.raw(sent))[0] == 200


def test_a_client_that_goes_away_in_the_middle_is_nobodys_defect(
    client: Client, server: ServerThread, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(socket.create_connection((client.host, client.port), timeout=5)) as connection:
        connection.sendall(update(client)[:-5])
    with closing(socket.create_connection((client.host, client.port), timeout=5)) as connection:
        connection.sendall(update(client)[:60])

    assert client.send("GET", "/_mock/requests").json["requests"] == []
    assert Client(server.url).send("GET", "/_mock/health").status == 200
    assert caplog.records == []


@pytest.mark.parametrize(
    "target",
    ["http://elsewhere.example{path}", "HTTPS://elsewhere.example:8443{path}", "{path}"],
    ids=["http", "port", "origin"],
)
def test_an_absolute_target_is_the_same_request(client: Client, target: str) -> None:
    path = f"{client.path}/v2/customers/171891945?source=INSTORE"

    answer = client.raw(head("GET", target.format(path=path), b"Connection: close"))

    assert status_and_json(answer)[0] == 200


def test_credentials_and_tokens_of_any_kind_stay_out_of_the_journal(client: Client) -> None:
    secrets = {"X-CAP-API-OAUTH-TOKEN": "s3cret-a", "X-Mock-Token": "s3cret-b", "Cookie": "s3cret-c=1"}
    client.send("GET", "/v2/customers/171891944?source=INSTORE", headers=secrets)

    (kept,) = client.send("GET", "/_mock/requests").json["requests"]
    whole = client.send("GET", f"/_mock/requests/{kept['id']}")

    assert b"s3cret" not in whole.body
    assert whole.json["request"]["headers"]["x-mock-token"] == "[hidden]"


def test_an_answer_does_not_depend_on_whether_anybody_watches() -> None:
    def fail(_: object) -> None:
        raise BrokenPipeError

    with ServerThread(ServeOptions(port=0), watch=fail) as server:
        answers = [Client(server.url).update(171891944, {}).status for _ in range(2)]

    assert answers == [200, 200]


@pytest.fixture(scope="module")
def guarded() -> Iterator[Client]:
    """A server with a control token, and a page that vendor traffic is open to."""
    with ServerThread(ServeOptions(port=0, control_token="t0ken", cors=("https://app.example",))) as server:
        yield Client(server.url)


@pytest.mark.parametrize("token", [{}, {"X-Mock-Token": "t0ken"}], ids=["without token", "with token"])
@pytest.mark.parametrize(
    "foreign", [{"Origin": "https://app.example"}, {"Origin": "null"}, {"Host": "rebound.example"}], ids=str
)
def test_neither_a_token_nor_cors_opens_the_control_plane_to_a_foreign_page_or_name(
    guarded: Client, foreign: dict[str, str], token: dict[str, str]
) -> None:
    assert guarded.send("POST", "/_mock/reset", headers={**foreign, **token}).code == 403
    assert guarded.send("POST", "/_mock/reset", headers={"X-Mock-Token": "t0ken"}).status == 204


def test_cors_opens_vendor_traffic_to_the_page_that_it_names(guarded: Client) -> None:
    answer = guarded.send("PUT", "/v2/customers/1?source=INSTORE", headers={"Origin": "https://app.example"})

    assert answer.headers["access-control-allow-origin"] == "https://app.example"
