"""What the journal keeps is bounded in truth: measured, whatever is sent, it is no more than it counts."""

import asyncio
import gc
import json
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from mockserver.domain.customer import CustomerId
from mockserver.exchange import Setting
from mockserver.files import World
from mockserver.messages import Request
from mockserver.server.exchanging import exchange_with
from mockserver.server.journal import Journal
from mockserver.server.remembering import Memory
from mockserver.server.served import ServedWorld
from mockserver.values import replace
from tests.server.worlds import served_world

ASHA = CustomerId(171891944)
TIMES = 400
FACTOR = 2.5  # of what is counted; sharing makes it less, small texts with heads of their own make it more


def sent(method: str, body: Any = None, *, query: str = "source=INSTORE", **headers: str) -> Request:
    content = b"" if body is None else json.dumps(body).encode()
    base = {"authorization": "Basic dGVzdA==", **({"content-type": "application/json"} if content else {})}
    return Request(method=method, path=f"/v2/customers/{ASHA}", query=query, headers={**base, **headers}, body=content)


def profile(**members: Any) -> dict[str, Any]:
    return {"profiles": [members]}


def renaming(number: int) -> Request:
    return sent("PUT", profile(firstName=f"Tom {number}"))


def reading(number: int) -> Request:
    return sent("GET", query=f"source=INSTORE&n={number}")


def refused(number: int) -> Request:
    return sent("PUT", profile(firstName=number))


def with_headers(number: int) -> Request:
    return sent("GET", **{f"x-{name}": f"{number}-{'h' * 50}" for name in range(30)})


def with_fields(number: int) -> Request:
    names = ("gender", "employee", "favourite_color", "city")
    return sent("PUT", profile(fields=dict.fromkeys(names, f"{number}-{'v' * 2000}")))


def with_channels(number: int) -> Request:
    channels = [{"type": "mobile", "value": f"91{number:05}{item:05}"} for item in range(8)]
    return sent("PUT", profile(commChannels=channels))


KINDS: list[Callable[[int], Request]] = [renaming, reading, refused, with_headers, with_fields, with_channels]


def a_world(setting: Setting, demo: World) -> ServedWorld:
    journal = Journal(bound=TIMES, bytes_bound=1 << 40)
    return served_world(setting, demo.customers, journal=journal)


@pytest.fixture(autouse=True)
def _counted_alone() -> Iterator[None]:
    gc.collect()
    tracemalloc.start()
    yield
    tracemalloc.stop()


def grown(world: ServedWorld, ask: Callable[[int], None]) -> tuple[int, int]:
    """Return how much memory the journal frees when it is cleared, and how much it has counted."""

    async def run() -> tuple[int, int]:
        for number in range(TIMES):
            ask(number)
        world.memory, world.hiding._kept = Memory(), {}  # noqa: SLF001  # what is remembered is bounded elsewhere
        counted = sum(exchange.size for exchange in world.journal)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        world.journal.clear()
        gc.collect()
        return before - tracemalloc.get_traced_memory()[0], counted

    return asyncio.run(run())


@pytest.mark.parametrize("kind", KINDS)
def test_an_exchange_counts_for_all_that_it_alone_keeps(
    setting: Setting, demo: World, kind: Callable[[int], Request]
) -> None:
    world, numbers = a_world(setting, demo), count(1)

    kept, counted = grown(world, lambda number: void(exchange_with(world, kind(number), f"x{next(numbers)}")))

    assert kept > 0, counted
    assert kept <= FACTOR * counted


def void(_: object) -> None:
    """Take no notice."""


def test_customers_that_were_put_in_between_count_too(setting: Setting, demo: World) -> None:
    """The store lets each of them go; the journal alone keeps what its exchange was decided on."""
    world, numbers = a_world(setting, demo), count(1)
    customer = demo.customers[ASHA]

    def ask(number: int) -> None:
        fields = {f"n{item}": f"{number}-{'v' * 500}" for item in range(40)}
        world.state.put(replace(customer, profiles=(replace(customer.profiles[0], fields=fields),)))
        void(exchange_with(world, sent("PUT", {}), f"x{next(numbers)}"))

    kept, counted = grown(world, ask)

    assert kept > TIMES * 10_000
    assert kept <= FACTOR * counted


def test_an_ordinary_exchange_counts_for_much_less_than_there_is_room(setting: Setting, demo: World) -> None:
    world, numbers = a_world(setting, demo), count(1)

    _, counted = grown(world, lambda number: void(exchange_with(world, renaming(number), f"x{next(numbers)}")))

    assert counted < TIMES * 16 * 1024
