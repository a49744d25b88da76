"""Laws of the shell: whatever comes over the wire gets an answer in the envelope, and state is kept."""

import gzip
import json

import pytest

from mockserver.server.running import ServerThread
from tests.server.client import CREDENTIALS, Client

RENAME = {"profiles": [{"firstName": "Tom"}]}


def first_name(client: Client, customer: int = 171891944) -> object:
    return client.send("GET", f"/v2/customers/{customer}?source=INSTORE").json["profiles"][0]["firstName"]


def test_an_update_is_seen_by_the_next_read(client: Client) -> None:
    answer = client.update(171891944, RENAME)

    assert answer.status == 200
    assert answer.json == {"createdId": 171891944, "warnings": [], "sideEffects": []}
    assert first_name(client) == "Tom"


def test_points_of_a_background_update_are_there_after_settle(client: Client) -> None:
    answer = client.update(171891944, {"loyaltyInfo": {"loyaltyType": "loyalty"}}, "source=INSTORE&use_async=true")

    assert "sideEffects" not in answer.json
    assert client.send("POST", "/_mock/settle").status == 204
    details = client.send("GET", "/v2/customers/171891944/loyaltyDetails").json["data"]
    assert [(item["programId"], item["loyaltyPoints"]) for item in details] == [(699, 25.0)]


def test_a_world_in_the_header_is_the_same_as_one_in_the_path(client: Client, server: ServerThread) -> None:
    client.update(171891944, RENAME)
    name = client.path.rpartition("/")[2]

    answer = Client(server.url).send("GET", "/v2/customers/171891944?source=INSTORE", headers={"X-Mock-World": name})

    assert answer.json["profiles"][0]["firstName"] == "Tom"


def test_an_unknown_world_is_404_and_says_so(server: ServerThread) -> None:
    answer = Client(server.url).send("GET", "/v2/customers/1?source=INSTORE", headers={"X-Mock-World": "demmo"})

    assert (answer.status, answer.code) == (404, 404)
    assert "demmo" in answer.headers["x-mock-why"]
    assert "demo" in answer.headers["x-mock-why"]


def test_every_answer_has_an_exchange_id_and_a_request_id(client: Client) -> None:
    first, second = client.update(171891944, {}), client.update(1, {})

    assert first.headers["x-mock-exchange"] != second.headers["x-mock-exchange"]
    assert first.headers["x-cap-requestid"] != second.headers["x-cap-requestid"]


def test_head_answers_as_get_does_without_the_body(client: Client) -> None:
    answer = client.send("HEAD", "/v2/customers/171891945/loyaltyDetails")

    assert (answer.status, answer.body) == (200, b"")
    assert int(answer.headers["content-length"]) > 100


def test_options_tells_the_methods(client: Client) -> None:
    answer = client.send("OPTIONS", "/v2/customers/171891944")

    assert (answer.status, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS, PUT")


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"get / HTTP/1.1\r\nHost: a\r\n\r\n", id="a lower-case method"),
        pytest.param(b"PUT / HTTP/9.9\r\nHost: a\r\n\r\n", id="a version that does not exist"),
        pytest.param(b"nonsense\r\n\r\n", id="no request line"),
        pytest.param(b"GET / HTTP/1.1\r\nHo st: a\r\n\r\n", id="a header with a blank in its name"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n", id="a header with NUL"),
        pytest.param(b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", id="a length that is no number"),
    ],
)
def test_unreadable_http_is_400_in_the_envelope(server: ServerThread, sent: bytes) -> None:
    head, _, body = Client(server.url).raw(sent).partition(b"\r\n\r\n")

    assert b" 400 " in head.splitlines()[0]
    assert b"application/json" in head
    (error,) = json.loads(body)["errors"]
    assert (error["status"], error["code"]) == (False, 400)


def test_a_broken_chunk_is_400_in_the_envelope(server: ServerThread) -> None:
    head = "PUT /v2/customers/171891944?source=INSTORE HTTP/1.1\r\nHost: a\r\nAuthorization: Basic dGVzdA==\r\n"
    sent = f"{head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{{}}\r\n".encode()

    answer = Client(server.url).raw(sent)

    assert b" 400 " in answer.splitlines()[0]
    assert b'"errors"' in answer


def test_a_body_that_is_not_gzip_though_it_says_so_is_400(client: Client) -> None:
    headers = {"Content-Encoding": "gzip"}

    answer = client.send("PUT", "/v2/customers/171891944?source=INSTORE", body=b"not gzip", headers=headers)

    assert (answer.status, answer.code) == (400, 400)


def test_a_gzip_body_is_read(client: Client) -> None:
    body = gzip.compress(json.dumps(RENAME).encode())

    answer = client.send(
        "PUT", "/v2/customers/171891944?source=INSTORE", body=body, headers={"Content-Encoding": "gzip"}
    )

    assert answer.status == 200
    assert first_name(client) == "Tom"


@pytest.mark.parametrize("size", [1024 * 1024 + 1, 5 * 1024 * 1024])
def test_a_body_over_1_mib_is_413_and_the_client_sees_it(client: Client, size: int) -> None:
    answer = client.send("PUT", "/v2/customers/171891944?source=INSTORE", body=b" " * size)

    assert (answer.status, answer.code) == (413, 413)


def test_expect_100_continue_is_honoured_and_others_are_417(client: Client) -> None:
    path = "/v2/customers/171891944?source=INSTORE"

    continued = client.send("PUT", path, json=RENAME, headers={"Expect": "100-continue"})
    refused = client.send("PUT", path, json=RENAME, headers={"Expect": "tea"})

    assert continued.status == 200
    assert (refused.status, refused.code) == (417, 417)


def test_refusals_carry_the_cors_headers_for_a_loopback_page(client: Client) -> None:
    answer = client.send("PUT", "/v2/customers/1?source=INSTORE", headers={"Origin": "http://localhost:3000"})

    assert answer.status == 400
    assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert "X-Mock-Why" in answer.headers["access-control-expose-headers"]


def test_a_foreign_page_gets_no_cors_headers(client: Client) -> None:
    answer = client.send("PUT", "/v2/customers/1?source=INSTORE", headers={"Origin": "https://evil.example"})

    assert "access-control-allow-origin" not in answer.headers


def test_a_preflight_allows_what_the_vendor_and_the_mock_need(server: ServerThread) -> None:
    headers = {
        "Origin": "http://127.0.0.1:5173",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization, content-type, user-context-entity-id, x-mock-world, x-evil",
    }

    answer = Client(server.url).send("OPTIONS", "/v2/customers/1", headers=headers)

    assert answer.status == 204
    assert "PUT" in answer.headers["access-control-allow-methods"]
    allowed = answer.headers["access-control-allow-headers"].split(", ")
    assert allowed == ["authorization", "content-type", "user-context-entity-id", "x-mock-world", "x-evil"]


def test_a_connection_serves_one_request_after_another(server: ServerThread) -> None:
    one = b"GET /v2/customers/171891945/loyaltyDetails HTTP/1.1\r\nHost: a\r\nAuthorization: Basic dGVzdA==\r\n"

    answers = Client(server.url).raw(one + b"\r\n" + one + b"Connection: close\r\n\r\n")

    assert answers.count(b"HTTP/1.1 200 OK") == 2


def test_missing_credentials_are_401_with_a_challenge(client: Client) -> None:
    headers = dict.fromkeys(CREDENTIALS, "")

    answer = client.send("GET", "/v2/customers/171891944?source=INSTORE", headers=headers)

    assert (answer.status, answer.code) == (401, 401)
    assert answer.headers["www-authenticate"].startswith("Basic ")
