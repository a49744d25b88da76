"""Laws of server-sent events: each exchange is told as it happens, none twice, and nobody is held up by who follows."""

import asyncio
import http.client
import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.exchange import Setting
from mockserver.files import World
from mockserver.server.events import Feed
from mockserver.server.journal import Journal
from mockserver.server.options import ServeOptions
from mockserver.server.running import ServerThread
from mockserver.values import replace
from tests.server.client import Client
from tests.server.exchanges import exchange_of


@contextmanager
def following(
    client: Client, query: str = "", headers: Mapping[str, str] | None = None
) -> Iterator[http.client.HTTPResponse]:
    """Follow a world; the answer is read line by line."""
    connection = http.client.HTTPConnection(client.host, client.port, timeout=10)
    try:
        connection.request("GET", f"{client.path}/_mock/events{query}", headers=dict(headers or {}))
        response = connection.getresponse()
        assert response.status == 200, response.read()
        yield response
        response.close()
    finally:
        connection.close()


def next_event(response: http.client.HTTPResponse) -> dict[str, Any]:
    """Read up to the end of the next event; its data is read as JSON."""
    fields: dict[str, Any] = {}
    while True:
        line = response.readline().decode()
        assert line, "the stream has ended"
        name, _, value = line.rstrip("\n").partition(": ")
        if not line.strip() and "data" in fields:
            return {**fields, "data": json.loads(fields["data"])}
        fields[name] = value


def exchange_in(event: Mapping[str, Any]) -> str:
    """Return the id of an event's exchange; the event's own says its run, too."""
    run, _, exchange_id = event["id"].partition(".")
    assert len(run) == 16
    assert event["data"]["id"] == exchange_id
    return str(exchange_id)


def update(client: Client, number: int = 171891944) -> str:
    return client.update(number, {}).headers["x-mock-exchange"]


def test_each_exchange_is_told_as_it_happens(client: Client) -> None:
    update(client)
    with following(client) as response:
        ids = [update(client), update(client, 1)]
        first, second = next_event(response), next_event(response)

    assert response.headers["Content-Type"] == "text/event-stream"
    assert [exchange_in(first), exchange_in(second)] == ids
    assert first["event"] == "exchange"
    assert first["retry"] == "2000"
    (line, _, _) = client.send("GET", "/_mock/requests").json["requests"]
    assert second["data"] == {**line, "said": "path/userId: there is no customer 1"}


def test_other_worlds_and_the_control_plane_are_not_told_of(client: Client, server: ServerThread) -> None:
    with following(client) as response:
        Client(server.url).update(171891944, {})
        client.send("GET", "/_mock/customers")
        own = update(client)

        assert exchange_in(next_event(response)) == own


@pytest.mark.parametrize("is_bare", [True, False])
@pytest.mark.parametrize("form", ["header", "query"])
def test_who_comes_again_gets_what_it_missed(client: Client, form: str, is_bare: bool) -> None:
    with following(client) as response:
        seen = update(client)
        told = next_event(response)["id"]
    missed = [update(client) for _ in range(2)]
    last = seen if is_bare else told
    query = f"?after={last}" if form == "query" else "?after=x0"
    headers = {"Last-Event-ID": last} if form == "header" else {}

    with following(client, query, headers) as response:
        missed.append(update(client))

        assert [exchange_in(next_event(response)) for _ in range(3)] == missed


def test_who_saw_what_is_forgotten_by_now_gets_all_that_came_since(client: Client) -> None:
    seen = update(client)
    client.send("DELETE", "/_mock/requests")
    kept = update(client)

    with following(client, headers={"Last-Event-ID": seen}) as response:
        assert exchange_in(next_event(response)) == kept


@pytest.mark.parametrize("seen", ["0123456789abcdef.x1", "x999999999", "0123456789abcdef.x999999999", "nonsense", "x"])
def test_who_followed_another_run_of_the_server_gets_all(client: Client, seen: str) -> None:
    kept = update(client)

    with following(client, headers={"Last-Event-ID": seen}) as response:
        assert exchange_in(next_event(response)) == kept


def test_a_limit_ends_the_stream(client: Client) -> None:
    ids = [update(client) for _ in range(3)]

    answer = client.send("GET", "/_mock/events?limit=2&after=x0")

    lines = [line for line in answer.body.decode().splitlines() if line.startswith("id:")]
    assert [line.partition(".")[2] for line in lines] == ids[:2]
    assert client.send("GET", "/_mock/events?limit=0").body == b"retry: 2000\n\n"
    assert client.send("GET", "/_mock/events?limit=x").status == 400


def test_asking_for_the_head_follows_nothing(client: Client) -> None:
    answer = client.send("HEAD", "/_mock/events")

    assert (answer.status, answer.headers["content-type"], answer.body) == (200, "text/event-stream", b"")


def test_the_stream_ends_when_the_world_is_deleted(client: Client, server: ServerThread) -> None:
    name = client.path.rpartition("/")[2]
    with following(client) as response:
        last = update(client)
        Client(server.url).send("DELETE", f"/_mock/worlds/{name}")

        assert exchange_in(next_event(response)) == last
        assert response.read() == b""


def test_no_event_holds_a_secret(client: Client) -> None:
    with following(client) as response:
        client.send("PUT", "/v2/customers/1", headers={"Authorization": "Basic c2VjcmV0", "Cookie": "a=c2VjcmV0"})
        event = next_event(response)

    assert "c2VjcmV0" not in json.dumps(event)


def test_at_most_32_follow_a_world_and_who_leaves_makes_room(client: Client) -> None:
    with ExitStack() as stack:
        for _ in range(31):
            stack.enter_context(following(client))
        with following(client):
            refused = client.send("GET", "/_mock/events?limit=0")
        while client.send("GET", "/_mock/events?limit=0").status == 409:  # until the server has seen the last one leave
            continue

    assert (refused.status, refused.code) == (409, 409)
    assert "32 clients follow" in refused.json["errors"][0]["message"]


def test_pages_of_this_machine_may_follow_and_foreign_ones_may_not(client: Client) -> None:
    with following(client, headers={"Origin": "http://localhost:3000"}) as response:
        assert response.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"

    assert client.send("GET", "/_mock/events", headers={"Origin": "https://evil.example"}).status == 403
    assert client.send("GET", "/_mock/events", headers={"Host": "evil.example"}).status == 403


def test_who_follows_does_not_hold_up_the_stop() -> None:
    with ServerThread(ServeOptions(port=0)) as server, following(Client(server.url)) as response:
        started = perf_counter()
        server.__exit__(None, None, None)

        assert perf_counter() - started < 2
        assert response.read().endswith(b"retry: 2000\n\n")


def test_who_does_not_read_holds_up_neither_traffic_nor_the_stop() -> None:
    with ServerThread(ServeOptions(port=0)) as server, socket.socket() as deaf:
        client = Client(server.url)
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect((client.host, client.port))
        deaf.sendall(b"GET /_mock/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection = http.client.HTTPConnection(client.host, client.port, timeout=10)
        for _ in range(1200):  # more than all the buffers between take
            connection.request("GET", f"/nowhere?{'q' * 7000}")
            connection.getresponse().read()
        connection.close()
        started = perf_counter()
        server.__exit__(None, None, None)

        assert perf_counter() - started < 2


def test_a_client_of_the_run_before_gets_all_of_the_new_one() -> None:
    with ServerThread(ServeOptions(port=0)) as server, following(Client(server.url)) as response:
        for _ in range(5):
            update(Client(server.url))
        seen = [next_event(response)["id"] for _ in range(5)][-1]
    with ServerThread(ServeOptions(port=0)) as server:
        client = Client(server.url)
        ids = [update(client) for _ in range(8)]
        with following(client, headers={"Last-Event-ID": seen}) as response:
            assert [exchange_in(next_event(response)) for _ in ids] == ids


# What a client cannot see from outside: the feed itself.


class Following:
    """A client that follows a journal now and then, and remembers the last event it was told."""

    def __init__(self) -> None:
        self.seen = "x0"
        self.told: list[tuple[str, str]] = []  # run and exchange

    def follow(self, journal: Journal) -> None:
        asyncio.run(self._follow(journal))

    async def _follow(self, journal: Journal) -> None:
        feed = Feed(journal, after=self.seen)
        feed.end()
        async for part in feed.parts():
            if part.startswith(b"id: "):
                self.seen = part[4:].partition(b"\n")[0].decode()
                run, _, exchange_id = self.seen.partition(".")
                self.told.append((run, exchange_id))


STEPS = st.lists(st.sampled_from(["add", "late", "preflight", "clear", "follow", "restart"]), max_size=30)


@given(steps=STEPS)
def test_over_restarts_each_exchange_that_is_kept_is_told_once(setting: Setting, demo: World, steps: list[str]) -> None:
    exchange = exchange_of(setting, demo, 1)
    late: list[int] = []
    journal, follower, number = Journal(bound=3), Following(), 0
    for step in [*steps, "follow"]:
        match step:
            case "restart":
                journal, number, late = Journal(bound=3), 0, []
            case "late":  # its answer is delayed, so that it comes after the next one
                number += 1
                late.append(number)
            case "clear":
                journal.clear()
            case "follow":
                follower.follow(journal)
                kept = [(journal.run, one.id) for one in journal.exchanges()]
                assert set(kept) <= set(follower.told)
            case _:
                number += 1
                for one in (number, *late):
                    journal.add(replace(exchange, id=f"x{one}", preflight=step == "preflight" and one == number))
                late = []

    assert len(set(follower.told)) == len(follower.told)


@given(seen=st.text(max_size=12) | st.from_regex(r"\A([0-9a-f]{2}\.)?x[0-9]{1,30}\Z"))
def test_any_id_leaves_out_nothing_but_what_came_up_to_it(setting: Setting, demo: World, seen: str) -> None:
    journal, follower = Journal(run="7e"), Following()
    for number in (3, 5, 4):
        journal.add(replace(exchange_of(setting, demo, 1), id=f"x{number}"))
    follower.seen = seen

    follower.follow(journal)

    told = [exchange_id for _, exchange_id in follower.told]
    bare = seen.removeprefix("7e.")
    left_out = {"x3": ["x5", "x4"], "x5": ["x4"], "x4": []}
    assert told == left_out.get(bare, ["x3", "x5", "x4"])


def test_who_reads_slowly_loses_the_oldest_and_is_told_how_many(setting: Setting, demo: World) -> None:
    async def read() -> list[bytes]:
        journal = Journal(run="7e")
        feed = Feed(journal, bound=2)
        for number in range(5):
            journal.add(replace(exchange_of(setting, demo, 1), id=f"x{number}"))
        feed.end()
        return [part async for part in feed.parts()]

    retry, dropped, *events = asyncio.run(read())

    assert retry == b"retry: 2000\n\n"
    assert dropped == b": 3 exchanges were dropped, since this client reads too slowly\n\n"
    assert [event.partition(b"\n")[0] for event in events] == [b"id: 7e.x3", b"id: 7e.x4"]


def test_what_the_journal_forgets_is_dropped_for_who_has_not_read_it(setting: Setting, demo: World) -> None:
    async def read() -> list[bytes]:
        journal = Journal(bound=1, run="7e")
        feed = Feed(journal)
        for number in range(3):
            journal.add(replace(exchange_of(setting, demo, 1), id=f"x{number}"))
        feed.end()
        return [part async for part in feed.parts()]

    assert [part.partition(b"\n")[0] for part in asyncio.run(read())][1:] == [
        b": 2 exchanges were dropped, since this client reads too slowly",
        b"id: 7e.x2",
    ]


def test_silence_is_filled_with_comments_until_the_world_is_gone() -> None:
    answers = iter([True, True, False])

    async def read() -> list[bytes]:
        feed = Feed(Journal(), heartbeat=0.001, is_held=lambda: next(answers))
        return [part async for part in feed.parts()]

    assert asyncio.run(read()) == [b"retry: 2000\n\n", b": still here\n\n", b": still here\n\n"]


def test_a_feed_that_has_ended_is_told_nothing_more(setting: Setting, demo: World) -> None:
    async def count() -> int:
        journal = Journal()
        feed = Feed(journal)
        feed.end()
        feed.end()
        return journal.listening

    assert asyncio.run(count()) == 0


def test_a_world_stays_as_long_as_somebody_follows_it_however_short_its_time_to_live(client: Client) -> None:
    name = client.path.rpartition("/")[2]
    root = Client(client.root.partition("/_mock")[0])
    root.send("POST", "/_mock/worlds", json={"name": f"{name}-f", "ttl": "1s"})

    with following(Client(f"{client.root}-f")) as response:
        began = perf_counter()
        while perf_counter() - began < 1.2:
            assert response.readline(), "the stream has ended, and the world has gone"
        assert f"{name}-f" in [world["name"] for world in root.send("GET", "/_mock/worlds").json["worlds"]]
