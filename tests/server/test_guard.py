"""Who may use the control plane: a table of callers, and the same over a real address that is not loopback."""

import socket

import pytest

from mockserver.server.control import Guard
from mockserver.server.options import ServeOptions
from mockserver.server.running import ServerThread
from tests.server.client import Client

TOKEN = "s3cret-t0ken"
HOME = "127.0.0.1"
ELSEWHERE = "192.0.2.7"  # an address for documentation, RFC 5737
LOCAL = Guard(token=TOKEN, hosts=frozenset({"127.0.0.1"}))
NAMED = Guard(token=TOKEN, hosts=frozenset({"mock.test"}))
EVERYWHERE = Guard(token=TOKEN)  # bound to every address
TOKENLESS = Guard(hosts=frozenset({"mock.test"}))


@pytest.mark.parametrize(
    ("guard", "remote", "headers"),
    [
        pytest.param(LOCAL, HOME, {"host": "127.0.0.1:8080"}, id="this machine"),
        pytest.param(LOCAL, "::1", {"host": "[::1]:8080"}, id="this machine, IPv6"),
        pytest.param(LOCAL, HOME, {"host": "LOCALHOST"}, id="this machine by its name"),
        pytest.param(
            LOCAL, HOME, {"host": "localhost", "origin": "http://localhost:5173"}, id="a page of this machine"
        ),
        pytest.param(NAMED, HOME, {"host": "mock.test:8080"}, id="this machine under the bound name"),
        pytest.param(
            NAMED, ELSEWHERE, {"host": "mock.test", "x-mock-token": TOKEN}, id="another machine with the token"
        ),
        pytest.param(EVERYWHERE, ELSEWHERE, {"host": "any.test", "x-mock-token": TOKEN}, id="any name with the token"),
        pytest.param(TOKENLESS, HOME, {"host": "mock.test"}, id="this machine where there is no token"),
    ],
)
def test_these_may_ask(guard: Guard, remote: str, headers: dict[str, str]) -> None:
    assert guard.find_fault(headers, remote) is None


@pytest.mark.parametrize(
    ("guard", "remote", "headers", "said"),
    [
        pytest.param(NAMED, ELSEWHERE, {"host": "mock.test"}, "X-Mock-Token", id="another machine without the token"),
        pytest.param(
            NAMED,
            ELSEWHERE,
            {"host": "mock.test", "x-mock-token": TOKEN[:-1]},
            "X-Mock-Token",
            id="a part of the token",
        ),
        pytest.param(
            NAMED,
            ELSEWHERE,
            {"host": "mock.test", "x-mock-token": "tökén"},
            "X-Mock-Token",
            id="a token that is no ASCII",
        ),
        pytest.param(
            TOKENLESS,
            ELSEWHERE,
            {"host": "mock.test", "x-mock-token": ""},
            "X-Mock-Token",
            id="an empty token for none",
        ),
        pytest.param(LOCAL, HOME, {"host": "evil.example"}, "evil.example", id="DNS rebinding"),
        pytest.param(
            LOCAL,
            HOME,
            {"host": "evil.example", "x-mock-token": TOKEN},
            "evil.example",
            id="DNS rebinding with the token",
        ),
        pytest.param(LOCAL, HOME, {"host": "127.0.0.1.evil.example"}, "evil.example", id="a name that begins as ours"),
        pytest.param(EVERYWHERE, HOME, {"host": "evil.example"}, "evil.example", id="rebinding where all are bound"),
        pytest.param(LOCAL, HOME, {}, "host", id="no Host"),
        pytest.param(LOCAL, HOME, {"host": "localhost", "origin": "https://evil.example"}, "evil.example", id="a page"),
        pytest.param(LOCAL, HOME, {"host": "localhost", "origin": "null"}, "null", id="a page of no origin"),
        pytest.param(
            LOCAL,
            HOME,
            {"host": "localhost", "origin": "http://localhost.evil.example"},
            "evil",
            id="a page named as ours",
        ),
        pytest.param(
            NAMED,
            ELSEWHERE,
            {"host": "mock.test", "origin": "https://evil.example", "x-mock-token": TOKEN},
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


def test_over_a_real_address_the_control_plane_needs_the_token_and_vendor_traffic_does_not() -> None:
    with ServerThread(ServeOptions(host=own_address(), port=0, control_token=TOKEN)) as server:
        client = Client(server.url)
        refused = [
            client.send(method, path).status
            for method, path in [
                ("GET", "/_mock/health"),
                ("GET", "/_mock/customers"),
                ("POST", "/_mock/reset"),
                ("GET", "/_mock/requests"),
                ("GET", "/_mock/requests.har"),
                ("GET", "/_mock/events"),
                ("POST", "/_mock/faults"),
                ("GET", "/_mock/"),
            ]
        ]
        allowed = client.send("GET", "/_mock/health", headers={"X-Mock-Token": TOKEN}).status
        vendor = client.update(171891944, {}).status

    assert refused == [403] * 8
    assert (allowed, vendor) == (200, 200)
