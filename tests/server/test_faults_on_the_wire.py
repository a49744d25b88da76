"""Laws of faults on the wire: each is seen by real clients, under both event loops, and the state tells the truth."""

import asyncio
import errno
import http.client
import json
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
import requests

from mockserver.exchange import Setting
from mockserver.server.options import ServeOptions
from mockserver.server.running import ServerThread
from tests.server.client import CREDENTIALS, Answer, Client

ID = 171891944
UPDATE = {"profiles": [{"firstName": "Renamed"}]}
TARGET = f"/v2/customers/{ID}?source=INSTORE"
ORIGIN = {"Origin": "http://localhost:3000"}
JSON_HEADERS = {**CREDENTIALS, "Content-Type": "application/json"}
SERVE = [sys.executable, "-m", "mockserver", "serve", "--port", "0"]

# What a client sees: a status, and whether the body is JSON; or how the exchange broke.
SEES: dict[str, tuple[dict[str, Any], str]] = {
    "answer": ({"answer": {"code": 521}}, "400 json"),
    "throttle": ({"throttle": {"perMinute": 1}}, "429 json"),
    "delay": ({"delay": {"milliseconds": 60}}, "200 json"),
    "dribble": ({"dribble": {"bytes": 10, "milliseconds": 5}}, "200 json"),
    "garble": ({"garble": {}}, "200 no json"),
    "contentType": ({"contentType": "text/html"}, "200 json as text/html"),
    "truncate": ({"truncate": {"bytes": 20}}, "partial"),
    "truncate to nothing": ({"truncate": {"bytes": 0}}, "partial"),
    "truncate beyond the end": ({"truncate": {"bytes": 5000}}, "partial"),
    "reset": ({"reset": {}}, "reset"),
    "close": ({"close": {}}, "empty"),
    "drop before": ({"drop": "before"}, "empty"),
    "drop after": ({"drop": "after"}, "empty"),
}
OF_FAULTS = {"disturbing.py", "sending.py", "held_rules.py", "resends.py"}  # modules, beside those named fault_…
UNDONE = {"answer", "throttle", "reset", "close", "drop before"}


def describe(status: int, content_type: str, body: bytes) -> str:
    kind = "" if content_type == "application/json" else f" as {content_type}"
    try:
        json.loads(body)
    except ValueError:
        return f"{status} no json{kind}"
    return f"{status} json{kind}"


def by_curl(url: str) -> str:
    headers = [part for name, value in JSON_HEADERS.items() for part in ("-H", f"{name}: {value}")]
    written = "\n%{http_code} %{content_type}"
    command = ["curl", "-sS", "-X", "PUT", url + TARGET, *headers, "-d", json.dumps(UPDATE), "-w", written]
    result = subprocess.run(command, capture_output=True, timeout=20, check=False)
    broken = {52: "empty", 56: "reset", 18: "partial"}
    if result.returncode:
        return broken[result.returncode]
    body, _, last = result.stdout.rpartition(b"\n")
    status, content_type = last.decode().split(" ", 1)
    return describe(int(status), content_type, body)


def by_requests(url: str) -> str:
    try:
        with requests.put(url + TARGET, json=UPDATE, headers=JSON_HEADERS, timeout=20) as answer:
            return describe(answer.status_code, answer.headers["Content-Type"], answer.content)
    except requests.exceptions.ChunkedEncodingError:
        return "partial"
    except requests.exceptions.ConnectionError as broken:
        reason = broken.args[0].args[1]
        return "empty" if isinstance(reason, http.client.RemoteDisconnected) else type_of(reason)


def type_of(reason: BaseException) -> str:
    return "reset" if isinstance(reason, ConnectionResetError) else repr(reason)


def by_aiohttp(url: str) -> str:
    async def ask() -> str:
        async with (
            aiohttp.ClientSession() as session,
            session.put(url + TARGET, json=UPDATE, headers=CREDENTIALS) as answer,
        ):
            return describe(answer.status, answer.content_type, await answer.read())

    try:
        return asyncio.run(ask())
    except aiohttp.ServerDisconnectedError:
        return "empty"
    except aiohttp.ClientPayloadError:
        return "partial"
    except aiohttp.ClientOSError as broken:
        return "reset" if broken.errno == errno.ECONNRESET else repr(broken)


CLIENTS: dict[str, Callable[[str], str]] = {"curl": by_curl, "requests": by_requests, "aiohttp": by_aiohttp}


@contextmanager
def serving() -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Run `mockserver serve`, which has uvloop, and give its address."""
    with subprocess.Popen(SERVE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().removeprefix("Serving on ").strip()
        finally:
            process.kill()


@pytest.fixture(scope="module", params=["asyncio", "uvloop"])
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server in this process (asyncio's own loop), and one started by the command (uvloop)."""
    if request.param == "asyncio":
        yield request.getfixturevalue("server").url
        return
    with serving() as (_, url):
        yield url


@pytest.fixture
def mock(address: str) -> Client:
    """A client of a world that only this test uses."""
    name = f"t{uuid4().hex[:12]}"
    assert Client(address).send("POST", "/_mock/worlds", json={"name": name}).status == 201
    return Client(f"{address}/_mock/w/{name}")


def set_fault(mock: Client, record: Mapping[str, Any]) -> str:
    answer = mock.send("POST", "/_mock/faults", json=record)
    assert answer.status == 201, answer.body
    return str(answer.json["id"])


def first_name(mock: Client) -> Any:
    return mock.send("GET", f"/_mock/customers/{ID}").json["profiles"][0]["firstName"]


def latest(mock: Client) -> Any:
    (line,) = mock.send("GET", "/_mock/requests?limit=1").json["requests"]
    return mock.send("GET", f"/_mock/requests/{line['id']}").json


def show_fault(mock: Client, rule_id: str = "f1") -> Any:
    return mock.send("GET", f"/_mock/faults/{rule_id}").json


@pytest.mark.parametrize("name", SEES)
@pytest.mark.parametrize("client", CLIENTS)
def test_each_client_sees_each_fault_and_the_state_tells_what_was_done(mock: Client, client: str, name: str) -> None:
    if client == "curl" and shutil.which("curl") is None:
        pytest.skip("there is no curl here")
    do, seen = SEES[name]
    before = first_name(mock)
    rule_id = set_fault(mock, {"do": do})
    if name == "throttle":
        mock.send("GET", TARGET)

    assert CLIENTS[client](mock.root) == seen

    assert first_name(mock) == (before if name in UNDONE else "Renamed")
    assert show_fault(mock, rule_id)["applied"] == (2 if sends_again(client, seen) else 1)
    kept = latest(mock)
    assert [(fault["id"], fault["do"]) for fault in kept["faults"]] == [(rule_id, do)]


@pytest.mark.parametrize("name", ["reset", "close", "drop before", "drop after"])
@pytest.mark.parametrize("client", CLIENTS)
def test_a_fault_that_persists_is_seen_by_a_client_that_sends_again(mock: Client, client: str, name: str) -> None:
    do, seen = SEES[name]
    set_fault(mock, {"do": do, "times": 1, "persist": True})

    assert CLIENTS[client](mock.root) == seen

    shown = show_fault(mock)
    assert (shown["applied"], shown["matched"]) == (1, 1)
    assert shown["resends"] == (1 if sends_again(client, seen) else 0)
    if sends_again(client, seen):
        assert [fault.get("resend") for fault in latest(mock)["faults"]] == [True]


def test_aiohttp_hides_a_fault_that_applies_once(mock: Client) -> None:
    set_fault(mock, {"do": {"reset": {}}, "times": 1})

    assert by_aiohttp(mock.root) == "200 json"


def sends_again(client: str, seen: str) -> bool:
    """aiohttp's client sends a PUT once more, of its own accord, when the connection breaks without an answer."""
    return client == "aiohttp" and seen in ("empty", "reset")


@pytest.mark.parametrize(
    ("do", "status", "forced", "sent"),
    [
        ({"reset": {}}, None, True, "reset"),
        ({"close": {}}, None, True, "closed"),
        ({"drop": "before"}, None, True, "dropped"),
        ({"drop": "after"}, 200, False, "dropped"),
        ({"truncate": {"bytes": 3}}, 200, False, "truncated"),
        ({"answer": {"code": 521}}, 400, True, "whole"),
    ],
)
def test_the_journal_says_what_was_decided_and_what_became_of_the_answer(
    client: Client, do: dict[str, Any], status: int | None, forced: bool, sent: str
) -> None:
    set_fault(client, {"do": do})
    by_requests(client.root)

    kept = latest(client)

    assert (kept["status"], kept["forced"], kept["faults"][0]["sent"]) == (status, forced, sent)
    assert kept["basis"].startswith("forced") is forced
    assert ("f1" in kept["said"]) is (sent != "dropped" or status is None)
    assert kept["request"]["body"] == json.dumps(UPDATE)
    assert "prefer" not in kept["request"]["headers"]
    assert kept["why"][-1]["outcome"] in ("answered", "cut" if status is None else "accepted")


def test_the_journal_has_the_delay_that_was_drawn(client: Client) -> None:
    set_fault(client, {"do": {"delay": {"uniform": [1, 30]}}, "seed": 7})
    client.update(ID, {})

    (fault,) = latest(client)["faults"]

    assert 1 <= fault["milliseconds"] <= 30


def published(setting: Setting) -> list[str]:
    return [entry.name for entry in setting.contract.catalogue.entries if "updateCustomer" in entry.operations]


def essence(answer: Answer) -> tuple[int, bytes, dict[str, str]]:
    """What counts of an answer: all but its own ids, its date, and what the mock says about it."""
    own = {"date", "x-cap-requestid", "x-mock-exchange", "x-mock-why"}
    return answer.status, answer.body, {name: value for name, value in answer.headers.items() if name not in own}


def test_an_answer_by_a_rule_is_to_the_byte_the_one_by_prefer(client: Client, setting: Setting) -> None:
    assert len(published(setting)) > 30
    for name in published(setting):
        preferred = client.send("PUT", TARGET, json=UPDATE, headers={"Prefer": f"example={name}"})
        set_fault(client, {"do": {"answer": {"example": name}}, "times": 1})
        ruled = client.send("PUT", TARGET, json=UPDATE)

        assert essence(ruled) == essence(preferred)
        assert ruled.headers["x-mock-basis"].startswith("forced")
        assert " was asked for by fault f" in ruled.headers["x-mock-why"]


def test_an_answer_comes_after_the_judgement_of_credentials(client: Client) -> None:
    set_fault(client, {"do": {"answer": {"code": 521}}, "times": 1})

    assert client.send("PUT", TARGET, json=UPDATE, headers={"Authorization": "none"}).code == 401
    assert client.update(ID, UPDATE).code == 521
    assert client.update(ID, UPDATE).status == 200


def test_a_rule_wins_over_what_a_request_prefers(client: Client) -> None:
    set_fault(client, {"do": {"answer": {"code": 521}}})

    assert client.send("PUT", TARGET, headers={"Prefer": "code=8018"}).code == 521
    assert client.update(900008018, {}).code == 521


def test_a_throttle_says_when_there_is_room(client: Client) -> None:
    set_fault(client, {"do": {"throttle": {"perMinute": 2}}})
    answers = [client.update(ID, {}) for _ in range(4)]

    assert [answer.status for answer in answers] == [200, 200, 429, 429]
    assert all(55 <= int(answer.headers["retry-after"]) <= 60 for answer in answers[2:])
    assert "more than 2 a minute" in answers[2].headers["x-mock-why"]
    assert answers[2].json["errors"][0]["message"] == "Too many requests, Please try after some time"


@pytest.mark.parametrize(("preset", "status"), [("maintenance", 503), ("expired-credentials", 401)])
def test_a_preset_disturbs_every_operation(client: Client, preset: str, status: int) -> None:
    set_fault(client, {"preset": preset})

    answers = [
        client.update(ID, {}),
        client.send("GET", TARGET),
        client.send("GET", f"/v2/customers/{ID}/loyaltyDetails"),
    ]

    assert [answer.status for answer in answers] == [status] * 3
    assert ("www-authenticate" in answers[0].headers) is (status == 401)


def test_a_flaky_connection_breaks_at_the_same_requests_again(client: Client) -> None:
    runs = []
    for _ in range(2):
        rule_id = set_fault(client, {"preset": "flaky", "seed": 3})
        runs.append([by_requests(client.root) for _ in range(25)])
        client.send("DELETE", f"/_mock/faults/{rule_id}")

    assert runs[0] == runs[1]
    assert set(runs[0]) == {"reset", "200 json"}


@pytest.mark.parametrize(
    "do",
    [
        {"answer": {"code": 503}},
        {"throttle": {"perMinute": 1}},
        {"garble": {}},
        {"contentType": "text/plain"},
        {"truncate": {"bytes": 5}},
        {"dribble": {"bytes": 5, "milliseconds": 1}},
        {"delay": {"milliseconds": 1}},
    ],
)
def test_whatever_is_answered_carries_the_headers_of_cors(client: Client, do: dict[str, Any]) -> None:
    set_fault(client, {"do": do})
    if "throttle" in do:
        client.send("GET", TARGET)
    head = f"GET {client.path}{TARGET} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    lines = "".join(f"{name}: {value}\r\n" for name, value in {**CREDENTIALS, **ORIGIN}.items())

    answer = client.raw(f"{head}{lines}\r\n".encode())

    assert b"\r\nAccess-Control-Allow-Origin: http://localhost:3000\r\n" in answer


def test_a_preflight_and_the_control_plane_are_never_disturbed(client: Client) -> None:
    set_fault(client, {"do": {"reset": {}}})

    preflight = client.send("OPTIONS", TARGET, headers={**ORIGIN, "Access-Control-Request-Method": "PUT"})

    assert preflight.status == 204
    assert client.send("GET", "/_mock/health").status == 200
    assert show_fault(client)["matched"] == 0


def test_the_faults_of_one_world_meet_no_other(server: ServerThread, client: Client) -> None:
    set_fault(client, {"do": {"reset": {}}})
    name = f"t{uuid4().hex[:12]}"
    origin = client.root.rpartition("/")[2]
    Client(server.url).send("POST", "/_mock/worlds", json={"name": name, "from": origin})
    fork = Client(f"{server.url}/_mock/w/{name}")

    assert fork.update(ID, {}).status == 200
    assert fork.send("GET", "/_mock/faults").json["faults"] == []
    assert by_requests(client.root) == "reset"


def test_a_truncated_head_has_no_body_to_truncate(client: Client) -> None:
    set_fault(client, {"do": {"truncate": {"bytes": 5}}})

    assert client.send("HEAD", TARGET).status == 200


def test_an_unknown_path_is_delayed_but_answered_404_by_no_rule(client: Client) -> None:
    set_fault(client, {"preset": "maintenance"})
    set_fault(client, {"do": {"delay": {"milliseconds": 1}}})

    assert client.send("GET", "/v2/nothing").status == 404
    assert (show_fault(client, "f1")["applied"], show_fault(client, "f2")["applied"]) == (0, 1)


def test_an_answer_is_decided_after_its_delay(client: Client) -> None:
    """Two updates of one customer: the delayed one comes second, whichever was sent first."""
    set_fault(client, {"do": {"delay": {"milliseconds": 400}}, "times": 1})
    delayed = threading.Thread(target=client.update, args=(ID, {"profiles": [{"firstName": "Late"}]}))
    delayed.start()
    wait_until_applied(client)
    client.update(ID, {"profiles": [{"firstName": "Early"}]})
    assert first_name(client) == "Early"

    delayed.join(timeout=10)

    assert first_name(client) == "Late"


def wait_until_applied(mock: Client, rule_id: str = "f1") -> None:
    while not show_fault(mock, rule_id)["applied"]:
        pass


def test_an_update_is_done_though_its_client_has_not_waited(mock: Client) -> None:
    set_fault(mock, {"do": {"delay": {"milliseconds": 150}}})
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.put(mock.root + TARGET, json=UPDATE, headers=CREDENTIALS, timeout=0.05)

    while not mock.send("GET", "/_mock/requests").json["requests"]:
        pass

    assert first_name(mock) == "Renamed"


@pytest.mark.parametrize(
    "do", [{"delay": {"milliseconds": 60_000}}, {"dribble": {"bytes": 40, "milliseconds": 60_000}}]
)
def test_a_fault_that_waits_does_not_hold_up_the_stop(do: dict[str, Any]) -> None:
    with serving() as (process, url):
        mock = Client(url)
        set_fault(mock, {"do": do})
        answers: list[Answer] = []
        asking = threading.Thread(target=lambda: answers.append(mock.update(ID, UPDATE)))
        asking.start()
        wait_until_applied(mock)
        started = perf_counter()
        process.terminate()

        assert process.wait(timeout=10) == 0
        assert perf_counter() - started < 4
        asking.join(timeout=10)
        assert [(answer.status, answer.json["createdId"]) for answer in answers] == [(200, ID)]


def test_without_a_rule_no_code_of_faults_is_reached() -> None:
    """Every function that the server's thread calls is noted, for one update without and one with a rule."""
    called: set[tuple[str, str]] = set()

    def note(frame: Any, event: str, argument: object) -> None:
        if event == "call":
            called.add((Path(frame.f_code.co_filename).name, frame.f_code.co_name))

    def of_faults() -> set[tuple[str, str]]:
        return {name for name in called if name[0].startswith("fault") or name[0] in OF_FAULTS}

    threading.setprofile(note)
    try:
        with ServerThread(ServeOptions(port=0)) as running:
            mock = Client(running.url)
            assert mock.update(ID, UPDATE).status == 200
            without = of_faults()
            set_fault(mock, {"do": {"answer": {"code": 521}}})
            assert mock.update(ID, UPDATE).code == 521
    finally:
        threading.setprofile(None)

    assert without == {("faults.py", "__bool__")}
    assert ("faults.py", "meet") in of_faults()


def test_rules_are_set_shown_switched_and_removed(client: Client) -> None:
    set_fault(client, {"preset": "maintenance", "name": "Sunday", "match": {"nth": [1, 2]}, "ttl": "1h"})
    listed = client.send("GET", "/_mock/faults").json

    assert [fault["id"] for fault in listed["faults"]] == ["f1"]
    assert 3500 < show_fault(client)["secondsLeft"] <= 3600
    assert show_fault(client).items() >= {
        "id": "f1", "name": "Sunday", "preset": "maintenance", "match": {"nth": [1, 2]},
        "do": {"answer": {"code": 503}}, "times": None, "ttl": "1h", "probability": 1.0, "seed": 0,
        "persist": False, "resends": 0,
        "enabled": True, "matched": 0, "applied": 0, "spent": False,
    }.items()  # fmt: skip
    assert "slow" in [preset["name"] for preset in listed["presets"]]

    assert client.send("PUT", "/_mock/faults/f1", json={"enabled": False}).json["enabled"] is False
    assert client.update(ID, {}).status == 200
    assert client.send("PUT", "/_mock/faults/f1", json={"enabled": True}).json["enabled"] is True
    assert client.update(ID, {}).status == 503
    assert client.send("DELETE", "/_mock/faults/f1").status == 204
    set_fault(client, {"do": {"reset": {}}})
    assert client.send("DELETE", "/_mock/faults").status == 204
    assert client.send("GET", "/_mock/faults").json["faults"] == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "said"),
    [
        ("POST", "faults", b"{", 400, "body"),
        ("POST", "faults", b"", 400, "body"),
        ("POST", "faults", b'{"do": {"rest": {}}}', 400, "body/do/rest: 'rest' is no member here; did you mean reset?"),
        ("GET", "faults/f9", b"", 404, "has no fault f9; there are none"),
        ("DELETE", "faults/f9", b"", 404, "has no fault f9"),
        ("PUT", "faults/f9", b'{"enabled": true}', 404, "has no fault f9"),
        ("PUT", "faults/f9", b'{"enabled": 1}', 400, "body/enabled: is neither true nor false"),
        ("PUT", "faults/f9", b'{"on": true}', 400, "body/on: is no member; there are enabled (true or false)"),
        ("PATCH", "faults", b"", 405, "PATCH is not among DELETE, GET, POST"),
    ],
)
def test_what_is_no_rule_is_refused_by_the_control_plane(
    client: Client, method: str, path: str, body: bytes, status: int, said: str
) -> None:
    answer = client.send(method, f"/_mock/{path}", body=body)

    assert answer.status == status
    assert said in answer.json["errors"][0]["message"]


def test_a_world_has_so_many_rules_at_most(client: Client) -> None:
    for _ in range(100):
        set_fault(client, {"match": {"customer": 1}, "do": {"reset": {}}})

    answer = client.send("POST", "/_mock/faults", json={"do": {"reset": {}}})

    assert answer.status == 409
    assert "has 100 fault rules, the most it can; delete one" in answer.json["errors"][0]["message"]


def test_a_connection_serves_on_after_a_dribbled_answer(client: Client) -> None:
    set_fault(client, {"do": {"dribble": {"bytes": 7, "milliseconds": 1}}})
    connection = http.client.HTTPConnection(client.host, client.port, timeout=10)
    try:
        bodies = []
        for _ in range(2):
            connection.request("GET", client.path + TARGET, headers=CREDENTIALS)
            answer = connection.getresponse()
            bodies.append(json.loads(answer.read()))
            assert isinstance(connection.sock, socket.socket)
    finally:
        connection.close()

    assert bodies[0] == bodies[1]
    assert bodies[0]["id"] == ID
