"""A store that has to be waited for: a store of copies, each of whose results comes a turn of the loop later."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from mockserver.domain.customer import Customer, CustomerId
from mockserver.storage import MemoryWorld, Moment, WorldSettings
from mockserver.storage.layers import StoreState
from tests.storage.copying import CopyingMoment, CopyingStore, CopyingWorld

_AT_ONCE = frozenset({"now_if_since"})  # what no store may let its caller wait for


def waited_for(value: Any) -> Any:  # Any: of whatever type the method has
    """Wrap what is itself waited for."""
    if isinstance(value, CopyingWorld):
        return WaitingWorld(value)
    if isinstance(value, CopyingMoment):
        return _WaitingMoment(value)
    return tuple(map(waited_for, value)) if isinstance(value, tuple) else value


def later(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method whose result is there a turn later."""

    async def wait(*args: Any, **kwargs: Any) -> Any:
        await asyncio.sleep(0)
        result = waited_for(method(*args, **kwargs))
        await asyncio.sleep(0)
        return result

    return wait


class _WaitingMoment:
    def __init__(self, inner: Moment) -> None:
        self.count = inner.count
        self.after = later(inner.after)


class WaitingWorld:
    """A world that has to be waited for."""

    def __init__(self, inner: CopyingWorld) -> None:
        self.behind = inner
        self.name, self.key, self.idle_seconds = inner.name, inner.key, inner.idle_seconds

    @property
    def inner(self) -> MemoryWorld:
        """What is behind the copies."""
        return self.behind.inner

    @property
    def settings(self) -> WorldSettings:
        """The settings, which every world knows at once."""
        return self.behind.settings

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.behind, name)
        return method if name in _AT_ONCE else later(method)


class WaitingStore:
    """A store that has to be waited for, but for preparing customers, which threads do."""

    def __init__(self, **options: Any) -> None:
        self._inner = CopyingStore(**options)

    def prepare(self, customers: Mapping[CustomerId, Customer]) -> StoreState:
        """Bring customers into the store's form."""
        return self._inner.prepare(customers)

    def create(self, *args: Any, **kwargs: Any) -> Any:
        """Make a world: at once where no loop runs that could wait, as before a server's start."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return waited_for(self._inner.create(*args, **kwargs))
        return later(self._inner.create)(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return later(getattr(self._inner, name))
