"""Laws of outcomes: wherever an exchange is told, it is told what the client saw of its answer, and how late."""

import contextlib
import http.client
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import Any

import pytest

from mockserver.server.options import ServeOptions
from mockserver.server.running import ServerThread
from tests.server.client import CREDENTIALS, Client

ID = 171891944
TARGET = f"/v2/customers/{ID}?source=INSTORE"
UPDATE = {"profiles": [{"firstName": "Renamed"}]}
OUTCOMES: list[tuple[dict[str, Any], str, str]] = [
    ({"reset": {}}, "reset", "reset"),
    ({"close": {}}, "closed", "closed"),
    ({"drop": "before"}, "dropped", "dropped"),
    ({"drop": "after"}, "dropped", "dropped"),
    ({"truncate": {"bytes": 5}}, "truncated", "truncated"),
    ({"garble": {}}, "answered", "garbled"),
    ({"contentType": "text/html"}, "answered", "mistyped"),
    ({"answer": {"code": 521}}, "answered", ""),
    ({"delay": {"milliseconds": 12}}, "answered", "delayed 12 ms"),
]


def set_fault(mock: Client, record: Mapping[str, Any]) -> None:
    assert mock.send("POST", "/_mock/faults", json=record).status == 201


def ask(mock: Client, method: str = "PUT") -> None:
    """Send a request, whose connection may break as it likes."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        mock.send(method, TARGET, json=UPDATE if method == "PUT" else None)


def told(mock: Client) -> list[dict[str, Any]]:
    """Return the one exchange as list, detail, HAR, events and verification tell it."""
    (listed,) = mock.send("GET", "/_mock/requests").json["requests"]
    whole = mock.send("GET", f"/_mock/requests/{listed['id']}").json
    (entry,) = mock.send("GET", "/_mock/requests.har").json["log"]["entries"]
    event = mock.send("GET", "/_mock/events?limit=1", headers={"Last-Event-ID": "x0"}).body.decode()
    near = mock.send("POST", "/_mock/requests/verify", json={"customer": 1}).json["near"]
    heard = json.loads(event.partition("data: ")[2].splitlines()[0])
    return [listed, whole, entry["_exchange"], heard, near[0]]


@pytest.mark.parametrize(("do", "outcome", "words"), OUTCOMES, ids=lambda value: json.dumps(value))
def test_each_fault_says_what_the_client_saw(client: Client, do: dict[str, Any], outcome: str, words: str) -> None:
    set_fault(client, {"do": do})
    ask(client)

    assert {(shown["outcome"], shown["delayed"]) for shown in told(client)} == {(outcome, 12 if "delay" in do else 0)}
    (entry,) = client.send("GET", "/_mock/requests.har").json["log"]["entries"]
    assert entry.get("comment", "") == words


def test_an_update_whose_answer_was_dropped_keeps_its_status(client: Client) -> None:
    set_fault(client, {"do": {"drop": "after"}})
    set_fault(client, {"do": {"delay": {"milliseconds": 10}}})
    ask(client)

    (line,) = client.send("GET", "/_mock/requests").json["requests"]

    assert (line["status"], line["outcome"], line["delayed"]) == (200, "dropped", 10)
    assert line["milliseconds"] < 10_000


def test_delays_and_the_time_of_a_dribble_add_up(client: Client) -> None:
    set_fault(client, {"do": {"delay": {"milliseconds": 20}}})
    set_fault(client, {"do": {"delay": {"milliseconds": 5}}})
    set_fault(client, {"do": {"dribble": {"bytes": 10, "milliseconds": 3}}})
    length = len(client.send("PUT", TARGET, json=UPDATE).body)

    (line,) = client.send("GET", "/_mock/requests").json["requests"]
    (entry,) = client.send("GET", "/_mock/requests.har").json["log"]["entries"]

    assert line["delayed"] == 25 + 3 * (-(-length // 10) - 1)
    assert entry["time"] == entry["timings"]["wait"] == line["milliseconds"] + line["delayed"]
    assert entry["comment"] == f"dribbled, delayed {line['delayed']} ms"


@pytest.mark.parametrize("do", [{"truncate": {"bytes": 5}}, {"dribble": {"bytes": 1, "milliseconds": 50}}])
def test_a_head_has_no_body_to_cut_or_to_hold_back(client: Client, do: dict[str, Any]) -> None:
    set_fault(client, {"do": do})

    assert client.send("HEAD", TARGET).status == 200

    assert {(shown["outcome"], shown["delayed"]) for shown in told(client)} == {("answered", 0)}


def test_an_answer_without_a_body_cannot_be_truncated(client: Client) -> None:
    set_fault(client, {"do": {"truncate": {"bytes": 5}}})

    assert client.send("OPTIONS", TARGET).status == 204

    assert {shown["outcome"] for shown in told(client)} == {"answered"}


def leave(mock: Client, *, after: bytes) -> None:
    """Send an update, and leave when so much has come of its answer."""
    body = json.dumps(UPDATE).encode()
    lines = {**CREDENTIALS, "Host": "localhost", "Content-Type": "application/json", "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    with socket.create_connection((mock.host, mock.port), timeout=10) as connection:
        connection.sendall(f"PUT {mock.path}{TARGET} HTTP/1.1\r\n{head}\r\n".encode() + body)
        came = b""
        while after not in came:
            came += connection.recv(65536)


def wait_for(mock: Client, outcome: str) -> Any:
    while True:
        lines = mock.send("GET", "/_mock/requests").json["requests"]
        if lines and lines[0]["outcome"] == outcome:
            return lines[0]


def test_a_client_that_leaves_during_a_delay_has_seen_nothing_known(client: Client) -> None:
    set_fault(client, {"do": {"delay": {"milliseconds": 100}}})
    leave(client, after=b"")

    line = wait_for(client, "unknown")

    assert (line["status"], line["delayed"]) == (200, 100)
    assert client.send("GET", f"/_mock/customers/{ID}").json["profiles"][0]["firstName"] == "Renamed"


def test_a_client_that_leaves_during_a_dribble_is_amended(client: Client) -> None:
    set_fault(client, {"do": {"dribble": {"bytes": 4, "milliseconds": 300}}})
    leave(client, after=b"{")

    line = wait_for(client, "unknown")

    length = len(client.send("GET", f"/_mock/requests/{line['id']}").json["response"]["body"])
    assert line["status"] == 200
    assert 0 < line["delayed"] < 300 * (length // 4)


@pytest.mark.parametrize(
    "do", [{"delay": {"milliseconds": 60_000}}, {"dribble": {"bytes": 40, "milliseconds": 60_000}}]
)
def test_what_the_stop_of_the_server_cuts_short_is_amended(do: dict[str, Any]) -> None:
    with ServerThread(ServeOptions(port=0)) as server:
        mock = Client(server.url)
        set_fault(mock, {"do": do})
        asking = threading.Thread(target=ask, args=(mock,))
        asking.start()
        while not mock.send("GET", "/_mock/faults/f1").json["applied"]:
            pass
    asking.join(timeout=10)

    (exchange,) = server.worlds.default.journal
    assert (exchange.outcome, exchange.reply.response.status) == ("answered", 200)
    assert exchange.delayed < 20_000


def test_the_log_says_what_the_client_saw() -> None:
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        mock = Client(process.stdout.readline().removeprefix("Serving on ").strip())
        for do in ({"drop": "after"}, {"dribble": {"bytes": 1000, "milliseconds": 1}}, {"delay": {"milliseconds": 30}}):
            set_fault(mock, {"do": do, "times": 1})
            ask(mock)
        ask(mock, "GET")
        process.terminate()
        _, errors = process.communicate(timeout=10)

    lines = [line.partition(" -> ")[2] for line in errors.splitlines() if " -> " in line]
    words = [line.partition(" ms [")[0].rpartition(" ")[0] for line in lines]
    assert words == [
        "200, dropped, decided in",
        "200, dribbled, decided in",
        "200, delayed 30 ms, decided in",
        "200",
    ]
