"""One world in memory: decisions run at once, on what is there, and nothing comes between loading and saving.

Nothing, that is, but what the decision itself lets happen; so conflicts are looked for all the same.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain, count, islice
from typing import TypeVar

from mockserver.domain.customer import Customer, CustomerId
from mockserver.domain.keys import Keys, Needs
from mockserver.real_time import monotonic
from mockserver.storage.decisions import MOST_CONFLICTS, MOST_ROUNDS, Decide, Decided, Loaded, Reason, Unsaved
from mockserver.storage.due import MOST_WAITING, Busy, Claim, Due, Waiting, fits
from mockserver.storage.layered import LayeredCustomers
from mockserver.storage.layers import StoreState
from mockserver.storage.live import RecentCustomers
from mockserver.storage.measuring import MEASURED_AGAIN, fitted
from mockserver.storage.settings import WorldSettings
from mockserver.storage.store import Full, Outdated, Seed, Snapshot
from mockserver.values import Value, replace

MOST_SNAPSHOTS = 100  # of one world
MOST_CUSTOMERS = 2_000_000  # of one world, those of its seed and those that are put
FIRST_NEW = 600_000_001  # id of a customer that a decision makes
_RESERVED = range(900_000_000, 901_000_000)  # ids that ask for an answer
_TRIES = range(MOST_CONFLICTS)
_ROUNDS = range(MOST_ROUNDS)
D = TypeVar("D", bound=Decided)
E = TypeVar("E")


class _Kept(Value, frozen=True):
    """A snapshot: the customers, and the work that waited while the clock stood still."""

    state: StoreState
    due: tuple[Waiting, ...] = ()


class MemoryWorld:
    """One world of a memory store (`store.World`), which `MemoryStore` makes."""

    __slots__ = (
        "_customers", "_due", "_monotonic", "_next_new", "_seed_due", "_snapshots", "idle_seconds", "key", "name",
        "settings", "touched",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        settings: WorldSettings,
        customers: LayeredCustomers,
        *,
        due: tuple[Waiting, ...] = (),
        next_new: int = FIRST_NEW,
        monotonic: Callable[[], float] = monotonic,
    ) -> None:
        self.name = name
        self.key = customers.newest = next(customers.versions)  # newer than the settings, too
        self.settings = settings
        self.idle_seconds: float | None = None
        self.touched = 0.0
        self._customers = customers
        self._due = Due(due)
        self._seed_due = due
        self._snapshots: dict[str, _Kept] = {}
        self._next_new = next_new
        self._monotonic = monotonic

    def fork(self, name: str) -> "MemoryWorld":
        """Return a world of another name with the present state, which is its seed."""
        due, customers = tuple(self._due), self._customers.fork()
        return MemoryWorld(name, self.settings, customers, due=due, next_new=self._next_new, monotonic=self._monotonic)

    def transact(self, keys: Keys, decide: Decide[D]) -> D | Unsaved[D]:
        """Load, decide, save (`store.World`)."""
        customers = self._customers
        for _ in _TRIES:
            settings = self.settings
            loaded = Loaded(settings, {}, customers.newest)
            if keys.customers:
                customers.find_all(keys.customers, loaded.customers)
            if keys.identifiers or keys.new:
                self._load_beside(loaded, keys)
            decided = decide(loaded, settings.clock.text())
            if isinstance(decided, Needs):
                again = self._decide_again(decided, loaded, decide)
                if again is None:
                    return Unsaved(reason=Reason.UNSETTLED)
                decided = again
            if not decided.changed and decided.later is None and decided.done is None:
                return decided
            if customers.newest == loaded.latest or self._is_as_loaded(loaded):
                saved = self._save(decided, loaded)
                if saved is not None:
                    return saved
        return Unsaved(reason=Reason.OVERTAKEN, decided=None if isinstance(decided, Needs) else decided)

    def _decide_again(self, needs: Needs, loaded: Loaded, decide: Decide[D]) -> D | None:
        """Load what a decision needs until it needs no more; None where that has no end."""
        for _ in _ROUNDS[1:]:
            self._customers.find_all(needs.keys.customers, loaded.customers)
            self._load_beside(loaded, needs.keys)
            made = decide(loaded, self.settings.clock.text())
            if not isinstance(made, Needs):
                return made
            needs = made
        return None

    def _load_beside(self, loaded: Loaded, keys: Keys) -> None:
        """Load what keys name beside customers: holders of identifiers, and ids for new ones."""
        if keys.identifiers:
            holders = {key: self._customers.holders(key) for key in keys.identifiers}
            loaded.holders = {**loaded.holders, **holders}
            self._customers.find_all(chain.from_iterable(holders.values()), loaded.customers)
        if keys.new:
            loaded.new = (*loaded.new, *islice(self._new_ids(), keys.new))

    def _new_ids(self) -> Iterator[CustomerId]:
        """Yield ids that no customer ever had."""
        for number in count(self._next_new):
            self._next_new = number + 1
            if number not in _RESERVED and self._customers.find(CustomerId(number)) is None:
                yield CustomerId(number)

    def _is_as_loaded(self, loaded: Loaded) -> bool:
        return (
            self.settings.version <= loaded.latest
            and self._customers.are_as_loaded(loaded.customers, loaded.latest)
            and all(self._customers.holders(key) == ids for key, ids in loaded.holders.items())
        )

    def _save(self, decided: D, loaded: Loaded) -> D | Unsaved[D] | None:
        """Save all or nothing; None where a customer is in the way that was not loaded."""
        is_of_work = decided.later is not None or decided.done is not None
        if is_of_work:
            refused = self._refused(decided)
            if refused is not None:
                return refused
        customers, changed, grown = self._customers, decided.changed, decided.size
        for customer in changed:
            key = customer.id
            if key not in loaded.customers and customers.find(key) is not None:
                return None
            grown += customers.grown(key)
        if grown > MEASURED_AGAIN and decided.done is None:
            measured = [fitted(customer) for customer in changed]
            changed, grown = tuple(item for item in measured if isinstance(item, Customer)), 0
            if len(changed) < len(measured):
                return Unsaved(reason=Reason.OVERSIZED, decided=decided)
        for customer in changed:
            customers.put(customer, grown=grown)
        if is_of_work:
            self._note_work(decided)
        return decided

    def _note_work(self, decided: Decided) -> None:
        if decided.done is not None:
            self._due.end()
        if decided.later is not None:
            self._due.add(Waiting(next(self._customers.versions), decided.later, decided.size))

    def _refused(self, decided: D) -> Unsaved[D] | None:
        if decided.done is not None and not self._due.is_claimed_by(decided.done):
            return Unsaved(reason=Reason.LOST, decided=decided)
        if decided.later is None or not self.settings.clock.is_frozen or self._due.has_room(decided.size):
            return None
        return Unsaved(reason=Reason.FULL, decided=decided, waiting=len(self._due))

    def now_if_since(self, latest: int, loaded: Mapping[CustomerId, Customer | None]) -> str | None:
        """Return the time where nothing of this is newer or gone, else None."""
        settings = self.settings
        is_same = settings.version <= latest and self._customers.are_as_loaded(loaded, latest)
        return settings.clock.text() if is_same else None

    def load(self, key: CustomerId) -> tuple[Customer | None, int]:
        """Return a customer and its version; None and -1 where there is none."""
        return self._customers.load(key)

    def put(self, customer: Customer, *, version: int | None = None) -> int | Outdated | Full:
        """Save a customer, and return its version."""
        present = self._customers.load(customer.id)
        if version is not None and present[1] != version:
            return Outdated(*present)
        if present[0] is None and len(self._customers) >= MOST_CUSTOMERS:
            return Full("customers", MOST_CUSTOMERS)
        return self._customers.put(customer)

    def delete(self, key: CustomerId, *, version: int | None = None) -> bool | Outdated:
        """Forget a customer; False where there was none."""
        present = self._customers.load(key)
        if version is not None and present[1] != version:
            return Outdated(*present)
        return self._customers.delete(key)

    def count(self) -> int:
        """Count the customers."""
        return len(self._customers)

    def moment(self) -> StoreState:
        """Return the customers as they are now."""
        return self._customers.state()

    def recent(self, most: int) -> Mapping[CustomerId, Customer]:
        """Return the customers that were changed last; others are found, too."""
        return RecentCustomers(self._customers, most)

    def amend(self, change: Callable[[WorldSettings], WorldSettings | E]) -> WorldSettings | E:
        """Change the settings in one step."""
        changed = change(self.settings)
        if isinstance(changed, WorldSettings):
            self._customers.newest = version = next(self._customers.versions)
            self.settings = changed = replace(changed, version=version)
        return changed

    def waiting(self) -> int:
        """Count the pieces of work that are due."""
        return len(self._due)

    def claim(self, *, ahead: bool = False) -> Claim | Busy | None:
        """Claim the work that is due next; a clock that stands still holds it back, unless ahead."""
        if not len(self._due) or (self.settings.clock.is_frozen and not ahead):
            return None
        return self._due.claim(next(self._customers.versions), self._monotonic())

    def snapshots(self) -> tuple[Snapshot, ...]:
        """List the snapshots, the oldest first."""
        return tuple(Snapshot(name, kept.state.count) for name, kept in self._snapshots.items())

    def keep(self, name: str | None = None) -> Snapshot | Full:
        """Keep the present state, over a snapshot of that name, or under a free one."""
        if name is None:
            name = next(free for free in map("s{}".format, count(1)) if free not in self._snapshots)
        if len(self._snapshots) >= MOST_SNAPSHOTS and name not in self._snapshots:
            return Full("snapshots", MOST_SNAPSHOTS)
        others = (kept.due for other, kept in self._snapshots.items() if other != name)
        if self._due and not fits(chain(self._due, *others)):
            return Full("work", MOST_WAITING)
        self._snapshots[name] = kept = _Kept(self._customers.state(), tuple(self._due))
        return Snapshot(name, kept.state.count)

    def restore(self, name: str) -> bool:
        """Go back to a snapshot; False where there is none of that name."""
        kept = self._snapshots.get(name)
        if kept is None:
            return False
        self._customers.restore(kept.state)
        self._due = Due(kept.due)
        return True

    def forget(self, name: str) -> bool:
        """Drop a snapshot; False where there is none of that name."""
        return self._snapshots.pop(name, None) is not None

    def reset(self) -> None:
        """Go back to the seed."""
        self._customers.reset()
        self._due = Due(self._seed_due)

    def reseed(self, seed: Seed, change: Callable[[WorldSettings], WorldSettings]) -> None:
        """Begin anew with another seed and other settings."""
        assert isinstance(seed, StoreState)  # noqa: S101  # another store's seed is misuse
        versions = self._customers.versions
        self.settings = replace(change(self.settings), version=next(versions))
        self._customers = LayeredCustomers(seed, versions=versions)
        self._due, self._seed_due = Due(), ()
        self._snapshots.clear()
