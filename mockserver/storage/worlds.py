"""The worlds that one server holds, by name. One is the default; others are forked from it or from each other.

There is a bound on how many are held, and a world that nobody asked anything of for a while goes.
"""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Generic, Self, TypeVar

from mockserver.domain.customer import Customer, CustomerId
from mockserver.domain.organisation import Organisation
from mockserver.domain.outcome import Later
from mockserver.domain.update import finish
from mockserver.exchange import Setting
from mockserver.real_time import monotonic
from mockserver.storage.clock import Clock
from mockserver.storage.layers import StoreState
from mockserver.storage.measuring import MEASURED_AGAIN, Oversized, fitted
from mockserver.storage.memory import MemoryStore
from mockserver.storage.waiting import Due, Waiting, fits
from mockserver.values import Value, member, replace

MOST_WORLDS = 1_000  # held at once
MOST_SNAPSHOTS = 100  # of one world
MOST_CUSTOMERS = 2_000_000  # of one world, those of its seed and those that are put
IDLE_SECONDS = 3600.0  # after which a forked world goes


class Moment(Value, frozen=True):
    """A world at one moment: its customers, and the work that waited while its clock stood still."""

    state: StoreState
    due: tuple[Waiting, ...] = ()


class HeldWorld(Value, kw_only=True):
    """A world that is held: what it answers under, its customers, its clock, and the loyalty work still due.

    `seed_due` is the work that waits in its seed, where it was forked while the clock stood still.
    `idle_seconds` is how long it stays when nobody asks, None for ever; `touched` when somebody last did.
    """

    name: str
    setting: Setting
    store: MemoryStore
    clock: Clock = member(default_factory=Clock)
    due: Due = member(default_factory=Due)
    seed_due: tuple[Waiting, ...] = ()
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
            due=Due(self.due),
            seed_due=tuple(self.due),
            snapshots={},
        )

    def may_wait(self, size: int) -> bool:
        """Tell whether work that a request of so many bytes asks for may wait, where the clock stands still."""
        return not self.clock.is_frozen or self.due.has_room(size)

    def defer(self, later: Later, *, size: int = 0) -> None:
        """Have work to do later, which a request of so many bytes asked for."""
        self.due.add(Waiting(later, size))

    def save(
        self, changed: tuple[Customer, ...], versions: dict[CustomerId, int], *, size: int = 0
    ) -> bool | Oversized:
        """Save what a request of so many bytes changed, or nothing.

        False where one of the customers that were loaded, at `versions`, was saved by somebody else since.
        """
        grown = size
        for customer in changed:
            grown += self.store.grown(customer.id)
        if grown <= MEASURED_AGAIN:
            return self.store.save(changed, versions, grown=grown)
        measured = [fitted(customer) for customer in changed]
        oversized = next((item for item in measured if isinstance(item, Oversized)), None)
        return oversized or self.store.save([item for item in measured if isinstance(item, Customer)], versions)

    def work(self) -> None:
        """Do the work that is due, unless the clock stands still: then it waits."""
        if not self.clock.is_frozen:
            self.settle()

    def settle(self) -> None:
        """Do the work that is due, whatever the clock shows."""
        while self.due:
            waiting = self.due.take()
            later = waiting.later
            customer = self.store.find(later.customer)
            if customer is not None:
                finished = finish(customer, later, self.setting.organisation, self.setting.dialect)
                self.store.put(finished, grown=self.store.grown(later.customer) + waiting.size)

    def close(self) -> None:
        """Note that the world is held no more; there is nothing to let go of here."""

    def reset(self) -> None:
        """Go back to the seed; work that is due is dropped with the state that it belonged to."""
        self.store.reset()
        self._await(self.seed_due)

    def take(self, organisation: Organisation, state: StoreState) -> None:
        """Have another organisation and other customers, which become the seed, at once; all else of it stays.

        Versions go on, so that no customer of before is taken for one of these.
        """
        store = MemoryStore(state, versions=self.store.versions)
        setting = replace(self.setting, organisation=organisation)
        self.snapshots.clear()
        self.due, self.seed_due, self.setting, self.store = Due(), (), setting, store

    def keep(self, name: str) -> bool:
        """Keep the present state as a snapshot, in place of one of that name.

        False where more work would wait in the snapshots than may.
        """
        self.work()
        others = (moment.due for kept, moment in self.snapshots.items() if kept != name)
        if self.due and not fits(chain(self.due, *others)):
            return False
        self.snapshots[name] = Moment(self.store.state(), tuple(self.due))
        return True

    def restore(self, name: str) -> None:
        """Go back to a snapshot; KeyError where there is none of that name."""
        moment = self.snapshots[name]
        self.store.restore(moment.state)
        self._await(moment.due)

    def _await(self, due: tuple[Waiting, ...]) -> None:
        """Have this work to do, and do it unless the clock stands still."""
        self.due = Due(due)
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
        return self.hold(origin.fork(name), idle_seconds=idle_seconds)

    def hold(self, world: W, *, idle_seconds: float | None = IDLE_SECONDS) -> W:
        """Hold a world under its name, in place of one that has it."""
        world.idle_seconds, world.touched = idle_seconds, self._monotonic()
        self._held[world.name] = world
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
