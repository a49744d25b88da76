"""Customers that are found when they are asked for, as memory can."""

from collections.abc import Iterator, Mapping
from itertools import islice

from mockserver.domain.customer import Customer, CustomerId
from mockserver.storage.layered import LayeredCustomers


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
