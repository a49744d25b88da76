"""Looking at named customers: the last known state of each, and what an update did to it.

Reads may show an update late. So what must be different is waited for, and how long the target took is how long a
later check waits before it believes that nothing changed.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from mockserver.verification.comparing import mismatches_of, mismatches_of_changes
from mockserver.verification.courier import Courier
from mockserver.verification.exchanges import Exchange
from mockserver.verification.findings import Step
from mockserver.verification.reader import Reader
from mockserver.verification.state import State, changes_between
from mockserver.verification.target import Place

_POLLS = 0.05  # seconds before the first look again; each wait is twice the one before
_T = TypeVar("_T")


class Onlooker:
    """Looks at the customers of one target, and keeps the last known state of each, so that none is read twice.

    `patience` is how many seconds a change is waited for, `lag` the longest that the target took to show one.
    """

    def __init__(self, courier: Courier, reader: Reader, *, patience: float) -> None:
        self.courier = courier
        self.reader = reader
        self.patience = patience
        self.lag = 0.0
        self._states: dict[Place | int, State] = {}
        self._unseen: set[int] = set()  # customers whose last update nobody has looked at

    def forget(self) -> None:
        """Forget all states, because something else than a check changed them."""
        self._states.clear()

    def _forget_customer(self, customer: int) -> None:
        for view in [view for view in self._states if customer in (view, getattr(view, "customer", None))]:
            del self._states[view]

    def state(self, place: Place, *, with_programs: bool = False) -> State:
        """Return the present state of a named customer; read only if it is not known."""
        known = self._states.get(self.reader.view(place))
        if known is None or (with_programs and not known.has_programs):
            self._settle(place)
            known = self.reader.state(place, with_programs=with_programs)
            self._states[self.reader.view(place)] = known
        return known

    def state_now(self, place: Place, *, with_programs: bool) -> State:
        """Return the present state of a named customer, read once more."""
        self._forget_customer(place.customer)
        return self.state(place, with_programs=with_programs)

    def _settle(self, place: Place) -> None:
        """Wait until an update that nobody has looked at can be seen."""
        if place.customer in self._unseen:
            self._unseen.discard(place.customer)
            self.courier.clock.wait(self.lag)

    def place_of(self, step: Step) -> Place | None:
        """Return the named customer that a request is about, None where it is about nobody who is named.

        An id is meant by its number, since another answer to `user-id-form` reads over zeros before it.
        """
        number = step.request.path.rpartition("/v2/customers/")[2].partition("/")[0].lstrip("0")
        places = [place for place in self.courier.target.places if str(place.customer) == number]
        asked = (place for place in places if step.request.query.startswith(place.query))
        return next(asked, next(iter(places), None))

    def sees_the_same(self, step: Step, place: Place) -> bool:
        """Tell whether the states before a step and at a place are of one customer, and read in one way."""
        own = self.place_of(step)
        return own is not None and self.reader.view(own) == self.reader.view(place)

    def is_unseen(self, place: Place | None) -> bool:
        """Tell whether nobody has looked yet at what the customer's last update did."""
        return place is not None and place.customer in self._unseen

    def send(self, step: Step) -> Exchange:
        """Send a step's request."""
        return self.courier.send(step.request, anonymous=step.anonymous)

    def read_update(self, step: Step) -> Exchange:
        """Send a read until its answer shows what an update did that nobody has looked at otherwise."""
        return self._look(lambda: self.send(step), lambda exchange: not mismatches_of(step.expect, exchange))

    def changes_after(self, step: Step, place: Place, before: State, *, failed: bool) -> Mapping[str, Any] | None:
        """Return what reads show to be different after an update; None where nobody needs to know."""
        expected = step.expect.changes
        self._forget_customer(place.customer)
        if expected is None and not failed:
            self._unseen.add(place.customer)
            return None
        if not expected:
            self.courier.clock.wait(self.lag)
        after = self._look(
            lambda: self.reader.state(place, with_programs=step.looks_at_programs),
            lambda state: (
                not expected or not mismatches_of_changes(expected, changes_between(before, state), before.flat)
            ),
        )
        self._states[self.reader.view(place)] = after
        return changes_between(before, after)

    def _look(self, look: Callable[[], _T], is_there: Callable[[_T], bool]) -> _T:
        """Look until what must be there is there, for as long as the target may take to show it."""
        started, pause = self.courier.clock.now(), _POLLS
        while True:
            seen, waited = look(), self.courier.clock.now() - started
            found = is_there(seen)
            if found or waited + pause > self.patience:
                break
            self.courier.clock.wait(pause)
            pause *= 2
        self._note_lag(waited, is_there=found)
        return seen

    def _note_lag(self, waited: float, *, is_there: bool) -> None:
        """A change that did not come was waited for in vain, so the next one is waited for half as long."""
        if is_there and waited > _POLLS:
            self.lag = max(self.lag, waited)
        elif not is_there:
            self.patience = max(self.patience / 2, 2 * self.lag, min(self.patience, 0.5))
