"""The journal: the bounded record of vendor exchanges, newest first. Secrets never enter it."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mockserver.exchange import Reply
from mockserver.messages import Request

BOUND = 10_000  # exchanges kept; older ones are forgotten
BYTES_BOUND = 64 * 1024 * 1024  # of their bodies, since one body may have 1 MiB
_SECRET = frozenset({"authorization", "proxy-authorization", "x-cap-api-oauth-token", "x-mock-token", "cookie"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer, as the journal keeps them; `request` has no secrets (`hide_secrets`).

    `milliseconds` is the time the core took.
    """

    id: str
    time: str
    world: str
    request: Request
    reply: Reply
    milliseconds: float

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
    """The exchanges of all worlds of one server, as many as both bounds allow."""

    __slots__ = ("_bound", "_bytes", "_bytes_bound", "_kept")

    def __init__(self, *, bound: int = BOUND, bytes_bound: int = BYTES_BOUND) -> None:
        self._kept: deque[Exchange] = deque()
        self._bytes = 0
        self._bound = bound
        self._bytes_bound = bytes_bound

    def add(self, exchange: Exchange) -> None:
        """Keep an exchange; the oldest go when the journal is full."""
        self._kept.append(exchange)
        self._bytes += exchange.size
        while len(self._kept) > self._bound or self._bytes > self._bytes_bound:
            self._bytes -= self._kept.popleft().size

    def of_world(self, world: str) -> Iterator[Exchange]:
        """Yield the exchanges of a world, newest first."""
        return (exchange for exchange in reversed(self._kept) if exchange.world == world)

    def find(self, world: str, exchange_id: str) -> Exchange | None:
        """Return an exchange of a world by id, or None."""
        return next((item for item in self.of_world(world) if item.id == exchange_id), None)

    def clear(self, world: str) -> None:
        """Forget the exchanges of a world."""
        self._kept = deque(item for item in self._kept if item.world != world)
        self._bytes = _total_size(self._kept)


def _total_size(exchanges: Iterable[Exchange]) -> int:
    return sum(exchange.size for exchange in exchanges)
