"""The journal: the bounded record of a world's vendor exchanges. Secrets never enter it.

An exchange is kept as it was answered, with all that the answer depended on: the setting and the customers, both
frozen values. What is asked of it later, such as why, is found by asking the pure core again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mockserver.domain.customer import Customer, CustomerId
from mockserver.exchange import Reply, Setting
from mockserver.messages import Request

BOUND = 1_000  # exchanges kept of a world; older ones are forgotten
BYTES_BOUND = 16 * 1024 * 1024  # of their bodies, since one body may have 1 MiB
_SECRET = frozenset({"authorization", "proxy-authorization", "x-cap-api-oauth-token", "x-mock-token", "cookie"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer, as the journal keeps them; `request` has no secrets (`hide_secrets`).

    `loaded` are the customers that the answer was decided on, as they were. `milliseconds` is the time the core took.
    """

    id: str
    time: str
    world: str
    request: Request
    reply: Reply
    milliseconds: float
    setting: Setting
    loaded: Mapping[CustomerId, Customer | None] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        """Return the line of the list."""
        return {
            "id": self.id,
            "time": self.time,
            "method": self.request.method,
            "path": self.request.path,
            "query": self.request.query,
            "status": self.reply.response.status,
            "code": self.reply.code,
            "operation": self.reply.operation,
            "customer": self.reply.customer,
            "basis": self.reply.basis,
            "forced": self.reply.forced,
            "world": self.world,
            "milliseconds": self.milliseconds,
        }

    def whole(self) -> dict[str, Any]:
        """Return the whole exchange, with why it was answered so and how to mend the request."""
        return {
            **self.summary(),
            "why": self.reply.why,
            "repair": self.reply.repair,
            "request": _show_message(self.request.headers, self.request.body),
            "response": _show_message(self.reply.response.headers, self.reply.response.body),
        }

    @property
    def size(self) -> int:
        """The bytes of both bodies."""
        return len(self.request.body) + len(self.reply.response.body)


def hide_secrets(request: Request) -> Request:
    """Return the request as the journal may keep it, without credentials and tokens."""
    if _SECRET.isdisjoint(request.headers):
        return request
    kept = {name: "[hidden]" if name in _SECRET else value for name, value in request.headers.items()}
    return replace(request, headers=kept)


def _show_message(headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    return {"headers": dict(headers), "body": body.decode("utf-8", "backslashreplace")}


class Journal:
    """The exchanges of one world, as many as both bounds allow."""

    __slots__ = ("_bound", "_bytes", "_bytes_bound", "_kept")

    def __init__(self, *, bound: int = BOUND, bytes_bound: int = BYTES_BOUND) -> None:
        self._kept: dict[str, Exchange] = {}  # by id, oldest first
        self._bytes = 0
        self._bound = bound
        self._bytes_bound = bytes_bound

    def __len__(self) -> int:
        """Count the exchanges."""
        return len(self._kept)

    def __iter__(self) -> Iterator[Exchange]:
        """Yield the exchanges, newest first."""
        return reversed(self._kept.values())

    def add(self, exchange: Exchange) -> None:
        """Keep an exchange; the oldest go when the journal is full."""
        self._kept[exchange.id] = exchange
        self._bytes += exchange.size
        while len(self._kept) > self._bound or self._bytes > self._bytes_bound:
            self._bytes -= self._kept.pop(next(iter(self._kept))).size

    def find(self, exchange_id: str) -> Exchange | None:
        """Return an exchange by id, or None."""
        return self._kept.get(exchange_id)

    def clear(self) -> None:
        """Forget all exchanges."""
        self._kept.clear()
        self._bytes = 0
