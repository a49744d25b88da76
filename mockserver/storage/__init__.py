"""Where worlds are kept: in memory now. A store loads by key and saves with one compare-and-set."""

from mockserver.storage.clock import Clock, read_duration
from mockserver.storage.memory import MemoryStore, StoreState
from mockserver.storage.worlds import (
    IDLE_SECONDS,
    MOST_CUSTOMERS,
    MOST_SNAPSHOTS,
    MOST_WORLDS,
    HeldWorld,
    Worlds,
)

__all__ = [
    "IDLE_SECONDS",
    "MOST_CUSTOMERS",
    "MOST_SNAPSHOTS",
    "MOST_WORLDS",
    "Clock",
    "HeldWorld",
    "MemoryStore",
    "StoreState",
    "Worlds",
    "read_duration",
]
