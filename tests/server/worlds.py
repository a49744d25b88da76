"""Worlds for tests of the server that need no socket, and what such tests ask of them."""

from collections.abc import Mapping
from typing import Any

from mockserver.domain.customer import Customer, CustomerId
from mockserver.exchange import Setting
from mockserver.messages import Request, Response
from mockserver.server.exchanging import exchange_with
from mockserver.server.journal import Exchange
from mockserver.server.served import ServedWorld, settings_of
from mockserver.storage import Clock, MemoryStore, MemoryWorld, WorldSettings, at_once
from mockserver.values import replace


def served_world(setting: Setting, customers: Mapping[CustomerId, Customer], **beside: Any) -> ServedWorld:
    """Return a world in memory, as a server would serve it."""
    store = MemoryStore()
    state = store.create("demo", settings_of(setting), store.prepare(customers))
    assert isinstance(state, MemoryWorld)
    return ServedWorld(state=state, base=setting, **beside)


def present(world: ServedWorld, key: int) -> Customer | None:
    """Return a customer as it is now."""
    return at_once(world.state.load(CustomerId(key)))[0]


def set_clock(world: ServedWorld, clock: Clock) -> None:
    """Set a world's clock."""

    def change(settings: WorldSettings) -> WorldSettings:
        return replace(settings, clock=clock)

    world.state.amend(change)


def told(world: ServedWorld, request: Request, exchange_id: str = "x1") -> tuple[Exchange, Response]:
    """Have a request answered at once."""
    return at_once(exchange_with(world, request, exchange_id))
