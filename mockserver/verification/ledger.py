"""What the updates of a run did to the named customers, as reads showed it: by this a change of its own is known.

Other people use a deployment too. What somebody else does to a customer once is no broken promise; that what an update
of the run did is undone, or that a member changes again and again while nobody updates it, is one.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from mockserver.verification.expectation import ABSENT
from mockserver.verification.state import State, changes_between

_OFTEN = 2  # changes of one member, without an update between, that nobody else is taken for


class Ledger:
    """Keeps by customer and path the values that were there before the updates of the run."""

    def __init__(self) -> None:
        self._earlier: dict[tuple[int, str], list[Any]] = {}
        self._strange: Counter[tuple[int, str]] = Counter()

    def forget(self) -> None:
        """Forget all updates, because something else than a check changed the customers."""
        self._earlier.clear()

    def note(self, before: State, changes: Mapping[str, Any]) -> None:
        """Note what an update did to a customer whose state was `before`."""
        for path in changes:
            self._earlier.setdefault((before.customer, path), []).append(before.flat.get(path, ABSENT))

    def own_changes(self, known: State, now: State) -> dict[str, Any]:
        """Return what changed by itself, by path, where the target answers for it: no update was between the two."""
        changes = changes_between(known, now)
        self._strange.update((known.customer, path) for path in changes)
        return {path: value for path, value in changes.items() if self._is_own(known.customer, path, value)}

    def _is_own(self, customer: int, path: str, value: Any) -> bool:
        return self._undoes(customer, path, value) or self._strange[customer, path] >= _OFTEN

    def _undoes(self, customer: int, path: str, value: Any) -> bool:
        """Tell whether a member has again what it had before an update of the run."""
        return any(value is one or value == one for one in self._earlier.get((customer, path), ()))
