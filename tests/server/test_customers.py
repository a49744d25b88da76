"""Laws of the customers' routes: pages that are of one moment, what is sought, and versions that never come twice."""

import select
import socket
from collections.abc import Coroutine, Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.domain.customer import Customer, CustomerId
from mockserver.messages import Request
from mockserver.server.control.calls import Call, Work
from mockserver.server.control.customers import ROUTES
from mockserver.server.options import ServeOptions
from mockserver.server.running import ServerThread, make_worlds
from mockserver.server.served import ServedWorld
from mockserver.storage import at_once, eager
from tests.server.client import Answer, Client
from tests.storage.customers import a_customer, named_customers

TOM = 171891944
_KEYS = st.integers(0, 40)


def listed(client: Client, query: str = "") -> Any:
    answer = client.send("GET", f"/_mock/customers?{query}")
    assert answer.status == 200, answer.body
    return answer.json


def all_pages(client: Client, query: str) -> Iterator[Any]:
    """Ask for page after page."""
    page = listed(client, query)
    yield page
    while page["next"] is not None:
        page = listed(client, f"{query}&after={page['next']}")
        yield page


@contextmanager
def serving(customers: Mapping[CustomerId, Customer]) -> Iterator[Client]:
    """Serve customers that are made by the test."""
    server = ServerThread(ServeOptions(port=0))
    world = server.worlds.default
    world.state.reseed(server.worlds.store.prepare(customers), lambda settings: settings)
    with server:
        yield Client(server.url)


def test_pages_join_to_all_customers_by_id(client: Client) -> None:
    whole = listed(client)
    ids = [one["id"] for one in whole["customers"]]

    pages = list(all_pages(client, "limit=2"))

    assert [one for page in pages for one in page["customers"]] == whole["customers"]
    assert ids == sorted(ids)
    assert (whole["total"], whole["next"]) == (len(ids), None)
    assert {page["total"] for page in pages} == {len(ids)}
    assert all(len(page["customers"]) == 2 for page in pages[:-1])


def test_a_page_has_a_hundred_customers_unless_it_is_told_otherwise() -> None:
    with serving(named_customers(range(1, 1500))) as client:
        assert [len(listed(client, query)["customers"]) for query in ("", "limit=1000", "limit=1")] == [100, 1000, 1]


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ("171891945", [171891945]),
        ("RAVI kulk", [171891945]),
        ("ravi.kulkarni@EXAMPLE", [171891945]),
        ("919999001944", [TOM]),
        ("nobody at all", []),
    ],
)
def test_what_is_sought_stands_in_id_name_identifier_or_channel(client: Client, sought: str, found: list[int]) -> None:
    page = listed(client, f"q={quote(sought)}")

    assert [one["id"] for one in page["customers"]] == found
    assert (page["total"], page["next"]) == (len(found), None)


def test_a_search_has_pages_and_says_on_each_how_many_there_are() -> None:
    with serving(named_customers(range(1, 31))) as client:
        pages = list(all_pages(client, "limit=4&q=tom1"))

    ids = [one["id"] for page in pages for one in page["customers"]]
    assert ids == [1, *range(10, 20)]
    assert {page["total"] for page in pages} == {11}


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=", "limit"),
        ("limit=-1", "limit"),
        ("limit=two", "limit"),
        ("after=x1", "after"),
        ("after=-1", "after"),
        ("after=9223372036854775808", "after"),
        ("q=" + "x" * 201, "q"),
    ],
)
def test_a_page_that_cannot_be_is_refused_with_its_place_and_cure(client: Client, query: str, place: str) -> None:
    answer = client.send("GET", f"/_mock/customers?{query}")

    assert answer.status == 400
    message = answer.json["errors"][0]["message"]
    assert message.startswith(f"query/{place}: ")
    assert "; " in message


def _call(world: ServedWorld, query: str) -> Work:
    request = Request(method="GET", path="/_mock/customers", query=query)
    call = Call(world=world, worlds=make_worlds(ServeOptions()), atlas=tuple, request=request)
    listing = ROUTES["customers"]["GET"](call)
    assert isinstance(listing, Coroutine)
    work = at_once(eager(listing))
    assert isinstance(work, Generator)
    return work


def _finished(work: Work) -> Any:
    while True:
        try:
            next(work)
        except StopIteration as end:
            return orjson.loads(end.value.body)


@given(seed=st.sets(_KEYS), steps=st.lists(st.tuples(_KEYS, st.booleans()), max_size=40), cut=st.integers(0, 40))
@settings(max_examples=30)
def test_a_page_is_of_one_moment_whatever_is_put_and_deleted_meanwhile(
    seed: set[int], steps: list[tuple[int, bool]], cut: int
) -> None:
    worlds = make_worlds(ServeOptions())
    world = worlds.default
    world.state.reseed(worlds.store.prepare(named_customers(seed)), lambda settings: settings)
    held = set(seed)

    def go_on(part: list[tuple[int, bool]]) -> None:
        for key, is_put in part:
            if is_put:
                world.state.put(a_customer(key))
                held.add(key)
            else:
                assert world.state.delete(a_customer(key).id) == (key in held)
                held.discard(key)

    go_on(steps[:cut])
    before = sorted(held)
    page = _call(world, "limit=1000")
    sought = _call(world, "q=tom1")
    go_on(steps[cut:])

    shown = _finished(page)
    assert [one["id"] for one in shown["customers"]] == before
    assert shown["total"] == len(before)
    assert _finished(sought)["total"] == len([one for one in shown["customers"] if "tom1" in str(one).lower()])


def test_a_search_of_many_customers_lets_others_go_first() -> None:
    with serving(named_customers(range(1, 60_001))) as client, ExitStack() as opened:
        searches = [
            opened.enter_context(socket.create_connection((client.host, client.port), timeout=20)) for _ in range(20)
        ]
        for search in searches:
            search.sendall(b"GET /_mock/customers?q=nobody HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert client.send("GET", "/_mock/health").status == 200
        answered, _, _ = select.select(searches, [], [], 0)
        assert len(answered) < len(searches)
        assert all(search.recv(65536).startswith(b"HTTP/1.1 200") for search in searches)


def tag(answer: Answer) -> str:
    assert answer.status in (200, 412), answer.body
    return answer.headers["etag"]


def test_what_somebody_else_has_changed_is_not_overwritten(client: Client) -> None:
    path = f"/_mock/customers/{TOM}"
    read = client.send("GET", path)
    assert client.update(TOM, {"profiles": [{"firstName": "Huck"}]}).status == 200

    refused = client.send("PUT", path, body=read.body, headers={"If-Match": tag(read)})

    present = client.send("GET", path)
    assert refused.status == 412
    assert (refused.body, tag(refused)) == (present.body, tag(present))
    assert present.json["profiles"][0]["firstName"] == "Huck"
    saved = client.send("PUT", path, body=read.body, headers={"If-Match": f'"0", {tag(present)}'})
    assert (saved.status, saved.json["profiles"][0]["firstName"]) == (200, "Asha")
    assert tag(saved) == tag(client.send("GET", path)) != tag(present)


@pytest.mark.parametrize(
    ("method", "number", "headers", "status"),
    [
        ("GET", TOM, {"If-Match": "*"}, 200),
        ("GET", TOM, {"If-Match": '"0"'}, 412),
        ("GET", TOM, {"If-None-Match": '"0"'}, 200),
        ("GET", TOM, {"If-None-Match": "*"}, 304),
        ("GET", 1, {"If-Match": "*"}, 404),
        ("PUT", TOM, {"If-Match": "*"}, 200),
        ("PUT", TOM, {"If-None-Match": "*"}, 412),
        ("PUT", 1, {"If-None-Match": "*"}, 200),
        ("PUT", 1, {"If-Match": "*"}, 412),
        ("PUT", 1, {"If-Match": '"1"'}, 412),
        ("PUT", TOM, {"If-Match": "1"}, 400),
        ("PUT", TOM, {"If-Match": ""}, 400),
        ("PUT", TOM, {"If-Match": '"1" "2"'}, 400),
        ("DELETE", TOM, {"If-Match": "*"}, 204),
        ("DELETE", TOM, {"If-Match": '"0"'}, 412),
        ("DELETE", 1, {"If-Match": "*"}, 404),
    ],
)
def test_preconditions_are_those_of_rfc_9110(
    client: Client, method: str, number: int, headers: dict[str, str], status: int
) -> None:
    body = b'{"loyaltyType": "non_loyalty"}' if method == "PUT" else b""

    assert client.send(method, f"/_mock/customers/{number}", body=body, headers=headers).status == status


def test_a_weak_tag_matches_nothing_in_if_match_and_its_own_version_in_if_none_match(client: Client) -> None:
    path = f"/_mock/customers/{TOM}"
    weak = f"W/{tag(client.send('GET', path))}"

    assert client.send("GET", path, headers={"If-Match": weak}).status == 412
    assert client.send("GET", path, headers={"If-None-Match": weak}).status == 304


def test_a_version_never_comes_twice_whatever_is_done_to_the_world(client: Client, server: ServerThread) -> None:
    path = f"/_mock/customers/{TOM}"
    record = client.send("GET", path).body
    name = client.path.rpartition("/")[2]
    seen: list[str] = []

    def look() -> None:
        seen.append(tag(client.send("GET", path)))

    def put() -> None:
        seen.append(tag(client.send("PUT", path, body=record)))

    look()
    put()
    for method, route, json in (
        ("POST", "/_mock/snapshots", {"name": "s"}),
        ("DELETE", path, None),
    ):
        assert client.send(method, route, json=json).status < 300
    put()
    for route in ("/_mock/reset", "/_mock/snapshots/s/restore", "/_mock/reset"):
        assert client.send("POST", route).status == 204
        look()
        client.update(TOM, {"profiles": [{"firstName": "Huck"}]})
        look()
    root = Client(server.url)
    assert root.send("DELETE", f"/_mock/worlds/{name}").status == 204
    assert root.send("POST", "/_mock/worlds", json={"name": name}).status == 201
    look()

    assert len(set(seen)) == len(seen), seen


def test_a_snapshot_and_a_fork_leave_the_version_as_it_is(client: Client) -> None:
    path = f"/_mock/customers/{TOM}"
    client.update(TOM, {"profiles": [{"firstName": "Huck"}]})
    before = tag(client.send("GET", path))

    client.send("POST", "/_mock/snapshots", json={"name": "s"})
    listed(client)

    assert tag(client.send("GET", path)) == before


def test_an_id_has_one_spelling_and_what_is_wrong_is_in_the_body(client: Client) -> None:
    assert client.send("GET", "/_mock/customers/171891944").status == 200
    assert client.send("GET", "/_mock/customers/0171891944").status == 404
    assert client.send("DELETE", "/_mock/customers/0171891944").status == 404
    refused = client.send("PUT", "/_mock/customers/55", json={})
    assert "body: loyaltyType is missing; add loyaltyType" in str(refused.body)
