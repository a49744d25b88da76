"""Who may use the control plane: a table of callers, and the same over real addresses."""

import socket
from collections.abc import Iterator, Mapping

import pytest

from mockserver.server.control import Guard
from mockserver.server.options import ServeOptions
from mockserver.server.running import ServerThread
from tests.server.client import Client

TOKEN = "s3cret-t0ken"
HOME = "127.0.0.1"
ELSEWHERE = "192.0.2.7"  # an address for documentation, RFC 5737
PUBLIC = "https://mock.example"
LOCAL = Guard(hosts=frozenset({"127.0.0.1"}))
NAMED = Guard(hosts=frozenset({"mock.test"}))
EVERYWHERE = Guard(hosts=frozenset({"0.0.0.0"}), is_everywhere=True)
FRONTED = Guard(hosts=frozenset({"127.0.0.1", "mock.example"}), origin=PUBLIC)
LOCKED = Guard(token=TOKEN, hosts=frozenset({"mock.test"}))
LOCKED_EVERYWHERE = Guard(token=TOKEN, hosts=frozenset({"0.0.0.0"}), is_everywhere=True)
BEARER = {"authorization": f"Bearer {TOKEN}"}
SENT = {"x-mock-token": TOKEN}


@pytest.mark.parametrize(
    ("guard", "remote", "headers"),
    [
        pytest.param(LOCAL, HOME, {"host": "127.0.0.1:8080"}, id="this machine"),
        pytest.param(LOCAL, "::1", {"host": "[::1]:8080"}, id="this machine, IPv6"),
        pytest.param(LOCAL, "::ffff:127.0.0.1", {"host": "localhost"}, id="this machine, IPv4 in IPv6"),
        pytest.param(LOCAL, HOME, {"host": "LOCALHOST"}, id="this machine by its name"),
        pytest.param(LOCAL, HOME, {"host": "mock.localhost:8080"}, id="this machine by a name under localhost"),
        pytest.param(
            LOCAL, HOME, {"host": "localhost", "origin": "http://localhost:5173"}, id="a page of this machine"
        ),
        pytest.param(
            LOCAL, HOME, {"host": "localhost", "origin": "http://app.localhost:3000"}, id="a page under localhost"
        ),
        pytest.param(NAMED, HOME, {"host": "mock.test:8080"}, id="this machine under the bound name"),
        pytest.param(
            NAMED, HOME, {"host": "mock.test:8080", "origin": "http://mock.test:8080"}, id="the page's own origin"
        ),
        pytest.param(EVERYWHERE, HOME, {"host": "192.0.2.7:8080"}, id="an address, where all are bound"),
        pytest.param(EVERYWHERE, HOME, {"host": "[2001:db8::7]"}, id="an IPv6 address, where all are bound"),
        pytest.param(FRONTED, HOME, {"host": "mock.example", "origin": PUBLIC}, id="the page of the public URL"),
        pytest.param(FRONTED, HOME, {"host": "127.0.0.1:8080", "origin": PUBLIC}, id="the same, the Host rewritten"),
        pytest.param(LOCKED, ELSEWHERE, {"host": "mock.test", **SENT}, id="another machine with the token"),
        pytest.param(LOCKED, ELSEWHERE, {"host": "mock.test", **BEARER}, id="another machine with a bearer token"),
        pytest.param(
            LOCKED, HOME, {"host": "localhost", "authorization": f"bearer  {TOKEN}"}, id="a scheme in lower case"
        ),
        pytest.param(LOCKED, HOME, {"host": "localhost", **SENT}, id="this machine with the token"),
        pytest.param(
            LOCKED, HOME, {"host": "localhost", "forwarded": "for=192.0.2.7", **SENT}, id="a proxy with the token"
        ),
        pytest.param(LOCKED_EVERYWHERE, ELSEWHERE, {"host": "192.0.2.9:8080", **SENT}, id="an address with the token"),
    ],
)
def test_these_may_ask(guard: Guard, remote: str, headers: dict[str, str]) -> None:
    assert guard.find_fault(headers, remote) is None


@pytest.mark.parametrize(
    ("guard", "remote", "headers", "said"),
    [
        pytest.param(LOCKED, HOME, {"host": "localhost"}, "X-Mock-Token", id="this machine without the token"),
        pytest.param(LOCKED, ELSEWHERE, {"host": "mock.test"}, "X-Mock-Token", id="another machine without it"),
        pytest.param(LOCKED, HOME, {"host": "localhost", "x-mock-token": TOKEN[:-1]}, "token", id="a part of it"),
        pytest.param(LOCKED, HOME, {"host": "localhost", "x-mock-token": "tökén"}, "token", id="no ASCII"),
        pytest.param(LOCKED, HOME, {"host": "localhost", "x-mock-token": ""}, "token", id="an empty one"),
        pytest.param(LOCKED, HOME, {"host": "localhost", "authorization": f"Basic {TOKEN}"}, "token", id="as Basic"),
        pytest.param(LOCKED, HOME, {"host": "localhost", "authorization": "Bearer "}, "token", id="an empty Bearer"),
        pytest.param(NAMED, ELSEWHERE, {"host": "mock.test", **SENT}, "--control-token", id="a token that none set"),
        pytest.param(EVERYWHERE, ELSEWHERE, {"host": "192.0.2.9"}, "--control-token", id="another machine"),
        pytest.param(LOCAL, HOME, {"host": "localhost", "forwarded": "for=192.0.2.7"}, "proxy", id="Forwarded"),
        pytest.param(LOCAL, HOME, {"host": "localhost", "via": "1.1 proxy"}, "proxy", id="Via"),
        pytest.param(LOCAL, HOME, {"host": "localhost", "x-forwarded-for": HOME}, "proxy", id="X-Forwarded-For"),
        pytest.param(LOCAL, HOME, {"host": "localhost", "x-forwarded-proto": ""}, "proxy", id="an empty X-Forwarded"),
        pytest.param(LOCAL, HOME, {"host": "evil.example"}, "evil.example", id="DNS rebinding"),
        pytest.param(LOCKED, HOME, {"host": "evil.example", **SENT}, "evil.example", id="DNS rebinding with the token"),
        pytest.param(LOCAL, HOME, {"host": "127.0.0.1.evil.example"}, "evil.example", id="a name that begins as ours"),
        pytest.param(LOCAL, HOME, {"host": "192.0.2.7"}, "192.0.2.7", id="an address that is not bound"),
        pytest.param(LOCAL, HOME, {"host": "127.0.0.1:80:evil"}, "evil", id="a Host with two ports"),
        pytest.param(LOCAL, HOME, {"host": "127.0.0.1:8080'; ls"}, "ls", id="a Host that is more than host and port"),
        pytest.param(LOCAL, HOME, {"host": "user@127.0.0.1"}, "user", id="a Host with a user"),
        pytest.param(EVERYWHERE, HOME, {"host": "evil.example"}, "evil.example", id="rebinding where all are bound"),
        pytest.param(
            LOCKED_EVERYWHERE, ELSEWHERE, {"host": "mock.test", **SENT}, "--public-url", id="a name with the token"
        ),
        pytest.param(LOCAL, HOME, {}, "host", id="no Host"),
        pytest.param(LOCAL, HOME, {"host": "localhost", "origin": "https://evil.example"}, "evil.example", id="a page"),
        pytest.param(LOCAL, HOME, {"host": "localhost", "origin": "null"}, "null", id="a page of no origin"),
        pytest.param(
            LOCAL, HOME, {"host": "localhost", "origin": "http://localhost.evil.example"}, "evil", id="named as ours"
        ),
        pytest.param(
            LOCAL, HOME, {"host": "evil.example", "origin": "http://evil.example"}, "evil", id="a rebound page's own"
        ),
        pytest.param(NAMED, HOME, {"host": "mock.test:8080", "origin": "http://mock.test"}, "mock", id="another port"),
        pytest.param(
            FRONTED, HOME, {"host": "localhost", "origin": "http://mock.example"}, "mock", id="not its scheme"
        ),
        pytest.param(
            LOCKED,
            ELSEWHERE,
            {"host": "mock.test", "origin": "https://evil.example", **SENT},
            "evil.example",
            id="a foreign page with the token",
        ),
    ],
)
def test_these_may_not_ask_and_are_told_why(guard: Guard, remote: str, headers: dict[str, str], said: str) -> None:
    fault = guard.find_fault(headers, remote)

    assert fault is not None
    assert said in fault
    assert TOKEN not in fault


def own_address() -> str:
    """Return an address of this machine that is not loopback; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((ELSEWHERE, 9))
        except OSError:
            pytest.skip("this machine has no address but loopback")
        return str(probe.getsockname()[0])


GUARDED = [
    ("GET", "/_mock/customers"),
    ("POST", "/_mock/reset"),
    ("GET", "/_mock/requests"),
    ("GET", "/_mock/requests.har"),
    ("GET", "/_mock/events"),
    ("POST", "/_mock/faults"),
    ("GET", "/_mock/"),
    ("GET", "/_mock/docs"),
    ("GET", "/_mock/pages/console.js"),
    ("GET", "/_mock/w/demo/_mock/customers"),
]
OPEN = ["/_mock/live", "/_mock/health", "/_mock/live/", "/_mock/health/", "/_mock/w/demo/_mock/health"]


@pytest.fixture(scope="module")
def locked() -> Iterator[Client]:
    """A server with a token, on loopback."""
    with ServerThread(ServeOptions(port=0, control_token=TOKEN)) as server:
        yield Client(server.url)


def statuses(client: Client, headers: Mapping[str, str] | None = None) -> set[int]:
    return {client.send_bare(method, path, headers=headers).status for method, path in GUARDED}


def test_once_a_token_is_set_this_machine_needs_it_too_but_for_live_and_health(locked: Client) -> None:
    assert statuses(locked) == {403}
    assert locked.send_bare("GET", "/_mock/customers", headers={"X-Mock-Token": TOKEN}).status == 200
    assert locked.send_bare("GET", "/_mock/customers", headers={"Authorization": f"Bearer {TOKEN}"}).status == 200
    assert [locked.send_bare("GET", path).status for path in OPEN] == [200] * len(OPEN)
    assert locked.update(171891944, {}).status == 200


def test_a_browser_that_has_no_token_is_told_what_is_missing(locked: Client) -> None:
    answer = locked.send_bare("GET", "/_mock/", headers={"Accept": "text/html"})

    assert answer.status == 403
    assert "X-Mock-Token" in answer.json["errors"][0]["message"]
    assert "www-authenticate" not in answer.headers


@pytest.mark.parametrize("headers", [{}, {"X-Mock-Token": "wrong"}], ids=str)
def test_health_without_the_token_tells_no_more_than_that_it_is_ready(locked: Client, headers: dict[str, str]) -> None:
    health = locked.send_bare("GET", "/_mock/health", headers=headers).json

    assert set(health) == {"product", "version", "ready"}
    assert (health["product"], health["ready"]) == ("customer-mockserver", True)
    assert locked.send_bare("GET", "/_mock/live", headers=headers).json == {"live": True}


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "kubernetes.example"},
        {"Host": "mock:8080", "X-Forwarded-For": "192.0.2.7"},
        {"Via": "1.1 proxy"},
        {"Host": ""},
    ],
    ids=str,
)
def test_live_and_health_answer_whoever_asks_and_nothing_else_does(client: Client, headers: dict[str, str]) -> None:
    assert {client.send_bare("GET", path, headers=headers).status for path in ("/_mock/live", "/_mock/health")} == {200}
    assert client.send_bare("GET", "/_mock/customers", headers=headers).status == 403


def test_over_a_real_address_the_control_plane_needs_the_token_and_vendor_traffic_does_not() -> None:
    with ServerThread(ServeOptions(host=own_address(), port=0, control_token=TOKEN)) as server:
        client = Client(server.url)
        assert statuses(client) == {403}
        assert [client.send_bare("GET", path).status for path in OPEN] == [200] * len(OPEN)
        assert client.send("GET", "/_mock/customers", headers={"X-Mock-Token": TOKEN}).status == 200
        assert client.update(171891944, {}).status == 200


def test_without_a_token_another_machine_gets_vendor_traffic_live_and_health_alone() -> None:
    with ServerThread(ServeOptions(host=own_address(), port=0)) as server:
        client = Client(server.url)
        assert statuses(client) == {403}
        assert [client.send_bare("GET", path).status for path in OPEN] == [200] * len(OPEN)
        assert client.update(171891944, {}).status == 200
