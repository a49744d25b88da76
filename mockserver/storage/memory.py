"""The customers of one world, in memory.

Customers are frozen values, and so are the layers that hold them: the state is what this world changed since its
layers were last shared, over layers that other worlds and snapshots may hold too. So a fork, a snapshot, a reset and a
restore copy no customer, and take as long with a million customers as with one. The oldest layer is the seed file's;
the others are joined once a newer one is half as large, so that there are few of them.
"""

from collections.abc import Iterator, Mapping
from typing import Self, TypeAlias

from mockserver.domain.customer import Customer, CustomerId
from mockserver.values import Value

_Layer: TypeAlias = Mapping[CustomerId, Customer | None]  # None: there is no such customer any more
_ABSENT = -1  # the version of a customer that is not there


class StoreState(Value, frozen=True):
    """All customers at one moment: layers, newest first, and how many customers they come to."""

    layers: tuple[_Layer, ...]
    count: int

    def __repr__(self) -> str:
        """Count the customers; all of them would fill the report of a failed test."""
        return f"StoreState({self.count} customers)"


class MemoryStore:
    """Customers by id, each with a version that every save counts up."""

    __slots__ = ("_changed", "_count", "_layers", "_seed", "_shared_at", "_version")

    def __init__(self, seed: Mapping[CustomerId, Customer] | StoreState) -> None:
        self._seed = seed if isinstance(seed, StoreState) else StoreState((dict(seed),), len(seed))
        self._version = 0
        self._hold(self._seed)

    def _hold(self, state: StoreState) -> None:
        self._changed: dict[CustomerId, tuple[Customer | None, int]] = {}
        self._layers, self._count = state.layers, state.count
        self._shared_at = self._version  # the version of all that the layers hold

    def __len__(self) -> int:
        """Count the customers."""
        return self._count

    def load(self, key: CustomerId) -> tuple[Customer | None, int]:
        """Return a customer and its version; None and -1 where there is none."""
        held = self._changed.get(key)
        if held is not None:
            return held if held[0] is not None else (None, _ABSENT)
        for layer in self._layers:
            if key in layer:
                customer = layer[key]
                return (None, _ABSENT) if customer is None else (customer, self._shared_at)
        return None, _ABSENT

    def find(self, key: CustomerId) -> Customer | None:
        """Return a customer, or None."""
        return self.load(key)[0]

    def save(self, customer: Customer, version: int) -> bool:
        """Save a customer that was loaded at `version`; False where somebody saved since."""
        if self.load(customer.id)[1] != version:
            return False
        self._set(customer.id, customer, grows=version == _ABSENT)
        return True

    def put(self, customer: Customer) -> None:
        """Save a customer whatever is there."""
        self._set(customer.id, customer, grows=self.find(customer.id) is None)

    def _set(self, key: CustomerId, customer: Customer, *, grows: bool) -> None:
        self._version += 1
        self._count += grows
        self._changed[key] = (customer, self._version)

    def delete(self, key: CustomerId) -> bool:
        """Forget a customer; False where there was none."""
        if self.find(key) is None:
            return False
        self._version += 1
        self._count -= 1
        self._changed[key] = (None, self._version)
        return True

    def customers(self) -> tuple[Customer, ...]:
        """Return all customers, by id."""
        held = {key: customer for layer in reversed(self._layers) for key, customer in layer.items()}
        held.update((key, customer) for key, (customer, _) in self._changed.items())
        return tuple(customer for _, customer in sorted(held.items()) if customer is not None)

    def ids(self) -> Iterator[CustomerId]:
        """Yield the ids of customers, those that were changed last first; stop when you have enough."""
        seen: set[CustomerId] = set()
        for layer in (dict(reversed(self._changed.items())), *self._layers):
            for key in layer:
                if key not in seen and self.find(key) is not None:
                    seen.add(key)
                    yield key

    def state(self) -> StoreState:
        """Return the present state, which later changes do not touch."""
        if self._changed:
            newest = {key: customer for key, (customer, _) in self._changed.items()}
            self._version += 1
            self._hold(StoreState(_joined((newest, *self._layers)), self._count))
        return StoreState(self._layers, self._count)

    def restore(self, state: StoreState) -> None:
        """Go back to a state; what was loaded before can no longer be saved."""
        self._version += 1
        self._hold(state)

    def reset(self) -> None:
        """Go back to the seed."""
        self.restore(self._seed)

    def fork(self) -> Self:
        """Return a store whose seed is the present state."""
        return type(self)(self.state())


def _joined(layers: tuple[_Layer, ...]) -> tuple[_Layer, ...]:
    """Join the newest layers while the one below is not twice as large; never the seed file's, which is last."""
    while len(layers) > 2 and len(layers[1]) <= 2 * len(layers[0]):
        layers = ({**layers[1], **layers[0]}, *layers[2:])
    return layers
