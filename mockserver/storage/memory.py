"""The customers of one world, in memory.

Customers are frozen values, and so are the layers that hold them: the state is what this world changed since its
layers were last shared, over layers that other worlds and snapshots may hold too. So a fork, a snapshot, a reset and a
restore copy no customer, and take as long with a million customers as with one.

Every save has a version, and no version comes twice: worlds that were forked from each other draw from one count, and a
restore outdates all that was loaded before it.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, count
from typing import Self

from mockserver.domain.customer import Customer, CustomerId
from mockserver.storage.layers import Changes, Layer, Saved, Seed, StoreState, flattened, joined

_ABSENT = -1  # the version of a customer that is not there
_NOBODY = (None, _ABSENT)
_MOST_CHANGED = 65_536  # customers that are changed before they become a layer, whose ids are soon sorted
_FEW_DELETED = 100  # which are not worth a clearing


class MemoryStore:
    """Customers by id, each with a version; `versions` is the count that all stores of a server draw from."""

    __slots__ = ("_changed", "_changes", "_count", "_deleted", "_floor", "_origin", "_seed", "versions")

    def __init__(
        self, origin: Mapping[CustomerId, Customer] | StoreState, *, versions: Iterator[int] | None = None
    ) -> None:
        self._origin = origin if isinstance(origin, StoreState) else StoreState.of(origin)
        self.versions = count(1) if versions is None else versions
        self._changed: dict[CustomerId, Saved] = {}
        self._changes: tuple[Changes, ...] = ()
        self._seed: Seed = self._origin.seed
        self._count = 0
        self._deleted = 0  # customers whom this world deleted, and that its layers of changes still hold
        self._floor = 0  # no customer's version is older than this
        self.reset()

    def __len__(self) -> int:
        """Count the customers."""
        return self._count

    def load(self, key: CustomerId) -> tuple[Customer | None, int]:
        """Return a customer and its version; None and -1 where there is none."""
        saved = self._changed.get(key)
        if saved is not None:
            return _NOBODY if saved[0] is None else saved[:2]
        for layer in self._changes:
            saved = layer.held.get(key)
            if saved is not None:
                return _NOBODY if saved[0] is None else (saved[0], max(saved[1], self._floor))
        seed = self._seed.held
        return (seed[key], self._floor) if key in seed else _NOBODY

    def find(self, key: CustomerId) -> Customer | None:
        """Return a customer, or None."""
        return self.load(key)[0]

    def grown(self, key: CustomerId) -> int:
        """Return how many bytes updates have sent for a customer since somebody measured it, or put it anew."""
        saved = self._changed.get(key) or next((layer.held[key] for layer in self._changes if key in layer.held), None)
        return 0 if saved is None else saved[2]

    def save(self, changed: Sequence[Customer], versions: Mapping[CustomerId, int], *, grown: int = 0) -> bool:
        """Save all that was decided on what was loaded at these versions, or nothing.

        False where somebody has saved or deleted one of the loaded customers since, the changed ones or others. A
        changed customer that was not loaded must not be there. `grown` is what `grown` is to tell of them.
        """
        for key, version in versions.items():
            if self.load(key)[1] != version:
                return False
        for customer in changed:
            if customer.id not in versions and self.find(customer.id) is not None:
                return False
        for customer in changed:
            self._set(customer, grown, is_new=versions.get(customer.id, _ABSENT) == _ABSENT)
        return True

    def put(self, customer: Customer, *, grown: int = 0) -> int:
        """Save a customer whatever is there, and return its version."""
        return self._set(customer, grown, is_new=self.find(customer.id) is None)

    def _set(self, customer: Customer, grown: int, *, is_new: bool) -> int:
        version = next(self.versions)
        self._count += is_new
        self._changed[customer.id] = customer, version, grown
        if len(self._changed) >= _MOST_CHANGED:
            next(self.state().ids_after())  # sorts them
        return version

    def delete(self, key: CustomerId) -> bool:
        """Forget a customer; False where there was none. Nothing of it stays but where a layer still holds it."""
        if self.find(key) is None:
            return False
        self._count -= 1
        self._changed.pop(key, None)
        if self.find(key) is not None:
            self._changed[key] = None, next(self.versions), 0
            self._deleted += key not in self._seed.held
            self._clear_deleted()
        return True

    def _clear_deleted(self) -> None:
        """Take the layers of changes apart where half of what they hold is deleted by now."""
        if self._deleted > max(_FEW_DELETED, sum(map(len, self._changes)) // 2):
            changes = (Layer(self._changed), *self._changes)
            self._changed, self._changes, self._deleted = {}, (flattened(changes, (), self._seed),), 0

    def ids(self) -> Iterator[CustomerId]:
        """Yield the ids of customers, those that were changed last first; stop when you have enough."""
        seen: set[CustomerId] = set()
        layers = (layer.held for layer in self._changes)
        for key in chain(reversed(tuple(self._changed)), *layers, self._seed.held):
            if key not in seen and self.find(key) is not None:
                seen.add(key)
                yield key

    def state(self) -> StoreState:
        """Return the present state, which later changes do not touch."""
        if self._changed:
            self._changes = joined((Layer(self._changed), *self._changes), self._seed)
            self._changed, self._deleted = {}, 0
        return StoreState(self._changes, self._seed, self._count)

    def restore(self, state: StoreState) -> None:
        """Go back to a state; what was loaded before can no longer be saved."""
        self._changed, self._deleted = {}, 0
        self._changes, self._seed, self._count = state.changes, state.seed, state.count
        self._floor = next(self.versions)

    def reset(self) -> None:
        """Go back to the seed."""
        self.restore(self._origin)

    def fork(self) -> Self:
        """Return a store whose seed is the present state."""
        return type(self)(self.state(), versions=self.versions)
