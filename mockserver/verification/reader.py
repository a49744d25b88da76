"""Reads of a named customer: the state that checks compare, read in the way that the target serves it.

A customer is read in every source (`ALL`) where the target has that, else in the source that was named. Loyalty
details are read where the target has them.
"""

from collections.abc import Callable, Mapping
from typing import Any

from mockserver.errors import TargetError
from mockserver.messages import Request
from mockserver.verification.courier import Courier
from mockserver.verification.exchanges import Exchange
from mockserver.verification.state import State, read_state
from mockserver.verification.target import Place

_EVERY_SOURCE = "source=ALL"
_LOYALTY = "/loyaltyDetails"


class ReadError(TargetError):
    """A customer who could be read before cannot be read any more; `exchange` is the read that failed."""

    def __init__(self, exchange: Exchange) -> None:
        what = f"status {exchange.response.status}"
        told = what if exchange.code is None else f"{what}, code {exchange.code}"
        super().__init__(f"{exchange.request.path} cannot be read any more: {told}")
        self.exchange = exchange


def customer_request(place: Place, *, everywhere: bool = False) -> Request:
    """Return the read of a customer at a place, or in every source."""
    query = _EVERY_SOURCE if everywhere else place.query
    return Request(method="GET", path=f"/v2/customers/{place.customer}", query=query)


def loyalty_request(customer: int) -> Request:
    """Return the read of a customer's loyalty details."""
    return Request(method="GET", path=f"/v2/customers/{customer}{_LOYALTY}")


def is_loyalty_read(request: Request) -> bool:
    """Tell whether a request reads loyalty details."""
    return request.path.endswith(_LOYALTY)


class Reader:
    """Reads states through a courier; what a target serves is found out once and kept."""

    def __init__(self, courier: Courier) -> None:
        self._courier = courier
        self._everywhere: dict[int, bool] = {}
        self._found: dict[int, Exchange] = {}  # by customer, the first read in every source
        self._grants_all: dict[int, bool] = {}
        self._without_loyalty: set[int] = set()  # customers whose loyalty details are refused
        self.watch: Callable[[State], object] | None = None  # told of every state that was read
        self.heard: Callable[[Exchange], object] | None = None  # told of every answer that shows one

    def find(self, place: Place) -> Exchange:
        """Read a customer for the first time, and find out how the target is to be asked."""
        exchange = self._found.get(place.customer) or self._read(customer_request(place, everywhere=True))
        self._found[place.customer] = exchange
        self._grants_all[place.customer] = exchange.granted
        self._everywhere[place.customer] = exchange.granted and _holds(exchange.body, place)
        if self._everywhere[place.customer]:
            return exchange
        return self._read(customer_request(place))

    def view(self, place: Place) -> Place | int:
        """Return what one read of a place shows: the whole customer, by id, or that place alone."""
        return place.customer if self._everywhere.get(place.customer, False) else place

    def shows_every_source(self, customer: int) -> bool:
        """Tell whether a read of a customer in every source is granted."""
        return self._grants_all.get(customer, False)

    def state(self, place: Place, *, with_programs: bool) -> State:
        """Return the present state of a customer; one that cannot be read is a ReadError."""
        everywhere = self._everywhere.get(place.customer, False)
        exchange = self._read(customer_request(place, everywhere=everywhere))
        if not exchange.granted or not isinstance(exchange.body, Mapping):
            raise ReadError(exchange)
        loyalty = self._loyalty(place.customer) if with_programs else None
        state = read_state(place.customer, exchange.body, loyalty)
        if self.watch is not None:
            self.watch(state)
        return state

    def _read(self, request: Request) -> Exchange:
        exchange = self._courier.send(request)
        if self.heard is not None and exchange.granted:
            self.heard(exchange)
        return exchange

    def _loyalty(self, customer: int) -> Mapping[str, Any] | None:
        if customer in self._without_loyalty:
            return None
        exchange = self._read(loyalty_request(customer))
        if exchange.granted and isinstance(exchange.body, Mapping):
            return exchange.body
        self._without_loyalty.add(customer)
        return None


def _holds(body: object, place: Place) -> bool:
    """Tell whether a read in every source shows the profile of a place."""
    return isinstance(body, Mapping) and read_state(place.customer, body, None).has_profile(place)
