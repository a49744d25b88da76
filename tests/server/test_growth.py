"""Laws of what clients can make grow: each thing has a bound, and what is refused beyond it says how to go on."""

import gc
import json
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from mockserver.domain.customer import CustomerId
from mockserver.server.options import ServeOptions
from mockserver.server.running import ServerThread, make_worlds
from mockserver.storage import MOST_RECORD, MOST_WAITING, at_once
from mockserver.storage.layered import LayeredCustomers
from tests.server.client import Answer, Client
from tests.storage.customers import named_customers

TOM = 171891944
FROZEN = {"frozen": "2026-01-01T00:00:00Z"}


def rename(client: Client, number: int, *, padding: int = 0) -> Answer:
    body = {"profiles": [{"firstName": f"Tom {number}", "fields": {"city": "x" * padding}}]}
    return client.update(TOM, body, "source=INSTORE&use_async=true")


@pytest.fixture
def waiting(client: Client) -> Client:
    """A world where whole updates wait, since its clock stands still."""
    assert client.send("PUT", "/_mock/dialect", json={"async-scope": "all"}).status == 200
    assert client.send("PUT", "/_mock/clock", json=FROZEN).status == 200
    return client


def test_updates_that_wait_for_a_clock_are_bounded_and_refused_with_the_cure(waiting: Client) -> None:
    answers = [rename(waiting, number) for number in range(MOST_WAITING + 1)]

    assert {answer.status for answer in answers[:-1]} == {200}
    refused = answers[-1]
    assert (refused.status, refused.code) == (503, 503)
    assert "/_mock/settle" in refused.headers["x-mock-why"]
    assert waiting.send("GET", "/_mock/requests?limit=1").json["requests"][0]["code"] == 503
    assert waiting.send("POST", "/_mock/settle").status == 204
    assert rename(waiting, 0).status == 200
    name = waiting.send("GET", f"/_mock/customers/{TOM}").json["profiles"][0]["firstName"]
    assert name == f"Tom {MOST_WAITING - 1}", "all that was granted is done, in order, and nothing else"


def test_the_same_update_is_granted_once_there_is_room_although_nothing_else_has_changed(waiting: Client) -> None:
    for number in range(MOST_WAITING):
        waiting.update(171891950, {"profiles": [{"firstName": f"Tom {number}"}]}, "source=INSTORE&use_async=true")
    assert [rename(waiting, 0).status for _ in range(2)] == [503, 503]
    waiting.send("POST", "/_mock/settle")

    assert rename(waiting, 0).status == 200


def test_large_updates_that_wait_are_bounded_by_their_size(waiting: Client) -> None:
    answers = [rename(waiting, number, padding=600_000) for number in range(5)]

    assert [answer.status for answer in answers] == [200, 200, 200, 503, 503]


def test_work_that_waits_in_snapshots_is_bounded_and_each_piece_counts_once(waiting: Client) -> None:
    def keep(name: str) -> Answer:
        return waiting.send("POST", "/_mock/snapshots", json={"name": name})

    for number in range(3):
        assert rename(waiting, number, padding=600_000).status == 200
    assert [keep(f"same{number}").status for number in range(5)] == [201] * 5

    waiting.send("POST", "/_mock/settle")
    assert rename(waiting, 9, padding=600_000).status == 200
    refused = keep("other")

    assert refused.status == 409
    assert "/_mock/settle" in refused.json["errors"][0]["message"]
    waiting.send("POST", "/_mock/settle")
    assert keep("other").status == 201


def test_work_waits_for_no_clock_that_goes(client: Client) -> None:
    client.send("PUT", "/_mock/dialect", json={"async-scope": "all"})

    assert {rename(client, number).status for number in range(50)} == {200}


def kept_bytes(act: Callable[[], object]) -> int:
    """Return how many bytes more are in use after something was done."""
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    act()
    gc.collect()
    return tracemalloc.get_traced_memory()[0] - before


def _put_and_delete(store: LayeredCustomers, share: Callable[[int], object]) -> None:
    for number in range(10_000):
        (customer,) = named_customers([1_000_000 + number]).values()
        store.put(customer)
        share(number)
        assert store.delete(customer.id)


@pytest.mark.parametrize("shared", ["never", "seldom", "between each"])
def test_customers_that_were_put_and_deleted_leave_nothing(shared: str) -> None:
    tracemalloc.start()
    try:
        stores: list[LayeredCustomers] = []
        seeding = kept_bytes(lambda: stores.append(LayeredCustomers(named_customers(range(1, 3_000)))))
        (store,) = stores
        share: dict[str, Callable[[int], object]] = {
            "never": lambda _: None,
            "seldom": lambda number: store.state() if number % 1_000 == 0 else None,
            "between each": lambda _: store.fork(),
        }
        grown = kept_bytes(lambda: _put_and_delete(store, share[shared]))
    finally:
        tracemalloc.stop()

    assert len(store) == 2_999
    assert grown < seeding / 10, f"{grown} bytes, of {seeding} for the seed"


def test_customers_that_a_snapshot_held_and_that_were_deleted_leave_nothing_once_it_is_gone() -> None:
    tracemalloc.start()
    try:
        store = LayeredCustomers(named_customers(range(1, 3_000)))

        def put_keep_and_delete() -> None:
            for customer in named_customers(range(10_000, 20_000)).values():
                store.put(customer)
            store.state()
            for key in range(10_000, 20_000):
                store.delete(CustomerId(key))

        grown = kept_bytes(put_keep_and_delete)
        held = kept_bytes(lambda: named_customers(range(10_000, 10_200)))
    finally:
        tracemalloc.stop()

    assert held < 1_000
    assert grown < 200_000, f"{grown} bytes"


def test_a_deleted_customer_of_the_seed_stays_hidden_through_all_that_is_shared() -> None:
    store = LayeredCustomers(named_customers(range(1, 1_000)))
    for key in range(1, 900):
        store.delete(CustomerId(key))
        if key % 100 == 0:
            store.fork()

    assert [one.id for one in store.state().customers()] == list(range(900, 1_000))
    store.reset()
    assert len(tuple(store.state().customers())) == len(store) == 999


def _channels(number: int, count: int, length: int) -> Any:
    values = ({"type": "line", "value": f"{number}-{index}-" + "x" * length} for index in range(count))
    return {"profiles": [{"commChannels": list(values)}]}


def test_a_customer_grows_to_a_bound_and_loses_the_oldest_of_its_audit_before(client: Client) -> None:
    path = f"/_mock/customers/{TOM}"
    answers = [client.update(TOM, _channels(number, 20, 40_000)) for number in range(8)]

    assert {answer.status for answer in answers} == {200, 413}
    granted = [answer.status for answer in answers].index(413)
    assert "put it anew" in answers[-1].headers["x-mock-why"]
    record = client.send("GET", path)
    assert len(record.body) < MOST_RECORD + 2 * 1024 * 1024
    assert len(record.json["profiles"][0]["commChannels"]) == 2 + 20 * granted
    assert client.send("PUT", path, json={"loyaltyType": "non_loyalty"}).status == 200
    assert client.update(TOM, {"profiles": [{"firstName": "Tom"}]}).status == 200


def test_an_audit_of_large_updates_keeps_the_newest_entries(client: Client) -> None:
    for number in range(12):
        body = {"profiles": [{"fields": {"city": f"{number}" + "x" * 900_000}}]}
        assert client.update(TOM, body).status == 200

    audit = client.send("GET", f"/_mock/customers/{TOM}").json["audit"]

    assert 0 < len(audit) < 5
    assert audit[-1]["changes"][-1]["current"].startswith("11x")
    assert len(json.dumps(audit)) < MOST_RECORD + 2 * 1024 * 1024


def test_a_server_with_as_many_worlds_as_may_be_says_so() -> None:
    worlds = make_worlds(ServeOptions())
    assert not at_once(worlds.store.is_full())
    with ServerThread(ServeOptions(port=0)) as server:
        client = Client(server.url)
        made = [client.send("POST", "/_mock/worlds", json={"name": f"w{number}"}).status for number in range(1_000)]
    assert made == [201] * 999 + [409]
