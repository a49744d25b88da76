"""The journal: the bounded record of a world's vendor exchanges. Secrets never enter it (`hiding`).

An exchange is kept as it was answered, with all that the answer depended on: the setting and the customers, both
frozen values. What is asked of it later, such as why, is found by asking the pure core again (`unfolding`).
"""

import secrets
from collections import deque
from collections.abc import Iterator, Mapping
from time import time as machine_time
from typing import Any, Literal, Protocol, Self, TypeAlias

from msgspec.structs import replace

from mockserver.domain.customer import Customer, CustomerId
from mockserver.exchange import Reply, Setting
from mockserver.messages import Request
from mockserver.values import Value, member

BOUND = 1_000  # exchanges kept of a world, unless another number is asked for; older ones are forgotten
LEAST_BOUND, MOST_BOUND = 100, 100_000
BYTES_EACH = 16 * 1024  # of an exchange on average (`weighing`); one alone may have more than 1 MiB


# What the client saw of an answer: all of it, a connection that a fault cut in one of four ways, or nobody can tell.
Outcome: TypeAlias = Literal["answered", "dropped", "reset", "closed", "truncated", "unknown"]

_CHANGED = frozenset({"dribbled", "garbled", "mistyped"})  # what became of an answer that came whole


class Exchange(Value, frozen=True, kw_only=True, gc=False):  # it stands in no circle, and is kept by the thousand
    """One request and its answer, as the journal keeps them, without secrets.

    `time` is the world's, `came` the machine's (seconds since 1970). `loaded` are the customers that the answer was
    decided on, as they were. `milliseconds` is the time the core took. `faults` are those that disturbed it, as
    JSON (`Disturbance.applied`); where one cut the connection before anything was decided, the reply has status 0.
    `delayed` is how many milliseconds they held the answer back, and `preflight` tells that a browser asked whether a
    page may ask. `size` is how many bytes it counts against the journal's bound (`weigh`).
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
    size: int = 0

    @property
    def result(self) -> tuple[str, ...]:
        """What was answered, in words such as `200` and `warning 8057`: the status, and codes beside it."""
        status, code = self.reply.response.status, self.reply.code
        codes = () if code in (None, status) else (str(code),)
        return (str(status) if status else "no answer", *codes, *(f"warning {code}" for code in self.reply.warnings))

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


class Listener(Protocol):
    """Who is told of each exchange of a world, until the world goes."""

    def hear(self, exchange: Exchange) -> None:
        """Take note of an exchange; it must not wait."""

    def end(self) -> None:
        """Take note that nothing more will come."""


class Journal:
    """The exchanges of one world, as many as both bounds allow, and who listens for more.

    `run` is an id of its own: exchanges are counted anew in every run of the server, so their ids alone do not tell
    which run they are of. `forgotten` counts the exchanges, preflights aside, that had to make room since it was last
    cleared. `removed` is the id of the exchange that went last, empty where none did.
    """

    __slots__ = ("_bytes", "_bytes_bound", "_ids", "_kept", "_listeners", "bound", "forgotten", "removed", "run")

    def __init__(self, *, bound: int = BOUND, bytes_bound: int | None = None, run: str = "") -> None:
        self.bound = bound
        self.run = run or secrets.token_hex(8)
        self.forgotten = 0
        self.removed = ""
        self._kept: dict[str, Exchange] = {}  # by id, oldest first
        self._ids: deque[str] = deque()  # the same ids: what is deleted from a dict's front slows down to find the next
        self._bytes = 0
        self._bytes_bound = bound * BYTES_EACH if bytes_bound is None else bytes_bound
        self._listeners: list[Listener] = []

    def fork(self) -> Self:
        """Return an empty journal with the same bounds."""
        return type(self)(bound=self.bound, bytes_bound=self._bytes_bound)

    def __len__(self) -> int:
        """Count the exchanges, preflights too."""
        return len(self._kept)

    def __iter__(self) -> Iterator[Exchange]:
        """Yield the exchanges, newest first, preflights too."""
        return reversed(self._kept.values())

    def exchanges(self, *, with_preflights: bool = False) -> tuple[Exchange, ...]:
        """Return the exchanges, newest first."""
        return tuple(exchange for exchange in self if with_preflights or not exchange.preflight)

    def add(self, exchange: Exchange) -> None:
        """Keep an exchange and tell who listens; the oldest go when the journal is full."""
        ids, kept, size = self._ids, self._kept, self._bytes + exchange.size
        kept[exchange.id] = exchange
        ids.append(exchange.id)
        while len(ids) > self.bound or (size > self._bytes_bound and len(ids) > 1):
            oldest = kept.pop(ids.popleft())
            size -= oldest.size
            self.forgotten += not oldest.preflight
            self.removed = oldest.id
        self._bytes = size
        for listener in self._listeners:
            listener.hear(exchange)

    def find(self, exchange_id: str) -> Exchange | None:
        """Return an exchange by id, or None."""
        return self._kept.get(exchange_id)

    def amend(self, exchange_id: str, outcome: Outcome, *, delayed: int | None = None) -> None:
        """Note what the client saw of an answer, where that turns out to be another thing than was expected.

        `delayed` is for how many milliseconds it was held back, where that is another time.
        """
        found = self._kept.get(exchange_id)
        if found is not None:
            held_back = found.delayed if delayed is None else delayed
            self._kept[exchange_id] = replace(found, outcome=outcome, delayed=held_back)

    def clear(self) -> None:
        """Begin anew: what was requested until now does not count any more, and is not said to be forgotten."""
        self.removed = self._ids[-1] if self._ids else self.removed
        self._kept.clear()
        self._ids.clear()
        self._bytes = self.forgotten = 0

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


def number_of(exchange_id: str) -> int:
    """Return the number in an exchange's id, such as 5 in `x5`; -1 where there is none."""
    digits = exchange_id[1:]
    return int(digits) if digits.isdecimal() and digits.isascii() else -1
