"""Where worlds are kept: in memory now. A store loads by key and saves with one compare-and-set."""

from mockserver.storage.memory import MemoryStore
from mockserver.storage.worlds import HeldWorld, Worlds

__all__ = ["HeldWorld", "MemoryStore", "Worlds"]
