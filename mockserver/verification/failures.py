"""What is the target's own failure and no answer: a gateway that gives up (502, 503, 504), a connection that is cut.

RFC 9110 §15.6: with 502, 503 and 504 a server says that the request was perhaps never seen by the one who answers it.
So nothing follows from them about what was asked, and no promise of the page is broken by them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from mockserver.errors import TargetError
from mockserver.verification.wording import own, worded

READING = frozenset({"GET", "HEAD", "OPTIONS"})
GATEWAY = frozenset({502, 503, 504})
TOO_MANY = 429
_MOST_TIMES = 5  # that are told one by one
_LOST_AFTER = 3  # reads in a row that fail; then the target is given up


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One request that the target failed: `what` came instead of an answer, and when it was sent (RFC 3339)."""

    what: str
    at: str
    method: str
    path: str


class CutError(TargetError):
    """A request went out and no answer came: the connection was cut, or the time was up. It may have been executed.

    `what` came instead, in two or three words.
    """

    def __init__(self, message: str, *, what: str = "no answer") -> None:
        super().__init__(message)
        self.what = what


class TargetFailedError(TargetError):
    """The target failed a request, and each other try; `failure` is the last one, and `reason` says more of it.

    `told` is the message, in which that reason alone is not ours.
    """

    def __init__(self, failure: Failure, *, reason: str = "") -> None:
        came = "cannot be read" if failure.method in READING else "was updated, or not"
        self.told = own(f"{failure.path} {came}: the target failed ({failure.what} at {failure.at})")
        if reason:
            self.told = worded("{}; {}", self.told, reason)
        super().__init__(self.told)
        self.failure = failure

    @property
    def is_read(self) -> bool:
        """Tell whether nothing but a read failed."""
        return self.failure.method in READING


class Patience:
    """Counts the reads that the target failed in a row, though each was tried again: after some of them it is lost."""

    def __init__(self) -> None:
        self._failed = 0

    def note_answer(self) -> None:
        """Begin to count anew."""
        self._failed = 0

    def note(self, failure: TargetFailedError) -> TargetError | None:
        """Count a failure, and return that the target is lost once it is. Updates, tried once, do not count."""
        self._failed += failure.is_read
        return TargetError(f"{failure}, {_LOST_AFTER} reads in a row") if self._failed >= _LOST_AFTER else None


def told(failures: Iterable[Failure]) -> str:
    """Say in one line how often the target failed, with what and when; empty where it never did."""
    listed = list(failures)
    if not listed:
        return ""
    by_kind: dict[str, list[str]] = {}
    for failure in listed:
        by_kind.setdefault(failure.what, []).append(failure.at)
    kinds = "; ".join(_kind(what, times) for what, times in by_kind.items())
    return f"target failed {len(listed)} {'time' if len(listed) == 1 else 'times'}: {kinds}"


def _kind(what: str, times: list[str]) -> str:
    shown = ", ".join(times[:_MOST_TIMES])
    rest = f", … and {len(times) - _MOST_TIMES} more until {times[-1]}" if len(times) > _MOST_TIMES else ""
    return f"{what} at {shown}{rest}"
