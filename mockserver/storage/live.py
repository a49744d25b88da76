"""Customers that are loaded when they are asked for, as memory can."""

from collections.abc import Iterator, Mapping
from itertools import islice

from mockserver.domain.customer import Customer, CustomerId
from mockserver.storage.decisions import LoadedCustomers
from mockserver.storage.layered import LayeredCustomers


class LiveCustomers(LoadedCustomers):
    """Customers that are loaded when they are asked for, so that no decision in memory takes a second round."""

    __slots__ = ("_customers",)

    def __init__(self, customers: LayeredCustomers) -> None:
        self._customers = customers

    def __missing__(self, key: CustomerId) -> Customer | None:
        customer = self[key] = self._customers.find(key)
        return customer


class RecentCustomers(Mapping[CustomerId, Customer]):
    """Customers as they are whenever they are asked for; of those that are there, only the first are listed."""

    def __init__(self, customers: LayeredCustomers, most: int) -> None:
        self._customers = customers
        self._listed = tuple(islice(customers.ids(), most))

    def __getitem__(self, key: CustomerId) -> Customer:
        found = self._customers.find(key)
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[CustomerId]:
        return iter(self._listed)

    def __len__(self) -> int:
        return len(self._listed)
