"""What the updates of a run did to the named customers, as reads showed it: by this a change of its own is known.

Other people use a deployment too. What somebody else does to a customer once is no broken promise. It is one that what
the run wrote is undone, or changes at once, or that a member changes again and again while nobody updates it.
"""

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from mockserver.verification.expectation import ABSENT
from mockserver.verification.state import State, changes_between

_OFTEN = 2  # changes of one member, of one customer or several, that nobody else is taken for
_SOON = 60.0  # seconds in which nobody else changes what the run has just written


class Ledger:
    """Keeps, by customer and path, what was there before the updates of the run, and when the last one was shown."""

    def __init__(self) -> None:
        self._earlier: dict[tuple[int, str], list[Any]] = {}
        self._written: dict[tuple[int, str], float] = {}
        self._strange: Counter[str] = Counter()

    def forget(self) -> None:
        """Forget all updates, because something else than a check changed the customers."""
        self._earlier.clear()
        self._written.clear()

    def note(self, before: State, changes: Mapping[str, Any], at: float) -> None:
        """Note what an update did to a customer whose state was `before`; `at` is in monotonic seconds."""
        for path in changes:
            self._earlier.setdefault((before.customer, path), []).append(before.flat.get(path, ABSENT))
            self._written[before.customer, path] = at

    def own_changes(self, known: State, now: State, at: float) -> dict[str, Any]:
        """Return what changed by itself, by path, where the target answers for it: no update was between the two."""
        changes = changes_between(known, now)
        self._strange.update(changes.keys())
        return {path: value for path, value in changes.items() if self._is_own(known.customer, path, value, at)}

    def _is_own(self, customer: int, path: str, value: Any, at: float) -> bool:
        just_written = at - self._written.get((customer, path), -math.inf) < _SOON
        return just_written or self._strange[path] >= _OFTEN or self._undoes(customer, path, value)

    def _undoes(self, customer: int, path: str, value: Any) -> bool:
        """Tell whether a member has again what it had before an update of the run."""
        return any(value is one or value == one for one in self._earlier.get((customer, path), ()))
