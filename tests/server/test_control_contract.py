"""The law of the control plane's own document: each answer has a status, a type and a shape that it describes."""

import re
from collections.abc import Mapping
from typing import Any

import jsonschema_rs
import pytest

from mockserver.files import read_control_document
from mockserver.server.running import ServerThread
from tests.server.client import Answer, Client

DOCUMENT = read_control_document()
PATHS: Mapping[str, Any] = DOCUMENT["paths"]
CUSTOMER = b'{"loyaltyType": "non_loyalty"}'
FOREIGN = {"Origin": "https://evil.example"}
NOWHERE = {"X-Mock-World": "nowhere"}
ROWS: list[tuple[str, str, bytes, dict[str, str], int]] = [
    ("GET", "/_mock/health", b"", {}, 200),
    ("GET", "/_mock/health", b"", FOREIGN, 403),
    ("GET", "/_mock/live", b"", {}, 200),
    ("GET", "/_mock/live", b"", FOREIGN, 403),
    ("GET", "/_mock/contract", b"", {}, 200),
    ("GET", "/_mock/contract", b"", {"Accept": "application/yaml"}, 200),
    ("GET", "/_mock/dialect", b"", {}, 200),
    ("GET", "/_mock/dialect", b"", FOREIGN, 403),
    ("PUT", "/_mock/dialect", b'{"loyalty-downgrade": "ignore"}', {}, 200),
    ("PUT", "/_mock/dialect", b'{"loyalty-downgrade": "ignroe"}', {}, 400),
    ("PUT", "/_mock/dialect", b"[]", {}, 400),
    ("PUT", "/_mock/dialect", b"{", {}, 400),
    ("PUT", "/_mock/dialect", b" " * 1_100_000, {}, 413),
    ("PUT", "/_mock/dialect", b"{}", {"Content-Encoding": "br"}, 415),
    ("GET", "/_mock/customers", b"", {}, 200),
    ("GET", "/_mock/customers?limit=2&after=171891944&q=a", b"", {}, 200),
    ("GET", "/_mock/customers?limit=0", b"", {}, 400),
    ("GET", "/_mock/customers/171891944", b"", {}, 200),
    ("GET", "/_mock/customers/171891944", b"", {"If-None-Match": "*"}, 304),
    ("GET", "/_mock/customers/171891944", b"", {"If-Match": '"0"'}, 412),
    ("GET", "/_mock/customers/171891944", b"", {"If-Match": "7"}, 400),
    ("PUT", "/_mock/customers/171891944", CUSTOMER, {"If-Match": '"0"'}, 412),
    ("PUT", "/_mock/customers/1", CUSTOMER, {"If-Match": "*"}, 412),
    ("DELETE", "/_mock/customers/171891945", b"", {"If-Match": '"0"'}, 412),
    ("DELETE", "/_mock/customers/171891945", b"", {"If-Match": "0"}, 400),
    ("GET", "/_mock/questions", b"", {}, 200),
    ("GET", "/_mock/customers/1", b"", {}, 404),
    ("PUT", "/_mock/customers/1", CUSTOMER, {}, 200),
    ("PUT", "/_mock/customers/1", b"{", {}, 400),
    ("PUT", "/_mock/customers/1", b" " * 1_100_000, {}, 413),
    ("DELETE", "/_mock/customers/171891945", b"", {}, 204),
    ("DELETE", "/_mock/customers/1", b"", {}, 404),
    ("POST", "/_mock/reset", b"", {}, 204),
    ("POST", "/_mock/settle", b"", {}, 204),
    ("GET", "/_mock/requests", b"", {}, 200),
    ("GET", "/_mock/requests?limit=x", b"", {}, 400),
    ("GET", "/_mock/requests?before=x0", b"", {}, 400),
    ("GET", "/_mock/requests/x0", b"", {}, 404),
    ("GET", "/_mock/requests?forced=maybe", b"", {}, 400),
    ("GET", "/_mock/requests?filter=status:200&limit=1&preflight=yes", b"", {}, 200),
    ("GET", "/_mock/requests?filter=stat:200", b"", {}, 400),
    ("GET", "/_mock/requests?warning=8057&outcome=answered", b"", {}, 200),
    ("DELETE", "/_mock/requests", b"", {}, 204),
    ("POST", "/_mock/requests/verify", b'{"operation": "updateCustomer", "times": 1}', {}, 200),
    ("POST", "/_mock/requests/verify", b'{"operation": "updateCustomer", "customer": 7}', {}, 200),
    ("POST", "/_mock/requests/verify", b'{"operation": "updateCustomr"}', {}, 400),
    ("POST", "/_mock/requests/verify", b" " * 1_100_000, {}, 413),
    ("POST", "/_mock/requests/verify", b'{"warning": null, "outcome": "answered"}', {}, 200),
    ("GET", "/_mock/requests.har", b"", {}, 200),
    ("GET", "/_mock/requests.har?preflight=x", b"", {}, 400),
    ("GET", "/_mock/requests.jsonl", b"", {}, 200),
    ("GET", "/_mock/requests.jsonl?preflight=x", b"", {}, 400),
    ("GET", "/_mock/events?limit=0", b"", {}, 200),
    ("GET", "/_mock/events?limit=x", b"", {}, 400),
    ("GET", "/_mock/errors", b"", {}, 200),
    ("GET", "/_mock", b"", {}, 302),
    ("GET", "/_mock", b"", FOREIGN, 403),
    ("GET", "/_mock/docs", b"", {}, 200),
    ("GET", "/_mock/docs/", b"", {}, 302),
    ("GET", "/_mock/pages/control.json", b"", {}, 200),
    ("GET", "/_mock/pages/style.css", b"", {}, 200),
    ("GET", "/_mock/pages/nothing.css", b"", {}, 404),
    ("GET", "/_mock/faults", b"", {}, 200),
    ("POST", "/_mock/faults", b'{"do": {"answer": {"code": 521}}, "times": 2}', {}, 201),
    ("POST", "/_mock/faults", b'{"preset": "throttled", "perMinute": 3, "ttl": "30s"}', {}, 201),
    ("POST", "/_mock/faults", b'{"do": {"answer": {"code": 522}}}', {}, 400),
    ("POST", "/_mock/faults", b"{}", {}, 400),
    ("POST", "/_mock/faults", b" " * 1_100_000, {}, 413),
    ("DELETE", "/_mock/faults", b"", {}, 204),
    ("GET", "/_mock/faults/f0", b"", {}, 404),
    ("PUT", "/_mock/faults/f0", b'{"enabled": false}', {}, 404),
    ("DELETE", "/_mock/faults/f0", b"", {}, 404),
    ("GET", "/_mock/clock", b"", {}, 200),
    ("PUT", "/_mock/clock", b'{"frozen": "2026-01-01T00:00:00Z"}', {}, 200),
    ("PUT", "/_mock/clock", b'{"advance": "2h"}', {}, 200),
    ("PUT", "/_mock/clock", b'{"real": true}', {}, 200),
    ("PUT", "/_mock/clock", b'{"real": false}', {}, 400),
    ("PUT", "/_mock/clock", b" " * 1_100_000, {}, 413),
    ("GET", "/_mock/snapshots", b"", {}, 200),
    ("POST", "/_mock/snapshots", b"", {}, 201),
    ("POST", "/_mock/snapshots", b'{"name": "before"}', {}, 201),
    ("POST", "/_mock/snapshots", b'{"name": "be fore"}', {}, 400),
    ("POST", "/_mock/snapshots", b" " * 1_100_000, {}, 413),
    ("POST", "/_mock/snapshots/never/restore", b"", {}, 404),
    ("DELETE", "/_mock/snapshots/never", b"", {}, 404),
    ("GET", "/_mock/worlds", b"", {}, 200),
    ("POST", "/_mock/worlds", b'{"name": "demo"}', {}, 409),
    ("POST", "/_mock/worlds", b"{}", {}, 400),
    ("POST", "/_mock/worlds", b'{"name": "w", "from": "nowhere"}', {}, 404),
    ("POST", "/_mock/worlds", b'{"name": "w", "world": {"extends": "nowhere"}}', {}, 400),
    ("POST", "/_mock/worlds", b'{"name": "given", "world": {"extends": "demo"}, "ttl": "1s"}', {}, 201),
    ("POST", "/_mock/worlds", b" " * 1_100_000, {}, 413),
    ("POST", "/_mock/worlds", b'{"name": "w", "ttl": "soon"}', {}, 400),
    ("POST", "/_mock/worlds", b'{"name": "w", "ttl": "0s"}', {}, 400),
    ("POST", "/_mock/worlds", b'{"name": "w", "colour": "red"}', {}, 400),
    ("DELETE", "/_mock/worlds/demo", b"", {}, 409),
    ("DELETE", "/_mock/worlds/nowhere", b"", {}, 404),
]


def resolve(node: Any) -> Any:
    while "$ref" in node:
        target: Any = DOCUMENT
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


def described(method: str, path: str, status: int) -> Any:
    """Return what the document says of a status, or fail."""
    bare = path.partition("?")[0].rstrip("/")
    templates = [known for known in PATHS if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", known), bare)]
    item = PATHS[bare if bare in templates else templates[0]]  # a name goes before a parameter
    responses = item[method.lower()]["responses"]
    assert str(status) in responses
    return resolve(responses[str(status)])


def assert_described(answer: Answer, response: Any) -> None:
    content = response.get("content", {})
    assert bool(answer.body) == bool(content)
    if not content:
        return
    media = content[answer.headers["content-type"]]
    if answer.headers["content-type"] == "application/json":
        jsonschema_rs.validate({"components": DOCUMENT["components"], **media["schema"]}, answer.json)


@pytest.mark.parametrize(("method", "path", "body", "headers", "status"), ROWS)
def test_each_answer_is_one_that_the_document_describes(
    client: Client, method: str, path: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    client.update(171891944, {"profiles": [{"firstName": "Tom"}]})

    answer = client.send(method, path, body=body, headers=headers)

    assert answer.status == status
    assert_described(answer, described(method, path, status))


@pytest.mark.parametrize(
    "path",
    [
        "health",
        "live",
        "contract",
        "dialect",
        "customers",
        "customers/1",
        "requests",
        "requests/x1",
        "clock",
        "snapshots",
        "reset",
        "settle",
    ],
)
def test_an_unknown_world_is_an_answer_that_the_document_describes(server: ServerThread, path: str) -> None:
    method = "POST" if path in ("reset", "settle") else "GET"

    answer = Client(server.url).send(method, f"/_mock/{path}", headers=NOWHERE)

    assert answer.status == 404
    assert_described(answer, described(method, f"/_mock/{path}", 404))


def test_the_whole_of_an_exchange_is_as_described(client: Client) -> None:
    exchange_id = client.update(171891944, {"profiles": [{"firstName": "Tom"}]}).headers["x-mock-exchange"]

    answer = client.send("GET", f"/_mock/requests/{exchange_id}")

    assert_described(answer, described("GET", f"/_mock/requests/{exchange_id}", 200))


@pytest.mark.parametrize(
    "rule",
    [
        {"do": {"delay": {"milliseconds": 1}}},
        {"do": {"answer": {"code": 521}}},
        {"do": {"dribble": {"bytes": 20, "milliseconds": 1}}, "persist": True},
        {"do": {"garble": {}}, "probability": 1},
    ],
)
def test_a_disturbed_exchange_and_its_fault_are_described(client: Client, rule: dict[str, Any]) -> None:
    set_rule = client.send("POST", "/_mock/faults", json=rule)
    for _ in range(2):
        client.update(171891944, {"profils": []})
    (line, _) = client.send("GET", "/_mock/requests").json["requests"]

    assert_described(set_rule, described("POST", "/_mock/faults", 201))
    for path in ("requests", f"requests/{line['id']}", "faults", "faults/f1"):
        assert_described(client.send("GET", f"/_mock/{path}"), described("GET", f"/_mock/{path}", 200))
