"""Cross-origin requests over the wire: allowed pages see every answer, and a blocked one leaves a trace."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.server.journal import Exchange
from mockserver.server.options import ServeOptions
from mockserver.server.running import ServerThread
from tests.server.client import CREDENTIALS, Answer, Client

APP = "https://app.example"
OWN = "http://app.localhost:3000"
FOREIGN = "https://evil.example"
TARGET = "/v2/customers/171891944?source=INSTORE"
UNUSUAL = "x-requested-with,traceparent,cache-control,idempotency-key,sentry-trace,authorization"
TOKEN_CHARACTERS = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
FIELD_NAME = st.text(TOKEN_CHARACTERS, min_size=1, max_size=30)


@pytest.fixture(scope="module")
def seen() -> list[Exchange]:
    """What the server's log was told of."""
    return []


@pytest.fixture(scope="module")
def opened(seen: list[Exchange]) -> Iterator[ServerThread]:
    """A server that is open to one page and to the subdomains of another name."""
    options = ServeOptions(port=0, cors=("https://APP.example:443/", "https://*.preview.example"))
    with ServerThread(options, watch=seen.append) as server:
        yield server


def preflight(
    client: Client, origin: str, *, path: str = TARGET, headers: str = UNUSUAL, method: str = "PUT"
) -> Answer:
    asked = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
    return client.send_bare("OPTIONS", path, headers={name: value for name, value in asked.items() if value})


@pytest.mark.parametrize("origin", [APP, OWN, "http://127.0.0.1:5173", "https://a.b.preview.example"])
def test_an_allowed_page_may_send_any_header_and_its_credentials(opened: ServerThread, origin: str) -> None:
    answer = preflight(Client(opened.url), origin)

    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == origin
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["access-control-allow-headers"].split(", ") == UNUSUAL.split(",")
    assert "Origin" in answer.headers["vary"]


@given(names=st.lists(FIELD_NAME, min_size=1, max_size=8, unique=True))
def test_every_field_name_is_echoed(opened: ServerThread, names: list[str]) -> None:
    answer = preflight(Client(opened.url), APP, headers=", ".join(names))

    assert answer.headers["access-control-allow-headers"].split(", ") == names


def test_what_is_no_field_name_is_left_out(opened: ServerThread) -> None:
    answer = preflight(Client(opened.url), APP, headers='x-good, "bad", x bad, , x(bad), x-good')

    assert answer.headers["access-control-allow-headers"] == "x-good"


def test_a_page_may_send_a_method_that_the_path_does_not_have_and_see_the_refusal(opened: ServerThread) -> None:
    client = Client(opened.url)

    assert "PATCH" in preflight(client, APP, method="PATCH").headers["access-control-allow-methods"].split(", ")
    answer = client.send("PATCH", TARGET, headers={"Origin": APP})
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (405, APP)


def test_a_preflight_is_told_to_the_log_and_kept_in_the_journal_of_its_world(
    opened: ServerThread, seen: list[Exchange]
) -> None:
    root = Client(opened.url)
    root.send("POST", "/_mock/worlds", json={"name": "front"})
    client = Client(f"{opened.url}/_mock/w/front")

    answer = preflight(client, APP)

    whole = client.send("GET", f"/_mock/requests/{answer.headers['x-mock-exchange']}").json
    assert (whole["preflight"], whole["status"], whole["world"]) == (True, 204, "front")
    assert whole["path"] == TARGET.partition("?")[0]
    assert [stage["stage"] for stage in whole["why"]] == ["preflight"]
    assert (seen[-1].id, seen[-1].preflight) == (whole["id"], True)


def test_a_refused_preflight_says_why_and_which_option_cures_it(opened: ServerThread, seen: list[Exchange]) -> None:
    client = Client(opened.url)

    answer = preflight(client, FOREIGN)

    whole = client.send("GET", f"/_mock/requests/{answer.headers['x-mock-exchange']}").json
    assert answer.status == 403
    assert not any(name.startswith("access-control-") for name in answer.headers)
    for said in (answer.headers["x-mock-why"], whole["said"], whole["why"][0]["why"], seen[-1].reply.why):
        assert FOREIGN in said
        assert f"--cors {FOREIGN}" in said
    assert whole["why"][0]["outcome"] == "refused"
    assert (whole["preflight"], whole["repair"]) == (True, None)


def test_a_refused_preflight_tells_no_password_of_its_origin(opened: ServerThread, seen: list[Exchange]) -> None:
    client = Client(opened.url)

    answer = preflight(client, "https://tom:hunter2@foreign.example")

    whole = client.send("GET", f"/_mock/requests/{answer.headers['x-mock-exchange']}").body
    for said in (str(answer.headers), str(whole), seen[-1].reply.why):
        assert "foreign.example" in said
        assert "hunter2" not in said


def test_the_option_that_cures_a_refused_preflight_names_a_long_origin_whole(opened: ServerThread) -> None:
    origin = f"https://{'a' * 60}.{'b' * 60}.{'c' * 60}.test:8443"  # a host has up to 253 characters (RFC 1035 §2.3.4)

    answer = preflight(Client(opened.url), origin)

    assert answer.headers["x-mock-why"].endswith(f"--cors {origin}")


def test_a_preflight_to_an_unknown_world_lets_the_page_see_the_404(opened: ServerThread) -> None:
    client = Client(f"{opened.url}/_mock/w/nowhere")

    assert preflight(client, APP).status == 204
    answer = client.send("PUT", TARGET, headers={"Origin": APP})
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (404, APP)


def test_cors_never_opens_the_control_plane(opened: ServerThread) -> None:
    client = Client(opened.url)

    for path in ("/_mock/customers", "/_mock/health", "/_mock/w/demo/_mock/reset"):
        refused = preflight(client, APP, path=path)
        assert refused.status == 403
        assert "/_mock" in refused.headers["x-mock-why"]
        answer = client.send("GET", path, headers={"Origin": APP})
        assert answer.status == 403
        assert "access-control-allow-origin" not in answer.headers
    assert preflight(client, OWN, path="/_mock/customers").status == 204


RAW = {
    "an update": b"PUT %b HTTP/1.1\r\n",
    "a refusal": b"GET /v2/customers/1?source=INSTORE HTTP/1.1\r\n",
    "an unknown path": b"GET /v3 HTTP/1.1\r\n",
    "an unknown world": b"GET /_mock/w/nowhere/v2 HTTP/1.1\r\n",
    "bytes that cannot be read": b"PUT / HTTP/9.9\r\n",
    "an unknown expectation": b"PUT %b HTTP/1.1\r\nExpect: tea\r\n",
    "a redirect": b"GET / HTTP/1.1\r\nAccept: text/html\r\n",
    "the icon": b"GET /favicon.ico HTTP/1.1\r\n",
}


@pytest.mark.parametrize("start", RAW.values(), ids=RAW.keys())
@pytest.mark.parametrize("origin", [APP, FOREIGN, None])
def test_every_answer_says_that_it_depends_on_the_origin(
    opened: ServerThread, start: bytes, origin: str | None
) -> None:
    head = start.replace(b"%b", TARGET.encode()) + b"Host: localhost\r\nConnection: close\r\n"
    lines = f"Authorization: {CREDENTIALS['Authorization']}\r\n" + (f"Origin: {origin}\r\n" if origin else "")

    answer = Client(opened.url).raw(head + lines.encode() + b"\r\n").partition(b"\r\n\r\n")[0].lower()

    (vary,) = [line for line in answer.split(b"\r\n") if line.startswith(b"vary:")]
    assert b"origin" in vary
    is_allowed = origin == APP
    assert (b"access-control-allow-origin: https://app.example" in answer) is is_allowed
    assert (b"access-control-allow-credentials: true" in answer) is is_allowed
    assert b"access-control-allow-origin: *" not in answer


@pytest.mark.parametrize(
    "do", [{"answer": {"code": 521}}, {"body": "invalid"}, {"throttle": {"perMinute": 1}}], ids=str
)
def test_faults_carry_the_headers_too(opened: ServerThread, do: dict[str, Any]) -> None:
    client = Client(opened.url)
    client.send("POST", "/_mock/faults", json={"do": do})
    try:
        answers = [client.send("PUT", TARGET, headers={"Origin": APP}) for _ in range(2)]
    finally:
        client.send("DELETE", "/_mock/faults")

    assert [answer.headers["access-control-allow-origin"] for answer in answers] == [APP, APP]
    assert [answer.headers["vary"] for answer in answers] == ["Origin", "Origin"]


@pytest.mark.parametrize("origin", ["https://any.example", "null", "http://192.0.2.7:3000"])
def test_a_star_gives_each_page_its_own_origin_and_never_a_star(origin: str) -> None:
    with ServerThread(ServeOptions(port=0, cors=("*",))) as server:
        client = Client(server.url)
        for answer in (preflight(client, origin), client.send("PUT", TARGET, headers={"Origin": origin})):
            assert answer.headers["access-control-allow-origin"] == origin
            assert answer.headers["access-control-allow-credentials"] == "true"
        assert client.send("GET", "/_mock/customers", headers={"Origin": origin}).status == 403
        unprintable = {"Origin": "http://ä.example".encode().decode("latin-1")}
        assert "access-control-allow-origin" not in client.send("PUT", TARGET, headers=unprintable).headers
