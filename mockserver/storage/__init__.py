"""Where worlds are kept: in memory now. A store loads by key, and saves all that a request changed, or nothing."""

from mockserver.storage.clock import Clock, read_duration
from mockserver.storage.layers import StoreState
from mockserver.storage.measuring import MOST_RECORD, Oversized
from mockserver.storage.memory import MemoryStore
from mockserver.storage.waiting import MOST_WAITING
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
    "MOST_RECORD",
    "MOST_SNAPSHOTS",
    "MOST_WAITING",
    "MOST_WORLDS",
    "Clock",
    "HeldWorld",
    "MemoryStore",
    "Oversized",
    "StoreState",
    "Worlds",
    "read_duration",
]
