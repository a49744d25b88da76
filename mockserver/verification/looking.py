"""Looking at named customers: the last known state of each, and what an update did to it.

Reads may show an update late. So what must be different is waited for, and how long the target took is how long a
later check waits before it believes that nothing changed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from mockserver.values import replace
from mockserver.verification.agreement import disagreements, self_changes
from mockserver.verification.comparing import mismatches_of, mismatches_of_changes
from mockserver.verification.courier import Courier
from mockserver.verification.exchanges import Exchange
from mockserver.verification.expectation import Mismatch
from mockserver.verification.failures import READING, TargetFailedError
from mockserver.verification.findings import Step
from mockserver.verification.ledger import Ledger
from mockserver.verification.reader import Reader
from mockserver.verification.state import State, changes_between
from mockserver.verification.target import Place
from mockserver.verification.update_laws import is_async

_POLLS = 0.05  # seconds before the first look again; each wait is twice the one before
_LONGEST_PAUSE = 1.0  # seconds between two looks
_PROMPT = 5  # changes that came, before the target is known well enough to wait less for one that does not
_GONE = 5  # changes that did not come, before one that did: such a target shows none, which was told by then
_LEAST = 1.0  # seconds that are waited for in any case, where the target was given more at first
_BACKGROUND = 1.5  # times as long as for a change is waited for what is done in the background
_T = TypeVar("_T")


class Onlooker:
    """Looks at the customers of one target, and keeps the last known state of each, so that none is read twice.

    `patience` is how many seconds a change is waited for, `moment` how many it was at first, `lag` the longest that the
    target took to show one. What is
    done in the background has a patience of its own, since no page says until when it is done.
    """

    def __init__(self, courier: Courier, reader: Reader, *, patience: float) -> None:
        self.courier = courier
        self.reader = reader
        self.patience = patience
        self.moment = patience
        self.lag = 0.0
        self._states: dict[Place | int, State] = {}
        self._first: dict[Place | int, State] = {}  # as they were before anything was written
        self._least = min(patience, _LEAST)
        self._seen = 0  # changes that came
        self._missed = 0  # changes that did not come
        self._background = patience * _BACKGROUND
        self._unseen: set[int] = set()  # customers whose last update nobody has looked at
        self._awaited: dict[int, State] = {}  # what programs a customer must come to, where more is to come
        self._ledger = Ledger()
        self.stored_any_name = False  # a name in other letters than plain ones was seen stored
        self._shown_by: dict[int, float] = {}  # when a customer's last update must show, by the clock
        self._all_shown_by = 0.0

    def forget(self) -> None:
        """Forget all states, because something else than a check changed them."""
        self._states.clear()
        self._ledger.forget()
        self._all_shown_by = self.courier.clock.now() + self.patience

    def recall(self) -> None:
        """Take the states for those of the beginning, since the target was given its first state back."""
        self._states = dict(self._first)
        self._unseen.clear()
        self._awaited.clear()

    def know(self, place: Place, state: State) -> None:
        """Take a state that was read otherwise for the present one."""
        self._states[self.reader.view(place)] = state
        if not self.courier.has_written:
            self._first[self.reader.view(place)] = state

    def _forget_customer(self, customer: int) -> None:
        for view in [view for view in self._states if customer in (view, getattr(view, "customer", None))]:
            del self._states[view]

    def state(self, place: Place, *, with_programs: bool = False) -> State:
        """Return the present state of a named customer; read only if it is not known."""
        known = self._states.get(self.reader.view(place))
        if known is None or (with_programs and not known.has_programs):
            self._settle(place)
            known = self._read(place, with_programs=with_programs)
            self.know(place, known)
        return known

    def state_now(self, place: Place, *, with_programs: bool) -> State:
        """Return the present state of a named customer, read once more."""
        self._forget_customer(place.customer)
        return self.state(place, with_programs=with_programs)

    def expect_programs(self, place: Place, after: State) -> None:
        """Expect the programs of a customer to come to those of a state, if they do not stand there already.

        The next read of them waits for that, or for as long as work in the background may take.
        """
        known = self._states.get(self.reader.view(place))
        if known is None or not known.has_programs or _programs(known) != _programs(after):
            self._awaited[place.customer] = after
            self._forget_customer(place.customer)

    def _read(self, place: Place, *, with_programs: bool) -> State:
        awaited = self._awaited.pop(place.customer, None) if with_programs else None
        if awaited is None:
            return self.reader.state(place, with_programs=with_programs)
        return self._poll(
            lambda: self.reader.state(place, with_programs=True),
            lambda state: not state.has_programs or _programs(state) == _programs(awaited),
            self._background,
        ).seen

    def _settle(self, place: Place) -> None:
        """Wait until an update that nobody has looked at can be seen."""
        if place.customer in self._unseen:
            self._unseen.discard(place.customer)
            self.courier.wait(self.lag)

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
        """Send a step's request. What a write did that the target failed is looked at, since nobody said."""
        place = self.place_of(step)
        if place is not None and step.request.method not in READING:
            self._unseen.add(place.customer)  # until somebody looks, even where what was spent ends the check before
        try:
            return self._send(step)
        except TargetFailedError as failure:
            if not failure.is_read and place is not None:
                self._look_at_effect(place)
            raise

    def _send(self, step: Step) -> Exchange:
        try:
            return self.courier.send_step(step)
        finally:
            if step.request.method == "PUT" and (place := self.place_of(step)) is not None:
                patience = self._background if is_async(step.request) else self.patience
                self._shown_by[place.customer] = self.courier.clock.now() + patience

    def send_together(self, steps: Sequence[Step]) -> list[Exchange]:
        """Send the requests of steps at the same time, or, where that is not allowed, without a look between them.

        Where the target failed one of them, nothing is known of all.
        """
        if not self.courier.may_send_together:
            return [self.send(step) for step in steps]
        places = [place for step in steps if (place := self.place_of(step)) is not None]
        came = self.courier.send_together([step.request for step in steps])
        failures = [one for one in came if isinstance(one, TargetFailedError)]
        for place in places:
            self._shown_by[place.customer] = self.courier.clock.now() + self._background
        if failures:
            for place in dict.fromkeys(places):
                self._look_at_effect(place)
            raise failures[0]
        return [one for one in came if not isinstance(one, TargetFailedError)]

    def read_form(self, step: Step, place: Place, known: State) -> tuple[Exchange, list[Mismatch]]:
        """Send a read in one of its forms, and hold what it shows against the state that other reads showed.

        What is different is waited for as long as the last update may need to show. After that the state is read once
        more: it may have changed meanwhile, for which the target answers only where it did that by itself.
        """
        exchange = self.send(step)
        left = self._time_left(place)
        if left and disagreements(known, exchange):
            again = replace(step, after=0.0)
            exchange = self._poll(lambda: self.send(again), lambda came: not disagreements(known, came), left).seen
        if not disagreements(known, exchange):
            return exchange, []
        now = self.state_now(place, with_programs=known.has_programs)
        changed = self._ledger.own_changes(known, now, self.courier.clock.now())
        return exchange, disagreements(now, exchange) or self_changes(known, changed)

    def _time_left(self, place: Place) -> float:
        """Return for how many seconds what updates did to a customer may still be late."""
        shown_by = max(self._shown_by.get(place.customer, 0.0), self._all_shown_by)
        return max(shown_by - self.courier.clock.now(), 0.0)

    def _look_at_effect(self, place: Place) -> None:
        """Look at what became of an update without an answer, as long as the target may take to show it."""
        before = self._states.get(self.reader.view(place))
        self._forget_customer(place.customer)
        if before is None:
            self._unseen.add(place.customer)
            return
        looked = self._poll(
            lambda: self.reader.state(place, with_programs=before.has_programs),
            lambda state: bool(changes_between(before, state)),
            self.patience,
        )
        self._unseen.discard(place.customer)
        self._states[self.reader.view(place)] = looked.seen

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
            self.courier.wait(self.lag)
        after = self._look(
            lambda: self.reader.state(place, with_programs=step.looks_at_programs),
            lambda state: (
                not expected or not mismatches_of_changes(expected, changes_between(before, state), before.flat)
            ),
            in_background=is_async(step.request),
        )
        self._unseen.discard(place.customer)
        self._states[self.reader.view(place)] = after
        changes = changes_between(before, after)
        if step.request.method == "PUT":
            self.stored_any_name |= any(map(_is_name_of_any_script, changes.items()))
            self._ledger.note(before, changes, self.courier.clock.now())
        return changes

    def _look(self, look: Callable[[], _T], is_there: Callable[[_T], bool], *, in_background: bool = False) -> _T:
        """Look until what must be there is there, for as long as the target may take to show it."""
        looked = self._poll(look, is_there, self._background if in_background else self.patience)
        if not in_background:
            self._note_lag(looked.waited, is_there=looked.is_there)
        return looked.seen

    def _poll(self, look: Callable[[], _T], is_there: Callable[[_T], bool], patience: float) -> "_Looked[_T]":
        """Look again and again, the last time when the patience ends."""
        started, pause, paused = self.courier.clock.now(), _POLLS, 0.0
        while True:
            seen = look()
            found, waited = is_there(seen), max(paused, self.courier.clock.now() - started)
            if found or waited >= patience:
                # What the first look shows was there before: how long that read took is no lateness.
                return _Looked(seen=seen, waited=waited if paused else 0.0, is_there=found)
            last = min(pause, patience - waited)
            self.courier.wait(last)
            pause, paused = min(2 * pause, _LONGEST_PAUSE), paused + last

    def _note_lag(self, waited: float, *, is_there: bool) -> None:
        """Learn how late the target is. Once it is known well, a change that does not come is waited for less long.

        So it is where none has come at all.
        """
        if is_there:
            self._seen += 1
            self.lag = max(self.lag, waited if waited > _POLLS else 0.0)
            return
        self._missed += 1
        if self._seen >= _PROMPT or (not self._seen and self._missed >= _GONE):
            self.patience = max(self.patience / 2, 2 * self.lag, self._least)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked(Generic[_T]):
    """What was seen last, after how many seconds, and whether it was what was looked for."""

    seen: _T
    waited: float
    is_there: bool


def _is_name_of_any_script(change: tuple[str, Any]) -> bool:
    path, value = change
    return path.endswith(("/firstName", "/lastName")) and isinstance(value, str) and not value.isascii()


def _programs(state: State) -> Mapping[str, Any]:
    return {path: value for path, value in state.flat.items() if path.startswith("programs/")}
