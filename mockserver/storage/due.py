"""Loyalty work that is due in a world, with a bound on how much may wait for its clock.

It is done by whoever serves: claimed, decided by the pure rule, and saved together with the customer. A claim that
nobody ends, since its process died, is lost after a while; then the work is claimed again. Work is done in the order in
which it was asked for, so there is one claim at a time.
"""

from collections import deque
from collections.abc import Iterable, Iterator

from mockserver.domain.outcome import Later
from mockserver.values import Value

MOST_WAITING = 1_000  # pieces of work of a world, and as many more in its snapshots
MOST_BYTES = 2 * 1024 * 1024  # of the requests that asked for it
CLAIM_SECONDS = 10.0  # after which a claim is lost


class Waiting(Value, frozen=True):
    """One piece of work, and how many bytes the request that asked for it had; kept, it takes several times as many."""

    id: int
    later: Later
    size: int = 0


class Claim(Value, frozen=True):
    """Work that the claimant alone may do now; `token` ends it when the outcome is saved (`Decided.done`)."""

    token: int
    later: Later
    size: int


class Busy(Value, frozen=True):
    """There is work, but somebody else has claimed it; in so many seconds the claim is lost."""

    seconds: float


class Due:
    """The work that is due in a world, in the order in which it was asked for."""

    __slots__ = ("_size", "_token", "_until", "_waiting")

    def __init__(self, waiting: Iterable[Waiting] = ()) -> None:
        self._waiting = deque(waiting)
        self._size = sum(piece.size for piece in self._waiting)
        self._token = 0  # of the present claim
        self._until = 0.0  # when it is lost

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

    def claim(self, token: int, now: float) -> Claim | Busy | None:
        """Claim the oldest piece under a token that was never used before; None where nothing is due."""
        if not self._waiting:
            return None
        if self._token and now < self._until:
            return Busy(self._until - now)
        self._token, self._until = token, now + CLAIM_SECONDS
        oldest = self._waiting[0]
        return Claim(token, oldest.later, oldest.size)

    def is_claimed_by(self, token: int) -> bool:
        """Tell whether a claim is the present one: neither ended nor claimed again."""
        return token == self._token and bool(self._waiting)

    def end(self) -> None:
        """Drop the piece that is claimed, since it is done."""
        self._size -= self._waiting.popleft().size
        self._token = 0


def fits(waiting: Iterable[Waiting]) -> bool:
    """Tell whether snapshots may keep this work; a piece that stands in several of them counts once."""
    sizes = {piece.id: piece.size for piece in waiting}
    return len(sizes) <= MOST_WAITING and sum(sizes.values()) <= MOST_BYTES
