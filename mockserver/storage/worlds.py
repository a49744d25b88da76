"""The worlds that one server holds, by name. One is the default; others are forked from it or from each other.

There is a bound on how many are held, and a world that nobody asked anything of for a while goes.
"""

from collections.abc import Callable, Iterator
from typing import Generic, Self, TypeVar

from mockserver.domain.customer import Customer, CustomerId
from mockserver.domain.outcome import Later
from mockserver.domain.update import finish
from mockserver.exchange import Setting
from mockserver.real_time import monotonic
from mockserver.storage.clock import Clock
from mockserver.storage.memory import MemoryStore, StoreState
from mockserver.values import Value, member, replace

MOST_WORLDS = 1_000  # held at once
MOST_SNAPSHOTS = 100  # of one world
MOST_CUSTOMERS = 2_000_000  # of one world, those of its seed and those that are put
IDLE_SECONDS = 3600.0  # after which a forked world goes


class Moment(Value, frozen=True):
    """A world at one moment: its customers, and the work that waited while its clock stood still."""

    state: StoreState
    due: tuple[Later, ...] = ()


class HeldWorld(Value, kw_only=True):
    """A world that is held: what it answers under, its customers, its clock, and the loyalty work still due.

    `seed_due` is the work that waits in its seed, where it was forked while the clock stood still.
    `idle_seconds` is how long it stays when nobody asks, None for ever; `touched` when somebody last did.
    """

    name: str
    setting: Setting
    store: MemoryStore
    clock: Clock = member(default_factory=Clock)
    due: list[Later] = member(default_factory=list)
    seed_due: tuple[Later, ...] = ()
    snapshots: dict[str, Moment] = member(default_factory=dict)
    idle_seconds: float | None = None
    touched: float = 0.0

    def fork(self, name: str) -> Self:
        """Return a world of another name with the present state, dialect and clock; that state is its seed.

        Work that waits, since the clock stands still, waits in both.
        """
        self.work()
        return replace(
            self,
            name=name,
            store=self.store.fork(),
            clock=self.clock.copy(),
            due=list(self.due),
            seed_due=tuple(self.due),
            snapshots={},
        )

    def apply(self, changed: tuple[Customer, ...], versions: dict[CustomerId, int]) -> bool:
        """Save what an update changed; False where one of the customers was saved by somebody else since."""
        return all(self.store.save(customer, versions.get(customer.id, -1)) for customer in changed)

    def work(self) -> None:
        """Do the work that is due, unless the clock stands still: then it waits."""
        if not self.clock.is_frozen:
            self.settle()

    def settle(self) -> None:
        """Do the work that is due, whatever the clock shows."""
        while self.due:
            later = self.due.pop(0)
            customer = self.store.find(later.customer)
            if customer is not None:
                self.store.put(finish(customer, later, self.setting.organisation, self.setting.dialect))

    def close(self) -> None:
        """Note that the world is held no more; there is nothing to let go of here."""

    def reset(self) -> None:
        """Go back to the seed; work that is due is dropped with the state that it belonged to."""
        self.store.reset()
        self._await(self.seed_due)

    def keep(self, name: str) -> None:
        """Keep the present state as a snapshot, in place of one of that name."""
        self.work()
        self.snapshots[name] = Moment(self.store.state(), tuple(self.due))

    def restore(self, name: str) -> None:
        """Go back to a snapshot; KeyError where there is none of that name."""
        moment = self.snapshots[name]
        self.store.restore(moment.state)
        self._await(moment.due)

    def _await(self, due: tuple[Later, ...]) -> None:
        """Have this work to do, and do it unless the clock stands still."""
        self.due[:] = due
        self.work()


W = TypeVar("W", bound=HeldWorld)


class Worlds(Generic[W]):
    """Held worlds by name. `monotonic` counts the seconds that a world is idle."""

    __slots__ = ("_bound", "_default", "_held", "_monotonic")

    def __init__(self, default: W, *, bound: int = MOST_WORLDS, monotonic: Callable[[], float] = monotonic) -> None:
        self._default = default
        self._held = {default.name: default}
        self._bound = bound
        self._monotonic = monotonic

    @property
    def default(self) -> W:
        """The world that answers where a request names none."""
        return self._default

    @property
    def is_full(self) -> bool:
        """Tell whether no further world can be held; idle ones go first."""
        self._sweep()
        return len(self._held) >= self._bound

    def find(self, name: str) -> W | None:
        """Return a world by name, or None; it counts as asked now."""
        world = self._held.get(name)
        if world is None or world.idle_seconds is None:
            return world
        now = self._monotonic()
        if _is_idle(world, now):
            self.delete(name)
            return None
        world.touched = now
        return world

    def fork(self, name: str, origin: W, *, idle_seconds: float | None = IDLE_SECONDS) -> W:
        """Hold a new world with the origin's present state; that state becomes its seed."""
        world = origin.fork(name)
        world.idle_seconds, world.touched = idle_seconds, self._monotonic()
        self._held[name] = world
        return world

    def delete(self, name: str) -> None:
        """Stop holding a world; KeyError where there is none."""
        self._held.pop(name).close()

    def names(self) -> tuple[str, ...]:
        """Return the names, the default first."""
        self._sweep()
        return tuple(self._held)

    def __iter__(self) -> Iterator[W]:
        self._sweep()
        return iter(tuple(self._held.values()))

    def _sweep(self) -> None:
        now = self._monotonic()
        for name in [name for name, world in self._held.items() if _is_idle(world, now)]:
            self.delete(name)


def _is_idle(world: HeldWorld, now: float) -> bool:
    return world.idle_seconds is not None and now - world.touched > world.idle_seconds
