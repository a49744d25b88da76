"""The journal: the bounded record of a world's vendor exchanges. Secrets never enter it.

An exchange is kept as it was answered, with all that the answer depended on: the setting and the customers, both
frozen values. What is asked of it later, such as why, is found by asking the pure core again (`unfolding`).
"""

import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from time import time as machine_time
from typing import Any, Literal, Protocol, TypeAlias

from msgspec.structs import replace

from mockserver.domain.customer import Customer, CustomerId
from mockserver.exchange import Reply, Setting
from mockserver.exchange.snippets import is_secret_header
from mockserver.messages import Request
from mockserver.values import Value, member

_HIDDEN_KEPT = 128  # headers of a world's latest requests
BOUND = 1_000  # exchanges kept of a world; older ones are forgotten
BYTES_BOUND = 16 * 1024 * 1024  # of what was sent and answered (`Exchange.size`), since one body may have 1 MiB
HIDDEN = "[hidden]"
# Credentials under any other name; headers that came several times are joined by commas.
_SCHEME = re.compile(r"(?:^|,)\s*(?:basic|bearer|digest|negotiate)\s+\S", re.IGNORECASE)


# What the client saw of an answer: all of it, a connection that a fault cut in one of four ways, or nobody can tell.
Outcome: TypeAlias = Literal["answered", "dropped", "reset", "closed", "truncated", "unknown"]

_CHANGED = frozenset({"dribbled", "garbled", "mistyped"})  # what became of an answer that came whole


class Exchange(Value, frozen=True, kw_only=True, gc=False):  # it stands in no circle, and is kept by the thousand
    """One request and its answer, as the journal keeps them; `request` has no secrets (`Hiding`).

    `time` is the world's, `came` the machine's (seconds since 1970). `loaded` are the customers that the answer was
    decided on, as they were. `milliseconds` is the time the core took. `faults` are those that disturbed it, as
    JSON (`Disturbance.applied`); where one cut the connection before anything was decided, the reply has status 0.
    `delayed` is how many milliseconds they held the answer back, and `preflight` tells that a browser asked whether a
    page may ask.
    """

    id: str
    time: str
    world: str
    request: Request
    reply: Reply
    milliseconds: float
    setting: Setting
    loaded: Mapping[CustomerId, Customer | None] = member(default_factory=dict)
    came: float = member(default_factory=machine_time)
    faults: tuple[Mapping[str, Any], ...] = ()
    delayed: int = 0
    outcome: Outcome = "answered"
    preflight: bool = False

    @property
    def seen(self) -> tuple[str, ...]:
        """What the client saw beside the status, in words such as `dropped` and `delayed 1450 ms`; mostly nothing."""
        changed = [fault["sent"] for fault in self.faults if fault.get("sent") in _CHANGED]
        cut = {"answered": (), "unknown": ("client gone",)}.get(self.outcome, (self.outcome,))
        return (*changed, *cut, *((f"delayed {self.delayed} ms",) if self.delayed else ()))

    def summary(self) -> dict[str, Any]:
        """Return the line of the list."""
        return {
            "id": self.id,
            "time": self.time,
            "method": self.request.method,
            "path": self.request.path,
            "query": self.request.query,
            "status": self.reply.response.status or None,  # none where a fault cut the connection
            "code": self.reply.code,
            "warnings": list(self.reply.warnings),
            "operation": self.reply.operation,
            "customer": self.reply.customer,
            "basis": self.reply.basis,
            "forced": self.reply.forced,
            "world": self.world,
            "milliseconds": self.milliseconds,
            "delayed": self.delayed,
            "outcome": self.outcome,
            "preflight": self.preflight,
            "misspelt": [{"place": item.place, "meant": item.meant} for item in self.reply.misspelt],
        }

    @property
    def size(self) -> int:
        """What it counts against the journal's bound: both bodies, path, query, headers sent, and what explains it."""
        request, reply = self.request, self.reply
        sent = len(request.path) + len(request.query) + _length(request.headers) + len(request.body)
        return sent + len(reply.response.body) + len(reply.basis) + len(reply.why)


def _length(headers: Mapping[str, str]) -> int:
    return len("".join(headers)) + len("".join(headers.values()))


class Hiding:
    """Hides secrets. Headers that were read once are hidden once: the same mapping comes with the next request."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[int, tuple[Mapping[str, str], Mapping[str, str]]] = {}  # by identity, which the first holds

    def hide(self, request: Request) -> Request:
        """Return the request as the journal may keep it: headers that hold credentials or tokens have no value."""
        headers = request.headers
        known = self._kept.get(id(headers))
        if known is None:
            if len(self._kept) >= _HIDDEN_KEPT:
                self._kept.clear()
            known = self._kept[id(headers)] = headers, _hidden(headers)
        return request if known[1] is headers else replace(request, headers=known[1])


def _hidden(headers: Mapping[str, str]) -> Mapping[str, str]:
    secret = {name for name, value in headers.items() if is_credential(name, value)}
    return {name: HIDDEN if name in secret else value for name, value in headers.items()} if secret else headers


def is_credential(name: str, value: str) -> bool:
    """Tell whether a header holds a credential, by its name or by how its value begins."""
    return _is_secret(name) or _SCHEME.search(value) is not None


@lru_cache(maxsize=512)
def _is_secret(name: str) -> bool:
    return is_secret_header(name)


class Listener(Protocol):
    """Who is told of each exchange of a world, until the world goes."""

    def hear(self, exchange: Exchange) -> None:
        """Take note of an exchange; it must not wait."""

    def end(self) -> None:
        """Take note that nothing more will come."""


class Journal:
    """The exchanges of one world, as many as both bounds allow, and who listens for more."""

    __slots__ = ("_bound", "_bytes", "_bytes_bound", "_kept", "_listeners")

    def __init__(self, *, bound: int = BOUND, bytes_bound: int = BYTES_BOUND) -> None:
        self._kept: OrderedDict[str, tuple[Exchange, int]] = OrderedDict()  # by id, oldest first, each with its size
        self._bytes = 0
        self._bound = bound
        self._bytes_bound = bytes_bound
        self._listeners: list[Listener] = []

    def __len__(self) -> int:
        """Count the exchanges."""
        return len(self._kept)

    def __iter__(self) -> Iterator[Exchange]:
        """Yield the exchanges, newest first."""
        return (exchange for exchange, _ in reversed(self._kept.values()))

    def add(self, exchange: Exchange) -> None:
        """Keep an exchange and tell who listens; the oldest go when the journal is full."""
        size = exchange.size
        self._kept[exchange.id] = exchange, size
        self._bytes += size
        while len(self._kept) > self._bound or self._bytes > self._bytes_bound:
            self._bytes -= self._kept.popitem(last=False)[1][1]
        for listener in self._listeners:
            listener.hear(exchange)

    def find(self, exchange_id: str) -> Exchange | None:
        """Return an exchange by id, or None."""
        found = self._kept.get(exchange_id)
        return None if found is None else found[0]

    def amend(self, exchange_id: str, outcome: Outcome, *, delayed: int | None = None) -> None:
        """Note what the client saw of an answer, where that turns out to be another thing than was expected.

        `delayed` is for how many milliseconds it was held back, where that is another time.
        """
        found = self._kept.get(exchange_id)
        if found is None:
            return
        exchange, size = found
        held_back = exchange.delayed if delayed is None else delayed
        self._kept[exchange_id] = replace(exchange, outcome=outcome, delayed=held_back), size

    def clear(self) -> None:
        """Forget all exchanges."""
        self._kept.clear()
        self._bytes = 0

    @property
    def listening(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def listen(self, listener: Listener) -> None:
        """Tell a listener of each exchange from now on."""
        self._listeners.append(listener)

    def leave(self, listener: Listener) -> None:
        """Tell a listener no more; one that has left already may leave again."""
        self._listeners = [other for other in self._listeners if other is not listener]

    def close(self) -> None:
        """Tell all listeners that nothing more will come, because the world goes."""
        for listener in self._listeners:
            listener.end()
        self._listeners = []
