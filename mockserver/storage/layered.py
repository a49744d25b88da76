"""The customers of one world in memory, in layers.

Customers are frozen values, and so are the layers that hold them: the state is what this world changed since its
layers were last shared, over layers that other worlds and snapshots may hold too. So a fork, a snapshot, a reset and a
restore copy no customer, and take as long with a million customers as with one.

Every save has a version, and no version comes twice: worlds that were forked from each other draw from one count, and a
restore outdates all that was loaded before it.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, count
from typing import Self

from mockserver.domain.customer import Customer, CustomerId
from mockserver.domain.keys import IdentifierKey
from mockserver.storage.holders import Holders
from mockserver.storage.layers import Changes, Layer, Saved, Seed, StoreState, flattened, joined
from mockserver.storage.store import ABSENT

_NOBODY = (None, ABSENT)
_MOST_CHANGED = 65_536  # customers that are changed before they become a layer, whose ids are soon sorted
_FEW_DELETED = 100  # which are not worth a clearing


class LayeredCustomers:
    """Customers by id, each with a version; `versions` is the count that all worlds of a store draw from.

    `newest` is the newest version: of the customers, of one that is gone, or of the world's settings.
    """

    __slots__ = (
        "_changed", "_changes", "_count", "_deleted", "_floor", "_holders", "_origin", "_seed", "newest", "versions",
    )  # fmt: skip

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
        self._holders: Holders | None = None  # of those in `_changed`, once asked for
        self.newest = 0
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
        customer = self._seed.held.get(key)
        return _NOBODY if customer is None else (customer, self._floor)

    def find(self, key: CustomerId) -> Customer | None:
        """Return a customer, or None."""
        saved = self._changed.get(key)
        if saved is not None:
            return saved[0]
        for layer in self._changes:
            saved = layer.held.get(key)
            if saved is not None:
                return saved[0]
        return self._seed.held.get(key)

    def find_all(self, keys: Iterable[CustomerId], found: dict[CustomerId, Customer | None]) -> None:
        """Add customers to those that were found, each with those that it was merged into."""
        for key in keys:
            number = key
            while number not in found:
                found[number] = customer = self.find(number)
                if customer is None or customer.merged_into is None:
                    break
                number = customer.merged_into

    def are_as_loaded(self, customers: Mapping[CustomerId, Customer | None], latest: int) -> bool:
        """Tell whether these are as they were when no version was newer than `latest`."""
        if self.newest <= latest:
            return True
        for key, customer in customers.items():
            present, version = self.load(key)
            if version > latest or (present is None and customer is not None):
                return False
        return True

    def grown(self, key: CustomerId) -> int:
        """Return how many bytes updates have sent for a customer since somebody measured it, or put it anew."""
        saved = self._changed.get(key)
        if saved is not None:
            return saved[2]
        for layer in self._changes:
            if key in layer.held:
                return layer.held[key][2]
        return 0

    def holders(self, key: IdentifierKey) -> tuple[CustomerId, ...]:
        """Return who has an identifier, by id.

        Each layer tells who may have it, also where a newer one says otherwise; then it is looked at.
        """
        layers = chain.from_iterable(layer.holders_of(key) for layer in self._changes)
        may_hold = {*self._changed_holders().find(key), *map(CustomerId, chain(layers, self._seed.holders_of(key)))}
        return tuple(
            number
            for number in sorted(may_hold)
            for customer in (self.find(number),)
            if customer is not None and key.is_held_by(customer)
        )

    def _changed_holders(self) -> Holders:
        if self._holders is None:
            self._holders = Holders(saved[0] for saved in self._changed.values() if saved[0] is not None)
        return self._holders

    def _reindex(self, before: Saved | None, after: Customer | None) -> None:
        """Note who holds identifiers now; nothing is noted before anybody asks."""
        if self._holders is None:
            return
        if before is not None and before[0] is not None:
            self._holders.remove(before[0])
        if after is not None:
            self._holders.add(after)

    def put(self, customer: Customer, *, grown: int = 0) -> int:
        """Save a customer whatever is there, and return its version; `grown` is what `grown` is to tell of it."""
        key, changed = customer.id, self._changed
        version = self.newest = next(self.versions)
        before = changed.get(key)
        if before is None or before[0] is None:
            self._count += self.find(key) is None
        if self._holders is not None:
            self._reindex(before, customer)
        changed[key] = customer, version, grown
        if len(changed) >= _MOST_CHANGED:
            next(self.state().ids_after())  # sorts them
        return version

    def delete(self, key: CustomerId) -> bool:
        """Forget a customer; False where there was none. Nothing of it stays but where a layer still holds it."""
        if self.find(key) is None:
            return False
        self._count -= 1
        self.newest = next(self.versions)
        self._reindex(self._changed.pop(key, None), None)
        if self.find(key) is not None:
            self._changed[key] = None, self.newest, 0
            self._deleted += key not in self._seed.held
            self._clear_deleted()
        return True

    def _clear_deleted(self) -> None:
        """Take the layers of changes apart where half of what they hold is deleted by now."""
        if self._deleted > max(_FEW_DELETED, sum(map(len, self._changes)) // 2):
            changes = (Layer(self._changed), *self._changes)
            self._changed, self._changes, self._deleted = {}, (flattened(changes, (), self._seed),), 0
            self._holders = None

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
            self._changed, self._deleted, self._holders = {}, 0, None
        return StoreState(self._changes, self._seed, self._count)

    def restore(self, state: StoreState) -> None:
        """Go back to a state; what was loaded before can no longer be saved."""
        self._changed, self._deleted, self._holders = {}, 0, None
        self._changes, self._seed, self._count = state.changes, state.seed, state.count
        self._floor = self.newest = next(self.versions)

    def reset(self) -> None:
        """Go back to the seed."""
        self.restore(self._origin)

    def fork(self) -> Self:
        """Return customers of their own whose seed is the present state."""
        return type(self)(self.state(), versions=self.versions)
