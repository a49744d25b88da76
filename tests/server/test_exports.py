"""Laws of what is taken away: a line of JSON lines is the whole exchange, and nobody waits while it is made."""

import http.client
import json
import threading
from time import perf_counter
from typing import Any

import orjson
import pytest

from mockserver.exchange import Setting
from mockserver.files import World
from mockserver.server.har import as_har, har_parts
from mockserver.server.options import ServeOptions
from mockserver.server.running import ServerThread
from mockserver.values import replace
from tests.server.client import Client
from tests.server.exchanges import exchange_of

TOM = {"profiles": [{"firstName": "Töm"}]}
BAD_CHANNELS = {"profiles": [{"commChannels": [{"type": "mobil", "value": f"{item}"} for item in range(2_000)]}]}


def lines_of(client: Client, query: str = "") -> list[Any]:
    answer = client.send("GET", f"/_mock/requests.jsonl{query}")
    assert answer.headers["content-type"] == "application/jsonl"
    return [json.loads(line) for line in answer.body.splitlines()]


def test_a_line_is_what_the_exchange_shows_oldest_first(client: Client) -> None:
    ids = [
        client.update(171891944, TOM).headers["x-mock-exchange"],
        client.update(5, {}).headers["x-mock-exchange"],
        client.update(171891944, BAD_CHANNELS).headers["x-mock-exchange"],  # so large that it is explained in a thread
        client.send("PUT", "/v2/customers/1?source=INSTORE", body=b"\xff\x00{").headers["x-mock-exchange"],
    ]

    lines = lines_of(client)

    assert [line["id"] for line in lines] == ids
    assert lines == [client.send("GET", f"/_mock/requests/{one}").json for one in ids]


def test_an_empty_journal_has_no_lines(client: Client) -> None:
    assert lines_of(client) == []


@pytest.mark.parametrize("path", ["requests.jsonl", "requests.har", "requests"])
def test_who_asks_for_the_head_gets_that(client: Client, path: str) -> None:
    client.update(171891944, TOM)

    answer = client.send("HEAD", f"/_mock/{path}")

    assert (answer.status, answer.body) == (200, b"")


def test_har_in_pieces_is_har(setting: Setting, demo: World) -> None:
    exchanges = [exchange_of(setting, demo, number, TOM, number=number) for number in (1, 171891944)]

    for some in ([], exchanges[:1], exchanges):
        assert orjson.loads(b"".join(har_parts(some, "http://mock"))) == as_har(some, "http://mock")


def test_har_says_what_the_client_saw_and_how_long_it_waited(setting: Setting, demo: World) -> None:
    exchange = replace(exchange_of(setting, demo, 171891944, TOM), outcome="truncated", delayed=1450)

    (entry,) = as_har([exchange], "http://mock")["log"]["entries"]

    assert (entry["_outcome"], entry["time"]) == ("truncated", 1451.5)


def test_others_are_answered_while_a_long_journal_is_taken_away() -> None:
    """Each of 300 refusals is explained and repaired, a few of them large; a thread asks for health all the while."""
    with ServerThread(ServeOptions(port=0)) as server:
        client = Client(server.url)
        for number in range(300):
            client.update(number + 1, BAD_CHANNELS if number % 60 == 0 else {"profiles": [{"firstName": number}]})
        waited, ended = [], threading.Event()

        def ask() -> None:
            connection = http.client.HTTPConnection(client.host, client.port, timeout=30)
            while not ended.is_set():
                began = perf_counter()
                connection.request("GET", "/_mock/health")
                connection.getresponse().read()
                waited.append(perf_counter() - began)
            connection.close()

        asking = threading.Thread(target=ask)
        asking.start()
        began = perf_counter()
        lines = lines_of(client)
        took = perf_counter() - began
        ended.set()
        asking.join()

    assert len(lines) == 300
    assert len(waited) > 20
    assert max(waited) < took / 2


def test_a_long_list_comes_in_pieces_and_is_whole() -> None:
    with ServerThread(ServeOptions(port=0, journal=5_000)) as server:
        client = Client(server.url)
        connection = http.client.HTTPConnection(client.host, client.port, timeout=10)
        for _ in range(2_100):
            connection.request("GET", "/v2/customers/171891944?source=INSTORE")
            connection.getresponse().read()
        connection.close()

        answer = client.send("GET", "/_mock/requests?filter=status:401")

    assert "content-length" not in answer.headers
    assert (len(answer.json["requests"]), answer.json["total"], answer.json["forgotten"]) == (2_100, 2_100, 0)


# Preflights are kept, and found by their ids; of what was requested they are no part unless that is asked for.


@pytest.fixture
def preflight(client: Client, server: ServerThread, setting: Setting, demo: World) -> str:
    """The id of a preflight in the journal, between two updates."""
    world = server.worlds.known(client.path.rpartition("/")[2])
    assert world is not None
    client.update(171891944, {})
    exchange = replace(exchange_of(setting, demo, 171891944, method="OPTIONS"), id="x0", preflight=True)
    server.call(world.journal.add, exchange)
    client.update(171891944, {})
    return exchange.id


def test_a_preflight_is_found_by_its_id_alone(client: Client, preflight: str) -> None:
    assert client.send("GET", f"/_mock/requests/{preflight}").json["preflight"] is True

    for path, asked in (("requests", ""), ("requests.jsonl", ""), ("requests.har", "")):
        assert preflight not in ids_in(client, f"{path}{asked}")
        assert preflight in ids_in(client, f"{path}?preflight=yes")
        assert preflight not in ids_in(client, f"{path}?preflight=no")
    assert client.send("POST", "/_mock/requests/verify", json={"times": 2}).json["verified"] is True
    events = client.send("GET", "/_mock/events?after=nothing&limit=2").body.decode()
    assert events.count("event: exchange") == 2
    assert f".{preflight}\n" not in events


def ids_in(client: Client, path: str) -> list[str]:
    answer = client.send("GET", f"/_mock/{path}")
    if "jsonl" in path:
        return [json.loads(line)["id"] for line in answer.body.splitlines()]
    if "har" in path:
        return [entry["_exchange"]["id"] for entry in answer.json["log"]["entries"]]
    assert answer.json["total"] == len(answer.json["requests"])
    return [one["id"] for one in answer.json["requests"]]
