"""Worlds in memory, by name, with a bound on how many there are; one that nobody asks for goes."""

from collections.abc import Callable, Mapping
from itertools import count

from mockserver.domain.customer import Customer, CustomerId
from mockserver.real_time import monotonic
from mockserver.storage.layered import LayeredCustomers
from mockserver.storage.layers import StoreState
from mockserver.storage.memory_world import MemoryWorld
from mockserver.storage.settings import WorldSettings
from mockserver.storage.store import Full, Seed, Taken
from mockserver.values import replace

MOST_WORLDS = 1_000  # held at once
IDLE_SECONDS = 3600.0  # after which a world goes that a client made, unless it says otherwise


class MemoryStore:
    """A store in memory (`store.Store`), which answers at once. `monotonic` counts the seconds that a world is idle."""

    __slots__ = ("_bound", "_monotonic", "_versions", "_worlds")

    def __init__(self, *, bound: int = MOST_WORLDS, monotonic: Callable[[], float] = monotonic) -> None:
        self._bound = bound
        self._monotonic = monotonic
        self._versions = count(1)  # of customers and settings of all worlds, so that none comes twice
        self._worlds: dict[str, MemoryWorld] = {}

    def prepare(self, customers: Mapping[CustomerId, Customer]) -> StoreState:
        """Bring customers into layers; their ids are sorted, which takes a second for a million."""
        return StoreState.of(customers)

    def create(
        self, name: str | None, settings: WorldSettings, seed: Seed, *, idle_seconds: float | None = None
    ) -> MemoryWorld | Taken | Full:
        """Make a world; without a name nobody finds it."""
        assert isinstance(seed, StoreState)  # noqa: S101  # another store's seed is misuse
        customers = LayeredCustomers(seed, versions=self._versions)
        settings = replace(settings, version=next(self._versions))
        return self._hold(name, MemoryWorld(name or "", settings, customers, monotonic=self._monotonic), idle_seconds)

    def fork(
        self,
        origin: MemoryWorld,
        name: str | None,
        *,
        change: Callable[[WorldSettings], WorldSettings] | None = None,
        idle_seconds: float | None = None,
    ) -> MemoryWorld | Taken | Full:
        """Make a world of the present state of another."""
        made = origin.fork(name or "")
        if change is not None:
            made.amend(change)
        return self._hold(name, made, idle_seconds)

    def _hold(self, name: str | None, world: MemoryWorld, idle_seconds: float | None) -> MemoryWorld | Taken | Full:
        if name is None:
            return world
        if self.find(name) is not None:
            return Taken(name)
        if self.is_full():
            return Full("worlds", self._bound)
        world.idle_seconds, world.touched = idle_seconds, self._monotonic()
        self._worlds[name] = world
        return world

    def find(self, name: str) -> MemoryWorld | None:
        """Return a world, or None; it counts as asked for now."""
        world = self._worlds.get(name)
        if world is None or world.idle_seconds is None:
            return world
        now = self._monotonic()
        if _is_idle(world, now):
            del self._worlds[name]
            return None
        world.touched = now
        return world

    def delete(self, name: str) -> bool:
        """Drop a world; False where there was none."""
        return self._worlds.pop(name, None) is not None

    def worlds(self) -> tuple[MemoryWorld, ...]:
        """Return the worlds that have a name, the oldest first."""
        now = self._monotonic()
        for name in [name for name, world in self._worlds.items() if _is_idle(world, now)]:
            del self._worlds[name]
        return tuple(self._worlds.values())

    def is_full(self) -> bool:
        """Tell whether there may be no more worlds; idle ones make room."""
        return len(self.worlds()) >= self._bound


def _is_idle(world: MemoryWorld, now: float) -> bool:
    return world.idle_seconds is not None and now - world.touched > world.idle_seconds
