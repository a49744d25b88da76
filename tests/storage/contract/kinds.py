"""The stores that the contract holds for, each in the form that its tests ask of."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec

import pytest

from mockserver.domain.customer import Customer, CustomerId
from mockserver.storage import MemoryStore, WorldSettings, soon
from tests.storage.copying import CopyingStore
from tests.storage.customers import a_customer
from tests.storage.waiting import WaitingStore

P = ParamSpec("P")


@dataclass
class Seconds:
    """A count of seconds that goes on when it is told to."""

    passed: float = 0.0

    def __call__(self) -> float:
        return self.passed


class Asked:
    """A store or a world whose every method is awaited, whether or not it answers at once."""

    def __init__(self, inner: Any) -> None:  # Any: a store or a world
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        member = getattr(self.inner, name)
        if not callable(member):
            return member

        async def ask(*args: Any, **kwargs: Any) -> Any:
            return _asked(await soon(member(*(_inner(arg) for arg in args), **kwargs)))

        return ask


def _inner(value: Any) -> Any:
    return value.inner if isinstance(value, Asked) else value


def _asked(value: Any) -> Any:
    if hasattr(value, "transact") or hasattr(value, "after"):
        return Asked(value)
    return tuple(map(_asked, value)) if isinstance(value, tuple) else value


@dataclass
class Kind:
    """How to make stores of one kind.

    `behind` gives a world that changes at once what another one of the kind holds, so that a change can come while a
    decision is made, which cannot wait.
    """

    name: str
    make: Callable[..., Any]
    behind: Callable[[Asked], Any]
    seconds: Seconds = field(default_factory=Seconds)

    def store(self, **options: Any) -> Asked:
        """Return an empty store, whose clock is `seconds`."""
        return Asked(self.make(monotonic=self.seconds, **options))

    async def world(self, customers: Iterable[Customer] = (), settings: WorldSettings | None = None) -> Asked:
        """Return a world of a store of its own."""
        return await world_of(self.store(), "demo", by_id(customers), settings)


async def world_of(
    store: Asked, name: str | None, customers: Mapping[CustomerId, Customer], settings: WorldSettings | None = None
) -> Asked:
    """Make a world in a store."""
    seed = store.inner.prepare(customers)
    world: Asked = await store.create(name, settings or WorldSettings(), seed)
    return world


def by_id(customers: Iterable[Customer]) -> dict[CustomerId, Customer]:
    """Return customers by their ids."""
    return {customer.id: customer for customer in customers}


def some(*keys: int) -> list[Customer]:
    """Return small customers of these ids."""
    return [a_customer(key) for key in keys]


MAKERS: tuple[tuple[str, Callable[..., Any], Callable[[Asked], Any]], ...] = (
    ("memory", MemoryStore, lambda world: world.inner),
    ("copies", CopyingStore, lambda world: world.inner),
    ("copies that are waited for", WaitingStore, lambda world: world.inner.behind),
)


def kinds() -> list[Any]:
    """Return each kind as a parameter."""
    return [pytest.param(maker, id=maker[0]) for maker in MAKERS]


def in_loop(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run a test that awaits."""

    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(test(*args, **kwargs))

    return run
