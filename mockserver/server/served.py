"""A world as a server serves it: held by the storage, with a journal of its own and the faults that are set in it."""

from typing import Self, TypeAlias

from mockserver.server.faults import Faults
from mockserver.server.hiding import Hiding
from mockserver.server.journal import Journal
from mockserver.server.remembering import Memory
from mockserver.storage import HeldWorld, Worlds
from mockserver.values import member, replace


class ServedWorld(HeldWorld, kw_only=True):
    """What one world's traffic meets and leaves behind; a fork begins with an empty journal and without faults."""

    journal: Journal = member(default_factory=Journal)
    faults: Faults = member(default_factory=Faults)
    memory: Memory = member(default_factory=Memory)
    hiding: Hiding = member(default_factory=Hiding)

    def fork(self, name: str) -> Self:
        """Return a world of another name with the present state, dialect and clock."""
        return replace(
            super().fork(name), journal=self.journal.fork(), faults=Faults(), memory=Memory(), hiding=Hiding()
        )

    def close(self) -> None:
        """End who follows the journal."""
        self.journal.close()


ServedWorlds: TypeAlias = Worlds[ServedWorld]
