"""What a run may send in all: every request is counted, whoever sends it, and those of the end are kept from the start.

Counted are looking at whether the target is a mock, making a world of the run's own, fetching a token, reading, trying
again, and giving the customers their state back.
"""

import math
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic

from mockserver.messages import Request, Response
from mockserver.verification.transport import Transport

_MOMENT = 0.001  # seconds


class Spent(Exception):  # noqa: N818  # no error: it ends a phase, whose checks are then not observed
    """The requests or the time that a phase was given are used up; the text says which."""


@dataclass(slots=True, kw_only=True)
class Purse:
    """Requests: `budget` in all (None: any), `kept` of them for the end, `sent` so far.

    `until` is the monotonic time at which an exchange under way is broken off, None where it may take its time.
    """

    budget: int | None = None
    kept: int = 0
    sent: int = 0
    until: float | None = None
    _lock: Lock = field(default_factory=Lock, repr=False)

    @property
    def left(self) -> int | None:
        """How many more requests may be sent now; None where there is no budget."""
        return None if self.budget is None else max(self.budget - self.kept - self.sent, 0)

    def seconds(self) -> float:
        """Return how many seconds an exchange may take, a moment where the time is over."""
        return math.inf if self.until is None else max(self.until - monotonic(), _MOMENT)

    def take(self) -> None:
        """Count a request that goes out now; where none is left it is Spent, and may not go out."""
        with self._lock:
            self.require(1)
            self.sent += 1

    def require(self, requests: int) -> None:
        """Raise Spent unless so many requests are left."""
        if self.left is not None and self.left < requests:
            raise Spent("the requests are used up; allow more with --budget")


@dataclass(frozen=True, slots=True)
class Counted:
    """A transport whose every request is taken from a purse."""

    inner: Transport
    purse: Purse

    def carry(self, request: Request, *, fresh: bool = False) -> Response:
        """Take a request from the purse, and send it."""
        self.purse.take()
        return self.inner.carry(request, fresh=fresh)
