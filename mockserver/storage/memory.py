"""The customers of one world, in memory.

Customers are frozen values, so a fork or a reset copies one dictionary and never a customer.
"""

from collections.abc import Mapping
from typing import Self

from mockserver.domain.customer import Customer, CustomerId


class MemoryStore:
    """Customers by id, each with a version that every save counts up."""

    __slots__ = ("_held", "_seed", "_version")

    def __init__(self, seed: Mapping[CustomerId, Customer]) -> None:
        self._seed = dict(seed)
        self._version = 0
        self._held = {key: (customer, 0) for key, customer in self._seed.items()}

    def load(self, key: CustomerId) -> tuple[Customer | None, int]:
        """Return a customer and its version; None and -1 where there is none."""
        return self._held.get(key, (None, -1))

    def find(self, key: CustomerId) -> Customer | None:
        """Return a customer, or None."""
        return self.load(key)[0]

    def save(self, customer: Customer, version: int) -> bool:
        """Save a customer that was loaded at `version`; False where somebody saved since."""
        if self.load(customer.id)[1] != version:
            return False
        self.put(customer)
        return True

    def put(self, customer: Customer) -> None:
        """Save a customer whatever is there."""
        self._version += 1
        self._held[customer.id] = (customer, self._version)

    def delete(self, key: CustomerId) -> bool:
        """Forget a customer; False where there was none."""
        return self._held.pop(key, None) is not None

    def customers(self) -> tuple[Customer, ...]:
        """Return all customers, by id."""
        return tuple(self._held[key][0] for key in sorted(self._held))

    def reset(self) -> None:
        """Go back to the seed."""
        self._version += 1
        self._held = {key: (customer, self._version) for key, customer in self._seed.items()}

    def fork(self) -> Self:
        """Return a store whose seed is the present state."""
        return type(self)({key: customer for key, (customer, _) in self._held.items()})
