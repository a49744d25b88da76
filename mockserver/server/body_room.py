"""How much all connections together may hold of bodies that have not come to their end."""

from mockserver.messages import Obstacle
from mockserver.server.framing import Unreadable

_SMALL = 64 * 1024  # bytes of each body that always have room, so that large ones never keep small ones out


class BodyRoom:
    """The bytes held now, of bodies that are larger than 64 KiB so far."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = 0

    def take(self, length: int, chunk: int, most: int) -> int:
        """Hold a chunk of a body that has so many bytes by now, and return what it takes of the room.

        Unreadable with 503 where all bodies would take more than `most` bytes.
        """
        taken = chunk if length > _SMALL else 0
        if self._held + taken > most:
            raise Unreadable(_full(most))
        self._held += taken
        return taken

    def give(self, taken: int) -> None:
        """Give back what a body took."""
        self._held -= taken


def _full(most: int) -> Obstacle:
    why = f"bodies that come at the same time are larger than {most >> 20} MiB together; send it again a little later"
    return Obstacle(code="503", place="body", why=why)
