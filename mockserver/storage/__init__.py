"""Where worlds are kept. `store` has what every store offers; memory is the one that there is.

A store loads what is named, runs a pure decision, and saves all that it changed, or nothing.
"""

from mockserver.storage.clock import Clock, read_duration
from mockserver.storage.decisions import (
    MOST_CONFLICTS,
    MOST_ROUNDS,
    Decided,
    Loaded,
    Reason,
    Unsaved,
)
from mockserver.storage.due import MOST_WAITING, Busy, Claim
from mockserver.storage.measuring import MOST_RECORD
from mockserver.storage.memory import IDLE_SECONDS, MOST_WORLDS, MemoryStore
from mockserver.storage.memory_world import MOST_CUSTOMERS, MOST_SNAPSHOTS, MemoryWorld
from mockserver.storage.settings import WorldSettings
from mockserver.storage.soon import Soon, at_once, eager, soon
from mockserver.storage.store import ABSENT, Full, Moment, Outdated, Seed, Snapshot, Store, Taken, World
from mockserver.storage.worker import Finish, work_off

__all__ = [
    "ABSENT",
    "IDLE_SECONDS",
    "MOST_CONFLICTS",
    "MOST_CUSTOMERS",
    "MOST_RECORD",
    "MOST_ROUNDS",
    "MOST_SNAPSHOTS",
    "MOST_WAITING",
    "MOST_WORLDS",
    "Busy",
    "Claim",
    "Clock",
    "Decided",
    "Finish",
    "Full",
    "Loaded",
    "MemoryStore",
    "MemoryWorld",
    "Moment",
    "Outdated",
    "Reason",
    "Seed",
    "Snapshot",
    "Soon",
    "Store",
    "Taken",
    "Unsaved",
    "World",
    "WorldSettings",
    "at_once",
    "eager",
    "read_duration",
    "soon",
    "work_off",
]
