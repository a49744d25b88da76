"""Answers that changed nothing are remembered: the same request of the same state at the same time has the same answer.

The core is pure, so this is true by what it is, and needs no list of what an answer may depend on: the request with all
its headers, the settings and the customers that were loaded, by their versions, and the time, which goes in seconds.
Clients that ask again and again, as those that poll do, are answered without asking the core. A store that cannot tell
without waiting whether all this is unchanged is asked each time.

An answer holds the customers that it depended on, as they were. So all answers of a second go with it, however few.
"""

from collections.abc import Mapping
from typing import TypeAlias

from mockserver.exchange import Setting
from mockserver.exchange.passage import Loaded
from mockserver.messages import Request
from mockserver.server.hiding import Told
from mockserver.storage import World
from mockserver.values import Value

MOST_KEPT = 256
LARGEST_KEPT = 16 * 1024  # bytes of a request's body, and of an answer as the journal weighs it (`weighing`)
MOST_BYTES = 2 * 1024 * 1024  # of all answers, weighed so
RequestKey: TypeAlias = tuple[int, str, str, str, bytes]


class Answered(Value, frozen=True):
    """One answer, and all that it depended on.

    `loaded` are customers as they were, and `latest` is the newest of their versions and the settings'. `headers` are
    those that were sent; they stand here so that their identity, which is part of the key, stays theirs. `told` is what
    the journal may keep of the answer, and what goes out.
    """

    setting: Setting
    now: str
    loaded: Loaded
    latest: int
    headers: Mapping[str, str]
    told: Told


class Memory:
    """The answers of one world that are remembered, a few of the latest second."""

    __slots__ = ("_bytes", "_kept", "_now")

    def __init__(self) -> None:
        self._kept: dict[RequestKey, Answered] = {}
        self._bytes = 0
        self._now = ""

    def __len__(self) -> int:
        """Count the answers."""
        return len(self._kept)

    def find(self, key: RequestKey, world: World) -> Answered | None:
        """Return the answer to a request, if it still holds."""
        found = self._kept.get(key)
        return found if found is not None and world.now_if_since(found.latest, found.loaded) == found.now else None

    def keep(self, key: RequestKey, answered: Answered) -> None:
        """Remember an answer that changed nothing, unless it is large; all are forgotten when there are too many."""
        kept, size, now = self._kept, answered.told.size, answered.now
        if size > LARGEST_KEPT:
            return
        total = self._bytes + size
        if total > MOST_BYTES or now != self._now or len(kept) >= MOST_KEPT:
            kept.clear()
            total, self._now = size, now
        self._bytes = total
        kept[key] = answered


def key_of(request: Request) -> RequestKey | None:
    """Return what a request is remembered by, None for one that is not.

    Headers count by identity, since whoever reads them gives the same mapping for the same headers (`HeaderReading`).
    """
    if len(request.body) > LARGEST_KEPT or request.oversized or request.undecodable or request.obstacle is not None:
        return None
    return id(request.headers), request.method, request.path, request.query, request.body
