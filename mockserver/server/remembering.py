"""Answers that changed nothing are remembered: the same request of the same state at the same time has the same answer.

The core is pure, so this is true by what it is, and needs no list of what an answer may depend on: the request with all
its headers, the setting, the customers that were loaded (the very same values, which a save replaces), and the time,
which goes in seconds. Clients that ask again and again, as those that poll do, are answered without asking the core.

An answer holds the customers that it depended on, as they were. So all answers of a second go with it, however few.
"""

from collections.abc import Mapping
from typing import TypeAlias

from mockserver.exchange import Setting
from mockserver.exchange.passage import Loaded
from mockserver.messages import Request
from mockserver.server.hiding import Told
from mockserver.storage import MemoryStore
from mockserver.values import Value

MOST_KEPT = 256
LARGEST_KEPT = 16 * 1024  # bytes of a request's body, and of an answer as the journal weighs it (`weighing`)
MOST_BYTES = 2 * 1024 * 1024  # of all answers, weighed so
_Key: TypeAlias = tuple[int, str, str, str, bytes]


class Remembered(Value, frozen=True):
    """One answer, and all that it depended on; `told` is what the journal may keep of it, and what goes out.

    `headers` are those that were sent. They stand here so that their identity, which is part of the key, stays theirs.
    """

    setting: Setting
    now: str
    loaded: Loaded
    headers: Mapping[str, str]
    told: Told

    def holds(self, setting: Setting, now: str, store: MemoryStore) -> bool:
        """Tell whether nothing that the answer depended on is another by now."""
        if setting is not self.setting or now != self.now:
            return False
        return all(store.find(key) is customer for key, customer in self.loaded.items())


class Memory:
    """The answers of one world that are remembered, a few of the latest second."""

    __slots__ = ("_bytes", "_kept", "_now")

    def __init__(self) -> None:
        self._kept: dict[_Key, Remembered] = {}
        self._bytes = 0
        self._now = ""

    def __len__(self) -> int:
        """Count the answers."""
        return len(self._kept)

    def find(self, key: _Key, setting: Setting, now: str, store: MemoryStore) -> Remembered | None:
        """Return the answer to a request, if it still holds."""
        found = self._kept.get(key)
        return found if found is not None and found.holds(setting, now, store) else None

    def keep(self, key: _Key, remembered: Remembered) -> None:
        """Remember an answer that changed nothing, unless it is large; all are forgotten when there are too many."""
        size = remembered.told.size
        if size > LARGEST_KEPT:
            return
        self._bytes += size
        if self._bytes > MOST_BYTES or remembered.now != self._now or len(self._kept) >= MOST_KEPT:
            self._kept.clear()
            self._bytes, self._now = size, remembered.now
        self._kept[key] = remembered


def key_of(request: Request) -> _Key | None:
    """Return what a request is remembered by, None for one that is not.

    Headers count by identity, since whoever reads them gives the same mapping for the same headers (`HeaderReading`).
    """
    if len(request.body) > LARGEST_KEPT or request.oversized or request.undecodable or request.obstacle is not None:
        return None
    return id(request.headers), request.method, request.path, request.query, request.body
