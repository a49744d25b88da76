"""Who holds an identifier, among customers that change: type and value lead to ids."""

from collections.abc import Collection, Iterable, Iterator

from mockserver.domain.customer import Customer, CustomerId
from mockserver.domain.keys import IdentifierKey


class Holders:
    """The ids of customers by the identifiers that they have, in whatever source."""

    __slots__ = ("_ids",)

    def __init__(self, customers: Iterable[Customer]) -> None:
        self._ids: dict[tuple[str, str], set[CustomerId]] = {}
        for customer in customers:
            self.add(customer)

    def add(self, customer: Customer) -> None:
        """Note what a customer has."""
        for key in keys_of(customer):
            self._ids.setdefault(key, set()).add(customer.id)

    def remove(self, customer: Customer) -> None:
        """Forget what a customer had."""
        for key in keys_of(customer):
            ids = self._ids.get(key, set())
            ids.discard(customer.id)
            if not ids:
                self._ids.pop(key, None)

    def find(self, key: IdentifierKey) -> Collection[CustomerId]:
        """Return who has an identifier's type and value."""
        return self._ids.get((key.type, key.value), ())


def keys_of(customer: Customer) -> Iterator[tuple[str, str]]:
    """Yield type and value of all identifiers."""
    for profile in customer.profiles:
        for identifier in profile.identifiers:
            yield identifier.type, identifier.value
