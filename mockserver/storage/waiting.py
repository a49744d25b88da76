"""Loyalty work that waits for a world's clock, with a bound on how much of it there may be."""

from collections import deque
from collections.abc import Iterable, Iterator

from mockserver.domain.outcome import Later
from mockserver.values import Value

MOST_WAITING = 1_000  # pieces of work of a world, and as many more in its snapshots
MOST_BYTES = 2 * 1024 * 1024  # of the requests that asked for it


class Waiting(Value, frozen=True):
    """One piece of work, and how many bytes the request that asked for it had; kept, it takes several times as many."""

    later: Later
    size: int = 0


class Due:
    """The work that is due in a world, in the order in which it was asked for."""

    __slots__ = ("_size", "_waiting")

    def __init__(self, waiting: Iterable[Waiting] = ()) -> None:
        self._waiting = deque(waiting)
        self._size = sum(piece.size for piece in self._waiting)

    def __len__(self) -> int:
        """Count the pieces of work."""
        return len(self._waiting)

    def __iter__(self) -> Iterator[Waiting]:
        return iter(self._waiting)

    def has_room(self, size: int) -> bool:
        """Tell whether one more piece may wait."""
        return len(self._waiting) < MOST_WAITING and self._size + size <= MOST_BYTES

    def add(self, piece: Waiting) -> None:
        """Have one more piece of work."""
        self._waiting.append(piece)
        self._size += piece.size

    def take(self) -> Waiting:
        """Return the oldest piece, which is due no more; IndexError where there is none."""
        piece = self._waiting.popleft()
        self._size -= piece.size
        return piece


def fits(waiting: Iterable[Waiting]) -> bool:
    """Tell whether snapshots may keep this work; a piece that stands in several of them counts once."""
    sizes = {id(piece): piece.size for piece in waiting}
    return len(sizes) <= MOST_WAITING and sum(sizes.values()) <= MOST_BYTES
