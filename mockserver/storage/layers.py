"""Layers of customers: frozen maps that worlds and snapshots share, one over the other.

What a layer holds of a customer hides what the layers below hold. The lowest is the seed, as a file or an origin gave
it; the others hold changes, each with the version that it was saved at, or that somebody deleted the customer. Each
layer knows its ids in order, so that a page of customers is found without looking at all of them, and who of it may
hold an identifier. Both are found out when somebody first asks.
"""

import heapq
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Generic, Self, TypeAlias, TypeVar

from mockserver.domain.customer import Customer, CustomerId
from mockserver.domain.keys import IdentifierKey
from mockserver.values import Value

# A customer, None where it was deleted; the version that this was done at; the bytes that updates have sent since it
# was measured (`MemoryStore.grown`).
Saved: TypeAlias = tuple[Customer | None, int, int]
MOST_JOINED = 262_144  # customers of a layer that is made of two, which takes some hundredths of a second
H = TypeVar("H")


class Layer(Generic[H]):
    """Customers by id, which nobody changes any more.

    The index of identifiers is two arrays in the order of hashes: 16 bytes for each identifier, where a dict of a
    million customers would take a fifth of what they take themselves.
    """

    __slots__ = ("_hashes", "_holders", "_ids", "held")

    def __init__(self, held: Mapping[CustomerId, H]) -> None:
        self.held = held
        self._ids: array[int] | None = None
        self._hashes: array[int] | None = None
        self._holders: array[int] = array("q")

    def __len__(self) -> int:
        """Count the customers, deleted ones included."""
        return len(self.held)

    def ids_after(self, after: int) -> "memoryview[int]":
        """Return the ids above `after`, in order; nothing is copied."""
        if self._ids is None:
            self._ids = array("q", sorted(self.held))
        return memoryview(self._ids)[bisect_right(self._ids, after) :]

    def holders_of(self, key: IdentifierKey) -> Sequence[int]:
        """Return the ids of those whose record here may have the identifier: its hash is that of one that they have."""
        hashes = self._indexed() if self._hashes is None else self._hashes
        sought = hash((key.type, key.value))
        return self._holders[bisect_left(hashes, sought) : bisect_right(hashes, sought)]

    def _indexed(self) -> "array[int]":
        pairs = [
            (hash((identifier.type, identifier.value)), customer.id)
            for customer in self._customers()
            for profile in customer.profiles
            for identifier in profile.identifiers
        ]
        pairs.sort()
        self._holders = array("q", [key for _, key in pairs])
        self._hashes = array("q", [hashed for hashed, _ in pairs])
        return self._hashes

    def _customers(self) -> Iterator[Customer]:
        for held in self.held.values():
            customer = held[0] if isinstance(held, tuple) else held
            if isinstance(customer, Customer):  # and not deleted
                yield customer


Changes: TypeAlias = Layer[Saved]
Seed: TypeAlias = Layer[Customer]


class StoreState(Value, frozen=True):
    """All customers at one moment: the changes, newest first, over the seed, and how many customers they come to."""

    changes: tuple[Changes, ...]
    seed: Seed
    count: int

    @classmethod
    def of(cls, customers: Mapping[CustomerId, Customer]) -> Self:
        """Return the state that a world begins with; its ids are sorted here, since a million take a while."""
        seed = Layer(dict(customers))
        seed.ids_after(-1)
        return cls((), seed, len(customers))

    def __repr__(self) -> str:
        """Count the customers; all of them would fill the report of a failed test."""
        return f"StoreState({self.count} customers)"

    def find(self, key: CustomerId) -> Customer | None:
        """Return a customer, or None."""
        for layer in self.changes:
            saved = layer.held.get(key)
            if saved is not None:
                return saved[0]
        return self.seed.held.get(key)

    def ids_after(self, after: int = -1) -> Iterator[CustomerId]:
        """Yield the ids above `after`, in order, those of deleted customers too; `find` tells which are there."""
        changed = [layer.ids_after(after) for layer in self.changes]
        parts = [part for part in (*changed, self.seed.ids_after(after)) if len(part)]
        before = -1
        for key in parts[0] if len(parts) == 1 else heapq.merge(*parts):
            if key != before:
                yield CustomerId(key)
            before = key

    def customers(self, after: int = -1) -> Iterator[Customer]:
        """Yield the customers with ids above `after`, by id."""
        for key in self.ids_after(after):
            customer = self.find(key)
            if customer is not None:
                yield customer

    def after(self, key: int, limit: int) -> tuple[Customer, ...]:
        """Return the next customers by id, at most so many."""
        return tuple(islice(self.customers(key), limit))


def joined(changes: tuple[Changes, ...], seed: Seed) -> tuple[Changes, ...]:
    """Join the newest layers while the one below is not twice as large, so that there are few of them."""
    while len(changes) > 1 and len(changes[1]) <= 2 * len(changes[0]) and _are_small(changes[:2]):
        changes = (flattened(changes[:2], changes[2:], seed), *changes[2:])
    return changes


def _are_small(changes: Iterable[Changes]) -> bool:
    return sum(map(len, changes)) <= MOST_JOINED


def flattened(changes: Iterable[Changes], below: Iterable[Changes], seed: Seed) -> Changes:
    """Return one layer of several; who was deleted stands in it only where something below is still to be hidden."""
    held: dict[CustomerId, Saved] = {}
    for layer in reversed(tuple(changes)):
        held.update(layer.held)
    hidden = (seed.held, *(layer.held for layer in below))
    gone = [key for key, saved in held.items() if saved[0] is None and not any(key in lower for lower in hidden)]
    for key in gone:
        del held[key]
    return Layer(held)
